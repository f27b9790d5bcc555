// The extension, wherever it runs: the client of the language server, the files of the workspace for it, and commands.

import { commands, Uri, window, workspace, type ExtensionContext } from "vscode";
import { State, type BaseLanguageClient, type LanguageClientOptions } from "vscode-languageclient";

import { tables } from "./describe";
import { Folder, text, type OnDisk } from "./files";
import type { Start } from "./server";

/** Makes a worker of `dist/server.js`, hands it its first message, and gives a client that talks to it. */
type Connect = (start: Start, options: LanguageClientOptions) => BaseLanguageClient;

/** Of `rules.json`. */
interface Rule {
    id: string;
    summary: string;
    page: string;
}

/** So many files go in a message. */
const BATCH = 100;
/** The scheme of pages that are nowhere on disk. */
const SCHEME = "seaworthy";
const FLEET = Uri.from({ scheme: SCHEME, path: "/fleet.md" });

export async function run(context: ExtensionContext, connect: Connect): Promise<void> {
    const beside = (name: string) => workspace.fs.readFile(Uri.joinPath(context.extensionUri, "dist", name));
    const start = { module: await beside("lsp.wasm"), descriptions: await beside("descriptions.zlib") };
    const client = connect(start, {
        documentSelector: ["yaml", "json", "helm"].map((language) => ({ language })),
        initializationOptions: { today: new Date().toISOString().slice(0, 10), pages: `${SCHEME}:/{rule}.md` },
        synchronize: { configurationSection: "seaworthy" },
        middleware: {
            workspace: {
                // The server asks for these, and cannot read the files itself.
                didChangeWatchedFile: async (event, next) => {
                    await next(event);
                    await tell(client, [client.protocol2CodeConverter.asUri(event.uri)]);
                },
            },
        },
    });
    const rules = async () => JSON.parse(new TextDecoder().decode(await beside("rules.json"))).rules as Rule[];
    const page = async (uri: Uri) => {
        const rule = (await rules()).find(({ id }) => uri.path === `/${id}.md`);
        return rule ? rule.page : describe(client);
    };
    context.subscriptions.push(
        client,
        workspace.registerTextDocumentContentProvider(SCHEME, { provideTextDocumentContent: page }),
        workspace.onDidChangeWorkspaceFolders(() => tellAll(client)),
        // A server that was started again knows nothing.
        client.onDidChangeState(({ newState }) => newState === State.Running && tellAll(client)),
        commands.registerCommand("seaworthy.check", async () => {
            await tellAll(client);
            await commands.executeCommand("workbench.actions.view.problems");
        }),
        commands.registerCommand("seaworthy.describe", () => show(FLEET)),
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

/** Opens a page as people read it. */
async function show(page: Uri): Promise<void> {
    await commands.executeCommand("markdown.showPreview", page);
}

/** The fleet as the model understood it. */
async function describe(client: BaseLanguageClient): Promise<string> {
    const settings = workspace.getConfiguration("seaworthy");
    const versions = settings
        .get<string>("kubernetesVersion", "")
        .split(",")
        .map((it) => it.trim());
    const options = { complete: settings.get("complete") || undefined, kubernetesVersions: versions.filter(Boolean) };
    const all = await Promise.all((await manifests()).map(async (uri) => ({ uri, text: await current(uri) })));
    const files = all.map(({ uri, text }) => ({ name: workspace.asRelativePath(uri), text: text ?? "" }));
    return tables(await client.sendRequest("seaworthy/describe", { files, options }));
}

/** What a file says, saved or not. */
async function current(uri: Uri): Promise<string | null> {
    const open = workspace.textDocuments.find((it) => it.uri.toString() === uri.toString());
    return open ? open.getText() : text(uri);
}

/** The manifests of all workspace folders. */
async function manifests(): Promise<Uri[]> {
    const files = (workspace.workspaceFolders ?? []).map(async ({ uri }) => (await Folder.open(uri)).files());
    return (await Promise.all(files)).flat();
}

async function tellAll(client: BaseLanguageClient): Promise<void> {
    const files = await manifests();
    for (let at = 0; at < files.length; at += BATCH) {
        await send(client, files.slice(at, at + BATCH));
    }
}

/** Tells what files say now, as far as they are to be read. */
async function tell(client: BaseLanguageClient, files: Uri[]): Promise<void> {
    const read = files.map(async (uri) => {
        const folder = workspace.getWorkspaceFolder(uri);
        return folder && (await Folder.open(folder.uri)).holds(uri) ? [uri] : [];
    });
    await send(client, (await Promise.all(read)).flat());
}

async function send(client: BaseLanguageClient, files: Uri[]): Promise<void> {
    const read = async (uri: Uri): Promise<OnDisk> => {
        return { uri: client.code2ProtocolConverter.asUri(uri), text: await text(uri) };
    };
    await client.sendNotification("seaworthy/files", { files: await Promise.all(files.map(read)) });
}
