//! Values that are what they say: strings, numbers, lists and objects of them.

use crate::hcl::{Ends, Open, Parsed, Reader, name_length};
use crate::tree::{Kind, NodeId, Style};

impl Reader<'_> {
    /// A value. What turns out to be more than a literal becomes an expression, however far it was read.
    pub(super) fn value(&mut self, ends: Ends, depth: usize) -> Parsed<NodeId> {
        self.check_depth(depth, self.at)?;
        let start = self.at;
        let id = match self.rest().as_bytes() {
            [b'"', ..] => self.quoted(ends)?,
            [b'<', b'<', ..] => self.heredoc()?,
            [b'[', ..] if !self.is_loop() => self.list(depth)?,
            [b'{', ..] if !self.is_loop() => self.object(depth)?,
            [b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..] => self.number()?,
            _ => self.word(ends)?,
        };
        self.blanks(ends == Ends::Item)?;
        if !self.is_end(ends) {
            return self.turn_into_expression(id, start, ends);
        }
        Ok(id)
    }

    /// `[for …` and `{for …` make a list or object; they are none.
    fn is_loop(&self) -> bool {
        let inner = self.rest().get(1..).unwrap_or("").trim_start();
        inner.get(..name_length(inner)) == Some("for")
    }

    /// True where an expression ends.
    pub(super) fn is_end(&self, ends: Ends) -> bool {
        let rest = self.rest().as_bytes();
        let is_comment = matches!(rest, [b'#', ..] | [b'/', b'/', ..]);
        match ends {
            Ends::Line => matches!(rest, [] | [b'\n' | b'}', ..]) || is_comment,
            Ends::Item => matches!(rest, [] | [b',' | b']', ..]),
            Ends::Entry => matches!(rest, [] | [b'\n' | b',' | b'}', ..]) || is_comment,
            Ends::Key => match rest {
                [b'=', b'=' | b'>', ..] => false,
                _ => matches!(rest, [] | [b'=' | b':', ..]),
            },
        }
    }

    /// `true`, `false` and `null`; any other word begins an expression.
    fn word(&mut self, ends: Ends) -> Parsed<NodeId> {
        let start = self.at;
        let length = name_length(self.rest());
        let kind = match self.rest().get(..length) {
            Some("true") => Kind::Bool(true),
            Some("false") => Kind::Bool(false),
            Some("null") => Kind::Null,
            _ => return self.expression(start, ends),
        };
        let id = self.push(kind, Style::Plain, start)?;
        self.at += length;
        self.set_text(id, start, self.at);
        Ok(id)
    }

    /// A number: HCL's are decimal, whatever YAML would make of a leading zero.
    fn number(&mut self) -> Parsed<NodeId> {
        let start = self.at;
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| bytes.iter().skip(from).take_while(|it| it.is_ascii_digit()).count();
        let mut length = usize::from(bytes.first() == Some(&b'-'));
        let sign = length;
        length += digits(length);
        let mut kind = Kind::Int;
        if bytes.get(length) == Some(&b'.') && digits(length + 1) > 0 {
            length += 1 + digits(length + 1);
            kind = Kind::Float;
        }
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            let signed = length + 1 + usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
            if digits(signed) > 0 {
                length = signed + digits(signed);
                kind = Kind::Float;
            }
        }
        let id = self.push(kind, Style::Plain, start)?;
        self.at += length;
        let text = self.text.get(start..self.at).unwrap_or("");
        let bare = text.get(sign..).unwrap_or("").trim_start_matches('0');
        if bare.starts_with(|it: char| it.is_ascii_digit()) && bare.len() + sign < text.len() {
            let text = format!("{}{bare}", text.get(..sign).unwrap_or(""));
            self.set_owned(id, &text);
        } else {
            self.set_text(id, start, self.at);
        }
        Ok(id)
    }

    /// A quoted string: a literal, or an expression where something is to be put in.
    pub(super) fn quoted(&mut self, ends: Ends) -> Parsed<NodeId> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let (mut at, mut is_plain) = (start + 1, true);
        let end = loop {
            match bytes.get(at..).unwrap_or(&[]) {
                [b'"', ..] => break at,
                [b'\\', ..] => (at, is_plain) = (at + 2, false),
                [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => (at, is_plain) = (at + 3, false),
                [b'$' | b'%', b'{', ..] => return self.template(start, ends),
                [] | [b'\n', ..] => {
                    return Err(self.error(start, start + 1, "this string is never closed: `\"` is missing"));
                }
                _ => at += 1,
            }
        };
        let id = self.push(Kind::String, Style::DoubleQuoted, start)?;
        self.at = end + 1;
        if is_plain {
            self.set_text(id, start + 1, end);
        } else {
            let text = unescaped(self.text.get(start + 1..end).unwrap_or(""));
            self.set_owned(id, &text);
        }
        Ok(id)
    }

    /// A string with something to put in, up to its quote.
    fn template(&mut self, start: usize, ends: Ends) -> Parsed<NodeId> {
        let id = self.push(Kind::String, Style::Expression, start)?;
        self.string()?;
        if ends == Ends::Key {
            self.set_text(id, start + 1, self.at - 1);
        } else {
            self.set_text(id, start, self.at);
        }
        Ok(id)
    }

    /// `<<EOF` and `<<-EOF`: a literal, or an expression where something is to be put in.
    fn heredoc(&mut self) -> Parsed<NodeId> {
        let start = self.at;
        let is_indented = self.rest().starts_with("<<-");
        let (from, to) = self.skip_heredoc()?;
        let body = self.text.get(from..to).unwrap_or("");
        let has_marks = |mark: &str| body.contains(mark);
        if has_marks("${") || has_marks("%{") {
            let id = self.push(Kind::String, Style::Expression, start)?;
            self.set_text(id, start, self.at);
            return Ok(id);
        }
        let id = self.push(Kind::String, Style::Literal, start)?;
        if is_indented {
            let text = without_indent(body);
            self.set_owned(id, &text);
        } else {
            self.set_text(id, from, to);
        }
        Ok(id)
    }

    fn list(&mut self, depth: usize) -> Parsed<NodeId> {
        let start = self.at;
        let id = self.push(Kind::Sequence, Style::Flow, start)?;
        let mut open = Open::new(id);
        self.at += 1;
        loop {
            self.blanks(true)?;
            match self.peek() {
                Some(b']') => break,
                None => return Err(self.error(start, start + 1, "this list is never closed: `]` is missing")),
                _ => {}
            }
            let item = self.value(Ends::Item, depth + 1)?;
            let slot = open.count;
            self.append(&mut open, item, slot);
            self.blanks(true)?;
            if self.peek() == Some(b',') {
                self.at += 1;
            }
        }
        self.at += 1;
        self.close(&open);
        Ok(id)
    }

    fn object(&mut self, depth: usize) -> Parsed<NodeId> {
        let start = self.at;
        let id = self.push(Kind::Mapping, Style::Flow, start)?;
        let mut open = Open::new(id);
        self.at += 1;
        loop {
            self.blanks(true)?;
            match self.peek() {
                Some(b'}') => break,
                Some(b',') => {
                    self.at += 1;
                    continue;
                }
                None => return Err(self.error(start, start + 1, "this object is never closed: `}` is missing")),
                _ => {}
            }
            let key = self.key()?;
            self.blanks(true)?;
            if !matches!(self.peek(), Some(b'=' | b':')) {
                return Err(self.error(self.at, self.at + 1, "`=` is missing after the key of this object's entry"));
            }
            self.at += 1;
            self.blanks(true)?;
            let value = self.value(Ends::Entry, depth + 1)?;
            self.append(&mut open, value, key.0);
        }
        self.at += 1;
        self.close(&open);
        Ok(id)
    }

    /// The key of an object's entry: a name, a string, or an expression.
    fn key(&mut self) -> Parsed<NodeId> {
        let start = self.at;
        let id = match self.name()? {
            Some(id) => id,
            None => self.expression(start, Ends::Key)?,
        };
        self.blanks(true)?;
        if self.is_end(Ends::Key) { Ok(id) } else { self.turn_into_expression(id, start, Ends::Key) }
    }
}

