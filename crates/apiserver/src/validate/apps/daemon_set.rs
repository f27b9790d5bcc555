//! DaemonSets (`ValidateDaemonSet`).

use super::super::core::warnings;
use super::super::label_selector::Labels;
use super::super::meta;
use super::super::names::Form;
use super::super::value::Value;

pub(super) fn daemon_set(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    let (selector, template) = (spec.get("selector"), spec.get("template"));
    meta::label_selector(selector);
    let labels = template.at("metadata.labels");
    if Labels::of(labels).match_selector(selector) == Some(false) {
        labels.invalid("`selector` does not match template `labels`");
    }
    let empty = selector.get("matchLabels").is_empty() && selector.get("matchExpressions").is_empty();
    if selector.is_present() && empty {
        selector.invalid("empty selector is invalid for daemonset");
    }
    super::forever(template, "activeDeadlineSeconds in DaemonSet is not Supported");
    meta::nonnegative(spec.get("minReadySeconds"));
    update_strategy(spec.get("updateStrategy"));
    meta::nonnegative(spec.get("revisionHistoryLimit"));
    warnings::of_template(template);
}

/// `ValidateDaemonSetUpdateStrategy`.
fn update_strategy(strategy: Value<'_>) {
    match strategy.get("type").str_or("RollingUpdate") {
        "OnDelete" => {}
        "RollingUpdate" => rolling_update(strategy.get("rollingUpdate")),
        _ => strategy.not_supported(&["RollingUpdate", "OnDelete"]),
    }
}

/// `ValidateRollingUpdateDaemonSet`; what is not given is one unavailable, none more.
fn rolling_update(rolling: Value<'_>) {
    let (unavailable, surge) = (rolling.get("maxUnavailable"), rolling.get("maxSurge"));
    for value in [unavailable, surge] {
        super::positive_int_or_percent(value);
        super::at_most_100_percent(value);
    }
    match (super::int_or_percent(unavailable, 1) != 0, super::int_or_percent(surge, 0) != 0) {
        (true, true) => surge.invalid("may not be set when maxUnavailable is non-zero"),
        (false, false) => unavailable.required("cannot be 0 when maxSurge is 0"),
        _ => {}
    }
}
