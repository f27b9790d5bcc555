//! Labels of nodes that are not to be used any more (pkg/api/node/util.go).

use super::super::value::Value;

/// `deprecatedNodeLabels`: the label, the version that says so, and its words.
const DEPRECATED: &[(&str, u8, &str)] = &[
    ("beta.kubernetes.io/arch", 0, "deprecated since v1.14; use \"kubernetes.io/arch\" instead"),
    ("beta.kubernetes.io/os", 0, "deprecated since v1.14; use \"kubernetes.io/os\" instead"),
    (
        "failure-domain.beta.kubernetes.io/region",
        0,
        "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    ),
    (
        "failure-domain.beta.kubernetes.io/zone",
        0,
        "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
    ),
    ("beta.kubernetes.io/instance-type", 0, "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"),
    ("app.kubernetes.io/created-by", 31, "deprecated since v1.9"),
    ("scheduler.alpha.kubernetes.io/preferAvoidPods", 31, "deprecated since v1.22; use Taints and Tolerations instead"),
    ("node-role.kubernetes.io/master", 31, "use \"node-role.kubernetes.io/control-plane\" instead"),
];

/// `GetNodeLabelDeprecatedMessage`, for the server of a value.
pub(in crate::validate) fn deprecated(of: Value<'_>, label: &str) -> Option<&'static str> {
    let (_, since, words) = DEPRECATED.iter().find(|(name, ..)| *name == label)?;
    of.since(*since).then_some(*words)
}

/// `GetWarningsForNodeSelectorTerm` and the part of `GetWarningsForNodeSelector` about expressions.
pub(in crate::validate) fn warn_expressions(around: Value<'_>) {
    for expression in around.get("matchExpressions").items() {
        let key = expression.get("key");
        if let Some(words) = deprecated(key, key.str()) {
            key.warn(format!("{}: {} is {words}", key.path(), key.str()));
        }
    }
}

/// `GetWarningsForNodeSelector`.
pub(in crate::validate) fn warn_selector(selector: Value<'_>) {
    warn_expressions(selector);
    let labels = selector.get("matchLabels");
    for (label, value) in labels.entries() {
        if let Some(words) = deprecated(value, label) {
            value.warn(format!("{}.{label}: {words}", labels.path()));
        }
    }
}
