//! Classes of container runtimes (k8s.io/kubernetes, pkg/apis/node/validation).

use super::Validate;
use super::core::{resources, toleration, warnings::deprecated_label};
use super::meta;
use super::names::Form;
use super::seen::Seen;
use super::value::Value;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    (kind == "RuntimeClass").then_some(runtime_class)
}

/// `ValidateRuntimeClass`.
fn runtime_class(object: Value<'_>) {
    meta::object_meta_with(object, &|name| Form::Subdomain.faults(name));
    let (handler, scheduling) = (object.get("handler"), object.get("scheduling"));
    if handler.is_empty() && handler.since(36) {
        handler.required("");
    } else {
        handler.invalid_each(Form::Label.faults(handler.str()));
    }
    let overhead = object.get("overhead");
    if overhead.is_present() {
        resources::overhead(overhead.get("podFixed").named("overhead"));
    }
    let (selector, tolerations) = (scheduling.get("nodeSelector"), scheduling.get("tolerations"));
    meta::labels(selector);
    each_once(tolerations);
    if !tolerations.is_empty() && !tolerations.since(35) {
        tolerations.called(scheduling, "tolerations.tolerations");
    }
    toleration::tolerations(tolerations);
    if !object.run().refuses() {
        for (label, value) in selector.entries() {
            if let Some(words) = deprecated_label(value, label) {
                value.warn(format!("scheduling.nodeSelector: {words}"));
            }
        }
    }
}

fn each_once(list: Value<'_>) {
    let mut seen = Seen::default();
    for toleration in list.items() {
        let what = ["key", "operator", "value", "effect"].map(|name| toleration.str_of(name));
        if list.len() > 1 && !seen.insert(what.join("\n")) {
            toleration.duplicate();
        }
    }
}
