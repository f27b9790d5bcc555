// What lies on disk, for a server that cannot read: the files that `seaworthy check` would find, not hidden and not
// ignored by Git.

import ignore, { type Ignore } from "ignore";
import { FileSystemError, RelativePattern, Uri, workspace } from "vscode";
import type { BaseLanguageClient } from "vscode-languageclient";

/** Hidden names that are read all the same: pipelines live there. */
const CI = [".github", ".circleci", ".gitlab-ci.yml"];
const MANIFESTS = "**/*.{yaml,yml,json,tpl}";
/** So many files are open at once. */
const OPEN = 100;
/** So many characters go in a message: the server checks once for each. */
const SENT = 32 << 20;
/** Changes that come within this time, in milliseconds, are told together: a checkout changes many files. */
const PAUSE = 50;

/** A file as the server is told of it; without text it is gone. */
interface OnDisk {
    uri: string;
    text: string | null;
}

/** Tells a server of the manifests in the workspace folders. */
export class Disk {
    /** The addresses of what was told. */
    private told = new Map<string, Uri>();
    private changes = new Map<string, Uri>();

    constructor(private readonly client: BaseLanguageClient) {}

    /** Tells all of it: what is there, and what is no more. */
    async tellAll(): Promise<void> {
        const files = await manifests();
        const there = new Set(files.map(String));
        const gone = [...this.told].filter(([address]) => !there.has(address)).map(([, uri]) => uri);
        this.told = new Map(files.map((uri) => [String(uri), uri]));
        await this.send(gone, async () => null);
        await this.send(files, text);
    }

    /** A file came, changed or went. */
    changed(uri: Uri): void {
        this.changes.set(String(uri), uri);
        if (this.changes.size === 1) {
            setTimeout(() => this.tellChanges(), PAUSE);
        }
    }

    private async tellChanges(): Promise<void> {
        const changes = [...this.changes.values()];
        this.changes.clear();
        for (const { uri: root } of workspace.workspaceFolders ?? []) {
            const folder = await Folder.open(root);
            const inside = changes.filter((uri) => String(workspace.getWorkspaceFolder(uri)?.uri) === String(root));
            const held = inside.filter((uri) => folder.holds(uri));
            held.forEach((uri) => this.told.set(String(uri), uri));
            await this.send(held, text);
        }
    }

    private async send(uris: Uri[], read: (uri: Uri) => Promise<string | null>): Promise<void> {
        let files: OnDisk[] = [];
        let size = 0;
        for (let at = 0; at < uris.length; at += OPEN) {
            for (const [uri, text] of await readAll(uris.slice(at, at + OPEN), read)) {
                files.push({ uri: this.client.code2ProtocolConverter.asUri(uri), text });
                size += text?.length ?? 0;
            }
            if (size > SENT || at + OPEN >= uris.length) {
                await this.client.sendNotification("seaworthy/files", { files });
                [files, size] = [[], 0];
            }
        }
    }
}

/** The manifests of all workspace folders. */
export async function manifests(): Promise<Uri[]> {
    const files = (workspace.workspaceFolders ?? []).map(async ({ uri }) => (await Folder.open(uri)).files());
    return (await Promise.all(files)).flat();
}

/** What files say, a few at a time. */
export async function readAll(
    uris: Uri[],
    read: (uri: Uri) => Promise<string | null>,
): Promise<[Uri, string | null][]> {
    const all: [Uri, string | null][] = [];
    for (let at = 0; at < uris.length; at += OPEN) {
        const some = uris
            .slice(at, at + OPEN)
            .map(async (uri): Promise<[Uri, string | null]> => [uri, await read(uri)]);
        all.push(...(await Promise.all(some)));
    }
    return all;
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

/** What is read of a folder. */
class Folder {
    /** The rules of each .gitignore, by its folder; outer ones first. */
    private constructor(
        private readonly root: Uri,
        private readonly ignored: [string, Ignore][],
    ) {}

    static async open(root: Uri): Promise<Folder> {
        const found = await workspace.findFiles(new RelativePattern(root, "**/.gitignore"));
        const ignored = found.map(async (uri): Promise<[string, Ignore]> => {
            return [below(root, uri).slice(0, -".gitignore".length), ignore().add((await text(uri)) ?? "")];
        });
        const byDepth = (await Promise.all(ignored)).sort(([left], [right]) => left.length - right.length);
        return new Folder(root, byDepth);
    }

    async files(): Promise<Uri[]> {
        const files = await workspace.findFiles(new RelativePattern(this.root, MANIFESTS));
        return files.filter((uri) => this.holds(uri));
    }

    holds(uri: Uri): boolean {
        const path = below(this.root, uri);
        const isHidden = (name: string) => name.startsWith(".") && !CI.includes(name);
        if (path.split("/").some(isHidden)) {
            return false;
        }
        // The innermost .gitignore that says something about a path has the last word.
        let ignored = false;
        for (const [folder, rules] of this.ignored.filter(([folder]) => path.startsWith(folder))) {
            const word = rules.test(path.slice(folder.length));
            ignored = word.ignored || (ignored && !word.unignored);
        }
        return !ignored;
    }
}

function below(root: Uri, uri: Uri): string {
    return uri.path.slice(root.path.length + (root.path.endsWith("/") ? 0 : 1));
}
