export * from "./node.js";
export { Lsp } from "./lsp.js";
