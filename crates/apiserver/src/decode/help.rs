//! What to do about a field that does not exist, or a value of the wrong type.

use seaworthy_document::{Node, Style, Value};
use seaworthy_object::catalog::{Shape, Type, TypeId};
use seaworthy_object::{Catalog, Object, Version, Versions};

use crate::answer::Help;
use crate::distance::nearest;

/// The nearest name, the place nearby that has the field, or the versions that have it.
pub(super) fn unknown_field(
    node: Node<'_>,
    ty: &Type,
    root: TypeId,
    catalog: &Catalog,
    object: &Object<'_>,
    versions: Versions,
) -> Option<Help> {
    let name = node.key()?.text();
    let elsewhen = ty.versions_with(name);
    if let Some(first) = elsewhen.oldest() {
        let after = versions.newest().is_some_and(|newest| newest < first);
        let words = if after {
            format!("Kubernetes has `{name}` from {first} on")
        } else {
            format!("only Kubernetes {elsewhen} has `{name}`")
        };
        return Some(words.into());
    }
    let newest = versions.newest()?;
    let exists = |it: &&str| ty.field_in(it, newest).is_some();
    let near = nearest(name, ty.names().filter(exists));
    // A key that is there already is not written a second time.
    let is_free = |it: &str| node.parent().is_none_or(|around| around.entry(it).is_none());
    let meant = |(it, _): (&str, usize)| Help::meant(it).instead(is_free(it).then(|| it.to_owned()));
    if near.is_some_and(|(_, distance)| distance <= 1) {
        return near.map(meant);
    }
    belongs(node, name, ty, root, catalog, object, newest).map(Help::from).or_else(|| near.map(meant))
}

/// Where the field belongs, if one place nearby has it: the object around, or one in the same object.
fn belongs(
    node: Node<'_>,
    name: &str,
    ty: &Type,
    root: TypeId,
    catalog: &Catalog,
    object: &Object<'_>,
    version: Version,
) -> Option<String> {
    let here = node.parent()?;
    let has = |ty: &Type| ty.field_in(name, version).is_some();
    let mut places = Vec::new();
    if let Some((outer, at)) = outer(here, root, catalog, object, version)
        && has(outer)
    {
        places.push(if at.is_empty() { "the top level".to_owned() } else { format!("`{at}`") });
    }
    let fields = || ty.all_fields().filter(|it| it.versions.contains(version));
    let inner = || fields().filter_map(|it| Some((it, it.shape.object()?))).filter(|(_, id)| has(catalog.ty(*id)));
    let given = inner().filter(|(field, _)| here.get(field.name).is_some()).count();
    for (field, _) in inner().filter(|(field, _)| given == 0 || here.get(field.name).is_some()) {
        let list = if matches!(field.shape, Shape::List(_)) { "[]" } else { "" };
        places.push(format!("`{}{list}`", Node::path_of_missing(&path(here, object), field.name)));
    }
    match places.as_slice() {
        [place] => Some(format!("`{name}` belongs in {place}")),
        _ => None,
    }
}

/// The type around the object, and its address.
fn outer<'c>(
    here: Node<'_>,
    root: TypeId,
    catalog: &'c Catalog,
    object: &Object<'_>,
    version: Version,
) -> Option<(&'c Type, String)> {
    if here == object.root() {
        return None;
    }
    let mut around = here.parent()?;
    if around.is_sequence() {
        around = around.parent()?;
    }
    let mut way: Vec<Node<'_>> =
        std::iter::successors(Some(around), Node::parent).take_while(|it| *it != object.root()).collect();
    way.reverse();
    let mut shape = Shape::Object(root);
    for step in way {
        shape = match shape {
            Shape::Object(id) => catalog.ty(id).field_in(step.key()?.text(), version)?.shape.clone(),
            Shape::List(inner) | Shape::Map(inner) => *inner,
            _ => return None,
        };
    }
    match shape {
        Shape::Object(id) => Some((catalog.ty(id), path(around, object))),
        _ => None,
    }
}

fn path(node: Node<'_>, object: &Object<'_>) -> String {
    node.field_path_from(Some(object.root())).to_string()
}

/// Quotes too many, quotes missing, or a list where one value is wanted.
pub(super) fn wrong_type(node: Node<'_>, shape: &Shape) -> Option<String> {
    let text = node.text();
    let one_line = !text.is_empty() && text.len() <= 40 && !text.contains(['\n', '"', '\\']);
    match (shape, node.value()) {
        (Shape::String, Value::Bool(_) | Value::Int(_) | Value::Float(_)) if one_line => {
            Some(format!("quote it: `\"{text}\"`"))
        }
        (Shape::Boolean, Value::String("true" | "false"))
            if matches!(node.style(), Style::SingleQuoted | Style::DoubleQuoted) =>
        {
            Some(format!("drop the quotes: `{text}`"))
        }
        (Shape::Int32 | Shape::Int64 | Shape::Number, Value::String(text)) if text.parse::<i64>().is_ok() => {
            Some(format!("drop the quotes: `{text}`"))
        }
        (Shape::List(_), Value::Mapping) => Some("a list is wanted: begin each item with `- `".to_owned()),
        (Shape::List(inner), Value::String(_)) if **inner == Shape::String && one_line => {
            Some(format!("a list is wanted: `[\"{text}\"]`"))
        }
        (Shape::Object(_) | Shape::Map(_), Value::Sequence) => {
            Some("an object is wanted, not a list: drop the `- `".to_owned())
        }
        (Shape::Bytes, Value::String(_)) => {
            Some("the value must be in base64; `stringData` takes plain text".to_owned())
        }
        _ => None,
    }
}
