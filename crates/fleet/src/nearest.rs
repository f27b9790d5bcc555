//! Names that were probably meant.

use foldhash::HashMap;
use seaworthy_object::Object;
use seaworthy_source::order;

use crate::index::hash;
use crate::kept::LONG;
use crate::reads::{Key, Read};
use crate::{Fleet, effort};

/// True if two names are so near that one is likely a slip of the other: at most two letters, and never most of a name.
#[must_use]
pub fn is_near(left: &str, right: &str) -> bool {
    let shorter = left.chars().count().min(right.chars().count());
    let allowed = if shorter <= 3 { 1 } else { 2 };
    left != right
        && shorter > 1
        && if left.is_ascii() && right.is_ascii() {
            is_within(left.as_bytes(), right.as_bytes(), allowed)
        } else {
            let letters = |name: &str| name.chars().collect::<Vec<_>>();
            is_within(&letters(left), &letters(right), allowed)
        }
}

/// True if so few letters put, left out, changed or swapped with their neighbour make one of the other. Only what
/// differs costs, so that names of a crowd can be held against each other.
fn is_within<L: PartialEq>(left: &[L], right: &[L], allowed: usize) -> bool {
    if left.len().abs_diff(right.len()) > allowed {
        return false;
    }
    let same = left.iter().zip(right).take_while(|(one, other)| one == other).count();
    let (left, right) = (left.get(same..).unwrap_or_default(), right.get(same..).unwrap_or_default());
    let ([one, left_rest @ ..], [other, right_rest @ ..]) = (left, right) else {
        return left.len().max(right.len()) <= allowed;
    };
    let Some(allowed) = allowed.checked_sub(1) else { return false };
    let swapped = || match (left_rest, right_rest) {
        ([next, left @ ..], [other_next, right @ ..]) => {
            one == other_next && next == other && is_within(left, right, allowed)
        }
        _ => false,
    };
    is_within(left_rest, right_rest, allowed)
        || is_within(left_rest, right, allowed)
        || is_within(left, right_rest, allowed)
        || swapped()
}

/// The candidate nearest to a name, if it is near enough to be worth naming.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .into_iter()
        .filter(|&candidate| candidate != name && may_be_near(name, candidate))
        .map(|candidate| (strsim::normalized_damerau_levenshtein(name, candidate), candidate))
        .filter(|&(likeness, candidate)| likeness >= 0.6 || is_near(name, candidate))
        .max_by(|left, right| left.0.total_cmp(&right.0).then_with(|| right.1.cmp(left.1)))
        .map(|(_, candidate)| candidate)
}

/// The same among names that are sorted; of a multitude only the neighbours in the alphabet are measured.
#[must_use]
pub fn nearest_sorted<'c>(name: &str, candidates: &[&'c str]) -> Option<&'c str> {
    if candidates.len() <= MULTITUDE {
        return nearest(name, candidates.iter().copied());
    }
    let at = candidates.partition_point(|it| *it < name);
    let end = candidates.len().min(at + NEIGHBOURS);
    nearest(name, candidates.get(at.saturating_sub(NEIGHBOURS)..end)?.iter().copied())
}

