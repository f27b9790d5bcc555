//! Lists and objects in brackets.

use seaworthy_source::Span;

use super::{Event, Events, Fault, KEY_LENGTH, Last, Level, Met, Next, Properties, Step};
use crate::diagnose::Problem;
use crate::tree::Style;

/// An event, or nothing yet: the level has gone a step on.
type Stride<'t> = Result<Option<Met<'t>>, Fault>;

impl<'t> Events<'t> {
    /// A `[` or `{`, which stands here.
    pub(super) fn open_bracket(&mut self, properties: Properties<'t>) -> Met<'t> {
        let (style, anchor, open) = (Style::Flow, properties.anchor, self.cursor.at);
        let is_sequence = self.cursor.byte(0) == b'[';
        self.levels.push(match is_sequence {
            true => Level::Sequence { open, next: Next::First },
            false => Level::Mapping { open, next: Next::First },
        });
        self.brackets += 1;
        let span = self.take();
        (if is_sequence { Event::Sequence { style, anchor } } else { Event::Mapping { style, anchor } }, span)
    }

    fn close_bracket(&mut self) -> Met<'t> {
        self.levels.pop();
        self.brackets -= 1;
        self.may_begin = false;
        (Event::End, self.take())
    }

    /// The words for what stands in brackets and cannot.
    fn misplaced_in(&self, open: usize, open_sign: char, close: char) -> Fault {
        let found = char::from(self.cursor.byte(0));
        let is_same_line = self.last_end >= self.cursor.line;
        if self.cursor.is_end() || self.cursor.is_marker() {
            return Fault::at(Problem::Unclosed { open: open_sign }, open);
        }
        match found {
            ']' | '}' => Fault::at(Problem::Mismatch { open: open_sign, close: found }, open),
            ',' | ':' => Fault::at(Problem::Separator { close }, self.cursor.at),
            _ if self.last == Last::Quoted && is_same_line => Fault::at(Problem::AfterQuote, self.cursor.at),
            '%' | '@' | '`' | '|' | '>' | '*' | '&' => Fault::at(Problem::Sign, self.cursor.at),
            _ => Fault::at(Problem::Separator { close }, self.cursor.at),
        }
    }

    /// Goes past the separator that must stand here.
    fn separator(&mut self) -> Result<bool, Fault> {
        if self.cursor.byte(0) != b',' {
            return Ok(false);
        }
        self.take();
        self.set_next(Next::More);
        self.skip()?;
        Ok(true)
    }

    /// True if a value in brackets, after `:` or `?`, is not there.
    fn is_nothing(&self) -> bool {
        matches!(self.cursor.byte(0), b',' | b']' | b'}')
    }

