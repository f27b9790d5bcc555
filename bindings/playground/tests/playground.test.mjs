// The playground in Chromium, as somebody uses it. `cargo xtask playground` runs this where chromium is there, and says
// where the page lies and where the tools do.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { example } from "../src/example.js";
import { indices } from "../src/places.js";

const { PLAYGROUND, NODE_MODULES } = process.env;
const TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".json": "application/json",
};

/** A server of static files and nothing else. */
const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = join(PLAYGROUND, normalize(pathname === "/" ? "/index.html" : pathname));
    try {
        const body = await readFile(path);
        response.setHeader("content-type", TYPES[extname(path)]);
        response.end(body);
    } catch {
        response.writeHead(404).end();
    }
});

/** A pod and a node that it does not want. */
const UNPLACEABLE = `apiVersion: v1
kind: Node
metadata: {name: a}
status: {allocatable: {cpu: "2", memory: 4Gi, pods: "10"}}
---
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {nodeSelector: {disk: ssd}, containers: [{name: a, image: "a:1"}]}
`;

let browser;
let origin;
let context;
let page;
/** What the page asked for, and what went wrong in it. */
let asked;
let wrong;

before(async () => {
    const { chromium } = createRequire(join(NODE_MODULES, "any.js"))("playwright-core");
    const executablePath = execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
    const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    origin = `http://127.0.0.1:${server.address().port}`;
    browser = await chromium.launch({ executablePath, args });
});

after(async () => {
    await browser?.close();
    server.close();
});

beforeEach(async () => {
    [asked, wrong] = [[], []];
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
    context.on("request", (request) => asked.push(request.url()));
    page = await context.newPage();
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on(
        "console",
        (message) => message.type() === "error" && wrong.push(`${message.text()} ${message.location().url}`),
    );
});

afterEach(async () => {
    await context.close();
    assert.deepEqual(wrong, []);
    assert.deepEqual(
        asked.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith("data:")),
        [],
        "left the folder",
    );
});

async function visit(fragment = "") {
    await page.goto(`${origin}/${fragment}`);
    await checked();
}

const checked = () => page.waitForSelector("[data-state=checked]", { timeout: 60_000 });

/** Puts a text in the place of the one that is shown, and waits for the answer. */
async function type(text) {
    await page.click(".cm-content");
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.insertText(text);
    await page.waitForSelector("[data-state=checking]");
    await checked();
}

const squiggles = (level) => page.locator(`.cm-lintRange-${level}`).allTextContents();

/** The text of an element as it is seen, blanks as one. */
const words = async (selector) => (await page.innerText(selector)).replace(/\s+/g, " ").trim();

test("findings stand under the right words, in a list, and beside the fleet", async () => {
    await visit();
    assert.deepEqual(await squiggles("error"), ["database-url", "256mi"]);
    assert.equal(await page.locator(".cm-lint-marker-error").count(), 2);
    const rules = await page.locator("#findings .rule").allTextContents();
    assert.ok(rules.includes("service-selects-nothing") && rules.includes("storage-class-missing"), rules.join());
    assert.match(await words("#fleet"), /shop Deployment × 3 Burstable/);
    assert.match(await words("#fleet"), /data-orders-0 can never bind/);
    assert.match(await words("#promises"), /Accepted\? 1 error .*Will it run\? 4 errors, 2 warnings/);
    assert.match(await words("#status"), /^6 objects · 5 errors · 2 warnings · Kubernetes 1\.\d+ · /);
});

test("a tooltip says what is wrong and what to do, and leads to the rule's page", async () => {
    await visit();
    await page.locator(".cm-lintRange-error").first().hover();
    const tip = page.locator(".cm-tooltip .cm-diagnostic");
    await tip.waitFor();
    assert.match(
        await tip.textContent(),
        /ConfigMap shop has no key database-url.*did you mean database_url\?.*config-map-missing/s,
    );
    await tip.locator(".rule").click();
    await page.waitForSelector("dialog[open] h2");
    assert.equal(await words("#page-title"), "config-map-missing");
    assert.match(await words("#page-text"), /The container never starts.*Flagged/);
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog:not([open])", { state: "attached" });
});

