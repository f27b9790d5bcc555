//! How many volumes a node can have attached, and how much space a driver has (NodeVolumeLimits, CSIStorageCapacity).
//!
//! The plugins of 1.30 that count the volumes of EBS, GCE and Azure themselves are not here: they pass every node whose
//! CSINode says that a driver does their work, as every kubelet since 1.25 writes it.

use foldhash::HashMap;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Object, Quantity, Selector, Version};
use seaworthy_source::order;

use super::filter::{NO_DRIVER, TOO_MANY, VolumeReason};
use super::{ClaimId, PodVolumes, State, Volumes, provisioner, slot};
use crate::scheduler::{Node, NodeId, PodId};
use crate::storage::Claim;
use crate::storage::provisioner::in_tree;
use crate::storage::topology::selects;

/// A volume that is attached to a node: its driver, and what it is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Attached<'a> {
    driver: &'a str,
    by: Handle<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Handle<'a> {
    /// The driver's own name for it.
    Volume(&'a str),
    /// The claim it will be made for.
    Claim(ClaimId),
}

/// What CSINodes, CSIDrivers, CSIStorageCapacities and VolumeAttachments say.
#[derive(Clone, Default)]
pub(super) struct Limits<'a> {
    by_name: HashMap<&'a str, u32>,
    nodes: Vec<CsiNode<'a>>,
    /// Drivers without which no pod may go to a node (`preventPodSchedulingIfMissing`).
    required: Vec<&'a str>,
    /// Drivers that say how much space they have.
    tracked: Vec<&'a str>,
    capacities: Vec<Capacity<'a>>,
}

/// A CSINode, and what is attached to the node.
#[derive(Clone, Default)]
struct CsiNode<'a> {
    /// Its drivers, and how many volumes of each it takes.
    drivers: Vec<(&'a str, Option<i64>)>,
    /// Its annotation of plugins whose work drivers do.
    migrated: &'a str,
    attached: Vec<Attached<'a>>,
}

impl CsiNode<'_> {
    /// True if a driver does the work of a plugin on the node.
    fn has_moved(&self, plugin: &str) -> bool {
        self.migrated.split(',').any(|it| it == plugin)
    }
}

#[derive(Clone)]
struct Capacity<'a> {
    class: &'a str,
    topology: Option<Selector<'a>>,
    /// The largest volume, in bytes.
    largest: Option<i128>,
    /// All there is, in bytes; nothing if that is not said.
    all: i128,
}

/// The gate VolumeLimitScaling is on from here (`kube_features.go`).
const DRIVERS_REQUIRED: Version = Version::minor_of(37);

const STORAGE: &str = "storage.k8s.io";

impl<'a> Limits<'a> {
    pub(super) fn of(fleet: &Fleet<'a>, version: Version) -> Self {
        let mut limits = Self::default();
        for node in fleet.of_kind(STORAGE, "CSINode") {
            let drivers = node.field().items_at("spec.drivers").map(|it| {
                let count = it.at("allocatable.count").and_then(|it| it.as_int());
                (it.get("name").map_or("", |it| it.text()), count)
            });
            let migrated = node.annotation("storage.alpha.kubernetes.io/migrated-plugins");
            let Some(csi_node) = limits.node_named(node.name()) else { continue };
            csi_node.drivers = drivers.collect();
            csi_node.migrated = migrated.map_or("", |it| it.text());
        }
        for driver in fleet.of_kind(STORAGE, "CSIDriver") {
            let says = |path: &str| driver.at(path).is_some_and(|it| it.is_true());
            if says("spec.storageCapacity") {
                limits.tracked.push(driver.name());
            }
            if version >= DRIVERS_REQUIRED && says("spec.preventPodSchedulingIfMissing") {
                limits.required.push(driver.name());
            }
        }
        for it in fleet.of_kind(STORAGE, "CSIStorageCapacity") {
            let bytes = |key: &str| it.at(key).and_then(Quantity::of).map(|it| it.value());
            limits.capacities.push(Capacity {
                class: it.str_at("storageClassName").unwrap_or(""),
                topology: it.at("nodeTopology").map(Selector::from_label_selector),
                largest: bytes("maximumVolumeSize").or_else(|| bytes("capacity")),
                all: bytes("capacity").unwrap_or(0),
            });
        }
        for it in fleet.of_kind(STORAGE, "VolumeAttachment") {
            let handle = || {
                let volume = it.str_at("spec.source.persistentVolumeName")?;
                fleet.object("", "PersistentVolume", None, volume)?.str_at("spec.csi.volumeHandle")
            };
            if let (Some(node), Some(driver), Some(handle)) =
                (it.str_at("spec.nodeName"), it.str_at("spec.attacher"), handle())
            {
                let attached = Attached { driver, by: Handle::Volume(handle) };
                limits.node_named(node).into_iter().for_each(|it| it.attached.push(attached.clone()));
            }
        }
        limits
    }

    fn node_named(&mut self, name: &'a str) -> Option<&mut CsiNode<'a>> {
        let next = u32::try_from(self.by_name.len()).unwrap_or(u32::MAX);
        let number = *self.by_name.entry(name).or_insert(next);
        slot(&mut self.nodes, number)
    }

    fn node(&self, name: &str) -> Option<&CsiNode<'a>> {
        self.nodes.get(*self.by_name.get(name)? as usize)
    }