    /// What comes next in a list.
    #[inline(never)]
    pub(super) fn sequence(&mut self, open: usize, next: Next) -> Stride<'t> {
        if self.cursor.byte(0) == b']' {
            return Ok(Some(self.close_bracket()));
        }
        if matches!(next, Next::Separator) {
            return match self.separator()? {
                true => Ok(None),
                false => Err(self.misplaced_in(open, '[', ']')),
            };
        }
        self.set_next(Next::Separator);
        let start = self.cursor.at;
        match self.cursor.byte(0) {
            b'?' => {
                self.take();
                self.levels.push(Level::Pair(Next::First));
                return Ok(Some((Event::Mapping { style: Style::Flow, anchor: None }, Span::of(start..start))));
            }
            _ if self.is_misplaced() => return Err(self.misplaced_in(open, '[', ']')),
            _ => {}
        }
        let line = self.cursor.line;
        let met = self.bracket_node()?;
        let is_leaf = matches!(met.0, Event::Scalar(_) | Event::Alias(_) | Event::UnknownAlias(_));
        if is_leaf && self.is_key_in_brackets(start, line) {
            self.levels.push(Level::Pair(Next::Value));
            self.pending = Some(met);
            return Ok(Some((Event::Mapping { style: Style::Flow, anchor: None }, Span::of(start..start))));
        }
        Ok(Some(met))
    }

    /// True if a `:` follows what began at a place of a line, which makes it a key.
    fn is_key_in_brackets(&mut self, start: usize, line: usize) -> bool {
        if line == self.cursor.line {
            self.cursor.skip_blanks();
        }
        self.cursor.byte(0) == b':' && self.is_short(start, line)
    }

    /// True if a key is short enough to be one without `?`.
    fn is_short(&self, start: usize, line: usize) -> bool {
        self.cursor.is_json || line == self.cursor.line && self.cursor.is_within(start, self.cursor.at, KEY_LENGTH)
    }

    /// What comes next in an object.
    #[inline(never)]
    pub(super) fn mapping(&mut self, open: usize, next: Next) -> Stride<'t> {
        match next {
            Next::ValueOfKey { start, line } => {
                if self.cursor.byte(0) == b':' {
                    if !self.is_short(start, line) {
                        return Err(Fault::at(Problem::KeyOfLines, start));
                    }
                    return self.value_in_brackets(Next::Separator).map(Some);
                }
                self.set_next(Next::Separator);
                return Ok(Some(self.nothing(Properties::default(), self.last_end)));
            }
            Next::ValueOfMark if self.cursor.byte(0) == b':' => {
                return self.value_in_brackets(Next::Separator).map(Some);
            }
            Next::ValueOfMark => {
                self.set_next(Next::Separator);
                return Ok(Some(self.nothing(Properties::default(), self.last_end)));
            }
            _ => {}
        }
        if self.cursor.byte(0) == b'}' {
            return Ok(Some(self.close_bracket()));
        }
        if matches!(next, Next::Separator) {
            return match self.separator()? {
                true => Ok(None),
                false => Err(self.misplaced_in(open, '{', '}')),
            };
        }
        if self.cursor.byte(0) == b'?' {
            let after = self.take().range().end;
            self.set_next(Next::ValueOfMark);
            self.skip()?;
            if self.is_nothing() || self.cursor.byte(0) == b':' {
                return Ok(Some(self.nothing(Properties::default(), after)));
            }
        } else if self.is_misplaced() {
            return Err(self.misplaced_in(open, '{', '}'));
        } else {
            self.set_next(Next::ValueOfKey { start: self.cursor.at, line: self.cursor.line });
        }
        self.bracket_node().map(Some)
    }

    /// What comes next in an object of one entry.
    #[inline(never)]
    pub(super) fn pair(&mut self, next: Next) -> Stride<'t> {
        match next {
            Next::First => {
                self.set_next(Next::Value);
                if self.is_nothing() || self.cursor.byte(0) == b':' {
                    return Ok(Some(self.nothing(Properties::default(), self.last_end)));
                }
                self.bracket_node().map(Some)
            }
            Next::Value if self.cursor.byte(0) == b':' => self.value_in_brackets(Next::Separator).map(Some),
            Next::Value => {
                self.set_next(Next::Separator);
                Ok(Some(self.nothing(Properties::default(), self.last_end)))
            }
            _ => {
                self.levels.pop();
                Ok(Some((Event::End, Span::of(self.last_end..self.last_end))))
            }
        }
    }

    /// The value after a `:`, which stands here.
    fn value_in_brackets(&mut self, then: Next) -> Step<'t> {
        let after = self.take().range().end;
        self.set_next(then);
        self.skip()?;
        if self.is_nothing() {
            return Ok(self.nothing(Properties::default(), after));
        }
        self.bracket_node()
    }

    /// True if nothing can begin with what stands here.
    fn is_misplaced(&self) -> bool {
        let begins =
            matches!(self.cursor.byte(0), b'[' | b'{' | b'"' | b'\'' | b'&' | b'!' | b'*') || self.begins_plain();
        !begins || self.cursor.is_marker()
    }

    /// A value in brackets, which stands here.
    fn bracket_node(&mut self) -> Step<'t> {
        let mut properties = Properties::default();
        while self.property(&mut properties)? {
            self.skip()?;
            if self.is_nothing() || self.cursor.byte(0) == b':' {
                return Ok(self.nothing(properties, self.last_end));
            }
        }
        if self.is_misplaced() {
            let level = self.levels.iter().rev().find_map(|level| match *level {
                Level::Sequence { open, .. } => Some((open, '[', ']')),
                Level::Mapping { open, .. } => Some((open, '{', '}')),
                _ => None,
            });
            let (open, sign, close) = level.unwrap_or((self.cursor.at, '[', ']'));
            return Err(self.misplaced_in(open, sign, close));
        }
        self.value(properties)
    }
}
