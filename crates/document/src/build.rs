//! Events become an arena tree.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use seaworthy_source::{Span, order};

use crate::budget::Limits;
use crate::diagnose::Problem;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::events::{Event, Events, Fault, Scalar};
use crate::repair::Repaired;
use crate::split::{Chunk, Form};
use crate::tree::{Comment, Document, Kind, MERGE_KEY, NodeData, NodeId, OWNED, Style};
use crate::{diagnose, resolve, text};

/// An open list or object.
struct Frame {
    node: NodeId,
    is_mapping: bool,
    is_flow: bool,
    last: NodeId,
    count: u32,
    /// The key that waits for its value.
    key: Option<NodeId>,
    anchor: usize,
    start: u32,
    /// Where what was attached so far ends.
    end: u32,
}

/// The end of a token, and the column from which on tabs may indent the lines up to the next.
struct Gap {
    start: u32,
    from: u32,
}

/// No column is far enough for a tab.
const NOWHERE: u32 = u32::MAX;

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
    /// Where the last token ended and what it was, for the look at the blanks before the next; none without tabs.
    gap: Option<Gap>,
    flow_depth: usize,
    /// Where the last token that is no comment ended.
    last_end: u32,
    pub(crate) out: Document,
    stack: Vec<Frame>,
    pub(crate) anchors: FxHashMap<usize, NodeId>,
    pub(crate) from_aliases: usize,
    pub(crate) alias_text: usize,
    /// Kept between objects for its memory.
    pub(crate) entries: Vec<(NodeId, NodeId)>,
}

pub(crate) type Built<T> = Result<T, SyntaxError>;

fn too_deep(limit: usize, span: Span) -> SyntaxError {
    SyntaxError::new(SyntaxErrorKind::Nesting, span, format!("more than {limit} levels of nesting (limit `nesting`)"))
}

fn tab(at: u32) -> SyntaxError {
    SyntaxError::new(SyntaxErrorKind::Syntax, Span::new(at, at + 1), "a tab stands where only blanks may indent")
}

/// Errors of one document that are listed; a reader of more learns nothing.
const ERRORS: usize = 100;

impl<'t> Builder<'t> {
    fn new(text: &'t str, shared: &Arc<str>, chunk: Chunk, limits: Limits, spent: usize) -> Self {
        Self {
            text,
            limits,
            spent,
            form: chunk.form,
            gap: None,
            flow_depth: 0,
            last_end: chunk.span.start,
            out: Document::empty(shared, chunk.span),
            stack: Vec::new(),
            anchors: FxHashMap::default(),
            from_aliases: 0,
            alias_text: 0,
            entries: Vec::new(),
        }
    }

    /// Reads the chunk. A document without a root and without an error is empty.
    pub(crate) fn build(text: &'t str, shared: &Arc<str>, chunk: Chunk, limits: Limits, spent: usize) -> Document {
        let mut repaired = Repaired::new(text.get(chunk.span.range()).unwrap_or(""));
        loop {
            let mut builder = Self::new(text, shared, chunk, limits, spent);
            match builder.read(&repaired) {
                Ok(()) => {}
                Err(Stop::Error(error)) => builder.out.errors.push(error),
                Err(Stop::Fault(fault)) => {
                    if repaired.repair(&fault.problem, fault.offset) {
                        continue;
                    }
                    let offset = repaired.as_written(Span::of(fault.offset..fault.offset));
                    builder.out.errors.push(builder.syntax_error(&fault.problem, offset));
                }
            }
            order::sort(&mut builder.out.aliases);
            return builder.out;
        }
    }

    fn syntax_error(&self, problem: &Problem, offset: Span) -> SyntaxError {
        let chunk = self.out.span;
        if *problem == Problem::TooDeep {
            return too_deep(self.limits.nesting, offset.shifted(chunk.start));
        }
        let content = self.text.get(chunk.range()).unwrap_or("");
        let after = self.last_end.saturating_sub(chunk.start) as usize;
        let (message, span) = diagnose::explain(problem, content, offset.range().start, after);
        // At the end of the text there is nothing to point at.
        let span = if content.get(span.range()).is_some() { span } else { offset };
        SyntaxError::new(SyntaxErrorKind::Syntax, span.shifted(chunk.start), message)
    }

