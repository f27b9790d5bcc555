export * from "./index.js";

/**
 * The language server, without a transport: JSON-RPC as text in, as text out.
 *
 * It reads no files. What lies on disk is told by the notification `seaworthy/files`:
 * `{"files": [{"uri": "…", "text": "…"}]}`, with `null` for a text that is gone.
 */
export class Lsp {
    /** `settings` are those of the editor; what the client says later beats them. */
    constructor(settings?: Record<string, unknown>);

    /**
     * Takes what Kubernetes says of its fields, `descriptions.zlib` of this package: hover and completion repeat it.
     *
     * @throws {Error} if it is something else
     */
    describe(descriptions: Uint8Array): void;

    /**
     * What is said to a message: its answer, and notifications.
     *
     * @throws {Error} if the engine broke down, now or before: begin another server, and open the documents there
     */
    handle(message: string): string[];

    /**
     * The same at once: where nodes are known and an edit may move pods to others, what is to be said of that is left
     * for `catchUp`.
     *
     * @throws {Error} as `handle`
     */
    respond(message: string): string[];

    /**
     * What `respond` left: nothing, or notifications. Call it when no message has come for a while.
     *
     * @throws {Error} as `handle`
     */
    catchUp(): string[];
}
