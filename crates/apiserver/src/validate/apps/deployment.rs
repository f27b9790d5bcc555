//! Deployments and ReplicaSets (`ValidateDeployment`, `ValidateReplicaSet`).

use super::super::core::warnings;
use super::super::meta;
use super::super::names::Form;
use super::super::value::Value;

/// What a Deployment waits for its progress if it does not say (`SetDefaults_Deployment`).
const PROGRESS_DEADLINE: i64 = 600;

pub(super) fn deployment(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    meta::nonnegative(spec.get("replicas"));
    pods(spec);
    // Without one, the server's default is right.
    spec.given("strategy").into_iter().for_each(strategy);
    meta::nonnegative(spec.get("minReadySeconds"));
    meta::nonnegative(spec.get("revisionHistoryLimit"));
    let deadline = spec.get("progressDeadlineSeconds");
    meta::nonnegative(deadline);
    let seconds = deadline.opt_int().unwrap_or(PROGRESS_DEADLINE);
    if seconds <= spec.int_of("minReadySeconds") {
        deadline.invalid_shown(&seconds.to_string(), "must be greater than minReadySeconds");
    }
    warnings::of_controller(object, spec.get("template"));
}

pub(super) fn replica_set(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    meta::nonnegative(spec.get("replicas"));
    meta::nonnegative(spec.get("minReadySeconds"));
    pods(spec);
    warnings::of_controller(object, spec.get("template"));
}

/// The selector and, if it can be used, `ValidatePodTemplateSpecForReplicaSet`.
fn pods(spec: Value<'_>) {
    let (selector, template) = (spec.get("selector"), spec.get("template"));
    let empty = "empty selector is invalid for deployment";
    if super::required_selector(selector, empty, "invalid label selector", template.at("metadata.labels")) {
        super::forever(template, "activeDeadlineSeconds in ReplicaSet is not Supported");
    }
}

/// `ValidateDeploymentStrategy`.
fn strategy(strategy: Value<'_>) {
    let rolling = strategy.get("rollingUpdate");
    match strategy.get("type").str_or("RollingUpdate") {
        "Recreate" if rolling.is_present() => {
            rolling.forbidden("may not be specified when strategy `type` is 'Recreate'");
        }
        "Recreate" => {}
        "RollingUpdate" => rolling_update(rolling),
        _ => strategy.not_supported(&["Recreate", "RollingUpdate"]),
    }
}

/// `ValidateRollingUpdateDeployment`; what is not given is 25%.
fn rolling_update(rolling: Value<'_>) {
    let (unavailable, surge) = (rolling.get("maxUnavailable"), rolling.get("maxSurge"));
    super::positive_int_or_percent(unavailable);
    super::positive_int_or_percent(surge);
    if super::int_or_percent(unavailable, 25) == 0 && super::int_or_percent(surge, 25) == 0 {
        unavailable.invalid("may not be 0 when `maxSurge` is 0");
    }
    super::at_most_100_percent(unavailable);
}
