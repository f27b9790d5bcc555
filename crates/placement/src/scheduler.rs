//! The default scheduler of Kubernetes: which nodes a pod may run on, why not on the others, and which one it takes.
//!
//! Nodes and pods are given once and compiled to numbers: names of labels and resources, their values, selectors. Pods
//! that are alike share their [`NeedsId`]; what was found out for one of them is kept for the next, and only the nodes
//! that have changed since are looked at again.

mod node;
mod pod;
mod reason;
mod volumes;

pub use node::{Node, NodeId, NodeTaint};
pub use pod::{Admitted, NeedsId, PodId, PodToPlace, Toleration};
pub use reason::{Reason, ResourceId};
pub use volumes::{PodVolumes, VolumePod, VolumeReason, Volumes};

use std::borrow::Cow;

use seaworthy_object::{Pod, Quantity, Selector, Version};

/// A cluster as the scheduler sees it while it places one pod after the other.
pub struct Scheduler<'a> {
    #[allow(dead_code, reason = "the skeleton")]
    version: Version,
    nodes: Vec<Node<'a>>,
    #[allow(dead_code, reason = "the skeleton")]
    volumes: Volumes<'a>,
}

/// What the filters say to a pod.
#[derive(Debug, Clone, Default)]
pub struct Filtered {
    /// The nodes that it may run on, in order.
    pub candidates: Vec<NodeId>,
    /// The nodes that it may run on, if what is not known of them suffices, in order.
    pub unsure: Vec<NodeId>,
    /// Why not on the others, in order.
    pub rejected: Vec<(NodeId, Vec<Reason>)>,
    /// What keeps it from all nodes, before any node is looked at: a claim that is not there, a scheduling gate.
    pub whole: Option<String>,
}

/// What the scheduler would do to make room (`framework/preemption`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preemption {
    /// These pods would be evicted from this node, and the pod would run there.
    Victims(NodeId, Vec<PodId>),
    /// Nothing helps: what the scheduler says of it.
    Unhelpful(String),
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
        Self { version, nodes, volumes }
    }

    /// Names a namespace and its labels. Of one that is not named only its name is known.
    pub fn add_namespace(&mut self, name: Cow<'a, str>, labels: Vec<(Cow<'a, str>, Cow<'a, str>)>) {
        let _ = (name, labels);
    }

    /// Adds a PodDisruptionBudget: which pods, and how many more of them may be evicted.
    pub fn add_budget(&mut self, namespace: &'a str, selector: &Selector<'a>, allowed: i64) {
        let _ = (namespace, selector, allowed);
    }

    /// Compiles what pods of a template need. The same for all of its replicas.
    pub fn needs(&mut self, pod: Pod<'a>, admitted: &Admitted<'a>) -> NeedsId {
        let _ = (pod, admitted);
        NeedsId(0)
    }

    /// The nodes in the order in which they were given.
    #[must_use]
    pub fn nodes(&self) -> &[Node<'a>] {
        &self.nodes
    }

    /// The node of a name.
    #[must_use]
    pub fn node_named(&self, name: &str) -> Option<NodeId> {
        let at = self.nodes.iter().position(|it| it.name == name)?;
        u32::try_from(at).ok().map(NodeId)
    }

    /// On which nodes a pod may run.
    pub fn filter(&mut self, pod: &PodToPlace<'a>) -> Filtered {
        let _ = pod;
        Filtered { candidates: (0..).zip(&self.nodes).map(|(at, _)| NodeId(at)).collect(), ..Filtered::default() }
    }

    /// What the scheduler says of a pod that has no candidates, word for word (`FitError.Error`).
    pub fn message(&mut self, pod: &PodToPlace<'a>, filtered: &Filtered) -> String {
        let _ = (pod, filtered);
        String::new()
    }

    /// What the scheduler would do to make room for a pod that has no candidates.
    pub fn preempt(&mut self, pod: &PodToPlace<'a>, filtered: &Filtered) -> Preemption {
        let _ = (pod, filtered);
        Preemption::Unhelpful(String::new())
    }

    /// The candidate that it takes. Where the scheduler throws dice, the first one in the order of nodes.
    pub fn choose(&mut self, pod: &PodToPlace<'a>, filtered: &Filtered) -> Option<NodeId> {
        let _ = pod;
        filtered.candidates.first().copied()
    }

    /// Lets a pod run on a node, whether or not it fits: so do pods that name their node.
    pub fn assign(&mut self, pod: &PodToPlace<'a>, node: NodeId) -> PodId {
        let _ = (pod, node);
        PodId(0)
    }

    /// Takes a pod away.
    pub fn remove(&mut self, pod: PodId) {
        let _ = pod;
    }

    /// What a node has and what its pods request, resource by resource: cpu, memory, ephemeral storage, pods, others.
    #[must_use]
    pub fn free(&self, node: NodeId) -> Vec<Fill<'_>> {
        let _ = node;
        Vec::new()
    }

    /// A reason in the scheduler's words.
    #[must_use]
    pub fn words(&self, reason: Reason) -> Cow<'_, str> {
        let _ = reason;
        Cow::Borrowed("")
    }
}
