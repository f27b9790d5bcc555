//! The bytes of `data` in a Secret.

/// Decodes base64 as Go's `encoding/base64` reads it (`StdEncoding`, line breaks skipped); none if it is malformed.
#[must_use]
pub fn base64_decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3);
    let mut groups = digits.chunks(4).peekable();
    while let Some(group) = groups.next() {
        let padding = group.iter().rev().take_while(|&&byte| byte == b'=').count();
        if group.len() != 4 || padding > 2 || (padding > 0 && groups.peek().is_some()) {
            return None;
        }
        let mut word = 0u32;
        for &digit in group.iter().take(4 - padding) {
            word = word << 6 | value(digit)?;
        }
        word <<= 6 * padding;
        bytes.extend(word.to_be_bytes().into_iter().skip(1).take(3 - padding));
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u32> {
    let (first, base) = match digit {
        b'A'..=b'Z' => (b'A', 0),
        b'a'..=b'z' => (b'a', 26),
        b'0'..=b'9' => (b'0', 52),
        b'+' => return Some(62),
        b'/' => return Some(63),
        _ => return None,
    };
    Some(u32::from(digit - first) + base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_reads() {
        for (text, bytes) in
            [("", ""), ("aGk=", "hi"), ("aGVs\nbG8=\n", "hello"), ("aA==", "h"), ("aGVsbG8h", "hello!")]
        {
            assert_eq!(base64_decode(text).as_deref(), Some(bytes.as_bytes()), "{text:?}");
        }
        for text in ["x!", "hunter", "a", "=", "aGk=aGk=", "aA=", "é", "===="] {
            assert_eq!(base64_decode(text), None, "{text:?}");
        }
    }
}
