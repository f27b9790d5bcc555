//! The event parser, behind the few names that the rest of the crate uses.

use std::borrow::Cow;

use granit_parser::{ErrorKind, Event as Raw, Options, Parser, ScalarStyle, ScanError, StructureStyle};
use seaworthy_source::Span;

use crate::repair::Complaint;
use crate::tree::Style;

/// What the parser meets, in order.
pub(crate) enum Event<'t> {
    Scalar(Scalar<'t>),
    Sequence { style: Style, anchor: usize },
    Mapping { style: Style, anchor: usize },
    End,
    Alias(usize),
    UnknownAlias(String),
    Anchor,
    Comment,
    DocumentStart { version: Option<(u32, u32)> },
    DocumentEnd,
}

/// A scalar with what stands around it.
pub(crate) struct Scalar<'t> {
    pub(crate) text: Cow<'t, str>,
    pub(crate) style: Style,
    /// The parser's number of its anchor, 0 without.
    pub(crate) anchor: usize,
    /// `int` for `!!int` and for every other spelling of `tag:yaml.org,2002:int`; other tags as written.
    pub(crate) tag: Option<String>,
}

/// An error of the parser: its words and the bytes it stands at, from the start of the text given.
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) span: Span,
    pub(crate) is_limit: bool,
    /// What could be mended before another try.
    pub(crate) complaint: Option<Complaint>,
}

/// Walks the events of one document's text.
pub(crate) struct Events<'t> {
    parser: Parser<'t, granit_parser::StrInput<'t>>,
}

impl<'t> Events<'t> {
    /// JSON knows no limit to the length of a key.
    pub(crate) fn new(text: &'t str, nesting: usize, is_json: bool) -> Self {
        let mut options = Options::default();
        options.emit_anchor_events = true;
        options.flow_nesting_limit = nesting;
        options.block_nesting_limit = nesting;
        options.emit_unresolved_aliases = true;
        if is_json {
            options.simple_key_max_lookahead = usize::MAX;
        }
        options.max_buffered_comment_events = usize::MAX;
        Self { parser: Parser::new_from_str_with_options(text, options) }
    }

    /// The next event with its bytes; none at the end.
    pub(crate) fn next(&mut self) -> Option<Result<(Event<'t>, Span), Fault>> {
        loop {
            let (raw, span) = match self.parser.next_event()? {
                Ok(event) => event,
                Err(error) => return Some(Err(fault(&error))),
            };
            let bytes = Span::of(span.byte_range().unwrap_or(0..0));
            let event = match raw {
                Raw::Scalar(text, style, anchor, tag) => {
                    let tag = tag.map(|tag| match tag.suffix_in_namespace("tag:yaml.org,2002:") {
                        Some(suffix) => suffix.into_owned(),
                        None => tag.original(),
                    });
                    Event::Scalar(Scalar { text, style: scalar_style(style), anchor, tag })
                }
                Raw::SequenceStart(style, anchor, _) => Event::Sequence { style: structure_style(style), anchor },
                Raw::MappingStart(style, anchor, _) => Event::Mapping { style: structure_style(style), anchor },
                Raw::SequenceEnd | Raw::MappingEnd => Event::End,
                Raw::Alias(id) => Event::Alias(id),
                Raw::UnresolvedAlias(name) => Event::UnknownAlias(name.into_owned()),
                Raw::Anchor(..) => Event::Anchor,
                Raw::Comment(..) => Event::Comment,
                Raw::DocumentStart(_, version) => {
                    Event::DocumentStart { version: version.map(|it| (it.major, it.minor)) }
                }
                Raw::DocumentEnd => Event::DocumentEnd,
                _ => continue,
            };
            return Some(Ok((event, bytes)));
        }
    }
}

fn fault(error: &ScanError) -> Fault {
    let offset = error.marker().byte_offset().unwrap_or(0);
    Fault {
        is_limit: matches!(error.kind(), ErrorKind::RecursionLimitExceeded),
        span: Span::of(offset..offset),
        complaint: match error.kind() {
            ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar => Some(Complaint::Tab),
            ErrorKind::InvalidQuotedScalarIndent => Some(Complaint::QuotedIndent),
            _ => None,
        },
        message: words(error),
    }
}

/// The errors people meet, in words that say what to change; the others in the parser's own.
fn words(error: &ScanError) -> String {
    match error.kind() {
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
            "a tab stands where only blanks may indent".to_owned()
        }
        ErrorKind::TabAtBlockScalarStart => "a block of text begins with a tab".to_owned(),
        ErrorKind::UnclosedQuotedScalar => "a quote is opened and never closed".to_owned(),
        ErrorKind::UnclosedFlowCollection { open } => format!("`{open}` is opened and never closed"),
        ErrorKind::UnexpectedEofFlowSequence => "`[` is opened and never closed".to_owned(),
        ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            "`{` is opened and never closed".to_owned()
        }
        ErrorKind::RecursionLimitExceeded => "lists and objects are nested too deep".to_owned(),
        ErrorKind::UnknownAnchor => "an alias names an anchor that is not defined before it".to_owned(),
        ErrorKind::InvalidIndentation => "the indentation fits no block that is open here".to_owned(),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            "a key without `:`, or a line that is indented too little".to_owned()
        }
        ErrorKind::ExpectedBlockMappingKey => "expected a key here: the indentation or a `:` is off".to_owned(),
        _ => error.info(),
    }
}

fn scalar_style(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

fn structure_style(style: StructureStyle) -> Style {
    match style {
        StructureStyle::Block => Style::Block,
        StructureStyle::Flow => Style::Flow,
    }
}
