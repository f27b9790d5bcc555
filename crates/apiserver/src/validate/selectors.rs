//! Label selectors and node selectors, wherever they stand.
//!
//! k8s.io/apimachinery, pkg/apis/meta/v1/validation, `ValidateLabelSelector`; k8s.io/kubernetes, core validation,
//! `ValidateNodeSelectorRequirement` and `ValidateNodeFieldSelectorRequirement`.

use seaworthy_document::Node;
use seaworthy_object::catalog::Type;
use seaworthy_object::{Version, Versions};

use super::metadata::labels_map;
use super::names;
use crate::answer::{Answers, Class};

/// Judges an object of a selector's type.
pub(super) fn judge<'a>(node: Node<'a>, ty: &Type, versions: Versions, answers: &mut Answers<'a>) {
    match ty.name {
        "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector" => {
            if let Some(labels) = node.get("matchLabels") {
                let field = answers.field(labels);
                labels_map(labels, &|| field.path(), versions, answers);
            }
            for item in node.get("matchExpressions").into_iter().flat_map(|list| list.items()) {
                requirement(item, &["In", "NotIn", "Exists", "DoesNotExist"], versions, answers);
                values(item, versions, answers);
            }
        }
        "io.k8s.api.core.v1.NodeSelectorTerm" => {
            for item in node.get("matchExpressions").into_iter().flat_map(|list| list.items()) {
                requirement(item, &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"], versions, answers);
            }
            for item in node.get("matchFields").into_iter().flat_map(|list| list.items()) {
                field_requirement(item, versions, answers);
            }
        }
        _ => {}
    }
}

/// Key, operator, and whether there are values where there must be or must not.
fn requirement<'a>(item: Node<'a>, operators: &[&str], versions: Versions, answers: &mut Answers<'a>) {
    let count = item.get("values").map_or(0, |it| it.len());
    let operator = item.get("operator").map_or("", |it| it.text());
    let field = answers.field(item);
    let values = || item.get("values").map_or_else(|| field.missing("values"), |it| place_of(field, it));
    let mut say = |class, detail: &str| {
        let at = values();
        let named = Some(at.path.clone());
        answers.say(class, at, named, versions, detail.to_owned(), None);
    };
    match operator {
        "In" | "NotIn" if count == 0 => {
            say(Class::MissingField, "Required value: must be specified when `operator` is 'In' or 'NotIn'");
        }
        "Exists" | "DoesNotExist" if count > 0 => {
            let detail = "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            say(Class::ForbiddenValue, detail);
        }
        "Gt" | "Lt" if operators.contains(&operator) && count != 1 => {
            say(Class::MissingField, "Required value: must be specified single value when `operator` is 'Lt' or 'Gt'");
        }
        _ => {}
    }
    if !operators.contains(&operator) {
        bad_operator(item, operator, versions, answers);
    }
    let key = item.get("key").map_or("", |it| it.text());
    if !names::is_key(key) {
        let at = item.get("key").map_or_else(|| field.missing("key"), |it| place_of(field, it));
        for version in versions.iter() {
            for fault in names::key_faults(key, version >= Version::minor_of(names::BYTES)) {
                let detail = format!("Invalid value: {key:?}: {fault}");
                let named = Some(at.path.clone());
                answers.say(Class::InvalidValue, at.clone(), named, Versions::one(version), detail, None);
            }
        }
    }
}

fn place_of<'a>(field: seaworthy_object::Field<'a>, node: Node<'a>) -> seaworthy_object::Place<'a> {
    seaworthy_object::Field::new(field.object(), node).place()
}

fn bad_operator<'a>(item: Node<'a>, operator: &str, versions: Versions, answers: &mut Answers<'a>) {
    let field = answers.field(item);
    let at = item.get("operator").map_or_else(|| field.missing("operator"), |it| place_of(field, it));
    let detail = format!("Invalid value: {operator:?}: not a valid selector operator");
    let named = Some(at.path.clone());
    answers.say(Class::InvalidValue, at, named, versions, detail, None);
}

/// The values of a label selector are label values.
fn values<'a>(item: Node<'a>, versions: Versions, answers: &mut Answers<'a>) {
    for value in item.get("values").into_iter().flat_map(|list| list.items()) {
        let text = value.as_str().unwrap_or("");
        if !names::is_label_value(text) {
            let field = answers.field(value);
            for version in versions.iter() {
                for fault in names::value_faults(text, version >= Version::minor_of(names::BYTES)) {
                    let detail = format!("Invalid value: {text:?}: {fault}");
                    answers.about(Class::InvalidValue, field, Versions::one(version), detail);
                }
            }
        }
    }
}

/// A requirement on a node's fields: only `metadata.name`, and one value.
fn field_requirement<'a>(item: Node<'a>, versions: Versions, answers: &mut Answers<'a>) {
    let field = answers.field(item);
    let operator = item.get("operator").map_or("", |it| it.text());
    if !matches!(operator, "In" | "NotIn") {
        bad_operator(item, operator, versions, answers);
    } else if item.get("values").map_or(0, |it| it.len()) != 1 {
        let at = item.get("values").map_or_else(|| field.missing("values"), |it| place_of(field, it));
        let words = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
        let named = Some(at.path.clone());
        answers.say(Class::MissingField, at, named, versions, format!("Required value: {words}"), None);
    }
    let key = item.get("key").map_or("", |it| it.text());
    if key != "metadata.name" {
        let at = item.get("key").map_or_else(|| field.missing("key"), |it| place_of(field, it));
        let detail = format!("Invalid value: {key:?}: not a valid field selector key");
        let named = Some(at.path.clone());
        answers.say(Class::InvalidValue, at, named, versions, detail, None);
    }
}
