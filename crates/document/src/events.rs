//! The event parser, behind the few names that the rest of the crate uses.

use std::borrow::Cow;

use granit_parser::{ErrorKind, Event as Raw, Options, Parser, ScalarStyle, ScanError, StructureStyle};
use seaworthy_source::Span;

use crate::diagnose::Problem;
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

/// An error of the parser: what and where, from the start of the text given.
pub(crate) struct Fault {
    pub(crate) problem: Problem,
    pub(crate) offset: usize,
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
    Fault { problem: problem(error), offset: error.marker().byte_offset().unwrap_or(0) }
}

fn problem(error: &ScanError) -> Problem {
    match *error.kind() {
        ErrorKind::RecursionLimitExceeded => Problem::TooDeep,
        ErrorKind::MappingValueNotAllowed => Problem::Colon,
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => Problem::NoColon,
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::InvalidIndentation
        | ErrorKind::InvalidFlowScalarIndent => Problem::Indent,
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar => Problem::Tab,
        ErrorKind::TabAtBlockScalarStart => Problem::TabInBlock,
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => Problem::OpenQuote,
        ErrorKind::InvalidQuotedScalarIndent => Problem::QuotedIndent,
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            Problem::AfterQuote
        }
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => Problem::Escape,
        ErrorKind::MissingAnchorOrAliasName
        | ErrorKind::UnexpectedCharacter { .. }
        | ErrorKind::MappingKeyNotAllowed
        | ErrorKind::PlainScalarStartsWithDashFlowIndicator => Problem::Sign,
        ErrorKind::InvalidTagTerminator
        | ErrorKind::MissingTagUri
        | ErrorKind::UnclosedVerbatimTag
        | ErrorKind::UndeclaredTagHandle
        | ErrorKind::InvalidTagEscape => Problem::Tag,
        ErrorKind::BlockSequenceEntryNotAllowed => Problem::Dash,
        ErrorKind::MisplacedFlowCollectionEnd => Problem::Close,
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => Problem::Mismatch { open, close },
        ErrorKind::UnclosedFlowCollection { open } => Problem::Unclosed { open },
        ErrorKind::UnexpectedEofFlowSequence => Problem::Unclosed { open: '[' },
        ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            Problem::Unclosed { open: '{' }
        }
        ErrorKind::ExpectedFlowMappingSeparator => Problem::Separator { close: '}' },
        ErrorKind::ExpectedFlowSequenceSeparator | ErrorKind::InvalidColonPlacement => {
            Problem::Separator { close: ']' }
        }
        ErrorKind::ExpectedDocumentStart
        | ErrorKind::MissingDocumentEndBeforeDirective
        | ErrorKind::InvalidDirectiveTerminator
        | ErrorKind::MissingDirectiveName
        | ErrorKind::InvalidDirectiveName
        | ErrorKind::MissingYamlVersion
        | ErrorKind::MissingYamlVersionSeparator
        | ErrorKind::UnsupportedYamlMajorVersion => Problem::Directive,
        ErrorKind::InvalidBlockScalarHeader | ErrorKind::ZeroBlockScalarIndent => Problem::BlockHeader,
        ErrorKind::InvalidBlockScalarIndent => Problem::BlockIndent,
        ErrorKind::CommentNotSeparated => Problem::TouchingComment,
        ErrorKind::CommentInterceptedScalar => Problem::CommentInText,
        _ => Problem::Other(error.info()),
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
