//! All claims and all volumes of a fleet, solved together.

use foldhash::HashMap;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Field, Object, Version};

use super::claim::{Claim, Origin};
use super::class::{Classes, Supply};
use super::collect::Collected;
use super::mismatch::{Misfit, Mismatch};
use super::shelf::{Shelves, Ties, VolumeId};
use super::solve::Solver;
use super::verdict::Verdict;
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
    /// True if the controller may decide otherwise: claims are served in any order, and of volumes that are alike to it
    /// it takes any.
    pub is_open: bool,
}

/// The gate VolumeAttributesClass is on from here; before, the server drops the field (`kube_features.go`).
const ATTRIBUTES_CLASSES: Version = Version::minor_of(34);

/// So many volumes are told of that do not fit.
const MISFITS: usize = 3;

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
        let Collected { mut claims, mut earlier, .. } = Collected::from(fleet);
        let objects = fleet.of_kind("", "PersistentVolume").filter(|volume| fleet.is_last_definition(volume));
        let mut volumes: Vec<PersistentVolume<'a>> = objects.map(PersistentVolume::of).collect();
        if fleet.facts().versions.oldest().is_some_and(|it| it < ATTRIBUTES_CLASSES) {
            claims.iter_mut().chain(earlier.iter_mut().flatten()).for_each(|it| it.attributes_class = "");
            volumes.iter_mut().for_each(|it| it.attributes_class = "");
        }
        let all: Vec<&Claim<'a>> = claims.iter().chain(earlier.iter().flatten()).collect();
        let classes = Classes::of(fleet, &all);
        let names = claims.iter().zip(0..).map(|(claim, at)| ((claim.namespace, claim.name.clone()), at));
        let by_name: HashMap<(&str, String), usize> = names.collect();
        let shelves = Shelves::of(volumes);
        let mut other = Solver::new(fleet, &classes, (&claims, &by_name), shelves.clone(), Ties::Last);
        let others = if shelves.volumes().is_empty() { Vec::new() } else { other.solve() };
        let mut solver = Solver::new(fleet, &classes, (&claims, &by_name), shelves, Ties::First);
        let verdicts = solver.solve();
        let mut open: Vec<bool> = (claims.iter().zip(0..))
            .map(|(claim, at)| {
                classes.is_open(claim)
                    || others.get(at).zip(verdicts.get(at)).is_some_and(|(one, other)| one.differs(other))
            })
            .collect();
        for at in solver.rivals(&verdicts).into_iter().flatten() {
            if let Some(slot) = open.get_mut(at) {
                *slot = true;
            }
        }
        let earlier = earlier.into_iter().flat_map(|claims| solver.solve_instead(claims)).collect();
        let (shelves, holders) = solver.into_parts();
        let bindings = claims.into_iter().zip(verdicts).zip(open).map(|((claim, verdict), is_open)| {
            let supply = classes.supply(&claim);
            Binding { claim, supply, verdict, is_open }
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

    /// What becomes of a claim, in words: besides the verdict who makes its volume and where, why the likeliest volumes
    /// do not fit, and that it may come otherwise.
    #[must_use]
    pub fn words(&self, binding: &Binding<'a>) -> String {
        let mut words = binding.verdict.to_string();
        match &binding.verdict {
            Verdict::WaitsForPod { volume: None, .. } | Verdict::Provisioned { .. } => {
                if let Some(provisioner) = binding.supply.provisioner() {
                    words = format!("{words} (`{provisioner}`");
                    if let Some(zones) = binding.supply.zones() {
                        words = format!("{words}, in {}", zones.join(" or "));
                    }
                    words.push(')');
                }
            }
            Verdict::Bound(volume) => {
                let volume = self.id(volume.name()).and_then(|id| self.shelves.volume(id));
                if volume.is_some_and(|it| it.capacity < binding.claim.size()) {
                    let can = match binding.supply {
                        supply if supply.grows() => "then grows",
                        Supply::Class { object: Some(_), .. } => "its class does not let it grow",
                        _ => "nothing says that it can grow",
                    };
                    words = format!("{words}, which is smaller than {}: {can}", binding.claim.size());
                }
            }
            Verdict::Pending(obstacle) if obstacle.is_for_want_of_volumes() => {
                let mut misfits = self.misfits(binding);
                for (misfit, sign) in misfits.by_ref().take(MISFITS).zip([": ", "; ", "; "]) {
                    words = format!("{words}{sign}`{}`: {}", misfit.volume.name(), misfit.why);
                }
                if misfits.next().is_some() {
                    words.push_str("; …");
                }
            }
            _ => {}
        }
        if binding.is_open {
            words.push_str(
                "; it may come otherwise: who is served first, and which of volumes that are alike is taken, is open",
            );
        }
        words
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

impl<'a> Binding<'a> {
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
