//! Brings a workspace up to date: anew, or step by step.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foldhash::HashMap;
use seaworthy_diagnostic::{Diagnostic, Level, Suppressed};
use seaworthy_document::Limits;
use seaworthy_fleet::Fleet;
use seaworthy_policy::{Policy, Suppressions};
use seaworthy_rules::{AnyRule, Outcome, Subject, Suppression};
use seaworthy_source::order::filled;
use seaworthy_source::{Source, SourceId};

use super::ledger::{Unit, Verdict};
use super::moved::Moved;
use super::piece::{Piece, Text};
use super::report::renumber;
use super::standing::{Basis, Pieces, Standing};
use super::{Name, Workspace};
use crate::Validator;
use crate::cores;
use crate::kustomize::{Kustomized, is_kustomization};
use crate::speakers::{Said, Speakers, sort};
use crate::understanding::{declared_policy, limits, may_be_ours, objects_of};

/// Ids of sources that are checked are below this; there is room between them, so that others come in between.
const ROOM: u32 = 1 << 31;

/// For more changes at once, all is joined anew.
const MANY: usize = 100;

impl Workspace {
    /// Takes in what was set and removed: what is said and read from now on is up to date, but for what
    /// [`Workspace::is_behind`] tells.
    pub fn refresh(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() && self.is_joined {
            return;
        }
        self.forget_gone(&pending);
        let mut places = BTreeSet::new();
        let is_small = self.is_joined && pending.len() <= MANY;
        if !is_small || self.step(&pending, &mut places).is_none() {
            places.clear();
            self.start(&pending, &mut places);
        }
        self.settle(&places);
    }

