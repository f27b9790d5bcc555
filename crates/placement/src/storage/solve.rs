//! Matches claims with volumes, one claim after the other.

use foldhash::HashMap;
use seaworthy_fleet::{Fleet, Resolution, Why};
use seaworthy_object::Field;

use super::bindings::Binding;
use super::claim::{Claim, Source};
use super::class::{Classes, Supply, is_whole_cluster};
use super::mismatch::{Misfit, Mismatch};
use super::provisioner::driver;
use super::shelf::{Shelves, Ties, VolumeId};
use super::verdict::{Doubt, Obstacle, Verdict};

/// Why a volume that is not in the set may exist all the same; none if the set is all there is.
fn doubt_of_volumes(fleet: &Fleet<'_>) -> Option<Why> {
    if !fleet.facts().complete {
        return Some(Why::NotGiven);
    }
    if fleet.may_be_unread("PersistentVolume", "") {
        return Some(Why::Unread);
    }
    let made = fleet.made_later("PersistentVolume", None, "");
    made.or_else(|| fleet.runs_any_of(VOLUME_MAKERS).then_some(Why::MadeLater))
}

/// Programs that make PersistentVolumes of classes without a provisioner, by their add-on or image name
/// (sig-storage-local-static-provisioner, and OpenShift's operator around it).
const VOLUME_MAKERS: &[&str] = &["local-static-provisioner", "local-volume-provisioner", "local-storage-operator"];

/// Claims and volumes while they are matched.
pub(super) struct Solver<'a, 'f> {
    fleet: &'f Fleet<'a>,
    claims: &'f [Claim<'a>],
    by_name: &'f HashMap<(&'a str, String), usize>,
    classes: &'f Classes<'a>,
    shelves: Shelves<'a>,
    holders: HashMap<VolumeId, usize>,
    /// The volume each claim holds.
    held: Vec<Option<VolumeId>>,
    doubt: Option<Why>,
    ties: Ties,
}

