//! A value in an object: what every view hands out.

use std::sync::Arc;

use seaworthy_diagnostic::{Location, ObjectRef};
use seaworthy_document::{Entries, Items, Node, Style, Value};
use seaworthy_source::Span;

use crate::Object;

/// A value together with the object it lies in. Every view is made of fields, so every value has a place.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    object: &'a Object<'a>,
    node: Node<'a>,
}

/// Where a finding points: some bytes of an object, and their address.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The object.
    pub object: &'a Object<'a>,
    /// The bytes to mark.
    pub span: Span,
    /// The address in the object; empty for the object as a whole.
    pub path: String,
}

impl Place<'_> {
    /// The same as owned data for a diagnostic.
    #[must_use]
    pub fn location(&self) -> Location {
        Location {
            source: self.object.source(),
            document: self.object.document().index(),
            span: self.span,
            path: self.path.clone(),
            object: Some(Arc::clone(self.object.reference())),
        }
    }

    /// The object's name.
    #[must_use]
    pub fn reference(&self) -> &Arc<ObjectRef> {
        self.object.reference()
    }
}

impl std::fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.object.reference(), self.path())
    }
}

impl PartialEq for Field<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl<'a> Field<'a> {
    /// A field of an object; the node must lie in the object's tree.
    #[must_use]
    pub fn new(object: &'a Object<'a>, node: Node<'a>) -> Self {
        Self { object, node }
    }

    /// The object it lies in.
    #[must_use]
    pub fn object(&self) -> &'a Object<'a> {
        self.object
    }

    /// The node under it.
    #[must_use]
    pub fn node(&self) -> Node<'a> {
        self.node
    }

    /// The value as Kubernetes sees it.
    #[must_use]
    pub fn value(&self) -> Value<'a> {
        self.node.value()
    }

    /// The value under a key, where it is given and not null.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Field<'a>> {
        self.node.get(key).map(|node| Field { node, ..*self })
    }

    /// The value under keys joined by dots (`securityContext.privileged`); no list indices, no keys with dots.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<Field<'a>> {
        self.node.at(path.split('.')).map(|node| Field { node, ..*self })
    }

    /// The string under keys joined by dots.
    #[must_use]
    pub fn str_at(&self, path: &str) -> Option<&'a str> {
        self.at(path)?.as_str()
    }

    /// The items of a list.
    #[must_use]
    pub fn items(&self) -> Fields<'a> {
        Fields { object: self.object, nodes: self.node.items() }
    }

    /// The items of the list under keys joined by dots; nothing where there is none.
    #[must_use]
    pub fn items_at(&self, path: &str) -> Fields<'a> {
        self.at(path).map_or_else(|| Fields { object: self.object, nodes: Items::default() }, |list| list.items())
    }

    /// The entries of an object: key and value, nulls left out.
    #[must_use]
    pub fn entries(&self) -> NamedFields<'a> {
        NamedFields { object: self.object, entries: self.node.entries() }
    }

    /// The text, if it is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        self.node.as_str()
    }

    /// The text of a scalar of any type: a number given where a name belongs still has its spelling.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.node.text()
    }

    /// The number, if it is a whole one that fits 64 bits.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        self.node.as_int().and_then(|value| i64::try_from(value).ok())
    }

    /// The truth value, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        self.node.as_bool()
    }

    /// True only for `true`.
    #[must_use]
    pub fn is_true(&self) -> bool {
        self.as_bool() == Some(true)
    }

    /// All its bytes.
    #[must_use]
    pub fn span(&self) -> Span {
        self.node.span()
    }

    /// The address in the object.
    #[must_use]
    pub fn path(&self) -> String {
        self.node.field_path_from(Some(self.object.root())).to_string()
    }

    /// The bytes to mark for this value: a scalar itself, the key of a list or object, the name of a list's item.
    #[must_use]
    pub fn mark(&self) -> Span {
        if !self.node.is_mapping() && !self.node.is_sequence() && !self.node.span().is_empty() {
            return first_line(self.object, self.node.span());
        }
        if let Some(key) = self.node.key() {
            return key.span();
        }
        let name = self.node.get("name").or_else(|| self.node.entries().next().map(|entry| entry.key));
        name.map_or_else(|| first_line(self.object, self.node.span()), |node| node.span())
    }

    /// The whole lines of an entry, key and value, if nothing else stands on them: what to cut to take it out.
    #[must_use]
    pub fn lines(&self) -> Option<Span> {
        // Between brackets a comma would be left over.
        self.node.parent().filter(|it| it.style() == Style::Block)?;
        let key = self.node.key()?.span();
        let text = self.object.document().source_text();
        let (before, after) = (text.get(..key.start as usize)?, text.get(self.span().end as usize..)?);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let ended = text.get(self.span().range())?.ends_with('\n');
        let rest = if ended { 0 } else { after.find('\n').map_or(after.len(), |at| at + 1) };
        let alone = before.get(start..)?.trim().is_empty();
        let tail = after.get(..rest)?.trim();
        let end = self.span().end as usize + rest;
        (alone && (tail.is_empty() || tail.starts_with('#'))).then(|| Span::of(start..end))
    }

    /// The value as a place to point at.
    #[must_use]
    pub fn place(&self) -> Place<'a> {
        Place { object: self.object, span: self.mark(), path: self.path() }
    }

    /// The key of the value as a place to point at; a list's item has none and points at itself.
    #[must_use]
    pub fn key_place(&self) -> Place<'a> {
        let span = self.node.key().map_or_else(|| self.mark(), |key| key.span());
        Place { object: self.object, span, path: self.path() }
    }

    /// A field that is not there: the place is this value, the address is the missing key's.
    #[must_use]
    pub fn missing(&self, key: &str) -> Place<'a> {
        Place { object: self.object, span: self.mark(), path: Node::path_of_missing(&self.path(), key) }
    }
}

/// The items of a list.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    object: &'a Object<'a>,
    nodes: Items<'a>,
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        Some(Field { object: self.object, node: self.nodes.next()? })
    }
}

/// The entries of an object: key and value, nulls left out.
#[derive(Debug, Clone)]
pub struct NamedFields<'a> {
    object: &'a Object<'a>,
    entries: Entries<'a>,
}

impl<'a> Iterator for NamedFields<'a> {
    type Item = (&'a str, Field<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.entries.find(|entry| !entry.value.is_null())?;
        Some((entry.name(), Field { object: self.object, node: entry.value }))
    }
}

impl<'a> From<Field<'a>> for Place<'a> {
    fn from(field: Field<'a>) -> Self {
        field.place()
    }
}

impl<'a> From<&'a Object<'a>> for Place<'a> {
    fn from(object: &'a Object<'a>) -> Self {
        object.place()
    }
}

fn first_line(object: &Object<'_>, span: Span) -> Span {
    let text = object.document().source_text().get(span.range()).unwrap_or("");
    let length = text.find(['\n', '\r']).unwrap_or(text.len());
    Span::of(span.start as usize..span.start as usize + length)
}
