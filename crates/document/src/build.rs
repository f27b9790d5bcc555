//! Events become an arena tree.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use seaworthy_source::{Span, order};

use crate::budget::Limits;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::events::{Anchor, Event, Events, Fault, Scalar};
use crate::split::{Chunk, Form};
use crate::tree::{Comment, Document, Kind, MERGE_KEY, NodeId, OWNED, Style};
use crate::{diagnose, resolve, text};

/// An open list or object.
struct Frame {
    node: NodeId,
    is_mapping: bool,
    last: NodeId,
    count: u32,
    /// The key that waits for its value.
    key: Option<NodeId>,
    anchor: Option<Anchor>,
    start: u32,
    /// Where what was attached so far ends.
    end: u32,
}

/// Why reading ends early.
enum Stop {
    Error(SyntaxError),
    Fault(Fault),
}

impl From<SyntaxError> for Stop {
    fn from(error: SyntaxError) -> Self {
        Stop::Error(error)
    }
}

/// Reads one chunk of a source into a document.
pub(crate) struct Builder<'t> {
    pub(crate) text: &'t str,
    pub(crate) limits: Limits,
    /// Nodes that the documents before this one used.
    spent: usize,
    form: Form,
    pub(crate) out: Document,
    stack: Vec<Frame>,
    pub(crate) anchors: FxHashMap<usize, NodeId>,
    pub(crate) from_aliases: usize,
    pub(crate) alias_text: usize,
    /// Kept between objects for its memory.
    pub(crate) entries: Vec<(NodeId, NodeId)>,
}

pub(crate) type Built<T> = Result<T, SyntaxError>;

/// Room that is made for nodes at once. A line mostly has a key and a value; further lines may be one long text.
const NODES_OF_A_LINE: usize = 2;
const FEWEST_NODES: usize = 8;
const MOST_LINES: usize = 256;

/// Errors of one document that are listed; a reader of more learns nothing.
const ERRORS: usize = 100;

impl<'t> Builder<'t> {
    fn new(text: &'t str, shared: &Arc<str>, chunk: Chunk, limits: Limits, spent: usize) -> Self {
        Self {
            text,
            limits,
            spent,
            form: chunk.form,
            out: Document::empty(shared, chunk.span),
            stack: Vec::new(),
            anchors: FxHashMap::default(),
            from_aliases: 0,
            alias_text: 0,
            entries: Vec::new(),
        }
    }

    /// Reads the chunk. A document without a root and without an error is empty.
    #[inline(never)]
    pub(crate) fn build(text: &'t str, shared: &Arc<str>, chunk: Chunk, limits: Limits, spent: usize) -> Document {
        let mut builder = Self::new(text, shared, chunk, limits, spent);
        match builder.read() {
            Ok(()) => {}
            Err(Stop::Error(error)) => builder.out.errors.push(error),
            Err(Stop::Fault(fault)) => {
                let error = builder.syntax_error(&fault);
                builder.out.errors.push(error);
            }
        }
        order::sort(&mut builder.out.aliases);
        builder.out.nodes.shrink_to_fit();
        builder.out
    }

    fn syntax_error(&self, fault: &Fault) -> SyntaxError {
        let chunk = self.out.span;
        let content = self.text.get(chunk.range()).unwrap_or("");
        let offset = fault.offset.min(chunk.range().end) - chunk.range().start;
        let (message, span) = diagnose::explain(fault.problem, content, offset);
        // At the end of the text there is nothing to point at.
        let span = if content.get(span.range()).is_some() { span } else { Span::of(offset..offset) };
        SyntaxError::new(SyntaxErrorKind::Syntax, span.shifted(chunk.start), message)
    }

