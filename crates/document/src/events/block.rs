//! Block scalars: text after `|` or `>`.

use super::Fault;
use super::cursor::Cursor;
use crate::diagnose::Problem;

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Clip,
    Strip,
    Keep,
}

impl Cursor<'_> {
    /// A block scalar, whose `|` or `>` stands here, in a block whose content is indented by at least `parent`. Gives
    /// the text and where its last line that is not blank ends; the comment of the first line goes to `comment`.
    #[inline(never)]
    pub(super) fn block(
        &mut self,
        parent: usize,
        comment: &mut dyn FnMut(usize, usize),
    ) -> Result<(String, usize), Fault> {
        let is_literal = self.byte(0) == b'|';
        self.at += 1;
        let (chomping, increment) = self.block_header(comment)?;
        let mut end = self.at;
        self.next_line();
        let mut indent = if increment > 0 { parent.saturating_sub(1) + increment } else { 0 };
        let mut text = String::new();
        let mut breaks = String::new();
        self.block_breaks(parent, &mut indent, &mut breaks)?;
        let (mut last_break, mut was_blank) = ("", false);
        while self.column() == indent && !self.is_end() {
            let is_blank = matches!(self.byte(0), b' ' | b'\t');
            let is_folded = !is_literal && !was_blank && !is_blank && last_break == "\n";
            match (is_folded, breaks.is_empty()) {
                (true, true) => text.push(' '),
                (true, false) => {}
                (false, _) => text.push_str(last_break),
            }
            text.push_str(&breaks);
            breaks.clear();
            was_blank = is_blank;
            let start = self.at;
            self.skip_line();
            let line = self.slice(start, self.at);
            text.push_str(line);
            let length = line.trim_end_matches([' ', '\t']).len();
            if length > 0 {
                end = start + length;
            }
            // The reader of Kubernetes ends every line, the last one too.
            last_break = if self.is_end() { "\n" } else { self.break_text(self.at) };
            self.next_line();
            self.block_breaks(parent, &mut indent, &mut breaks)?;
        }
        if chomping != Chomping::Strip {
            text.push_str(last_break);
        }
        if chomping == Chomping::Keep {
            text.push_str(&breaks);
        }
        Ok((text, end))
    }

    /// `+`, `-` and the indentation, in any order, and a comment.
    fn block_header(&mut self, comment: &mut dyn FnMut(usize, usize)) -> Result<(Chomping, usize), Fault> {
        let (mut chomping, mut increment) = (None, None);
        loop {
            match self.byte(0) {
                b'+' if chomping.is_none() => chomping = Some(Chomping::Keep),
                b'-' if chomping.is_none() => chomping = Some(Chomping::Strip),
                digit @ b'1'..=b'9' if increment.is_none() => increment = Some(usize::from(digit - b'0')),
                _ => break,
            }
            self.at += 1;
        }
        let after = self.at;
        self.skip_blanks();
        if self.byte(0) == b'#' {
            let start = self.at;
            self.skip_line();
            comment(start, self.at);
        }
        if !self.is_end() && self.break_at(self.at) == 0 {
            return Err(Fault::at(Problem::BlockHeader, self.at.max(after)));
        }
        Ok((chomping.unwrap_or(Chomping::Clip), increment.unwrap_or(0)))
    }

    /// Goes past blank lines and the indentation of the next; finds how far the text is indented if nobody said so.
    fn block_breaks(&mut self, parent: usize, indent: &mut usize, breaks: &mut String) -> Result<(), Fault> {
        let mut widest = 0;
        loop {
            while (*indent == 0 || self.column() < *indent) && self.byte(0) == b' ' {
                self.at += 1;
            }
            widest = widest.max(self.column());
            if (*indent == 0 || self.column() < *indent) && self.byte(0) == b'\t' {
                let problem = if *indent == 0 { Problem::TabInBlock } else { Problem::Tab };
                return Err(Fault::at(problem, self.at));
            }
            if self.break_at(self.at) > 0 {
                breaks.push_str(self.break_text(self.at));
                self.next_line();
            } else if self.is_end() && self.column() > 0 {
                // A last line of blanks ends like every other.
                breaks.push('\n');
                self.line = self.at;
                break;
            } else {
                break;
            }
        }
        if *indent == 0 {
            *indent = widest.max(parent).max(1);
        }
        Ok(())
    }
}
