//! The free volumes, sorted so that the smallest one that fits is found at once.

use std::collections::BTreeSet;

use foldhash::HashMap;
use seaworthy_object::Requirement;

use super::mismatch::Mismatch;
use super::{AccessModes, Claim, PersistentVolume};

/// Which of volumes that are alike to the controller is taken; it takes any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ties {
    /// The one that stands first.
    First,
    /// The one that stands last.
    Last,
}

impl Ties {
    /// The sort key among sets of access modes: fewer modes first.
    fn rank(self, modes: AccessModes) -> (u32, u8) {
        let (count, set) = modes.rank();
        (count, if self == Ties::Last { !set } else { set })
    }
}

/// The number of a volume.
pub(crate) type VolumeId = u32;

/// What all volumes on one shelf share: class, attributes class, volume mode, access modes.
type Label<'a> = (&'a str, &'a str, &'a str, AccessModes);

/// Any value of a label; none is written so.
const ANY: &str = "*";

/// The volumes of a fleet, and which of them are free.
#[derive(Clone, Default)]
pub(crate) struct Shelves<'a> {
    volumes: Vec<PersistentVolume<'a>>,
    /// By size and then by order; volumes kept for a claim are on no shelf.
    free: HashMap<Label<'a>, BTreeSet<(i128, VolumeId)>>,
    kept: HashMap<(&'a str, &'a str), Vec<VolumeId>>,
    by_label: HashMap<(&'a str, &'a str), Vec<VolumeId>>,
    by_name: HashMap<&'a str, VolumeId>,
    by_class: HashMap<&'a str, Vec<VolumeId>>,
}

impl<'a> Shelves<'a> {
    pub(crate) fn of(volumes: Vec<PersistentVolume<'a>>) -> Self {
        let mut shelves = Self::default();
        for (volume, id) in volumes.iter().zip(0..) {
            shelves.by_name.insert(volume.name(), id);
            shelves.by_class.entry(volume.class).or_default().push(id);
            if let Some(claim) = volume.kept_for {
                shelves.kept.entry(claim).or_default().push(id);
            }
            for label in volume.object.labels().iter() {
                shelves.by_label.entry(label).or_default().push(id);
                shelves.by_label.entry((label.0, ANY)).or_default().push(id);
            }
            shelves.put(volume, id);
        }
        shelves.volumes = volumes;
        shelves
    }

    pub(crate) fn volumes(&self) -> &[PersistentVolume<'a>] {
        &self.volumes
    }

