// Elements out of words.

/** An element with attributes and children; a child that is a string is text, and nothing is markup. */
export function element(tag, attributes = {}, ...children) {
    const it = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === "function") it.addEventListener(name, value);
        else if (value !== undefined && value !== false) it.setAttribute(name, value === true ? "" : value);
    }
    it.append(...children.flat().filter((child) => child !== undefined && child !== false));
    return it;
}

/** A text in which what stands between backquotes is code. */
export function inline(text) {
    return text
        .split("`")
        .map((part, at) => (at % 2 === 1 ? element("code", {}, part) : part))
        .filter((it) => it !== "");
}

/** `1 error`, `2 errors`. */
export function count(number, noun) {
    return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

const SHAPES = {
    error:
        "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1z" +
        "M5.3 4.2 8 6.9l2.7-2.7 1.1 1.1L9.1 8l2.7 2.7-1.1 1.1L8 9.1l-2.7 2.7-1.1-1.1L6.9 8 4.2 5.3z",
    warning: "M8 1.2 15.4 14H.6zM7.25 6v4h1.5V6zm0 5v1.5h1.5V11z",
    info: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm-.75 3h1.5v1.6h-1.5zm0 3h1.5v5h-1.5z",
    none: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zM4.5 7.2h7v1.6h-7z",
    fine: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm3.4 4.3 1.1 1.1-5.2 5.2-3-3 1-1.1 2 2z",
};

/** The sign of a level, with its name for whoever does not see it. */
export function sign(level, label = level) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("class", `sign ${level}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", SHAPES[level]);
    path.setAttribute("fill-rule", "evenodd");
    svg.append(path);
    return svg;
}
