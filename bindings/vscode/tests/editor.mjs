// VS Code as a page in a browser, with the extension as people install it and a workspace of the test's own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const TOOLS = resolve(import.meta.dirname, "../../../target/tools");
const { chromium } = createRequire(join(TOOLS, "node/package.json"))("playwright-core");
const ENTRY = join(TOOLS, "vscode/node_modules/code-server/out/node/entry.js");
const QUIET = {
    "telemetry.telemetryLevel": "off",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": false,
    "security.workspace.trust.enabled": false,
};
/** How long anything may take before the test fails. */
const PATIENCE = 30_000;

export class Editor {
    #stops = [];

    /** Opens a workspace of these files, with these settings, in VS Code with the VSIX. */
    static async open({ vsix, files, settings }) {
        const editor = new Editor();
        const home = await mkdtemp(join(tmpdir(), "seaworthy-vscode-"));
        editor.#stops.push(() => rm(home, { recursive: true, force: true }));
        const put = async (path, text) => {
            await mkdir(dirname(join(home, path)), { recursive: true });
            await writeFile(join(home, path), text);
        };
        await put("data/User/settings.json", JSON.stringify({ ...QUIET, ...settings }));
        await put("config.yaml", "");
        for (const [path, text] of Object.entries(files)) {
            await put(`workspace/${path}`, text);
        }
        editor.workspace = join(home, "workspace");
        const at = (path) =>
            ["--config", "config.yaml", "--user-data-dir", "data", "--extensions-dir", "extensions"].concat(path);
        const run = (args) =>
            spawn(process.execPath, [ENTRY, ...at(args)], {
                cwd: home,
                env: { ...process.env, HOME: home, EXTENSIONS_GALLERY: "{}" },
            });
        await said(run(["--install-extension", vsix]), "was successfully installed");
        const port = await freePort();
        const server = run([
            "--auth",
            "none",
            "--bind-addr",
            `127.0.0.1:${port}`,
            "--disable-telemetry",
            "--disable-update-check",
            "--disable-workspace-trust",
            "workspace",
        ]);
        editor.#stops.push(async () => {
            server.kill();
            await once(server, "exit");
        });
        await said(server, "HTTP server listening");
        const browser = await chromium.launch({
            executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
            args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        });
        editor.#stops.push(() => browser.close());
        editor.page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
        editor.page.setDefaultTimeout(PATIENCE);
        await editor.page.goto(`http://127.0.0.1:${port}/?folder=${editor.workspace}`);
        await editor.page.waitForSelector(".monaco-workbench");
        return editor;
    }

    async close() {
        for (const stop of this.#stops.splice(0).reverse()) {
            await stop();
        }
    }

    /** Runs a command of the palette by its title. */
    async command(title) {
        await this.#pick("F1", `>${title}`, title);
    }

    /** Chooses one of what a command offers. */
    async choose(words) {
        await this.#fill(words, words);
    }

    /** Waits for a preview of Markdown that holds these words, and gives all of it. */
    async preview(words) {
        const inner = this.page
            .frameLocator("iframe.webview.ready")
            .last()
            .frameLocator("#active-frame")
            .locator("body");
        await inner.filter({ hasText: words }).waitFor();
        return inner.innerText();
    }

    /** Changes a file on disk, as another program would. */
    async write(file, text) {
        await writeFile(join(this.workspace, file), text);
    }

    /** Opens a file of the workspace. */
    async show(file) {
        await this.#pick("Control+P", file, file);
        await this.page.waitForSelector(`.tab.active[data-resource-name="${file.split("/").pop()}"]`);
        await this.page.waitForSelector(".monaco-editor .view-line");
    }

    async #pick(key, words, offered) {
        await this.page.keyboard.press(key);
        await this.#fill(words, offered);
    }

    async #fill(words, offered) {
        await this.page.locator(".quick-input-widget input.input").fill(words);
        await this.page.locator(".quick-input-list .monaco-list-row.focused", { hasText: offered }).waitFor();
        await this.page.keyboard.press("Enter");
    }

    /** Waits for a squiggle of a severity, and gives the text above it and its middle. */
    async squiggle(severity) {
        await this.page.waitForSelector(`.squiggly-${severity}`);
        return this.page.evaluate((severity) => {
            const box = document.querySelector(`.squiggly-${severity}`).getBoundingClientRect();
            const walker = document.createTreeWalker(document.querySelector(".view-lines"), NodeFilter.SHOW_TEXT);
            let text = "";
            while (walker.nextNode()) {
                for (let at = 0; at < walker.currentNode.length; at++) {
                    const range = document.createRange();
                    range.setStart(walker.currentNode, at);
                    range.setEnd(walker.currentNode, at + 1);
                    const { left, right, top, bottom } = range.getBoundingClientRect();
                    const x = (left + right) / 2;
                    const y = (top + bottom) / 2;
                    if (box.left < x && x < box.right && box.top - 2 < y && y < box.bottom + 2) {
                        text += walker.currentNode.data[at];
                    }
                }
            }
            return { text, x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
        }, severity);
    }

    /** Waits until there is no squiggle of a severity. */
    async clean(severity) {
        await this.page.waitForSelector(`.squiggly-${severity}`, { state: "detached" });
    }

    /** Where a word stands in the editor. */
    async word(word) {
        const line = this.page.locator(".view-line span span", { hasText: word }).first();
        const box = await line.boundingBox();
        return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    }

    /** What the editor says about a place under the mouse, once it says these words. */
    async hover({ x, y }, words) {
        await this.page.mouse.move(x, y - 40);
        await this.page.mouse.move(x, y, { steps: 4 });
        const hover = this.page.locator(".monaco-hover:visible", { hasText: words }).first();
        await hover.waitFor();
        return hover.innerText();
    }

    /** Clicks on the name of a rule in what the mouse shows, and waits for the rule's page. */
    async follow(rule) {
        await this.page.locator(".monaco-hover:visible a", { hasText: rule }).first().click();
        await this.page.waitForSelector(`.tab.active[data-resource-name="${rule}.md"]`);
    }

    /** Applies the quick fix of this title at a place. */
    async fix({ x, y }, title) {
        await this.page.mouse.click(x, y);
        await this.page.keyboard.press("Escape");
        // Asked before it knows of one, the editor says that there is none.
        await this.page
            .locator('[class*="codicon"]:is([class*="lightbulb"], [class*="light-bulb"]):visible')
            .first()
            .waitFor();
        await this.page.keyboard.press("Control+.");
        const rows = this.page.locator(".action-widget .monaco-list-row.action");
        await rows.first().waitFor();
        for (let left = await rows.count(); left > 0; left--) {
            if (await rows.and(this.page.locator(".focused")).filter({ hasText: title }).count()) {
                return this.page.keyboard.press("Enter");
            }
            await this.page.keyboard.press("ArrowDown");
        }
        throw new Error(`no \`${title}\` among ${await rows.allInnerTexts()}`);
    }

    /** The lines on the screen. */
    async text() {
        const lines = await this.page.locator(".monaco-editor .view-line").allInnerTexts();
        return lines.join("\n").replaceAll("\u00a0", " ");
    }
}

async function freePort() {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address();
    server.close();
    await once(server, "close");
    return port;
}

/** Waits until a program says words; it fails with what it said instead. */
async function said(program, words) {
    let all = "";
    for (const stream of [program.stdout, program.stderr]) {
        stream.on("data", (data) => (all += data));
    }
    while (!all.includes(words)) {
        const ended = await Promise.race([
            once(program.stdout, "data").then(() => false),
            once(program, "close").then(() => true),
        ]);
        if (ended && !all.includes(words)) {
            throw new Error(`code-server ended without "${words}":\n${all}`);
        }
    }
}
