//! Jobs (`ValidateJobCreate`, `validateJobSpec`).

use super::super::core::{pod, warnings};
use super::super::domains;
use super::super::label_selector::Labels;
use super::super::meta;
use super::super::names::{self, BYTES, Form};
use super::super::value::Value;
use super::policies;

/// `maxParallelismForIndexedJob` and `maxFailedIndexesForIndexedJob`.
const INDEXED_LIMIT: i64 = 100_000;
/// Above so many completions the limits of what runs and fails are lower (`completionsSoftLimit`, …).
const SOFT_LIMIT: i64 = 100_000;
const LIMIT_ABOVE: i64 = 10_000;
/// `maxManagedByLength`.
const MANAGED_BY_LIMIT: usize = 63;
/// Stands for the UID that the server makes: no label is the same.
const UID: &str = "<uid>";
/// Labels that the server gives to what a Job makes, in the order of its answers: of the UID, and of the name.
const LABELS: [(&str, bool); 4] = [
    ("controller-uid", true),
    ("job-name", false),
    ("batch.kubernetes.io/controller-uid", true),
    ("batch.kubernetes.io/job-name", false),
];

pub(super) fn job(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    let labels = spec.at("template.metadata.labels");
    meta::default_labels(object, spec.get("template"));
    let name = meta::name_of(object.get("metadata"));
    let mut of_pods = Labels::of(labels);
    let manual = spec.bool_of("manualSelector");
    if !manual {
        if !object.run().updates() {
            generated_selector(spec, labels, &name);
        }
        expected(&name).for_each(|(key, value)| of_pods.or_insert(key, value));
    }
    job_spec(spec);
    let selector = spec.get("selector");
    if selector.is_present() {
        meta::label_selector(selector);
    } else if manual && !object.run().updates() {
        selector.required("");
    }
    // What an update leaves out is what the server has filled in.
    let manual = manual && !object.run().updates();
    if (manual || selector.is_present()) && of_pods.match_selector(selector) == Some(false) {
        labels.invalid("`selector` does not match template `labels`");
    }
    name_of_pods(object.at("metadata.name"), spec, &name);
    if !object.run().refuses() {
        warnings::of_controller(object, spec.get("template"));
        many_completions(spec);
    }
}

/// The labels that the server gives to the pods, in the order of its answers.
fn expected(name: &str) -> impl Iterator<Item = (&'static str, &str)> {
    LABELS.into_iter().map(move |(key, of_uid)| (key, if of_uid { UID } else { name }))
}

/// `validateGeneratedSelector`: labels that the server makes are its own.
fn generated_selector<'r>(spec: Value<'r>, labels: Value<'r>, name: &str) {
    let mut own = Labels::default();
    for (key, expected) in expected(name) {
        own.or_insert(key, expected);
        match labels.entry(key) {
            Some(value) if value.str() != expected => {
                labels.named(value.path()).invalid(&format!("must be '{expected}'"));
            }
            // The template is judged with the name in it.
            None if expected == name && !names::is_label_value(name) && !name.is_empty() => {
                let of_pods = labels.named(format!("{}.labels", spec.get("template").path()));
                // A Job without labels has those of its pods, and then they are one map to the server.
                let own = spec.run().root().at("metadata.labels");
                let one_map = own.is_empty() && !labels.is_empty();
                for at in [Some(of_pods), one_map.then_some(own)].into_iter().flatten() {
                    names::value_faults(name, at.since(BYTES)).iter().for_each(|fault| at.invalid_text(name, fault));
                }
            }
            _ => {}
        }
    }
    let selector = spec.get("selector");
    if selector.is_present() && own.match_selector(selector) == Some(false) {
        selector.invalid("`selector` not auto-generated");
    }
}

/// An Indexed Job names its pods after itself and their index (`validateNameAllowsCompletions`).
fn name_of_pods(given: Value<'_>, spec: Value<'_>, name: &str) {
    let completions = completions(spec).unwrap_or(0);
    if !is_indexed(spec) || completions <= 0 {
        return;
    }
    let last = format!("{name}-{}", completions - 1);
    if !Form::Label.faults(&last).is_empty() {
        given.invalid_text(name, &format!("will not able to create pod with invalid DNS label: {last}"));
    }
}

