//! Lists and objects by indentation.

use seaworthy_source::Span;

use super::{Event, Events, Fault, KEY_LENGTH, Level, Met, Next, Properties, Step};
use crate::diagnose::Problem;
use crate::tree::Style;

impl<'t> Events<'t> {
    /// The column after that of the next token, where it may begin something; beyond all others where it may not.
    fn place(&self) -> usize {
        if self.may_begin { self.cursor.column() + 1 } else { usize::MAX }
    }

    /// True if a block of this indentation ends before the next token.
    fn ends_block(&self, indent: usize) -> bool {
        self.cursor.is_end() || self.cursor.is_marker() || self.place() < indent
    }

    /// True if a sign stands here by itself.
    fn is_sign(&self, sign: u8) -> bool {
        self.cursor.byte(0) == sign && self.cursor.is_blank_at(self.cursor.at + 1)
    }

    /// True if a sign stands by itself at the column of a block.
    fn is_sign_of(&self, sign: u8, indent: usize) -> bool {
        self.is_sign(sign) && self.place() == indent
    }

    /// True if what comes next begins at the column of a block, so that it belongs to the block itself. A block scalar
    /// is no key: wherever it stands it is a value.
    fn is_of_block(&self, indent: usize) -> bool {
        self.place() == indent && !matches!(self.cursor.byte(0), b'|' | b'>')
    }

    /// A value in a block, which stands here. Below a key the items of a list need no more indentation than the key.
    pub(super) fn block_node(&mut self, below_key: bool, mut properties: Properties<'t>) -> Step<'t> {
        let indent = self.indent;
        loop {
            let place = self.place();
            if properties.end.is_some() && (self.ends_block(indent) || self.is_of_block(indent) && !self.is_sign(b'-'))
            {
                return Ok(self.nothing(properties, self.last_end));
            }
            // go-yaml takes the value for an empty one, and looks no further.
            if self.levels.is_empty() && properties.end.is_some() && !self.may_follow(properties) {
                return Err(Fault::at(Problem::AfterRoot, self.cursor.at));
            }
            if self.is_sign(b'-') {
                return match (self.may_begin, place > indent) {
                    (false, _) => Err(self.misplaced()),
                    (true, true) => self.open_block(Level::Items(place), properties),
                    (true, false) if below_key => self.open_block(Level::ItemsOfKey(indent), properties),
                    (true, false) if properties.end.is_some() => Ok(self.nothing(properties, self.last_end)),
                    (true, false) => Err(self.misplaced()),
                };
            }
            if self.is_sign(b'?') || self.is_sign(b':') {
                if self.cursor.byte(0) == b':' || !self.may_begin || place <= indent {
                    return Err(self.misplaced());
                }
                return self.open_block(Level::Entries { indent: place, next: Next::More }, properties);
            }
            if self.may_begin && self.is_key() {
                if place <= indent {
                    return Err(self.misplaced());
                }
                return self.open_block(Level::Entries { indent: place, next: Next::More }, properties);
            }
            if self.is_of_block(indent) {
                return Err(Fault::at(Problem::NoColon, self.cursor.at));
            }
            if !self.property(&mut properties)? {
                break;
            }
            self.skip()?;
        }
        self.value(properties)
    }

    /// True if what stands here may follow an anchor or a tag.
    fn may_follow(&self, properties: Properties<'t>) -> bool {
        match self.cursor.byte(0) {
            b']' | b'}' | b',' | b'*' => false,
            b'&' => properties.anchor.is_none(),
            b'!' => properties.tag.is_none(),
            _ => true,
        }
    }

    /// A scalar, an alias, or what brackets open.
    pub(super) fn value(&mut self, properties: Properties<'t>) -> Step<'t> {
        match self.cursor.byte(0) {
            b'[' | b'{' => Ok(self.open_bracket(properties)),
            // go-yaml gives no name to an alias, and no tag.
            b'*' if properties.end.is_some() => Err(self.misplaced()),
            _ => self.leaf(properties),
        }
    }

    fn open_block(&mut self, level: Level, properties: Properties<'t>) -> Step<'t> {
        let (style, anchor, at) = (Style::Block, properties.anchor, self.cursor.at);
        let event = match level {
            Level::Entries { indent, .. } => {
                self.indent = indent;
                Event::Mapping { style, anchor }
            }
            _ => {
                if let Level::Items(indent) = level {
                    self.indent = indent;
                }
                Event::Sequence { style, anchor }
            }
        };
        self.levels.push(level);
        Ok((event, Span::of(at..at)))
    }

    fn end_block(&mut self) -> Met<'t> {
        self.levels.pop();
        let indent = self.levels.iter().rev().find_map(|level| match *level {
            Level::Items(indent) | Level::ItemsOfKey(indent) | Level::Entries { indent, .. } => Some(indent),
            _ => None,
        });
        self.indent = indent.unwrap_or(0);
        (Event::End, Span::of(self.last_end..self.last_end))
    }

    /// An item of a list, or its end.
    pub(super) fn item(&mut self, indent: usize) -> Step<'t> {
        if self.ends_block(indent) {
            return Ok(self.end_block());
        }
        if !self.is_sign_of(b'-', indent) {
            return Err(match self.place() == indent && !self.is_key() && self.begins_plain() {
                true => Fault::at(Problem::NoColon, self.cursor.at),
                false => self.misplaced(),
            });
        }
        let after = self.mark()?;
        if self.ends_block(indent) || self.is_sign_of(b'-', indent) {
            return Ok(self.nothing(Properties::default(), after));
        }
        self.block_node(false, Properties::default())
    }

    /// An item of a list below its key, or its end.
    pub(super) fn item_of_key(&mut self, indent: usize) -> Step<'t> {
        if !self.is_sign_of(b'-', indent) {
            return Ok(self.end_block());
        }
        let after = self.mark()?;
        if self.ends_block(indent) || self.is_of_block(indent) {
            return Ok(self.nothing(Properties::default(), after));
        }
        self.block_node(false, Properties::default())
    }

