//! What a list has named so far.

use std::borrow::Cow;

/// Texts, each once (`sets.Set[string]`). Nothing is allocated before the first.
#[derive(Default)]
pub(super) struct Seen<'s>(Vec<Cow<'s, str>>);

impl<'s> Seen<'s> {
    /// Takes a text; false if it was there already.
    #[inline(never)]
    pub(super) fn insert(&mut self, text: impl Into<Cow<'s, str>>) -> bool {
        let text = text.into();
        match self.0.binary_search(&text) {
            Ok(_) => false,
            Err(at) => {
                self.0.insert(at, text);
                true
            }
        }
    }

    /// Whether a text is there.
    pub(super) fn has(&self, text: &str) -> bool {
        self.0.binary_search_by(|it| (**it).cmp(text)).is_ok()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The first of them, no more than so many, sorted and with commas between them.
    pub(super) fn joined(&self, limit: usize) -> String {
        self.0.get(..limit.min(self.0.len())).unwrap_or_default().join(", ")
    }

    /// How many texts begin so.
    pub(super) fn beginning_with(&self, start: &str) -> usize {
        let from = self.0.partition_point(|it| **it < *start);
        self.0.get(from..).map_or(0, |rest| rest.iter().take_while(|it| it.starts_with(start)).count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_once() {
        let mut seen = Seen::default();
        assert!(seen.insert("b/x") && seen.insert("b/y") && seen.insert("a") && !seen.insert("a"));
        assert!(seen.has("a") && !seen.has("b"));
        assert_eq!((seen.beginning_with("b/"), seen.beginning_with("c/")), (2, 0));
        assert_eq!((seen.len(), seen.joined(2).as_str(), seen.joined(9).as_str()), (3, "a, b/x", "a, b/x, b/y"));
    }
}