/// False if so many letters are in one of two names and not in the other that neither is near: that is known at a
/// glance.
fn may_be_near(left: &str, right: &str) -> bool {
    if !left.is_ascii() || !right.is_ascii() {
        return true;
    }
    // A letter that is put for another changes the set of letters by two.
    let differing = (letters(left) ^ letters(right)).count_ones() as usize;
    let apart = left.len().abs_diff(right.len()).max(differing.div_ceil(2));
    let longer = left.len().max(right.len());
    apart <= 2 || apart * 5 <= longer * 2 + 1
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

/// Of more names than this of about the same length, only the neighbours in the alphabet are looked at.
const MULTITUDE: usize = 4096;

/// So many neighbours are looked at on each side, for each length.
const NEIGHBOURS: usize = 256;

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
        self.siblings
            .get(&siblings(object))
            .is_none_or(|it| it.len() >= MULTITUDE || it.partition_point(|one| one.order() < order) < CROWD)
    }

    /// The first few names two letters away.
    fn near(siblings: &[Name<'a>], name: &str) -> Vec<&'a str> {
        let own = letters(name);
        let mut near = Vec::new();
        let mut look = |names: &[Name<'a>]| {
            let found = names
                .iter()
                // A letter that is put for another changes the set of letters by two.
                .filter(|it| {
                    effort::look();
                    (it.letters ^ own).count_ones() <= 4 && is_near(name, it.text)
                })
                .map(|it| it.text);
            near.extend(found.take(FAMILY + 1));
        };
        let of_length = of_length(siblings, name.len().saturating_sub(2), name.len() + 2);
        if of_length.len() <= MULTITUDE {
            look(of_length);
        } else {
            for length in name.len().saturating_sub(2)..=name.len() + 2 {
                let names = self::of_length(of_length, length, length);
                let at = names.partition_point(|it| it.text < name);
                let end = names.len().min(at + NEIGHBOURS);
                look(names.get(at.saturating_sub(NEIGHBOURS)..end).unwrap_or_default());
            }
            near.truncate(FAMILY + 1);
        }
        near
    }
}

/// The names of these lengths, in bytes.
fn of_length<'s, 'a>(names: &'s [Name<'a>], shortest: usize, longest: usize) -> &'s [Name<'a>] {
    let start = names.partition_point(|it| it.text.len() < shortest);
    let end = names.partition_point(|it| it.text.len() <= longest);
    names.get(start..end).unwrap_or_default()
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
        self.kept_near("near", (group, kind, namespace), name, &|siblings| {
            let near = Names::near(siblings, name);
            if near.len() > FAMILY { None } else { near.into_iter().min() }
        })
    }

    /// The object of a kind and namespace whose name is nearest, if it is near enough to be worth naming.
    #[must_use]
    pub fn nearest_name(&self, group: &str, kind: &str, namespace: Option<&str>, name: &str) -> Option<&'a str> {
        self.note_near(group, kind, namespace, name);
        self.kept_near("nearest", (group, kind, namespace), name, &|siblings| {
            let near = Names::near(siblings, name);
            nearest(name, near.iter().copied()).or_else(|| {
                self.reads.key(Key::Crowd(hash((group, kind, namespace))));
                nearest(name, siblings.iter().map(|it| it.text).take(CROWD))
            })
        })
    }

    fn kept_near(
        &self,
        which: &str,
        (group, kind, namespace): (&str, &str, Option<&str>),
        name: &str,
        find: &dyn Fn(&[Name<'a>]) -> Option<&'a str>,
    ) -> Option<&'a str> {
        let siblings = self.siblings(group, kind, namespace);
        if siblings.len() > MULTITUDE {
            self.reads.key(Key::Crowd(hash((group, kind, namespace))));
        }
        let question = || format!("{:?}", (which, group, kind, namespace, name));
        self.kept_or(&self.near, siblings.len() > LONG, &question, &|| (find(siblings), 0))
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
    fn letters_are_counted_as_the_distance_counts_them() {
        let mut names = vec![String::new()];
        for length in 0..5 {
            let longer = names.iter().filter(|it| it.len() == length).cloned().collect::<Vec<_>>();
            names.extend(longer.iter().flat_map(|it| ["a", "b", "c"].map(|letter| format!("{it}{letter}"))));
        }
        for (left, right) in names.iter().step_by(3).flat_map(|left| names.iter().map(move |right| (left, right))) {
            let distance = strsim::osa_distance(left, right);
            for allowed in 0..3 {
                let is_within = is_within(left.as_bytes(), right.as_bytes(), allowed);
                assert_eq!(is_within, distance <= allowed, "{left} {right}");
            }
            let likeness = strsim::normalized_damerau_levenshtein(left, right);
            assert!(may_be_near(left, right) || likeness < 0.6 && distance > 2, "{left} {right}");
        }
    }

    #[test]
    fn the_nearest_is_named() {
        assert_eq!(nearest("fleetman-web", ["queue", "fleetman-webapp", "fleetman-queue"]), Some("fleetman-webapp"));
        assert_eq!(nearest("x", ["queue"]), None);
    }
}
