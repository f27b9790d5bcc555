//! Plain scalars: text without quotes.

use std::borrow::Cow;

use seaworthy_source::Span;

use super::Fault;
use super::cursor::{Cursor, END};
use crate::diagnose::Problem;

/// A plain text, and whether it ends before a line break, which has been passed.
pub(super) struct Plain<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) span: Span,
    pub(super) ends_line: bool,
}

/// What a byte may be in a plain text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Text,
    /// It ends the text, or begins a character that does.
    Stop,
    Blank,
    Colon,
    /// It ends a text in brackets.
    Bracket,
    Hash,
}

/// The classes of all bytes.
static CLASSES: [Class; 256] = classes();

#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler, which would say so")]
const fn classes() -> [Class; 256] {
    let mut classes = [Class::Text; 256];
    // What ends a text, or begins a character that does.
    classes[END as usize] = Class::Stop;
    classes[b'\n' as usize] = Class::Stop;
    classes[b'\r' as usize] = Class::Stop;
    classes[0xC2] = Class::Stop;
    classes[0xE2] = Class::Stop;
    classes[b' ' as usize] = Class::Blank;
    classes[b'\t' as usize] = Class::Blank;
    classes[b':' as usize] = Class::Colon;
    classes[b',' as usize] = Class::Bracket;
    classes[b'?' as usize] = Class::Bracket;
    classes[b'[' as usize] = Class::Bracket;
    classes[b']' as usize] = Class::Bracket;
    classes[b'{' as usize] = Class::Bracket;
    classes[b'}' as usize] = Class::Bracket;
    classes[b'#' as usize] = Class::Hash;
    classes
}

impl<'t> Cursor<'t> {
    /// True if what stands here may begin a plain text.
    pub(super) fn begins_plain(&self, in_brackets: bool) -> bool {
        let next_is_blank = self.is_blank_at(self.at + 1);
        match self.byte(0) {
            b'-' => !next_is_blank,
            b'?' | b':' => !in_brackets && !next_is_blank,
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'%' | b'@' | b'`' => false,
            _ => !self.is_end(),
        }
    }

    /// Where the part of a plain text that stands on this line ends, and where the next sign is.
    pub(super) fn plain_line(&self, in_brackets: bool) -> (usize, usize) {
        let (mut at, mut end) = (self.at, self.at);
        loop {
            match CLASSES.get(usize::from(self.byte_at(at))).copied().unwrap_or(Class::Stop) {
                Class::Text => {}
                Class::Blank => {
                    at += 1;
                    continue;
                }
                Class::Colon if !self.is_blank_at(at + 1) => {}
                Class::Bracket if !in_brackets => {}
                Class::Hash if end == at && at > self.at => {}
                Class::Stop if self.byte_at(at) >= 0x80 && self.break_at(at) == 0 => {}
                _ => return (end, at),
            }
            at += 1;
            end = at;
        }
    }

    /// A plain text, whose lines stand at least at this column where no brackets are open.
    pub(super) fn plain(&mut self, in_brackets: bool, column: usize) -> Result<Plain<'t>, Fault> {
        let start = self.at;
        let (mut end, next) = match self.looked {
            (at, found) if at == start && !in_brackets => found,
            _ => self.plain_line(in_brackets),
        };
        self.at = next;
        let mut text = Cow::Borrowed(self.slice(start, end));
        let mut ends_line = false;
        while self.break_at(self.at) > 0 {
            ends_line = true;
            let first = self.break_text(self.at);
            self.next_line();
            let more = self.blank_lines(column)?;
            if !in_brackets && self.column() < column || self.byte(0) == b'#' || self.is_end() || self.is_marker() {
                break;
            }
            let (line_end, next) = self.plain_line(in_brackets);
            if line_end == self.at {
                break;
            }
            let text = text.to_mut();
            Self::fold(text, first, &more);
            text.push_str(self.slice(self.at, line_end));
            (end, self.at, ends_line) = (line_end, next, false);
        }
        Ok(Plain { text, span: Span::of(start..end), ends_line })
    }

    /// Goes past blank lines and the blanks before the next text; gives the line breaks.
    fn blank_lines(&mut self, column: usize) -> Result<String, Fault> {
        let mut breaks = String::new();
        loop {
            match self.byte(0) {
                b'\t' if self.column() < column => return Err(Fault::at(Problem::Tab, self.at)),
                b' ' | b'\t' => self.at += 1,
                _ if self.break_at(self.at) > 0 => {
                    breaks.push_str(self.break_text(self.at));
                    self.next_line();
                }
                _ => return Ok(breaks),
            }
        }
    }
}
