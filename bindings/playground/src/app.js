// The page: files in tabs, an engine in a worker, and what that says of them.

import { rules } from "seaworthy";

import { editor } from "./editor.js";
import { example } from "./example.js";
import { list, promises, tooltip } from "./findings.js";
import { fleet } from "./fleet.js";
import { fragment, input } from "./link.js";
import { show as showPage } from "./page.js";
import { indices, places } from "./places.js";
import { count, element } from "./words.js";

const $ = (id) => document.getElementById(id);
const PACKS = ["recommended", "strict", "pss-baseline", "pss-restricted"];
/** The oldest minor version of Kubernetes 1 in the table of schemas; the engine says which is the newest. */
const OLDEST = 11;

/** The files, each with its editor state; `current` is the one that is shown. */
let files = [];
let current;
/** Numbers requests: the answer to an older one is of no use. */
let asked = 0;
let timer;

const pane = editor($("editor"), () => {
    current.text = pane.view.state.doc.toString();
    later();
});

// Files and their tabs.

function open(list) {
    files = list.map(({ name, text }) => file(name, text));
    show(files[0]);
}

function file(name, text) {
    const state = pane.state(text);
    // The editor has one way to end a line; findings are of its text.
    return { name, text: state.doc.toString(), state, counts: {} };
}

function show(it) {
    if (current !== undefined) current.state = pane.view.state;
    current = it;
    pane.show(it.state);
    tabs();
}

function add(name, text) {
    const taken = new Set(files.map((it) => it.name));
    let unique = name;
    for (let at = 2; taken.has(unique); at++) unique = name.replace(/(\.[^.]*)?$/, `-${at}$1`);
    const it = file(unique, text);
    files.push(it);
    return it;
}

function close(it) {
    const at = files.indexOf(it);
    files.splice(at, 1);
    if (files.length === 0) files.push(file("manifest.yaml", ""));
    if (it === current) {
        current = undefined;
        show(files[Math.min(at, files.length - 1)]);
    } else {
        tabs();
    }
    later(0);
}

function rename(it) {
    const name = prompt("The name of the file", it.name)?.trim();
    if (name && !files.some((other) => other !== it && other.name === name)) {
        it.name = name;
        tabs();
        later(0);
    }
}

function tabs() {
    const hadFocus = $("tabs").contains(document.activeElement);
    $("tabs").replaceChildren(
        ...files.map((it) => {
            const isShown = it === current;
            const { error = 0, warning = 0 } = it.counts;
            const said = [error && count(error, "error"), warning && count(warning, "warning")]
                .filter(Boolean)
                .join(", ");
            const keys = (event) => {
                const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
                if (step !== undefined) show(files[(files.indexOf(it) + step + files.length) % files.length]);
                else if (event.key === "F2") rename(it);
                else if (event.key === "Delete") close(it);
                else return;
                event.preventDefault();
                $("tabs").querySelector("[aria-selected=true]").focus();
            };
            const tab = element(
                "button",
                {
                    type: "button",
                    role: "tab",
                    "aria-selected": String(isShown),
                    "aria-controls": "editor",
                    tabindex: isShown ? "0" : "-1",
                    title: `${it.name}${said ? `: ${said}` : ""} (double click or F2 renames)`,
                    click: () => show(it),
                    dblclick: () => rename(it),
                    keydown: keys,
                },
                it.name,
                (error || warning) > 0 &&
                    element(
                        "span",
                        { class: `badge ${error ? "error" : "warning"}`, "aria-label": said },
                        String(error || warning),
                    ),
            );
            const cross = element(
                "button",
                {
                    type: "button",
                    class: "cross",
                    "aria-label": `Close ${it.name}`,
                    tabindex: "-1",
                    click: () => close(it),
                },
                "×",
            );
            return element("span", { class: `tab${isShown ? " shown" : ""}`, role: "presentation" }, tab, cross);
        }),
    );
    const shown = $("tabs").querySelector("[aria-selected=true]");
    shown?.parentElement.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (hadFocus) shown?.focus();
}

// The engine.

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => {
    if (data.newest !== undefined) return versions(data.newest);
    if (data.id !== asked) return;
    if (data.error !== undefined) {
        $("status").textContent = data.error;
        document.body.dataset.state = "failed";
        return;
    }
    answered(data);
};
worker.onerror = () => {
    $("status").textContent = "The engine could not be loaded.";
    document.body.dataset.state = "failed";
};

