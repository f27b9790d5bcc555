//! Why a node is none for the volumes of a pod, in the scheduler's words.

use seaworthy_facts::ZONE_LABELS;
use seaworthy_object::Version;

use super::{ClaimId, Held, PodVolumes, State, Volumes, provisions};
use crate::scheduler::{Node, NodeId, PodId};
use crate::storage::shelf::VolumeId;
use crate::storage::topology::{Reach, reach};

/// Why a node is none for the volumes of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VolumeReason {
    /// In the scheduler's words; a driver that is not there is named before them ([`Volumes::words`]).
    pub text: &'static str,
    /// True if no eviction helps (`UnschedulableAndUnresolvable`).
    pub is_unresolvable: bool,
    /// The driver that the words are about, by its number.
    pub(super) driver: Option<u16>,
}

const fn final_word(text: &'static str) -> VolumeReason {
    VolumeReason { text, is_unresolvable: true, driver: None }
}

const fn until_evicted(text: &'static str) -> VolumeReason {
    VolumeReason { text, is_unresolvable: false, driver: None }
}

/// `nodevolumelimits/csi.go`.
pub(super) const TOO_MANY: VolumeReason = until_evicted("node(s) exceed max volume count");
pub(super) const NO_DRIVER: VolumeReason = until_evicted("CSI driver is not installed on the node");
/// `volumerestrictions/volume_restrictions.go`.
const SAME_DISK: VolumeReason = until_evicted("node(s) had no available disk");
/// `volumebinding/binder.go`.
const NOTHING_TO_BIND: VolumeReason = final_word("node(s) didn't find available persistent volumes to bind");
const NO_SPACE: VolumeReason = final_word("node(s) did not have enough free storage");
/// `volumezone/volume_zone.go`.
const OTHER_ZONE: VolumeReason = final_word("node(s) had no available volume zone");

/// Words that have changed, each with the version that brought it.
const AFFINITY: [(Version, &str); 2] = [
    (Version::OLDEST, "node(s) had volume node affinity conflict"),
    (Version::minor_of(33), "node(s) didn't match PersistentVolume's node affinity"),
];
const IN_USE: [(Version, &str); 2] = [
    (Version::OLDEST, "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"),
    (
        Version::minor_of(34),
        "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by \
         another pod",
    ),
];

/// The words of one version.
#[derive(Clone, Copy, Default)]
pub(super) struct Words {
    affinity: &'static str,
    in_use: &'static str,
}

impl Words {
    pub(super) fn of(version: Version) -> Self {
        let of = |table: &[(Version, &'static str); 2]| match table {
            [_, (since, text)] if *since <= version => *text,
            [(_, text), _] => *text,
        };
        Self { affinity: of(&AFFINITY), in_use: of(&IN_USE) }
    }
}

impl<'a> Volumes<'a> {
    /// Why the volumes of a pod do not fit a node: the reasons of the first volume plugin that fails, none if all pass.
    /// `gone` are pods that count as evicted.
    #[must_use]
    pub fn filter(&self, volumes: &PodVolumes, node: &Node<'_>, id: NodeId, gone: &[PodId]) -> Vec<VolumeReason> {
        if volumes.is_anywhere {
            return Vec::new();
        }
        if self.has_same_disk(volumes, id, gone) {
            return vec![SAME_DISK];
        }
        if volumes.once.iter().any(|it| self.is_used(*it, gone)) {
            return vec![until_evicted(self.words.in_use)];
        }
        if let Some(why) = self.exceeds(volumes, node, id, gone) {
            return vec![why];
        }
        let mut reasons = Vec::new();
        if !self.bound_fit(volumes, (id, node)) {
            reasons.push(final_word(self.words.affinity));
        }
        let mut chosen = self.scratch.take();
        reasons.extend(self.bind(volumes, (id, node), &mut chosen));
        chosen.clear();
        self.scratch.replace(chosen);
        if reasons.is_empty() && !self.zones_fit(volumes, node) {
            reasons.push(OTHER_ZONE);
        }
        reasons
    }

    /// A reason in the scheduler's words.
    #[must_use]
    pub fn words(&self, reason: VolumeReason) -> std::borrow::Cow<'static, str> {
        match reason.driver.and_then(|it| self.limits.driver(it)) {
            Some(driver) => format!("{driver} {}", reason.text).into(),
            None => reason.text.into(),
        }
    }

    fn has_same_disk(&self, volumes: &PodVolumes, node: NodeId, gone: &[PodId]) -> bool {
        !volumes.disks.is_empty()
            && self.on_node.get(node.0 as usize).is_some_and(|on_node| {
                let mut there = on_node.disks.iter().filter(|it| !gone.contains(&it.0));
                there.any(|(_, disk)| volumes.disks.iter().any(|it| it.conflicts(disk)))
            })
    }

