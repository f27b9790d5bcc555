//! From code points to tokens, as the lexer of cel-go's grammar (`parser/gen/CEL.g4`) cuts them.
//!
//! The longest token wins. Where none fits, the error spans what could have become one, and reading goes on after it.

use crate::error::Text;

/// The kinds of tokens, numbered as in the grammar: the lists of what was expected are in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Kind {
    Eof,
    Equals,
    NotEquals,
    In,
    Less,
    LessEquals,
    GreaterEquals,
    Greater,
    And,
    Or,
    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
    LeftParen,
    RightParen,
    Dot,
    Comma,
    Minus,
    Not,
    Question,
    Colon,
    Plus,
    Star,
    Slash,
    Percent,
    True,
    False,
    Null,
    Float,
    Int,
    Uint,
    String,
    Bytes,
    Identifier,
    Escaped,
}

/// How error texts name the kinds, by number.
pub(super) const NAMES: [&str; 36] = [
    "<EOF>",
    "'=='",
    "'!='",
    "'in'",
    "'<'",
    "'<='",
    "'>='",
    "'>'",
    "'&&'",
    "'||'",
    "'['",
    "']'",
    "'{'",
    "'}'",
    "'('",
    "')'",
    "'.'",
    "','",
    "'-'",
    "'!'",
    "'?'",
    "':'",
    "'+'",
    "'*'",
    "'/'",
    "'%'",
    "'true'",
    "'false'",
    "'null'",
    "NUM_FLOAT",
    "NUM_INT",
    "NUM_UINT",
    "STRING",
    "BYTES",
    "IDENTIFIER",
    "ESC_IDENTIFIER",
];

/// A token and its code points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A stretch of text that is no token.
pub(super) struct Unread {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) text: String,
}

/// All tokens, an end at last, and what could not be read.
pub(super) fn tokens(text: &Text, escaped_identifiers: bool) -> (Vec<Token>, Vec<Unread>) {
    let lexer = Lexer { chars: text.chars(), escaped_identifiers };
    let (mut tokens, mut unread) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < lexer.chars.len() {
        if let Some(end) = lexer.hidden(at) {
            at = end;
            continue;
        }
        match lexer.token(at) {
            Ok((kind, end)) => {
                tokens.push(Token { kind, start: narrow(at), end: narrow(end) });
                at = end;
            }
            Err(died) => {
                let text = text.slice(narrow(at), narrow(died + 1));
                unread.push(Unread { start: narrow(at), end: narrow((died + 1).min(lexer.chars.len())), text });
                at = died + 1;
            }
        }
    }
    let end = narrow(lexer.chars.len());
    tokens.push(Token { kind: Kind::Eof, start: end, end });
    (tokens, unread)
}

/// Expressions are bounded far below 4 billion code points before they come here.
fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

struct Lexer<'t> {
    chars: &'t [char],
    escaped_identifiers: bool,
}

/// Where reading stopped for good, of what became no token.
type Died = usize;