function options() {
    return {
        kubernetesVersions: wanted ? [wanted] : [],
        packs: [...$("packs").querySelectorAll("input:checked")].map((it) => it.value),
        complete: $("complete").checked,
    };
}

function later(wait = 120) {
    document.body.dataset.state = "checking";
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
}

function ask() {
    asked += 1;
    const today = new Date().toISOString().slice(0, 10);
    const { complete, ...rest } = options();
    // Unchecked says nothing: a Fleet document may say that the set is complete.
    const asks = { ...rest, today, complete: complete ? true : undefined };
    worker.postMessage({ id: asked, files: files.map(({ name, text }) => ({ name, text })), options: asks });
}

function answered({ report: said, fleet: description, took }) {
    for (const it of files) {
        const found = said.diagnostics.filter((finding) => finding.file === it.name);
        const at = places(it.text, found);
        it.counts = sums(found);
        const marks = found.map((finding, number) => ({ ...at[number], ...tooltip(finding, { explain, fix }) }));
        if (it === current) pane.mark(marks);
        else it.state = pane.marked(it.state, marks);
    }
    tabs();
    $("promises").replaceChildren(...promises(said));
    $("findings").replaceChildren(...list(said, { go, explain, fix }));
    $("fleet").replaceChildren(...fleet(description));
    const { objects, errors, warnings } = said.summary;
    $("findings-title").textContent =
        said.diagnostics.length > 0 ? `${count(said.diagnostics.length, "finding")}` : "Findings";
    const words = [count(objects, "object"), count(errors, "error"), count(warnings, "warning")].join(" · ");
    $("status").textContent =
        `${words} · Kubernetes ${said.kubernetesVersions.join(", ")} · ${took.toFixed(took < 10 ? 1 : 0)} ms`;
    document.body.dataset.state = "checked";
    carry();
}

function sums(found) {
    const sum = {};
    for (const { level } of found) sum[level] = (sum[level] ?? 0) + 1;
    return sum;
}

// What people do with findings.

function go(finding) {
    const it = files.find(({ name }) => name === finding.file);
    if (it === undefined) return;
    if (it !== current) show(it);
    const [{ from, to }] = places(it.text, [finding]);
    pane.select(from, to);
    $("editor").scrollIntoView({ block: "nearest" });
}

async function explain(rule) {
    try {
        if (!(await showPage($("page"), rule))) toast(`No rule is called ${rule}`);
    } catch (error) {
        toast(error.message);
    }
}

function fix(finding) {
    for (const it of files) {
        const edits = finding.fix.edits.filter(({ file }) => file === it.name);
        if (edits.length === 0) continue;
        const at = indices(
            it.text,
            edits.flatMap(({ start, end }) => [start, end]),
        );
        const changes = edits.map(({ start, end, text }) => ({ from: at(start), to: at(end), insert: text }));
        if (it === current) {
            pane.view.dispatch({ changes });
        } else {
            it.state = it.state.update({ changes }).state;
            it.text = it.state.doc.toString();
        }
    }
    toast("Fixed; undo takes it back");
    later(0);
}

// The link.

async function carry() {
    const carried = await fragment({ files: files.map(({ name, text }) => ({ name, text })), options: options() });
    // Too long for a link: an older one would lie.
    history.replaceState(null, "", carried ?? location.pathname + location.search);
    return carried;
}

async function share() {
    if ((await carry()) === undefined) return toast("Too much for a link: it would have more than 64,000 characters");
    try {
        await navigator.clipboard.writeText(location.href);
        toast("Link copied: it carries these files");
    } catch {
        toast("The link is in the address bar");
    }
}

async function arrive() {
    if (location.hash.startsWith("#rule=")) return explain(location.hash.slice("#rule=".length));
    const carried = (await input(location.hash)) ?? (files.length === 0 ? example : undefined);
    if (carried === undefined) return undefined;
    for (const box of $("packs").querySelectorAll("input")) box.checked = carried.options.packs.includes(box.value);
    $("complete").checked = carried.options.complete;
    wanted = carried.options.kubernetesVersions[0] ?? "";
    $("version").value = wanted;
    current = undefined;
    open(carried.files);
    later(0);
    return undefined;
}

