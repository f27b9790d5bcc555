// In Node the module lies beside this file, and is there before the first call.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { page, start } from "./engine.js";

export { check, describe, version } from "./engine.js";

// esbuild knows one of the two at a time: `import.meta` is empty in what `require` loads.
const folder = typeof __dirname === "string" ? __dirname : dirname(fileURLToPath(import.meta.url));
const load = (part) => new WebAssembly.Module(readFileSync(join(folder, part)));
start(load(MODULE), REST && (() => load(REST)));

/** There is nothing to wait for; the same code may run in browsers, where there is. */
export async function init() {}

let loaded;

export async function rules() {
    loaded ??= JSON.parse(readFileSync(join(folder, "rules.json"), "utf8")).rules;
    return loaded;
}

export async function explain(rule) {
    return page(await rules(), rule);
}
