//! What Go's `encoding/json` says of a text that should be JSON, or an object.

use seaworthy_cel::quoted;

/// So deep may values lie in each other.
const DEEPEST: usize = 10_000;

/// What `json.Unmarshal` into a `map[string]interface{}` says, if anything.
pub(super) fn object_fault(bytes: &[u8]) -> Option<String> {
    match (Scanner { bytes, at: 0 }).whole() {
        Err(fault) => Some(fault),
        Ok(b'{' | b'n') => None,
        Ok(first) => {
            let what = match first {
                b'[' => "array",
                b'"' => "string",
                b't' | b'f' => "bool",
                _ => "number",
            };
            Some(format!("json: cannot unmarshal {what} into Go value of type map[string]interface {{}}"))
        }
    }
}

/// What `json.Unmarshal` says of a text that is no JSON.
pub(super) fn syntax_fault(bytes: &[u8]) -> Option<String> {
    (Scanner { bytes, at: 0 }).whole().err()
}

struct Scanner<'b> {
    bytes: &'b [u8],
    at: usize,
}

/// The first fault, in Go's words.
type Scanned<T> = Result<T, String>;

impl Scanner<'_> {
    /// Reads one value and blanks around it; gives its first byte.
    fn whole(mut self) -> Scanned<u8> {
        let first = self.next_letter().unwrap_or_default();
        self.value()?;
        match self.next_letter() {
            None => Ok(first),
            Some(_) => Err(self.invalid("after top-level value")),
        }
    }

    /// The next byte that is not blank.
    fn next_letter(&mut self) -> Option<u8> {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.peek()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// What is wrong with the byte here, or that there is none.
    fn invalid(&self, context: &str) -> String {
        if self.peek().is_none() { "unexpected end of JSON input".to_owned() } else { self.broken(context) }
    }

    /// The same in the middle of something, where Go takes the end of the text for a blank.
    fn broken(&self, context: &str) -> String {
        let shown = match self.peek() {
            None => "' '".to_owned(),
            Some(b'\'') => "'\\''".to_owned(),
            Some(b'"') => "'\"'".to_owned(),
            Some(byte) => format!("'{}'", quoted(&char::from(byte).to_string()).trim_matches('"')),
        };
        format!("invalid character {shown} {context}")
    }

    /// A value with all in it, without recursion: `open` has the brackets that are not closed yet.
    fn value(&mut self) -> Scanned<()> {
        let mut open = Vec::new();
        loop {
            if !self.begin(&mut open)? {
                continue;
            }
            // A value has ended: what goes on around it?
            loop {
                let Some(around) = open.last().copied() else { return Ok(()) };
                let end = if around == b'{' { b'}' } else { b']' };
                match self.next_letter() {
                    Some(b',') => {
                        self.at += 1;
                        if around == b'{' {
                            self.next_letter();
                            self.key()?;
                        }
                        break;
                    }
                    Some(byte) if byte == end => {
                        self.at += 1;
                        open.pop();
                    }
                    _ if around == b'{' => return Err(self.invalid("after object key:value pair")),
                    _ => return Err(self.invalid("after array element")),
                }
            }
        }
    }

    /// The beginning of a value; true if it is a whole one.
    fn begin(&mut self, open: &mut Vec<u8>) -> Scanned<bool> {
        match self.next_letter() {
            Some(bracket @ (b'{' | b'[')) => {
                self.at += 1;
                if open.len() == DEEPEST {
                    return Err("exceeded max depth".to_owned());
                }
                let end = if bracket == b'{' { b'}' } else { b']' };
                if self.next_letter() == Some(end) {
                    self.at += 1;
                    return Ok(true);
                }
                open.push(bracket);
                if bracket == b'{' {
                    self.key()?;
                }
                Ok(false)
            }
            Some(b'"') => self.string().map(|()| true),
            Some(b't') => self.literal("true").map(|()| true),
            Some(b'f') => self.literal("false").map(|()| true),
            Some(b'n') => self.literal("null").map(|()| true),
            Some(b'-' | b'0'..=b'9') => self.number().map(|()| true),
            _ => Err(self.invalid("looking for beginning of value")),
        }
    }

    /// A key and its colon.
    fn key(&mut self) -> Scanned<()> {
        if self.peek() != Some(b'"') {
            return Err(self.invalid("looking for beginning of object key string"));
        }
        self.string()?;
        if self.next_letter() != Some(b':') {
            return Err(self.invalid("after object key"));
        }
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Scanned<()> {
        loop {
            self.at += 1;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(b' '..) => {}
                _ => return Err(self.invalid("in string literal")),
            }
        }
    }

    fn escape(&mut self) -> Scanned<()> {
        self.at += 1;
        match self.peek() {
            Some(b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"') => Ok(()),
            Some(b'u') => {
                for _ in 0..4 {
                    self.at += 1;
                    if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return Err(self.broken("in \\u hexadecimal character escape"));
                    }
                }
                Ok(())
            }
            _ => Err(self.broken("in string escape code")),
        }
    }

    fn literal(&mut self, word: &'static str) -> Scanned<()> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                let expected = char::from(expected);
                return Err(self.broken(&format!("in literal {word} (expecting '{expected}')")));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Scanned<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        Ok(())
    }

    fn digits(&mut self, context: &str) -> Scanned<()> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.broken(context));
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::object_fault;

    #[test]
    fn what_go_says() {
        for right in ["{}", " {\"a\": [1, -0.5e+3, {\"b\": null}], \"c\": \"\\u00e9\\n\"} ", "null"] {
            assert_eq!(object_fault(right.as_bytes()), None, "{right}");
        }
        for (wrong, words) in [
            ("", "unexpected end of JSON input"),
            ("{\"a\":", "unexpected end of JSON input"),
            ("[]", "json: cannot unmarshal array into Go value of type map[string]interface {}"),
            ("3", "json: cannot unmarshal number into Go value of type map[string]interface {}"),
            ("x", "invalid character 'x' looking for beginning of value"),
            ("{'a'}", "invalid character '\\'' looking for beginning of object key string"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair"),
            ("{\"a\":[1;]}", "invalid character ';' after array element"),
            ("{\"a\":tru}", "invalid character '}' in literal true (expecting 'e')"),
            ("{\"a\":tr", "invalid character ' ' in literal true (expecting 'u')"),
            ("{\"a", "unexpected end of JSON input"),
            ("{} x", "invalid character 'x' after top-level value"),
            ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
            ("{\"a\":\"\n\"}", "invalid character '\\n' in string literal"),
            ("{\"a\":01}", "invalid character '1' after object key:value pair"),
        ] {
            assert_eq!(object_fault(wrong.as_bytes()).as_deref(), Some(words), "{wrong}");
        }
        let deep = "[".repeat(20_000);
        assert_eq!(object_fault(deep.as_bytes()).as_deref(), Some("exceeded max depth"));
    }
}
