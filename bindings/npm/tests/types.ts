// Compiled, never run: what the types promise, and what they refuse.

import { check, describe, explain, init, rules, version, type Options, type Report, type SourceFile } from "seaworthy";

const files: SourceFile[] = [{ name: "web.yaml", text: "" }];
const options: Options = { kubernetesVersions: ["1.34"], complete: true, packs: ["strict"], today: "2027-01-31" };

export const report: Report = check(files, options);
export const lines: number[] = report.diagnostics.map((it) => it.span.start.line);
export const helps: (string | undefined)[] = report.diagnostics.map((it) => it.help);
export const causes: (string | undefined)[] = report.diagnostics.map((it) => it.api?.reason);
export const edits: number[] = report.diagnostics.flatMap((it) => it.fix?.edits ?? []).map((it) => it.end - it.start);
export const accepted: string[] = report.suppressed.map((it) => `${it.by}: ${it.finding.rule}`);
export const replicas: (number | null)[] = describe(files).workloads.map((it) => it.replicas);
export const page: Promise<string> = explain("bare-pod");
export const ids: Promise<string[]> = rules().then((all) => all.map((it) => it.id));
export const ready: Promise<void> = init({ module: new URL("seaworthy.wasm", "file:///"), whole: true });
export const number: string = version();

// @ts-expect-error: a text alone is no file
check(["a: 1"]);
// @ts-expect-error: no such pack
check(files, { packs: ["strickt"] });
// @ts-expect-error: no such option
check(files, { kubernetes: "1.34" });

import { Lsp } from "seaworthy/lsp";

export const said: string[] = new Lsp({ packs: ["strict"] }).handle("{}");
// @ts-expect-error: a message is text
new Lsp().handle({});
