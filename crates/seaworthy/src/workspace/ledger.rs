//! What was said, by who was asked and by where it is said; and who looked what up, to be asked again.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet};
use seaworthy_diagnostic::{Diagnostic, Suppressed, Unknown};
use seaworthy_fleet::{Changes, Read};
use seaworthy_rules::Suppression;
use seaworthy_source::SourceId;

use super::moved::Moved;
use super::report::renumber;
use crate::speakers::{Said, order, sort};

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
    /// What nobody accepted, in order.
    pub(crate) findings: Vec<Diagnostic>,
    pub(crate) suppressed: Vec<Suppressed>,
    /// What became of the suppressions of the policy, by this source's findings alone.
    pub(crate) of_policy: Vec<Suppression>,
}

impl Verdict {
    /// Puts what is found now, in order, into the place of what was found before, of which what is the same is not made
    /// anew. True if anything is not the same.
    pub(crate) fn find(&mut self, now: &[&Diagnostic]) -> bool {
        let same = self.findings.iter().zip(now).take_while(|(before, now)| before == *now).count();
        if same == self.findings.len() && same == now.len() {
            return false;
        }
        let mut before = self.findings.split_off(same).into_iter().peekable();
        for it in now.iter().skip(same) {
            let mut found = before.next_if_eq(*it);
            while found.is_none() && before.next_if(|one| order(one) < order(it)).is_some() {
                found = before.next_if_eq(*it);
            }
            self.findings.push(found.unwrap_or_else(|| (*it).clone()));
        }
        self.findings.shrink_to_fit();
        true
    }
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// By the source in which it is said: who said what, in their order.
    said: HashMap<SourceId, Vec<(Unit, Said)>>,
    /// The sources in which somebody said something, in order.
    places: HashMap<Unit, Box<[SourceId]>>,
    reads: HashMap<Unit, Box<[Read]>>,
    readers: Readers,
}

/// Who is to be asked again when something changes.
#[derive(Debug, Default)]
struct Readers {
    by_key: HashMap<u64, Units>,
    /// Those that looked for names near one, by the hash of kind and namespace.
    near: HashMap<u64, BTreeMap<Read, Units>>,
    /// Those that asked for a name of a kind in what nobody could read.
    unread: BTreeMap<Box<str>, BTreeMap<Read, Units>>,
    /// Those that asked for images.
    images: BTreeMap<Read, Units>,
    always: Units,
}

/// Some who are asked: most looks are those of one, a few those of thousands.
#[derive(Debug)]
enum Units {
    One(Unit),
    Many(HashSet<Unit>),
}

