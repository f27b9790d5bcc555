// The engine in one WebAssembly instance, and another in its place when that breaks.
//
// `seaworthy_js.js` is what wasm-bindgen writes beside the module: `cargo xtask npm` puts it here.

import * as bound from "./seaworthy_js.js";

/** An instance that has grown beyond this is given back: memory of WebAssembly never shrinks. */
const KEPT = 256 << 20;

/** The compiled module; none before it is loaded. */
let compiled;
let memory;
/** Which instance it is: what an earlier one held is gone. */
let instance = 0;
/** Language servers that live in it. */
let servers = 0;

/** Makes the module the engine. */
export function start(module) {
    if (compiled === undefined) {
        compiled = module;
        begin();
    }
}

/** Which instance it is, counted for one that holds a language server. */
export function inhabited() {
    servers += 1;
    return instance;
}

export function isCurrent(which) {
    return which === instance;
}

export function isStarted() {
    return compiled !== undefined;
}

function begin() {
    memory = bound.initSync({ module: compiled }).memory;
}

function renew() {
    // Makes a new instance of the same module.
    bound.__wbg_reset_state();
    memory = undefined;
    instance += 1;
    servers = 0;
}

/** What `work` returns; an `Error` if it breaks, and a new instance. */
export function run(work) {
    if (compiled === undefined) {
        throw new Error("seaworthy is not loaded yet: `await init()` comes first");
    }
    try {
        return work();
    } catch (error) {
        if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
            renew();
            const words = `seaworthy broke down on this input (${error.message}); the next call begins anew`;
            throw new Error(words, { cause: error });
        }
        throw error;
    }
}

function answer(work, files, options) {
    const request = JSON.stringify({ files: checked(files), options });
    const text = run(() => work(request));
    if (servers === 0 && memory?.buffer.byteLength > KEPT) renew();
    return JSON.parse(text);
}

export function check(files, options = {}) {
    return answer(bound.check, files, options);
}

export function describe(files, options = {}) {
    return answer(bound.describe, files, options);
}

export function version() {
    return run(bound.version);
}

/** Files as the engine wants them; what is none is named. */
function checked(files) {
    if (!Array.isArray(files)) throw new TypeError(`files: a list is wanted, not ${kind(files)}`);
    return files.map((file, at) => {
        if (typeof file !== "object" || file === null) {
            throw new TypeError(`files[${at}]: { name, text } is wanted, not ${kind(file)}`);
        }
        for (const key of ["name", "text"]) {
            if (typeof file[key] !== "string") {
                throw new TypeError(`files[${at}].${key}: a string is wanted, not ${kind(file[key])}`);
            }
        }
        return { name: file.name.toWellFormed(), text: file.text.toWellFormed() };
    });
}

function kind(value) {
    if (value === null || value === undefined) return String(value);
    return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** The page of a rule as `seaworthy explain` prints it. */
export function page(rules, name) {
    const rule = rules.find((it) => it.id === name);
    if (rule === undefined) {
        throw new Error(`no rule is called \`${name}\`; \`rules()\` lists them`);
    }
    const levels = [rule.level, ...Object.entries(rule.packs).map(([pack, level]) => `${pack}: ${level}`)].join(", ");
    const [title, ...rest] = rule.page.split("\n");
    return [title, "", `${rule.category} · ${levels} · since ${rule.since}`, ...rest].join("\n");
}
