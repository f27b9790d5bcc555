// The files of a folder that `seaworthy check` would read: not hidden, not ignored by Git.

import ignore, { type Ignore } from "ignore";
import { FileSystemError, RelativePattern, Uri, workspace } from "vscode";

/** Hidden names that are read all the same: pipelines live there. */
const CI = [".github", ".circleci", ".gitlab-ci.yml"];
const MANIFESTS = "**/*.{yaml,yml,json,tpl}";

/** A file as the server is told of it; without text it is gone. */
export interface OnDisk {
    uri: string;
    text: string | null;
}

/** What is read of a folder. */
export class Folder {
    private constructor(
        private readonly root: Uri,
        private readonly ignored: Map<string, Ignore>,
    ) {}

    static async open(root: Uri): Promise<Folder> {
        const ignored = new Map<string, Ignore>();
        for (const uri of await workspace.findFiles(new RelativePattern(root, "**/.gitignore"))) {
            const folder = below(root, uri).slice(0, -".gitignore".length);
            ignored.set(folder, ignore().add((await text(uri)) ?? ""));
        }
        return new Folder(root, ignored);
    }

    /** All that is to be read. */
    async files(): Promise<Uri[]> {
        const files = await workspace.findFiles(new RelativePattern(this.root, MANIFESTS));
        return files.filter((uri) => this.holds(uri));
    }

    /** Whether a file is one of those. */
    holds(uri: Uri): boolean {
        const path = below(this.root, uri);
        const isHidden = (name: string) => name.startsWith(".") && !CI.includes(name);
        if (path.split("/").some(isHidden)) {
            return false;
        }
        // The innermost .gitignore that says something about a path has the last word.
        let ignored = false;
        for (const [folder, rules] of [...this.ignored].sort(([left], [right]) => left.length - right.length)) {
            if (path.startsWith(folder) && path !== folder) {
                const word = rules.test(path.slice(folder.length));
                ignored = word.ignored || (ignored && !word.unignored);
            }
        }
        return !ignored;
    }
}

function below(root: Uri, uri: Uri): string {
    return uri.path.slice(root.path.length + (root.path.endsWith("/") ? 0 : 1));
}

/** What a file says; null if it is not there, or is a folder. */
export async function text(uri: Uri): Promise<string | null> {
    try {
        return new TextDecoder().decode(await workspace.fs.readFile(uri));
    } catch (error) {
        if (error instanceof FileSystemError) {
            return null;
        }
        throw error;
    }
}
