// The language server, in the module that has one.

import * as bound from "./seaworthy_js.js";

import { inhabited, isCurrent, run } from "./engine.js";

export class Lsp {
    #server;
    #instance;

    constructor(settings = {}) {
        this.#server = run(() => new bound.Lsp(JSON.stringify(settings)));
        this.#instance = inhabited();
    }

    describe(descriptions) {
        this.#run(() => this.#server.describe(descriptions));
    }

    handle(message) {
        return this.#run(() => this.#server.handle(text(message)));
    }

    respond(message) {
        return this.#run(() => this.#server.respond(text(message)));
    }

    catchUp() {
        return this.#run(() => this.#server.catchUp());
    }

    #run(work) {
        if (!isCurrent(this.#instance)) {
            throw new Error("this server is gone with the instance that broke: begin another");
        }
        return run(work);
    }
}

function text(message) {
    if (typeof message !== "string") throw new TypeError(`a message is a string, not a ${typeof message}`);
    return message.toWellFormed();
}
