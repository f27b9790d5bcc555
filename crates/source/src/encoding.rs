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

/// Bytes that are no text. Offsets count the decoded text, where U+FFFD stands for what could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncodingError {
    /// A NUL byte.
    Binary {
        /// Where it is.
        offset: u32,
    },
    /// A sequence that UTF-8 does not know.
    InvalidUtf8 {
        /// Where it begins.
        offset: u32,
    },
    /// An unpaired surrogate, or half a code unit at the end.
    InvalidUtf16 {
        /// Where it is.
        offset: u32,
    },
}

impl EncodingError {
    /// Where in the decoded text.
    #[must_use]
    pub fn offset(&self) -> u32 {
        match self {
            EncodingError::Binary { offset }
            | EncodingError::InvalidUtf8 { offset }
            | EncodingError::InvalidUtf16 { offset } => *offset,
        }
    }
}

impl std::fmt::Display for EncodingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            EncodingError::Binary { .. } => "not a text file: there is a NUL byte",
            EncodingError::InvalidUtf8 { .. } => "not UTF-8: save the file as UTF-8",
            EncodingError::InvalidUtf16 { .. } => "not UTF-16, though the file begins as UTF-16: save it as UTF-8",
        })
    }
}

pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) encoding: Encoding,
    /// In order, at most one a line.
    pub(crate) faults: Vec<EncodingError>,
}

pub(crate) fn decode(bytes: Vec<u8>) -> Decoded {
    match bytes.get(..2) {
        Some([0xFF, 0xFE]) => utf16(&bytes, Encoding::Utf16Le, u16::from_le_bytes),
        Some([0xFE, 0xFF]) => utf16(&bytes, Encoding::Utf16Be, u16::from_be_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: Vec<u8>) -> Decoded {
    let has_nul = memchr::memchr(0, &bytes).is_some();
    let (text, faults) = match String::from_utf8(bytes) {
        Ok(text) if has_nul => {
            let mut faults = Faults::default();
            memchr::memchr_iter(0, text.as_bytes()).for_each(|at| faults.add(&text, at, Fault::Nul));
            (text, faults.list)
        }
        Ok(text) => (text, Vec::new()),
        // Neither text nor nearly text: nothing of it is worth a look.
        Err(_) if has_nul => (String::new(), vec![EncodingError::Binary { offset: 0 }]),
        Err(error) => {
            let (mut text, mut faults) = (String::with_capacity(error.as_bytes().len()), Faults::default());
            for chunk in error.as_bytes().utf8_chunks() {
                text.push_str(chunk.valid());
                if !chunk.invalid().is_empty() {
                    faults.add(&text, text.len(), Fault::Utf8);
                    text.push(char::REPLACEMENT_CHARACTER);
                }
            }
            (text, faults.list)
        }
    };
    Decoded { text, encoding: Encoding::Utf8, faults }
}

fn utf16(bytes: &[u8], encoding: Encoding, unit: fn([u8; 2]) -> u16) -> Decoded {
    let pairs = bytes.get(2..).unwrap_or(&[]).chunks_exact(2);
    let is_odd = !pairs.remainder().is_empty();
    let units = pairs.filter_map(|pair| <[u8; 2]>::try_from(pair).ok()).map(unit);
    let (mut text, mut faults) = (String::with_capacity(bytes.len() / 2), Faults::default());
    for character in char::decode_utf16(units) {
        match character {
            Ok('\0') => faults.add(&text, text.len(), Fault::Nul),
            Ok(_) => {}
            Err(_) => faults.add(&text, text.len(), Fault::Utf16),
        }
        text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    if is_odd {
        faults.add(&text, text.len(), Fault::Utf16);
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Decoded { text, encoding, faults: faults.list }
}

enum Fault {
    Nul,
    Utf8,
    Utf16,
}

/// Faults as they are found, one a line.
#[derive(Default)]
struct Faults {
    list: Vec<EncodingError>,
    last: usize,
}

impl Faults {
    fn add(&mut self, text: &str, at: usize, fault: Fault) {
        let between = text.as_bytes().get(self.last..at).unwrap_or(&[]);
        if !self.list.is_empty() && memchr::memchr(b'\n', between).is_none() {
            return;
        }
        self.last = at;
        let offset = u32::try_from(at).unwrap_or(u32::MAX);
        self.list.push(match fault {
            Fault::Nul => EncodingError::Binary { offset },
            Fault::Utf8 => EncodingError::InvalidUtf8 { offset },
            Fault::Utf16 => EncodingError::InvalidUtf16 { offset },
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_is_read() {
        for (encoding, bytes) in
            [(Encoding::Utf16Le, b"\xFF\xFEa\0:\0".to_vec()), (Encoding::Utf16Be, b"\xFE\xFF\0a\0:".to_vec())]
        {
            let decoded = decode(bytes);
            assert_eq!((decoded.text.as_str(), decoded.encoding, decoded.faults), ("a:", encoding, vec![]));
        }
    }

    #[test]
    fn what_is_no_text_says_where() {
        let found = |bytes: &[u8]| {
            let decoded = decode(bytes.to_vec());
            (decoded.text, decoded.faults)
        };
        assert_eq!(found(b"PK\0\xFF"), (String::new(), vec![EncodingError::Binary { offset: 0 }]));
        assert_eq!(found(b"a: 1\nb: \0\0\n"), ("a: 1\nb: \0\0\n".into(), vec![EncodingError::Binary { offset: 8 }]));
        let latin = found(b"name: caf\xE9 \xE9\nb: \xE9\n");
        assert_eq!(latin.0, "name: caf\u{FFFD} \u{FFFD}\nb: \u{FFFD}\n");
        assert_eq!(latin.1, [EncodingError::InvalidUtf8 { offset: 9 }, EncodingError::InvalidUtf8 { offset: 20 }]);
        assert_eq!(found(b"\xFF\xFEa"), ("\u{FFFD}".into(), vec![EncodingError::InvalidUtf16 { offset: 0 }]));
        assert_eq!(found(b"\xFF\xFEa\0\0\xD8").1, [EncodingError::InvalidUtf16 { offset: 1 }]);
    }
}