// What to check for.

/** The version that is asked for; none is the newest. */
let wanted = "";

/** Fills the list of versions, once the engine has said which is the newest. */
function versions(newest) {
    const minor = Number(newest.split(".")[1]);
    const older = Array.from({ length: minor - OLDEST }, (_, at) => `1.${minor - 1 - at}`);
    const option = (value, words) => element("option", { value }, words);
    $("version").replaceChildren(option("", `${newest} (newest)`), ...older.map((it) => option(it, it)));
    $("version").value = wanted;
    $("version").disabled = false;
}

// Opening, dropping, pasting.

async function take(list) {
    const texts = await Promise.all(
        list.map(async (it) => ({ name: it.webkitRelativePath || it.name, text: await it.text() })),
    );
    if (texts.length === 0) return;
    // Untouched, the example makes way.
    const isExample = files.every(({ name, text }) => example.files.some((it) => it.name === name && it.text === text));
    const isBlank = files.every(({ text }) => text.trim() === "");
    if (isExample || isBlank) {
        current = undefined;
        files = [];
    }
    const added = texts.map(({ name, text }) => add(name, text));
    show(added[0]);
    later(0);
}

/** The files of a drop; those of its folders that may be manifests. */
async function dropped(items) {
    const entries = [];
    const found = [];
    for (const it of [...items].filter(({ kind }) => kind === "file")) {
        const entry = it.webkitGetAsEntry?.();
        if (entry) entries.push(entry);
        else found.push(it.getAsFile());
    }
    const walk = async (entry) => {
        if (entry.isFile) {
            if (entries.includes(entry) || /\.(ya?ml|json)$/.test(entry.name)) {
                const it = await new Promise((done, failed) => entry.file(done, failed));
                found.push(new File([it], entry.fullPath.slice(1)));
            }
            return;
        }
        const reader = entry.createReader();
        for (let more; (more = await new Promise((done, failed) => reader.readEntries(done, failed))).length > 0;) {
            for (const it of more) await walk(it);
        }
    };
    for (const entry of entries) await walk(entry);
    return found;
}

function toast(words) {
    $("toast").textContent = words;
    $("toast").hidden = false;
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => ($("toast").hidden = true), 2600);
}

function theme(which) {
    if (which === undefined) return;
    document.documentElement.dataset.theme = which;
    localStorage.setItem("theme", which);
}

$("packs").append(
    ...PACKS.map((pack) =>
        element("label", { class: "chip" }, element("input", { type: "checkbox", value: pack }), pack),
    ),
);
for (const it of [$("packs"), $("complete")]) it.addEventListener("change", () => later(0));
$("version").addEventListener("change", () => {
    wanted = $("version").value;
    later(0);
});
$("share").addEventListener("click", share);
$("add").addEventListener("click", () => {
    show(add("manifest.yaml", ""));
    pane.view.focus();
    later(0);
});
$("open").addEventListener("click", () => $("pick").click());
$("pick").addEventListener("change", async () => {
    await take([...$("pick").files]);
    $("pick").value = "";
});
$("theme").addEventListener("click", () => {
    const isDark = getComputedStyle(document.documentElement).colorScheme.startsWith("dark");
    theme(isDark ? "light" : "dark");
});
theme(localStorage.getItem("theme") ?? undefined);

let depth = 0;
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragenter", (event) => hasFiles(event) && (depth++, ($("drop").hidden = false)), true);
addEventListener("dragleave", (event) => hasFiles(event) && --depth <= 0 && ($("drop").hidden = true), true);
addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault(), true);
addEventListener(
    "drop",
    async (event) => {
        if (!hasFiles(event)) return;
        // Before the editor takes it for text.
        event.preventDefault();
        event.stopPropagation();
        depth = 0;
        $("drop").hidden = true;
        await take(await dropped(event.dataTransfer.items));
    },
    true,
);
$("page").addEventListener("click", (event) => event.target === $("page") && $("page").close());
addEventListener("hashchange", arrive);
// So that a rule's page is there when the network is not.
addEventListener("load", () => rules().catch(() => {}));
arrive().then(() => files.length === 0 && (open(example.files), later(0)));