/// `WarningsForJobSpec`, but for the pods.
pub(super) fn many_completions(spec: Value<'_>) {
    if is_indexed(spec) && completions(spec).unwrap_or(0) > SOFT_LIMIT && parallelism(spec) > LIMIT_ABOVE {
        spec.warn(format!(
            "{}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, \
             Kubernetes might not be able to track completedIndexes when a big number of indexes fail",
            spec.path()
        ));
    }
}

pub(super) fn is_indexed(spec: Value<'_>) -> bool {
    spec.str_of("completionMode") == "Indexed"
}

/// `completions`: 1 if nothing is said of parallelism either (`SetDefaults_Job`, of a Job alone).
pub(super) fn completions(spec: Value<'_>) -> Option<i64> {
    let unsaid = !spec.has("parallelism");
    spec.get("completions").opt_int().or_else(|| (unsaid && is_of_job(spec)).then_some(1))
}

fn parallelism(spec: Value<'_>) -> i64 {
    spec.get("parallelism").opt_int().unwrap_or(1)
}

/// Whether it is the spec of a Job, not of a CronJob's: the server has defaults for it, and drops more.
pub(super) fn is_of_job(spec: Value<'_>) -> bool {
    spec.run().kind.kind == "Job"
}

/// `validateJobSpec`.
pub(super) fn job_spec(spec: Value<'_>) {
    for name in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        meta::nonnegative(spec.get(name));
    }
    let (per_index, failed) = (spec.get("backoffLimitPerIndex"), spec.get("maxFailedIndexes"));
    if failed.is_present() && !per_index.is_present() {
        per_index.required("when maxFailedIndexes is specified");
    }
    let manager = spec.get("managedBy");
    if manager.is_present() && (!is_of_job(spec) || manager.since(32)) {
        domains::prefixed_path(manager);
        if manager.len() > MANAGED_BY_LIMIT {
            manager.too_long(MANAGED_BY_LIMIT);
        }
    }
    let mode = spec.get("completionMode");
    match mode.str() {
        "Indexed" => indexed(spec),
        "NonIndexed" => not_indexed(spec),
        _ if mode.is_present() => mode.not_supported(&["NonIndexed", "Indexed"]),
        _ => not_indexed(spec),
    }
    policies::pod_failure(spec);
    let success = spec.get("successPolicy");
    if success.is_present() && (!is_of_job(spec) || success.since(31)) {
        policies::success(spec);
    }
    policies::pod_replacement(spec);
    pod::pod_template_spec(spec.get("template"));
    restart_policy(spec);
}

/// What is asked where completions are not counted by index.
fn not_indexed(spec: Value<'_>) {
    for field in [spec.get("backoffLimitPerIndex"), spec.get("maxFailedIndexes")] {
        if field.is_present() {
            field.invalid("requires indexed completion mode");
        }
    }
}

/// What is asked of an Indexed Job.
fn indexed(spec: Value<'_>) {
    let (given, parallel) = (spec.get("completions"), spec.get("parallelism"));
    let (per_index, failed) = (spec.get("backoffLimitPerIndex"), spec.get("maxFailedIndexes"));
    let completions = completions(spec);
    if completions.is_none() {
        given.required("when completion mode is Indexed");
    }
    if parallel.int() > INDEXED_LIMIT {
        parallel.invalid("must be less than or equal to 100000 when completion mode is Indexed");
    }
    if failed.is_present() && completions.is_some_and(|completions| failed.int() > completions) {
        failed.invalid("must be less than or equal to completions");
    }
    if failed.int() > INDEXED_LIMIT {
        failed.invalid("must be less than or equal to 100000");
    }
    if completions.unwrap_or(0) <= SOFT_LIMIT || !per_index.is_present() {
        return;
    }
    if !failed.is_present() {
        failed.required("must be specified when completions is above 100000");
    }
    for field in [parallel, failed] {
        if field.int() > LIMIT_ABOVE {
            field.invalid(
                "must be less than or equal to 10000 when completions are above 100000 and used with backoff limit \
                 per index",
            );
        }
    }
}

/// A Job's pods end: they do not restart always, which is the default.
fn restart_policy(spec: Value<'_>) {
    let policy = spec.at("template.spec.restartPolicy");
    match policy.str_or("Always") {
        "Always" => policy.required("valid values: \"OnFailure\", \"Never\""),
        "OnFailure" if spec.has("podFailurePolicy") => {
            policy.invalid("only \"Never\" is supported when podFailurePolicy is specified");
        }
        "OnFailure" | "Never" => {}
        _ => policy.not_supported(&["OnFailure", "Never"]),
    }
}
