//! Events become an arena tree.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use seaworthy_source::{SourceId, Span};

use crate::budget::Limits;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::events::{Event, Events};
use crate::scalar::{self, Scalar};
use crate::split::Chunk;
use crate::tree::{
    ALIASED, Comment, Document, DuplicateKey, Kind, MERGED, NodeData, NodeId, OVERRIDDEN, OWNED, Style,
};

/// An open list or object.
struct Frame {
    node: NodeId,
    last: NodeId,
    count: u32,
    /// The key that waits for its value.
    key: Option<NodeId>,
    anchor: usize,
    span: Span,
}

/// Reads one chunk of a source into a document.
pub(crate) struct Builder<'t> {
    text: &'t str,
    limits: Limits,
    /// Nodes that the documents before this one used.
    spent: usize,
    out: Document,
    stack: Vec<Frame>,
    anchors: FxHashMap<usize, NodeId>,
    open_anchors: Vec<usize>,
    from_aliases: usize,
    alias_text: usize,
}

type Built<T> = Result<T, SyntaxError>;

impl<'t> Builder<'t> {
    pub(crate) fn new(text: &'t str, shared: &Arc<str>, chunk: Chunk, limits: Limits, spent: usize) -> Self {
        let out = Document {
            source: SourceId(0),
            index: 0,
            span: chunk.span,
            text: Arc::clone(shared),
            owned: String::new(),
            nodes: Vec::new(),
            comments: Vec::new(),
            duplicates: Vec::new(),
            aliases: Vec::new(),
            anchors: Vec::new(),
            error: None,
            unread: None,
        };
        Self {
            text,
            limits,
            spent,
            out,
            stack: Vec::new(),
            anchors: FxHashMap::default(),
            open_anchors: Vec::new(),
            from_aliases: 0,
            alias_text: 0,
        }
    }

    /// Reads the chunk. A document without a root and without an error is empty.
    pub(crate) fn build(mut self) -> Document {
        if let Err(error) = self.read() {
            self.out.error = Some(error);
        }
        self.out.aliases.sort_unstable();
        self.out
    }