    /// True if pods are to be placed anew before all is said that is to be said of them on their nodes. Until then what
    /// was said last stands, and goes along with the words it is about.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.is_behind
    }

    /// Places pods anew, if that is to be done, and says what comes of it. Before each pod somebody is asked whether it
    /// goes on: at his first no nothing is said, it stays to be done, and the answer is false.
    pub fn catch_up(&mut self, goes_on: &dyn Fn() -> bool) -> bool {
        self.refresh();
        if !self.is_behind {
            return true;
        }
        let said =
            |speakers: Speakers<'_>, fleet: &Fleet<'_>| (speakers.on_placement(fleet, goes_on), fleet.take_reads());
        let (Some(said), reads) = self.standing.look(|speakers, fleet, _| said(speakers, fleet)) else {
            return false;
        };
        let mut places = BTreeSet::new();
        self.ledger.say(Unit::Placement, said, reads, &mut places);
        self.is_behind = false;
        self.settle(&places);
        true
    }

    /// Puts what changed into its place; none if more than that has to be done.
    fn step(&mut self, pending: &BTreeMap<Name, Option<SourceId>>, places: &mut BTreeSet<SourceId>) -> Option<()> {
        // An object of the set stands in for one of the cluster.
        if !self.standing.ground().of_cluster.is_empty() {
            return None;
        }
        let mut changes = Vec::new();
        for (name, before) in pending {
            let has_a_say = before.and_then(|id| self.standing.piece(id)).is_some_and(Piece::has_a_say);
            if has_a_say || is_kustomization(&name.0) {
                return None;
            }
            let Some(source) = self.files.get(name).map(|it| it.source.clone()) else {
                changes.extend(before.map(|id| (id, None)));
                continue;
            };
            let id = before.or_else(|| self.id_between(name))?;
            let ground = self.standing.ground();
            let is_limited = ground.limits != Limits::default() && may_be_ours(&source);
            let piece = ground.read(Text::read(id, source, ground.limits, &namespace(&self.validator)));
            if is_limited || piece.has_a_say() {
                return None;
            }
            self.files.get_mut(name).into_iter().for_each(|it| it.id = Some(id));
            changes.push((id, Some(Arc::new(piece))));
        }
        if !self.standing.has_room_for(changes.len()) {
            let standing = std::mem::replace(&mut self.standing, Standing::empty(&self.validator));
            self.standing = standing.without_gone();
        }
        let mut units = BTreeSet::new();
        for (id, piece) in changes {
            places.insert(id);
            units.insert(Unit::Text(id));
            units.extend(member_rules(&self.standing.ground().rules).map(|at| Unit::Members(at, id)));
            self.is_behind |= self.go_along(id, piece.as_deref().map(|it| &it.text().source), places);
            let is_alike = piece.as_deref().is_some_and(|it| self.is_placed_alike(id, it));
            let touched = self.standing.replace(id, piece)?;
            let mut asked = BTreeSet::new();
            self.ledger.touched(&touched, &mut asked);
            // To place all pods takes long, and most edits change no pod's place.
            if asked.remove(&Unit::Placement) {
                self.is_behind |= !is_alike || self.ledger.touches_whole(Unit::Placement, &touched);
            }
            units.append(&mut asked);
        }
        let Self { standing, ledger, .. } = self;
        standing.look(|speakers, fleet, pieces| {
            for unit in units {
                let said = ask(unit, speakers, fleet, pieces);
                ledger.say(unit, said, fleet.take_reads(), places);
            }
        });
        Some(())
    }

    /// Lets what was said of pods on their nodes go along with an edit of a source; true if something of it lies there.
    fn go_along(&mut self, id: SourceId, after: Option<&Source>, places: &mut BTreeSet<SourceId>) -> bool {
        match (self.standing.piece(id), after) {
            (Some(before), Some(after)) => {
                let moved = Moved::between(id, before.text().source.text(), after.text());
                self.ledger.go_along(Unit::Placement, &moved, places)
            }
            _ => {
                self.ledger.forget(Unit::Placement, id);
                false
            }
        }
    }

    /// True if an edit of a source changes nothing to whoever places pods.
    fn is_placed_alike(&self, id: SourceId, after: &Piece) -> bool {
        let images_count = self.standing.look(|_, fleet, _| {
            let counts = fleet.of_kind("", "Node").any(|it| it.at("status.images").is_some());
            // Nobody's look.
            drop(fleet.take_reads());
            counts
        });
        self.standing.piece(id).is_some_and(|before| after.is_placed_like(before, images_count))
    }

    /// An id between those of the files before and after a name, if there is one.
    fn id_between(&self, name: &Name) -> Option<SourceId> {
        let before = self.files.range(..name).rev().find_map(|(_, it)| it.id).map_or(0, |it| it.0);
        let after = self.files.range(name..).find_map(|(_, it)| it.id).map_or(ROOM, |it| it.0);
        let id = before + after.saturating_sub(before) / 2;
        (before < id && id < after).then_some(SourceId(id))
    }

    /// Joins everything anew, with what was read already.
    fn start(&mut self, pending: &BTreeMap<Name, Option<SourceId>>, places: &mut BTreeSet<SourceId>) {
        let validator = Arc::clone(&self.validator);
        for (name, id) in pending.iter().filter_map(|(name, id)| Some((name, (*id)?))) {
            let after = self.files.get(name).map(|it| it.source.clone());
            self.go_along(id, after.as_ref(), places);
        }
        let placed = std::mem::take(&mut self.ledger).said_by(Unit::Placement);
        let before = std::mem::replace(&mut self.standing, Standing::empty(&validator));
        let limits_before = before.ground().limits;
        let mut read = before.into_pieces();
        for (name, file) in &mut self.files {
            file.id = file.id.or_else(|| pending.get(name).copied().flatten());
        }
        let pieces: Vec<Option<Arc<Piece>>> = self.files.values().map(|it| read.remove(&it.id?)).collect();
        let ids = self.space();
        let files = self.files.values().zip(pieces);
        let mut pieces: Vec<(SourceId, Source, Option<Arc<Piece>>)> =
            files.filter_map(|(file, piece)| Some((file.id?, file.source.clone(), piece))).collect();
        let policy = declared_policy(&validator, pieces.iter().map(|(id, source, _)| (*id, source)));
        let rules = policy.active();
        let limits = limits(&rules);
        let manifests = pieces.len();
        for (at, source) in (0..).zip(validator.known()) {
            let id = Fleet::earlier_source(at);
            pieces.push((id, source.clone(), read.remove(&id)));
        }
        if limits != limits_before {
            pieces.iter_mut().for_each(|it| it.2 = None);
        }
        let namespace = namespace(&validator);
        let texts = cores::turn(pieces, |(id, source, piece)| match piece.and_then(|it| same(it, &source)) {
            Some(text) => text.moved(id),
            None => Text::read(id, source, limits, &namespace),
        });
        let kustomized = Kustomized::of(texts.iter().map(|it| (it.source.name(), it.documents.as_slice())));
        let of = |text| Arc::new(Piece::of(text, &validator.catalog, &kustomized));
        let mut ours = cores::turn(texts, of);
        let known = ours.split_off(manifests);
        places.extend(ours.iter().chain(&known).map(|it| it.text().id));
        self.standing = Standing::new(validator, Basis { policy, rules, limits, kustomized }, ours, known);
        self.is_joined = true;
        self.ask_all(places);
        let looks = |speakers: Speakers<'_>, fleet: &Fleet<'_>| (speakers.look_at_placement(fleet), fleet.take_reads());
        let (looks, reads) = self.standing.look(|speakers, fleet, _| looks(speakers, fleet));
        self.is_behind = looks;
        if looks {
            self.ledger.keep(Unit::Placement, placed, &|id| ids.get(&id).copied().unwrap_or(id), places);
        } else {
            self.ledger.say(Unit::Placement, Said::default(), reads, places);
        }
    }

    /// Gives ids to all files with room between them, and to what was said the new ones: which, by the old ones.
    fn space(&mut self) -> HashMap<SourceId, SourceId> {
        if self.files.values().all(|it| it.id.is_some()) && self.files.values().is_sorted_by_key(|it| it.id) {
            return HashMap::default();
        }
        let room = ROOM / u32::try_from(self.files.len() + 1).unwrap_or(u32::MAX).max(1);
        let mut ids: HashMap<SourceId, SourceId> = HashMap::default();
        for (at, file) in (1..).zip(self.files.values_mut()) {
            let id = SourceId(room.saturating_mul(at));
            ids.extend(file.id.map(|before| (before, id)));
            file.id = Some(id);
        }
        let id = |before: SourceId| ids.get(&before).copied().unwrap_or(before);
        let moved = |mut findings: Vec<Diagnostic>| {
            findings.iter_mut().for_each(|it| renumber(it, &id));
            findings
        };
        let of = |(at, it): (SourceId, Verdict)| (id(at), Verdict { findings: moved(it.findings), ..it });
        self.verdicts = filled(std::mem::take(&mut self.verdicts).into_iter().map(of));
        let of_policy = std::mem::take(&mut self.of_policy).into_iter();
        self.of_policy = filled(of_policy.map(|(at, findings)| (id(at), moved(findings))));
        ids
    }

    fn ask_all(&mut self, places: &mut BTreeSet<SourceId>) {
        let ids: Vec<SourceId> = self.files.values().filter_map(|it| it.id).collect();
        let known: Vec<SourceId> = places.iter().copied().filter(|it| it.0 >= ROOM).collect();
        let Self { standing, ledger, .. } = self;
        standing.look(|speakers, fleet, pieces| {
            let texts = cores::map(&ids, |_, &id| (Unit::Text(id), ask(Unit::Text(id), speakers, fleet, pieces)));
            texts.into_iter().for_each(|(unit, said)| ledger.say(unit, said, Vec::new(), places));
            let members = ids.iter().chain(&known);
            let members = members.flat_map(|&id| member_rules(speakers.rules).map(move |at| Unit::Members(at, id)));
            let whole = speakers.rules.iter().enumerate().filter(|(_, (rule, _))| rule.reads_whole());
            for unit in members.chain([Unit::Bindings]).chain(whole.map(|(at, _)| Unit::Whole(at))) {
                let said = ask(unit, speakers, fleet, pieces);
                ledger.say(unit, said, fleet.take_reads(), places);
            }
        });
    }

    /// Nothing is found in files that are gone.
    fn forget_gone(&mut self, pending: &BTreeMap<Name, Option<SourceId>>) {
        let gone = pending.iter().filter(|(name, _)| !self.files.contains_key(name));
        for (name, id) in gone.filter_map(|(name, id)| Some((name, (*id)?))) {
            if self.verdicts.remove(&id).is_some_and(|it| !it.findings.is_empty()) {
                self.changed.insert(name.clone());
            }
            self.of_policy.remove(&id);
        }
    }

    /// Makes findings of what was said in some sources.
    fn settle(&mut self, places: &BTreeSet<SourceId>) {
        self.judge_all(places);
        let now = self.of_policy();
        let before = std::mem::replace(&mut self.of_policy, now);
        let all = before.keys().chain(self.of_policy.keys()).copied();
        self.judge_all(&filled(all.filter(|it| before.get(it) != self.of_policy.get(it))));
    }

    /// Parts what was said in some sources by what somebody accepted.
    fn judge_all(&mut self, places: &BTreeSet<SourceId>) {
        let Self { standing, ledger, verdicts, of_policy, changed, .. } = self;
        standing.look(|speakers, _, pieces| {
            let policy = &standing.ground().policy;
            for id in places {
                let Some(piece) = pieces(*id) else {
                    verdicts.remove(id);
                    continue;
                };
                let of_policy = of_policy.get(id).map_or(&[][..], Vec::as_slice);
                let verdict = verdicts.entry(*id).or_default();
                let differs = judge(ledger.findings_in(*id), of_policy, piece, speakers, policy, verdict);
                if differs && id.0 < ROOM {
                    changed.insert(Name(piece.text().source.name().into()));
                }
            }
        });
    }

    /// What is said of the policy's suppressions: one that is used by any source is used.
    fn of_policy(&self) -> BTreeMap<SourceId, Vec<Diagnostic>> {
        let mut became: Vec<Suppression> = Vec::new();
        if self.standing.ground().policy.suppressions() == 0 {
            return BTreeMap::new();
        }
        for verdict in self.verdicts.values() {
            if became.is_empty() {
                became.clone_from(&verdict.of_policy);
            }
            for (all, one) in became.iter_mut().zip(&verdict.of_policy) {
                if one.outcome == Outcome::Used {
                    all.outcome = Outcome::Used;
                }
            }
        }
        let mut said = Said::default();
        let speakers = self.standing.ground().speakers();
        became.iter().for_each(|it| speakers.on(Subject::Suppression(it), &mut said));
        let mut by_source: BTreeMap<SourceId, Vec<Diagnostic>> = BTreeMap::new();
        for finding in said.diagnostics {
            by_source.entry(finding.at.source).or_default().push(finding);
        }
        by_source
    }
}