test("a finding in another file opens it at the word", async () => {
    await visit();
    await page.locator("#findings .go", { hasText: "selects nothing" }).click();
    assert.match(await words("[role=tab][aria-selected=true]"), /^network\.yaml/);
    assert.equal(await page.evaluate(() => getSelection().toString()), "shopp");
});

test("a fix is applied, in a file that is not shown too, and undone", async () => {
    await visit();
    await page.locator("#findings .fix", { hasText: "select app=shop" }).click();
    await page.waitForFunction(() => !document.querySelector("#findings").textContent.includes("selects nothing"));
    assert.match(await words("#fleet"), /shop :80 public/);
    await page.locator(".cm-lintRange-error").first().hover();
    await page.locator(".cm-diagnosticAction").click();
    await page.waitForFunction(() => !document.querySelector("#findings").textContent.includes("has no key"));
    assert.deepEqual(await squiggles("error"), ["256mi"]);
    await page.click(".cm-content");
    await page.keyboard.press("ControlOrMeta+z");
    await page.waitForFunction(() => document.querySelector("#findings").textContent.includes("has no key"));
});

test("surrogate pairs and combining characters do not move the squiggle", async () => {
    await visit();
    await type("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {e\u0301: '🦀🦀'}, nmae: b}\n");
    assert.deepEqual(await squiggles("error"), ["nmae"]);
    const text = "é🦀e\u0301x";
    const at = indices(text, [0, 2, 6, 7, 9, 10, 99]);
    assert.deepEqual([0, 2, 6, 7, 9, 10, 99].map(at), [0, 1, 3, 4, 5, 6, 6]);
});

test("versions and packs are obeyed", async () => {
    await visit();
    const ingress =
        "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: a}\nspec: {rules: [{host: a.example.com}]}\n";
    await type(ingress);
    assert.match(await words("#findings"), /extensions\/v1beta1/);
    await page.selectOption("#version", "1.16");
    await page.waitForFunction(() => document.querySelector("#status").textContent.includes("Kubernetes 1.16"));
    assert.equal(await page.locator(".finding.error .rule", { hasText: "removed-api" }).count(), 0);
    const before = await page.locator(".finding").count();
    await page.locator("#packs .chip", { hasText: /^strict$/ }).click();
    await page.waitForFunction((before) => document.querySelectorAll(".finding").length > before, before);
});

