// The package as it is installed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { check, describe, explain, init, rules, version } from "seaworthy";

const require = createRequire(import.meta.url);

const WEB = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: wbe}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1"}]}
`;

test("import and require give the same", () => {
    const required = require("seaworthy");
    assert.deepEqual(Object.keys(required).sort(), ["check", "describe", "explain", "init", "rules", "version"]);
    const files = [{ name: "web.yaml", text: WEB }];
    assert.deepEqual(required.check(files), check(files));
    assert.equal(required.version(), require("seaworthy/package.json").version);
    assert.equal(version(), required.version());
});

test("the lines of README do what they say", () => {
    const readme = readFileSync(join(dirname(require.resolve("seaworthy/package.json")), "README.md"), "utf8");
    const run = ([, lines]) => {
        const options = ["--input-type=module", "--eval", lines];
        return spawnSync(process.execPath, options, { cwd: import.meta.dirname, encoding: "utf8" });
    };
    const ran = [...readme.matchAll(/```js\n([^]*?)```/g)].map(run);
    assert.match(ran[0].stdout, /^web\.yaml:4: error: .*unknown field "spec\.port"/, ran[0].stderr);
    assert.deepEqual(
        ran.map((it) => [it.status, it.stderr]),
        ran.map(() => [0, ""]),
    );
});

test("what is found has its place", async () => {
    await init();
    const report = check([{ name: "web.yaml", text: WEB }], { complete: true, kubernetesVersions: ["1.34"] });
    const found = report.diagnostics.find((it) => it.rule === "service-selects-nothing");
    assert.equal(report.schema, 1);
    assert.deepEqual(report.kubernetesVersions, ["1.34"]);
    const { start, end } = found.span;
    assert.equal(WEB.slice(start.offset, end.offset), "wbe");
    assert.equal(start.line, 4);
});

test("the fleet is described", () => {
    const fleet = describe([{ name: "web.yaml", text: WEB.replace("wbe", "web") }]);
    assert.deepEqual(fleet.services[0].selects, ["Deployment/web"]);
    assert.equal(fleet.workloads[0].qosClass, "BestEffort");
});

test("each rule has its page", async () => {
    const all = await rules();
    assert.ok(all.length > 70);
    for (const rule of all) {
        const page = await explain(rule.id);
        assert.ok(page.startsWith(`# ${rule.id}\n\n${rule.category} · ${rule.level}`), page);
    }
    await assert.rejects(explain("no-such-rule"), /no rule is called `no-such-rule`/);
});

test("what is wrong with a call is said", () => {
    const file = { name: "a.yaml", text: "" };
    for (const [files, options, words] of [
        [undefined, {}, "files: a list is wanted, not undefined"],
        ["a: 1", {}, "files: a list is wanted, not a string"],
        [["a: 1"], {}, "files[0]: { name, text } is wanted, not a string"],
        [[file, { name: "b.yaml" }], {}, "files[1].text: a string is wanted, not undefined"],
        [[{ name: 3, text: "" }], {}, "files[0].name: a string is wanted, not a number"],
        [[{ name: "a", text: new Uint8Array(3) }], {}, "files[0].text: a string is wanted, not an object"],
        [[file], { pack: ["strict"] }, "unknown field `pack`"],
        [[file], { packs: ["strickt"] }, "did you mean `strict`?"],
        [[file], { packs: "strict" }, "invalid type: string"],
        [[file], { kubernetesVersions: ["1.99.9.9"] }, "options.kubernetesVersions"],
        [[file], { complete: "yes" }, "invalid type: string"],
        [[file], null, "invalid type: null"],
        [[file], { today: 10n }, "BigInt"],
    ]) {
        for (const call of [check, describe]) {
            const thrown = (error) => (error instanceof Error && error.message.includes(words)) || assert.fail(error);
            assert.throws(() => call(files, options), thrown);
        }
    }
    // Nothing of that has broken it.
    assert.equal(check([file]).summary.files, 1);
});

test("a call within a call is answered", () => {
    let inner;
    const file = {
        name: "a.yaml",
        get text() {
            inner = check([{ name: "b.yaml", text: WEB }]);
            return WEB;
        },
    };
    assert.deepEqual(check([file]).summary, inner.summary);
});

test("any text is answered", () => {
    const text = (text) => check([{ name: "a.yaml", text }]);
    const odds = [
        "",
        "\u0000",
        "\ufeffa: 1",
        "a: \ud800",
        "\udc00: b",
        "é: 🦀\n",
        "a:\t- b",
        "%YAML 9.9\n---\n",
        "&a [*a]",
    ];
    for (const odd of odds) {
        assert.equal(text(odd).summary.files, 1, JSON.stringify(odd));
    }
    const closed = `${"[".repeat(9999)}${"]".repeat(9999)}`;
    for (const deep of ["[".repeat(1e6), "- ".repeat(1e5), "{a: ".repeat(1e5), closed]) {
        const { diagnostics } = text(deep);
        assert.equal(
            diagnostics.some((it) => it.rule === "yaml-unparsable"),
            true,
        );
    }
});

