//! The arena tree of one document, and the handles that walk it.

mod children;
mod grow;
mod mark;

use std::sync::Arc;

use seaworthy_source::{SourceId, Span};

use crate::path::{FieldPath, Segment, is_field_name};
use crate::scalar::{Scalar, Value};
use crate::{SyntaxError, scalar};
pub use children::{Entries, Items};
pub use mark::Mark;

/// A node of one document: an index into its arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// Its number, for who keeps many.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }

    /// The id of a number. [`Document::node`] knows whether there is such a node.
    #[must_use]
    pub fn of_number(number: u32) -> Self {
        Self(number)
    }
}

impl NodeId {
    pub(crate) const NONE: NodeId = NodeId(u32::MAX);

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A scalar without quotes.
    Plain,
    /// A scalar in `'`.
    SingleQuoted,
    /// A scalar in `"`.
    DoubleQuoted,
    /// A block scalar after `|`.
    Literal,
    /// A block scalar after `>`.
    Folded,
    /// A list or object by indentation.
    Block,
    /// A list or object in brackets.
    Flow,
    /// An expression of Terraform, which only Terraform can evaluate.
    Expression,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Int,
    Float,
    String,
    Sequence,
    Mapping,
}

impl Kind {
    pub(crate) fn is_collection(self) -> bool {
        matches!(self, Kind::Sequence | Kind::Mapping)
    }
}

/// 32 bytes a node. Scalars keep where their text is; numbers are computed from it when asked.
#[derive(Debug, Clone)]
pub(crate) struct NodeData {
    pub(crate) span: Span,
    pub(crate) parent: NodeId,
    /// The child behind it. Of a key: the mark of its text.
    pub(crate) next: NodeId,
    /// The key of a mapping's value, or the index of a list's item.
    pub(crate) slot: u32,
    /// A scalar's text: where it begins. Else the first child.
    pub(crate) head: u32,
    /// A scalar's text: how long it is. Else the number of children.
    pub(crate) len: u32,
    pub(crate) kind: Kind,
    pub(crate) style: Style,
    pub(crate) flags: u8,
}

/// The text lies in the document's own buffer, not in the source (escapes, folding, YAML's odd keys).
pub(crate) const OWNED: u8 = 1;
/// A later entry of the same mapping has the same key.
pub(crate) const OVERRIDDEN: u8 = 2;
/// The node is a copy made by an alias.
pub(crate) const ALIASED: u8 = 4;
/// The entry came in by `<<`.
pub(crate) const MERGED: u8 = 8;
/// The key is a merge key `<<`.
pub(crate) const MERGE_KEY: u8 = 16;

/// A `#` comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// Its bytes, `#` included, the line break left out.
    pub span: Span,
}

/// A key that stands twice in one mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The entry that is lost.
    pub first: NodeId,
    /// The entry that wins.
    pub last: NodeId,
}

/// One document of a source: a tree, or the error that stands in its place.
#[derive(Debug, Clone)]
pub struct Document {
    pub(crate) source: SourceId,
    pub(crate) index: u32,
    pub(crate) span: Span,
    pub(crate) text: Arc<str>,
    pub(crate) owned: String,
    pub(crate) nodes: Vec<NodeData>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) duplicates: Vec<DuplicateKey>,
    pub(crate) aliases: Vec<(NodeId, Span)>,
    pub(crate) anchors: Vec<(NodeId, Span)>,
    pub(crate) errors: Vec<SyntaxError>,
    pub(crate) unread: Option<Span>,
    pub(crate) is_terraform: bool,
}

impl Document {
    pub(crate) fn empty(text: &Arc<str>, span: Span) -> Self {
        Self {
            source: SourceId(0),
            index: 0,
            span,
            text: Arc::clone(text),
            owned: String::new(),
            nodes: Vec::new(),
            comments: Vec::new(),
            duplicates: Vec::new(),
            aliases: Vec::new(),
            anchors: Vec::new(),
            errors: Vec::new(),
            unread: None,
            is_terraform: false,
        }
    }

    /// The source it was read from; the first one until [`Document::in_source`] says otherwise.
    #[must_use]
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// The same document, as one of the source with this id.
    #[must_use]
    pub fn in_source(self, source: SourceId) -> Self {
        Self { source, ..self }
    }

