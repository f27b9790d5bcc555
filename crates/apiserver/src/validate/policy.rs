//! The group `policy` (k8s.io/kubernetes, pkg/apis/policy/validation).

use super::Validate;
use super::apps;
use super::meta;
use super::value::Value;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "PodDisruptionBudget" => pod_disruption_budget,
        _ => return None,
    })
}

/// `ValidatePodDisruptionBudget`, which does not look at metadata.
fn pod_disruption_budget(object: Value<'_>) {
    let spec = object.get("spec");
    let (available, unavailable) = (spec.get("minAvailable"), spec.get("maxUnavailable"));
    if available.is_present() && unavailable.is_present() {
        spec.invalid("minAvailable and maxUnavailable cannot be both set");
    }
    for value in [available, unavailable] {
        apps::positive_int_or_percent(value);
        apps::at_most_100_percent(value);
    }
    meta::label_selector(spec.get("selector"));
    let policy = spec.get("unhealthyPodEvictionPolicy");
    if policy.is_present() && !matches!(policy.str(), "AlwaysAllow" | "IfHealthyBudget") {
        policy.not_supported(&["AlwaysAllow", "IfHealthyBudget"]);
    }
}
