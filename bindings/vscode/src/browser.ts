// The extension in a browser, such as vscode.dev.

import { Uri, workspace, type ExtensionContext } from "vscode";
import { BrowserMessageReader, BrowserMessageWriter, LanguageClient } from "vscode-languageclient/browser";

import { run } from "./extension";

/** A worker that fails ends the conversation, and the client begins another one. */
class Reader extends BrowserMessageReader {
    constructor(worker: Worker) {
        super(worker);
        worker.addEventListener("error", () => this.fireClose());
    }
}

export async function activate(context: ExtensionContext): Promise<void> {
    // VS Code makes no worker of a script that lies on another machine, but of its text.
    const script = await workspace.fs.readFile(Uri.joinPath(context.extensionUri, "dist/server.js"));
    const url = URL.createObjectURL(new Blob([script.slice()], { type: "text/javascript" }));
    let worker: Worker | undefined;
    context.subscriptions.push({ dispose: () => worker?.terminate() });
    await run(context, (start, options) => {
        const connect = async () => {
            worker?.terminate();
            worker = new Worker(url);
            worker.postMessage(start);
            return { reader: new Reader(worker), writer: new BrowserMessageWriter(worker) };
        };
        return new LanguageClient("seaworthy", "Seaworthy", connect, options);
    });
}
