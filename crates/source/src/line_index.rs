//! Lines and columns.

/// What a column counts. Editors ask for UTF-16 by default, JSON of `check` counts code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of UTF-8.
    Bytes,
    /// Code units of UTF-16.
    Utf16,
    /// Unicode code points.
    CodePoints,
}

/// A line and a column, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in the unit that was asked for.
    pub column: u32,
}

/// Where the lines of a text begin. A line ends at `\n`; a `\r` before it belongs to the line.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// True if no position lies behind the `\r` that ends a line.
    for_editors: bool,
}

impl LineIndex {
    /// Finds the lines of a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| u32::try_from(at + 1).unwrap_or(u32::MAX)));
        Self { starts, for_editors: false }
    }

    /// Finds the lines of a text as the Language Server Protocol counts them: a `\r` without a `\n` ends one too, and
    /// the end of a line lies before whatever ends it.
    #[must_use]
    pub fn for_editors(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends_line = |&at: &usize| bytes.get(at) == Some(&b'\n') || bytes.get(at + 1) != Some(&b'\n');
        let mut starts = vec![0];
        let ends = memchr::memchr2_iter(b'\n', b'\r', bytes).filter(ends_line);
        starts.extend(ends.map(|at| u32::try_from(at + 1).unwrap_or(u32::MAX)));
        Self { starts, for_editors: true }
    }

    /// How many lines there are; a text that ends with `\n` has an empty last one.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// The position of a byte offset. An offset past the end is the end; one inside a character is that character.
    #[must_use]
    pub fn position(&self, text: &str, offset: u32, unit: Unit) -> Position {
        let offset = offset.min(u32::try_from(text.len()).unwrap_or(u32::MAX));
        let line = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0) as usize;
        let mut end = offset as usize;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let mut before = text.get(start..end).unwrap_or("");
        if self.for_editors {
            before = before.trim_end_matches('\r');
        }
        let column = match unit {
            Unit::Bytes => before.len(),
            Unit::Utf16 => before.encode_utf16().count(),
            Unit::CodePoints => before.chars().count(),
        };
        Position {
            line: u32::try_from(line + 1).unwrap_or(u32::MAX),
            column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        }
    }

    /// The byte offset of a position; a column past the end of its line is the end of that line, a line past the last
    /// is the end of the text.
    #[must_use]
    pub fn offset(&self, text: &str, position: Position, unit: Unit) -> u32 {
        let line = (position.line as usize).saturating_sub(1);
        let Some(&start) = self.starts.get(line) else {
            return u32::try_from(text.len()).unwrap_or(u32::MAX);
        };
        let end = self.starts.get(line + 1).map_or(text.len(), |&next| next as usize);
        let whole = text.get(start as usize..end).unwrap_or("");
        let content = whole.strip_suffix('\n').unwrap_or(whole);
        let content = if self.for_editors { content.strip_suffix('\r').unwrap_or(content) } else { content };
        let mut left = (position.column as usize).saturating_sub(1);
        let mut bytes = 0;
        for character in content.chars() {
            let width = match unit {
                Unit::Bytes => character.len_utf8(),
                Unit::Utf16 => character.len_utf16(),
                Unit::CodePoints => 1,
            };
            if left < width {
                break;
            }
            left -= width;
            bytes += character.len_utf8();
        }
        start + u32::try_from(bytes).unwrap_or(0)
    }

    /// The bytes of a line, counted from 1, without its line break.
    #[must_use]
    pub fn line<'t>(&self, text: &'t str, line: u32) -> &'t str {
        let index = (line as usize).saturating_sub(1);
        let Some(&start) = self.starts.get(index) else { return "" };
        let end = self.starts.get(index + 1).map_or(text.len(), |&next| next as usize);
        text.get(start as usize..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_in_every_unit() {
        let text = "a: ß\nb: 𝄞x\n";
        let lines = LineIndex::new(text);
        let x = u32::try_from(text.find('x').unwrap()).unwrap();
        assert_eq!(lines.position(text, x, Unit::CodePoints), Position { line: 2, column: 5 });
        assert_eq!(lines.position(text, x, Unit::Utf16), Position { line: 2, column: 6 });
        assert_eq!(lines.position(text, x, Unit::Bytes), Position { line: 2, column: 8 });
    }

    #[test]
    fn editors_count_every_line_break() {
        let text = "a\rb\r\nc\n\rd";
        let lines = LineIndex::for_editors(text);
        assert_eq!(lines.line_count(), 5);
        let at = |offset| {
            let Position { line, column } = lines.position(text, offset, Unit::Utf16);
            (line, column)
        };
        assert_eq!([0, 1, 2, 3, 4, 5, 7, 8].map(at), [(1, 1), (1, 2), (2, 1), (2, 2), (2, 2), (3, 1), (4, 1), (5, 1)]);
        for (line, end) in [(1, 1), (2, 3), (3, 6), (4, 7), (5, 9), (6, 9)] {
            assert_eq!(lines.offset(text, Position { line, column: 99 }, Unit::Utf16), end, "line {line}");
        }
    }

    #[test]
    fn offset_undoes_position() {
        let text = "a\r\nß𝄞c\n\nlast";
        let lines = LineIndex::new(text);
        for (offset, _) in text.char_indices().filter(|&(_, c)| c != '\n') {
            let offset = u32::try_from(offset).unwrap();
            for unit in [Unit::Bytes, Unit::Utf16, Unit::CodePoints] {
                assert_eq!(lines.offset(text, lines.position(text, offset, unit), unit), offset);
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn positions_come_back(text in "(\\PC|[\\r\\n\\t]){0,60}") {
            let lines = LineIndex::new(&text);
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let offset = u32::try_from(offset).unwrap();
                for unit in [Unit::Bytes, Unit::Utf16, Unit::CodePoints] {
                    let position = lines.position(&text, offset, unit);
                    proptest::prop_assert_eq!(lines.offset(&text, position, unit), offset);
                    proptest::prop_assert!(position.line as usize <= lines.line_count());
                }
            }
        }
    }

    #[test]
    fn past_the_end_is_the_end() {
        let lines = LineIndex::new("ab");
        assert_eq!(lines.position("ab", 99, Unit::CodePoints), Position { line: 1, column: 3 });
        assert_eq!(lines.offset("ab", Position { line: 9, column: 1 }, Unit::Bytes), 2);
    }

    #[test]
    fn lines_without_their_breaks() {
        let text = "one\r\ntwo\n";
        let lines = LineIndex::new(text);
        assert_eq!((lines.line(text, 1), lines.line(text, 2), lines.line(text, 3)), ("one", "two", ""));
        assert_eq!(lines.line_count(), 3);
    }
}
