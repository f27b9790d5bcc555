//! Small questions to the text as written.

use std::borrow::Cow;

use seaworthy_source::Span;

/// The first character that go-yaml's reader refuses, and where it is.
pub(crate) fn control_character(text: &str) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    let is_control = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r') || byte == 0x7F;
    // One pass without branches over what is nearly always clean; only then a look at characters.
    let (control, wide) =
        bytes.iter().fold((false, false), |(control, wide), &byte| (control | is_control(byte), wide | (byte >= 0xC2)));
    if !control && !wide {
        return None;
    }
    let is_refused = |character: char| match character {
        '\u{80}'..='\u{84}' | '\u{86}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}' => true,
        ascii if ascii.is_ascii() => is_control(ascii as u8),
        _ => false,
    };
    text.char_indices().find(|&(_, character)| is_refused(character))
}

/// Escapes of a double-quoted text that YAML 1.2 knows and go-yaml does not.
pub(crate) fn foreign_escape(written: &str) -> Option<(Span, &'static str)> {
    let bytes = written.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', bytes.get(at..)?) {
        let start = at + found;
        let rest = bytes.get(start + 1..)?;
        match rest {
            [b'/', ..] => {
                return Some((Span::of(start..start + 2), "`\\/` is an escape of JSON, not of YAML: write `/`"));
            }
            [b'u', b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..] => {
                let message = "half a character: YAML writes what lies beyond `\\uFFFF` as `\\U` and eight digits";
                return Some((Span::of(start..start + 6), message));
            }
            _ => at = start + 2,
        }
    }
    None
}

/// YAML 1.1 counts these three as line breaks, so that they end a plain text instead of belonging to it.
pub(crate) fn without_last_breaks(text: Cow<'_, str>) -> Cow<'_, str> {
    let length = text.trim_end_matches(['\u{85}', '\u{2028}', '\u{2029}', ' ', '\t']).len();
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..length).unwrap_or(text)),
        Cow::Owned(mut text) => {
            text.truncate(length);
            Cow::Owned(text)
        }
    }
}

/// A span without the blanks and line breaks at its end.
pub(crate) fn trimmed(text: &str, span: Span) -> Span {
    let length = text.get(span.range()).unwrap_or("").trim_end_matches([' ', '\t', '\n', '\r']).len();
    Span::of(span.range().start..span.range().start + length)
}

/// The column of an offset, in bytes from 0.
pub(crate) fn column(text: &str, offset: u32) -> u32 {
    let before = text.get(..offset as usize).unwrap_or("").as_bytes();
    let length = before.len() - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    Span::of(0..length).end
}

/// How far the content of a block scalar is indented, by its first line that is not blank.
pub(crate) fn block_indent(text: &str, span: Span) -> u32 {
    let mut lines = text.get(span.range()).unwrap_or("").lines().skip(1);
    let indent = lines.find_map(|line| line.find(|character| character != ' ').filter(|&at| at < line.len()));
    Span::of(0..indent.unwrap_or(0)).end
}

/// The first tab that go-yaml refuses between two tokens: one that indents a line before column `from`, up to the first
/// byte that is no blank, and after that before column `later`; without `later` none there. In block context, where
/// `later` is out of reach, a tab after `-` or `?` is refused too.
pub(crate) fn tab_in_gap(text: &str, gap: Span, from: u32, later: Option<u32>) -> Option<u32> {
    let bytes = text.as_bytes().get(..gap.range().end)?;
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let mut at = gap.range().start;
    let content = at + bytes.get(at..)?.iter().take_while(|byte| is_blank(byte)).count();
    while let Some(found) = memchr::memchr(b'\t', bytes.get(at..)?) {
        let tab = at + found;
        let from = if tab < content { from } else { later? };
        let blanks = bytes.get(..tab)?.iter().rev().take_while(|&&byte| byte == b' ').count();
        let is_refused = match tab.checked_sub(blanks + 1).and_then(|before| bytes.get(before)) {
            None | Some(b'\n' | b'\r') => blanks < from as usize,
            Some(b'-' | b'?') => tab >= content && from == u32::MAX,
            Some(_) => false,
        };
        if is_refused {
            return Some(Span::of(tab..tab).start);
        }
        at = tab + bytes.get(tab..)?.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    }
    None
}

