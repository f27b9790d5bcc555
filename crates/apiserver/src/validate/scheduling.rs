//! Priorities of pods (k8s.io/kubernetes, pkg/apis/scheduling/validation).

use super::Validate;
use super::meta;
use super::names::Form;
use super::value::Value;

/// What Kubernetes keeps for itself: names, and values above this (`HighestUserDefinablePriority`).
const SYSTEM: &str = "system-";
const HIGHEST: i64 = 1_000_000_000;
/// `systemPriorityClasses`.
const KNOWN: &[(&str, i64)] = &[("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000)];
const POLICIES: &[&str] = &["PreemptLowerPriority", "Never"];

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    (kind == "PriorityClass").then_some(priority_class)
}

/// `ValidatePriorityClass`.
fn priority_class(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    if object.run().updates() {
        return;
    }
    let (name, value) = (object.at("metadata.name"), object.get("value"));
    if name.str().starts_with(SYSTEM) {
        if let Some(fault) = system_fault(name.str(), value.int(), object.bool_of("globalDefault")) {
            name.forbidden(&format!(
                "priority class names with '{SYSTEM}' prefix are reserved for system use only. error: {fault}"
            ));
        }
    } else if value.int() > HIGHEST {
        value.forbidden(&format!("maximum allowed value of a user defined priority is {HIGHEST}"));
    }
    let policy = object.get("preemptionPolicy");
    if policy.is_present() && policy.is_empty() {
        policy.required("");
    } else if policy.is_present() && !POLICIES.contains(&policy.str()) {
        policy.not_supported(POLICIES);
    }
}

/// `IsKnownSystemPriorityClass`.
fn system_fault(name: &str, value: i64, is_default: bool) -> Option<String> {
    let Some((_, known)) = KNOWN.iter().find(|(known, _)| *known == name) else {
        return Some(format!("{name} is not a known system priority class"));
    };
    if value != *known {
        return Some(format!("value of {name} PriorityClass must be {known}"));
    }
    is_default.then(|| format!("globalDefault of {name} PriorityClass must be false"))
}
