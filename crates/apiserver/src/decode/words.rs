//! What Go says of a value of the wrong type: `json: cannot unmarshal number into Go struct field
//! PodSpec.spec.hostNetwork of type bool`.
//!
//! The field stands with the name of its struct and the JSON names on the way, embedded structs among them (Go's
//! `encoding/json`, `decodeState.addErrorContext`). Named Go types of strings are not in the catalog: they are called
//! `string`.

use seaworthy_document::{Node, Value};
use seaworthy_object::catalog::{Shape, Type, TypeId};
use seaworthy_object::{Catalog, Object, Version, Versions};

use super::number;

/// Structs that are embedded in others without a name of their own: the fields of the outer type that lie in them.
/// An empty list is all but the fields of the third column.
const EMBEDDED: [(&str, &str, &[&str], &[&str]); 12] = [
    ("Volume", "VolumeSource", &[], &["name"]),
    ("Probe", "ProbeHandler", &["exec", "grpc", "httpGet", "tcpSocket"], &[]),
    ("EphemeralContainer", "EphemeralContainerCommon", &[], &["targetContainerName"]),
    ("ConfigMapKeySelector", "LocalObjectReference", &["name"], &[]),
    ("SecretKeySelector", "LocalObjectReference", &["name"], &[]),
    ("ConfigMapEnvSource", "LocalObjectReference", &["name"], &[]),
    ("SecretEnvSource", "LocalObjectReference", &["name"], &[]),
    ("ConfigMapProjection", "LocalObjectReference", &["name"], &[]),
    ("SecretProjection", "LocalObjectReference", &["name"], &[]),
    ("ConfigMapVolumeSource", "LocalObjectReference", &["name"], &[]),
    ("RuleWithOperations", "Rule", &[], &["operations"]),
    ("IngressRule", "IngressRuleValue", &["http"], &[]),
];

/// Go's words for a value that its type does not take.
pub(super) fn mismatch(
    node: Node<'_>,
    shape: &Shape,
    root: TypeId,
    catalog: &Catalog,
    object: &Object<'_>,
    versions: Versions,
) -> String {
    let version = versions.newest().unwrap_or(Version::NEWEST);
    let (owner, stack) = go_path(node, root, catalog, object, version);
    let found = found(node.value(), shape);
    let target = go_type(shape, catalog);
    format!("json: cannot unmarshal {found} into Go struct field {owner}.{stack} of type {target}")
}

/// The JSON type in Go's words, with the number where its size is what does not fit.
fn found(value: Value<'_>, shape: &Shape) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Sequence => "array".to_owned(),
        Value::Mapping => "object".to_owned(),
        Value::Int(_) | Value::Float(_) => match shape {
            Shape::Int32 | Shape::Int64 | Shape::IntOrString => format!("number {}", number::spelling(value)),
            _ => "number".to_owned(),
        },
    }
}

fn go_type(shape: &Shape, catalog: &Catalog) -> String {
    match shape {
        Shape::Boolean => "bool".to_owned(),
        Shape::Int32 | Shape::IntOrString => "int32".to_owned(),
        Shape::Int64 => "int64".to_owned(),
        Shape::Number => "float64".to_owned(),
        Shape::Bytes => "[]uint8".to_owned(),
        Shape::Object(id) => package_and_name(catalog.ty(*id)),
        Shape::List(inner) => format!("[]{}", go_type(inner, catalog)),
        Shape::Map(inner) if **inner == Shape::Quantity => "v1.ResourceList".to_owned(),
        Shape::Map(inner) => format!("map[string]{}", go_type(inner, catalog)),
        _ => "string".to_owned(),
    }
}

/// `v1.Container` of `io.k8s.api.core.v1.Container`.
fn package_and_name(ty: &Type) -> String {
    let start = ty.name.rmatch_indices('.').nth(1).map_or(0, |(at, _)| at + 1);
    ty.name.get(start..).unwrap_or(ty.name).to_owned()
}

/// The struct that holds the value, and the JSON names from the root to it.
fn go_path<'c>(
    node: Node<'_>,
    root: TypeId,
    catalog: &'c Catalog,
    object: &Object<'_>,
    version: Version,
) -> (&'c str, String) {
    let mut way: Vec<Node<'_>> =
        std::iter::successors(Some(node), Node::parent).take_while(|it| *it != object.root()).collect();
    way.reverse();
    let mut owner = catalog.ty(root);
    let mut stack: Vec<&str> = Vec::new();
    let mut shape = Shape::Object(root);
    for step in way {
        shape = match shape {
            Shape::Object(id) => {
                owner = catalog.ty(id);
                let key = step.key().map_or("", |key| key.text());
                stack.extend(embedded(owner, key));
                let Some(field) = owner.field_in(key, version) else { break };
                stack.push(field.name);
                field.shape.clone()
            }
            Shape::List(inner) | Shape::Map(inner) => *inner,
            _ => break,
        };
    }
    (owner.short_name(), stack.join("."))
}

/// The embedded struct through which a field comes in.
fn embedded(owner: &Type, field: &str) -> Option<&'static str> {
    let (_, inner, with, without) = EMBEDDED.iter().find(|it| it.0 == owner.short_name())?;
    let lies_in = if with.is_empty() { !without.contains(&field) } else { with.contains(&field) };
    lies_in.then_some(*inner)
}
