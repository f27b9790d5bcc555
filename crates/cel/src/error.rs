//! What is wrong with an expression, as cel-go prints it (`common/errors.go`, `common/error.go`).

use seaworthy_source::order::sort_by_key;
use std::fmt;
use std::fmt::Write as _;

/// One error, at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// What is wrong.
    pub message: String,
    /// The line, from 1; 0 if the error is about the whole.
    pub line: u32,
    /// The column, from 1, in code points.
    pub column: u32,
    /// The place from the start of the text, in code points.
    pub offset: u32,
}

/// Why an expression does not compile. `Display` writes it as the server does, with a line and a caret for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issues {
    /// The errors, by place; a hundred at most.
    pub list: Vec<Issue>,
    /// The text as the server prints it, behind its own `compilation failed: ` or the like.
    pub text: String,
}

impl fmt::Display for Issues {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl std::error::Error for Issues {}

/// The text of an expression by code points, which is how CEL counts.
pub(crate) struct Text {
    chars: Vec<char>,
    line_starts: Vec<u32>,
}

impl Text {
    pub(crate) fn new(source: &str) -> Self {
        let chars: Vec<char> = source.chars().collect();
        let mut line_starts = vec![0];
        for (index, char) in (1u32..).zip(&chars) {
            if *char == '\n' {
                line_starts.push(index);
            }
        }
        Self { chars, line_starts }
    }

    pub(crate) fn chars(&self) -> &[char] {
        &self.chars
    }

    /// The code points from `start` to before `end`.
    pub(crate) fn slice(&self, start: u32, end: u32) -> String {
        let end = (end as usize).min(self.chars.len());
        self.chars.get(start as usize..end).unwrap_or_default().iter().collect()
    }

    /// The line from 0 and the column from 1; of what has no place, the first line and before its first column.
    fn position(&self, offset: u32) -> (u32, u32) {
        if offset == NOWHERE {
            return (0, 0);
        }
        let line = self.line_starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.line_starts.get(line).copied().unwrap_or_default();
        (u32::try_from(line).unwrap_or(u32::MAX), offset.saturating_sub(start) + 1)
    }

    fn line(&self, line: u32) -> &[char] {
        let start = self.line_starts.get(line as usize).map_or(0, |it| *it as usize);
        let rest = self.chars.get(start..).unwrap_or_default();
        rest.split(|char| *char == '\n').next().unwrap_or_default()
    }
}

/// The offset of what has no place in the text.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// More errors than this are only counted.
const MOST: usize = 100;
/// Longer lines are not shown.
const LONGEST_LINE: usize = 16384;

/// Errors as they are found.
pub(crate) struct Errors<'t> {
    text: &'t Text,
    list: Vec<(Option<u32>, String)>,
    count: usize,
}

impl<'t> Errors<'t> {
    pub(crate) fn new(text: &'t Text) -> Self {
        Self { text, list: Vec::new(), count: 0 }
    }

    pub(crate) fn text(&self) -> &'t Text {
        self.text
    }

    /// An error at a place, or about the whole.
    pub(crate) fn report(&mut self, offset: Option<u32>, message: String) {
        self.count += 1;
        if self.list.len() < MOST {
            self.list.push((offset, message));
        }
    }

    /// Puts errors before the others.
    pub(crate) fn prepend(&mut self, mut errors: Vec<(Option<u32>, String)>) {
        self.count += errors.len();
        errors.append(&mut self.list);
        errors.truncate(MOST);
        self.list = errors;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many there are, to go back to with [`Errors::truncate`].
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Forgets the errors after the first `len`.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.count = len;
        self.list.truncate(len);
    }

    /// The errors by place, and their text.
    pub(crate) fn finish(mut self) -> Issues {
        let place = |offset: Option<u32>| offset.map(|offset| self.text.position(offset));
        // What has no place stands before the first line's, and before that what is about the whole.
        sort_by_key(&mut self.list, |(offset, _)| offset.map(|offset| offset.wrapping_add(1)));
        let mut text = String::new();
        let mut list = Vec::with_capacity(self.list.len());
        for (offset, message) in self.list {
            if !text.is_empty() {
                text.push('\n');
            }
            let (line, column) = place(offset).map_or((0, 0), |(line, column)| (line + 1, column));
            show(&mut text, self.text, place(offset), &message);
            list.push(Issue {
                message,
                line,
                column,
                offset: offset.filter(|offset| *offset != NOWHERE).unwrap_or_default(),
            });
        }
        if self.count > MOST {
            let _ = write!(text, "\n{} more errors were truncated", self.count - MOST);
        }
        Issues { list, text }
    }
}

/// A caret under a line, wide under wide characters.
fn show(out: &mut String, text: &Text, place: Option<(u32, u32)>, message: &str) {
    let Some((line, column)) = place else {
        let _ = write!(out, "ERROR: <input>:-1:0: {message}");
        return;
    };
    let _ = write!(out, "ERROR: <input>:{}:{column}: {message}", line + 1);
    let chars = text.line(line);
    if chars.len() > LONGEST_LINE {
        return;
    }
    out.push_str("\n | ");
    out.extend(chars.iter().map(|char| if *char == '\t' { ' ' } else { *char }));
    out.push_str("\n | ");
    let column = column.saturating_sub(1) as usize;
    out.extend(chars.iter().take(column).map(|char| if char.is_ascii() { '.' } else { '\u{ff0e}' }));
    out.push(if chars.get(column).is_none_or(char::is_ascii) { '^' } else { '\u{ff3e}' });
}
