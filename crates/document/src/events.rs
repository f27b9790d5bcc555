//! YAML as go-yaml v2 reads it, from text to events: what begins, what ends, what stands where.
//!
//! Whether a text is a key is known before anything is said of it, by a look to the end of its line: so nothing needs
//! to be put back, and an event is given as soon as it is read. A block ends where a line stands to its left. Tokens
//! and contexts are those of `scannerc.go` and `parserc.go`, with their limits and their lenience.

mod block;
mod blocks;
mod brackets;
mod cursor;
mod plain;
mod properties;
mod quoted;

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use seaworthy_source::Span;

use crate::diagnose::Problem;
use crate::tree::Style;
use cursor::Cursor;

/// What is met, in order.
pub(crate) enum Event<'t> {
    Scalar(Scalar<'t>),
    Sequence { style: Style, anchor: Option<Anchor> },
    Mapping { style: Style, anchor: Option<Anchor> },
    End,
    Alias(usize),
    UnknownAlias(&'t str),
}

/// A scalar with what stands before it.
pub(crate) struct Scalar<'t> {
    pub(crate) text: Cow<'t, str>,
    pub(crate) style: Style,
    pub(crate) anchor: Option<Anchor>,
    /// `int` for `!!int` and for `!<tag:yaml.org,2002:int>`; other tags as written.
    pub(crate) tag: Option<&'t str>,
}

/// A name for a value.
#[derive(Clone, Copy)]
pub(crate) struct Anchor {
    /// Its number: the same name given again is another anchor.
    pub(crate) id: usize,
    pub(crate) span: Span,
}

/// What is wrong, and where.
pub(crate) struct Fault {
    pub(crate) problem: Problem,
    pub(crate) offset: usize,
}

impl Fault {
    fn at(problem: Problem, offset: usize) -> Self {
        Self { problem, offset }
    }
}

/// The characters that a key may have at most, up to its `:`.
const KEY_LENGTH: usize = 1024;

type Met<'t> = (Event<'t>, Span);
type Step<'t> = Result<Met<'t>, Fault>;

/// Walks the events of one document.
pub(crate) struct Events<'t> {
    cursor: Cursor<'t>,
    /// The comments met so far.
    pub(crate) comments: Vec<Span>,
    /// Where the document ends, if that is before the end of its text.
    pub(crate) end: Option<usize>,
    levels: Vec<Level>,
    /// The column after that of the innermost block; 0 outside of all.
    indent: usize,
    /// How many brackets are open.
    brackets: usize,
    /// True where a key, or an item of a block, may begin: at the start of a line, or after `-`.
    may_begin: bool,
    /// The event after the next.
    pending: Option<Met<'t>>,
    has_begun: bool,
    anchors: FxHashMap<&'t str, usize>,
    anchor_count: usize,
    /// What the last token was, for the words of an error.
    last: Last,
    /// Where it ends.
    last_end: usize,
}

/// What the last token was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Plain,
    Quoted,
    Block,
    Other,
}

/// What is open.
#[derive(Clone, Copy)]
enum Level {
    /// A list of a block, with the column after that of its `-`.
    Items(usize),
    /// A list whose `-` stand below the key it belongs to.
    ItemsOfKey(usize),
    /// An object of a block.
    Entries { indent: usize, next: Next },
    /// `[`, with its place.
    Sequence { open: usize, next: Next },
    /// `{`, with its place.
    Mapping { open: usize, next: Next },
    /// An object of one entry within `[` and `]`.
    Pair(Next),
}

/// What comes next in a level.
#[derive(Clone, Copy)]
enum Next {
    /// The first item or key.
    First,
    /// An item or key.
    More,
    /// The value of a key that is known to be one, by a `:` on its line or by `?`.
    Value,
    /// What follows a key of `?`: its value, or nothing.
    ValueOfMark,
    /// What follows a key in `{`, which began at this place of this line: its value, or nothing.
    ValueOfKey { start: usize, line: usize },
    /// What follows an item or a value: a separator or the end.
    Separator,
}

/// What stands before a value.
#[derive(Clone, Copy, Default)]
struct Properties<'t> {
    anchor: Option<Anchor>,
    tag: Option<&'t str>,
    /// Where they end; none if there are none.
    end: Option<usize>,
}

