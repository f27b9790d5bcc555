//! All claims and all volumes of a fleet, solved together.

use foldhash::HashMap;
use seaworthy_fleet::{Fleet, Resolution, Why};
use seaworthy_object::{Field, Object};

use super::claim::{Claim, Origin};
use super::class::{Classes, Supply};
use super::collect::Collected;
use super::mismatch::{Misfit, Mismatch};
use super::provisioner::driver;
use super::shelf::{Shelves, VolumeId};
use super::verdict::{Doubt, Obstacle, Verdict};
use super::volume::PersistentVolume;

/// A claim and what becomes of it.
#[derive(Debug, Clone)]
pub struct Binding<'a> {
    /// The claim.
    pub claim: Claim<'a>,
    /// What stands behind the class it asks for.
    pub supply: Supply<'a>,
    /// What becomes of it.
    pub verdict: Verdict<'a>,
}

/// What becomes of every claim of a fleet.
pub struct Bindings<'a> {
    bindings: Vec<Binding<'a>>,
    earlier: Vec<Binding<'a>>,
    by_name: HashMap<(&'a str, String), usize>,
    shelves: Shelves<'a>,
    /// The claim that holds a volume.
    holders: HashMap<VolumeId, usize>,
}

impl<'a> Bindings<'a> {
    /// Solves the whole set, in the order of application: claims that name their volume first, then those that stand in
    /// the set, then those that controllers make.
    #[must_use]
    pub fn of(fleet: &Fleet<'a>) -> Self {
        let Collected { claims, earlier } = Collected::from(fleet);
        let volumes = fleet.of_kind("", "PersistentVolume").filter(|volume| fleet.is_last_definition(volume));
        let all: Vec<Claim<'a>> = claims.iter().chain(earlier.iter().flatten()).cloned().collect();
        let mut solver = Solver {
            fleet,
            claims: &claims,
            classes: Classes::of(fleet, &all),
            shelves: Shelves::of(volumes.map(PersistentVolume::of).collect()),
            holders: HashMap::default(),
            held: vec![None; claims.len()],
            doubt: doubt_of_volumes(fleet),
        };
        let verdicts = solver.solve();
        let names = claims.iter().zip(0..).map(|(claim, at)| ((claim.namespace, claim.name.clone()), at));
        let by_name: HashMap<(&str, String), usize> = names.collect();
        let earlier = earlier.into_iter().flat_map(|claims| solver.solve_instead(claims, &by_name)).collect();
        let Solver { classes, shelves, holders, .. } = solver;
        let bindings = claims.into_iter().zip(verdicts).map(|(claim, verdict)| {
            let supply = classes.supply(&claim);
            Binding { claim, supply, verdict }
        });
        Self { bindings: bindings.collect(), earlier, by_name, shelves, holders }
    }

    /// Every claim that will be there.
    #[must_use]
    pub fn all(&self) -> &[Binding<'a>] {
        &self.bindings
    }

    /// What would become of the claims of definitions that later ones replace.
    #[must_use]
    pub fn earlier(&self) -> &[Binding<'a>] {
        &self.earlier
    }

    /// A claim by its name.
    #[must_use]
    pub fn get(&self, namespace: &'a str, name: &str) -> Option<&Binding<'a>> {
        self.bindings.get(*self.by_name.get(&(namespace, name.to_owned()))?)
    }

    /// Every volume of the set.
    #[must_use]
    pub fn volumes(&self) -> &[PersistentVolume<'a>] {
        self.shelves.volumes()
    }

    /// The number of a volume.
    pub(crate) fn id(&self, volume: &str) -> Option<VolumeId> {
        self.shelves.named(volume)
    }

    /// The claim that binds a volume.
    #[must_use]
    pub fn holder(&self, volume: &str) -> Option<&Claim<'a>> {
        let at = self.holders.get(&self.shelves.named(volume)?)?;
        self.bindings.get(*at).map(|binding| &binding.claim)
    }

    /// True if a volume of the set carries this class.
    #[must_use]
    pub fn carries(&self, class: &str) -> bool {
        self.shelves.carries(class)
    }

    /// The volumes of the set that a claim cannot bind, those of its own class first, each with the first condition
    /// that fails.
    pub fn misfits(&self, binding: &Binding<'a>) -> impl Iterator<Item = Misfit<'a>> {
        let class = binding.supply.name().unwrap_or("");
        let claim = &binding.claim;
        self.shelves.same_class_first(class).filter_map(move |id| {
            let volume = self.shelves.volume(id)?;
            let taken = || {
                let holder = self.bindings.get(*self.holders.get(&id)?)?;
                let other = (holder.claim.namespace, &holder.claim.name) != (claim.namespace, &claim.name);
                other.then(|| Mismatch::Taken(holder.claim.name.clone()))
            };
            let why = Mismatch::first(claim, class, volume).or_else(taken)?;
            Some(Misfit { volume: volume.object, why })
        })
    }
}

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

struct Solver<'a, 'f> {
    fleet: &'f Fleet<'a>,
    claims: &'f [Claim<'a>],
    classes: Classes<'a>,
    shelves: Shelves<'a>,
    holders: HashMap<VolumeId, usize>,
    /// The volume each claim holds.
    held: Vec<Option<VolumeId>>,
    doubt: Option<Why>,
}

