//! The default scheduler of Kubernetes: which nodes a pod may run on, why not on the others, and which one it takes.
//!
//! Nodes and pods are given once and compiled to numbers: names of labels and resources, their values, selectors. Pods
//! that are alike share their [`NeedsId`]. In the loop over nodes nothing is read from a manifest and no text is
//! compared; who runs where is counted as pods come and go.

mod asked;
mod crowd;
mod features;
mod filter;
mod fixed;
mod images;
mod message;
mod names;
mod needs;
mod node;
mod pod;
mod preemption;
mod reason;
mod request;
mod score;
mod state;
mod table;
#[cfg(test)]
mod tests;

pub use filter::{By, Filtered, Whole};
pub use node::{Node, NodeId, NodeTaint};
pub use pod::{Admitted, NeedsId, PodId, PodToPlace, Toleration};
pub use preemption::Preemption;
pub use reason::{Reason, ResourceId, TaintId};

use std::borrow::Cow;

use seaworthy_object::{Quantity, Selector, Version};

use crate::devices::Devices;
use crate::storage::{VolumePod, Volumes};

use asked::{Ask, of_selector};
use crowd::Crowd;
use fixed::FixedAll;
use images::Images;
use names::{Name, Names};
use needs::Needs;
use request::Known;
use state::{NodeState, TaintKey};
use table::{Table, hash};

/// Classes of devices stand for resources from here on.
const DEVICE_RESOURCES_SINCE: u8 = 36;

/// A cluster as the scheduler sees it while it places one pod after the other.
pub struct Scheduler<'a> {
    version: Version,
    nodes: Vec<Node<'a>>,
    states: Vec<NodeState>,
    by_name: Table,
    taints: Vec<TaintKey>,
    names: Names<'a>,
    known: Known,
    images: Images,
    fixed: FixedAll,
    needs: Vec<Needs<'a>>,
    crowd: Crowd,
    pods: Vec<Running<'a>>,
    budgets: Vec<Budget>,
    /// Resources that classes of devices stand for: who has them nobody here knows.
    devices: Vec<Name>,
    volumes: Volumes<'a>,
    claimed: Devices<'a>,
    /// How many pods have come and gone.
    changes: u64,
    tried: Option<Tried>,
}

/// What was tried last to make room: for which pod, and after how many changes.
struct Tried {
    needs: NeedsId,
    class: u32,
    pinned: Option<NodeId>,
    changes: u64,
    outcome: Preemption,
}

/// A pod that runs, or ran.
struct Running<'a> {
    pod: PodToPlace<'a>,
    class: u32,
    node: NodeId,
    is_gone: bool,
}

/// A PodDisruptionBudget.
struct Budget {
    namespace: Name,
    selector: Vec<Ask>,
    allowed: i64,
}

/// How much of a resource a node has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill<'s> {
    /// `cpu`, `memory`, `pods`, …
    pub resource: &'s str,
    /// What it has for pods; nothing if that is not known.
    pub allocatable: Option<Quantity>,
    /// What its pods request.
    pub requested: Quantity,
}

impl<'a> Scheduler<'a> {
    /// A cluster of these nodes, on which nothing runs.
    #[must_use]
    pub fn new(version: Version, nodes: Vec<Node<'a>>, volumes: Volumes<'a>) -> Self {
        let mut names = Names::default();
        let known = Known::new(&mut names);
        // Asked for before any pod names them.
        names.of("node.kubernetes.io/unschedulable");
        let (mut taints, mut taint_of) = (Vec::new(), Table::default());
        let mut states: Vec<_> =
            nodes.iter().map(|it| NodeState::of(it, known, &mut names, &mut taints, &mut taint_of)).collect();
        let (images, images_of) = Images::of(&nodes, &mut names);
        states.iter_mut().zip(images_of).for_each(|(state, images)| state.images = images);
        let mut by_name = Table::default();
        for (state, id) in states.iter().zip(0..) {
            by_name.put(hash(state.name), id);
        }
        Self {
            version,
            nodes,
            states,
            by_name,
            taints,
            names,
            known,
            images,
            fixed: FixedAll::default(),
            needs: Vec::new(),
            crowd: Crowd::default(),
            pods: Vec::new(),
            budgets: Vec::new(),
            devices: Vec::new(),
            volumes,
            claimed: Devices::default(),
            changes: 0,
            tried: None,
        }
    }

