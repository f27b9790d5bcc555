//! What was said, by who was asked and by where it is said; and who looked what up, to be asked again.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use seaworthy_diagnostic::{Diagnostic, Suppressed, Unknown};
use seaworthy_fleet::{Changes, Read};
use seaworthy_rules::Suppression;
use seaworthy_source::SourceId;

use super::moved::Moved;
use super::report::renumber;
use crate::speakers::Said;

/// Whoever is asked at once, in the order in which a check asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Unit {
    /// Rules that look at one document or object, about all of a source.
    Text(SourceId),
    /// One rule that looks at one object among all others, about all of a source.
    Members(usize, SourceId),
    /// The rules that look at all claims and volumes at once.
    Bindings,
    /// The rules that look at all pods on their nodes.
    Placement,
    /// One rule that looks at everything at once.
    Whole(usize),
}

/// What is to be said of one source.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) findings: Vec<Diagnostic>,
    pub(crate) suppressed: Vec<Suppressed>,
    pub(crate) unknown: Vec<Unknown>,
    /// What became of the suppressions of the policy, by this source's findings alone.
    pub(crate) of_policy: Vec<Suppression>,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// By who said it, then by the source in which it is said.
    said: BTreeMap<Unit, BTreeMap<SourceId, Said>>,
    /// Who said something in a source.
    speakers: BTreeMap<SourceId, BTreeSet<Unit>>,
    reads: HashMap<Unit, Box<[Read]>>,
    readers: Readers,
}

/// Who is to be asked again when something changes.
#[derive(Debug, Default)]
struct Readers {
    by_key: HashMap<u64, Vec<Unit>>,
    /// Those that looked for names near one, by the hash of kind and namespace.
    near: HashMap<u64, BTreeSet<(Read, Unit)>>,
    /// Those that asked for a name of a kind in what nobody could read.
    unread: BTreeMap<Box<str>, BTreeSet<(Read, Unit)>>,
    /// Those that asked for images.
    images: BTreeSet<(Read, Unit)>,
    always: BTreeSet<Unit>,
}

impl Ledger {
    /// Takes down what somebody said now, in the place of what he said before; `places` learns where.
    pub(crate) fn say(&mut self, unit: Unit, said: Said, reads: Vec<Read>, places: &mut BTreeSet<SourceId>) {
        let mut by_source: BTreeMap<SourceId, Said> = BTreeMap::new();
        for it in said.diagnostics {
            by_source.entry(it.at.source).or_default().diagnostics.push(it);
        }
        for it in said.unknown {
            by_source.entry(it.at.source).or_default().unknown.push(it);
        }
        let before = self.said.remove(&unit).unwrap_or_default();
        for (source, said) in &by_source {
            if before.get(source) != Some(said) {
                places.insert(*source);
                self.speakers.entry(*source).or_default().insert(unit);
            }
        }
        for source in before.keys().filter(|it| !by_source.contains_key(it)) {
            places.insert(*source);
            if let Some(speakers) = self.speakers.get_mut(source) {
                speakers.remove(&unit);
            }
        }
        if !by_source.is_empty() {
            self.said.insert(unit, by_source);
        }
        self.read(unit, reads);
    }

    /// Lets what somebody said of a source go along with an edit of it; true if he said anything of it. `places` learns
    /// where else that is seen.
    pub(crate) fn go_along(&mut self, unit: Unit, moved: &Moved, places: &mut BTreeSet<SourceId>) -> bool {
        let mut any = false;
        for (source, said) in self.said.get_mut(&unit).into_iter().flatten() {
            if moved.said(said) {
                places.insert(*source);
                any = true;
            }
        }
        any
    }

    /// What somebody said, by where.
    pub(crate) fn said_by(mut self, unit: Unit) -> BTreeMap<SourceId, Said> {
        self.said.remove(&unit).unwrap_or_default()
    }

    /// Takes down what somebody said in another ledger, whose sources have other ids here.
    pub(crate) fn keep(
        &mut self,
        unit: Unit,
        said: BTreeMap<SourceId, Said>,
        id: &impl Fn(SourceId) -> SourceId,
        places: &mut BTreeSet<SourceId>,
    ) {
        let mut all = said.into_values().fold(Said::default(), Said::and);
        all.diagnostics.iter_mut().for_each(|it| renumber(it, id));
        all.unknown.iter_mut().for_each(|it| it.at.source = id(it.at.source));
        self.say(unit, all, Vec::new(), places);
    }