    /// Which document of its source it is, from 0; empty documents do not count.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Its bytes in the source.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The text of the document as written.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.get(self.span.range()).unwrap_or("")
    }

    /// The text of the whole source.
    #[must_use]
    pub fn source_text(&self) -> &str {
        &self.text
    }

    /// The root; none if the document has an error.
    #[must_use]
    pub fn root(&self) -> Option<Node<'_>> {
        (self.errors.is_empty() && !self.nodes.is_empty()).then_some(Node { document: self, id: NodeId(0) })
    }

    /// Why there is no tree: the first of [`Document::errors`].
    #[must_use]
    pub fn error(&self) -> Option<&SyntaxError> {
        self.errors.first()
    }

    /// All that is wrong, in the order of reading, which is nearly that of the text. What breaks the syntax ends the
    /// reading of the document, so it comes last.
    #[must_use]
    pub fn errors(&self) -> &[SyntaxError] {
        &self.errors
    }

    /// Text after `...` that Kubernetes never reads.
    #[must_use]
    pub fn unread(&self) -> Option<Span> {
        self.unread
    }

    /// True for a file of Terraform, in either of its syntaxes.
    #[must_use]
    pub fn is_terraform(&self) -> bool {
        self.is_terraform
    }

    /// The comments, in order.
    #[must_use]
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// Keys that stand twice in one mapping.
    #[must_use]
    pub fn duplicates(&self) -> &[DuplicateKey] {
        &self.duplicates
    }

    /// The nodes that carry an anchor, with the bytes of `&name`.
    pub fn anchors(&self) -> impl Iterator<Item = (Node<'_>, Span)> {
        self.anchors.iter().map(|&(id, span)| (Node { document: self, id }, span))
    }

    /// The node with this id. An id of another document gives some node of this one, or none.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<Node<'_>> {
        ((id.0 as usize) < self.nodes.len()).then_some(Node { document: self, id })
    }

    /// How many nodes the tree has.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn data(&self, id: NodeId) -> Option<&NodeData> {
        self.nodes.get(id.index())
    }

    /// A scalar's text; empty for lists and objects.
    pub(crate) fn scalar_text(&self, id: NodeId) -> &str {
        let Some(data) = self.data(id) else { return "" };
        if data.kind.is_collection() {
            return "";
        }
        let range = data.head as usize..(data.head as usize + data.len as usize);
        let buffer: &str = if data.flags & OWNED == 0 { &self.text } else { &self.owned };
        buffer.get(range).unwrap_or("")
    }
}

/// A value with its place: a handle that is cheap to copy.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    document: &'a Document,
    id: NodeId,
}

/// A key and its value.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The key.
    pub key: Node<'a>,
    /// The value.
    pub value: Node<'a>,
}

impl<'a> Entry<'a> {
    /// The key's text after YAML's rules: `yes: 1` has the key `true`.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.key.text()
    }

    /// The mark of its key's text.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark(self.key.data().map_or(0, |data| data.next.0))
    }

    /// True if a later entry of the mapping has the same key, so that this one is lost.
    #[must_use]
    pub fn is_overridden(&self) -> bool {
        self.value.data().is_some_and(|data| data.flags & OVERRIDDEN != 0)
    }

    /// True if the entry came in by a merge key `<<`.
    #[must_use]
    pub fn is_merged(&self) -> bool {
        self.value.data().is_some_and(|data| data.flags & MERGED != 0)
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.document, other.document) && self.id == other.id
    }
}

impl Eq for Node<'_> {}

/// By identity, as equality is: a node is a key for what is known of its place.
impl std::hash::Hash for Node<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self.document).hash(state);
        self.id.hash(state);
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node({} at {:?})", self.path(), self.span())
    }
}

