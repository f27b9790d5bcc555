//! Classes of volumes and of their attributes.

use seaworthy_source::order;

use super::super::core::warnings::deprecated_label;
use super::super::meta;
use super::super::names::{self, BYTES, Form};
use super::super::seen::Seen;
use super::super::value::Value;
use seaworthy_cel::quoted;

const RECLAIM_POLICIES: &[&str] = &["Delete", "Retain"];
const BINDING_MODES: &[&str] = &["Immediate", "WaitForFirstConsumer"];
/// So many parameters (`maxProvisionerParameterLen`), and bytes of all (`maxProvisionerParameterSize`).
const MOST_PARAMETERS: usize = 512;
const PARAMETERS_LIMIT: usize = 256 * 1024;

/// `ValidateStorageClass`.
pub(super) fn storage_class(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    provisioner(object.get("provisioner"));
    parameters(object.get("parameters"));
    let (policy, mode) = (object.get("reclaimPolicy"), object.get("volumeBindingMode"));
    if !policy.is_empty() && !RECLAIM_POLICIES.contains(&policy.str()) {
        policy.not_supported(RECLAIM_POLICIES);
    }
    if mode.is_present() && !BINDING_MODES.contains(&mode.str()) {
        mode.not_supported(BINDING_MODES);
    }
    allowed_topologies(object.get("allowedTopologies"));
    if !object.run().refuses() {
        warnings(object.get("allowedTopologies"));
    }
}

/// `ValidateVolumeAttributesClass`.
pub(super) fn volume_attributes_class(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    provisioner(object.get("driverName"));
    let all = object.get("parameters");
    parameters(all);
    if all.is_empty() {
        all.required("must contain at least one key/value pair");
    }
}

/// `validateProvisioner`: a qualified name, whose case does not matter.
fn provisioner(name: Value<'_>) {
    if name.is_empty() {
        return name.required("");
    }
    let lower = name.str().to_lowercase();
    if !names::is_key(&lower) {
        let faults = names::key_faults(&lower, name.since(BYTES));
        faults.iter().for_each(|fault| name.invalid_text(&lower, fault));
    }
}

/// `validateParameters`.
fn parameters(map: Value<'_>) {
    if map.len() > MOST_PARAMETERS {
        return map.too_long(MOST_PARAMETERS);
    }
    let mut size = 0;
    for (key, value) in map.entries() {
        if key.is_empty() {
            map.invalid_text("", "field can not be empty.");
        }
        size += key.len() + value.len();
    }
    if size > PARAMETERS_LIMIT {
        map.too_long(PARAMETERS_LIMIT);
    }
}

/// `validateAllowedTopologies`: no term twice, and none without expressions, which the server takes for one twice.
fn allowed_topologies(terms: Value<'_>) {
    let mut seen = Seen::default();
    for term in terms.items() {
        topology_selector_term(term);
        let expressions = term.get("matchLabelExpressions");
        if expressions.is_empty() || terms.len() > 1 && !seen.insert(meaning(expressions)) {
            expressions.duplicate_shown("\"\"");
        }
    }
}

/// `ValidateTopologySelectorTerm`.
fn topology_selector_term(term: Value<'_>) {
    let mut keys = Seen::default();
    for expression in term.items_of("matchLabelExpressions") {
        let (key, values) = (expression.get("key"), expression.get("values"));
        if values.is_empty() {
            values.required("");
        }
        let mut seen = Seen::default();
        for value in values.items() {
            if !seen.insert(value.str()) {
                value.duplicate();
            }
        }
        meta::label_name(key);
        if !keys.insert(key.str()) {
            key.duplicate();
        }
    }
}

/// What expressions select, in one way of writing: the last of a key, and its values in order.
fn meaning(expressions: Value<'_>) -> String {
    let mut all: Vec<(&str, usize, Vec<&str>)> = expressions
        .items()
        .zip(0..)
        .map(|(it, place)| (it.str_of("key"), usize::MAX - place, it.items_of("values").map(Value::str).collect()))
        .collect();
    order::sort(&mut all);
    all.dedup_by_key(|(key, ..)| *key);
    let mut text = String::new();
    for (key, _, mut values) in all {
        text.push_str(&quoted(key));
        order::sort(&mut values);
        values.dedup();
        text.extend(values.into_iter().flat_map(|value| [",".to_owned(), quoted(value)]));
        text.push(';');
    }
    text
}

/// `GetWarningsForStorageClass`.
fn warnings(terms: Value<'_>) {
    for expression in terms.items().flat_map(|term| term.items_of("matchLabelExpressions")) {
        let key = expression.get("key");
        if let Some(words) = deprecated_label(key, key.str()) {
            key.warn(format!("{}: {words}", key.path()));
        }
    }
}