    /// True if some node counts volumes, or must have a driver.
    pub(super) fn count(&self) -> bool {
        !self.nodes.is_empty() || !self.required.is_empty()
    }

    /// True if the driver of a class says how much space it has.
    pub(super) fn tracks_capacity(&self, class: Option<&Object<'_>>) -> bool {
        class.is_some_and(|it| self.tracked.contains(&provisioner(it)))
    }

    /// True if there is space for a claim on a node (`hasEnoughCapacity`).
    pub(super) fn has_space(&self, class: Option<&Object<'_>>, claim: &Claim<'_>, node: &Node<'_>) -> bool {
        !self.tracks_capacity(class) || claim.request.is_none() || self.space(class, claim, node).is_some()
    }

    /// How many bytes there are where a claim would be made on a node: nothing if its driver does not say, or if there
    /// is too little.
    pub(super) fn space(&self, class: Option<&Object<'_>>, claim: &Claim<'_>, node: &Node<'_>) -> Option<i128> {
        let class_name = class.filter(|_| self.tracks_capacity(class) && claim.request.is_some())?.name();
        let bytes = claim.size().value();
        let is_enough = |it: &&Capacity<'_>| {
            it.class == class_name
                && it.largest.is_some_and(|largest| largest >= bytes)
                && it.topology.as_ref().is_some_and(|topology| selects(topology, node))
        };
        self.capacities.iter().find(is_enough).map(|it| it.all)
    }

    /// A driver that nodes must have, by its number.
    pub(super) fn driver(&self, number: u16) -> Option<&'a str> {
        self.required.get(usize::from(number)).copied()
    }
}

impl<'a> Volumes<'a> {
    /// What a pod attaches to a node, in order; nothing where nobody counts.
    pub(super) fn attached(&self, volumes: &PodVolumes, node: &Node<'_>) -> Vec<Attached<'a>> {
        if !self.limits.count() {
            return Vec::new();
        }
        let csi_node = self.limits.node(&node.name);
        let all = volumes.claims.iter().filter_map(|it| self.attachment(it.0, csi_node));
        let mut attached: Vec<Attached<'a>> = all.collect();
        order::sort(&mut attached);
        attached.dedup();
        attached
    }

    /// The volume of a claim, as it is attached: by its own name, or by its class before it is there
    /// (`getCSIDriverInfo`).
    fn attachment(&self, claim: ClaimId, node: Option<&CsiNode<'a>>) -> Option<Attached<'a>> {
        let held = self.claims.get(claim as usize)?;
        if let State::Bound(volume) = held.state {
            let of = self.spots.get(volume as usize)?.handle?;
            let is_moved = of.plugin.is_none_or(|plugin| node.is_some_and(|it| it.has_moved(plugin)));
            return is_moved.then_some(Attached { driver: of.driver, by: Handle::Volume(of.handle) });
        }
        let provisioner = held.object?.str_at("provisioner")?;
        let driver = match in_tree(provisioner) {
            Some(plugin) => node.is_some_and(|it| it.has_moved(provisioner)).then_some(plugin.driver)?,
            None => provisioner,
        };
        Some(Attached { driver, by: Handle::Claim(claim) })
    }

    /// Why a node cannot have the volumes of a pod attached (NodeVolumeLimits).
    pub(super) fn exceeds(
        &self,
        volumes: &PodVolumes,
        node: &Node<'_>,
        id: NodeId,
        gone: &[PodId],
    ) -> Option<VolumeReason> {
        let mut new = self.attached(volumes, node);
        if new.is_empty() {
            return None;
        }
        let csi_node = self.limits.node(&node.name);
        let lacks = |driver: &str| csi_node.is_none_or(|it| !it.drivers.iter().any(|it| it.0 == driver));
        let required = self.limits.required.iter().zip(0_u16..);
        let mut missing = required.filter(|(driver, _)| new.iter().any(|it| it.driver == **driver) && lacks(driver));
        if let Some((_, number)) = missing.next() {
            return Some(VolumeReason { driver: Some(number), ..NO_DRIVER });
        }
        let csi_node = csi_node.filter(|it| it.drivers.iter().any(|it| it.1.is_some()))?;
        let used = self.on_node.get(id.0 as usize).into_iter().flat_map(|it| &it.attached);
        let mut there: Vec<&Attached<'a>> = used.filter(|it| !gone.contains(&it.0)).map(|it| &it.1).collect();
        order::sort(&mut there);
        new.retain(|it| there.binary_search(&it).is_err());
        there.extend(&csi_node.attached);
        order::sort(&mut there);
        there.dedup();
        let count = |driver: &str| {
            let new = new.iter().filter(|it| it.driver == driver).count();
            let there = there.iter().filter(|it| it.driver == driver).count();
            (new > 0).then(|| i64::try_from(new + there).unwrap_or(i64::MAX))
        };
        let exceeds = |it: &(&str, Option<i64>)| count(it.0).zip(it.1).is_some_and(|(count, most)| count > most);
        csi_node.drivers.iter().any(exceeds).then_some(TOO_MANY)
    }
}
