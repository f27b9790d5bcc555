//! Scalars in quotes.

use std::borrow::Cow;

use super::Fault;
use super::cursor::{Cursor, END};
use crate::diagnose::Problem;

impl<'t> Cursor<'t> {
    /// A text in quotes, which begins here; its lines may be indented as they like.
    #[inline(never)]
    pub(super) fn quoted(&mut self) -> Result<Cow<'t, str>, Fault> {
        let (start, quote) = (self.at, self.byte(0));
        self.at += 1;
        let first = self.at;
        let plain_end = self.quoted_run(quote);
        self.at = plain_end;
        if self.byte(0) == quote && (quote == b'"' || self.byte(1) != quote) {
            self.at += 1;
            return Ok(Cow::Borrowed(self.slice(first, plain_end)));
        }
        // Up to here nothing is to be replaced but blanks before a line break.
        let mut text = self.slice(first, plain_end).to_owned();
        loop {
            match self.byte(0) {
                END if self.is_end() => return Err(Fault::at(Problem::OpenQuote, start)),
                b'\'' if quote == b'\'' && self.byte(1) == b'\'' => {
                    text.push('\'');
                    self.at += 2;
                }
                byte if byte == quote => {
                    self.at += 1;
                    return Ok(Cow::Owned(text));
                }
                b'\\' if quote == b'"' && self.break_at(self.at + 1) > 0 => {
                    self.at += 1;
                    self.next_line();
                    text.push_str(&self.quoted_breaks(start)?);
                }
                b'\\' if quote == b'"' => self.escape(&mut text)?,
                _ if self.break_at(self.at) > 0 => {
                    // Blanks before a line break are none of the text; what an escape wrote is.
                    text.truncate(text.len() - self.blanks_before());
                    let first = self.break_text(self.at);
                    self.next_line();
                    let more = self.quoted_breaks(start)?;
                    Self::fold(&mut text, first, &more);
                }
                _ => {
                    let end = self.quoted_run(quote);
                    text.push_str(self.slice(self.at, end));
                    self.at = end;
                }
            }
        }
    }

    /// Where the next sign stands that is not text as it is: a quote, a `\`, a line break, the end.
    fn quoted_run(&self, quote: u8) -> usize {
        let mut at = self.at;
        loop {
            match self.byte_at(at) {
                b'\n' | b'\r' | END => return at,
                b'\\' if quote == b'"' => return at,
                byte if byte == quote => return at,
                0xC2 | 0xE2 if self.break_at(at) > 0 => return at,
                _ => at += 1,
            }
        }
    }

    fn blanks_before(&self) -> usize {
        let line = self.text.as_bytes().get(self.line..self.at).unwrap_or(&[]);
        let blanks = line.iter().rev().take_while(|it| matches!(it, b' ' | b'\t')).count();
        // `\ ` and `\` before a tab are escapes.
        let before = line.len().checked_sub(blanks + 1).and_then(|at| line.get(at));
        if before == Some(&b'\\') && self.is_escape(self.at - blanks - 1) { blanks.saturating_sub(1) } else { blanks }
    }

    /// True if the `\` at a place begins an escape rather than ending one.
    fn is_escape(&self, at: usize) -> bool {
        let line = self.text.as_bytes().get(self.line..at).unwrap_or(&[]);
        line.iter().rev().take_while(|it| **it == b'\\').count() % 2 == 0
    }

    /// Goes past blank lines and the blanks before the next text; gives the line breaks.
    fn quoted_breaks(&mut self, start: usize) -> Result<String, Fault> {
        let mut breaks = String::new();
        loop {
            if self.is_marker() {
                return Err(Fault::at(Problem::OpenQuote, start));
            }
            match self.byte(0) {
                b' ' | b'\t' => self.at += 1,
                _ if self.break_at(self.at) > 0 => {
                    breaks.push_str(self.break_text(self.at));
                    self.next_line();
                }
                _ => return Ok(breaks),
            }
        }
    }

    /// An escape, whose `\` stands here.
    fn escape(&mut self, text: &mut String) -> Result<(), Fault> {
        let fault = Err(Fault::at(Problem::Escape, self.at));
        let digits = match self.byte(1) {
            b'x' if !self.is_json => 2,
            b'u' => 4,
            b'U' if !self.is_json => 8,
            sign => {
                let character = match sign {
                    b'0' => '\0',
                    b'a' => '\x07',
                    b'b' => '\x08',
                    b't' | b'\t' => '\t',
                    b'n' => '\n',
                    b'v' => '\x0B',
                    b'f' => '\x0C',
                    b'r' => '\r',
                    b'e' => '\x1B',
                    b' ' | b'"' | b'\'' | b'\\' => char::from(sign),
                    b'/' if self.is_json => '/',
                    b'N' => '\u{85}',
                    b'_' => '\u{A0}',
                    b'L' => '\u{2028}',
                    b'P' => '\u{2029}',
                    _ => return fault,
                };
                text.push(character);
                self.at += 2;
                return Ok(());
            }
        };
        let Some(code) = self.hexadecimal(self.at + 2, digits) else { return fault };
        self.at += 2 + digits;
        match char::from_u32(code) {
            Some(character) => text.push(character),
            None if self.is_json => text.push(self.second_half(code)),
            None => return fault,
        }
        Ok(())
    }

    /// JSON writes characters beyond U+FFFF in two halves; half a character is none, as Go has it.
    fn second_half(&mut self, high: u32) -> char {
        if (0xD800..0xDC00).contains(&high)
            && (self.byte(0), self.byte(1)) == (b'\\', b'u')
            && let Some(low @ 0xDC00..0xE000) = self.hexadecimal(self.at + 2, 4)
            && let Some(whole) = char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        {
            self.at += 6;
            return whole;
        }
        char::REPLACEMENT_CHARACTER
    }

    fn hexadecimal(&self, at: usize, digits: usize) -> Option<u32> {
        let text = self.slice(at, at + digits);
        let is_number = text.len() == digits && text.bytes().all(|it| it.is_ascii_hexdigit());
        if is_number { u32::from_str_radix(text, 16).ok() } else { None }
    }
}
