// The language server as it is installed; what it knows is tested where it is made.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

import { Lsp, check, version } from "seaworthy/lsp";

const uri = "file:///shop/web.yaml";
const text = "apiVersion: v1\nkind: Service\nmetadata: {name: 🦀, nmae: b}\nspec: {ports: [{port: 80}]}\n";

/** A server that is past its first messages. */
function server() {
    const it = new Lsp();
    let id = 0;
    const send = (method, params, isRequest) => {
        const head = isRequest ? { jsonrpc: "2.0", id: ++id } : { jsonrpc: "2.0" };
        return it.handle(JSON.stringify({ ...head, method, params })).map((message) => JSON.parse(message));
    };
    const capabilities = { textDocument: { publishDiagnostics: { relatedInformation: true } } };
    const [answer] = send("initialize", { capabilities, rootUri: "file:///shop" }, true);
    assert.ok(answer.result.capabilities.hoverProvider);
    send("initialized", {}, false);
    return {
        it,
        ask: (method, params) => send(method, params, true),
        tell: (method, params) => send(method, params, false),
    };
}

test("what is opened is answered with its findings, at UTF-16 positions", () => {
    const { ask, tell } = server();
    const document = { uri, languageId: "yaml", version: 1, text };
    const said = tell("textDocument/didOpen", { textDocument: document });
    const published = said.find((it) => it.method === "textDocument/publishDiagnostics").params;
    const found = published.diagnostics.find((it) => it.code === "unknown-field");
    const [line, character] = [2, text.split("\n")[2].indexOf("nmae")];
    assert.deepEqual(found.range, { start: { line, character }, end: { line, character: character + 4 } });
    const [hover] = ask("textDocument/hover", { textDocument: { uri }, position: { line, character } });
    assert.match(JSON.stringify(hover.result.contents), /unknown-field/);
    const { diagnostics } = check([{ name: "web.yaml", text }]);
    assert.equal(published.diagnostics.length, diagnostics.length);
});

test("fields are described in Kubernetes' own words once these are there", () => {
    const { it, ask, tell } = server();
    tell("textDocument/didOpen", { textDocument: { uri, languageId: "yaml", version: 1, text } });
    const position = { line: 3, character: text.split("\n")[3].indexOf("ports") };
    const hover = () => ask("textDocument/hover", { textDocument: { uri }, position })[0].result.contents.value;
    const words = "The list of ports that are exposed by this service.";
    assert.ok(!hover().includes(words));
    assert.throws(() => it.describe(new Uint8Array(9)), /not a table of descriptions/);
    it.describe(readFileSync(createRequire(import.meta.url).resolve("seaworthy/descriptions.zlib")));
    assert.ok(hover().includes(words));
});

test("what takes long comes when it is asked for", () => {
    const { it, tell } = server();
    const edit = (cpu) => {
        const status = "{allocatable: {cpu: 2, memory: 2Gi, pods: 9}}";
        const node = `{apiVersion: v1, kind: Node, metadata: {name: one}, status: ${status}}`;
        const spec = `{containers: [{name: a, image: "a:1", resources: {requests: {cpu: ${cpu}}}}]}`;
        const pod = `{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: ${spec}}`;
        return [
            { uri: "file:///shop/node.yaml", text: node },
            { uri: "file:///shop/pod.yaml", text: pod },
        ];
    };
    tell("seaworthy/files", { files: edit(1) });
    const notification = { jsonrpc: "2.0", method: "seaworthy/files", params: { files: edit(8).slice(1) } };
    assert.doesNotMatch(it.respond(JSON.stringify(notification)).join(), /pod-unschedulable/);
    assert.match(it.catchUp().join(), /pod-unschedulable/);
    assert.deepEqual(it.catchUp(), []);
});

test("messages that are none are answered, not thrown", () => {
    const { it, tell } = server();
    assert.match(it.handle("{").join(), /-32700/);
    assert.throws(() => it.handle(3), /a message is a string, not a number/);
    assert.deepEqual(tell("no/such/notification", {}), []);
    assert.match(it.handle('{"jsonrpc":"2.0","id":99,"method":"no/such/request"}').join(), /-32601/);
});

test("require gives the same, beside the engine without it", () => {
    const required = createRequire(import.meta.url)("seaworthy/lsp");
    assert.equal(required.version(), version());
    assert.ok(new required.Lsp().handle("{").length > 0);
});