/// True for a key of several lines, which only `?` may introduce; `after` is where the token before it ends.
pub(crate) fn spans_lines_as_key(text: &str, after: u32, span: Span) -> bool {
    let written = text.get(span.range()).unwrap_or("").as_bytes();
    memchr::memchr2(b'\n', b'\r', written).is_some()
        && text.get(span.range().end..).unwrap_or("").trim_start().starts_with(':')
        && !text.get(after as usize..span.range().start).unwrap_or("").contains('?')
}

/// Where the first byte that is no blank stands.
pub(crate) fn first_content(text: &str, span: Span) -> u32 {
    let content = text.get(span.range()).unwrap_or("");
    Span::of(0..content.len() - content.trim_start().len()).shifted(span.start).end
}

/// Where a value would stand that is not there: right after the `:`, `-` or `?` that waits for it. The parser names the
/// end of the key or the next token, perhaps lines below.
pub(crate) fn place_of_nothing(text: &str, after: u32, named: u32) -> u32 {
    let before_next = trimmed(text, Span::new(after, named.max(after))).end;
    let rest = text.get(before_next as usize..).unwrap_or("");
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    match rest.as_bytes().get(blanks) {
        Some(b':') => Span::of(0..blanks + 1).shifted(before_next).end,
        _ => before_next,
    }
}

/// A block scalar from its `|` or `>`, which stands after `after`, to the end of its last line that is not blank.
pub(crate) fn with_header(text: &str, after: u32, span: Span) -> Span {
    let end = trimmed(text, span).end;
    let header = indicator(text, Span::new(after, end), |byte| matches!(byte, b'|' | b'>'));
    Span::new(header.unwrap_or(span.start), end)
}

/// Where a list by indentation begins that is known by its first item: at its first `-` after `after`.
pub(crate) fn first_dash(text: &str, after: u32, item: Span) -> u32 {
    if text.as_bytes().get(item.range().start) == Some(&b'-') {
        return item.start;
    }
    indicator(text, Span::new(after, item.start), |byte| byte == b'-').unwrap_or(item.start)
}

/// The first of some bytes that stands after a blank and in no comment.
fn indicator(text: &str, span: Span, is_sought: impl Fn(u8) -> bool) -> Option<u32> {
    let bytes = text.as_bytes().get(span.range())?;
    let (mut at, mut previous) = (0, b' ');
    while let Some(&byte) = bytes.get(at) {
        if previous.is_ascii_whitespace() && !byte.is_ascii_whitespace() {
            if is_sought(byte) {
                return Some(Span::of(0..at).shifted(span.start).end);
            }
            if byte == b'#' {
                at += memchr::memchr2(b'\n', b'\r', bytes.get(at..)?)?;
                continue;
            }
        }
        previous = byte;
        at += 1;
    }
    None
}

/// The beginning of a text, for a message.
pub(crate) fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    let short: String = line.chars().take(30).collect();
    if short.len() < text.len() { short + "…" } else { short }
}

/// What to say to `{{`.
pub(crate) const TEMPLATE: &str = "`{{` is a template, not YAML: render it first, or quote the text";

/// An alias without its anchor; a name that nobody gives an anchor is a text that only begins like one.
pub(crate) fn no_anchor(name: &str) -> String {
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
        return format!("there is no anchor `&{name}` before this alias");
    }
    "a text that begins with `*` needs quotes".to_owned()
}

/// Why a list or an object cannot be a key here; a template is told apart, for it is what people mostly meant.
pub(crate) fn not_a_key(text: &str, span: Span) -> (&'static str, Span) {
    let bytes = text.as_bytes();
    let start = span.range().start;
    let is_brace = |at: usize| bytes.get(at) == Some(&b'{');
    match start.checked_sub(1) {
        Some(before) if is_brace(start) && is_brace(before) => (TEMPLATE, Span::of(before..start + 1)),
        _ => ("a list or an object cannot be a key", span),
    }
}
