// In browsers the module is fetched, from beside this file unless `init` is told otherwise.

import { complete, isStarted, page, start } from "./engine.js";

export { check, describe, version } from "./engine.js";

let pages = () => new URL("./rules.json", import.meta.url);
let loading;
/** Fetches the rest of the module, once. */
let fetchRest = async () => {};

/** Loads the module once: from where it lies, from its bytes, or compiled. Who says so waits for its rest too. */
export async function init(options = {}) {
    if (options.rules !== undefined) pages = () => options.rules;
    if (!isStarted()) loading ??= load(options).finally(() => (loading = undefined));
    await loading;
    if (options.whole) await fetchRest();
}

async function load(options) {
    const rest = options.rest ?? besideModule(options.module);
    start(await compile(options.module ?? new URL(MODULE, import.meta.url)), rest && (() => compileNow(rest)));
    if (rest === undefined) return;
    let coming;
    fetchRest = () =>
        (coming ??= compile(rest)
            .then(complete)
            .catch((error) => {
                coming = undefined;
                throw error;
            }));
    // Who needs it is told if it does not come.
    fetchRest().catch(() => {});
}

/** Where the rest lies when nobody says: beside the module, or this file where that has no place of its own. */
function besideModule(module) {
    if (REST === undefined) return undefined;
    const address = module?.url || module;
    if (typeof address === "string" || address instanceof URL) {
        try {
            return new URL(REST, new URL(address, globalThis.location?.href));
        } catch {
            // Nothing is beside what a `data:` or a `blob:` holds.
        }
    }
    return new URL(REST, import.meta.url);
}

async function compile(from) {
    if (from instanceof WebAssembly.Module) return from;
    if (from instanceof ArrayBuffer || ArrayBuffer.isView(from)) return WebAssembly.compile(from);
    const response = from instanceof Response ? from : await fetch(from);
    if (!response.ok) throw new Error(`${response.url}: ${response.status} ${response.statusText}`);
    // Not every server of static files knows the type that streaming asks for.
    return WebAssembly.compile(await response.arrayBuffer());
}

/** The same for a call that cannot wait. */
function compileNow(from) {
    if (from instanceof WebAssembly.Module) return from;
    if (from instanceof ArrayBuffer || ArrayBuffer.isView(from)) return new WebAssembly.Module(from);
    if (globalThis.XMLHttpRequest === undefined) {
        throw new Error("this input wants the rest of seaworthy: `await init({ whole: true })` comes first");
    }
    const request = new XMLHttpRequest();
    request.open("GET", from, false);
    // A page may ask for nothing but text in this way; as this charset each byte is a character.
    request.overrideMimeType("text/plain; charset=x-user-defined");
    request.send();
    if (request.status !== 200) throw new Error(`${from}: ${request.status} ${request.statusText}`);
    return new WebAssembly.Module(Uint8Array.from(request.responseText, (byte) => byte.charCodeAt(0) & 0xff));
}

let loaded;

export async function rules() {
    loaded ??= fetch(pages()).then(async (response) => {
        if (!response.ok) throw new Error(`${response.url}: ${response.status} ${response.statusText}`);
        return (await response.json()).rules;
    });
    return loaded.catch((error) => {
        loaded = undefined;
        throw error;
    });
}

export async function explain(rule) {
    return page(await rules(), rule);
}
