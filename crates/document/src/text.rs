//! Small questions to the text as written.

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

/// Where the first byte that is no blank stands.
pub(crate) fn first_content(text: &str, span: Span) -> u32 {
    let content = text.get(span.range()).unwrap_or("");
    Span::of(0..content.len() - content.trim_start().len()).shifted(span.start).end
}

/// The beginning of a text, for a message.
pub(crate) fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    let short: String = line.chars().take(30).collect();
    if short.len() < text.len() { short + "…" } else { short }
}

/// What to say to `{{`.
pub(crate) const TEMPLATE: &str = "`{{` is a template, not YAML: render it first, or quote the text";

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