    /// Forgets what somebody said in a source that is gone.
    pub(crate) fn forget(&mut self, unit: Unit, source: SourceId) {
        if let Some(said) = self.said.get_mut(&unit) {
            said.remove(&source);
        }
        if let Some(speakers) = self.speakers.get_mut(&source) {
            speakers.remove(&unit);
        }
    }

    /// True if somebody may say something else after a change of the fleet as a whole ([`Changes::touches_whole`]).
    pub(crate) fn touches_whole(&self, unit: Unit, changes: &Changes) -> bool {
        self.reads.get(&unit).is_some_and(|reads| reads.iter().any(|it| changes.touches_whole(it)))
    }

    fn read(&mut self, unit: Unit, reads: Vec<Read>) {
        let before = self.reads.get(&unit).map_or(&[][..], |it| &**it);
        if before == reads {
            return;
        }
        before.iter().filter(|it| reads.binary_search(it).is_err()).for_each(|it| self.readers.remove(it, unit));
        reads.iter().filter(|it| before.binary_search(it).is_err()).for_each(|it| self.readers.insert(it, unit));
        if reads.is_empty() {
            self.reads.remove(&unit);
        } else {
            self.reads.insert(unit, reads.into());
        }
    }

    /// All that is said in a source, in order.
    pub(crate) fn said_in(&self, source: SourceId) -> Said {
        let units = self.speakers.get(&source).into_iter().flatten();
        let all = units.filter_map(|unit| self.said.get(unit)?.get(&source));
        let mut said = Said::default();
        for it in all {
            said.diagnostics.extend(it.diagnostics.iter().cloned());
            said.unknown.extend(it.unknown.iter().cloned());
        }
        said.sort();
        said
    }

    /// Those that may say something else after a change.
    pub(crate) fn touched(&self, changes: &Changes, units: &mut BTreeSet<Unit>) {
        let Readers { by_key, near, unread, images, always } = &self.readers;
        units.extend(always);
        for key in changes.keys() {
            units.extend(by_key.get(&key).into_iter().flatten());
        }
        let touched = |it: &&(Read, Unit)| changes.touches(&it.0);
        for siblings in changes.siblings().collect::<BTreeSet<_>>() {
            units.extend(near.get(&siblings).into_iter().flatten().filter(touched).map(|it| it.1));
        }
        units.extend(images.iter().filter(touched).map(|it| it.1));
        let kinds: BTreeSet<&str> = changes.unread_kinds().collect();
        // A kind that is filled in later may be any.
        let any = kinds.contains("");
        for readers in unread.iter().filter(|(kind, _)| any || kinds.contains(&***kind)).map(|(_, it)| it) {
            units.extend(readers.iter().filter(touched).map(|it| it.1));
        }
    }
}

impl Readers {
    fn insert(&mut self, read: &Read, unit: Unit) {
        match read {
            Read::Key(key) => self.by_key.entry(*key).or_default().push(unit),
            Read::Near(siblings, _) => {
                self.near.entry(*siblings).or_default().insert((read.clone(), unit));
            }
            Read::Unread(kind, _) => {
                self.unread.entry(kind.clone()).or_default().insert((read.clone(), unit));
            }
            Read::Image(_) => {
                self.images.insert((read.clone(), unit));
            }
            Read::All => {
                self.always.insert(unit);
            }
        }
    }

    fn remove(&mut self, read: &Read, unit: Unit) {
        match read {
            Read::Key(key) => {
                let Some(units) = self.by_key.get_mut(key) else { return };
                units.retain(|it| *it != unit);
                if units.is_empty() {
                    self.by_key.remove(key);
                }
            }
            Read::Near(siblings, _) => {
                if let Some(readers) = self.near.get_mut(siblings) {
                    readers.remove(&(read.clone(), unit));
                }
            }
            Read::Unread(kind, _) => {
                if let Some(readers) = self.unread.get_mut(kind) {
                    readers.remove(&(read.clone(), unit));
                }
            }
            Read::Image(_) => {
                self.images.remove(&(read.clone(), unit));
            }
            Read::All => {
                self.always.remove(&unit);
            }
        }
    }
}
