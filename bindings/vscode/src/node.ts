// The extension on a desktop, or on a machine that a desktop works on.

import { Worker } from "node:worker_threads";

import type { ExtensionContext } from "vscode";
import { LanguageClient, PortMessageReader, PortMessageWriter } from "vscode-languageclient/node";

import { run } from "./extension";

export async function activate(context: ExtensionContext): Promise<void> {
    let worker: Worker | undefined;
    context.subscriptions.push({ dispose: () => void worker?.terminate() });
    await run(context, (start, options) => {
        const connect = async () => {
            const started = new Worker(context.asAbsolutePath("dist/server.js"));
            // Its end is the end of the conversation, and the client begins another one.
            started.on("exit", () => started.emit("close"));
            started.postMessage(start);
            worker = started;
            return { reader: new PortMessageReader(started), writer: new PortMessageWriter(started) };
        };
        return new LanguageClient("seaworthy", "Seaworthy", connect, options);
    });
}
