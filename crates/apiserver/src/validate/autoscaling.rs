//! The group `autoscaling` (k8s.io/kubernetes, pkg/apis/autoscaling/validation).

mod metric;

use super::Validate;
use super::meta;
use super::names::Form;
use super::value::Value;

/// `MaxStabilizationWindowSeconds` and `MaxPeriodSeconds`.
const MAX_WINDOW: i64 = 3600;
const MAX_PERIOD: i64 = 1800;
/// The version that scales to zero (`HPAScaleToZero`), and whose declarative rules count.
const TO_ZERO: u8 = 37;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "HorizontalPodAutoscaler" => autoscaler,
        _ => return None,
    })
}

/// `ValidateHorizontalPodAutoscaler`.
fn autoscaler(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    replicas(spec.get("minReplicas"), spec.get("maxReplicas"));
    let target = spec.get("scaleTargetRef");
    object_reference(target, target.str_of("kind") == "ReplicationController");
    metric::metrics(spec);
    let behavior = spec.get("behavior");
    scaling_rules(behavior.get("scaleUp"));
    scaling_rules(behavior.get("scaleDown"));
}

/// The least is 1 if it is not given.
fn replicas(least: Value<'_>, most: Value<'_>) {
    let min = least.opt_int().unwrap_or(1);
    if min < 0 || (min == 0 && !least.since(TO_ZERO)) {
        least.invalid(match least.since(TO_ZERO) {
            true => "must be greater than or equal to 0",
            false => "must be greater than or equal to 1",
        });
    }
    let max = most.int();
    if max < 1 {
        match (max, most.since(36), most.since(TO_ZERO)) {
            (_, false, _) => most.invalid_shown(&max.to_string(), "must be greater than 0"),
            (0, _, true) => most.required(""),
            (0, _, false) => most.required("must be set and greater than 0"),
            _ => most.invalid("must be greater than or equal to 1"),
        }
    }
    if max < min {
        most.invalid_shown(&max.to_string(), "must be greater than or equal to `minReplicas`");
    }
}

/// `ValidateCrossVersionObjectReference`; whether it may be in the core group.
fn object_reference(reference: Value<'_>, core: bool) {
    for name in [reference.get("kind"), reference.get("name")] {
        if name.is_empty() {
            name.required("");
        } else {
            name.invalid_each(Form::PathSegment.faults(name.str()));
        }
    }
    let version = reference.get("apiVersion");
    let slashes = version.str().matches('/').count();
    if slashes > 1 && version.since(34) {
        version.invalid(&format!("unexpected GroupVersion string: {}", version.str()));
    } else if !core && (slashes == 0 || version.str().starts_with('/')) && version.since(34) {
        version.invalid("apiVersion must specify API group");
    }
}

/// `validateScalingRules`; what is not given has a default.
fn scaling_rules(rules: Value<'_>) {
    let window = rules.get("stabilizationWindowSeconds");
    if window.int() < 0 {
        window.invalid("must be greater than or equal to zero");
    } else if window.int() > MAX_WINDOW {
        window.invalid("must be less than or equal to 3600");
    }
    let select = rules.get("selectPolicy");
    if select.is_present() && !matches!(select.str(), "Disabled" | "Max" | "Min") {
        select.not_supported(&["Disabled", "Max", "Min"]);
    }
    let policies = rules.get("policies");
    if policies.is_present() && policies.is_empty() {
        policies.required("must specify at least one Policy");
    }
    for policy in policies.items() {
        let (kind, value, period) = (policy.get("type"), policy.get("value"), policy.get("periodSeconds"));
        if !matches!(kind.str(), "Percent" | "Pods") {
            kind.not_supported(&["Percent", "Pods"]);
        }
        for number in [value, period] {
            if number.int() <= 0 {
                number.invalid("must be greater than zero");
            }
        }
        if period.int() > MAX_PERIOD {
            period.invalid("must be less than or equal to 1800");
        }
    }
    let tolerance = rules.get("tolerance");
    if let Some(quantity) = tolerance.quantity().filter(|quantity| quantity.is_negative())
        && tolerance.since(35)
    {
        tolerance.invalid_text(&quantity.canonical(), "must be greater than or equal to 0");
    }
}
