// The language server in a worker, of a browser or of Node: the WASM module, and what the extension asks it beside the
// protocol. The first message brings the module; every other one is of the protocol.

import { describe, init, Lsp } from "seaworthy/lsp";

/** The first message: the bytes of what lies beside the worker. */
export interface Start {
    module: Uint8Array;
    descriptions: Uint8Array;
}

interface Message {
    id?: number | string;
    method?: string;
    params?: any;
}

const port = typeof self === "undefined" ? require("node:worker_threads").parentPort : self;
let server: Promise<Lsp> | undefined;

/** After so many milliseconds without a message there is time for what takes long: more than between two letters. */
const QUIET = 200;
let quiet: ReturnType<typeof setTimeout> | undefined;

async function start({ module, descriptions }: Start): Promise<Lsp> {
    await init({ module: module.slice() });
    const lsp = new Lsp();
    lsp.describe(descriptions);
    return lsp;
}

function answer(lsp: Lsp, message: Message): unknown[] {
    if (message.method !== "seaworthy/describe") {
        return lsp.respond(JSON.stringify(message)).map((text) => JSON.parse(text));
    }
    // No business of the protocol.
    const { id, params } = message;
    try {
        return [{ jsonrpc: "2.0", id, result: describe(params.files, params.options) }];
    } catch (error) {
        return [{ jsonrpc: "2.0", id, error: { code: -32603, message: String(error) } }];
    }
}

port.onmessage = async ({ data }: { data: Start | Message }) => {
    server ??= start(data as Start);
    if ("module" in data) {
        return;
    }
    try {
        const lsp = await server;
        say(answer(lsp, data));
        clearTimeout(quiet);
        quiet = setTimeout(() => say(lsp.catchUp().map((text) => JSON.parse(text))), QUIET);
    } catch (error) {
        // A server that broke down is of no use: the fault ends the worker, and the client makes another.
        setTimeout(() => {
            throw error;
        });
    }
};

function say(messages: unknown[]): void {
    for (const message of messages) {
        port.postMessage(message);
    }
}
