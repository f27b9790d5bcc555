//! What Go says of a value of the wrong type: `json: cannot unmarshal number into Go struct field
//! PodSpec.spec.hostNetwork of type bool`.
//!
//! The field stands with the name of its struct and the JSON names on the way, in newer servers embedded structs among
//! them (Go's `encoding/json`, `decodeState.addErrorContext`).

use seaworthy_document::{Node, Value};
use seaworthy_object::catalog::{Shape, Type, TypeId};
use seaworthy_object::{Catalog, Object, Version, Versions};

use super::number;

/// Named types of strings and numbers.
pub(crate) const NAMED: &str = include_str!("../../data/go-named.txt");
/// Structs that are embedded in others without a name of their own.
const EMBEDDED: &str = include_str!("../../data/go-embedded.txt");

/// The servers built with a Go that names embedded structs on the way (Go 1.25).
pub(super) const NAME_EMBEDDED: Versions = Versions::since(Version::minor_of(35));

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
    let place = go_path(node, root, catalog, object, version);
    let found = found(node.value(), shape);
    let (owner, stack) = (place.owner.short_name(), place.stack.join("."));
    let target = go_type(shape, catalog, place.owner, place.field);
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

/// The Go type of a shape in a field of `owner`.
fn go_type(shape: &Shape, catalog: &Catalog, owner: &Type, field: &str) -> String {
    let named = || listed(NAMED, owner, field).map(|name| qualified(name, owner));
    match shape {
        Shape::Boolean => "bool".to_owned(),
        Shape::IntOrString => "int32".to_owned(),
        Shape::Int32 => named().unwrap_or_else(|| "int32".to_owned()),
        Shape::Int64 => named().unwrap_or_else(|| "int64".to_owned()),
        Shape::Number => "float64".to_owned(),
        Shape::Bytes => "[]uint8".to_owned(),
        Shape::Object(id) => package_and_name(catalog.ty(*id)),
        Shape::List(inner) => format!("[]{}", go_type(inner, catalog, owner, field)),
        Shape::Map(inner) if **inner == Shape::Quantity => "v1.ResourceList".to_owned(),
        Shape::Map(inner) => format!("map[string]{}", go_type(inner, catalog, owner, field)),
        Shape::String => named().unwrap_or_else(|| "string".to_owned()),
        _ => "string".to_owned(),
    }
}

/// A name with its package: `v1.Protocol`, where the struct lies in a `v1`.
fn qualified(name: &str, owner: &Type) -> String {
    let package = owner.name.rsplit('.').nth(1).unwrap_or("v1");
    if name.contains('.') { name.to_owned() } else { format!("{package}.{name}") }
}

/// What a list says of a field: `GROUP.STRUCT.FIELD`, a blank, and that.
pub(crate) fn listed(list: &'static str, owner: &Type, field: &str) -> Option<&'static str> {
    let mut parts = owner.name.rsplit('.');
    let name = parts.next()?;
    let group = parts.nth(1)?;
    let line = |line: &'static str| {
        let rest = line.strip_prefix(group)?.strip_prefix('.')?.strip_prefix(name)?.strip_prefix('.')?;
        rest.strip_prefix(field)?.strip_prefix(' ')
    };
    list.lines().find_map(line)
}

/// `v1.Container` of `io.k8s.api.core.v1.Container`.
fn package_and_name(ty: &Type) -> String {
    let start = ty.name.rmatch_indices('.').nth(1).map_or(0, |(at, _)| at + 1);
    ty.name.get(start..).unwrap_or(ty.name).to_owned()
}

/// Where a value lies in Go.
struct GoPlace<'c> {
    /// The struct that holds it.
    owner: &'c Type,
    /// Its field in the struct.
    field: &'c str,
    /// The names from the root to it.
    stack: Vec<&'c str>,
}

fn go_path<'c>(
    node: Node<'_>,
    root: TypeId,
    catalog: &'c Catalog,
    object: &Object<'_>,
    version: Version,
) -> GoPlace<'c> {
    let ancestors = std::iter::successors(Some(node), Node::parent);
    let mut way: Vec<Node<'_>> = ancestors.take_while(|it| *it != object.root()).collect();
    way.reverse();
    let mut place = GoPlace { owner: catalog.ty(root), field: "", stack: Vec::new() };
    let mut owner_id = root;
    let mut shape = Shape::Object(root);
    for step in way {
        // A schema within a schema: it decodes itself, and older servers do not say where in it.
        if matches!(shape, Shape::SchemaOrBool | Shape::SchemaOrArray | Shape::SchemaOrStrings) {
            if !NAME_EMBEDDED.contains(version) {
                break;
            }
            if step.index().is_some() {
                continue;
            }
            shape = Shape::Object(owner_id);
        }
        shape = match shape {
            Shape::Object(id) => {
                (place.owner, owner_id) = (catalog.ty(id), id);
                let key = step.key().map_or("", |key| key.text());
                let Some(field) = place.owner.field_in(key, version) else { break };
                if NAME_EMBEDDED.contains(version) {
                    place.stack.extend(listed(EMBEDDED, place.owner, key));
                }
                place.stack.push(field.name);
                place.field = field.name;
                field.shape.clone()
            }
            Shape::List(inner) | Shape::Map(inner) => *inner,
            _ => break,
        };
    }
    place
}