/// The rules that look at one object among all others.
fn member_rules(rules: &[(AnyRule, Level)]) -> impl Iterator<Item = usize> {
    rules.iter().enumerate().filter(|(_, (rule, _))| rule.reads_members()).map(|(at, _)| at)
}

fn namespace(validator: &Validator) -> Arc<str> {
    validator.overrides.namespace.as_deref().unwrap_or("default").into()
}

/// What was read of a source, if it is the same text.
fn same(piece: Arc<Piece>, source: &Source) -> Option<Text> {
    let text = Arc::try_unwrap(piece).ok()?.into_owner();
    Arc::ptr_eq(&text.source.shared_text(), &source.shared_text()).then_some(text)
}

fn ask<'v>(unit: Unit, speakers: Speakers<'v>, fleet: &Fleet<'v>, pieces: Pieces<'_, 'v>) -> Said {
    match unit {
        Unit::Text(id) => pieces(id).map_or_else(Said::default, |piece| {
            speakers.on_source(&piece.text().documents, piece.contents(), piece.text().source.name())
        }),
        Unit::Members(at, id) => {
            let Some(rule) = speakers.rules.get(at) else { return Said::default() };
            let mut said = Said::default();
            for object in pieces(id).into_iter().flat_map(Piece::contents).flat_map(objects_of) {
                // Of what is only known of, definitions are part of the fleet.
                if id.0 < ROOM || object.kind() == "CustomResourceDefinition" {
                    speakers.on_member(rule, fleet, object, &mut said);
                }
            }
            said
        }
        Unit::Bindings => speakers.on_bindings(fleet),
        // That takes long: `Workspace::catch_up` asks.
        Unit::Placement => Said::default(),
        Unit::Whole(at) => speakers.rules.get(at).map_or_else(Said::default, |it| speakers.on_fleet(it, fleet)),
    }
}