impl<'a> Solver<'a, '_> {
    fn solve(&mut self) -> Vec<Verdict<'a>> {
        let mut verdicts: Vec<Verdict<'a>> = vec![Verdict::Unknown(Doubt::Size); self.claims.len()];
        for names_volume in [true, false] {
            for (at, (claim, slot)) in self.claims.iter().zip(&mut verdicts).enumerate() {
                if claim.volume.is_some() == names_volume {
                    let (verdict, volume) = self.judge(claim);
                    self.hold(at, volume);
                    *slot = verdict;
                }
            }
        }
        verdicts
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
    fn solve_instead(&mut self, claims: Vec<Claim<'a>>, by_name: &HashMap<(&str, String), usize>) -> Vec<Binding<'a>> {
        let same = claims.iter().filter_map(|claim| by_name.get(&(claim.namespace, claim.name.clone())).copied());
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
            bindings.push(Binding { supply: self.classes.supply(&claim), claim, verdict });
        }
        taken.into_iter().for_each(|volume| self.shelves.put_back(volume));
        freed.into_iter().for_each(|(at, volume)| self.hold(at, Some(volume)));
        bindings
    }

    /// What becomes of one claim, and the volume it takes.
    fn judge(&self, claim: &Claim<'a>) -> (Verdict<'a>, Option<VolumeId>) {
        if let Some(volume) = claim.volume {
            return self.judge_named(claim, volume);
        }
        if claim.request.is_none() {
            return (Verdict::Unknown(Doubt::Size), None);
        }
        let supply = self.classes.supply(claim);
        let found =
            if supply.waits() { self.shelves.kept_for(claim) } else { self.shelves.choose(claim, supply.name()) };
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
                _ if supply.waits() => Verdict::WaitsForPod { class: name, volume: None },
                _ => Verdict::Provisioned { class: name },
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
            None => volume
                .kept_for
                .map(|(namespace, name)| Mismatch::Kept { namespace, name })
                .or_else(|| self.misfit_of_named(claim, volume)),
        };
        match why {
            Some(why) => (Verdict::Pending(Obstacle::VolumeMisfits(Misfit { volume: volume.object, why })), None),
            None => (Verdict::Bound(volume.object), Some(id)),
        }
    }

    /// The controller asks less of a volume that is named: no selector, no status.
    fn misfit_of_named(&self, claim: &Claim<'a>, volume: &PersistentVolume<'a>) -> Option<Mismatch<'a>> {
        // Without a known default the class may be any.
        let class = self.classes.supply(claim).name().unwrap_or(volume.class);
        if volume.class != class {
            return Some(Mismatch::Class { offered: volume.class, asked: class });
        }
        Mismatch::of_shape(claim, volume)
    }

    fn volume_not_given(&self, claim: &Claim<'a>, name: &'a str) -> Verdict<'a> {
        // Written back from a cluster: nobody keeps the volumes that a class made.
        let is_copy = claim
            .field
            .at("metadata.annotations")
            .is_some_and(|it| it.get("pv.kubernetes.io/bind-completed").is_some());
        if is_copy || name.starts_with("pvc-") {
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

impl<'a> Binding<'a> {
    /// The volume that the claim has lost, as its status says.
    #[must_use]
    pub fn lost(&self) -> Option<&'a str> {
        let is_lost = self.claim.field.str_at("status.phase") == Some("Lost");
        is_lost.then(|| self.claim.volume.map_or("", |it| it.text()))
    }

    /// The volume that is bound to the claim, or left for it.
    #[must_use]
    pub fn volume(&self) -> Option<&'a Object<'a>> {
        match self.verdict {
            Verdict::Bound(volume) | Verdict::WaitsForPod { volume: Some(volume), .. } => Some(volume),
            _ => None,
        }
    }

    /// True if the claim will have a volume, as far as the set says.
    #[must_use]
    pub fn binds(&self) -> bool {
        matches!(self.verdict, Verdict::Bound(_) | Verdict::WaitsForPod { .. } | Verdict::Provisioned { .. })
    }

    /// The claim template of a StatefulSet that makes or adopts the claim.
    #[must_use]
    pub fn template(&self) -> Option<Field<'a>> {
        match self.claim.origin {
            Origin::Template { .. } => Some(self.claim.field),
            _ => self.claim.adopted_by,
        }
    }
}
