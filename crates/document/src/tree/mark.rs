//! A number made of a text, by which a key is found among others.

/// Differs for most texts that differ: a key is compared with a name where their marks are equal, and nowhere else.
///
/// It is made of the length and both ends, so that it costs the same for any text. Whoever chooses the keys can make
/// their marks alike: nothing but a short search may depend on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(pub(super) u32);

impl Mark {
    /// The mark of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(first), Some(last)) => {
                u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
            }
            _ => bytes.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)),
        };
        // Fibonacci hashing: the upper half depends on every bit of the lower.
        let mixed = (ends ^ bytes.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        #[allow(clippy::cast_possible_truncation, reason = "half of the bits are the mark")]
        Self((mixed >> 32 ^ mixed) as u32)
    }

    /// One of 64 bits.
    #[must_use]
    pub fn bit(self) -> u64 {
        1 << (self.0 % 64)
    }

    /// Its number: a hash.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_source::Source;

    use super::Mark;

    #[test]
    fn keys_of_one_mark_are_told_apart() {
        assert_eq!(Mark::of("data-1-name"), Mark::of("data-2-name"));
        let documents = crate::read(&Source::new("a.yaml", "data-1-name: a\ndata-2-name: b\ndata-1-name: c\n"));
        let root = documents[0].root().unwrap();
        let text = |key: &str| root.get(key).map(|it| it.text());
        assert_eq!((text("data-1-name"), text("data-2-name"), text("data-3-name")), (Some("c"), Some("b"), None));
        assert_eq!(documents[0].duplicates().len(), 1);
    }

    #[test]
    fn short_texts_have_marks_of_their_own() {
        let texts = ["", "a", "b", "xy", "yx", "xyz", "\0", "\0\0"];
        let marks: Vec<u32> = texts.iter().map(|it| Mark::of(it).number()).collect();
        assert!(marks.iter().enumerate().all(|(at, it)| !marks[..at].contains(it)), "{marks:?}");
    }
}