impl<'t> Events<'t> {
    pub(crate) fn new(text: &'t str, document: Span, is_json: bool) -> Self {
        Self {
            cursor: Cursor::new(text, document, is_json),
            comments: Vec::new(),
            end: None,
            levels: Vec::new(),
            indent: 0,
            brackets: 0,
            may_begin: true,
            pending: None,
            has_begun: false,
            anchors: FxHashMap::default(),
            anchor_count: 0,
            last: Last::Other,
            last_end: document.range().start,
        }
    }

    /// The next event with its bytes; none at the end.
    pub(crate) fn next(&mut self) -> Option<Step<'t>> {
        if let Some(met) = self.pending.take() {
            return Some(Ok(met));
        }
        match self.step() {
            Ok(Some(met)) => Some(Ok(met)),
            Ok(None) => None,
            Err(fault) => Some(Err(fault)),
        }
    }

    #[inline(never)]
    fn step(&mut self) -> Result<Option<Met<'t>>, Fault> {
        self.skip()?;
        loop {
            let met = match self.levels.last().copied() {
                None if !self.has_begun => {
                    self.has_begun = true;
                    if self.cursor.is_end() {
                        return Ok(None);
                    }
                    if self.cursor.is_marker() {
                        if self.begins_by_dashes() {
                            return self.after_root().map(|()| None);
                        }
                        return Err(Fault::at(Problem::EndFirst, self.cursor.at));
                    }
                    self.block_node(false, Properties::default())?
                }
                None => return self.after_root().map(|()| None),
                Some(Level::Items(indent)) => self.item(indent)?,
                Some(Level::ItemsOfKey(indent)) => self.item_of_key(indent)?,
                Some(Level::Entries { indent, next }) => self.entry(indent, next)?,
                Some(Level::Sequence { open, next }) => match self.sequence(open, next)? {
                    Some(met) => met,
                    None => continue,
                },
                Some(Level::Mapping { open, next }) => match self.mapping(open, next)? {
                    Some(met) => met,
                    None => continue,
                },
                Some(Level::Pair(next)) => match self.pair(next)? {
                    Some(met) => met,
                    None => continue,
                },
            };
            return Ok(Some(met));
        }
    }

    /// True if Kubernetes hands the `---` before the document to go-yaml, so that it may be empty: `YAMLReader` drops the
    /// one that ends a document, and keeps one that it meets with nothing in its hands.
    fn begins_by_dashes(&self) -> bool {
        let before = self.cursor.slice(0, self.last_end).trim_start_matches('\u{feff}');
        let dashes = before.lines().rev().take_while(|it| it.starts_with("---")).count();
        if dashes == before.lines().count() { dashes % 2 == 1 } else { dashes > 0 && dashes % 2 == 0 }
    }

    /// After the value of the document go-yaml looks no further than to the next token: what follows it is never read.
    #[inline(never)]
    fn after_root(&mut self) -> Result<(), Fault> {
        if self.cursor.is_end() {
            return Ok(());
        }
        if self.last_end >= self.cursor.line && !self.cursor.is_marker() {
            return Err(match self.cursor.byte(0) {
                b':' if self.cursor.is_blank_at(self.cursor.at + 1) => self.misplaced(),
                _ => Fault::at(Problem::AfterRoot, self.cursor.at),
            });
        }
        let at = self.cursor.at;
        if self.cursor.is_marker() {
            self.end = Some(at + 3);
            return Ok(());
        }
        self.end = Some(at);
        let begins = matches!(self.cursor.byte(0), b'[' | b']' | b'{' | b'}' | b',');
        let is_sign = matches!(self.cursor.byte(0), b'-' | b'?' | b':') && self.cursor.is_blank_at(at + 1);
        if !(begins || is_sign && self.may_begin) {
            match self.cursor.byte(0) {
                b'&' | b'!' => drop(self.property(&mut Properties::default())?),
                _ => drop(self.leaf(Properties::default())?),
            }
        }
        Ok(())
    }

    /// Goes past blanks, line breaks and comments to the next token. A tab may not indent what begins a block.
    fn skip(&mut self) -> Result<(), Fault> {
        loop {
            if self.cursor.column() == 0 && self.cursor.rest().starts_with("\u{feff}".as_bytes()) {
                self.cursor.at += 3;
                self.cursor.line = self.cursor.at;
            }
            match self.cursor.byte(0) {
                b' ' => self.cursor.skip_spaces(),
                b'\t' if self.brackets > 0 || !self.may_begin => self.cursor.at += 1,
                b'\t' => return Err(Fault::at(Problem::Tab, self.cursor.at)),
                b'#' => {
                    let start = self.cursor.at;
                    self.cursor.skip_line();
                    self.comments.push(self.cursor.since(start));
                }
                b'%' if self.cursor.column() == 0 => return Err(Fault::at(Problem::Directive, self.cursor.at)),
                _ if self.cursor.break_at(self.cursor.at) > 0 => {
                    self.cursor.next_line();
                    self.may_begin |= self.brackets == 0;
                }
                _ => return Ok(()),
            }
        }
    }

    /// Takes a sign of one byte.
    fn take(&mut self) -> Span {
        let start = self.cursor.at;
        self.cursor.at += 1;
        self.ends(Last::Other);
        self.cursor.since(start)
    }

    fn ends(&mut self, last: Last) {
        (self.last, self.last_end) = (last, self.cursor.at);
    }

    /// What comes next in the innermost level.
    fn set_next(&mut self, then: Next) {
        if let Some(
            Level::Entries { next, .. }
            | Level::Sequence { next, .. }
            | Level::Mapping { next, .. }
            | Level::Pair(next),
        ) = self.levels.last_mut()
        {
            *next = then;
        }
    }

    /// A value that is not there, and where it would stand.
    fn nothing(&self, properties: Properties<'t>, at: usize) -> Met<'t> {
        let Properties { anchor, tag, end } = properties;
        let scalar = Scalar { text: Cow::Borrowed(""), style: Style::Plain, anchor, tag };
        let at = end.unwrap_or(at);
        (Event::Scalar(scalar), Span::of(at..at))
    }

    /// A scalar or an alias, which stands here.
    fn leaf(&mut self, properties: Properties<'t>) -> Step<'t> {
        let Properties { anchor, tag, .. } = properties;
        let start = self.cursor.at;
        let (text, style, span) = match self.cursor.byte(0) {
            b'*' => return self.alias(),
            quote @ (b'"' | b'\'') => {
                let text = self.cursor.quoted()?;
                self.ends(Last::Quoted);
                self.may_begin = false;
                let style = if quote == b'"' { Style::DoubleQuoted } else { Style::SingleQuoted };
                (text, style, self.cursor.since(start))
            }
            sign @ (b'|' | b'>') if self.brackets == 0 => {
                let comments = &mut self.comments;
                let mut comment = |start, end| comments.push(Span::of(start..end));
                let (text, end) = self.cursor.block(self.indent, &mut comment)?;
                (self.last, self.last_end) = (Last::Block, end);
                self.may_begin = true;
                let style = if sign == b'|' { Style::Literal } else { Style::Folded };
                (Cow::Owned(text), style, Span::of(start..end))
            }
            _ => {
                if !self.begins_plain() {
                    return Err(self.misplaced());
                }
                let plain = self.cursor.plain(self.brackets > 0, self.indent)?;
                (self.last, self.last_end) = (Last::Plain, plain.span.range().end);
                self.may_begin = plain.ends_line && self.brackets == 0;
                (plain.text, Style::Plain, plain.span)
            }
        };
        Ok((Event::Scalar(Scalar { text, style, anchor, tag }), span))
    }

    fn begins_plain(&self) -> bool {
        self.cursor.begins_plain(self.brackets > 0)
    }

    /// The words for what stands here and cannot.
    fn misplaced(&self) -> Fault {
        let at = self.cursor.at;
        let is_same_line = self.last_end >= self.cursor.line;
        let next_is_blank = self.cursor.is_blank_at(at + 1);
        Fault::at(
            match self.cursor.byte(0) {
                b':' if self.last == Last::Quoted && is_same_line && !next_is_blank => Problem::Indent,
                b':' => Problem::Colon,
                b']' | b'}' => Problem::Close,
                _ if self.last == Last::Quoted && is_same_line => Problem::AfterQuote,
                b'-' if next_is_blank && !self.may_begin => Problem::Dash,
                b',' | b'%' | b'@' | b'`' | b'*' | b'&' | b'|' | b'>' | b'?'
                    if is_same_line || at > self.cursor.line =>
                {
                    Problem::Sign
                }
                _ if self.last == Last::Block => Problem::BlockIndent,
                _ if self.last == Last::Plain
                    && self.comments.last().is_some_and(|it| it.start as usize >= self.last_end) =>
                {
                    Problem::CommentInText
                }
                _ => Problem::Indent,
            },
            at,
        )
    }
}
