//! Bytes to lines and characters, and back, in the unit that was agreed on.

use lsp_types::{Position, Range};
use seaworthy::source::{self, LineIndex, Span, Unit};

/// The lines of a text, as the client counts them.
#[derive(Debug, Clone)]
pub(crate) struct Lines {
    index: LineIndex,
    unit: Unit,
    /// Units of a byte order mark, which stands in files and which no editor shows.
    mark: u32,
}

const MARK: char = '\u{feff}';

impl Lines {
    /// The lines of a text that the client sent.
    pub(crate) fn of(text: &str, unit: Unit) -> Self {
        Self { index: LineIndex::for_editors(text), unit, mark: 0 }
    }

    /// The lines of a file that the client has not opened.
    pub(crate) fn of_file(text: &str, unit: Unit) -> Self {
        let mark = match unit {
            _ if !text.starts_with(MARK) => 0,
            Unit::Bytes => 3,
            Unit::Utf16 | Unit::CodePoints => 1,
        };
        Self { mark, ..Self::of(text, unit) }
    }

    /// Where a byte stands.
    pub(crate) fn position(&self, text: &str, offset: u32) -> Position {
        let source::Position { line, column } = self.index.position(text, offset, self.unit);
        let mark = if line == 1 { self.mark } else { 0 };
        Position { line: line.saturating_sub(1), character: column.saturating_sub(1).saturating_sub(mark) }
    }

    /// Where bytes stand.
    pub(crate) fn range(&self, text: &str, span: Span) -> Range {
        Range { start: self.position(text, span.start), end: self.position(text, span.end) }
    }

    /// The byte at a position: past the end of a line it is the end of the line, past the last line that of the text,
    /// and inside of a character the character's first.
    pub(crate) fn offset(&self, text: &str, position: Position) -> u32 {
        let mark = if position.line == 0 { self.mark } else { 0 };
        let line = position.line.saturating_add(1);
        let column = position.character.saturating_add(1).saturating_add(mark);
        self.index.offset(text, source::Position { line, column }, self.unit)
    }

    /// The bytes of a range; one that ends before it starts is empty.
    pub(crate) fn span(&self, text: &str, range: Range) -> Span {
        Span::new(self.offset(text, range.start), self.offset(text, range.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn surrogates_and_combining_characters() {
        // An `e` with a combining accent, and a letter beyond the basic plane.
        let text = "e\u{301}x\n𝄞y\n";
        let utf16 = Lines::of(text, Unit::Utf16);
        assert_eq!(utf16.offset(text, at(0, 2)), 3);
        assert_eq!(utf16.offset(text, at(1, 1)), 5, "inside of a pair is before it");
        assert_eq!(utf16.offset(text, at(1, 2)), 9);
        assert_eq!(utf16.position(text, 9), at(1, 2));
        assert_eq!(Lines::of(text, Unit::CodePoints).position(text, 9), at(1, 1));
        assert_eq!(Lines::of(text, Unit::Bytes).position(text, 9), at(1, 4));
    }

    #[test]
    fn past_the_end_is_the_end() {
        let text = "a\r\nb";
        let lines = Lines::of(text, Unit::Utf16);
        assert_eq!(lines.offset(text, at(0, 9)), 1);
        assert_eq!(lines.offset(text, at(9, 0)), 4);
        assert_eq!(lines.offset(text, at(u32::MAX, u32::MAX)), 4);
        assert_eq!(lines.span(text, Range { start: at(1, 1), end: at(0, 0) }), Span::new(4, 4));
    }

    #[test]
    fn nobody_counts_the_mark_of_a_file() {
        let text = "\u{feff}a: 1\nb: 2\n";
        for (unit, line) in [(Unit::Utf16, 0), (Unit::Bytes, 0), (Unit::CodePoints, 0), (Unit::Utf16, 1)] {
            let lines = Lines::of_file(text, unit);
            let offset = lines.offset(text, at(line, 3));
            assert_eq!(
                text.get(offset as usize..).and_then(|it| it.chars().next()),
                Some(if line == 0 { '1' } else { '2' })
            );
            assert_eq!(lines.position(text, offset), at(line, 3));
        }
    }
}
