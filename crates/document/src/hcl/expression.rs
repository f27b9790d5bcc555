//! Expressions that only Terraform can evaluate: where they end.

use crate::hcl::{Ends, Parsed, Reader, name_length};
use crate::tree::{Kind, NodeId, Style};

/// What is open while an expression is passed over, with the byte at which it was opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// `(`, `[` or `{`, and what closes it.
    Bracket(u8),
    /// A string.
    Quote,
    /// `${` or `%{` in a string.
    Template,
}

impl Reader<'_> {
    /// The expression from here.
    pub(super) fn expression(&mut self, start: usize, ends: Ends) -> Parsed<NodeId> {
        let id = self.push(Kind::String, Style::Expression, start)?;
        self.turn_into_expression(id, start, ends)
    }

    /// A value was read, and more follows: all of it is one expression.
    pub(super) fn turn_into_expression(&mut self, id: NodeId, start: usize, ends: Ends) -> Parsed<NodeId> {
        self.skip(ends)?;
        self.out.nodes.truncate(id.index() + 1);
        let text = self.text.get(start..self.at).unwrap_or("").trim_end();
        if text.is_empty() {
            return Err(self.error(start.saturating_sub(1), start + 1, "a value is missing here"));
        }
        let (next, end) = (self.at, start + text.len());
        if let Some(data) = self.out.nodes.get_mut(id.index()) {
            (data.kind, data.style, data.flags) = (Kind::String, Style::Expression, 0);
        }
        self.at = end;
        self.set_text(id, start, end);
        self.at = next;
        Ok(id)
    }

    /// From a quote to the byte after the one that closes it.
    pub(super) fn string(&mut self) -> Parsed<()> {
        let mut open = Vec::new();
        self.step(&mut open)?;
        while !open.is_empty() {
            self.step(&mut open)?;
        }
        Ok(())
    }

    /// Passes over an expression.
    fn skip(&mut self, ends: Ends) -> Parsed<()> {
        let mut open = Vec::new();
        while !open.is_empty() || !self.is_end(ends) {
            self.step(&mut open)?;
        }
        Ok(())
    }

    /// Passes over one token, or a stretch of a string.
    fn step(&mut self, open: &mut Vec<(Within, usize)>) -> Parsed<()> {
        let start = self.at;
        let rest = self.rest().as_bytes();
        let opens = match (open.last().map(|it| it.0), rest) {
            (Some(Within::Quote), [b'\\', _, ..]) => return self.pass(2),
            (Some(Within::Quote), [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..]) => return self.pass(3),
            (Some(Within::Quote), [b'$' | b'%', b'{', ..]) => {
                self.at += 1;
                Within::Template
            }
            (Some(Within::Quote), [b'"', ..]) => {
                open.pop();
                return self.pass(1);
            }
            (Some(_), []) => {
                let at = open.last().map_or(start, |it| it.1);
                return Err(self.error(at, at + 1, "what is opened here is never closed"));
            }
            (Some(Within::Quote), [b'\n', ..]) => {
                let at = open.last().map_or(start, |it| it.1);
                return Err(self.error(at, at + 1, "this string is never closed: `\"` is missing"));
            }
            (Some(Within::Quote), _) => return self.pass(1),
            (_, [b'"', ..]) => Within::Quote,
            (_, [b'(', ..]) => Within::Bracket(b')'),
            (_, [b'[', ..]) => Within::Bracket(b']'),
            (_, [b'{', ..]) => Within::Bracket(b'}'),
            (within, [byte @ (b')' | b']' | b'}'), ..]) => {
                let closes = match within {
                    Some(Within::Bracket(closing)) => closing == *byte,
                    Some(Within::Template) => *byte == b'}',
                    _ => false,
                };
                if !closes {
                    return Err(self.error(start, start + 1, "this bracket closes nothing"));
                }
                open.pop();
                return self.pass(1);
            }
            (_, [b'<', b'<', ..]) => return self.skip_heredoc().map(|_| ()),
            (_, [b'#', ..] | [b'/', b'/', ..]) => {
                self.comment();
                return Ok(());
            }
            (_, [b'/', b'*', ..]) => return self.long_comment(),
            (None, []) => return Ok(()),
            _ => return self.pass(1),
        };
        if open.len() >= self.limits.nesting {
            return Err(self.too_deep(start));
        }
        open.push((opens, start));
        self.pass(1)
    }

    fn pass(&mut self, bytes: usize) -> Parsed<()> {
        self.at += bytes;
        while !self.text.is_char_boundary(self.at.min(self.text.len())) {
            self.at += 1;
        }
        Ok(())
    }

    /// Passes over a heredoc, and says from where to where its text goes. It ends before the line break after its
    /// marker.
    pub(super) fn skip_heredoc(&mut self) -> Parsed<(usize, usize)> {
        let start = self.at;
        let opened = self.rest().get(2..).unwrap_or("");
        let name = opened.strip_prefix('-').unwrap_or(opened);
        let marker = name.get(..name_length(name)).unwrap_or("");
        let after = name.get(marker.len()..).unwrap_or("").trim_start_matches([' ', '\t', '\r']);
        if marker.is_empty() || !after.starts_with('\n') {
            return Err(self.error(start, start + 2, "a name and the end of the line follow `<<`"));
        }
        let from = self.text.len() - after.len() + 1;
        let mut at = from;
        for line in self.text.get(from..).unwrap_or("").split_inclusive('\n') {
            if line.trim() == marker {
                self.at = at + line.trim_end().len();
                return Ok((from, at));
            }
            at += line.len();
        }
        let message = format!("this text is never closed: a line `{marker}` is missing");
        Err(self.error(start, start + 2, &message))
    }
}