/// The text of a quoted string (HCL, *native syntax*: template expressions).
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '$', '%']) {
        let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let mut characters = after.chars();
        match (characters.next(), characters.next()) {
            (Some('\\'), Some(escape @ ('u' | 'U'))) => {
                let digits = if escape == 'u' { 4 } else { 8 };
                let code = after.get(2..2 + digits).and_then(|it| u32::from_str_radix(it, 16).ok());
                match code.and_then(char::from_u32) {
                    Some(character) => {
                        out.push(character);
                        rest = after.get(2 + digits..).unwrap_or("");
                    }
                    None => {
                        out.push('\\');
                        rest = after.get(1..).unwrap_or("");
                    }
                }
                continue;
            }
            (Some('\\'), Some(escape)) => {
                out.push(match escape {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    other => other,
                });
                rest = characters.as_str();
                continue;
            }
            (Some(mark), Some(second)) if mark == second && characters.as_str().starts_with('{') => {
                out.push(mark);
                rest = characters.as_str();
                continue;
            }
            (Some(other), _) => out.push(other),
            (None, _) => {}
        }
        rest = after.get(1..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

/// The text of `<<-`: without the indentation that all its lines share.
fn without_indent(body: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let shared = body.lines().filter(|it| !it.trim().is_empty()).map(indent).min().unwrap_or(0);
    let mut out = String::with_capacity(body.len());
    for line in body.split_inclusive('\n') {
        out.push_str(line.get(shared.min(indent(line))..).unwrap_or(""));
    }
    out
}