    fn read(&mut self) -> Result<(), Stop> {
        let chunk = self.out.span;
        let content = self.text.get(chunk.range()).unwrap_or("");
        if self.form == Form::Yaml
            && let Some((at, character)) = text::control_character(content)
        {
            let span = Span::of(at..at + character.len_utf8()).shifted(chunk.start);
            let message = format!("a control character (U+{:04X}) that YAML does not allow", u32::from(character));
            return Err(SyntaxError::new(SyntaxErrorKind::Syntax, span, message).into());
        }
        let lines = memchr::memchr_iter(b'\n', content.as_bytes()).count();
        self.out.nodes.reserve(lines.min(MOST_LINES) * NODES_OF_A_LINE + FEWEST_NODES);
        let mut events = Events::new(self.text, chunk, self.form == Form::Json);
        let read = self.walk(&mut events);
        self.out.comments = events.comments.into_iter().map(|span| Comment { span }).collect();
        if let Some(end) = events.end {
            self.unread_after(chunk, Span::of(end..end).end);
        }
        read
    }

    #[inline(never)]
    fn walk(&mut self, events: &mut Events<'t>) -> Result<(), Stop> {
        while let Some(next) = events.next() {
            let (event, span) = next.map_err(Stop::Fault)?;
            match event {
                Event::Scalar(scalar) => self.scalar(scalar, span)?,
                Event::Sequence { style, anchor } => self.open(Kind::Sequence, style, anchor, span)?,
                Event::Mapping { style, anchor } => self.open(Kind::Mapping, style, anchor, span)?,
                Event::End => self.close(span)?,
                Event::Alias(id) => self.alias(id, span)?,
                Event::UnknownAlias(name) => {
                    self.refuse(span, format!("there is no anchor `&{name}` before this alias"));
                    self.nothing(span)?;
                }
            }
        }
        Ok(())
    }

    /// `yaml.Unmarshal` reads one value and never looks at what follows it, be it after `...` or not.
    fn unread_after(&mut self, chunk: Span, end: u32) {
        let content = self.text.get(end as usize..chunk.end as usize).unwrap_or("");
        let has_content = content.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
        if has_content {
            self.out.unread = Some(Span::new(end, chunk.end));
        }
    }

    /// Notes an error that does not hinder reading on.
    pub(crate) fn refuse(&mut self, span: Span, message: impl Into<String>) {
        self.note(SyntaxError::new(SyntaxErrorKind::Value, span, message));
    }

    fn note(&mut self, error: SyntaxError) {
        if self.out.errors.len() < ERRORS {
            self.out.errors.push(error);
        }
    }

    pub(crate) fn budget(&self, span: Span) -> Built<()> {
        if self.out.nodes.len() + self.spent < self.limits.nodes {
            return Ok(());
        }
        Err(SyntaxError::too_many_values(self.limits.nodes, span))
    }

    /// True where the next node is the key of an object.
    pub(crate) fn expects_key(&self) -> bool {
        self.stack.last().is_some_and(|frame| frame.is_mapping && frame.key.is_none())
    }

    pub(crate) fn kind(&self, id: NodeId) -> Option<Kind> {
        self.out.data(id).map(|data| data.kind)
    }

    #[inline(never)]
    fn scalar(&mut self, scalar: Scalar<'_>, span: Span) -> Built<()> {
        let Scalar { text: content, style, anchor, tag } = scalar;
        let is_key = self.expects_key();
        let resolved = if is_key {
            resolve::key(&content, style, tag, span).map(|text| (Kind::String, text))
        } else {
            resolve::value(&content, style, tag, span).map(|(kind, text)| (kind, text.map(Cow::Owned)))
        };
        let (kind, replaced) = resolved.unwrap_or_else(|error| {
            self.note(error);
            (Kind::String, None)
        });
        let id = self.push(kind, style, span)?;
        self.set_text(id, replaced.as_deref().unwrap_or(&content));
        if is_key
            && content == "<<"
            && (style == Style::Plain && tag.is_none() || matches!(tag, Some("merge" | "!")))
            && let Some(data) = self.out.nodes.get_mut(id.index())
        {
            data.flags |= MERGE_KEY;
        }
        if let Some(anchor) = anchor {
            self.out.anchors.push((id, anchor.span));
            self.anchors.insert(anchor.id, id);
        }
        self.attach(id, span)
    }

