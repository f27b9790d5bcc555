//! Pods and what makes them.

use super::super::same::{same, same_but};
use super::super::value::Value;

/// `ValidatePodUpdate`: most of a pod stays as it was made.
pub(super) fn pod(new: Value<'_>, old: Value<'_>) {
    let (spec, was) = (new.get("spec"), old.get("spec"));
    for list in ["containers", "initContainers"] {
        if spec.get(list).len() != was.get(list).len() {
            return spec.get(list).forbidden("pod updates may not add or remove containers");
        }
    }
    deadline(spec.get("activeDeadlineSeconds"), was.get("activeDeadlineSeconds"));
    added_tolerations(spec, was);
    deleted_gates(spec.get("schedulingGates"), was.get("schedulingGates"));
    let gated = !was.get("schedulingGates").is_empty();
    let may_differ = |ty: &str, field: &str| match (ty, field) {
        ("PodSpec", "activeDeadlineSeconds" | "tolerations" | "schedulingGates") => true,
        ("PodSpec", "nodeSelector" | "affinity") => gated,
        ("Container", "image" | "imagePullPolicy") => true,
        _ => false,
    };
    if !same_but(spec, was, &may_differ) {
        spec.forbidden(UPDATABLE);
    }
}

/// With `updatablePodSpecFields`; the server adds a difference of the two after it.
const UPDATABLE: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,\
    `spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set \
    to 1 if it was previously negative)";

fn deadline(new: Value<'_>, old: Value<'_>) {
    match (new.opt_int(), old.opt_int()) {
        (Some(new_seconds), Some(old_seconds)) if old_seconds < new_seconds => {
            new.invalid("must be less than or equal to previous value");
        }
        (None, Some(_)) => new.invalid_shown("null", "must not update from a positive integer to nil value"),
        _ => {}
    }
}

/// `validateOnlyAddedTolerations`.
fn added_tolerations(spec: Value<'_>, was: Value<'_>) {
    let kept = |toleration: Value<'_>| {
        spec.get("tolerations").items().any(|it| same_but(it, toleration, &|_, field| field == "tolerationSeconds"))
    };
    if !was.get("tolerations").items().all(kept) {
        spec.get("tolerations").forbidden("existing toleration can not be modified except its tolerationSeconds");
    }
}

/// `validateOnlyDeletedSchedulingGates`.
fn deleted_gates(new: Value<'_>, old: Value<'_>) {
    for gate in new.items() {
        if !old.items().any(|it| it.get("name").str() == gate.get("name").str()) {
            let name = gate.get("name");
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

/// `ValidateJobSpecUpdate`: selector and template as the server fills them in where they are not given.
pub(super) fn job(new: Value<'_>, old: Value<'_>) {
    let (spec, was) = (new.get("spec"), old.get("spec"));
    let indexed = spec.get("completionMode").str() == "Indexed";
    if !indexed && !same(spec.get("completions"), was.get("completions")) {
        spec.get("completions").invalid("field is immutable");
    }
    if !same(spec.get("selector"), was.get("selector")) {
        spec.get("selector").invalid("field is immutable");
    }
    // A job that is suspended and never started may still be scheduled elsewhere.
    let suspended = was.get("suspend").bool();
    let may_differ = |ty: &str, field: &str| match (ty, field) {
        ("PodSpec", "nodeSelector" | "tolerations" | "schedulingGates") | ("ObjectMeta", _) => suspended,
        ("Affinity", "nodeAffinity") => suspended,
        ("Container", "resources") => suspended && new.since(36),
        _ => false,
    };
    if !same_but(spec.get("template"), was.get("template"), &may_differ) {
        spec.get("template").invalid("field is immutable");
    }
}
