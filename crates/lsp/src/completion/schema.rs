//! Our own documents, Fleet and Policy: what their schemas say of a place.

use lsp_types::CompletionItemKind;
use seaworthy::{fleet_schema, policy_schema};
use seaworthy_document::{Node, Segment};
use seaworthy_object::Object;
use serde_json::Value;

use super::Proposal;

/// What a field of one of our documents is for.
pub(crate) fn describe(object: &Object<'_>, node: Node<'_>) -> Option<String> {
    let schema = schema_of(object);
    let path = node.field_path_from(Some(object.root()));
    let found = at(&schema, &path.0)?;
    let about = found.into_iter().find_map(|it| it.get("description")?.as_str().map(str::to_owned))?;
    Some(format!("`{path}`: {about}"))
}

/// The keys or the values that may stand at a node.
pub(super) fn proposals(object: &Object<'_>, node: Node<'_>, on_key: bool) -> Vec<Proposal> {
    let schema = schema_of(object);
    let parent = if on_key { node.parent() } else { Some(node) };
    let Some(parent) = parent else { return Vec::new() };
    let path = parent.field_path_from(Some(object.root()));
    let Some(found) = at(&schema, &path.0) else { return Vec::new() };
    if on_key {
        let is_there = |name: &str| parent.entries().any(|it| it.name() == name);
        let keys = found.iter().filter_map(|it| it.get("properties")?.as_object()).flatten();
        return keys.filter(|(name, _)| !is_there(name)).map(|(name, about)| key(name, about)).collect();
    }
    let words = found.iter().flat_map(|it| ["enum", "examples"].map(|key| it.get(key).and_then(Value::as_array)));
    let words = words.flatten().flatten().chain(found.iter().filter_map(|it| it.get("const")));
    let mut values: Vec<Proposal> = words.filter_map(Value::as_str).map(Proposal::value).collect();
    if found.iter().any(|it| it.get("type").is_some_and(|it| it == "boolean")) {
        values.extend(["true", "false"].map(Proposal::plain));
    }
    values
}

fn key(name: &str, about: &Value) -> Proposal {
    let holds_more = about.get("type").is_some_and(|it| it == "object" || it == "array");
    let kind = if holds_more { CompletionItemKind::MODULE } else { CompletionItemKind::FIELD };
    Proposal::new(name, kind).words(about.get("description").and_then(Value::as_str).map(str::to_owned))
}

fn schema_of(object: &Object<'_>) -> Value {
    if object.kind() == "Policy" { policy_schema() } else { fleet_schema() }
}

/// The schemas at a path: several where a value may be one of several things.
fn at<'s>(schema: &'s Value, path: &[Segment]) -> Option<Vec<&'s Value>> {
    let mut found = either(schema);
    for segment in path {
        let step = |it: &'s Value| match segment {
            Segment::Key(key) => {
                it.pointer("/properties").and_then(|it| it.get(key)).or(it.get("additionalProperties"))
            }
            Segment::Index(_) => it.get("items"),
        };
        found = found.into_iter().filter_map(step).filter(|it| it.is_object()).flat_map(either).collect();
    }
    (!found.is_empty()).then_some(found)
}

/// A schema, and those that it is one of.
fn either(schema: &Value) -> Vec<&Value> {
    let several = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    std::iter::once(schema).chain(several).collect()
}
