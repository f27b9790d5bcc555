// The link that carries the input: JSON, deflated, in the fragment, which no browser sends to a server.

const PREFIX = "#in=";

/** A longer link is cut somewhere on its way. */
const LONGEST = 64_000;

/** The fragment for an input; none if it would be too long. */
export async function fragment(input) {
    const bytes = await through(new TextEncoder().encode(JSON.stringify(input)), new CompressionStream("deflate-raw"));
    let binary = "";
    for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    const text = PREFIX + btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    return text.length <= LONGEST ? text : undefined;
}

/** The input that a fragment carries; none if it carries none that can be read. */
export async function input(fragment) {
    if (!fragment.startsWith(PREFIX)) return undefined;
    try {
        const binary = atob(fragment.slice(PREFIX.length).replace(/-/g, "+").replace(/_/g, "/"));
        const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
        return sound(
            JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw")))),
        );
    } catch {
        return undefined;
    }
}

async function through(bytes, stream) {
    const piped = new Blob([bytes]).stream().pipeThrough(stream);
    return new Uint8Array(await new Response(piped).arrayBuffer());
}

/** What came over a link is anybody's: only what has the right form is taken. */
function sound(it) {
    const isFile = (file) => typeof file?.name === "string" && typeof file?.text === "string";
    if (!Array.isArray(it?.files) || it.files.length === 0 || !it.files.every(isFile)) return undefined;
    const { kubernetesVersions = [], packs = [], complete = false } = it.options ?? {};
    const texts = (list) => (Array.isArray(list) ? list.filter((text) => typeof text === "string") : []);
    return {
        files: it.files.map(({ name, text }) => ({ name, text })),
        options: { kubernetesVersions: texts(kubernetesVersions), packs: texts(packs), complete: complete === true },
    };
}