test("the link carries the input", async () => {
    await visit();
    await type("apiVersion: v1\nkind: Pod\nmetadata: {name: über-🦀}\nspec: {}\n");
    await page.locator("#packs .chip", { hasText: "pss-restricted" }).click();
    await page.waitForFunction(
        () => document.body.dataset.state === "checked" && document.querySelector("#packs :checked"),
    );
    await page.click("#share");
    await page.waitForSelector("#toast:not([hidden])");
    const link = page.url();
    assert.match(link, /#in=[A-Za-z0-9_-]+$/);
    const list = await words("#findings");
    page = await context.newPage();
    await page.goto(link);
    await checked();
    assert.match(await words(".cm-content"), /über-🦀/);
    assert.equal(await words("#findings"), list);
    assert.equal(await page.isChecked("#packs input[value=pss-restricted]"), true);
    assert.equal(await page.locator("[role=tab]").count(), example.files.length);
});

test("a link that carries nothing readable shows the example", async () => {
    for (const fragment of ["#in=", "#in=AAAA", "#in=%%%", "#in=q1YqLkksKS1WslIqzy_KSVGqBQA", "#other"]) {
        await visit(fragment);
        assert.match(await words("[role=tab][aria-selected=true]"), /^shop\.yaml/, fragment);
        await page.goto("about:blank");
    }
});

test("files are dropped, opened, renamed and closed; what they hold is text", async () => {
    await visit();
    const transfer = await page.evaluateHandle(() => {
        const it = new DataTransfer();
        it.items.add(
            new File(
                ["apiVersion: v1\r\nkind: Service\r\nmetadata: {name: a, nmae: b}\r\n"],
                "<img src=x onerror=alert(1)>.yaml",
            ),
        );
        it.items.add(new File(["a: <b>1</b>"], "b.yaml"));
        return it;
    });
    for (const kind of ["dragenter", "dragover", "drop"])
        await page.dispatchEvent("main", kind, { dataTransfer: transfer });
    await page.waitForFunction(() => document.querySelectorAll("[role=tab]").length === 2);
    await checked();
    assert.ok((await squiggles("error")).includes("nmae"));
    assert.equal(await page.locator("img[src=x]").count(), 0);
    page.on("dialog", (dialog) => dialog.accept("named.yaml"));
    await page.focus("[role=tab][aria-selected=true]");
    await page.keyboard.press("F2");
    await page.waitForFunction(() => document.querySelector("#findings").textContent.includes("named.yaml:3"));
    await page.keyboard.press("ArrowRight");
    assert.match(await words("[role=tab][aria-selected=true]"), /^b\.yaml/);
    await page.keyboard.press("Delete");
    await page.keyboard.press("Delete");
    await page.waitForFunction(() => document.querySelector("#findings").textContent.includes("Paste a manifest"));
    assert.equal(await page.locator("[role=tab]").count(), 1);
});

test("once loaded, it works without any network", async () => {
    const rest = context.waitForEvent("requestfinished", (request) => request.url().endsWith("/rest.wasm"));
    await visit();
    await page.waitForFunction(() =>
        performance.getEntriesByType("resource").some((it) => it.name.endsWith("rules.json")),
    );
    await rest;
    await context.setOffline(true);
    await type("apiVersion: v1\nkind: Pod\nmetadata: {nmae: a}\n");
    assert.ok((await squiggles("error")).includes("nmae"));
    assert.deepEqual([...new Set(asked.map((url) => new URL(url).pathname))].sort(), [
        "/",
        "/app.js",
        "/icon.svg",
        "/rest.wasm",
        "/rules.json",
        "/seaworthy.wasm",
        "/style.css",
        "/worker.js",
    ]);
    await page.locator("#findings .rule").first().click();
    await page.waitForSelector("dialog[open] h2");
});

test("what wants the rest of the engine does not wait until that comes by itself", async () => {
    const rests = [];
    await context.route("**/rest.wasm", (route) => rests.push(route) === 1 || route.continue());
    await visit();
    await type(UNPLACEABLE);
    assert.ok((await page.locator("#findings .rule").allTextContents()).includes("pod-unschedulable"));
    assert.equal(rests.length, 2);
    await rests[0].continue();
});

test("the keyboard is enough", async () => {
    await visit();
    await page.keyboard.press("Tab");
    assert.equal(await words(":focus"), "To the findings");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    assert.match(await words(":focus"), /has no key/);
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => getSelection().toString()), "database-url");
    await page.keyboard.press("F8");
    assert.equal(await page.evaluate(() => getSelection().toString()), "256mi");
});

test("light, dark and narrow", async () => {
    await visit();
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.click("#theme");
    const dark = await ground();
    assert.notEqual(dark, light);
    await page.reload();
    await checked();
    assert.equal(await ground(), dark, "it is kept");
    await page.evaluate(() => localStorage.clear());
    await page.emulateMedia({ colorScheme: "dark" });
    await page.reload();
    await checked();
    assert.equal(await ground(), dark, "as the system has it");
    for (const width of [360, 768, 1100]) {
        await page.setViewportSize({ width, height: 780 });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${wide} of ${width}`);
        const small = await page.evaluate(() =>
            [...document.querySelectorAll("button, select")]
                .filter((it) => {
                    const { width, height } = it.getBoundingClientRect();
                    return width > 0 && height < 18;
                })
                .map((it) => it.outerHTML),
        );
        assert.deepEqual(small, [], "too small for a finger");
    }
});
