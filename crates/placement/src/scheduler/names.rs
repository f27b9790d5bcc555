//! Texts as numbers: in the loop over nodes no text is compared.

use std::borrow::Cow;

use super::table::{Table, hash, next};

/// A text by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Name(pub(super) u32);

/// Labels by their numbers, sorted by key; every key once.
pub(super) type Labels = Vec<(Name, Name)>;

/// All texts that were seen.
#[derive(Default)]
pub(super) struct Names<'a> {
    numbers: Table,
    texts: Vec<Cow<'a, str>>,
}

impl<'a> Names<'a> {
    /// The number of a text, old or new.
    pub(super) fn of(&mut self, text: impl Into<Cow<'a, str>>) -> Name {
        self.add(text.into())
    }

    fn add(&mut self, text: Cow<'a, str>) -> Name {
        if let Some(name) = self.find(&text) {
            return name;
        }
        let name = Name(next(&self.texts));
        self.numbers.put(hash(&*text), name.0);
        self.texts.push(text);
        name
    }

    /// The number of a text, if it was seen.
    pub(super) fn find(&self, text: &str) -> Option<Name> {
        self.numbers.find(hash(text), &|at| self.texts.get(at).is_some_and(|it| it == text)).map(Name)
    }

    /// The text of a number.
    pub(super) fn text(&self, name: Name) -> &str {
        self.texts.get(name.0 as usize).map_or("", |it| it)
    }

    /// Labels, the last of those with one key.
    pub(super) fn labels(&mut self, labels: impl IntoIterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> Labels {
        let mut all: Labels = labels.into_iter().map(|(key, value)| (self.add(key), self.add(value))).collect();
        normalize(&mut all);
        all
    }
}

/// Sorts labels by key and keeps the last of those with one key.
pub(super) fn normalize(labels: &mut Labels) {
    labels.reverse();
    seaworthy_source::order::sort_by_key(labels, |it| it.0);
    labels.dedup_by_key(|it| it.0);
}

/// The value of a label.
pub(super) fn value(labels: &[(Name, Name)], key: Name) -> Option<Name> {
    let at = labels.binary_search_by_key(&key, |it| it.0).ok()?;
    labels.get(at).map(|it| it.1)
}