    /// Names a namespace and its labels, before pods are given. Of one that is not named only its name is known.
    pub fn add_namespace(&mut self, name: Cow<'a, str>, labels: Vec<(Cow<'a, str>, Cow<'a, str>)>) {
        let own = (Cow::Borrowed("kubernetes.io/metadata.name"), name.clone());
        let labels = self.names.labels(labels.into_iter().chain([own]));
        let name = self.names.of(name);
        self.crowd.add_namespace(name, labels);
    }

    /// Adds a PodDisruptionBudget: which pods, and how many more of them may be evicted.
    pub fn add_budget(&mut self, namespace: &'a str, selector: &Selector<'a>, allowed: i64) {
        let selector = of_selector(selector, &mut self.names);
        self.budgets.push(Budget { namespace: self.names.of(namespace), selector, allowed });
    }

    /// Gives it the devices that pods claim; without them nobody knows who gets his.
    pub(crate) fn set_devices(&mut self, devices: Devices<'a>) {
        self.claimed = devices;
    }

    /// Why nobody knows whether a pod gets the devices that it claims on a node.
    pub(crate) fn devices_doubt(&self, pod: &PodToPlace<'a>, node: NodeId) -> Option<&'static str> {
        let devices = self.devices_of(pod)?;
        self.claimed.doubt(&devices, (node, self.nodes.get(node.0 as usize)?))
    }

    /// Adds a DeviceClass: the resource that pods may ask for in its place (`DRAExtendedResource`).
    pub fn add_device_class(&mut self, name: &str, resource: Option<&'a str>) {
        if self.version.minor() < DEVICE_RESOURCES_SINCE {
            return;
        }
        let own = self.names.of(format!("deviceclass.resource.kubernetes.io/{name}"));
        self.devices.push(own);
        self.devices.extend(resource.map(|it| self.names.of(it)));
    }

    /// Lets a pod run on a node of which only its requests are known, and which nothing evicts: thousandths of
    /// processors and MiB of memory.
    pub(crate) fn occupy(&mut self, node: NodeId, cpu: i64, memory: i64) {
        if let Some(state) = self.states.get_mut(node.0 as usize) {
            state.occupy(cpu, memory.saturating_mul(1 << 20));
        }
    }

    /// How many thousandths of processors are left on a node; all if nobody knows.
    pub(crate) fn processors_left(&self, node: NodeId) -> i64 {
        let Some(state) = self.state(node) else { return 0 };
        state.base[0].map_or(i64::MAX, |all| all.saturating_sub(state.used[0]))
    }

    /// The nodes in the order in which they were given.
    #[must_use]
    pub fn nodes(&self) -> &[Node<'a>] {
        &self.nodes
    }

    /// The node of a name.
    #[must_use]
    pub fn node_named(&self, name: &str) -> Option<NodeId> {
        self.named(self.names.find(name)?)
    }

    fn named(&self, name: Name) -> Option<NodeId> {
        let is_it = |at: usize| self.states.get(at).is_some_and(|it| it.name == name);
        self.by_name.find(hash(name), &is_it).map(NodeId)
    }

    /// What claims, volumes and classes say.
    #[must_use]
    pub fn volumes(&self) -> &Volumes<'a> {
        &self.volumes
    }

    /// True if a pod needs something of the kubelet, and nobody says what that of a node can do.
    pub(crate) fn may_lack_features(&self, needs: NeedsId, node: NodeId) -> bool {
        let needs = self.needs.get(needs.0 as usize).is_some_and(|it| !it.features.is_empty());
        needs && self.state(node).is_some_and(|it| it.features.is_none())
    }

