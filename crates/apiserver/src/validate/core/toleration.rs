//! Taints that pods tolerate (`ValidateTolerations`).

use super::super::meta;
use super::super::names::{self, BYTES};
use super::super::value::Value;

/// What a taint does.
pub(in crate::validate) const EFFECTS: &[&str] = &["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// `ValidateTolerations`.
pub(in crate::validate) fn tolerations(list: Value<'_>) {
    for toleration in list.items() {
        let (key, operator) = (toleration.get("key"), toleration.get("operator"));
        let effect = toleration.get("effect");
        if !key.is_empty() {
            meta::label_name(key);
        } else if operator.str() != "Exists" {
            operator
                .invalid("operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }
        if toleration.has("tolerationSeconds") && effect.str() != "NoExecute" {
            effect.invalid("effect must be 'NoExecute' when `tolerationSeconds` is set");
        }
        operation(toleration, operator);
        if !effect.is_empty() && !EFFECTS.contains(&effect.str()) {
            effect.not_supported(EFFECTS);
        }
    }
}

/// The operator, and the value it takes or not: both are faults of the operator.
fn operation(toleration: Value<'_>, operator: Value<'_>) {
    let value = toleration.get("value");
    match operator.str() {
        "" | "Equal" if !names::is_label_value(value.str()) => {
            let faults = names::value_faults(value.str(), value.since(BYTES));
            operator.invalid_text(value.str(), &faults.join(";"));
        }
        "" | "Equal" => {}
        "Exists" if !value.is_empty() => {
            let words = "value must be empty when `operator` is 'Exists'";
            if value.since(32) {
                operator.invalid_text(value.str(), words);
            } else {
                toleration.named(operator.path()).invalid(words);
            }
        }
        "Exists" => {}
        // `TaintTolerationComparisonOperators`, which is off.
        "Lt" | "Gt" if operator.since(35) => operator.not_supported(&["Equal", "Exists", "Lt", "Gt"]),
        _ => operator.not_supported(&["Equal", "Exists"]),
    }
}
