// Which functions of a marked module usual input runs through: their numbers, a line each. Usual are the manifests of the
// fixtures' fleets, the playground's example and the kinds and slips of `usual.txt`, each alone; not Fleet documents, as
// who declares an architecture or nodes asks for more than most.
//
// what-runs.mjs GLUE MODULE AT FUNCTIONS FLEETS: what wasm-bindgen wrote, the module that marks, where in its memory it
// does, how many functions it has, and a folder with a folder for each fleet.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { example } from "../playground/src/example.js";

const [glue, module, at, functions, fleets] = process.argv.slice(2);
const { check, describe, initSync } = await import(pathToFileURL(glue));
const { memory } = initSync({ module: readFileSync(module) });

const usual = readdirSync(fleets).map((fleet) => {
    const names = readdirSync(join(fleets, fleet)).filter((name) => name.endsWith(".yaml") && name !== "fleet.yaml");
    return names.sort().map((name) => ({ name, text: readFileSync(join(fleets, fleet, name), "utf8") }));
});
const alone = readFileSync(new URL("usual.txt", import.meta.url), "utf8").split("---\n");
usual.push(example.files, ...alone.map((text) => [{ name: "a.yaml", text }]));
for (const files of usual) {
    for (const options of [{}, { packs: ["strict"], complete: true }]) {
        const request = JSON.stringify({ files, options });
        check(request);
        describe(request);
    }
}
new Uint8Array(memory.buffer, Number(at), Number(functions)).forEach((called, number) => {
    if (called) console.log(number);
});
