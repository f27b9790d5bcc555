//! What a document states, with the place where it does.

use std::sync::Arc;

use seaworthy_diagnostic::{Location, ObjectRef, Unknown};
use seaworthy_document::Node;
use seaworthy_source::Span;

/// One thing that a document states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated<'a, T> {
    /// What it says; none if only its tool can tell: an expression, a variable, a word of another meaning.
    pub value: Option<T>,
    /// Where it says so. Where the tool fills in what is not said, the place it is said of.
    pub at: Node<'a>,
    /// True if the document does not say it, and the tool fills it in.
    pub is_default: bool,
}

impl<'a, T> Stated<'a, T> {
    /// What a document says.
    pub fn said(value: T, at: Node<'a>) -> Self {
        Self { value: Some(value), at, is_default: false }
    }

    /// What a tool fills in for the part of a document that says nothing of it.
    pub fn filled(value: T, at: Node<'a>) -> Self {
        Self { value: Some(value), at, is_default: true }
    }

    /// What only the tool can tell.
    #[must_use]
    pub fn unknown(at: Node<'a>) -> Self {
        Self { value: None, at, is_default: false }
    }
}

/// True if a tool has yet to evaluate a text: `${name}`, `{{ name }}`, `$NAME`, `<name>`.
#[must_use]
pub fn is_expression(text: &str) -> bool {
    let is_name = |it: &str| it.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
    text.contains("${")
        || text.contains("{{")
        || text.contains("$(")
        || text.strip_prefix('$').is_some_and(is_name)
        || text.strip_prefix('<').is_some_and(|it| it.ends_with('>'))
}

/// The text of a scalar.
pub(crate) fn text(node: Node<'_>) -> Stated<'_, &str> {
    let value = (!node.is_mapping() && !node.is_sequence() && !is_expression(node.text())).then(|| node.text());
    Stated { value, at: node, is_default: false }
}

/// A count: a whole number that is not negative.
pub(crate) fn count(node: Node<'_>) -> Stated<'_, u32> {
    Stated { value: node.as_int().and_then(|it| u32::try_from(it).ok()), at: node, is_default: false }
}

/// A truth value.
pub(crate) fn flag(node: Node<'_>) -> Stated<'_, bool> {
    Stated { value: node.as_bool(), at: node, is_default: false }
}

/// The node under keys joined by dots.
pub(crate) fn at<'a>(node: Node<'a>, path: &str) -> Option<Node<'a>> {
    node.at(path.split('.'))
}

/// The text under keys joined by dots.
pub(crate) fn text_at<'a>(node: Node<'a>, path: &str) -> Option<Stated<'a, &'a str>> {
    at(node, path).map(text)
}

/// The count under keys joined by dots.
pub(crate) fn count_at<'a>(node: Node<'a>, path: &str) -> Option<Stated<'a, u32>> {
    at(node, path).map(count)
}

/// The truth value under keys joined by dots.
pub(crate) fn flag_at<'a>(node: Node<'a>, path: &str) -> Option<Stated<'a, bool>> {
    at(node, path).map(flag)
}

/// The texts of the list under keys joined by dots.
pub(crate) fn texts_at<'a>(node: Node<'a>, path: &str) -> Vec<Stated<'a, &'a str>> {
    at(node, path).into_iter().flat_map(|it| it.items()).map(text).collect()
}

/// The entries under keys joined by dots, nulls left out.
pub(crate) fn entries_at<'a>(node: Node<'a>, path: &str) -> Vec<(&'a str, Node<'a>)> {
    let entries = at(node, path).into_iter().flat_map(|it| it.entries());
    entries.filter(|it| !it.value.is_null()).map(|it| (it.name(), it.value)).collect()
}

/// The texts of the entries under keys joined by dots.
pub(crate) fn named_texts_at<'a>(node: Node<'a>, path: &str) -> Vec<(&'a str, Stated<'a, &'a str>)> {
    entries_at(node, path).into_iter().map(|(name, value)| (name, text(value))).collect()
}

/// Where a node is, for a finding: a scalar itself, the key of a list or mapping, the name of a list's item. The object
/// is the document, if it says what it is.
#[must_use]
pub fn location(node: Node<'_>) -> Location {
    let document = node.document();
    Location {
        source: document.source(),
        document: document.index(),
        span: mark(node),
        path: node.path(),
        object: document.root().filter(|_| !document.is_terraform()).and_then(reference),
    }
}

/// Something that nobody can tell from a document.
#[must_use]
pub fn unknown(at: Node<'_>, what: &str, why: &str) -> Unknown {
    Unknown { at: location(at), refers_to: what.to_owned(), why: why.to_owned() }
}

fn mark(node: Node<'_>) -> Span {
    let named = || node.get("name").or_else(|| node.entries().next().map(|entry| entry.key));
    let shown = if node.is_mapping() || node.is_sequence() { node.key().or_else(named).unwrap_or(node) } else { node };
    let span = shown.span();
    let text = node.document().source_text().get(span.range()).unwrap_or("");
    let length = text.find(['\n', '\r']).unwrap_or(text.len());
    Span::of(span.start as usize..span.start as usize + length)
}

fn reference(root: Node<'_>) -> Option<Arc<ObjectRef>> {
    let name = root.at(["metadata", "name"]).map_or("", |it| it.text());
    Some(Arc::new(ObjectRef {
        api_version: root.get("apiVersion")?.as_str()?.to_owned(),
        kind: root.get("kind")?.as_str()?.to_owned(),
        namespace: None,
        name: name.to_owned(),
    }))
}
