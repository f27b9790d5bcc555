// The JSON of `seaworthy describe` as Markdown tables, the columns of the command line.

import type { Description, ObjectName, Reach, Workload } from "seaworthy/lsp";

export function tables({ workloads, services, claims, disruptionBudgets }: Description): string {
    const all = [
        table(
            ["Workload", "Replicas", "QoS", "Why", "Reached by", "State"],
            workloads.map((it) => [
                name(it.object),
                String(it.replicas ?? ""),
                it.qosClass,
                it.why,
                it.reachedBy.map(reach).join(", "),
                it.state.join(", "),
            ]),
        ),
        table(
            ["Service", "Type", "Ports", "Selects", "Exposure"],
            services.map((it) => [
                name(it.object).replace("Service/", ""),
                it.kind,
                it.ports.join(", "),
                it.selects.join(", "),
                it.exposure,
            ]),
        ),
        table(
            ["Claim", "Asks", "For", "Outcome"],
            claims.map((it) => [it.claim, it.asks, it.owner ?? "", it.message]),
        ),
        table(
            ["Budget", "Asks", "Selects", "Expected", "At least", "May go", "Drain"],
            disruptionBudgets.map((it) => [
                name(it.object).replace("PodDisruptionBudget/", ""),
                it.asks,
                it.selects.join(", "),
                String(it.expectedPods ?? ""),
                String(it.desiredHealthy ?? ""),
                String(it.disruptionsAllowed ?? ""),
                `${it.drain}: ${it.message}`,
            ]),
        ),
        table(
            ["Evicted", "Workload", "Priority", "Why"],
            (workloads.length > 1 ? inLine(workloads) : []).map(({ object, eviction }) => [
                String(eviction.turn ?? ""),
                name(object),
                String(eviction.priority ?? ""),
                eviction.why,
            ]),
        ),
    ];
    const found = all.filter(Boolean).join("\n\n");
    return `# Fleet\n\n${found || "No workload, no Service, no claim."}\n`;
}

/** Who is evicted first from a node that runs out of memory; those of whom nobody knows come last. */
function inLine(workloads: Workload[]): Workload[] {
    const turn = (it: Workload) => it.eviction.turn ?? Infinity;
    return [...workloads].sort((a, b) => (turn(a) === turn(b) ? 0 : turn(a) - turn(b)));
}

/** `webapp :80 (public, LoadBalancer)`. */
function reach({ service, ports, exposure, by }: Reach): string {
    const how = [exposure, by].filter((it) => it !== "cluster" && it !== "ClusterIP").join(", ");
    return [service, ...ports.map((port) => `:${port}`), ...(how ? [`(${how})`] : [])].join(" ");
}

function name({ kind, namespace, name }: ObjectName): string {
    return namespace && namespace !== "default" ? `${kind}/${name} (${namespace})` : `${kind}/${name}`;
}

/** A table, or nothing without rows. */
function table(head: string[], rows: string[][]): string {
    const line = (cells: string[]) => `| ${cells.map(escaped).join(" | ")} |`;
    return rows.length ? [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n") : "";
}

/** What people named is text: neither a cell's end nor markup. */
function escaped(cell: string): string {
    return cell === "---" ? cell : cell.replace(/[\\`*_{}[\]<>|~]/g, "\\$&").replace(/\s+/g, " ");
}
