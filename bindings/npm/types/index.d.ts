/** A manifest, or several in one file. */
export interface SourceFile {
    /** What findings show, usually a path. */
    name: string;
    text: string;
}

/** The flags of `seaworthy check`. */
export interface Options {
    /** Kubernetes versions to judge for, such as `"1.34"`; the newest if none is said. */
    kubernetesVersions?: string[];
    /** True: the files are all there is, so that what is not found is missing. */
    complete?: boolean | null;
    /** Where objects go that name no namespace. */
    namespace?: string | null;
    /** The rules or categories that speak; all if none is said. */
    only?: string[];
    /** The rules or categories that do not. */
    skip?: string[];
    packs?: Pack[];
    /** The day of today, such as `"2027-01-31"`; without it nothing expires. */
    today?: string | null;
}

export type Pack = "recommended" | "strict" | "pss-baseline" | "pss-restricted";

export type Level = "error" | "warning" | "info";

/** The JSON of `seaworthy check`. */
export interface Report {
    /** The version of this shape. */
    schema: 1;
    kubernetesVersions: string[];
    diagnostics: Diagnostic[];
    /** Findings that somebody accepted. */
    suppressed: Suppressed[];
    /** References of which the files do not tell whether they resolve. */
    unknown: Unknown[];
    /** What nothing looked at. */
    skipped: Skipped[];
    summary: Summary;
}

export interface Finding {
    rule: string;
    category: string;
    level: Level;
    message: string;
    /** What to do, nearest names. */
    help?: string;
    file: string;
    /** Which document of the file, from 0. */
    document: number;
    span: Span;
    object?: ObjectName;
    /** The address in the object: `spec.containers[0].image`. */
    path: string;
    /** The versions it holds for. */
    kubernetesVersions: string[];
    /** What the API server says, in rules of category `api`. */
    api?: ApiCause;
    related: Related[];
    fix?: Fix;
}

export interface Diagnostic extends Finding {
    /** Stays the same while lines move. */
    fingerprint: string;
}

/** Bytes of a file, the end exclusive. */
export interface Span {
    start: Position;
    end: Position;
}

export interface Position {
    /** From 1. */
    line: number;
    /** From 1, in code points. */
    column: number;
    /** In bytes of UTF-8. */
    offset: number;
}

export interface ObjectName {
    apiVersion: string;
    kind: string;
    /** The namespace that counts; none for kinds of the cluster. */
    namespace?: string;
    name: string;
}

export interface ApiCause {
    reason?: string;
    field?: string;
    detail: string;
}

/** Another place that has to do with a finding. */
export interface Related {
    file: string;
    span: Span;
    message: string;
}

export interface Fix {
    title: string;
    safety: "safe" | "unsafe";
    edits: Edit[];
}

/** Bytes of a file to replace. */
export interface Edit {
    file: string;
    start: number;
    end: number;
    text: string;
}

export interface Suppressed {
    by: "source" | "policy" | "baseline";
    reason?: string;
    finding: Finding;
}

export interface Unknown {
    file: string;
    span: Span;
    path: string;
    /** `Secret default/db-creds`. */
    refersTo: string;
    why: string;
}

export interface Skipped {
    file: string;
    document?: number;
    why: string;
}

export interface Summary {
    files: number;
    documents: number;
    objects: number;
    /** Documents that hold no object, and are read for what they say of a cluster or do with it. */
    configurations: number;
    skipped: number;
    errors: number;
    warnings: number;
    infos: number;
    unknown: number;
    suppressed: number;
}

/** The JSON of `seaworthy describe`. */
export interface Description {
    /** The version of this shape. */
    schema: 1;
    kubernetesVersions: string[];
    workloads: Workload[];
    services: Service[];
    claims: Claim[];
    disruptionBudgets: DisruptionBudget[];
}

/** Something that makes pods, or a bare pod. */
export interface Workload {
    object: ObjectName;
    /** How many pods, where the manifest decides it. */
    replicas: number | null;
    qosClass: "Guaranteed" | "Burstable" | "BestEffort";
    /** What keeps the class from being Guaranteed; empty if it is. */
    why: string;
    reachedBy: Reach[];
    /** Where its pods keep data. */
    state: string[];
    eviction: Eviction;
    /** The PodDisruptionBudgets over its pods. */
    disruptionBudgets: string[];
}

/** When pods are evicted from a node that runs out of memory. */
export interface Eviction {
    /** 1 for the first; the same for those of which nothing tells who is first; null for never and for unknown. */
    turn: number | null;
    /** Null where its class is not in the set. */
    priority: number | null;
    /** Whether it uses more memory than it requests. */
    exceeds: "always" | "maybe" | "never";
    why: string;
}

/** A PodDisruptionBudget while all pods are healthy; numbers are null where they cannot be told. */
export interface DisruptionBudget {
    object: ObjectName;
    /** `minAvailable: 2`. */
    asks: string;
    selects: string[];
    expectedPods: number | null;
    desiredHealthy: number | null;
    disruptionsAllowed: number | null;
    /** What a drain of a node does about these pods; `waits` has no end. */
    drain: "passes" | "waits" | "unknown";
    message: string;
}

/** From how far out something can be reached. */
export type Exposure = "cluster" | "node" | "internal" | "public";

export interface Reach {
    service: string;
    /** Node ports behind a colon: `8161:30010`. */
    ports: string[];
    exposure: Exposure;
    /** What makes it so. */
    by: string;
}

export interface Service {
    object: ObjectName;
    /** `spec.type`; `headless` for `clusterIP: None`. */
    kind: string;
    ports: string[];
    /** The workloads whose pods it selects. */
    selects: string[];
    exposure: Exposure;
}

export interface Claim {
    /** `namespace/name`. */
    claim: string;
    /** The StatefulSet or pod it is made for, if it is made. */
    owner: string | null;
    /** Size, modes, class. */
    asks: string;
    verdict: "bound" | "waits" | "provisioned" | "pending" | "unknown";
    volume: string | null;
    /** The verdict in words. */
    message: string;
}

/** A rule, as `seaworthy rules --format json` has it. */
export interface Rule {
    id: string;
    category: string;
    level: Level | "off";
    /** How loud it is in other packs, where they differ. */
    packs: Partial<Record<Pack, Level>>;
    since: string;
    summary: string;
    /** Its page, in Markdown. */
    page: string;
}

export interface InitOptions {
    /** The module: where it lies, its answer, its bytes, or compiled. Beside the package's code if it is not said. */
    module?: string | URL | Request | Response | BufferSource | WebAssembly.Module;
    /** The rest of the module. Where it is not said: beside the module, if that has an address, or the package's code. */
    rest?: string | URL | BufferSource | WebAssembly.Module;
    /** True: wait for the rest too, which otherwise comes by itself. For where a call cannot fetch it, as in service workers. */
    whole?: boolean;
    /** Where `rules.json` lies. */
    rules?: string | URL;
}

/** Loads the engine. Node has it from the start, and nothing to wait for. */
export function init(options?: InitOptions): Promise<void>;

/**
 * Checks files, in the order in which they would be applied.
 *
 * @throws {TypeError} for files that are none
 * @throws {Error} for options that name what is not there
 */
export function check(files: readonly SourceFile[], options?: Options): Report;

/** What the model understood of files. Throws as `check` does. */
export function describe(files: readonly SourceFile[], options?: Options): Description;

/** The page of a rule, in Markdown. Rejects if there is no such rule. */
export function explain(rule: string): Promise<string>;

/** All rules. */
export function rules(): Promise<Rule[]>;

/** The version of Seaworthy. */
export function version(): string;