    fn read(&mut self, repaired: &Repaired<'_>) -> Result<(), Stop> {
        let chunk = self.out.span;
        let content = self.text.get(chunk.range()).unwrap_or("");
        if self.form == Form::Yaml
            && let Some((at, character)) = text::control_character(content)
        {
            let span = Span::of(at..at + character.len_utf8()).shifted(chunk.start);
            let message = format!("a control character (U+{:04X}) that YAML does not allow", u32::from(character));
            return Err(SyntaxError::new(SyntaxErrorKind::Syntax, span, message).into());
        }
        if self.form == Form::Yaml && memchr::memchr(b'\t', content.as_bytes()).is_some() {
            self.gap = Some(Gap { start: chunk.start, from: NOWHERE });
        }
        let mut events = Events::new(repaired.text(), self.limits.nesting, self.form == Form::Json);
        while let Some(next) = events.next() {
            let (event, span) = next.map_err(Stop::Fault)?;
            let span = repaired.as_written(span).shifted(chunk.start);
            match event {
                Event::Scalar(scalar) => self.scalar(scalar, span)?,
                Event::Sequence { style, anchor } => self.open(Kind::Sequence, style, anchor, span)?,
                Event::Mapping { style, anchor } => self.open(Kind::Mapping, style, anchor, span)?,
                Event::End => self.close(span)?,
                Event::Alias(id) => self.alias(id, span)?,
                Event::UnknownAlias(name) => {
                    self.refuse(span, text::no_anchor(&name));
                    self.nothing(span)?;
                }
                Event::Anchor => self.anchor(span),
                Event::Comment => {
                    self.look_at_tabs(span.start)?;
                    self.after(span.end, NOWHERE);
                    self.out.comments.push(Comment { span });
                }
                Event::DocumentStart { version } => {
                    if version.is_some_and(|version| version != (1, 1)) {
                        let message = "found incompatible YAML document: Kubernetes reads YAML 1.1";
                        return Err(SyntaxError::new(SyntaxErrorKind::Value, span, message).into());
                    }
                }
                Event::DocumentEnd => {
                    let is_marked = self.text.get(span.range().start..).is_some_and(|it| it.starts_with("..."));
                    self.look_at_tabs(if is_marked { span.start } else { chunk.end })?;
                    self.unread_after(chunk, span.end);
                    return Ok(());
                }
            }
        }
        Ok(self.look_at_tabs(chunk.end)?)
    }

    /// Tabs that the parser takes for blanks and go-yaml refuses: in the indentation, and after `-` or `?`.
    fn look_at_tabs(&mut self, end: u32) -> Built<()> {
        let Some(gap) = self.gap.as_ref().filter(|gap| gap.start < end) else { return Ok(()) };
        let later = if self.flow_depth > 0 { None } else { Some(NOWHERE) };
        match text::tab_in_gap(self.text, Span::new(gap.start, end), gap.from, later) {
            Some(at) => Err(tab(at)),
            None => Ok(()),
        }
    }

    /// A token has ended.
    fn after(&mut self, end: u32, from: u32) {
        if let Some(gap) = &mut self.gap {
            *gap = Gap { start: end, from: if self.flow_depth > 0 && from == NOWHERE { 0 } else { from } };
        }
    }

    /// A token that is no scalar.
    pub(crate) fn token(&mut self, span: Span) -> Built<()> {
        self.last_end = span.end;
        self.look_at_tabs(span.start)?;
        self.after(span.end, NOWHERE);
        Ok(())
    }

    /// The same for a scalar. Lines of a plain one are checked like those after it.
    fn scalar_token(&mut self, style: Style, span: Span) -> Built<()> {
        if self.gap.is_none() {
            return Ok(());
        }
        let from = match style {
            Style::Plain if !span.is_empty() => {
                let block = self.stack.iter().rev().find(|frame| !frame.is_flow);
                let from = block.map_or(0, |frame| text::column(self.text, frame.start) + 1);
                if let Some(at) = text::tab_in_gap(self.text, span, from, Some(from)) {
                    return Err(tab(at));
                }
                from
            }
            Style::Literal | Style::Folded => text::block_indent(self.text, span),
            _ => NOWHERE,
        };
        self.after(span.end, from);
        Ok(())
    }

    /// `yaml.Unmarshal` reads the first document of a chunk and never looks at what follows `...`.
    fn unread_after(&mut self, chunk: Span, end: u32) {
        let rest = self.text.get(end as usize..chunk.end as usize).unwrap_or("");
        let content = rest.trim_start_matches("...");
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
        let message = format!("more than {} values in one file (limit `nodes`)", self.limits.nodes);
        Err(SyntaxError::new(SyntaxErrorKind::Limit, span, message))
    }

    /// True where the next node is the key of an object.
    pub(crate) fn expects_key(&self) -> bool {
        self.stack.last().is_some_and(|frame| frame.is_mapping && frame.key.is_none())
    }

