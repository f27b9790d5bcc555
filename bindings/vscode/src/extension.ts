// The extension, wherever it runs: the client of the language server, the files of the workspace for it, and commands.

import { commands, EventEmitter, Uri, window, workspace, type ExtensionContext } from "vscode";
import { State, type BaseLanguageClient, type LanguageClientOptions } from "vscode-languageclient";

import { tables } from "./describe";
import { Disk, manifests, readAll, text } from "./files";
import type { Start } from "./server";

/** Makes a worker of `dist/server.js`, hands it its first message, and gives a client that talks to it. */
type Connect = (start: Start, options: LanguageClientOptions) => BaseLanguageClient;

/** Of `rules.json`. */
interface Rule {
    id: string;
    summary: string;
    page: string;
}

/** The scheme of pages that are nowhere on disk. */
const SCHEME = "seaworthy";
const FLEET = Uri.from({ scheme: SCHEME, path: "/fleet.md" });
const LANGUAGES = ["yaml", "json", "helm"];

export async function run(context: ExtensionContext, connect: Connect): Promise<void> {
    const beside = (name: string) => workspace.fs.readFile(Uri.joinPath(context.extensionUri, "dist", name));
    const start = { module: await beside("lsp.wasm"), descriptions: await beside("descriptions.zlib") };
    const client = connect(start, {
        documentSelector: schemes().flatMap((scheme) => LANGUAGES.map((language) => ({ scheme, language }))),
        initializationOptions: { today: new Date().toISOString().slice(0, 10), pages: `${SCHEME}:/{rule}.md` },
        synchronize: { configurationSection: "seaworthy" },
        middleware: {
            workspace: {
                // The server asks for these, and cannot read the files itself.
                didChangeWatchedFile: async (event, next) => {
                    await next(event);
                    disk.changed(client.protocol2CodeConverter.asUri(event.uri));
                },
            },
        },
    });
    const disk = new Disk(client);
    const rules = async () => JSON.parse(new TextDecoder().decode(await beside("rules.json"))).rules as Rule[];
    const changed = new EventEmitter<Uri>();
    const page = async (uri: Uri) => {
        const rule = (await rules()).find(({ id }) => uri.path === `/${id}.md`);
        return rule ? rule.page : describe(client);
    };
    const pages = { onDidChange: changed.event, provideTextDocumentContent: page };
    context.subscriptions.push(
        client,
        changed,
        workspace.registerTextDocumentContentProvider(SCHEME, pages),
        workspace.onDidChangeWorkspaceFolders(() => disk.tellAll()),
        // A server that was started again knows nothing.
        client.onDidChangeState(({ newState }) => newState === State.Running && disk.tellAll()),
        commands.registerCommand("seaworthy.check", async () => {
            await disk.tellAll();
            await commands.executeCommand("workbench.actions.view.problems");
        }),
        commands.registerCommand("seaworthy.describe", async () => {
            changed.fire(FLEET);
            await show(FLEET);
        }),
        commands.registerCommand("seaworthy.explain", async () => {
            const items = (await rules()).map(({ id, summary }) => ({ label: id, detail: summary }));
            const rule = await window.showQuickPick(items, { placeHolder: "Rule", matchOnDetail: true });
            if (rule) {
                await show(Uri.from({ scheme: SCHEME, path: `/${rule.label}.md` }));
            }
        }),
    );
    await client.start();
}

/** Of documents that are files, or will be: what a comparison shows of Git's history is neither. */
function schemes(): string[] {
    const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => uri.scheme);
    return [...new Set(["file", "untitled", ...folders])];
}

/** Opens a page; package.json says that it is shown as people read it. */
async function show(page: Uri): Promise<void> {
    await commands.executeCommand("vscode.open", page);
}

/** The fleet as the model understood it. */
async function describe(client: BaseLanguageClient): Promise<string> {
    const settings = workspace.getConfiguration("seaworthy");
    const versions = settings.get("kubernetesVersion", "").split(",");
    const options = {
        complete: settings.get("complete") || undefined,
        kubernetesVersions: versions.map((it) => it.trim()).filter(Boolean),
    };
    const all = await readAll(await manifests(), current);
    const files = all.map(([uri, text]) => ({ name: workspace.asRelativePath(uri), text: text ?? "" }));
    return tables(await client.sendRequest("seaworthy/describe", { files, options }));
}

/** What a file says, saved or not. */
async function current(uri: Uri): Promise<string | null> {
    const open = workspace.textDocuments.find((it) => String(it.uri) === String(uri));
    return open ? open.getText() : text(uri);
}
