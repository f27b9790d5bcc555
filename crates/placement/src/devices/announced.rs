//! The devices that drivers announce: ResourceSlices and their pools (`structured`, `GatherPools`).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use foldhash::HashSet;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Field, Object, Version};
use seaworthy_source::order;

use super::asked::text;
use super::{GROUP, Named};
use crate::scheduler::{Node, NodeId};
use crate::storage::Topology;

/// A device by its place among all.
pub(super) type DeviceId = u32;

/// A device of a slice.
#[derive(Clone)]
pub(super) struct Device<'a> {
    pub(super) driver: &'a str,
    pub(super) pool: &'a str,
    pub(super) name: &'a str,
    /// Its attributes and capacities lie here.
    pub(super) field: Field<'a>,
    /// True if nobody here knows whether it is free: it is shared, divided or bound on conditions, or a pod has it that
    /// may be gone.
    pub(super) is_odd: bool,
    on: Rc<Reach<'a>>,
}

/// The nodes that reach a device.
#[derive(Clone)]
pub(super) enum Reach<'a> {
    Node(&'a str),
    All,
    Selected(Vec<Term<'a>>),
    None,
}

/// A term of a node selector.
#[derive(Clone)]
pub(super) struct Term<'a> {
    labels: Topology<'a>,
    /// `metadata.name`: whether it must be one of these.
    names: Vec<(bool, Vec<&'a str>)>,
}

/// All devices.
#[derive(Clone, Default)]
pub(super) struct Announced<'a> {
    pub(super) devices: Vec<Device<'a>>,
    by_id: Named<'a>,
    /// Those that one node reaches, sorted by its name.
    of_one: Vec<(&'a str, DeviceId)>,
    /// Those that more than one may reach, by who does.
    of_many: Vec<(Rc<Reach<'a>>, Vec<DeviceId>)>,
    broken: Vec<Broken<'a>>,
    of_node: RefCell<Vec<Option<Rc<[DeviceId]>>>>,
    /// How many devices are kept there.
    kept: Cell<usize>,
    /// True if somebody announces something, or a copy of a cluster says that nobody does.
    pub(super) is_given: bool,
}

/// So many devices are kept of all nodes together; beyond that they are looked for anew.
const MOST_KEPT: usize = 2_000_000;

/// What makes a device one that is not modelled: it consumes counters, many claims share it, it is bound on conditions,
/// it stands for resources of its node.
const ODD: &[&str] = &["consumesCounters", "allowMultipleAllocations", "bindingConditions", "nodeAllocatableResources"];

impl<'a> Reach<'a> {
    /// The part of a slice or of a device that says which nodes reach it.
    fn of(field: Field<'a>) -> Self {
        let name = field.get("nodeName").map(|it| it.text()).filter(|it| !it.is_empty());
        if let Some(name) = name {
            return Reach::Node(name);
        }
        if field.get("allNodes").is_some_and(|it| it.is_true()) {
            return Reach::All;
        }
        field.get("nodeSelector").map_or(Reach::None, Self::selected)
    }

    /// A node selector.
    pub(super) fn selected(selector: Field<'a>) -> Self {
        let term = |field: Field<'a>| Term {
            labels: Topology::of_term(field),
            names: (field.items_at("matchFields"))
                .map(|it| {
                    let values = it.items_at("values").map(|it| it.text()).collect();
                    (it.str_at("operator") != Some("NotIn"), values)
                })
                .collect(),
        };
        Reach::Selected(selector.items_at("nodeSelectorTerms").map(term).collect())
    }

    /// True if a node reaches it (`NodeMatches`).
    pub(super) fn has(&self, node: &Node<'_>) -> bool {
        match self {
            Reach::Node(name) => node.name == *name,
            Reach::All => true,
            Reach::Selected(terms) => terms.iter().any(|term| {
                let is_empty = term.names.is_empty() && term.labels.is_anywhere();
                let named = |it: &(bool, Vec<&str>)| it.1.contains(&&*node.name) == it.0;
                !is_empty && term.labels.allows(node) && term.names.iter().all(named)
            }),
            Reach::None => false,
        }
    }
}

/// A slice of a pool that lacks another one, or that names a device twice.
#[derive(Clone)]
pub(super) struct Broken<'a> {
    pub(super) driver: &'a str,
    pub(super) pool: &'a str,
    /// The first device that it names twice.
    pub(super) twice: Option<&'a str>,
    on: Rc<Reach<'a>>,
}

/// Pools that lack a slice are left out from here on.
const WHOLE_SINCE: u8 = 35;

/// A slice, as far as its pool needs it.
struct Slice<'a> {
    spec: Field<'a>,
    pool: (&'a str, &'a str),
    generation: i64,
}

