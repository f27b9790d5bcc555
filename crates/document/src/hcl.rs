//! Terraform's language becomes the same tree as YAML and JSON.
//!
//! Read is what a reader of facts needs: blocks, attributes, literals, lists and objects. Every other expression is
//! kept as its text ([`Style::Expression`]): its brackets, strings and heredocs are followed to its end, its grammar is
//! Terraform's own concern. The shape is that of Terraform's JSON syntax, except that each block keeps an entry of its
//! own: `resource "aws_vpc" "main" {}` twice gives two entries `resource`, so that a place is always that of one block.

mod expression;
mod literal;

use std::sync::Arc;

use seaworthy_source::Span;

use crate::budget::Limits;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::tree::{Comment, Document, Kind, NodeId, OWNED, Style};

type Parsed<T> = Result<T, SyntaxError>;

/// Where an expression ends, if none of its own brackets is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// At the end of the line, or at the `}` of a block on one line: the value of an attribute.
    Line,
    /// At `,` or `]`: an item of a list.
    Item,
    /// At `,`, `}` or the end of the line: the value of an object's entry.
    Entry,
    /// At `=` or `:`: the key of an object's entry.
    Key,
}

/// Reads a source. What is wrong stands in the document, in the place of its tree.
pub(crate) fn read(text: &str, shared: &Arc<str>, limits: Limits) -> Document {
    let span = Span::of(0..text.len());
    let mut reader = Reader { text, at: 0, limits, out: Document::empty(shared, span) };
    if let Err(error) = reader.file() {
        reader.out.nodes.clear();
        reader.out.errors.push(error);
    }
    reader.out
}

struct Reader<'t> {
    text: &'t str,
    /// The byte that is looked at next.
    at: usize,
    limits: Limits,
    out: Document,
}

/// A list or object whose children are being read.
struct Open {
    node: NodeId,
    last: NodeId,
    count: u32,
}

impl<'t> Reader<'t> {
    fn file(&mut self) -> Parsed<()> {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
        let root = self.push(Kind::Mapping, Style::Block, self.at)?;
        self.body(root, None, 0)?;
        if let [root, first, ..] = self.out.nodes.as_mut_slice() {
            root.span = Span::new(first.span.start, root.span.end);
        }
        if self.out.nodes.len() == 1 {
            self.out.nodes.clear();
        }
        Ok(())
    }

    /// The attributes and blocks of a body, and its `}` unless it is that of the file. `opened` is where the block
    /// begins.
    fn body(&mut self, node: NodeId, opened: Option<usize>, depth: usize) -> Parsed<()> {
        let mut open = Open::new(node);
        loop {
            self.blanks(true)?;
            match (self.peek(), opened) {
                (None, None) => break,
                (None, Some(start)) => {
                    return Err(self.error(start, start + 1, "this block is never closed: `}` is missing"));
                }
                (Some(b'}'), Some(_)) => {
                    self.at += 1;
                    break;
                }
                _ => self.item(&mut open, depth)?,
            }
        }
        self.close(&open);
        Ok(())
    }

    /// An attribute or a block.
    fn item(&mut self, open: &mut Open, depth: usize) -> Parsed<()> {
        let start = self.at;
        let Some(key) = self.name()? else {
            let character = self.rest().chars().next().map_or(1, char::len_utf8);
            return Err(self.error(start, start + character, "an attribute or a block begins with a name"));
        };
        self.blanks(false)?;
        match self.peek() {
            Some(b'=') if !self.rest().starts_with("==") => {
                self.at += 1;
                self.blanks(false)?;
                let value = self.value(Ends::Line, depth + 1)?;
                self.append(open, value, key.0);
                self.line_end()
            }
            Some(b'{' | b'"') => self.block(open, key, start, depth),
            Some(byte) if starts_name(byte) => self.block(open, key, start, depth),
            _ => Err(self.error(start, self.at, "neither `=` nor `{` follows this name")),
        }
    }

    /// The labels and the body of a block whose type has been read. It is closed when its body is, however many
    /// mappings its labels make.
    fn block(&mut self, open: &mut Open, key: NodeId, start: usize, depth: usize) -> Parsed<()> {
        self.check_depth(depth, start)?;
        let mut key = key;
        let mut around: Vec<(Open, NodeId)> = Vec::new();
        while self.peek() != Some(b'{') {
            if around.len() > self.limits.nesting {
                return Err(self.too_deep(start));
            }
            let begin = self.at;
            let holder = self.push(Kind::Mapping, Style::Block, begin)?;
            let Some(label) = self.name()? else {
                return Err(self.error(start, self.at.max(start + 1), "`{` is missing after the labels of this block"));
            };
            around.push((Open::new(holder), key));
            key = label;
            self.blanks(false)?;
        }
        let body = self.push(Kind::Mapping, Style::Block, self.at)?;
        self.at += 1;
        self.body(body, Some(start), depth + 1)?;
        let mut value = body;
        while let Some((mut holder, outer)) = around.pop() {
            self.append(&mut holder, value, key.0);
            self.close(&holder);
            (key, value) = (outer, holder.node);
        }
        self.append(open, value, key.0);
        Ok(())
    }

