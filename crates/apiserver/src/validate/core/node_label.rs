//! Labels of nodes that are not to be used any more (pkg/api/node/util.go).

use super::super::value::Value;
use super::warnings::deprecated_label;

/// `GetWarningsForNodeSelectorTerm` and the part of `GetWarningsForNodeSelector` about expressions.
pub(in crate::validate) fn warn_expressions(around: Value<'_>) {
    for expression in around.items_of("matchExpressions") {
        let key = expression.get("key");
        if let Some(words) = deprecated_label(key, key.str()) {
            key.warn(format!("{}: {} is {words}", key.path(), key.str()));
        }
    }
}

/// `GetWarningsForNodeSelector`.
pub(in crate::validate) fn warn_selector(selector: Value<'_>) {
    warn_expressions(selector);
    let labels = selector.get("matchLabels");
    for (label, value) in labels.entries() {
        if let Some(words) = deprecated_label(value, label) {
            value.warn(format!("{}.{label}: {words}", labels.path()));
        }
    }
}