impl<'a> Announced<'a> {
    pub(super) fn of(fleet: &Fleet<'a>, version: Version) -> Self {
        let slices = fleet.of_kind(GROUP, "ResourceSlice").filter(|it| fleet.is_last_definition(it));
        let mut slices: Vec<Slice<'a>> = slices.filter_map(slice).collect();
        let lists_all = fleet.facts().listed.iter().any(|it| it.0 == GROUP && it.1 == "ResourceSlice");
        let mut all = Self { is_given: lists_all || !slices.is_empty(), ..Self::default() };
        order::sort_by_key(&mut slices, |it| it.pool);
        for pool in slices.chunk_by(|left, right| left.pool == right.pool) {
            let newest = pool.iter().map(|it| it.generation).max().unwrap_or(0);
            let newest: Vec<&Slice<'a>> = pool.iter().filter(|it| it.generation == newest).collect();
            all.add_pool(&newest, version);
        }
        for (device, id) in all.devices.iter().zip(0..) {
            match *device.on {
                Reach::Node(name) => all.of_one.push((name, id)),
                _ => match all.of_many.last_mut().filter(|it| Rc::ptr_eq(&it.0, &device.on)) {
                    Some(same) => same.1.push(id),
                    None => all.of_many.push((Rc::clone(&device.on), vec![id])),
                },
            }
            all.by_id.insert((device.driver, device.pool, device.name), id);
        }
        order::sort(&mut all.of_one);
        all
    }

    fn add_pool(&mut self, slices: &[&Slice<'a>], version: Version) {
        let wanted = slices.first().and_then(|it| it.spec.at("pool.resourceSliceCount")?.as_int()).unwrap_or(1);
        let mut names = HashSet::default();
        let devices = || slices.iter().flat_map(|it| it.spec.items_at("devices"));
        let is_whole = i64::try_from(slices.len()) == Ok(wanted);
        let twice = devices().map(|it| text(it, "name")).find(|it| !names.insert(*it));
        for slice in slices {
            let of_slice = Rc::new(Reach::of(slice.spec));
            if !is_whole || twice.is_some() {
                let (driver, pool) = slice.pool;
                self.broken.push(Broken { driver, pool, twice, on: Rc::clone(&of_slice) });
            }
            if twice.is_some() || (!is_whole && version.minor() >= WHOLE_SINCE) {
                continue;
            }
            let each = slice.spec.get("perDeviceNodeSelection").is_some_and(|it| it.is_true());
            for entry in slice.spec.items_at("devices") {
                // Before the first stable version what a device has was one level deeper.
                let field = entry.get("basic").unwrap_or(entry);
                let on = if each { Rc::new(Reach::of(field)) } else { Rc::clone(&of_slice) };
                self.devices.push(Device {
                    driver: slice.pool.0,
                    pool: slice.pool.1,
                    name: text(entry, "name"),
                    field,
                    is_odd: ODD.iter().any(|key| field.get(key).is_some()),
                    on,
                });
            }
        }
    }

    /// The device that an allocation names.
    pub(super) fn named(&self, [driver, pool, name]: [&str; 3]) -> Option<DeviceId> {
        self.by_id.get(&(driver, pool, name)).copied()
    }

    pub(super) fn get(&self, device: DeviceId) -> Option<&Device<'a>> {
        self.devices.get(device as usize)
    }

    /// The devices that a node reaches, in order.
    pub(super) fn on_node(&self, id: NodeId, node: &Node<'_>) -> Rc<[DeviceId]> {
        let at = id.0 as usize;
        if let Some(Some(found)) = self.of_node.borrow().get(at) {
            return Rc::clone(found);
        }
        let first = self.of_one.partition_point(|it| it.0 < &*node.name);
        let own = self.of_one.iter().skip(first).take_while(|it| it.0 == &*node.name);
        let mut found: Vec<DeviceId> = own.map(|it| it.1).collect();
        found.extend(self.of_many.iter().filter(|it| it.0.has(node)).flat_map(|it| &it.1));
        order::sort(&mut found);
        let found: Rc<[DeviceId]> = found.into();
        if self.kept.get() + found.len() <= MOST_KEPT {
            self.kept.set(self.kept.get() + found.len());
            let mut of_node = self.of_node.borrow_mut();
            if of_node.len() <= at {
                of_node.resize(at + 1, None);
            }
            of_node.get_mut(at).into_iter().for_each(|it| *it = Some(Rc::clone(&found)));
        }
        found
    }

    /// Nobody knows whether a device is free.
    pub(super) fn doubt(&mut self, device: DeviceId) {
        self.devices.get_mut(device as usize).into_iter().for_each(|it| it.is_odd = true);
    }

    /// True if a node reaches a device.
    pub(super) fn reaches(&self, node: &Node<'_>, device: DeviceId) -> bool {
        self.get(device).is_some_and(|it| it.on.has(node))
    }

    /// The pools that a node reaches and that are being updated, or are wrong.
    pub(super) fn broken_on<'s>(&'s self, node: &'s Node<'_>) -> impl Iterator<Item = &'s Broken<'a>> {
        self.broken.iter().filter(|it| it.on.has(node))
    }
}

fn slice<'a>(object: &'a Object<'a>) -> Option<Slice<'a>> {
    let spec = object.at("spec")?;
    let generation = spec.at("pool.generation").and_then(|it| it.as_int()).unwrap_or(0);
    Some(Slice { spec, pool: (text(spec, "driver"), spec.get("pool").map_or("", |it| text(it, "name"))), generation })
}
