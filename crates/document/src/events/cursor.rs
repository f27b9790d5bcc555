//! A place in the text of one document, and the small steps from there.

use seaworthy_source::Span;

/// What stands at a place beyond the end. In the text itself it is refused before anything else is.
pub(super) const END: u8 = 0;

/// A place in a text.
#[derive(Clone)]
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    /// The text up to the end of the document.
    bytes: &'t [u8],
    /// The place, in bytes of the text.
    pub(super) at: usize,
    /// Where its line begins.
    pub(super) line: usize,
    /// JSON knows two line breaks, YAML 1.1 five.
    pub(super) is_json: bool,
    /// Where a plain text outside of brackets was looked for last, and what [`Cursor::plain_line`] gave: a key is looked
    /// at before it is read.
    pub(super) looked: (usize, (usize, usize)),
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, document: Span, is_json: bool) -> Self {
        let at = document.range().start;
        let bytes = text.as_bytes().get(..document.range().end).unwrap_or(&[]);
        Self { text, bytes, at, line: at, is_json, looked: (usize::MAX, (0, 0)) }
    }

    /// The byte so far ahead.
    #[inline]
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        self.byte_at(self.at + ahead)
    }

    #[inline]
    pub(super) fn byte_at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(END)
    }

    pub(super) fn rest(&self) -> &'t [u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    pub(super) fn is_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The text between two places.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or("")
    }

    /// From a place to this one.
    pub(super) fn since(&self, start: usize) -> Span {
        Span::of(start..self.at)
    }

    /// How many bytes before this one its line has.
    pub(super) fn column(&self) -> usize {
        self.at - self.line
    }

    /// How long the line break at a place is; 0 for none. Those of YAML 1.1 are `\n`, `\r`, U+0085, U+2028 and U+2029.
    #[inline]
    pub(super) fn break_at(&self, at: usize) -> usize {
        match self.byte_at(at) {
            b'\n' => 1,
            b'\r' if self.byte_at(at + 1) == b'\n' => 2,
            b'\r' => 1,
            0xC2 if !self.is_json && self.byte_at(at + 1) == 0x85 => 2,
            0xE2 if !self.is_json && self.byte_at(at + 1) == 0x80 && matches!(self.byte_at(at + 2), 0xA8 | 0xA9) => 3,
            _ => 0,
        }
    }

    /// What a line break means in a text: a `\n`, but for the two that Unicode made for lines and paragraphs.
    pub(super) fn break_text(&self, at: usize) -> &'t str {
        if self.byte_at(at) == 0xE2 { self.slice(at, at + 3) } else { "\n" }
    }

    /// A blank, a line break or the end.
    #[inline]
    pub(super) fn is_blank_at(&self, at: usize) -> bool {
        match self.byte_at(at) {
            b' ' | b'\t' | b'\n' | b'\r' => true,
            END => at >= self.bytes.len(),
            0xC2 | 0xE2 => self.break_at(at) > 0,
            _ => false,
        }
    }

    /// Writes what stands for a line break and the blank lines behind it: a blank for one `\n` alone, else the others.
    pub(super) fn fold(text: &mut String, first: &str, more: &str) {
        if first != "\n" {
            text.push_str(first);
        }
        text.push_str(if first == "\n" && more.is_empty() { " " } else { more });
    }

    /// Goes past the line break that stands here.
    pub(super) fn next_line(&mut self) {
        self.at += self.break_at(self.at);
        self.line = self.at;
    }

    /// Goes past spaces.
    #[inline]
    pub(super) fn skip_spaces(&mut self) {
        while self.byte(0) == b' ' {
            self.at += 1;
        }
    }

    /// Goes past spaces and tabs.
    pub(super) fn skip_blanks(&mut self) {
        while matches!(self.byte(0), b' ' | b'\t') {
            self.at += 1;
        }
    }

    /// Goes to the end of the line.
    pub(super) fn skip_line(&mut self) {
        while !self.is_end() && self.break_at(self.at) == 0 {
            self.at += 1;
        }
    }

    /// `---` or `...` at the start of a line, with nothing but a blank behind.
    pub(super) fn is_marker(&self) -> bool {
        self.at == self.line
            && matches!(self.byte(0), b'-' | b'.')
            && self.byte(1) == self.byte(0)
            && self.byte(2) == self.byte(0)
            && self.is_blank_at(self.at + 3)
    }

    /// True if a text that begins here has at most so many characters up to `end`.
    pub(super) fn is_within(&self, start: usize, end: usize, characters: usize) -> bool {
        end - start <= characters || self.slice(start, end).chars().count() <= characters
    }
}
