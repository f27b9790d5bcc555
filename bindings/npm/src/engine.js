// The engine in one WebAssembly instance, and another in its place when that breaks.
//
// `seaworthy_js.js` is what wasm-bindgen writes beside the module: `cargo xtask npm` puts it here.

import * as bound from "./seaworthy_js.js";

/** An instance that has grown beyond this is given back: memory of WebAssembly never shrinks. */
const KEPT = 256 << 20;

/** The compiled module; none before it is loaded. */
let compiled;
/** What usual input does not run through, compiled: code that calls find in the table once an instance has it. */
let rest;
/** Loads the rest there and then. Nothing where the module is whole, or the rest is there. */
let loadRest;
/** What the instance shows. */
let shown;
/** Which instance it is: what an earlier one held is gone. */
let instance = 0;
/** Language servers that live in it. */
let servers = 0;

/** Makes the module the engine; `load` is asked for its rest where it has one, when that is first wanted. */
export function start(module, load) {
    if (compiled === undefined) {
        compiled = module;
        loadRest = load;
        begin();
    }
}

/** Gives the engine the rest of its module. */
export function complete(module) {
    if (rest === undefined) {
        fill(module);
        rest = module;
        loadRest = undefined;
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
    shown = bound.initSync({ module: compiled });
    if (rest !== undefined) fill(rest);
}

function fill(module) {
    try {
        new WebAssembly.Instance(module, { first: shown });
    } catch (error) {
        if (!(error instanceof WebAssembly.LinkError)) throw error;
        throw new Error("rest.wasm is not of the same build of seaworthy as seaworthy.wasm", { cause: error });
    }
}

function renew() {
    // Makes a new instance of the same module, which `initSync` then knows.
    bound.__wbg_reset_state();
    begin();
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
            if (loadRest !== undefined) {
                // A call of what is not there breaks off too.
                complete(loadRest());
                return run(work);
            }
            const words = `seaworthy broke down on this input (${error.message}); the next call begins anew`;
            throw new Error(words, { cause: error });
        }
        throw error;
    }
}

function answer(work, files, options) {
    const request = JSON.stringify({ files: checked(files), options });
    const text = run(() => work(request));
    if (servers === 0 && shown.memory.buffer.byteLength > KEPT) renew();
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