    /// A null where a value could not be read.
    pub(crate) fn nothing(&mut self, span: Span) -> Built<()> {
        let kind = if self.expects_key() { Kind::String } else { Kind::Null };
        let id = self.push(kind, Style::Plain, span)?;
        self.set_text(id, "");
        self.attach(id, span)
    }

    fn open(&mut self, kind: Kind, style: Style, anchor: Option<Anchor>, span: Span) -> Built<()> {
        if self.expects_key() {
            let (message, span) = text::not_a_key(self.text, span);
            return Err(SyntaxError::new(SyntaxErrorKind::Value, span, message));
        }
        if self.stack.len() >= self.limits.nesting {
            return Err(SyntaxError::too_deep(self.limits.nesting, span));
        }
        let id = self.push(kind, style, span)?;
        self.out.anchors.extend(anchor.map(|it| (id, it.span)));
        self.stack.push(Frame {
            node: id,
            is_mapping: kind == Kind::Mapping,
            last: NodeId::NONE,
            count: 0,
            key: None,
            anchor,
            start: span.start,
            end: span.start,
        });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Built<()> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let mut span = Span::new(frame.start, frame.end);
        if let Some(data) = self.out.nodes.get_mut(frame.node.index()) {
            if data.style == Style::Flow {
                span = span.cover(Span::at(end.end));
            }
            data.span = span;
            data.len = frame.count;
        }
        if let Some(anchor) = frame.anchor {
            self.anchors.insert(anchor.id, frame.node);
        }
        if frame.is_mapping {
            self.find_duplicates(frame.node);
        }
        self.attach(frame.node, span)
    }

    fn push(&mut self, kind: Kind, style: Style, span: Span) -> Built<NodeId> {
        self.budget(span)?;
        Ok(self.out.add(kind, style, span))
    }

    fn set_text(&mut self, id: NodeId, text: &str) {
        let base = self.text.as_ptr() as usize;
        let at = text.as_ptr() as usize;
        let borrowed = at >= base && at + text.len() <= base + self.text.len();
        let head = if borrowed { at - base } else { self.out.owned.len() };
        if !borrowed {
            self.out.owned.push_str(text);
        }
        if let Some(data) = self.out.nodes.get_mut(id.index()) {
            data.head = u32::try_from(head).unwrap_or(u32::MAX);
            data.len = u32::try_from(text.len()).unwrap_or(u32::MAX);
            data.flags |= if borrowed { 0 } else { OWNED };
        }
    }

    /// Hangs a finished node, written at `span`, into the list or object that is open.
    pub(crate) fn attach(&mut self, id: NodeId, span: Span) -> Built<()> {
        let Some(frame) = self.stack.last_mut() else { return Ok(()) };
        frame.end = frame.end.max(span.end);
        if !frame.is_mapping {
            let slot = frame.count;
            self.append(id, slot);
            return Ok(());
        }
        let Some(key) = frame.key.take() else {
            let parent = frame.node;
            frame.key = Some(id);
            if let Some(data) = self.out.nodes.get_mut(id.index()) {
                data.parent = parent;
            }
            return Ok(());
        };
        if self.is_merge_key(key) {
            self.merge(id);
        } else {
            self.append(id, key.0);
        }
        Ok(())
    }

    /// Makes a node the last child of the list or object that is open.
    pub(crate) fn append(&mut self, id: NodeId, slot: u32) {
        let Some(frame) = self.stack.last_mut() else { return };
        let (parent, last) = (frame.node, frame.last);
        frame.last = id;
        frame.count += 1;
        self.out.link(parent, last, id, slot);
    }
}