/// What is said of a source and of the policy's suppressions there, without what somebody accepted; true if that is
/// something else than before.
fn judge(
    said: Vec<&Diagnostic>,
    of_policy: &[Diagnostic],
    piece: &Piece,
    speakers: Speakers<'_>,
    policy: &Policy,
    verdict: &mut Verdict,
) -> bool {
    let text = piece.text();
    let is_ours = text.id.0 < ROOM;
    let suppressions =
        if is_ours { piece.suppressions().beside(policy) } else { Suppressions::default().beside(policy) };
    let file = if is_ours { text.source.name() } else { "" };
    let accepted = suppressions.accept(policy, speakers.facts.today, &said, &|_| file);
    verdict.suppressed.clear();
    let (mut found, mut by): (Vec<&Diagnostic>, _) = (said, accepted.by.into_iter());
    found.retain(|&it| {
        let accepted = by.next().flatten().map(|(by, reason)| Suppressed { diagnostic: it.clone(), by, reason });
        let is_heard = accepted.is_none();
        verdict.suppressed.extend(accepted);
        is_heard
    });
    verdict.of_policy = accepted.became;
    let in_source = verdict.of_policy.split_off(policy.suppressions().min(verdict.of_policy.len()));
    let mut of_suppressions = Said::default();
    in_source.iter().for_each(|it| speakers.on(Subject::Suppression(it), &mut of_suppressions));
    if !of_suppressions.diagnostics.is_empty() || !of_policy.is_empty() {
        found.extend(of_suppressions.diagnostics.iter().chain(of_policy));
        sort(&mut found);
    }
    verdict.find(&found)
}
