//! Base64 as Go's `encoding/base64` reads it (`StdEncoding`, which skips line breaks).

/// The input byte at which decoding fails.
pub(crate) fn illegal_byte(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().filter(|(_, byte)| !matches!(byte, b'\r' | b'\n'));
    let mut digits = 0;
    loop {
        let Some((at, byte)) = bytes.next() else {
            // Go points at the begin of what is missing.
            return (digits != 0).then(|| text.len() - digits);
        };
        if is_digit(byte) {
            digits = (digits + 1) % 4;
            continue;
        }
        if byte != b'=' || digits < 2 {
            return Some(at);
        }
        return padding(at, digits, text, bytes);
    }
}

/// After the first `=`: a second one where two digits are missing, and then nothing.
fn padding(at: usize, digits: usize, text: &str, mut bytes: impl Iterator<Item = (usize, u8)>) -> Option<usize> {
    if digits == 2 {
        match bytes.next() {
            None => return Some(text.len()),
            Some((_, b'=')) => {}
            Some((second, _)) => return Some(second.saturating_sub(1).max(at)),
        }
    }
    bytes.next().map(|(extra, _)| extra)
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

#[cfg(test)]
mod tests {
    use seaworthy_object::base64_decode;

    use super::*;

    #[test]
    fn bytes() {
        for (text, bytes) in
            [("", ""), ("aGk=", "hi"), ("aGVs\nbG8h", "hello!"), ("aA==", "h"), ("+/8=", "\u{fb}\u{ff}")]
        {
            assert_eq!(
                base64_decode(text).unwrap(),
                bytes.chars().map(|letter| letter as u8).collect::<Vec<u8>>(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_go_reads() {
        for text in ["", "aGk=", "aGVsbG8=", "aA==", "aGVs\nbG8=\n", "aGVsbG8h"] {
            assert_eq!(illegal_byte(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_go_refuses_and_where() {
        for (text, at) in [("x!", 1), ("hunter", 4), ("a", 0), ("=", 0), ("aGk=x", 4), ("aA=", 3), ("é", 0)] {
            assert_eq!(illegal_byte(text), Some(at), "{text:?}");
        }
    }
}