    fn read(&mut self) -> Built<()> {
        let chunk = self.out.span;
        let content = self.text.get(chunk.range()).unwrap_or("");
        let mut events = Events::new(content, self.limits.nesting);
        let shift = |span: Span| Span::new(span.start + chunk.start, span.end + chunk.start);
        while let Some(next) = events.next() {
            let (event, span) = next.map_err(|fault| {
                let at = Span::of(fault.offset..fault.offset);
                let kind = if fault.is_limit { SyntaxErrorKind::Limit } else { SyntaxErrorKind::Syntax };
                SyntaxError::new(kind, shift(at), fault.message)
            })?;
            let span = shift(span);
            match event {
                Event::Scalar { text, style, anchor, tag } => self.scalar(&text, style, anchor, tag.as_deref(), span)?,
                Event::Sequence { style, anchor } => self.open(Kind::Sequence, style, anchor, span)?,
                Event::Mapping { style, anchor } => self.open(Kind::Mapping, style, anchor, span)?,
                Event::End => self.close(span)?,
                Event::Alias(id) => self.alias(id, span)?,
                Event::Anchor => self.anchor(span),
                Event::Comment => self.out.comments.push(Comment { span }),
                Event::DocumentStart { version } => {
                    if version.is_some_and(|version| version != (1, 1)) {
                        return Err(SyntaxError::new(
                            SyntaxErrorKind::Value,
                            span,
                            "found incompatible YAML document: Kubernetes reads YAML 1.1",
                        ));
                    }
                }
                Event::DocumentEnd => {
                    self.unread_after(chunk, span.end);
                    break;
                }
            }
        }
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

    fn budget(&self, span: Span) -> Built<()> {
        let total = self.out.nodes.len();
        if total + self.spent >= self.limits.nodes {
            let message = format!("more than {} values in one file (limit `nodes`)", self.limits.nodes);
            return Err(SyntaxError::new(SyntaxErrorKind::Limit, span, message));
        }
        #[allow(clippy::cast_precision_loss, reason = "a ratio of counts far below 2^52")]
        let share = self.from_aliases as f64 / total.max(1) as f64;
        if self.from_aliases > 100 && total > 1000 && share > Limits::alias_share(total) {
            return Err(SyntaxError::new(SyntaxErrorKind::Limit, span, "document contains excessive aliasing"));
        }
        if self.alias_text > self.limits.alias_text {
            let message = format!("aliases repeat more than {} bytes (limit `alias_text`)", self.limits.alias_text);
            return Err(SyntaxError::new(SyntaxErrorKind::Limit, span, message));
        }
        Ok(())
    }

    fn scalar(&mut self, text: &Cow<'t, str>, style: Style, anchor: usize, tag: Option<&str>, span: Span) -> Built<()> {
        let is_key = self.stack.last().is_some_and(|frame| self.is_mapping(frame.node) && frame.key.is_none());
        let text = self.without_added_newline(text, style, span);
        let resolved = resolve(&text, style, tag, span)?;
        let (kind, text) = match resolved {
            (Kind::Float, text) if !is_key && !matches!(scalar::resolve_plain(&text), Scalar::Float(f) if f.is_finite())
                && !matches!(scalar::resolve_plain(&text), Scalar::Int(_)) =>
            {
                let message = format!("json: unsupported value: {text}");
                return Err(SyntaxError::new(SyntaxErrorKind::Value, span, message));
            }
            (kind, text) if is_key => (Kind::String, key_text(kind, text, tag, style, span)?),
            other => other,
        };
        let id = self.push(kind, style, span)?;
        self.set_text(id, &text);
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        self.attach(id)
    }

    /// libyaml gives a clipped block scalar no final newline where the file has none; YAML 1.2 parsers add one.
    fn without_added_newline<'s>(&self, text: &'s Cow<'t, str>, style: Style, span: Span) -> Cow<'s, str> {
        let at_end = span.end as usize >= self.text.len() && !self.text.ends_with('\n');
        match text.strip_suffix('\n') {
            Some(stripped) if at_end && matches!(style, Style::Literal | Style::Folded) => Cow::Borrowed(stripped),
            _ => Cow::Borrowed(text),
        }
    }

    fn open(&mut self, kind: Kind, style: Style, anchor: usize, span: Span) -> Built<()> {
        if self.stack.last().is_some_and(|frame| self.is_mapping(frame.node) && frame.key.is_none()) {
            return Err(SyntaxError::new(SyntaxErrorKind::Value, span, "a list or an object cannot be a key"));
        }
        if self.stack.len() >= self.limits.nesting {
            let message = format!("more than {} levels of nesting (limit `nesting`)", self.limits.nesting);
            return Err(SyntaxError::new(SyntaxErrorKind::Limit, span, message));
        }
        let id = self.push(kind, style, span)?;
        if anchor != 0 {
            self.open_anchors.push(anchor);
        }
        self.stack.push(Frame { node: id, last: NodeId::NONE, count: 0, key: None, anchor, span });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Built<()> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let mut span = frame.span.cover(Span::at(end.end));
        if let Some(data) = self.out.nodes.get_mut(frame.node.0 as usize) {
            if data.style == Style::Block {
                span.end = trim_end(self.text, span);
            }
            data.span = span;
            data.len = frame.count;
        }
        if frame.anchor != 0 {
            self.open_anchors.retain(|&open| open != frame.anchor);
            self.anchors.insert(frame.anchor, frame.node);
        }
        if self.is_mapping(frame.node) {
            self.find_duplicates(frame.node);
        }
        self.attach(frame.node)
    }

    fn anchor(&mut self, span: Span) {
        let id = NodeId(u32::try_from(self.out.nodes.len()).unwrap_or(u32::MAX).saturating_sub(1));
        self.out.anchors.push((id, span));
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Built<()> {
        let Some(&target) = self.anchors.get(&anchor) else {
            let message = if self.open_anchors.contains(&anchor) {
                "the value of an anchor contains itself"
            } else {
                "an alias names an anchor that is not defined before it"
            };
            return Err(SyntaxError::new(SyntaxErrorKind::Value, span, message));
        };
        if self.stack.last().is_some_and(|frame| self.is_mapping(frame.node) && frame.key.is_none())
            && self.out.data(target).is_some_and(|data| matches!(data.kind, Kind::Sequence | Kind::Mapping))
        {
            return Err(SyntaxError::new(SyntaxErrorKind::Value, span, "a list or an object cannot be a key"));
        }
        let copy = self.copy(target, span)?;
        self.out.aliases.push((copy, span));
        self.attach(copy)
    }

    /// Copies a finished subtree; each copied node counts as one that came from an alias.
    fn copy(&mut self, from: NodeId, span: Span) -> Built<NodeId> {
        let root = self.copy_one(from, span)?;
        // Pairs of a finished original and its copy whose children are still to be copied. Nesting is bounded, so the
        // work list is bounded by the node budget.
        let mut work = vec![(from, root)];
        while let Some((original, copied)) = work.pop() {
            let Some(data) = self.out.data(original).cloned() else { continue };
            if !matches!(data.kind, Kind::Sequence | Kind::Mapping) {
                continue;
            }
            let (mut child, mut last) = (NodeId(data.head), NodeId::NONE);
            self.set_head(copied, NodeId::NONE);
            while let Some(source) = self.out.data(child).cloned() {
                let slot = if data.kind == Kind::Mapping { self.copy_one(NodeId(source.slot), span)?.0 } else { source.slot };
                let id = self.copy_one(child, span)?;
                self.link(copied, last, id, slot);
                work.push((child, id));
                last = id;
                child = source.next;
            }
        }
        Ok(root)
    }

    fn copy_one(&mut self, from: NodeId, span: Span) -> Built<NodeId> {
        self.from_aliases += 1;
        self.budget(span)?;
        let id = NodeId(u32::try_from(self.out.nodes.len()).unwrap_or(u32::MAX));
        if let Some(data) = self.out.data(from).cloned() {
            if !matches!(data.kind, Kind::Sequence | Kind::Mapping) {
                self.alias_text += data.len as usize;
            }
            self.out.nodes.push(NodeData {
                flags: data.flags | ALIASED,
                parent: NodeId::NONE,
                next: NodeId::NONE,
                ..data
            });
        }
        Ok(id)
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
        if let Some(data) = self.out.nodes.get_mut(id.0 as usize) {
            data.head = u32::try_from(head).unwrap_or(u32::MAX);
            data.len = u32::try_from(text.len()).unwrap_or(u32::MAX);
            data.flags |= if borrowed { 0 } else { OWNED };
        }
    }

    fn is_mapping(&self, id: NodeId) -> bool {
        self.out.data(id).is_some_and(|data| data.kind == Kind::Mapping)
    }

    fn set_head(&mut self, id: NodeId, head: NodeId) {
        if let Some(data) = self.out.nodes.get_mut(id.0 as usize) {
            data.head = head.0;
        }
    }

    /// Hangs a finished node into the list or object that is open.
    fn attach(&mut self, id: NodeId) -> Built<()> {
        let Some(frame) = self.stack.last_mut() else { return Ok(()) };
        let parent = frame.node;
        let is_mapping = self.out.data(parent).is_some_and(|data| data.kind == Kind::Mapping);
        let Some(frame) = self.stack.last_mut() else { return Ok(()) };
        if !is_mapping {
            let (last, index) = (frame.last, frame.count);
            frame.last = id;
            frame.count += 1;
            self.link(parent, last, id, index);
            return Ok(());
        }
        let Some(key) = frame.key.take() else {
            frame.key = Some(id);
            self.set_parent(id, parent);
            return Ok(());
        };
        if self.is_merge_key(key) {
            return self.merge(parent, id);
        }
        let Some(frame) = self.stack.last_mut() else { return Ok(()) };
        let last = frame.last;
        frame.last = id;
        frame.count += 1;
        self.link(parent, last, id, key.0);
        Ok(())
    }

    fn set_parent(&mut self, id: NodeId, parent: NodeId) {
        if let Some(data) = self.out.nodes.get_mut(id.0 as usize) {
            data.parent = parent;
        }
    }

    fn link(&mut self, parent: NodeId, last: NodeId, id: NodeId, slot: u32) {
        let previous = if last == NodeId::NONE { parent } else { last };
        if let Some(data) = self.out.nodes.get_mut(previous.0 as usize) {
            if last == NodeId::NONE {
                data.head = id.0;
            } else {
                data.next = id;
            }
        }
        if let Some(data) = self.out.nodes.get_mut(id.0 as usize) {
            data.parent = parent;
            data.slot = slot;
        }
        if self.is_mapping(parent) {
            self.set_parent(NodeId(slot), parent);
        }
    }

    fn is_merge_key(&self, key: NodeId) -> bool {
        self.out.data(key).is_some_and(|data| {
            data.style == Style::Plain && data.flags & (OWNED | ALIASED) == 0 && self.text.get(data.span.range()) == Some("<<")
        })
    }

    /// `<<`: the entries of another object, set one after another as go-yaml sets them, so that they override what
    /// stands before and are overridden by what stands behind. Of several objects the first wins.
    fn merge(&mut self, parent: NodeId, value: NodeId) -> Built<()> {
        let not_a_map = |span| {
            let message = "map merge requires map or sequence of maps as the value";
            Err(SyntaxError::new(SyntaxErrorKind::Value, span, message))
        };
        let Some(data) = self.out.data(value).cloned() else { return Ok(()) };
        let maps = match data.kind {
            Kind::Mapping => vec![value],
            Kind::Sequence => {
                let items: Vec<_> = std::iter::successors(Some(NodeId(data.head)), |&id| self.out.data(id).map(|it| it.next))
                    .take_while(|&id| self.out.data(id).is_some())
                    .collect();
                if !items.iter().all(|&id| self.is_mapping(id)) {
                    return not_a_map(data.span);
                }
                items.into_iter().rev().collect()
            }
            _ => return not_a_map(data.span),
        };
        for map in maps {
            let mut child = self.out.data(map).map_or(NodeId::NONE, |data| NodeId(data.head));
            while let Some(entry) = self.out.data(child).cloned() {
                if let Some(data) = self.out.nodes.get_mut(child.0 as usize) {
                    data.flags |= MERGED;
                    data.next = NodeId::NONE;
                }
                let Some(frame) = self.stack.last_mut() else { return Ok(()) };
                let last = frame.last;
                frame.last = child;
                frame.count += 1;
                self.link(parent, last, child, entry.slot);
                child = entry.next;
            }
        }
        Ok(())
    }

    /// Marks all but the last entry of each key; keys that clash by a merge are no mistake.
    fn find_duplicates(&mut self, mapping: NodeId) {
        let mut last_of: FxHashMap<&str, NodeId> = FxHashMap::default();
        let mut lost = Vec::new();
        let mut child = self.out.data(mapping).map_or(NodeId::NONE, |data| NodeId(data.head));
        while let Some(data) = self.out.data(child) {
            let key = self.out.node(NodeId(data.slot)).map_or("", |key| key.text());
            if let Some(first) = last_of.insert(key, child) {
                lost.push((first, child));
            }
            child = data.next;
        }
        for (first, last) in lost {
            let merged = [first, last].iter().any(|&id| self.out.data(id).is_some_and(|data| data.flags & MERGED != 0));
            if let Some(data) = self.out.nodes.get_mut(first.0 as usize) {
                data.flags |= OVERRIDDEN;
            }
            if !merged {
                self.out.duplicates.push(DuplicateKey { first, last });
            }
        }
    }
}

/// What a scalar is, and its text where a tag changes it.
fn resolve<'s>(text: &Cow<'s, str>, style: Style, tag: Option<&str>, span: Span) -> Built<(Kind, Cow<'s, str>)> {
    let found = match (tag, style) {
        (None, Style::Plain) => scalar::resolve_plain(text),
        (None | Some("str" | "timestamp"), _) => Scalar::String,
        (Some("binary"), _) => return Ok((Kind::String, decode_base64(text, span)?)),
        (Some("int" | "float" | "bool" | "null" | "" | "!"), _) => scalar::resolve_plain(text),
        (Some(_), _) => Scalar::String,
    };
    let kind = match found {
        Scalar::Null => Kind::Null,
        Scalar::Bool(value) => Kind::Bool(value),
        Scalar::Int(_) => Kind::Int,
        Scalar::Float(_) => Kind::Float,
        Scalar::String => Kind::String,
    };
    let kind = match (tag, kind) {
        (Some("float"), Kind::Int | Kind::Float) => Kind::Float,
        (Some("int"), Kind::Int) | (Some("bool"), Kind::Bool(_)) | (Some("null"), Kind::Null) => kind,
        (Some(tag @ ("int" | "float" | "bool" | "null")), _) => {
            let message = format!("cannot decode `{text}` as a !!{tag}");
            return Err(SyntaxError::new(SyntaxErrorKind::Value, span, message));
        }
        (_, kind) => kind,
    };
    Ok((kind, text.clone()))
}

/// The text of a key once go-yaml and `sigs.k8s.io/yaml` are through with it.
fn key_text<'s>(kind: Kind, text: Cow<'s, str>, tag: Option<&str>, style: Style, span: Span) -> Built<Cow<'s, str>> {
    Ok(match kind {
        Kind::String => text,
        Kind::Null if tag.is_none() && style == Style::Plain && text == "<<" => text,
        Kind::Null => {
            let message = "a key that is null: Kubernetes reads no such object";
            return Err(SyntaxError::new(SyntaxErrorKind::Value, span, message));
        }
        Kind::Bool(value) => Cow::Borrowed(if value { "true" } else { "false" }),
        _ => match scalar::resolve_plain(&text) {
            Scalar::Int(value) if i64::try_from(value).is_err() => {
                let message = format!("the key `{text}` is a number beyond 64 bits");
                return Err(SyntaxError::new(SyntaxErrorKind::Value, span, message));
            }
            #[allow(clippy::cast_precision_loss, reason = "go-yaml converts `!!float 1` the same way")]
            Scalar::Int(value) if kind == Kind::Float => Cow::Owned(scalar::float_key(value as f64)),
            Scalar::Int(value) => Cow::Owned(value.to_string()),
            Scalar::Float(value) if value.is_nan() => Cow::Borrowed(".nan"),
            Scalar::Float(value) if value.is_infinite() => Cow::Borrowed(if value > 0.0 { ".inf" } else { "-.inf" }),
            Scalar::Float(value) => Cow::Owned(scalar::float_key(value)),
            _ => text,
        },
    })
}

