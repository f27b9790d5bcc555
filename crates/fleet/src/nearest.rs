//! Names that were probably meant.

use foldhash::HashMap;
use seaworthy_object::Object;
use seaworthy_source::order;

use crate::Fleet;
use crate::index::hash;
use crate::reads::{Key, Read};

/// True if two names are so near that one is likely a slip of the other: at most two letters, and never most of a name.
#[must_use]
pub fn is_near(left: &str, right: &str) -> bool {
    let shorter = left.chars().count().min(right.chars().count());
    let allowed = if shorter <= 3 { 1 } else { 2 };
    left != right && shorter > 1 && {
        let (left, right) = without_common_ends(left, right);
        strsim::osa_distance(left, right) <= allowed
    }
}

/// Two names without what they begin and end with alike: their distance is the same, and cheap to measure.
fn without_common_ends<'n>(left: &'n str, right: &'n str) -> (&'n str, &'n str) {
    let same = |(one, other): &(char, char)| one == other;
    let start: usize = left.chars().zip(right.chars()).take_while(same).map(|(one, _)| one.len_utf8()).sum();
    let (left, right) = (left.get(start..).unwrap_or(left), right.get(start..).unwrap_or(right));
    let end: usize = left.chars().rev().zip(right.chars().rev()).take_while(same).map(|(one, _)| one.len_utf8()).sum();
    (left.get(..left.len() - end).unwrap_or(left), right.get(..right.len() - end).unwrap_or(right))
}

/// The candidate nearest to a name, if it is near enough to be worth naming.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .into_iter()
        .filter(|&candidate| candidate != name)
        .map(|candidate| (strsim::normalized_damerau_levenshtein(name, candidate), candidate))
        .filter(|&(likeness, candidate)| likeness >= 0.6 || is_near(name, candidate))
        .max_by(|left, right| left.0.total_cmp(&right.0).then_with(|| right.1.cmp(left.1)))
        .map(|(_, candidate)| candidate)
}

/// The names of objects by group, kind and namespace, so that near ones are found without measuring all of them.
#[derive(Default)]
pub(crate) struct Names<'a> {
    siblings: HashMap<u64, Vec<Name<'a>>>,
}

/// A name with what tells at a glance that another is not near.
struct Name<'a> {
    text: &'a str,
    letters: u64,
}

impl<'a> Name<'a> {
    fn of(object: &Object<'a>) -> Self {
        Self { text: object.name(), letters: letters(object.name()) }
    }

    fn order(&self) -> (usize, &'a str) {
        (self.text.len(), self.text)
    }
}

/// A kind and namespace, by hash.
pub(crate) fn siblings(object: &Object<'_>) -> u64 {
    let of = object.group_kind();
    hash((of.group, of.kind, object.namespace()))
}

/// More near names than this are a family (`shard-1`, `shard-2`, …), of which none is a slip of another.
const FAMILY: usize = 3;

/// Of a crowd only so many names are measured for a mere suggestion.
const CROWD: usize = 48;

impl<'a> Names<'a> {
    fn of(objects: &[&'a Object<'a>]) -> Self {
        let mut names = Self::default();
        for object in objects {
            names.siblings.entry(siblings(object)).or_default().push(Name::of(object));
        }
        #[expect(clippy::iter_over_hash_type, reason = "each list is sorted by itself")]
        for siblings in names.siblings.values_mut() {
            order::sort_by_key(siblings, Name::order);
            siblings.dedup_by_key(|it| it.text);
        }
        names
    }

    /// Takes in a name that was not there.
    pub(crate) fn insert(&mut self, object: &'a Object<'a>) {
        let name = Name::of(object);
        let siblings = self.siblings.entry(siblings(object)).or_default();
        let at = siblings.partition_point(|it| it.order() < name.order());
        siblings.insert(at, name);
    }

    /// Takes out a name that is gone.
    pub(crate) fn remove(&mut self, object: &Object<'_>) {
        let Some(siblings) = self.siblings.get_mut(&siblings(object)) else { return };
        let order = Name::of(object).order();
        if let Ok(at) = siblings.binary_search_by(|it| it.order().cmp(&order)) {
            siblings.remove(at);
        }
    }

    /// True if a name stands, or would stand, among those that are measured for a mere suggestion.
    pub(crate) fn is_in_crowd(&self, object: &Object<'_>) -> bool {
        let order = Name::of(object).order();
        self.siblings.get(&siblings(object)).is_none_or(|it| it.partition_point(|one| one.order() < order) < CROWD)
    }

    /// The first few names two letters away.
    fn near(siblings: &[Name<'a>], name: &str) -> Vec<&'a str> {
        let own = letters(name);
        let start = siblings.partition_point(|it| it.text.len() + 2 < name.len());
        let of_length = siblings.get(start..).unwrap_or_default();
        of_length
            .iter()
            .take_while(|it| it.text.len() <= name.len() + 2)
            // A letter that is put for another changes the set of letters by two.
            .filter(|it| (it.letters ^ own).count_ones() <= 4 && is_near(name, it.text))
            .map(|it| it.text)
            .take(FAMILY + 1)
            .collect()
    }
}

impl<'a> Fleet<'a> {
    fn siblings(&self, group: &str, kind: &str, namespace: Option<&str>) -> &[Name<'a>] {
        let names = self.names.get_or_init(|| Names::of(&self.objects));
        names.siblings.get(&hash((group, kind, namespace))).map_or(&[], Vec::as_slice)
    }

    /// The one object of a kind and namespace whose name is two letters away; none where there is a family of them.
    #[must_use]
    pub fn near_name(&self, group: &str, kind: &str, namespace: Option<&str>, name: &str) -> Option<&'a str> {
        self.note_near(group, kind, namespace, name);
        let near = Names::near(self.siblings(group, kind, namespace), name);
        if near.len() > FAMILY { None } else { near.into_iter().min() }
    }

    /// The object of a kind and namespace whose name is nearest, if it is near enough to be worth naming.
    #[must_use]
    pub fn nearest_name(&self, group: &str, kind: &str, namespace: Option<&str>, name: &str) -> Option<&'a str> {
        self.note_near(group, kind, namespace, name);
        let siblings = self.siblings(group, kind, namespace);
        let near = Names::near(siblings, name);
        nearest(name, near.iter().copied()).or_else(|| {
            self.reads.key(Key::Crowd(hash((group, kind, namespace))));
            nearest(name, siblings.iter().map(|it| it.text).take(CROWD))
        })
    }

    fn note_near(&self, group: &str, kind: &str, namespace: Option<&str>, name: &str) {
        self.reads.note(|| Read::Near(hash((group, kind, namespace)), name.into()));
    }
}

/// The set of letters of a name.
fn letters(name: &str) -> u64 {
    name.bytes().fold(0, |set, letter| set | 1 << (letter % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters_are_near_three_are_not() {
        assert!(is_near("global-config-v2", "global-config-v4"));
        assert!(is_near("webapp", "wepbap"));
        assert!(!is_near("queue", "mongo"));
        assert!(!is_near("a", "b"));
        assert!(!is_near("web", "api"));
    }

    #[test]
    fn the_nearest_is_named() {
        assert_eq!(nearest("fleetman-web", ["queue", "fleetman-webapp", "fleetman-queue"]), Some("fleetman-webapp"));
        assert_eq!(nearest("x", ["queue"]), None);
    }
}