test("a document of 20 MB is answered, and its memory given back", () => {
    const data = `  k: ${"x".repeat(1000)}\n`;
    const lines = Array.from({ length: 20_000 }, (_, at) => data.replace("k", `k${at}`)).join("");
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large}\ndata:\n${lines}`;
    assert.ok(text.length > 20e6);
    for (let round = 0; round < 3; round++) {
        const report = check([{ name: "large.yaml", text }]);
        assert.equal(report.summary.objects, 1);
    }
    globalThis.gc?.();
    assert.equal(check([{ name: "a.yaml", text: WEB }]).summary.objects, 2);
});

test("a trap costs one call", () => {
    const script = `
        import { check } from "seaworthy";
        const small = { name: "a.yaml", text: "a: 1" };
        for (let round = 0; round < 2; round++) {
            try {
                check([{ name: "b.yaml", text: "a: " + "x".repeat(20e6) }]);
            } catch (error) {
                console.log(error.message, check([small]).summary.files);
            }
        }`;
    // So little memory is 32 MB: the engine cannot have what it needs.
    const options = ["--wasm-max-mem-pages=512", "--input-type=module", "--eval", script];
    const { stdout, stderr } = spawnSync(process.execPath, options, { cwd: import.meta.dirname, encoding: "utf8" });
    const broke = "seaworthy broke down on this input (unreachable); the next call begins anew 1\n";
    assert.equal(stdout, broke + broke, stderr);
});

const POD = "kind: Pod\napiVersion: v1\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a:1}]";
const NODE = "kind: Node\napiVersion: v1\nmetadata: {name: a}\nstatus: {allocatable: {cpu: 1, memory: 1Gi, pods: 9}}";
/** What the first part of the module alone does not do. */
const PLACED = `${POD}, nodeSelector: {disk: ssd}}\n---\n${NODE}\n`;

/** Prints which modules are read after each of some files is checked, and how many findings it has. */
const READS = `
    import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    import { basename } from "node:path";
    const { readFileSync } = fs;
    let read = [];
    fs.readFileSync = (path, ...more) => (read.push(basename(path)), readFileSync(path, ...more));
    syncBuiltinESMExports();
    const { check } = await import("seaworthy");
    for (const text of JSON.parse(process.argv[1])) {
        const { diagnostics } = check([{ name: "a.yaml", text }]);
        console.log(read.join(), diagnostics.map((it) => it.rule).join());
        read = [];
    }`;

test("the rest of the module is read when input first wants it", () => {
    const options = ["--input-type=module", "--eval", READS, JSON.stringify([WEB, POD + "}", PLACED, PLACED])];
    const { stdout, stderr } = spawnSync(process.execPath, options, { cwd: import.meta.dirname, encoding: "utf8" });
    const [usual, small, first, second] = stdout.split("\n");
    assert.match(usual, /^seaworthy\.wasm .*/, stderr);
    assert.match(small, /^ bare-pod/, stderr);
    assert.match(first, /^rest\.wasm .*pod-unschedulable/, stderr);
    assert.equal(second, first.replace("rest.wasm", ""));
});

test("the rest of another build is refused", () => {
    const script = `
        import fs from "node:fs";
        import { syncBuiltinESMExports } from "node:module";
        const { readFileSync } = fs;
        fs.readFileSync = (path, ...more) => {
            const read = readFileSync(path, ...more);
            if (!path.endsWith("rest.wasm")) return read;
            // What both parts share bears the number of their build.
            const shared = WebAssembly.Module.imports(new WebAssembly.Module(read)).find((it) => it.kind === "memory");
            const [build] = shared.name.split(".");
            return Buffer.from(read.toString("latin1").replaceAll(build, "0".repeat(build.length)), "latin1");
        };
        syncBuiltinESMExports();
        const { check } = await import("seaworthy");
        const [placed, pod] = JSON.parse(process.argv[1]);
        for (let round = 0; round < 2; round++) {
            try {
                check([{ name: "a.yaml", text: placed }]);
            } catch (error) {
                console.log(error.message, check([{ name: "a.yaml", text: pod }]).summary.objects);
            }
        }`;
    const options = ["--input-type=module", "--eval", script, JSON.stringify([PLACED, POD + "}"])];
    const { stdout, stderr } = spawnSync(process.execPath, options, { cwd: import.meta.dirname, encoding: "utf8" });
    const refused = "rest.wasm is not of the same build of seaworthy as seaworthy.wasm 1\n";
    assert.equal(stdout, refused + refused, stderr);
});

test("the module asks for nothing but strings", () => {
    const module = new WebAssembly.Module(readFileSync(require.resolve("seaworthy/seaworthy.wasm")));
    const asked = WebAssembly.Module.imports(module).map((it) => it.name.replace(/_[0-9a-f]{16}$/, ""));
    assert.deepEqual(asked.sort(), ["__wbg_Error", "__wbindgen_init_externref_table"], "no clock, randomness, network");
});

/** What a page waits for, with the schemas of all versions; what it does not wait for; and what editors load. */
const LARGEST = {
    "seaworthy.wasm": [1_600_000, 600_000],
    "rest.wasm": [1_110_000, 485_000],
    "lsp.wasm": [3_150_000, 1_300_000],
};

test("the modules are small", () => {
    for (const [name, [bytes, gzip]] of Object.entries(LARGEST)) {
        const module = readFileSync(require.resolve(`seaworthy/${name}`));
        const packed = gzipSync(module, { level: 9 }).length;
        console.log(`${name}: ${module.length} bytes, ${packed} gzip`);
        assert.ok(module.length <= bytes && packed <= gzip, `${name}: ${module.length} bytes, ${packed} gzip`);
    }
});