impl<'a, 'f> Solver<'a, 'f> {
    pub(super) fn new(
        fleet: &'f Fleet<'a>,
        classes: &'f Classes<'a>,
        (claims, by_name): (&'f [Claim<'a>], &'f HashMap<(&'a str, String), usize>),
        shelves: Shelves<'a>,
        ties: Ties,
    ) -> Self {
        Self {
            fleet,
            claims,
            by_name,
            classes,
            shelves,
            holders: HashMap::default(),
            held: vec![None; claims.len()],
            doubt: doubt_of_volumes(fleet),
            ties,
        }
    }

    pub(super) fn into_parts(self) -> (Shelves<'a>, HashMap<VolumeId, usize>) {
        (self.shelves, self.holders)
    }

    /// Serves claims that name their volume, then the others, each in order; or all of them from the last to the first.
    pub(super) fn solve(&mut self) -> Vec<Verdict<'a>> {
        let mut verdicts: Vec<Verdict<'a>> = vec![Verdict::Unknown(Doubt::Size); self.claims.len()];
        let named = |at: &usize| self.claims.get(*at).is_some_and(|it| it.volume.is_some());
        let (named, others): (Vec<usize>, Vec<usize>) = (0..self.claims.len()).partition(named);
        let mut order = named;
        order.extend(others);
        if self.ties == Ties::Last {
            order.reverse();
        }
        for at in order {
            if let (Some(claim), Some(slot)) = (self.claims.get(at), verdicts.get_mut(at)) {
                let (verdict, volume) = self.judge(claim);
                self.hold(at, volume);
                *slot = match verdict {
                    // Another default class may do better.
                    Verdict::Pending(_) if self.classes.is_open(claim) => Verdict::Unknown(Doubt::DefaultClasses),
                    verdict => verdict,
                };
            }
        }
        verdicts
    }

    /// Claims without a volume that would have one if they were served first, each with the claim that has it.
    pub(super) fn rivals(&self, verdicts: &[Verdict<'a>]) -> Vec<[usize; 2]> {
        let mut all = self.shelves.clone();
        self.holders.keys().for_each(|id| all.put_back(*id));
        let mut rivals = Vec::new();
        for (at, (claim, verdict)) in self.claims.iter().zip(verdicts).enumerate() {
            if matches!(verdict, Verdict::Bound(_) | Verdict::WaitsForPod { .. }) {
                continue;
            }
            let first = match claim.volume {
                Some(volume) => all.named(volume.text()).filter(|_| claim.lost().is_none()),
                None => {
                    let supply = self.classes.supply(claim);
                    let class = supply.name().filter(|_| claim.request.is_some());
                    class.and_then(|class| match supply.waits() {
                        true => all.smallest_of_all(claim, class),
                        false => all.choose(claim, Some(class), self.ties),
                    })
                }
            };
            // A volume that names its claim is nobody else's.
            let free = first.filter(|id| all.volume(*id).is_some_and(|it| it.kept_for.is_none()));
            rivals.extend(free.and_then(|id| Some([at, *self.holders.get(&id)?])));
        }
        rivals
    }

    fn hold(&mut self, at: usize, volume: Option<VolumeId>) {
        if let (Some(volume), Some(held)) = (volume, self.held.get_mut(at)) {
            *held = Some(volume);
            self.shelves.take(volume);
            self.holders.insert(volume, at);
        }
    }

    /// Judges the claims of an earlier definition as if it were the last: the volumes that claims of the same names
    /// hold are free for them, and given back afterwards.
    pub(super) fn solve_instead(&mut self, claims: Vec<Claim<'a>>) -> Vec<Binding<'a>> {
        let same = claims.iter().filter_map(|claim| self.by_name.get(&(claim.namespace, claim.name.clone())).copied());
        let freed: Vec<(usize, VolumeId)> = same.filter_map(|at| Some((at, (*self.held.get(at)?)?))).collect();
        for &(_, volume) in &freed {
            self.holders.remove(&volume);
            self.shelves.put_back(volume);
        }
        let mut taken = Vec::new();
        let mut bindings = Vec::new();
        for claim in claims {
            let (verdict, volume) = self.judge(&claim);
            if let Some(volume) = volume {
                self.shelves.take(volume);
                taken.push(volume);
            }
            bindings.push(Binding { supply: self.classes.supply(&claim), claim, verdict, is_open: false });
        }
        taken.into_iter().for_each(|volume| self.shelves.put_back(volume));
        freed.into_iter().for_each(|(at, volume)| self.hold(at, Some(volume)));
        bindings
    }

    /// What becomes of one claim, and the volume it takes.
    fn judge(&self, claim: &Claim<'a>) -> (Verdict<'a>, Option<VolumeId>) {
        if let Some(volume) = claim.lost() {
            return (Verdict::Pending(Obstacle::Lost { volume }), None);
        }
        if let Some(volume) = claim.volume {
            return self.judge_named(claim, volume);
        }
        if claim.request.is_none() {
            return (Verdict::Unknown(Doubt::Size), None);
        }
        let supply = self.classes.supply(claim);
        let found = if supply.waits() {
            self.shelves.kept_for(claim)
        } else {
            self.shelves.choose(claim, supply.name(), self.ties)
        };
        if let Some(bound) = found.and_then(|id| self.bound(id)) {
            return bound;
        }
        if let (true, Some(class), false) = (supply.waits(), supply.name(), supply.provisions()) {
            let left = self.shelves.smallest_of_all(claim, class);
            if let Some((volume, id)) = left.and_then(|id| Some((self.shelves.volume(id)?, id))) {
                return (Verdict::WaitsForPod { class, volume: Some(volume.object) }, Some(id));
            }
        }
        (self.without_volume(claim, supply), None)
    }

    fn bound(&self, id: VolumeId) -> Option<(Verdict<'a>, Option<VolumeId>)> {
        self.shelves.volume(id).map(|volume| (Verdict::Bound(volume.object), Some(id)))
    }

    /// What becomes of a claim that no volume of the set fits.
    fn without_volume(&self, claim: &Claim<'a>, supply: Supply<'a>) -> Verdict<'a> {
        let pending = |obstacle| match self.doubt {
            Some(why) => Verdict::Unknown(Doubt::Volumes(why)),
            None => Verdict::Pending(obstacle),
        };
        match supply {
            Supply::UnknownDefault => Verdict::Unknown(Doubt::DefaultClass),
            Supply::Elsewhere { name, why, .. } => Verdict::Unknown(Doubt::Class { name, why }),
            Supply::Missing { name, nearest } => pending(Obstacle::ClassMissing { class: name, nearest }),
            Supply::Nothing => pending(Obstacle::NoClass),
            Supply::Class { name, object } => match object {
                Some(class) if !supply.provisions() => pending(Obstacle::ClassMakesNone { class }),
                Some(class) if claim.selector.is_some() => {
                    let known = driver(class.str_at("provisioner").unwrap_or("")).is_some();
                    if known { pending(Obstacle::SelectorRefused { class }) } else { Verdict::Unknown(Doubt::Selector) }
                }
                _ => self.lacks_source(claim).unwrap_or(if supply.waits() {
                    Verdict::WaitsForPod { class: name, volume: None }
                } else {
                    Verdict::Provisioned { class: name }
                }),
            },
        }
    }

    /// What becomes of a claim that names its volume.
    fn judge_named(&self, claim: &Claim<'a>, field: Field<'a>) -> (Verdict<'a>, Option<VolumeId>) {
        let name = field.text();
        let Some((id, volume)) = self.shelves.named(name).and_then(|id| Some((id, self.shelves.volume(id)?))) else {
            return (self.volume_not_given(claim, name), None);
        };
        let why = match self.holders.get(&id) {
            Some(&at) => self.claims.get(at).map(|holder| Mismatch::Taken(holder.name.clone())),
            None if claim.is_kept(volume) => None,
            None => match volume.kept_for {
                Some((namespace, name)) => Some(Mismatch::Kept { namespace, name }),
                None if claim.was_bound() => None,
                None => Mismatch::of_named(claim, self.classes.supply(claim).name(), volume),
            },
        };
        match why {
            Some(why) => (Verdict::Pending(Obstacle::VolumeMisfits(Misfit { volume: volume.object, why })), None),
            None => (Verdict::Bound(volume.object), Some(id)),
        }
    }

    /// What keeps a volume that is made from being filled: a snapshot or claim that is not there.
    fn lacks_source(&self, claim: &Claim<'a>) -> Option<Verdict<'a>> {
        let Source { group, kind, namespace, name } = claim.source?;
        if kind == "PersistentVolumeClaim" && self.by_name.contains_key(&(namespace, name.to_owned())) {
            return None;
        }
        match self.fleet.resolve(group, kind, Some(namespace), name) {
            Resolution::Resolved(_) | Resolution::BuiltIn => None,
            Resolution::Broken { nearest } => Some(Verdict::Pending(Obstacle::SourceMissing { kind, name, nearest })),
            Resolution::NearMiss { .. } => Some(Verdict::Unknown(Doubt::Source { kind, name, why: Why::NotGiven })),
            Resolution::Unknown(why) => Some(Verdict::Unknown(Doubt::Source { kind, name, why })),
        }
    }

    fn volume_not_given(&self, claim: &Claim<'a>, name: &'a str) -> Verdict<'a> {
        // Written back from a cluster: nobody keeps the volumes that a class made.
        if claim.was_bound() && is_whole_cluster(self.fleet) {
            return Verdict::Pending(Obstacle::Lost { volume: name });
        }
        if claim.was_bound() || name.starts_with("pvc-") {
            return Verdict::Unknown(Doubt::Volume { name, why: Why::MadeLater });
        }
        if let Some(why) = self.doubt {
            return Verdict::Unknown(Doubt::Volume { name, why });
        }
        match self.fleet.resolve("", "PersistentVolume", None, name) {
            Resolution::Broken { nearest } => Verdict::Pending(Obstacle::VolumeMissing { volume: name, nearest }),
            Resolution::Unknown(why) => Verdict::Unknown(Doubt::Volume { name, why }),
            _ => Verdict::Unknown(Doubt::Volume { name, why: Why::NotGiven }),
        }
    }
}