impl<'a> Node<'a> {
    /// The document it lies in.
    #[must_use]
    pub fn document(&self) -> &'a Document {
        self.document
    }

    /// Its id in the document.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.id
    }

    fn data(&self) -> Option<&'a NodeData> {
        self.document.data(self.id)
    }

    fn with(&self, id: NodeId) -> Option<Node<'a>> {
        self.document.node(id)
    }

    /// Its bytes in the source; for a value that came in by an alias, the bytes at the anchor.
    #[must_use]
    pub fn span(&self) -> Span {
        self.data().map_or(Span::default(), |data| data.span)
    }

    /// The bytes of the alias `*name` through which this node came in, if it did.
    #[must_use]
    pub fn alias_span(&self) -> Option<Span> {
        if self.data()?.flags & ALIASED == 0 {
            return None;
        }
        std::iter::successors(Some(*self), Node::parent).find_map(|node| {
            let aliases = &node.document.aliases;
            let at = aliases.binary_search_by_key(&node.id, |&(id, _)| id).ok()?;
            aliases.get(at).map(|&(_, span)| span)
        })
    }

    /// How it is written.
    #[must_use]
    pub fn style(&self) -> Style {
        self.data().map_or(Style::Plain, |data| data.style)
    }

    /// The value as Kubernetes sees it.
    #[must_use]
    pub fn value(&self) -> Value<'a> {
        let Some(data) = self.data() else { return Value::Null };
        match data.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(value),
            Kind::Sequence => Value::Sequence,
            Kind::Mapping => Value::Mapping,
            Kind::String => Value::String(self.text()),
            Kind::Int | Kind::Float => match scalar::resolve_plain(self.text()) {
                Scalar::Int(value) => Value::Int(value),
                Scalar::Float(value) => scalar::number(value),
                _ => Value::Null,
            },
        }
    }

    /// A scalar's text: unescaped and folded, but not yet read as a number; empty for lists and objects.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.document.scalar_text(self.id)
    }

    /// The text, if it is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        let data = self.data()?;
        (data.kind == Kind::String && data.style != Style::Expression).then(|| self.text())
    }

    /// True for an expression: its text is not its value.
    #[must_use]
    pub fn is_expression(&self) -> bool {
        self.style() == Style::Expression
    }

    /// The number, if it is a whole one.
    #[must_use]
    pub fn as_int(&self) -> Option<i128> {
        match self.value() {
            Value::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.data()?.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// True for `null` and for a value that is not there; Kubernetes takes both as absent.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.data().is_none_or(|data| data.kind == Kind::Null)
    }

    /// True for an object.
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        self.data().is_some_and(|data| data.kind == Kind::Mapping)
    }

    /// True for a list.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        self.data().is_some_and(|data| data.kind == Kind::Sequence)
    }

    /// The value under a key, where it is given and not null. Of two equal keys the last counts.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        self.entry(key).map(|entry| entry.value).filter(|value| !value.is_null())
    }

    /// The entry under a key, null or not. Of two equal keys the last counts.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<Entry<'a>> {
        let Mark(mark) = Mark::of(key);
        let mut child = NodeId(self.data().filter(|data| data.kind == Kind::Mapping)?.head);
        while let Some(value) = self.document.data(child) {
            let name = NodeId(value.slot);
            if self.document.data(name)?.next.0 == mark
                && value.flags & OVERRIDDEN == 0
                && self.document.scalar_text(name) == key
            {
                return Some(Entry { key: self.with(name)?, value: self.with(child)? });
            }
            child = value.next;
        }
        None
    }

    /// The value under several keys, one in another.
    #[must_use]
    pub fn at<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> Option<Node<'a>> {
        keys.into_iter().try_fold(*self, |node, key| node.get(key))
    }

    /// The node at a path from here.
    #[must_use]
    pub fn resolve(&self, path: &FieldPath) -> Option<Node<'a>> {
        path.0.iter().try_fold(*self, |node, segment| match segment {
            Segment::Key(key) => node.entry(key).map(|entry| entry.value),
            Segment::Index(index) if node.is_sequence() => node.items().nth(*index),
            Segment::Index(index) => node.entry(&index.to_string()).map(|entry| entry.value),
        })
    }

    /// The entries of an object that count, in order; nothing for other values.
    #[must_use]
    pub fn entries(&self) -> Entries<'a> {
        Entries::of(*self, false)
    }

    /// The entries of an object as written, overridden ones too.
    #[must_use]
    pub fn all_entries(&self) -> Entries<'a> {
        Entries::of(*self, true)
    }

    /// The items of a list, in order; nothing for other values.
    #[must_use]
    pub fn items(&self) -> Items<'a> {
        Items::of(*self)
    }

    /// How many items or entries it has, overridden ones included; 0 for scalars.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.data() {
            Some(data) if matches!(data.kind, Kind::Mapping | Kind::Sequence) => data.len as usize,
            _ => 0,
        }
    }

    /// True if it has no items or entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The object or list it lies in.
    #[must_use]
    pub fn parent(&self) -> Option<Node<'a>> {
        self.with(self.data()?.parent)
    }

    /// The key it stands under, if it is the value of an entry.
    #[must_use]
    pub fn key(&self) -> Option<Node<'a>> {
        if self.parent()?.is_mapping() { self.with(NodeId(self.data()?.slot)) } else { None }
    }

    /// Its place in the list it lies in, from 0.
    #[must_use]
    pub fn index(&self) -> Option<usize> {
        self.parent()?.is_sequence().then(|| self.data().map_or(0, |data| data.slot as usize))
    }

    /// The address from the root of the document.
    #[must_use]
    pub fn field_path(&self) -> FieldPath {
        self.field_path_from(None)
    }

    /// The address from `root`, or from the document's root where `root` does not hold this node.
    #[must_use]
    pub fn field_path_from(&self, root: Option<Node<'a>>) -> FieldPath {
        let mut segments = Vec::new();
        let mut node = *self;
        while Some(node) != root
            && let Some(parent) = node.parent()
        {
            match (node.key(), node.index()) {
                (Some(key), _) => segments.push(Segment::Key(key.text().to_owned())),
                (None, Some(index)) => segments.push(Segment::Index(index)),
                (None, None) => {}
            }
            node = parent;
        }
        segments.reverse();
        FieldPath(segments)
    }

    /// The address from the root of the document, as text.
    #[must_use]
    pub fn path(&self) -> String {
        self.field_path().to_string()
    }

    /// The address of a key that may not be there: `spec.containers[0]` and `image`.
    #[must_use]
    pub fn path_of_missing(base: &str, key: &str) -> String {
        match (base.is_empty(), is_field_name(key)) {
            (true, true) => key.to_owned(),
            (false, true) => format!("{base}.{key}"),
            (_, false) => format!("{base}[{key}]"),
        }
    }
}