impl Default for Units {
    fn default() -> Self {
        Self::Many(HashSet::default())
    }
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
        let before = self.places.remove(&unit).unwrap_or_default();
        for source in before.iter().filter(|it| !by_source.contains_key(it)) {
            if self.forget_in(unit, *source).is_some_and(|it| !it.diagnostics.is_empty()) {
                places.insert(*source);
            }
        }
        if !by_source.is_empty() {
            self.places.insert(unit, by_source.keys().copied().collect());
        }
        for (source, said) in by_source {
            if self.say_in(unit, source, said) {
                places.insert(source);
            }
        }
        self.read(unit, reads);
    }

    /// Takes down what somebody said in a source; true if other findings are among it than before.
    fn say_in(&mut self, unit: Unit, source: SourceId, mut said: Said) -> bool {
        let all = self.said.entry(source).or_default();
        let at = all.binary_search_by_key(&unit, |it| it.0).unwrap_or_else(|at| {
            all.insert(at, (unit, Said::default()));
            at
        });
        let Some((_, before)) = all.get_mut(at).filter(|it| it.1 != said) else { return false };
        let differs = before.diagnostics != said.diagnostics;
        // It is kept for long.
        said.diagnostics.shrink_to_fit();
        said.unknown.shrink_to_fit();
        *before = said;
        differs
    }

    /// Takes out what somebody said in a source.
    fn forget_in(&mut self, unit: Unit, source: SourceId) -> Option<Said> {
        let all = self.said.get_mut(&source)?;
        let at = all.binary_search_by_key(&unit, |it| it.0).ok()?;
        let (_, said) = all.remove(at);
        if all.is_empty() {
            self.said.remove(&source);
        }
        Some(said)
    }

    /// Lets what somebody said of a source go along with an edit of it; true if he said anything of it. `places` learns
    /// where else that is seen.
    pub(crate) fn go_along(&mut self, unit: Unit, moved: &Moved, places: &mut BTreeSet<SourceId>) -> bool {
        let mut any = false;
        for source in self.places.get(&unit).into_iter().flatten() {
            let all = self.said.get_mut(source).into_iter().flatten();
            for (_, said) in all.filter(|it| it.0 == unit) {
                if moved.said(said) {
                    places.insert(*source);
                    any = true;
                }
            }
        }
        any
    }

    /// All that somebody said.
    pub(crate) fn said_by(mut self, unit: Unit) -> Said {
        let places = self.places.remove(&unit).unwrap_or_default();
        places.iter().filter_map(|it| self.forget_in(unit, *it)).fold(Said::default(), Said::and)
    }

    /// Takes down what somebody said in another ledger, whose sources have other ids here.
    pub(crate) fn keep(
        &mut self,
        unit: Unit,
        mut said: Said,
        id: &impl Fn(SourceId) -> SourceId,
        places: &mut BTreeSet<SourceId>,
    ) {
        said.diagnostics.iter_mut().for_each(|it| renumber(it, id));
        said.unknown.iter_mut().for_each(|it| it.at.source = id(it.at.source));
        self.say(unit, said, Vec::new(), places);
    }

    /// Forgets what somebody said in a source that is gone.
    pub(crate) fn forget(&mut self, unit: Unit, source: SourceId) {
        if self.forget_in(unit, source).is_some()
            && let Some(places) = self.places.get_mut(&unit)
        {
            *places = places.iter().copied().filter(|it| *it != source).collect();
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

    /// What is found in a source, accepted or not, in order.
    pub(crate) fn findings_in(&self, source: SourceId) -> Vec<&Diagnostic> {
        let mut findings = self.said.get(&source).into_iter().flatten().flat_map(|it| &it.1.diagnostics).collect();
        sort(&mut findings);
        findings
    }

    /// What is unknown in a source.
    pub(crate) fn unknown_in(&self, source: SourceId) -> impl Iterator<Item = &Unknown> {
        self.said.get(&source).into_iter().flatten().flat_map(|it| &it.1.unknown)
    }

    /// Those that may say something else after a change.
    pub(crate) fn touched(&self, changes: &Changes, units: &mut BTreeSet<Unit>) {
        let Readers { by_key, near, unread, images, always } = &self.readers;
        always.add_to(units);
        for key in changes.keys() {
            by_key.get(&key).into_iter().for_each(|it| it.add_to(units));
        }
        let mut touched = |readers: &BTreeMap<Read, Units>| {
            readers.iter().filter(|it| changes.touches(it.0)).for_each(|it| it.1.add_to(units));
        };
        for siblings in changes.siblings().collect::<BTreeSet<_>>() {
            near.get(&siblings).into_iter().for_each(&mut touched);
        }
        touched(images);
        let kinds: BTreeSet<&str> = changes.unread_kinds().collect();
        // A kind that is filled in later may be any.
        let any = kinds.contains("");
        let stated = unread.iter().filter(|(kind, _)| any || kinds.contains(&***kind));
        stated.for_each(|it| touched(it.1));
    }
}

impl Readers {
    fn insert(&mut self, read: &Read, unit: Unit) {
        match read {
            Read::Key(key) => self.by_key.entry(*key).or_default().insert(unit),
            Read::Near(siblings, _) => insert_among(self.near.entry(*siblings).or_default(), read, unit),
            Read::Unread(kind, _) => insert_among(self.unread.entry(kind.clone()).or_default(), read, unit),
            Read::Image(_) => insert_among(&mut self.images, read, unit),
            Read::All => self.always.insert(unit),
        }
    }

    fn remove(&mut self, read: &Read, unit: Unit) {
        match read {
            Read::Key(key) => {
                if self.by_key.get_mut(key).is_some_and(|it| it.remove(unit)) {
                    self.by_key.remove(key);
                }
            }
            Read::Near(siblings, _) => {
                if self.near.get_mut(siblings).is_some_and(|it| remove_among(it, read, unit)) {
                    self.near.remove(siblings);
                }
            }
            Read::Unread(kind, _) => {
                if self.unread.get_mut(kind).is_some_and(|it| remove_among(it, read, unit)) {
                    self.unread.remove(kind);
                }
            }
            Read::Image(_) => {
                remove_among(&mut self.images, read, unit);
            }
            Read::All => {
                self.always.remove(unit);
            }
        }
    }
}

fn insert_among(readers: &mut BTreeMap<Read, Units>, read: &Read, unit: Unit) {
    match readers.get_mut(read) {
        Some(units) => units.insert(unit),
        None => drop(readers.insert(read.clone(), Units::One(unit))),
    }
}

/// Takes one out; true if none are left of all.
fn remove_among(readers: &mut BTreeMap<Read, Units>, read: &Read, unit: Unit) -> bool {
    if readers.get_mut(read).is_some_and(|it| it.remove(unit)) {
        readers.remove(read);
    }
    readers.is_empty()
}

impl Units {
    fn insert(&mut self, unit: Unit) {
        match self {
            Self::Many(units) if units.is_empty() => *self = Self::One(unit),
            Self::Many(units) => drop(units.insert(unit)),
            Self::One(one) => *self = Self::Many([*one, unit].into_iter().collect()),
        }
    }

    /// Takes one out; true if none are left.
    fn remove(&mut self, unit: Unit) -> bool {
        match self {
            Self::One(one) if *one == unit => *self = Self::default(),
            Self::One(_) => {}
            Self::Many(units) => drop(units.remove(&unit)),
        }
        matches!(self, Self::Many(units) if units.is_empty())
    }

    fn add_to(&self, all: &mut BTreeSet<Unit>) {
        match self {
            Self::One(unit) => drop(all.insert(*unit)),
            Self::Many(units) => all.extend(units),
        }
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_diagnostic::{Level, Location};
    use seaworthy_source::Span;

    use super::*;

    fn finding(message: &str, help: Option<&str>) -> Diagnostic {
        let span = Span::of(0..1);
        let at = Location { source: SourceId(1), document: 0, span, path: String::new(), object: None };
        Diagnostic {
            rule: "image-latest",
            category: "image",
            level: Level::Warning,
            message: message.to_owned(),
            help: help.map(str::to_owned),
            at,
            label: None,
            conceal: false,
            related: Vec::new(),
            fix: None,
            api: None,
            kubernetes_versions: Vec::new(),
        }
    }

    #[test]
    fn what_is_found_is_what_is_said_whatever_was_found_before() {
        // Two of them have one place in the order of a report.
        let all = [finding("a", None), finding("b", None), finding("b", Some("c")), finding("d", None)];
        let some = |set: usize| all.iter().enumerate().filter(move |(at, _)| set >> at & 1 == 1).map(|it| it.1);
        for (before, now) in (0..16).flat_map(|before| (0..16).map(move |now| (before, now))) {
            let mut verdict = Verdict { findings: some(before).cloned().collect(), ..Verdict::default() };
            let now_found: Vec<&Diagnostic> = some(now).collect();
            assert_eq!(verdict.find(&now_found), before != now);
            assert_eq!(verdict.findings.iter().collect::<Vec<_>>(), now_found);
        }
    }

    #[test]
    fn readers_come_and_go() {
        let mut ledger = Ledger::default();
        let units = [1, 2, 3].map(|at| Unit::Text(SourceId(at)));
        let reads = || vec![Read::Key(1), Read::Near(2, "web".into()), Read::Unread("Secret".into(), "a".into())];
        for unit in units {
            ledger.say(unit, Said::default(), reads(), &mut BTreeSet::new());
        }
        let readers = |ledger: &Ledger| {
            ledger.readers.by_key.get(&1).map_or(0, |it| {
                let mut all = BTreeSet::new();
                it.add_to(&mut all);
                all.len()
            })
        };
        for (at, unit) in units.into_iter().enumerate() {
            assert_eq!(readers(&ledger), units.len() - at);
            ledger.say(unit, Said::default(), Vec::new(), &mut BTreeSet::new());
        }
        let Readers { by_key, near, unread, .. } = &ledger.readers;
        assert!(by_key.is_empty() && near.is_empty() && unread.is_empty());
    }
}
