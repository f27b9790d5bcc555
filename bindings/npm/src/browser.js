// In browsers the module is fetched, from beside this file unless `init` is told otherwise.

import { isStarted, page, start } from "./engine.js";

export { check, describe, version } from "./engine.js";

let pages = () => new URL("./rules.json", import.meta.url);
let loading;

/** Loads the module once: from where it lies, from its bytes, or compiled. */
export function init(options = {}) {
    if (options.rules !== undefined) pages = () => options.rules;
    if (!isStarted()) {
        const module = options.module ?? new URL(MODULE, import.meta.url);
        loading ??= compile(module)
            .then(start)
            .finally(() => (loading = undefined));
    }
    return loading ?? Promise.resolve();
}

async function compile(from) {
    if (from instanceof WebAssembly.Module) return from;
    if (from instanceof ArrayBuffer || ArrayBuffer.isView(from)) return WebAssembly.compile(from);
    const response = from instanceof Response ? from : await fetch(from);
    if (!response.ok) throw new Error(`${response.url}: ${response.status} ${response.statusText}`);
    // Not every server of static files knows the type that streaming asks for.
    return WebAssembly.compile(await response.arrayBuffer());
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