    /// After the value of an attribute nothing but the end of its line, or of its block, may follow.
    fn line_end(&mut self) -> Parsed<()> {
        self.blanks(false)?;
        match self.peek() {
            None | Some(b'\n' | b'}' | b'#' | b'/') => Ok(()),
            _ => Err(self.error(self.at, self.at + 1, "an attribute ends with its line")),
        }
    }

    /// An identifier or a quoted name, as a node.
    fn name(&mut self) -> Parsed<Option<NodeId>> {
        if self.peek() == Some(b'"') {
            return self.quoted(Ends::Key).map(Some);
        }
        let start = self.at;
        let length = name_length(self.rest());
        if length == 0 {
            return Ok(None);
        }
        self.at += length;
        let id = self.push(Kind::String, Style::Plain, start)?;
        self.set_text(id, start, self.at);
        Ok(Some(id))
    }

    /// Passes over blanks and comments, and over ends of lines if asked to.
    fn blanks(&mut self, lines: bool) -> Parsed<()> {
        loop {
            let rest = self.rest();
            match rest.as_bytes() {
                [b' ' | b'\t' | b'\r', ..] => self.at += 1,
                [b'\n', ..] if lines => self.at += 1,
                [b'#', ..] | [b'/', b'/', ..] if lines => self.comment(),
                [b'/', b'*', ..] => self.long_comment()?,
                _ => return Ok(()),
            }
        }
    }

    /// A comment to the end of its line.
    fn comment(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let line = rest.split('\n').next().unwrap_or(rest);
        let end = start + line.trim_end_matches('\r').len();
        self.at += line.len();
        self.out.comments.push(Comment { span: Span::of(start..end) });
    }

    fn long_comment(&mut self) -> Parsed<()> {
        let start = self.at;
        let Some(length) = self.rest().get(2..).and_then(|it| it.find("*/")) else {
            return Err(self.error(start, start + 2, "this comment is never closed: `*/` is missing"));
        };
        self.at += length + 4;
        self.out.comments.push(Comment { span: Span::of(start..self.at) });
        Ok(())
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn error(&self, start: usize, end: usize, message: &str) -> SyntaxError {
        SyntaxError::new(SyntaxErrorKind::Syntax, Span::of(start..end.min(self.text.len())), message)
    }

    fn too_deep(&self, at: usize) -> SyntaxError {
        SyntaxError::too_deep(self.limits.nesting, Span::of(at..at))
    }

    fn check_depth(&self, depth: usize, at: usize) -> Parsed<()> {
        if depth < self.limits.nesting { Ok(()) } else { Err(self.too_deep(at)) }
    }

    fn push(&mut self, kind: Kind, style: Style, start: usize) -> Parsed<NodeId> {
        let span = Span::of(start..start);
        if self.out.nodes.len() >= self.limits.nodes {
            return Err(SyntaxError::too_many_values(self.limits.nodes, span));
        }
        Ok(self.out.add(kind, style, span))
    }

    /// A scalar whose text is that of the source.
    fn set_text(&mut self, id: NodeId, start: usize, end: usize) {
        if let Some(data) = self.out.nodes.get_mut(id.index()) {
            let text = Span::of(start..end);
            (data.head, data.len) = (text.start, text.len());
            data.span = Span::new(data.span.start, u32::try_from(self.at).unwrap_or(u32::MAX));
        }
    }

    /// A scalar whose text is not that of the source.
    fn set_owned(&mut self, id: NodeId, text: &str) {
        let head = self.out.owned.len();
        self.out.owned.push_str(text);
        if let Some(data) = self.out.nodes.get_mut(id.index()) {
            let text = Span::of(head..head + text.len());
            (data.head, data.len) = (text.start, text.len());
            data.flags |= OWNED;
            data.span = Span::new(data.span.start, u32::try_from(self.at).unwrap_or(u32::MAX));
        }
    }

    /// A list or object is complete.
    fn close(&mut self, open: &Open) {
        if let Some(data) = self.out.nodes.get_mut(open.node.index()) {
            data.len = open.count;
            data.span = Span::new(data.span.start, u32::try_from(self.at).unwrap_or(u32::MAX));
        }
    }

    /// Hangs a node into the list or object that is open; `slot` is its index or the number of its key.
    fn append(&mut self, open: &mut Open, id: NodeId, slot: u32) {
        self.out.link(open.node, open.last, id, slot);
        open.last = id;
        open.count += 1;
    }
}

impl Open {
    fn new(node: NodeId) -> Self {
        Self { node, last: NodeId::NONE, count: 0 }
    }
}

fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// How long the name is that a text begins with, in bytes; 0 if it begins with none. Names are Unicode's identifiers with
/// `-` (HCL, *Syntax-agnostic information model*, identifiers).
#[must_use]
pub fn name_length(text: &str) -> usize {
    if !text.starts_with(|it: char| it.is_alphabetic() || it == '_') {
        return 0;
    }
    text.find(|it: char| !it.is_alphanumeric() && it != '_' && it != '-').unwrap_or(text.len())
}

#[cfg(test)]
mod tests;
