//! Where a JSON value ends, if it is one. Only the grammar is looked at: the tree comes from the YAML events.

/// The end of the JSON value at the start of `bytes` (blanks before it passed over); none if there is no whole and
/// correct value. Nesting costs a bit a level, not a stack frame.
pub(crate) fn end_of_value(bytes: &[u8]) -> Option<usize> {
    let mut open: Vec<bool> = Vec::new();
    let mut at = skip_blanks(bytes, 0);
    loop {
        // A value begins here.
        match bytes.get(at)? {
            b'{' => {
                at = skip_blanks(bytes, at + 1);
                if bytes.get(at)? != &b'}' {
                    open.push(true);
                    at = end_of_key(bytes, at)?;
                    continue;
                }
                at += 1;
            }
            b'[' => {
                at = skip_blanks(bytes, at + 1);
                if bytes.get(at)? != &b']' {
                    open.push(false);
                    continue;
                }
                at += 1;
            }
            b'"' => at = end_of_string(bytes, at)?,
            b't' => at = word(bytes, at, b"true")?,
            b'f' => at = word(bytes, at, b"false")?,
            b'n' => at = word(bytes, at, b"null")?,
            _ => at = end_of_number(bytes, at)?,
        }
        // A value has ended: what holds it goes on or ends too.
        loop {
            let Some(&in_object) = open.last() else { return Some(at) };
            at = skip_blanks(bytes, at);
            match (bytes.get(at)?, in_object) {
                (b',', true) => at = end_of_key(bytes, skip_blanks(bytes, at + 1))?,
                (b',', false) => at = skip_blanks(bytes, at + 1),
                (b'}', true) | (b']', false) => {
                    open.pop();
                    at += 1;
                    continue;
                }
                _ => return None,
            }
            break;
        }
    }
}

pub(crate) fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or(&[]);
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count()
}

/// The start of the value after `"key":`.
fn end_of_key(bytes: &[u8], at: usize) -> Option<usize> {
    let colon = skip_blanks(bytes, end_of_string(bytes, at)?);
    (bytes.get(colon)? == &b':').then(|| skip_blanks(bytes, colon + 1))
}

fn end_of_string(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes.get(at)? != &b'"' {
        return None;
    }
    let mut at = at + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => match bytes.get(at + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                b'u' if bytes.get(at + 2..at + 6)?.iter().all(u8::is_ascii_hexdigit) => at += 6,
                _ => return None,
            },
            0..0x20 => return None,
            _ => at += 1,
        }
    }
}

fn word(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    bytes.get(at..)?.starts_with(word).then_some(at + word.len())
}

fn end_of_number(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = |at: usize| bytes.get(at..).unwrap_or(&[]).iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = if bytes.get(at) == Some(&b'-') { at + 1 } else { at };
    let whole = digits(end);
    if whole == 0 || whole > 1 && bytes.get(end) == Some(&b'0') {
        return None;
    }
    end += whole;
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if fraction == 0 {
            return None;
        }
        end += 1 + fraction;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent == 0 {
            return None;
        }
        end += 1 + sign + exponent;
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_values() {
        for text in
            ["{}", " [1, -2.5e+3, 0, true, null, \"a\\u00e9\\/\"]", r#"{"a": {"b": [[], {}]}, "c": "}{"}"#, "\"x\""]
        {
            assert_eq!(end_of_value(text.as_bytes()), Some(text.len()), "{text}");
        }
        assert_eq!(end_of_value(b"{} {}"), Some(2));
    }

    #[test]
    fn what_is_no_json() {
        for text in ["", "{a: 1}", "{\"a\": 01}", "[1,]", "{\"a\":1,}", "[1", "\"a", "\"\\x\"", "[1}", "'a'", "1."] {
            assert_eq!(end_of_value(text.as_bytes()), None, "{text}");
        }
    }
}
