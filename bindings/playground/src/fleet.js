// The fleet, as the model understood it.

import { element, inline } from "./words.js";

/** Who can reach it, from the closest to the farthest. */
const REACH = {
    cluster: "inside the cluster",
    node: "from the nodes' network",
    internal: "from the internal network",
    public: "from the internet",
};

export function fleet({ workloads, services, claims }) {
    if (workloads.length + services.length + claims.length === 0) {
        return [element("p", { class: "empty" }, "No workloads, Services or claims.")];
    }
    const unselected = services.filter((it) => it.selects.length === 0);
    return [
        workloads.length > 0 && element("ul", { class: "cards" }, workloads.map(workload)),
        unselected.length > 0 && element("ul", { class: "cards" }, unselected.map(lonely)),
        claims.length > 0 && element("ul", { class: "cards" }, claims.map(claim)),
    ].filter(Boolean);
}

function title(object, ...marks) {
    const namespace =
        object.namespace !== undefined &&
        object.namespace !== "default" &&
        element("span", { class: "kind" }, `in ${object.namespace}`);
    return element(
        "p",
        { class: "title" },
        element("strong", {}, object.name),
        element("span", { class: "kind" }, object.kind),
        namespace,
        marks,
    );
}

function mark(text, tone, why) {
    return element("span", { class: `mark ${tone}`, title: why }, text);
}

function workload(it) {
    const tone = { Guaranteed: "good", Burstable: "", BestEffort: "poor" }[it.qosClass];
    return element(
        "li",
        { class: "card" },
        title(
            it.object,
            it.replicas !== null && it.replicas !== undefined && mark(`× ${it.replicas}`, "", "pods"),
            mark(it.qosClass, tone, it.why || "requests equal limits, for cpu and memory"),
        ),
        it.reachedBy.length === 0 && element("p", { class: "row faint" }, "no Service selects its pods"),
        it.reachedBy.map((reach) =>
            element(
                "p",
                { class: "row" },
                arrow("in"),
                element(
                    "span",
                    {},
                    element("b", {}, reach.service),
                    ` ${reach.ports.map((port) => `:${port}`).join(" ")}`,
                ),
                mark(
                    reach.exposure,
                    reach.exposure === "public" ? "public" : "",
                    `can be reached ${REACH[reach.exposure]}: ${reach.by}`,
                ),
            ),
        ),
        it.state.map((line) =>
            element(
                "p",
                { class: `row${/never|lost|not in/.test(line) ? " bad" : ""}` },
                disk(),
                element("span", {}, inline(line)),
            ),
        ),
    );
}

function lonely(it) {
    return element(
        "li",
        { class: "card" },
        title(
            it.object,
            mark(it.kind, ""),
            mark(it.exposure, it.exposure === "public" ? "public" : "", `can be reached ${REACH[it.exposure]}`),
        ),
        element("p", { class: "row bad" }, arrow("out"), "selects no pods"),
    );
}

function claim(it) {
    const tone = { bound: "good", provisioned: "good", waits: "", pending: "poor", unknown: "" }[it.verdict];
    return element(
        "li",
        { class: "card" },
        element(
            "p",
            { class: "title" },
            element("strong", {}, it.claim.replace(/^default\//, "")),
            element("span", { class: "kind" }, "claim"),
            mark(it.verdict, tone, it.message),
        ),
        element("p", { class: "row" }, disk(), element("span", {}, it.asks)),
        it.owner !== null && element("p", { class: "row faint" }, `made for ${it.owner}`),
    );
}

const icon = (d) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("class", "glyph");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    svg.append(path);
    return svg;
};

const arrow = (way) =>
    icon(way === "in" ? "M1.5 8h9M7 4.5 10.5 8 7 11.5M13.5 3v10" : "M2.5 3v10M5.5 8h9M11 4.5 14.5 8 11 11.5");
const disk = () =>
    icon(
        "M2.5 4.5c0-1.1 2.5-2 5.5-2s5.5.9 5.5 2v7c0 1.1-2.5 2-5.5 2s-5.5-.9-5.5-2z" +
            "M2.5 4.5c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2",
    );