    pub(crate) fn kind(&self, id: NodeId) -> Option<Kind> {
        self.out.data(id).map(|data| data.kind)
    }

    fn scalar(&mut self, scalar: Scalar<'_>, span: Span) -> Built<()> {
        let Scalar { text: mut content, style, anchor, tag } = scalar;
        let tag = tag.as_deref();
        self.look_at_tabs(span.start)?;
        let span = match style {
            Style::Literal | Style::Folded => text::with_header(self.text, self.last_end, span),
            Style::Plain if span.is_empty() => Span::at(text::place_of_nothing(self.text, self.last_end, span.start)),
            Style::DoubleQuoted if self.form == Form::Yaml && matches!(content, Cow::Owned(_)) => {
                let written = self.text.get(span.range()).unwrap_or("");
                if let Some((escape, message)) = text::foreign_escape(written) {
                    self.refuse(escape.shifted(span.start), message);
                }
                span
            }
            Style::Plain if content.as_bytes().last().is_some_and(|&byte| byte >= 0x80) => {
                content = text::without_last_breaks(content);
                span
            }
            _ => span,
        };
        self.scalar_token(style, span)?;
        let before = std::mem::replace(&mut self.last_end, span.end);
        let is_key = self.expects_key();
        if is_key
            && !matches!(style, Style::Literal | Style::Folded)
            && text::spans_lines_as_key(self.text, before, span)
        {
            self.refuse(span, "a key stands on one line: is there a `,` or a `:` missing?");
        }
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
            && style == Style::Plain
            && matches!(tag, None | Some("merge"))
            && let Some(data) = self.out.nodes.get_mut(id.index())
        {
            data.flags |= MERGE_KEY;
        }
        if anchor != 0 {
            self.anchors.insert(anchor, id);
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

    fn open(&mut self, kind: Kind, style: Style, anchor: usize, span: Span) -> Built<()> {
        self.look_at_tabs(span.start)?;
        if self.expects_key() {
            let (message, span) = text::not_a_key(self.text, span);
            return Err(SyntaxError::new(SyntaxErrorKind::Value, span, message));
        }
        if self.stack.len() >= self.limits.nesting {
            return Err(too_deep(self.limits.nesting, span));
        }
        let mut span = span;
        if style == Style::Flow {
            self.flow_depth += 1;
            self.after(span.end, NOWHERE);
        } else if kind == Kind::Sequence {
            span = Span::at(text::first_dash(self.text, self.last_end, span));
        }
        self.last_end = self.last_end.max(span.start);
        let id = self.push(kind, style, span)?;
        self.stack.push(Frame {
            node: id,
            is_mapping: kind == Kind::Mapping,
            is_flow: style == Style::Flow,
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
                self.flow_depth -= 1;
            }
            data.span = span;
            data.len = frame.count;
        }
        if frame.is_flow {
            self.token(Span::at(span.end))?;
        }
        if frame.anchor != 0 {
            self.anchors.insert(frame.anchor, frame.node);
        }
        if frame.is_mapping {
            self.find_duplicates(frame.node);
        }
        self.attach(frame.node, span)
    }

    /// The anchor of the node that was pushed last.
    fn anchor(&mut self, span: Span) {
        let id = NodeId(u32::try_from(self.out.nodes.len()).unwrap_or(u32::MAX).saturating_sub(1));
        self.out.anchors.push((id, span));
    }

    fn push(&mut self, kind: Kind, style: Style, span: Span) -> Built<NodeId> {
        self.budget(span)?;
        let id = NodeId(u32::try_from(self.out.nodes.len()).unwrap_or(u32::MAX));
        self.out.nodes.push(NodeData {
            span,
            parent: NodeId::NONE,
            next: NodeId::NONE,
            slot: u32::MAX,
            head: u32::MAX,
            len: 0,
            kind,
            style,
            flags: 0,
        });
        Ok(id)
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
        self.link(parent, last, id, slot);
    }

    pub(crate) fn link(&mut self, parent: NodeId, last: NodeId, id: NodeId, slot: u32) {
        let previous = if last == NodeId::NONE { parent } else { last };
        if let Some(data) = self.out.nodes.get_mut(previous.index()) {
            if last == NodeId::NONE {
                data.head = id.0;
            } else {
                data.next = id;
            }
        }
        if let Some(data) = self.out.nodes.get_mut(id.index()) {
            data.parent = parent;
            data.slot = slot;
        }
        if self.kind(parent) == Some(Kind::Mapping)
            && let Some(key) = self.out.nodes.get_mut(NodeId(slot).index())
        {
            key.parent = parent;
        }
    }
}