    fn is_used(&self, claim: ClaimId, gone: &[PodId]) -> bool {
        self.claims.get(claim as usize).is_some_and(|it| it.users.iter().any(|it| !gone.contains(it)))
    }

    /// True if the volumes that are bound can be used on a node (`checkBoundClaims`).
    fn bound_fit(&self, volumes: &PodVolumes, (id, node): (NodeId, &Node<'_>)) -> bool {
        let held = volumes.claims.iter().filter_map(|(claim, _)| self.claims.get(*claim as usize));
        held.into_iter().all(|held| match &held.state {
            State::Bound(volume) => self.spots.get(*volume as usize).is_none_or(|it| it.topology.allows(node)),
            State::Made => held.topology.allows(node),
            State::MadeOn(first) => held.topology.allows(node) && self.is_near(held, *first, (id, node)),
            _ => true,
        })
    }

    /// True if a volume that was made where another node is can be used on this one.
    fn is_near(&self, held: &Held<'a>, first: NodeId, (id, node): (NodeId, &Node<'_>)) -> bool {
        match held.object.map_or(Reach::Anywhere, reach) {
            Reach::Anywhere => true,
            Reach::Node => first == id,
            Reach::Zone => {
                let zone = self.on_node.get(first.0 as usize).and_then(|it| it.zone.as_deref());
                first == id || zone.is_none() || node.zone() == zone
            }
        }
    }

    /// What the claims that wait would get on a node, and why they would not (`FindPodVolumes`).
    pub(super) fn bind(
        &self,
        volumes: &PodVolumes,
        node: (NodeId, &Node<'_>),
        chosen: &mut Vec<(ClaimId, Option<VolumeId>)>,
    ) -> Option<VolumeReason> {
        let selected = |held: &Held<'a>| match held.state {
            State::Delayed(selected) => selected,
            _ => None,
        };
        let waiting = || volumes.delayed.iter().filter_map(|id| Some((*id, self.claims.get(*id as usize)?)));
        if waiting().any(|(_, held)| selected(held).is_some_and(|it| it != &*node.1.name)) {
            return Some(NOTHING_TO_BIND);
        }
        // Those whose node was chosen before come first, then the small ones.
        chosen.extend(waiting().filter(|(_, held)| selected(held).is_some()).map(|(id, _)| (id, None)));
        for (id, held) in waiting().filter(|(_, held)| selected(held).is_none()) {
            let found = self.pool.find(&held.claim, held.class, &self.volumes, node, chosen);
            chosen.push((id, found));
        }
        let unbound = chosen.iter().filter(|it| it.1.is_none()).map(|it| &it.0);
        let mut made = unbound.chain(&volumes.alike).filter_map(|id| self.claims.get(*id as usize));
        made.find_map(|held| self.not_provided(held, node.1))
    }

    /// Why no volume is made for a claim on a node (`checkVolumeProvisions`).
    fn not_provided(&self, held: &Held<'a>, node: &Node<'_>) -> Option<VolumeReason> {
        if !provisions(held.object) || !held.topology.allows(node) {
            return Some(NOTHING_TO_BIND);
        }
        (!self.limits.has_space(held.object, &held.claim, node)).then_some(NO_SPACE)
    }

    /// True if the labels of bound volumes name the zone and region of a node (VolumeZone). A node without any such label
    /// will do.
    fn zones_fit(&self, volumes: &PodVolumes, node: &Node<'_>) -> bool {
        let bound = volumes.claims.iter().filter(|it| !it.1).filter_map(|(claim, _)| {
            match self.claims.get(*claim as usize)?.state {
                State::Bound(volume) => self.spots.get(volume as usize),
                _ => None,
            }
        });
        let fits = |(label, values): &(&'static str, Vec<&'a str>)| {
            let newer = LABELS.iter().find(|it| it.0 == *label).map_or(*label, |it| it.1);
            let value = node.label(label).or_else(|| node.label(newer));
            value.is_some_and(|value| values.contains(&value))
        };
        bound.into_iter().flat_map(|spot| &spot.labels).all(fits) || !LABELS.iter().any(|it| node.label(it.0).is_some())
    }
}

/// The labels that VolumeZone looks at, each with the one that took its place.
pub(super) const LABELS: [(&str, &str); 4] = [
    (ZONE_LABELS[1], ZONE_LABELS[0]),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    (ZONE_LABELS[0], ZONE_LABELS[0]),
    ("topology.kubernetes.io/region", "topology.kubernetes.io/region"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_change_with_their_versions() {
        let of = |minor| Words::of(Version::minor_of(minor));
        assert_eq!(of(32).affinity, "node(s) had volume node affinity conflict");
        assert_eq!(of(33).affinity, "node(s) didn't match PersistentVolume's node affinity");
        assert_eq!(of(33).in_use, IN_USE[0].1);
        assert_eq!(of(34).in_use, IN_USE[1].1);
    }
}