    /// Takes a `-`, `?` or `:` after which something may begin, and goes on to the next token; gives where it ends.
    fn mark(&mut self) -> Result<usize, Fault> {
        let after = self.take().range().end;
        self.may_begin = true;
        self.skip()?;
        Ok(after)
    }

    /// What comes next in an object: a key, a value, or its end.
    pub(super) fn entry(&mut self, indent: usize, next: Next) -> Step<'t> {
        match next {
            Next::Value => self.value_of_entry(indent),
            Next::ValueOfMark => self.value_of_mark(indent),
            _ => self.key_of_entry(indent),
        }
    }

    fn key_of_entry(&mut self, indent: usize) -> Step<'t> {
        if self.ends_block(indent) {
            return Ok(self.end_block());
        }
        if self.is_sign_of(b'?', indent) {
            self.set_next(Next::ValueOfMark);
            return self.after_mark(indent);
        }
        if self.place() != indent {
            return Err(self.misplaced());
        }
        if !self.is_key() {
            let is_text = self.begins_plain() && !self.is_sign(b'-') || matches!(self.cursor.byte(0), b'"' | b'\'');
            return Err(if is_text { Fault::at(Problem::NoColon, self.cursor.at) } else { self.misplaced() });
        }
        self.set_next(Next::Value);
        let mut properties = Properties::default();
        while self.property(&mut properties)? {
            self.cursor.skip_blanks();
        }
        if self.is_sign(b':') {
            return Ok(self.nothing(properties, self.last_end));
        }
        self.value(properties)
    }

    /// The value of a key whose `:` stands on its line.
    fn value_of_entry(&mut self, indent: usize) -> Step<'t> {
        self.cursor.skip_blanks();
        let after = self.take().range().end;
        self.may_begin = false;
        self.set_next(Next::More);
        self.skip()?;
        if self.ends_block(indent) || self.is_of_block(indent) && !self.is_sign(b'-') {
            return Ok(self.nothing(Properties::default(), after));
        }
        self.block_node(true, Properties::default())
    }

    /// The value of a key after `?`, if it has one.
    fn value_of_mark(&mut self, indent: usize) -> Step<'t> {
        self.set_next(Next::More);
        if self.is_sign_of(b':', indent) {
            return self.after_mark(indent);
        }
        Ok(self.nothing(Properties::default(), self.last_end))
    }

    /// What stands after a `?` or `:` that begins its line.
    fn after_mark(&mut self, indent: usize) -> Step<'t> {
        let after = self.mark()?;
        if self.ends_block(indent) || self.is_of_block(indent) && !self.is_sign(b'-') {
            return Ok(self.nothing(Properties::default(), after));
        }
        self.block_node(true, Properties::default())
    }

    /// True if what stands here is a key: it ends on its line, and a `:` follows.
    fn is_key(&mut self) -> bool {
        let start = self.cursor.at;
        let mut look = self.cursor.clone();
        loop {
            let end = match look.byte(0) {
                b'&' => look.end_of_name(look.at + 1),
                b'!' => look.tag_at(look.at).map(|it| it.1),
                _ => break,
            };
            let Some(end) = end else { return false };
            look.at = end;
            look.skip_blanks();
        }
        match look.byte(0) {
            b'*' => match look.end_of_name(look.at + 1) {
                Some(end) => look.at = end,
                None => return false,
            },
            quote @ (b'"' | b'\'') => {
                let Some(end) = end_of_quoted(look.rest(), quote) else { return false };
                look.at += end;
            }
            b'[' | b'{' if self.cursor.is_json => return false,
            b'[' | b'{' => {
                let Some(end) = end_of_brackets(look.rest()) else { return false };
                look.at += end;
            }
            b':' if look.at > start && look.is_blank_at(look.at + 1) => {}
            _ if !look.begins_plain(false) => return false,
            _ => {
                if look.looked.0 != look.at {
                    look.looked = (look.at, look.plain_line(false));
                    self.cursor.looked = look.looked;
                }
                look.at = look.looked.1.0;
            }
        }
        look.skip_blanks();
        look.byte(0) == b':' && look.is_blank_at(look.at + 1) && look.is_within(start, look.at, KEY_LENGTH)
    }
}

/// Bytes that are looked at for the end of a key, which has at most [`KEY_LENGTH`] characters.
const MOST: usize = 4 * KEY_LENGTH;

/// How long a text in quotes is that ends on its line.
fn end_of_quoted(text: &[u8], quote: u8) -> Option<usize> {
    let mut at = 1;
    loop {
        match *text.get(at)? {
            b'\n' | b'\r' => return None,
            b'\\' if quote == b'"' => at += 2,
            byte if byte == quote && quote == b'\'' && text.get(at + 1) == Some(&quote) => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
        if at > MOST {
            return None;
        }
    }
}

/// How long something in brackets is that ends on its line.
fn end_of_brackets(text: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0usize, 0);
    while at < MOST {
        match *text.get(at)? {
            b'\n' | b'\r' => return None,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            quote @ (b'"' | b'\'')
                if at.checked_sub(1).and_then(|it| text.get(it)).is_some_and(|it| b"[{,: ".contains(it)) =>
            {
                at += end_of_quoted(text.get(at..)?, quote)?;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}