impl Lexer<'_> {
    fn at(&self, index: usize) -> char {
        // No token contains NUL, but raw strings and comments, for which the end is asked separately.
        self.chars.get(index).copied().unwrap_or('\0')
    }

    fn ended(&self, index: usize) -> bool {
        index >= self.chars.len()
    }

    fn run(&self, mut index: usize, of: fn(char) -> bool) -> usize {
        while !self.ended(index) && of(self.at(index)) {
            index += 1;
        }
        index
    }

    /// The end of white space or a comment.
    fn hidden(&self, start: usize) -> Option<usize> {
        let end = self.run(start, |char| matches!(char, '\t' | ' ' | '\r' | '\n' | '\u{c}'));
        if end > start {
            return Some(end);
        }
        (self.at(start) == '/' && self.at(start + 1) == '/').then(|| self.run(start, |char| char != '\n'))
    }

    fn token(&self, start: usize) -> Result<(Kind, usize), Died> {
        let first = self.at(start);
        if first.is_ascii_digit() || (first == '.' && self.at(start + 1).is_ascii_digit()) {
            return Ok(self.number(start));
        }
        if let Some((kind, end)) = self.prefixed_string(start) {
            return Ok((kind, end));
        }
        match first {
            '_' | 'a'..='z' | 'A'..='Z' => Ok(self.word(start)),
            '"' | '\'' => self.string(start, false).map(|end| (Kind::String, end)),
            '`' if self.escaped_identifiers => self.escaped(start),
            _ => self.sign(start),
        }
    }

    fn sign(&self, start: usize) -> Result<(Kind, usize), Died> {
        let next = self.at(start + 1);
        let (kind, len) = match (self.at(start), next) {
            ('=', '=') => (Kind::Equals, 2),
            ('!', '=') => (Kind::NotEquals, 2),
            ('<', '=') => (Kind::LessEquals, 2),
            ('>', '=') => (Kind::GreaterEquals, 2),
            ('&', '&') => (Kind::And, 2),
            ('|', '|') => (Kind::Or, 2),
            ('=' | '&' | '|', _) => return Err(start + 1),
            ('<', _) => (Kind::Less, 1),
            ('>', _) => (Kind::Greater, 1),
            ('[', _) => (Kind::LeftBracket, 1),
            (']', _) => (Kind::RightBracket, 1),
            ('{', _) => (Kind::LeftBrace, 1),
            ('}', _) => (Kind::RightBrace, 1),
            ('(', _) => (Kind::LeftParen, 1),
            (')', _) => (Kind::RightParen, 1),
            ('.', _) => (Kind::Dot, 1),
            (',', _) => (Kind::Comma, 1),
            ('-', _) => (Kind::Minus, 1),
            ('!', _) => (Kind::Not, 1),
            ('?', _) => (Kind::Question, 1),
            (':', _) => (Kind::Colon, 1),
            ('+', _) => (Kind::Plus, 1),
            ('*', _) => (Kind::Star, 1),
            ('/', _) => (Kind::Slash, 1),
            ('%', _) => (Kind::Percent, 1),
            _ => return Err(start),
        };
        Ok((kind, start + len))
    }

    fn word(&self, start: usize) -> (Kind, usize) {
        let end = self.run(start, |char| char == '_' || char.is_ascii_alphanumeric());
        let is = |word: &str| word.chars().eq(self.chars.get(start..end).unwrap_or_default().iter().copied());
        let kind = [("in", Kind::In), ("true", Kind::True), ("false", Kind::False), ("null", Kind::Null)];
        (kind.iter().find(|(word, _)| is(word)).map_or(Kind::Identifier, |(_, kind)| *kind), end)
    }

    fn escaped(&self, start: usize) -> Result<(Kind, usize), Died> {
        let end =
            self.run(start + 1, |char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '-' | '/' | ' '));
        if end > start + 1 && self.at(end) == '`' { Ok((Kind::Escaped, end + 1)) } else { Err(end) }
    }

    fn number(&self, start: usize) -> (Kind, usize) {
        let digit: fn(char) -> bool = |char| char.is_ascii_digit();
        let unsigned = |end: usize| matches!(self.at(end), 'u' | 'U');
        if self.at(start) == '0' && self.at(start + 1) == 'x' {
            let end = self.run(start + 2, |char| char.is_ascii_hexdigit());
            if end > start + 2 {
                return if unsigned(end) { (Kind::Uint, end + 1) } else { (Kind::Int, end) };
            }
        }
        let whole = self.run(start, digit);
        let mut end = whole;
        if self.at(whole) == '.' {
            let fraction = self.run(whole + 1, digit);
            if fraction > whole + 1 {
                end = fraction;
            }
        }
        let exponent = self.exponent(end);
        if exponent > whole {
            return (Kind::Float, exponent);
        }
        if unsigned(whole) { (Kind::Uint, whole + 1) } else { (Kind::Int, whole) }
    }

    /// The end of an exponent at `start`, or `start`.
    fn exponent(&self, start: usize) -> usize {
        if !matches!(self.at(start), 'e' | 'E') {
            return start;
        }
        let digits = if matches!(self.at(start + 1), '+' | '-') { start + 2 } else { start + 1 };
        let end = self.run(digits, |char| char.is_ascii_digit());
        if end > digits { end } else { start }
    }

    /// `r'…'`, `b'…'` and `br'…'`.
    fn prefixed_string(&self, start: usize) -> Option<(Kind, usize)> {
        let bytes = matches!(self.at(start), 'b' | 'B');
        let mark = start + usize::from(bytes);
        let raw = matches!(self.at(mark), 'r' | 'R');
        let quote = mark + usize::from(raw);
        if quote == start || !matches!(self.at(quote), '"' | '\'') {
            return None;
        }
        let end = self.string(quote, raw).ok()?;
        Some((if bytes { Kind::Bytes } else { Kind::String }, end))
    }

    /// The end of a string whose first quote is at `start`.
    fn string(&self, start: usize, raw: bool) -> Result<usize, Died> {
        let quote = self.at(start);
        let second = self.at(start + 1) == quote;
        if second && self.at(start + 2) == quote {
            // Three quotes open a long string; if that does not end, the first two are an empty one.
            return Ok(self.long_string(start + 3, quote, raw).unwrap_or(start + 2));
        }
        let mut at = start + 1;
        loop {
            match self.at(at) {
                '\0' if self.ended(at) => return Err(at),
                '\n' | '\r' => return Err(at),
                char if char == quote => return Ok(at + 1),
                '\\' if !raw => at = self.escape(at)?,
                _ => at += 1,
            }
        }
    }

    fn long_string(&self, mut at: usize, quote: char, raw: bool) -> Option<usize> {
        while !self.ended(at) {
            if self.at(at) == quote && self.at(at + 1) == quote && self.at(at + 2) == quote {
                return Some(at + 3);
            }
            at = if self.at(at) == '\\' && !raw { self.escape(at).ok()? } else { at + 1 };
        }
        None
    }

    /// The end of an escape sequence whose backslash is at `start`.
    fn escape(&self, start: usize) -> Result<usize, Died> {
        let (digits, octal) = match self.at(start + 1) {
            'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '"' | '\'' | '\\' | '?' | '`' => return Ok(start + 2),
            '0'..='3' => (2, true),
            'x' | 'X' => (2, false),
            'u' => (4, false),
            'U' => (8, false),
            _ => return Err(start + 1),
        };
        for at in start + 2..start + 2 + digits {
            let char = self.at(at);
            if !(if octal { matches!(char, '0'..='7') } else { char.is_ascii_hexdigit() }) {
                return Err(at);
            }
        }
        Ok(start + 2 + digits)
    }
}
