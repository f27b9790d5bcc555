//! Pods and what makes them.

use seaworthy_source::order;

use super::super::keys::Keys;
use super::super::same::{same, same_but};
use super::super::value::Value;
use super::IMMUTABLE;

/// `ValidatePodUpdate`: most of a pod stays as it was made.
pub(super) fn pod(new: Value<'_>, old: Value<'_>) {
    annotations(new.at("metadata.annotations"), old.at("metadata.annotations"));
    let (spec, was) = (new.get("spec"), old.get("spec"));
    for list in ["containers", "initContainers"] {
        if spec.get(list).len() != was.get(list).len() {
            return spec.get(list).forbidden("pod updates may not add or remove containers");
        }
    }
    if !deadline(spec.get("activeDeadlineSeconds"), was.get("activeDeadlineSeconds")) {
        return;
    }
    added_tolerations(spec, was);
    deleted_gates(spec.get("schedulingGates"), was.get("schedulingGates"));
    let gated = !was.get("schedulingGates").is_empty();
    if gated {
        added_selectors(spec, was);
    }
    let same_grace = grace_period(spec) == grace_period(was);
    let may_differ = |ty: &str, field: &str| match (ty, field) {
        ("PodSpec", "activeDeadlineSeconds" | "tolerations" | "schedulingGates") => true,
        ("PodSpec", "terminationGracePeriodSeconds") => same_grace,
        ("PodSpec", "nodeSelector" | "affinity") => gated,
        ("Container", "image") => true,
        _ => false,
    };
    let others = ["affinity.podAffinity", "affinity.podAntiAffinity"];
    let among_pods = !gated || others.into_iter().all(|path| same(spec.at(path), was.at(path)));
    if !among_pods || !same_but(spec, was, &may_differ) {
        spec.forbidden(UPDATABLE);
    }
}

/// In a pod, a negative period is one second.
fn grace_period(spec: Value<'_>) -> i64 {
    match spec.get("terminationGracePeriodSeconds").opt_int() {
        Some(negative) if negative < 0 => 1,
        given => given.unwrap_or(30),
    }
}

/// `ValidatePodSpecificAnnotationUpdates`: those of AppArmor and of mirror pods stay.
fn annotations(new: Value<'_>, old: Value<'_>) {
    let frozen = |key: &str| match key {
        "kubernetes.io/config.mirror" => Some("mirror pod annotation"),
        _ => key.starts_with("container.apparmor.security.beta.kubernetes.io/").then_some("AppArmor annotations"),
    };
    let (keys, keys_before) = (Keys::of(new), Keys::of(old));
    for (key, was) in old.entries() {
        let is = keys.get(key);
        if let Some(what) = frozen(key).filter(|_| is.is_none_or(|is| is.str() != was.str())) {
            let at = is.unwrap_or(new).named(format!("metadata.annotations[{key}]"));
            at.forbidden(&format!("may not remove or update {what}"));
        }
    }
    for (key, is) in new.entries() {
        if let Some(what) = frozen(key).filter(|_| keys_before.get(key).is_none()) {
            is.forbidden(&format!("may not add {what}"));
        }
    }
}

/// `validateNodeSelectorMutation` and `validateNodeAffinityMutation`: a pod that is not scheduled yet may be held to
/// more.
fn added_selectors(spec: Value<'_>, was: Value<'_>) {
    let (labels, labels_were) = (spec.get("nodeSelector"), was.get("nodeSelector"));
    let keys = Keys::of(labels);
    let kept = |(key, value): (&str, Value<'_>)| keys.get(key).is_some_and(|own| own.str() == value.str());
    if !labels_were.entries().all(kept) {
        labels.invalid("only additions to spec.nodeSelector are allowed (no mutations or deletions)");
    }
    let terms = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
    let (terms, were) = (spec.at(terms), was.at(terms));
    if were.is_empty() {
        return;
    }
    if terms.len() != were.len() {
        return terms.invalid("no additions/deletions to non-empty NodeSelectorTerms list are allowed");
    }
    for (term, was) in terms.items().zip(were.items()) {
        let mut lists = ["matchExpressions", "matchFields"].map(|name| (term.get(name), was.get(name))).into_iter();
        let nothing = lists.clone().all(|(_, was)| was.is_empty());
        // What selects nothing may not select all at once.
        let adds = lists.all(|(list, was)| match nothing {
            true => list.is_empty(),
            false => list.len() >= was.len() && list.items().zip(was.items()).all(|(new, old)| same(new, old)),
        });
        if !adds {
            term.invalid("only additions are allowed (no mutations or deletions)");
        }
    }
}

/// With `updatablePodSpecFields`; the server adds a difference of the two after it.
const UPDATABLE: &str = "pod updates may not change fields other than `spec.containers[*].image`,\
    `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing \
    tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Whether the server looks any further.
fn deadline(new: Value<'_>, old: Value<'_>) -> bool {
    match (new.opt_int(), old.opt_int()) {
        (Some(seconds), _) if !(0..=i64::from(i32::MAX)).contains(&seconds) => {
            new.invalid("must be between 0 and 2147483647, inclusive");
            false
        }
        (Some(seconds), Some(before)) if before < seconds => {
            new.invalid("must be less than or equal to previous value");
            false
        }
        (None, Some(_)) => {
            new.invalid_shown("null", "must not update from a positive integer to nil value");
            true
        }
        _ => true,
    }
}

/// `validateOnlyAddedTolerations`: but for the seconds.
fn added_tolerations(spec: Value<'_>, was: Value<'_>) {
    fn all<'r>(spec: Value<'r>) -> Vec<[&'r str; 4]> {
        let fields = |it: Value<'r>| ["key", "operator", "value", "effect"].map(|name| it.str_of(name));
        spec.items_of("tolerations").map(fields).collect()
    }
    let mut now = all(spec);
    order::sort(&mut now);
    if !all(was).iter().all(|toleration| now.binary_search(toleration).is_ok()) {
        spec.get("tolerations").forbidden("existing toleration can not be modified except its tolerationSeconds");
    }
}

