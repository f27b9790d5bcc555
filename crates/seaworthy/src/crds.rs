//! The CustomResourceDefinitions of sources in one small text: what validates objects, without what is for people.

use std::collections::BTreeMap;

use seaworthy_document::{Node, Value, read, to_json};
use seaworthy_object::{Catalog, contents};
use seaworthy_source::Source;

use crate::understanding::objects_of;

/// Keywords that say nothing of what is valid.
const FOR_PEOPLE: &[&str] = &["description", "title", "example", "externalDocs"];

/// The CustomResourceDefinitions of sources, a line of JSON each, sorted by name: what `--crds` reads. Of two of one
/// name the first counts. What is for people is left out, and what validates no object: texts, columns, status,
/// conversion.
///
/// ```
/// use seaworthy::Source;
///
/// let text = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
///     metadata: {name: ships.sea.example}\nspec: {group: sea.example, names: {kind: Ship}, scope: Namespaced, \
///     versions: [{name: v1, served: true, schema: {openAPIV3Schema: {type: object, description: A ship.}}}]}";
/// let packed = seaworthy::crds(&[Source::new("crd.yaml", text)]);
/// assert_eq!(packed.lines().count(), 1);
/// assert!(!packed.contains("A ship."));
/// ```
#[must_use]
pub fn crds(sources: &[Source]) -> String {
    let catalog = Catalog::built_in();
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for source in sources {
        for document in read(source) {
            let content = contents(&document, source.name(), &catalog, "default");
            for object in objects_of(&content) {
                if object.kind() == "CustomResourceDefinition" && object.group() == "apiextensions.k8s.io" {
                    found.entry(object.name().to_owned()).or_insert_with(|| definition(object.root()));
                }
            }
        }
    }
    let mut out = String::new();
    for (at, line) in found.into_values().enumerate() {
        if at > 0 {
            out.push_str("---\n");
        }
        out.push_str(&line);
        out.push('\n');
    }
    out
}

fn definition(root: Node<'_>) -> String {
    let mut out = String::new();
    pick(root, &["apiVersion", "kind", "metadata", "spec"], &mut out, &|key, node, out| match key {
        "metadata" => pick(node, &["name"], out, &whole),
        "spec" => spec(node, out),
        _ => out.push_str(&to_json(node)),
    });
    out
}

fn spec(node: Node<'_>, out: &mut String) {
    const KEYS: &[&str] =
        &["group", "names", "scope", "versions", "validation", "subresources", "preserveUnknownFields", "version"];
    pick(node, KEYS, out, &|key, node, out| match key {
        "versions" => list(node, out, &version),
        "validation" => pick(node, &["openAPIV3Schema"], out, &|_, node, out| schema(node, out)),
        _ => out.push_str(&to_json(node)),
    });
}

fn version(node: Node<'_>, out: &mut String) {
    const KEYS: &[&str] = &["name", "served", "storage", "deprecated", "deprecationWarning", "schema", "subresources"];
    pick(node, KEYS, out, &|key, node, out| match key {
        "schema" => pick(node, &["openAPIV3Schema"], out, &|_, node, out| schema(node, out)),
        _ => out.push_str(&to_json(node)),
    });
}

/// A schema without what is for people; the names of properties are no keywords.
fn schema(node: Node<'_>, out: &mut String) {
    let keep = |key: &str| !FOR_PEOPLE.contains(&key);
    entries(node, out, &keep, &|key, node, out| match key {
        "properties" | "patternProperties" | "definitions" if node.is_mapping() => {
            entries(node, out, &|_| true, &|_, node, out| schema(node, out));
        }
        "items" | "not" | "additionalProperties" if node.is_mapping() => schema(node, out),
        "allOf" | "anyOf" | "oneOf" if node.is_sequence() => list(node, out, &schema),
        _ => out.push_str(&to_json(node)),
    });
}

/// Writes the value under a key.
type Write<'w> = &'w dyn Fn(&str, Node<'_>, &mut String);

fn whole(_: &str, node: Node<'_>, out: &mut String) {
    out.push_str(&to_json(node));
}

/// Some entries of an object.
fn pick(node: Node<'_>, keys: &[&str], out: &mut String, write: Write<'_>) {
    entries(node, out, &|key| keys.contains(&key), write);
}

fn entries(node: Node<'_>, out: &mut String, keep: &dyn Fn(&str) -> bool, write: Write<'_>) {
    if !matches!(node.value(), Value::Mapping) {
        return out.push_str(&to_json(node));
    }
    out.push('{');
    for (at, entry) in node.entries().filter(|it| keep(it.name())).enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&to_json(entry.key));
        out.push(':');
        write(entry.name(), entry.value, out);
    }
    out.push('}');
}

fn list(node: Node<'_>, out: &mut String, write: &dyn Fn(Node<'_>, &mut String)) {
    out.push('[');
    for (at, item) in node.items().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}