    pub(crate) fn volume(&self, id: VolumeId) -> Option<&PersistentVolume<'a>> {
        self.volumes.get(id as usize)
    }

    pub(crate) fn named(&self, name: &str) -> Option<VolumeId> {
        self.by_name.get(name).copied()
    }

    /// The volumes of a class, then all others.
    pub(crate) fn same_class_first(&self, class: &str) -> impl Iterator<Item = VolumeId> {
        let others = self.volumes.iter().zip(0..).filter(move |(volume, _)| volume.class != class).map(|(_, id)| id);
        self.by_class.get(class).map_or(&[] as &[_], Vec::as_slice).iter().copied().chain(others)
    }

    /// True if some volume carries this class.
    pub(crate) fn carries(&self, class: &str) -> bool {
        self.by_class.contains_key(class)
    }

    /// Takes a volume off its shelf.
    pub(crate) fn take(&mut self, id: VolumeId) {
        if let Some(volume) = self.volumes.get(id as usize)
            && let Some(shelf) = self.free.get_mut(&label(volume))
        {
            shelf.remove(&(volume.capacity.nanos(), id));
        }
    }

    /// Puts a volume back.
    pub(crate) fn put_back(&mut self, id: VolumeId) {
        if let Some(volume) = self.volumes.get(id as usize).cloned() {
            self.put(&volume, id);
        }
    }

    fn put(&mut self, volume: &PersistentVolume<'a>, id: VolumeId) {
        if volume.is_free() {
            self.free.entry(label(volume)).or_default().insert((volume.capacity.nanos(), id));
        }
    }

    /// The volume that the controller chooses (`findBestMatch`): among those with the fewest access modes the one kept
    /// for the claim, else the smallest.
    pub(crate) fn choose(&self, claim: &Claim<'a>, class: Option<&'a str>, ties: Ties) -> Option<VolumeId> {
        let kept = self.kept_for(claim);
        let free = class.and_then(|class| self.smallest(claim, class, Some(ties)));
        let rank = |id: VolumeId| self.volume(id).map(|volume| ties.rank(volume.access));
        match (kept, free) {
            (Some(kept), Some(free)) => Some(if rank(kept) <= rank(free) { kept } else { free }),
            (kept, free) => kept.or(free),
        }
    }

    /// The volume kept for a claim, if it fits.
    pub(crate) fn kept_for(&self, claim: &Claim<'a>) -> Option<VolumeId> {
        let ids = self.kept.get(&(claim.namespace, claim.name.as_str()))?;
        let fits = |id: &VolumeId| {
            self.volume(*id)
                .is_some_and(|it| claim.is_kept(it) && !it.is_going && Mismatch::of_shape(claim, it).is_none())
        };
        ids.iter().copied().filter(fits).min_by_key(|id| (self.volume(*id).map(|it| it.access.rank()), *id))
    }

    /// The smallest free volume, whatever modes it has besides: what the scheduler leaves for a pod.
    pub(crate) fn smallest_of_all(&self, claim: &Claim<'a>, class: &'a str) -> Option<VolumeId> {
        self.smallest(claim, class, None)
    }

    /// The free volume that fits and is least by its access modes, if they count, then by size, then by order.
    fn smallest(&self, claim: &Claim<'a>, class: &'a str, modes: Option<Ties>) -> Option<VolumeId> {
        let rank = |access: AccessModes| modes.map(|it| it.rank(access));
        let order = |id: VolumeId| if modes == Some(Ties::Last) { !id } else { id };
        let shelves = AccessModes::all().filter(|set| set.contain(claim.access)).filter_map(|set| {
            let shelf = self.free.get(&(class, claim.attributes_class, claim.mode, set))?;
            Some((set, shelf))
        });
        let need = claim.size().nanos();
        if let Some(ids) = self.with_label(claim) {
            let all = shelves.flat_map(|(set, shelf)| {
                ids.iter().filter_map(move |&id| {
                    let size = self.volume(id)?.capacity.nanos();
                    (size >= need && shelf.contains(&(size, id))).then_some((rank(set), size, order(id)))
                })
            });
            return all.filter(|&(_, _, id)| self.is_selected(claim, order(id))).min().map(|(_, _, id)| order(id));
        }
        let firsts = shelves.filter_map(|(set, shelf)| {
            let mut fitting = shelf.range((need, 0)..).copied();
            let (size, first) = fitting.find(|&(_, id)| self.is_selected(claim, id))?;
            let mut alike = shelf.range((size, first)..=(size, VolumeId::MAX)).rev().map(|it| it.1);
            let last = alike.find(|id| self.is_selected(claim, *id)).filter(|_| modes == Some(Ties::Last));
            Some((rank(set), size, order(last.unwrap_or(first))))
        });
        firsts.min().map(|(_, _, id)| order(id))
    }

    /// The volumes with the label that the claim's selector asks for, if it asks for one.
    fn with_label(&self, claim: &Claim<'a>) -> Option<&[VolumeId]> {
        let asked = claim.selector.as_ref()?.requirements().iter();
        asked
            .filter_map(|requirement| match requirement {
                Requirement::In(key, values) => match values.as_slice() {
                    [value] => Some((*key, *value)),
                    _ => Some((*key, ANY)),
                },
                Requirement::Exists(key) => Some((*key, ANY)),
                _ => None,
            })
            .map(|label| self.by_label.get(&label).map_or(&[][..], Vec::as_slice))
            .min_by_key(|ids| ids.len())
    }

    fn is_selected(&self, claim: &Claim<'a>, id: VolumeId) -> bool {
        let Some(selector) = &claim.selector else { return true };
        self.volume(id).is_some_and(|volume| selector.matches(volume.object.labels()))
    }
}

fn label<'a>(volume: &PersistentVolume<'a>) -> Label<'a> {
    (volume.class, volume.attributes_class, volume.mode, volume.access)
}
