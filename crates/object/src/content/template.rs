//! Marks that a template engine has yet to fill, told from those that a program reads at run time.

use seaworthy_document::{Document, Node};

use super::foreign;
use super::lines::structure_lines;
use crate::catalog::{Catalog, Role};
use crate::object::split_api_version;

/// Keys whose values are for a program to read: what looks like a mark there is none, or none of ours.
const FREE_TEXT: &[&str] = &[
    "annotations",
    "args",
    "binaryData",
    "caBundle",
    "command",
    "data",
    "description",
    "expression",
    "message",
    "messageExpression",
    "parameters",
    "stringData",
    "value",
    "volumeAttributes",
];

/// True for `{{ … }}` of Helm and its kin.
#[must_use]
pub fn has_template_marks(text: &str) -> bool {
    text.find("{{").is_some_and(|at| text.get(at..).is_some_and(|rest| rest.contains("}}")))
}

/// The first mark of a template engine in a text: `{{ .Values.name }}`, `${NAME}`, `{% if %}`, `<%= name %>`.
#[must_use]
pub fn template_mark(text: &str) -> Option<&str> {
    if !text.contains(['{', '<']) {
        return None;
    }
    let paired = |open: &str, close: &str| {
        let start = text.find(open)?;
        let end = text.get(start..)?.find(close)? + start + close.len();
        Some((start, text.get(start..end)?))
    };
    let dollar = || {
        let named = |&(at, _): &(usize, &str)| {
            text.get(at + 2..).is_some_and(|it| it.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_'))
        };
        let (start, _) = text.match_indices("${").find(named)?;
        let end = text.get(start..)?.find('}')? + start + 1;
        Some((start, text.get(start..end)?))
    };
    let marks = [paired("{{", "}}"), paired("{%", "%}"), paired("%{", "}"), paired("<%", "%>"), dollar()];
    marks.into_iter().flatten().min_by_key(|&(start, _)| start).map(|(_, mark)| mark)
}

/// True if a document that reads as YAML still has marks where a name, a number or an image belongs. A file that calls
/// itself a template is one wherever the mark is.
pub(super) fn is_template(document: &Document, file: &str, root: Node<'_>, catalog: &Catalog) -> bool {
    if template_mark(document.text()).is_none() {
        return false;
    }
    if foreign::ending(file).is_some_and(|it| matches!(it, "tpl" | "tmpl" | "j2" | "gotmpl" | "tftpl")) {
        return true;
    }
    is_templated(root, catalog)
}

/// The same for an object, or for the items of a list.
fn is_templated(root: Node<'_>, catalog: &Catalog) -> bool {
    let text_of = |key: &str| root.get(key).map_or("", |it| it.text());
    let metadata = root.get("metadata");
    let named = ["name", "namespace"].into_iter().filter_map(|key| metadata.and_then(|it| it.get(key)));
    let typed = ["apiVersion", "kind"].into_iter().filter_map(|key| root.get(key));
    if typed.chain(named).any(|it| template_mark(it.text()).is_some()) {
        return true;
    }
    // Objects of foreign kinds have marks of their own: workflows, policies, generators.
    let (group, version) = split_api_version(text_of("apiVersion"));
    match catalog.kind(group, version, text_of("kind")) {
        Some(kind) if kind.role == Role::List => {
            root.get("items").is_some_and(|items| items.items().any(|item| is_templated(item, catalog)))
        }
        Some(kind) if kind.kind != "CustomResourceDefinition" => has_mark(root),
        _ => false,
    }
}

/// Recursion is bounded by the nesting limit of the reader.
fn has_mark(node: Node<'_>) -> bool {
    if node.is_mapping() {
        return node
            .entries()
            .filter(|entry| !FREE_TEXT.contains(&entry.name()))
            .any(|entry| template_mark(entry.name()).is_some() || has_mark(entry.value));
    }
    if node.is_sequence() {
        return node.items().any(has_mark);
    }
    template_mark(node.text()).is_some()
}

/// True if a text that is no YAML has marks outside of quotes and block scalars, so that they are what breaks it.
pub(super) fn has_bare_marks(text: &str) -> bool {
    structure_lines(text).any(|(_, line)| has_bare_mark(line))
}

fn has_bare_mark(content: &str) -> bool {
    let Some(mark) = template_mark(content) else { return false };
    let before = content.split(mark).next().unwrap_or("");
    // YAML reads `${NAME}` as text, but for its braces in the brackets of a flow mapping or of JSON.
    if mark.starts_with('$') && !before.trim_end().ends_with([':', '[', ',']) {
        return false;
    }
    let is_quoted = |quote: char| before.matches(quote).count() % 2 == 1;
    !is_quoted('"') && !is_quoted('\'')
}
