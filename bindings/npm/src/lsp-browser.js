export * from "./browser.js";
export { Lsp } from "./lsp.js";