fn decode_base64<'s>(text: &str, span: Span) -> Built<Cow<'s, str>> {
    let fail = || SyntaxError::new(SyntaxErrorKind::Value, span, "!!binary value contains invalid base64 data");
    let mut bits = 0u32;
    let (mut have, mut bytes) = (0, Vec::with_capacity(text.len() / 4 * 3));
    let trimmed = text.trim_end_matches(['=', '\n', '\r']);
    for byte in trimmed.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return Err(fail()),
        };
        bits = bits << 6 | u32::from(value);
        have += 6;
        if have >= 8 {
            have -= 8;
            bytes.push(u8::try_from(bits >> have & 0xFF).unwrap_or(0));
        }
    }
    // JSON replaces what is no UTF-8.
    Ok(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
}

/// The end of a block without the line breaks, blanks and comments that the parser counts to it.
fn trim_end(text: &str, span: Span) -> u32 {
    let content = text.get(span.range()).unwrap_or("");
    let mut end = content.trim_end().len();
    while let Some(line_start) = content.get(..end).and_then(|head| head.rfind('\n')) {
        let line = content.get(line_start..end).unwrap_or("").trim_start();
        if !line.starts_with('#') {
            break;
        }
        end = content.get(..line_start).map_or(0, |head| head.trim_end().len());
    }
    span.start + u32::try_from(end).unwrap_or(0)
}
