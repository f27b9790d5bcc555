// The page of a rule, in a dialog: Markdown of headings, paragraphs, lists and code.

import { rules } from "seaworthy";

import { element, inline } from "./words.js";

/** Shows the page of a rule; false if there is none of this name. */
export async function show(dialog, id) {
    const rule = (await rules()).find((it) => it.id === id);
    if (rule === undefined) return false;
    const levels = [rule.level, ...Object.entries(rule.packs).map(([pack, level]) => `${pack}: ${level}`)].join(", ");
    const text = dialog.querySelector("article");
    text.replaceChildren(
        element("h2", { id: "page-title" }, rule.id),
        element("p", { class: "meta" }, `${rule.category} · ${levels} · since ${rule.since}`),
        ...blocks(rule.page.split("\n").slice(1)),
    );
    dialog.showModal();
    dialog.scrollTop = 0;
    return true;
}

/** A line of an example, in which the expected finding stands out. */
function marked(line) {
    const [, before, comment, level] = /^(.*?)(# (error|warning|info): .*)$/.exec(line) ?? [];
    return comment === undefined
        ? `${line}\n`
        : [before, element("span", { class: `expected ${level}` }, comment), "\n"];
}

function blocks(lines) {
    const out = [];
    for (let at = 0; at < lines.length; at++) {
        const line = lines[at];
        if (line.startsWith("```")) {
            const end = lines.indexOf("```", at + 1);
            out.push(element("pre", { tabindex: "0" }, element("code", {}, lines.slice(at + 1, end).flatMap(marked))));
            at = end;
        } else if (line.startsWith("#")) {
            out.push(element("h3", {}, inline(line.replace(/^#+ /, ""))));
        } else if (line.startsWith("- ")) {
            const items = [];
            for (; lines[at]; at++) {
                if (lines[at].startsWith("- ")) items.push(lines[at].slice(2));
                else items.push(`${items.pop()} ${lines[at].trim()}`);
            }
            out.push(
                element(
                    "ul",
                    {},
                    items.map((it) => element("li", {}, inline(it))),
                ),
            );
        } else if (line !== "") {
            let text = line;
            while (lines[at + 1] && !/^(```|#|- )/.test(lines[at + 1])) text += ` ${lines[++at]}`;
            out.push(element("p", {}, inline(text)));
        }
    }
    return out;
}
