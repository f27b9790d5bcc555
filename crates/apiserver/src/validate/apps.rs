//! The group `apps` (k8s.io/kubernetes, pkg/apis/apps/validation).

mod daemon_set;
mod deployment;
mod stateful_set;

use seaworthy_object::IntOrString;

use super::Validate;
use super::core::pod;
use super::label_selector::Labels;
use super::meta;
use super::names::Form;
use super::value::Value;

/// `IsValidPercent`.
const PERCENT: &str = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or \
    '93%', regex used for validation is '[0-9]+%')";

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "ControllerRevision" => controller_revision,
        "DaemonSet" => daemon_set::daemon_set,
        "Deployment" => deployment::deployment,
        "ReplicaSet" => deployment::replica_set,
        "StatefulSet" => stateful_set::stateful_set,
        _ => return None,
    })
}

/// `ValidateControllerRevisionCreate`.
fn controller_revision(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    meta::nonnegative(object.get("revision"));
    let data = object.get("data");
    if !data.is_present() {
        data.required("data is mandatory");
    } else if !data.node().is_some_and(|node| node.is_mapping()) && data.since(31) {
        data.required("data must be a valid JSON object");
    }
}

/// A selector that must be there, not be empty, and select what its template makes: `ValidateLabelSelector` and what
/// stands after it in the specs of controllers. Gives whether it could be used.
fn required_selector(selector: Value<'_>, empty: &str, unusable: &str, labels: Value<'_>) -> bool {
    if selector.is_present() {
        meta::label_selector(selector);
        if selector.get("matchLabels").is_empty() && selector.get("matchExpressions").is_empty() {
            selector.invalid(empty);
        }
    } else {
        selector.required("");
    }
    let matches = Labels::of(labels).match_selector(selector);
    match matches {
        None => selector.invalid(unusable),
        Some(false) => labels.invalid("`selector` does not match template `labels`"),
        Some(true) => {}
    }
    matches.is_some()
}

/// What the controllers of pods that run for ever ask of their template, by the words of their kind.
fn runs_forever(template: Value<'_>, deadline_words: &str) {
    let (restart, deadline) = (template.at("spec.restartPolicy"), template.at("spec.activeDeadlineSeconds"));
    if !matches!(restart.str(), "" | "Always") {
        restart.not_supported(&["Always"]);
    }
    if deadline.is_present() {
        deadline.forbidden(deadline_words);
    }
}

/// `ValidatePodTemplateSpec` and what is asked of a template that runs for ever.
fn forever(template: Value<'_>, deadline_words: &str) {
    pod::pod_template_spec(template);
    runs_forever(template, deadline_words);
}

/// `ValidatePositiveIntOrPercent`, of a value that is given.
pub(super) fn positive_int_or_percent(value: Value<'_>) {
    match value.int_or_string() {
        Some(IntOrString::Int(number)) if number < 0 => {
            value.invalid_shown(&number.to_string(), "must be greater than or equal to 0");
        }
        Some(IntOrString::String(text)) if percent(text).is_none() => value.invalid(PERCENT),
        _ => {}
    }
}

/// `IsNotMoreThan100Percent`.
pub(super) fn at_most_100_percent(value: Value<'_>) {
    if let Some(IntOrString::String(text)) = value.int_or_string()
        && percent(text).is_some_and(|percent| percent > 100)
    {
        value.invalid("must not be greater than 100%");
    }
}

/// `getPercentValue`: what does not fit counts as very much.
fn percent(text: &str) -> Option<i64> {
    let digits = text.strip_suffix('%').filter(|digits| !digits.is_empty())?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().unwrap_or(i64::MAX))
}

/// `getIntOrPercentValue`; `default` where it is not given.
fn int_or_percent(value: Value<'_>, default: i64) -> i64 {
    match value.int_or_string() {
        None => default,
        Some(IntOrString::Int(number)) => number,
        Some(IntOrString::String(text)) => percent(text).or_else(|| text.parse().ok()).unwrap_or(0),
    }
}
