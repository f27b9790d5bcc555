//! Namespaces (`ValidateNamespace`), and what the admission of pods by security standard says of their labels.

use super::super::meta;
use super::super::names::{self, BYTES, Form};
use super::super::value::Value;

/// k8s.io/pod-security-admission, api, `validLevels`.
const LEVELS: &[&str] = &["privileged", "baseline", "restricted"];
const STANDARDS: &str = "pod-security.kubernetes.io/";

pub(super) fn namespace(object: Value<'_>) {
    meta::object_meta(object, Form::Label);
    let name = object.at("metadata.name");
    if !names::is_label_value(name.str()) {
        // The server labels it with its name (`SetDefaults_Namespace`).
        let label = name.named("metadata.labels");
        label.invalid_each(names::value_faults(name.str(), name.since(BYTES)));
    }
    let finalizers = object.at("spec.finalizers");
    // Those of one that is there are its own, whatever is written (`PrepareForUpdate`).
    for item in finalizers.items().filter(|_| !object.run().updates()) {
        // The server names the list.
        let item = item.named(finalizers.path());
        let name = item.str();
        if !names::is_key(name) {
            item.invalid_each(names::key_faults(name, item.since(BYTES)));
        }
        meta::core_finalizer(item);
    }
    if !object.run().refuses() {
        standards(object.at("metadata.labels"));
    }
}

/// `PolicyToEvaluate`: levels and versions of the standards.
fn standards(labels: Value<'_>) {
    for (key, value) in labels.entries() {
        let Some(rest) = key.strip_prefix(STANDARDS) else { continue };
        match rest {
            "enforce" | "audit" | "warn" if !LEVELS.contains(&value.str()) => {
                value.invalid("must be one of privileged, baseline, restricted");
            }
            "enforce-version" | "audit-version" | "warn-version" if !is_version(value.str()) => {
                value.invalid("must be \"latest\" or \"v1.x\"");
            }
            _ => {}
        }
    }
}

/// `ParseVersion`.
fn is_version(text: &str) -> bool {
    let Some(minor) = text.strip_prefix("v1.") else { return text == "latest" };
    (minor == "0" || !minor.starts_with('0'))
        && minor.bytes().all(|it| it.is_ascii_digit())
        && minor.parse::<i64>().is_ok()
}
