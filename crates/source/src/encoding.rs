//! Which bytes are text.

/// How the bytes of a source were encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, little endian, with a byte order mark.
    Utf16Le,
    /// UTF-16, big endian, with a byte order mark.
    Utf16Be,
}

/// Why bytes are no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncodingError {
    /// There are NUL bytes: this is no text file.
    Binary {
        /// Where the first NUL byte is.
        offset: u32,
    },
    /// A sequence that UTF-8 does not know.
    InvalidUtf8 {
        /// Where it begins.
        offset: u32,
    },
    /// An unpaired surrogate, or half a code unit at the end.
    InvalidUtf16,
}

impl std::fmt::Display for EncodingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EncodingError::Binary { offset } => write!(f, "not text: a NUL byte at offset {offset}"),
            EncodingError::InvalidUtf8 { offset } => write!(f, "not UTF-8: invalid bytes at offset {offset}"),
            EncodingError::InvalidUtf16 => f.write_str("begins as UTF-16, but is not valid UTF-16"),
        }
    }
}

pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) encoding: Encoding,
    pub(crate) fault: Option<EncodingError>,
}

pub(crate) fn decode(bytes: Vec<u8>) -> Decoded {
    match bytes.get(..2) {
        Some([0xFF, 0xFE]) => utf16(&bytes, Encoding::Utf16Le, u16::from_le_bytes),
        Some([0xFE, 0xFF]) => utf16(&bytes, Encoding::Utf16Be, u16::from_be_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: Vec<u8>) -> Decoded {
    let broken = |fault| Decoded { text: String::new(), encoding: Encoding::Utf8, fault: Some(fault) };
    if let Some(at) = memchr::memchr(0, &bytes) {
        return broken(EncodingError::Binary { offset: u32::try_from(at).unwrap_or(u32::MAX) });
    }
    match String::from_utf8(bytes) {
        Ok(text) => Decoded { text, encoding: Encoding::Utf8, fault: None },
        Err(error) => {
            let offset = u32::try_from(error.utf8_error().valid_up_to()).unwrap_or(u32::MAX);
            broken(EncodingError::InvalidUtf8 { offset })
        }
    }
}

fn utf16(bytes: &[u8], encoding: Encoding, unit: fn([u8; 2]) -> u16) -> Decoded {
    let pairs = bytes.get(2..).unwrap_or(&[]).chunks_exact(2);
    let odd = !pairs.remainder().is_empty();
    let units = pairs.filter_map(|pair| <[u8; 2]>::try_from(pair).ok()).map(unit);
    match char::decode_utf16(units).collect::<Result<String, _>>() {
        Ok(text) if !odd => Decoded { text, encoding, fault: None },
        _ => Decoded { text: String::new(), encoding, fault: Some(EncodingError::InvalidUtf16) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_is_read() {
        for (encoding, bytes) in [
            (Encoding::Utf16Le, b"\xFF\xFEa\0:\0".to_vec()),
            (Encoding::Utf16Be, b"\xFE\xFF\0a\0:".to_vec()),
        ] {
            let decoded = decode(bytes);
            assert_eq!((decoded.text.as_str(), decoded.encoding, decoded.fault), ("a:", encoding, None));
        }
    }

    #[test]
    fn what_is_no_text_says_so() {
        assert_eq!(decode(b"PK\0\x01".to_vec()).fault, Some(EncodingError::Binary { offset: 2 }));
        assert_eq!(decode(b"name: \xC3\x28".to_vec()).fault, Some(EncodingError::InvalidUtf8 { offset: 6 }));
        assert_eq!(decode(b"\xFF\xFEa".to_vec()).fault, Some(EncodingError::InvalidUtf16));
    }
}
