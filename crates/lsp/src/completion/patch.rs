//! A copy of the document with a word in the cursor's place, so that it can be read.

use seaworthy::source::Span;

use super::span;

/// A copy of one document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Patch {
    pub(super) text: String,
    /// Where the word that stands for the cursor is, in the copy.
    pub(super) mark: u32,
    /// True if it is a key.
    pub(super) is_key: bool,
    /// True if a key that is written here lacks its colon.
    pub(super) needs_colon: bool,
    /// The bytes of the original that a proposal replaces.
    pub(super) typed: Span,
}

/// The word. Names of Kubernetes are no longer, and nobody calls a thing so.
const MARK: &str = "seaworthy-cursor";

/// The ways to read what is written around the cursor, the likeliest first. None in comments.
pub(super) fn patches(text: &str, offset: usize) -> Option<Vec<Patch>> {
    let before = text.get(..offset)?;
    let after = text.get(offset..)?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.get(line_start..)?;
    if line.trim_start().starts_with('#') || line.contains(" #") {
        return None;
    }
    let rest = after.split(['\n', '\r']).next().unwrap_or("");
    let word_start = offset - word_length(line.chars().rev());
    // A dash may yet become one of a list, or a mark between documents.
    if text.get(word_start..offset)?.ends_with('-') && text.get(line_start..offset)?.trim_matches(['-', ' ']).is_empty()
    {
        return None;
    }
    let word_end = offset + word_length(rest.chars());
    let lead = text.get(line_start..word_start)?.trim_end_matches(['"', '\'']);
    let tail = text.get(word_end..offset + rest.len())?.trim_start_matches(['"', '\'']).trim_start();
    let place = Place { text, word: (word_start, word_end), document: document_around(text, line_start, offset) };
    let has_colon = tail.starts_with(':');
    let is_flow = lead.contains(['{', '[']) || !lead.trim_start_matches([' ', '-']).is_empty() && !lead.contains(':');
    let key = |word: &str| place.patch(word, true, !has_colon);
    let value = || place.patch(MARK, false, false);
    let bare = lead.trim_matches([' ', '\t', '-']).is_empty();
    let with_colon = if has_colon { MARK.to_owned() } else { format!("{MARK}:") };
    Some(match () {
        // Between brackets a key wants a value beside it, or the next one would be it.
        () if is_flow && lead.trim_end().ends_with(':') => vec![value()],
        () if is_flow => vec![key(&format!("{MARK}{}", if has_colon { "" } else { ": null" })), value()],
        () if bare && lead.contains('-') => vec![key(&with_colon), value()],
        () if bare => vec![key(&with_colon)],
        () if lead.ends_with([' ', '\t', ':']) && lead.trim_end().ends_with(':') && lead.ends_with(' ') => {
            vec![value()]
        }
        () => return None,
    })
}

/// Letters of a name, from the cursor on.
fn word_length(letters: impl Iterator<Item = char>) -> usize {
    let is_letter = |it: &char| it.is_alphanumeric() || matches!(it, '-' | '_' | '.' | '/');
    // A dash before a blank is that of a list.
    letters.take_while(is_letter).map(char::len_utf8).sum()
}

/// The bytes of the document that holds a line: from one `---` to the next.
fn document_around(text: &str, line_start: usize, offset: usize) -> (usize, usize) {
    let above = text.get(..line_start).unwrap_or("");
    let from = if above.starts_with("---") { 0 } else { usize::MAX };
    let from = above.rfind("\n---").map_or(from, |at| at + 1);
    // The line of the marks itself stays out.
    let from = if from == usize::MAX {
        0
    } else {
        above.get(from..).and_then(|it| it.find('\n')).map_or(from, |at| from + at + 1)
    };
    let to = text.get(offset..).and_then(|it| it.find("\n---")).map_or(text.len(), |at| offset + at + 1);
    (from, to)
}

struct Place<'t> {
    text: &'t str,
    word: (usize, usize),
    document: (usize, usize),
}

impl Place<'_> {
    fn patch(&self, word: &str, is_key: bool, needs_colon: bool) -> Patch {
        let (from, to) = self.document;
        let (start, end) = self.word;
        let get = |from: usize, to: usize| self.text.get(from..to).unwrap_or("");
        let text = format!("{}{word}{}", get(from, start), get(end, to));
        let mark = u32::try_from(start.saturating_sub(from)).unwrap_or(u32::MAX);
        Patch { text, mark, is_key, needs_colon, typed: span(start, end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first way to read a text with the cursor at `|`.
    fn first(text: &str) -> Option<(String, bool, bool)> {
        let offset = text.find('|').unwrap();
        let patches = patches(&text.replace('|', ""), offset)?;
        patches.into_iter().next().map(|it| (it.text.replace(MARK, "^"), it.is_key, it.needs_colon))
    }

    fn is(text: &str, is_key: bool, needs_colon: bool) -> Option<(String, bool, bool)> {
        Some((text.to_owned(), is_key, needs_colon))
    }

    #[test]
    fn keys_and_values() {
        assert_eq!(first("a:\n  na|\n  c: 1\n"), is("a:\n  ^:\n  c: 1\n", true, true));
        assert_eq!(first("a:\n  |\n"), is("a:\n  ^:\n", true, true));
        assert_eq!(first("a:\n  n|ame: x\n"), is("a:\n  ^: x\n", true, false));
        assert_eq!(first("a: Al|ways\n"), is("a: ^\n", false, false));
        assert_eq!(first("a: |\nb: 1\n"), is("a: ^\nb: 1\n", false, false));
        assert_eq!(first("a:\n- na|\n"), is("a:\n- ^:\n", true, true));
        assert_eq!(first("a: {b: 1, na|}\n"), is("a: {b: 1, ^: null}\n", true, true));
        assert_eq!(first("a: {b: Al|}\n"), is("a: {b: ^}\n", false, false));
        assert_eq!(first("a: \"x|\"\n"), is("a: \"^\"\n", false, false));
    }

    #[test]
    fn where_nothing_is_proposed() {
        for text in ["# na|", "a: 1 # na|", "a:|", "a: some words na|", "a:\n  -|", "--|"] {
            assert_eq!(first(text), None, "{text}");
        }
    }

    #[test]
    fn only_the_document_of_the_cursor_is_read() {
        assert_eq!(first("a: {\n---\nb: x|\n---\nc: {\n"), is("b: ^\n", false, false));
        assert_eq!(first("---\nb: x|"), is("b: ^", false, false));
    }
}
