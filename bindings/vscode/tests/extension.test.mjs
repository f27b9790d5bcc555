// The extension in VS Code, as people use it: once where it runs in Node, once where it runs in the browser.
// usage: node --test tests/extension.test.mjs, with VSIX in the environment

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import test from "node:test";

import { Editor } from "./editor.mjs";

const { VSIX } = process.env;
const PICTURES = resolve(import.meta.dirname, "../../../target/dist/vscode-pictures");

const deployment = (name) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.2.3
          imagePullPolcy: IfNotPresent
`;
const service = (app) => `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: ${app}
  ports:
    - port: 80
`;

const FILES = {
    "deployment.yaml": deployment("web"),
    "service.yaml": service("wbe"),
    ".gitignore": "/rendered\n",
    "rendered/service.yaml": service("web"),
    ".hidden/service.yaml": service("web"),
};

const HOSTS = { node: ["workspace"], browser: ["web"] };

/** What a person does, one after the other. */
const STEPS = {
    "a squiggle under the word that is wrong, and the page of the rule under the mouse": async (editor, picture) => {
        await editor.show("deployment.yaml");
        const found = await editor.squiggle("error");
        assert.equal(found.text, "imagePullPolcy");
        const words = await editor.hover(found, "unknown-field");
        assert.match(words, /imagePullPolicy/);
        await picture("finding");
        await editor.follow("unknown-field");
        assert.match(await editor.preview("A field that the type does not have"), /Flagged/);
        await editor.show("deployment.yaml");
    },
    "a quick fix": async (editor, picture) => {
        const found = await editor.squiggle("error");
        await editor.fix(found, "imagePullPolicy");
        await editor.clean("error");
        assert.match(await editor.text(), /imagePullPolicy: IfNotPresent/);
        await picture("fixed");
    },
    "what a field is for": async (editor, picture) => {
        const words = await editor.hover(await editor.word("imagePullPolicy"), "Image pull policy.");
        assert.match(words, /One of/);
        await picture("field");
    },
    "a Service that selects nothing: Git ignores what it would select, and what is hidden does not count": async (
        editor,
    ) => {
        await editor.show("service.yaml");
        const found = await editor.squiggle("error");
        assert.equal(found.text, "wbe");
    },
    "a file that comes to the disk": async (editor) => {
        await editor.write("other.yaml", deployment("other").replaceAll("app: web", "app: wbe"));
        await editor.clean("error");
    },
    "the fleet as tables": async (editor, picture) => {
        await editor.command("Seaworthy: Describe Fleet");
        const page = await editor.preview("Deployment/web");
        assert.match(page, /web :80/);
        await picture("fleet");
    },
    "the page of a rule": async (editor, picture) => {
        await editor.command("Seaworthy: Explain Rule");
        await editor.choose("service-selects-nothing");
        assert.match(await editor.preview("matches no pod"), /Flagged/);
        await picture("rule");
    },
    "all findings of the workspace": async (editor, picture) => {
        await editor.command("Seaworthy: Check Workspace");
        await editor.page.locator(".markers-panel .monaco-list-row", { hasText: "probes" }).first().waitFor();
        await picture("problems");
    },
};

for (const [host, kind] of Object.entries(HOSTS)) {
    test(`in the extension host of ${host}`, async (context) => {
        const settings = { "remote.extensionKind": { "seaworthy.seaworthy": kind }, "seaworthy.complete": true };
        const editor = await Editor.open({ vsix: VSIX, files: FILES, settings });
        const picture = async (name) => {
            await mkdir(PICTURES, { recursive: true });
            await editor.page.screenshot({ path: `${PICTURES}/${host}-${name}.png` });
        };
        try {
            for (const [name, step] of Object.entries(STEPS)) {
                let failure;
                await context.test(name, () =>
                    step(editor, picture).catch((error) => {
                        failure = error;
                        throw error;
                    }),
                );
                if (failure) {
                    await picture("failure");
                    break;
                }
            }
        } finally {
            await editor.close();
        }
    });
}
