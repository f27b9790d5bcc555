//! The volumes that the scheduler may bind to claims that wait for their pod, by class and by where they can be used.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use foldhash::HashMap;

use super::{ClaimId, slot};
use crate::scheduler::{Node, NodeId};
use crate::storage::shelf::VolumeId;
use crate::storage::topology::Topology;
use crate::storage::{AccessModes, Claim, PersistentVolume};

/// What the volumes of a group share besides: attributes class, volume mode, access modes.
type Label<'a> = (&'a str, &'a str, AccessModes);

/// Free volumes of one class that can be used on the same nodes.
#[derive(Clone)]
struct Group<'a> {
    topology: Topology<'a>,
    /// By size and then by order.
    free: Vec<(Label<'a>, BTreeSet<(i128, VolumeId)>)>,
}

/// The free volumes of a class.
#[derive(Clone, Default)]
struct OfClass<'a> {
    groups: Vec<Group<'a>>,
    by_topology: HashMap<Topology<'a>, u32>,
    /// Labels of nodes by which groups are found, and the groups of each value.
    keys: Vec<&'a str>,
    by_value: HashMap<(&'a str, &'a str), Vec<u32>>,
    /// The groups that must be asked one by one.
    others: Vec<u32>,
    /// The groups that a node may use, once they were looked for.
    of_node: RefCell<Vec<Option<Rc<[u32]>>>>,
}

/// The free volumes of all classes.
#[derive(Clone, Default)]
pub(super) struct Pool<'a> {
    by_name: HashMap<&'a str, u32>,
    classes: Vec<OfClass<'a>>,
    /// The group of each volume that was ever free.
    group_of: Vec<u32>,
}

impl<'a> Pool<'a> {
    pub(super) fn put(&mut self, volume: &PersistentVolume<'a>, id: VolumeId) {
        let next = u32::try_from(self.by_name.len()).unwrap_or(u32::MAX);
        let number = *self.by_name.entry(volume.class).or_insert(next);
        let Some(class) = slot(&mut self.classes, number) else { return };
        let at = class.group(Topology::of_volume(volume.object));
        if let Some(shelf) = class.groups.get_mut(at as usize).and_then(|it| it.shelf(label(volume))) {
            shelf.insert((volume.capacity.nanos(), id));
            if let Some(group) = slot(&mut self.group_of, id) {
                *group = at;
            }
        }
    }

    pub(super) fn take(&mut self, volume: &PersistentVolume<'a>, id: VolumeId) {
        let group = self.group_of.get(id as usize).copied();
        let class = self.by_name.get(volume.class).and_then(|at| self.classes.get_mut(*at as usize));
        if let (Some(at), Some(class)) = (group, class)
            && let Some(shelf) = class.groups.get_mut(at as usize).and_then(|it| it.shelf(label(volume)))
        {
            shelf.remove(&(volume.capacity.nanos(), id));
        }
    }

    /// True if a class has volumes, free or taken since.
    pub(super) fn has(&self, class: &str) -> bool {
        self.by_name.contains_key(class)
    }

    /// The smallest free volume for a claim on a node (`FindMatchingVolume` with a node): of this class, large enough,
    /// of the same volume mode and attributes class, with all access modes, selected, usable there and not chosen yet.
    pub(super) fn find(
        &self,
        claim: &Claim<'a>,
        class: &str,
        volumes: &[PersistentVolume<'a>],
        node: (NodeId, &Node<'_>),
        chosen: &[(ClaimId, Option<VolumeId>)],
    ) -> Option<VolumeId> {
        let class = self.classes.get(*self.by_name.get(class)? as usize)?;
        let need = claim.size().nanos();
        let is_selected = |id: VolumeId| {
            let Some(selector) = &claim.selector else { return true };
            volumes.get(id as usize).is_some_and(|volume| selector.matches(volume.object.labels()))
        };
        let mut best: Option<(i128, VolumeId)> = None;
        for &at in class.usable_on(node).iter() {
            let Some(group) = class.groups.get(at as usize) else { continue };
            for ((attributes, mode, access), shelf) in &group.free {
                if *attributes != claim.attributes_class || *mode != claim.mode || !access.contain(claim.access) {
                    continue;
                }
                let mut fitting = shelf.range((need, 0)..).copied();
                let first = fitting.find(|(_, id)| !chosen.iter().any(|it| it.1 == Some(*id)) && is_selected(*id));
                best = match (best, first) {
                    (Some(best), Some(first)) => Some(best.min(first)),
                    (best, first) => best.or(first),
                };
            }
        }
        best.map(|(_, id)| id)
    }
}

impl<'a> Group<'a> {
    /// The volumes with a label, of which there are few.
    fn shelf(&mut self, label: Label<'a>) -> Option<&mut BTreeSet<(i128, VolumeId)>> {
        if !self.free.iter().any(|it| it.0 == label) {
            self.free.push((label, BTreeSet::new()));
        }
        self.free.iter_mut().find(|it| it.0 == label).map(|it| &mut it.1)
    }
}

impl<'a> OfClass<'a> {
    fn group(&mut self, topology: Topology<'a>) -> u32 {
        if let Some(at) = self.by_topology.get(&topology) {
            return *at;
        }
        let at = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        match topology.anchors() {
            Some(anchors) => {
                for (key, values) in anchors {
                    if !self.keys.contains(&key) {
                        self.keys.push(key);
                    }
                    for value in values {
                        let of_value = self.by_value.entry((key, value)).or_default();
                        if of_value.last() != Some(&at) {
                            of_value.push(at);
                        }
                    }
                }
            }
            None => self.others.push(at),
        }
        self.by_topology.insert(topology.clone(), at);
        self.groups.push(Group { topology, free: Vec::new() });
        at
    }

    fn usable_on(&self, (id, node): (NodeId, &Node<'_>)) -> Rc<[u32]> {
        let at = id.0 as usize;
        if let Some(Some(found)) = self.of_node.borrow().get(at) {
            return Rc::clone(found);
        }
        let mut usable: Vec<u32> = self.others.clone();
        for key in &self.keys {
            if let Some(value) = node.label(key) {
                usable.extend(self.by_value.get(&(*key, value)).into_iter().flatten());
            }
        }
        usable.retain(|at| self.groups.get(*at as usize).is_some_and(|it| it.topology.allows(node)));
        let usable: Rc<[u32]> = usable.into();
        let mut of_node = self.of_node.borrow_mut();
        if of_node.len() <= at {
            of_node.resize(at + 1, None);
        }
        if let Some(slot) = of_node.get_mut(at) {
            *slot = Some(Rc::clone(&usable));
        }
        usable
    }
}

fn label<'a>(volume: &PersistentVolume<'a>) -> Label<'a> {
    (volume.attributes_class, volume.mode, volume.access)
}
