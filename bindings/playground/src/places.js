// Bytes of UTF-8, as findings count, become UTF-16 units, as editors do.

/** The index into `text` of each offset in bytes. */
export function indices(text, offsets) {
    const found = new Map();
    let byte = 0;
    let at = 0;
    for (const offset of [...new Set(offsets)].sort((a, b) => a - b)) {
        while (byte < offset && at < text.length) {
            const code = text.codePointAt(at);
            byte += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
            at += code < 0x10000 ? 1 : 2;
        }
        found.set(offset, at);
    }
    return (offset) => found.get(offset) ?? text.length;
}

/** Where the findings of a file lie in its text: for each, `from` and `to`. */
export function places(text, findings) {
    const at = indices(
        text,
        findings.flatMap(({ span }) => [span.start.offset, span.end.offset]),
    );
    return findings.map(({ span }) => ({ from: at(span.start.offset), to: at(span.end.offset) }));
}