    fn state(&self, node: NodeId) -> Option<&NodeState> {
        self.states.get(node.0 as usize)
    }

    /// Lets a pod run on a node, whether or not it fits: so do pods that name their node.
    pub fn assign(&mut self, pod: &PodToPlace<'a>, node: NodeId) -> PodId {
        let class = self.class_of(pod.needs, &pod.labels);
        let id = PodId(u32::try_from(self.pods.len()).unwrap_or(u32::MAX));
        if let Some(needs) = self.needs.get(pod.needs.0 as usize).filter(|it| it.has_volumes)
            && let Some(of) = self.nodes.get(node.0 as usize)
        {
            let asking = VolumePod { pod: needs.pod, name: &pod.name, ordinal: pod.ordinal };
            let volumes = self.volumes.volumes_of(asking);
            self.volumes.assume(&volumes, of, node, id);
        }
        if let Some(needs) = self.needs.get(pod.needs.0 as usize).filter(|it| it.claims_devices)
            && let Some(of) = self.nodes.get(node.0 as usize)
            && let Ok(devices) = self.claimed.pre_filter(needs.pod, &pod.name)
        {
            self.claimed.assume(&devices, needs.bypasses, (node, of), id);
        }
        self.pods.push(Running { pod: pod.clone(), class, node, is_gone: true });
        self.count(id, true);
        id
    }

    /// Takes a pod away.
    pub fn remove(&mut self, pod: PodId) {
        self.count(pod, false);
        self.volumes.forget(pod);
        self.claimed.forget(pod);
    }

    /// The pods of a node in the order in which they came.
    #[must_use]
    pub fn pods_on(&self, node: NodeId) -> &[PodId] {
        self.state(node).map_or(&[], |it| &it.pods)
    }

    /// A pod that runs, or ran.
    #[must_use]
    pub fn pod(&self, pod: PodId) -> Option<&PodToPlace<'a>> {
        self.pods.get(pod.0 as usize).map(|it| &it.pod)
    }

    /// A pod comes or leaves, its volumes aside.
    fn count(&mut self, pod: PodId, comes: bool) {
        let Some(running) = self.pods.get_mut(pod.0 as usize).filter(|it| it.is_gone == comes) else { return };
        running.is_gone = !comes;
        self.changes += 1;
        let Some(needs) = self.needs.get(running.pod.needs.0 as usize) else { return };
        let Some(state) = self.states.get_mut(running.node.0 as usize) else { return };
        let sign = if comes { 1 } else { -1 };
        state.count(needs, pod, comes);
        self.crowd.count(running.class, running.node, &state.labels, sign);
        for &(holder, weight) in &needs.holds {
            self.crowd.hold(holder, &state.labels, weight.saturating_mul(sign));
        }
    }

    /// What a node has and what its pods request, resource by resource: cpu, memory, ephemeral storage, pods, others.
    #[must_use]
    pub fn free(&self, node: NodeId) -> Vec<Fill<'_>> {
        let Some(state) = self.state(node) else { return Vec::new() };
        let names = ["cpu", "memory", "ephemeral-storage"];
        let base = state.base.iter().zip(state.used).zip(names).map(|((all, used), name)| (name, *all, used));
        let pods = ("pods", state.most_pods, state.count_pods());
        let extra = state.extra.iter().map(|it| (self.names.text(it.resource), it.allocatable, it.used));
        base.chain([pods])
            .chain(extra)
            .map(|(resource, all, used)| Fill {
                resource,
                allocatable: all.map(|it| quantity(resource, it)),
                requested: quantity(resource, used),
            })
            .collect()
    }
}

/// An amount as it is counted, in the form that people write: `250m`, `16Gi`.
fn quantity(resource: &str, amount: i64) -> Quantity {
    let text = match resource {
        "cpu" => format!("{amount}m"),
        "memory" | "ephemeral-storage" if amount % 1024 == 0 => format!("{}Ki", amount / 1024),
        _ => amount.to_string(),
    };
    text.parse().unwrap_or(Quantity::zero())
}
