// Findings as a list, as tooltips in the editor, and summed up as the three promises.

import { count, element, inline, sign } from "./words.js";

/** What people ask, and the categories of rules that answer. */
const PROMISES = [
    ["Accepted?", "what the API server says", ["syntax", "api", "admission"]],
    [
        "Will it run?",
        "references, volumes, probes, scaling",
        ["reference", "storage", "network", "workload", "scheduling", "scaling"],
    ],
    ["As meant?", "security, images, declared architecture", undefined],
];

/** The three promises with what speaks against each. */
export function promises(report) {
    const known = PROMISES.flatMap(([, , categories]) => categories ?? []);
    return PROMISES.map(([question, about, categories]) => {
        const found = report.diagnostics.filter(
            (it) => (categories ?? []).includes(it.category) || (!categories && !known.includes(it.category)),
        );
        const of = (level) => found.filter((it) => it.level === level).length;
        const [errors, warnings, infos] = [of("error"), of("warning"), of("info")];
        const isEmpty = report.summary.objects === 0;
        const level = errors ? "error" : warnings ? "warning" : infos ? "info" : isEmpty ? "none" : "fine";
        const said = [
            [errors, "error"],
            [warnings, "warning"],
            [infos, "note"],
        ].filter(([number]) => number > 0);
        const nothing = isEmpty ? "nothing yet" : "nothing against it";
        const answer =
            said
                .slice(0, 2)
                .map(([number, noun]) => count(number, noun))
                .join(", ") || nothing;
        return element(
            "li",
            { class: `promise ${level}` },
            sign(level, level === "fine" ? "fine" : level),
            element(
                "div",
                {},
                element("strong", {}, question),
                element("span", { class: "answer" }, answer),
                element("span", { class: "about" }, about),
            ),
        );
    });
}

/** The list; `go` leads to a finding, `explain` to a rule's page. */
export function list(report, { go, explain, fix }) {
    const { diagnostics, unknown, skipped, suppressed } = report;
    if (diagnostics.length === 0 && report.summary.objects > 0) {
        return [
            element(
                "p",
                { class: "empty" },
                sign("fine"),
                `Nothing to say about ${count(report.summary.objects, "object")}.`,
            ),
            ...rest(unknown, skipped, suppressed),
        ];
    }
    if (diagnostics.length === 0) {
        return [
            element("p", { class: "empty" }, "Paste a manifest, or drop files anywhere on this page."),
            ...rest(unknown, skipped, suppressed),
        ];
    }
    const items = diagnostics.map((it) =>
        element(
            "li",
            { class: `finding ${it.level}` },
            sign(it.level),
            element(
                "div",
                {},
                element("button", { type: "button", class: "go", click: () => go(it) }, inline(it.message)),
                it.help !== undefined && element("p", { class: "help" }, inline(it.help)),
                element(
                    "p",
                    { class: "meta" },
                    element("span", { class: "place" }, `${it.file}:${it.span.start.line}`),
                    link(it.rule, explain),
                    it.fix !== undefined &&
                        element(
                            "button",
                            { type: "button", class: "fix", click: () => fix(it) },
                            `Fix: ${it.fix.title.replaceAll("`", "")}`,
                        ),
                ),
            ),
        ),
    );
    return [element("ol", { class: "findings" }, items), ...rest(unknown, skipped, suppressed)];
}

function link(rule, explain) {
    const open = (event) => {
        event.preventDefault();
        explain(rule);
    };
    return element("a", { href: `#rule=${rule}`, class: "rule", title: "The rule's page", click: open }, rule);
}

function rest(unknown, skipped, suppressed) {
    const part = (title, items) =>
        items.length > 0 &&
        element("details", { class: "rest" }, element("summary", {}, title), element("ul", {}, items));
    return [
        part(
            `${count(unknown.length, "reference")} may be met outside these files`,
            unknown.map((it) =>
                element(
                    "li",
                    {},
                    inline(it.refersTo),
                    element("span", { class: "place" }, ` ${it.file}:${it.span.start.line}`),
                    ` – ${it.why}`,
                ),
            ),
        ),
        part(
            `${count(suppressed.length, "finding")} accepted`,
            suppressed.map((it) =>
                element("li", {}, inline(it.finding.message), it.reason !== undefined && ` – ${it.reason}`),
            ),
        ),
        part(
            `${count(skipped.length, "part")} not looked at`,
            skipped.map((it) => element("li", {}, element("span", { class: "place" }, `${it.file} `), inline(it.why))),
        ),
    ].filter(Boolean);
}

/** A finding as the editor shows it. */
export function tooltip(it, { explain, fix }) {
    return {
        severity: it.level,
        message: it.message,
        renderMessage: () =>
            element(
                "div",
                { class: "tip" },
                element("p", { class: "message" }, inline(it.message)),
                it.help !== undefined && element("p", { class: "help" }, inline(it.help)),
                element("p", { class: "meta" }, link(it.rule, explain)),
            ),
        actions:
            it.fix === undefined ? [] : [{ name: `Fix: ${it.fix.title.replaceAll("`", "")}`, apply: () => fix(it) }],
    };
}