/// `validateOnlyDeletedSchedulingGates`.
fn deleted_gates(new: Value<'_>, old: Value<'_>) {
    let mut before: Vec<&str> = old.items().map(|gate| gate.str_of("name")).collect();
    order::sort(&mut before);
    for gate in new.items() {
        let name = gate.get("name");
        if before.binary_search(&name.str()).is_err() {
            name.forbidden(&format!("only deletion is allowed, but found new scheduling gate '{}'", name.str()));
        }
    }
}

const UPDATABLE_OF_SETS: [&str; 6] =
    ["minReadySeconds", "ordinals", "persistentVolumeClaimRetentionPolicy", "replicas", "template", "updateStrategy"];

/// `ValidateStatefulSetUpdate` before 1.37, which names one field for all.
pub(super) fn stateful_set(new: Value<'_>, old: Value<'_>) {
    let may_differ = |ty: &str, field: &str| {
        ty == "StatefulSetSpec"
            && (UPDATABLE_OF_SETS.contains(&field) || (field == "revisionHistoryLimit" && new.since(33)))
    };
    let spec = new.get("spec");
    if same_but(spec, old.get("spec"), &may_differ) || spec.since(37) {
        return;
    }
    let history = if spec.since(33) { "'revisionHistoryLimit', " } else { "" };
    spec.forbidden(&format!(
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', \
         {history}'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
    ));
}

/// How often pods of a job are to succeed: once where it says neither that nor how many run at once (`SetDefaults_Job`).
fn completions_of(job: Value<'_>) -> Option<i64> {
    let once = (!job.has("parallelism")).then_some(1);
    job.get("completions").opt_int().or(once)
}

/// `ValidateJobSpecUpdate`: selector and template as the server fills them in where they are not given.
pub(super) fn job(new: Value<'_>, old: Value<'_>) {
    let (spec, was) = (new.get("spec"), old.get("spec"));
    let indexed = spec.str_of("completionMode") == "Indexed";
    let completions = spec.get("completions");
    let held = completions_of(spec);
    if held != completions_of(was) {
        if !indexed && held.is_some() && !completions.is_present() {
            completions.invalid_shown("1", IMMUTABLE);
        } else if !indexed {
            completions.invalid(IMMUTABLE);
        } else if held.is_some_and(|it| it != spec.get("parallelism").opt_int().unwrap_or(1)) {
            completions.invalid("can only be modified in tandem with spec.parallelism");
        }
    }
    if !same(spec.get("selector"), was.get("selector")) {
        spec.get("selector").invalid(IMMUTABLE);
    }
    // A job that is suspended and never started may still be scheduled elsewhere.
    let suspended = was.bool_of("suspend");
    let may_differ = |ty: &str, field: &str| match (ty, field) {
        ("PodSpec", "nodeSelector" | "tolerations" | "schedulingGates") | ("ObjectMeta", _) => suspended,
        ("Affinity", "nodeAffinity") => suspended,
        ("Container", "resources") => suspended && new.since(36),
        _ => false,
    };
    let template = spec.get("template");
    if !same_but(template, was.get("template"), &may_differ) {
        // Of a suspended one the server compares what is left but resources.
        let compared = if suspended && template.since(36) { template.get("spec") } else { template };
        compared.invalid(IMMUTABLE);
    }
}
