//! All pods of a fleet placed on a cluster, one after the other, as its scheduler would.

use std::borrow::Cow;

use seaworthy_fleet::Fleet;
use seaworthy_object::{Pod, Version};

use crate::expand::{Batch, batches};
use crate::nodes::Nodes;
use crate::placer::Placer;
use crate::question::Question;
use crate::scheduler::{Fill, Node, NodeId, PodId, Reason, Scheduler};
use crate::storage::{Bindings, Fate, Volumes};

/// What becomes of pods.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// They run on these nodes, so many on each.
    Placed(Vec<(NodeId, u64)>),
    /// They wait.
    Pending {
        /// What the scheduler says, word for word; else why it is not asked: a node that is not there, a pod before it
        /// that does not run.
        message: String,
        /// The node it would make room on, and how many pods it would evict there.
        evicts: Option<(NodeId, usize)>,
    },
    /// Nobody knows.
    Unknown(Cow<'static, str>),
}

/// Pods of one workload of which the same is to be said.
#[derive(Debug, Clone)]
pub struct PodGroup<'a> {
    /// The pod, or the template of the pods.
    pub pod: Pod<'a>,
    /// What they are called; `*` stands for what only the cluster knows.
    pub name: String,
    /// How many there are.
    pub count: u64,
    /// What becomes of them.
    pub outcome: Outcome,
    /// The nodes that the first of them may run on.
    pub candidates: Vec<NodeId>,
    /// Why the first of them may not run on others; a node is there once for each reason.
    pub rejected: Vec<(NodeId, Reason)>,
    /// False if there were too many nodes to keep in all.
    pub is_listed: bool,
}

/// A fleet on its cluster.
pub struct Placement<'a> {
    pub(crate) groups: Vec<PodGroup<'a>>,
    pub(crate) scheduler: Scheduler<'a>,
    pub(crate) version: Version,
    pub(crate) is_cut: bool,
    /// What was placed, and where: to see what is left after a failure.
    pub(crate) batches: Vec<Batch<'a>>,
    pub(crate) runs: Vec<Run>,
}

impl<'a> Placement<'a> {
    /// Places all pods of a fleet.
    #[must_use]
    pub fn of(fleet: &Fleet<'a>, bindings: &Bindings<'a>, question: &Question) -> Self {
        Self::while_wanted(fleet, bindings, question, batches(fleet, question.scale), &|| true)
    }

    /// Places some pods of a fleet, while somebody says that it is to go on.
    pub(crate) fn while_wanted(
        fleet: &Fleet<'a>,
        bindings: &Bindings<'a>,
        question: &Question,
        batches: Vec<Batch<'a>>,
        goes_on: &dyn Fn() -> bool,
    ) -> Self {
        let version = version_of(fleet);
        let nodes = Nodes::of(fleet, question);
        let mut placer = Placer::on(fleet, nodes, Volumes::of(fleet, bindings, version)).while_wanted(goes_on);
        let queue = placer.admit(&batches);
        let queue = placer.run_bound(queue);
        placer.place(queue);
        placer.placement(batches)
    }

    /// The pods, in the order of their objects.
    #[must_use]
    pub fn pods(&self) -> &[PodGroup<'a>] {
        &self.groups
    }

    /// The pods of one workload.
    pub fn pods_of<'p>(&'p self, pod: Pod<'a>) -> impl Iterator<Item = &'p PodGroup<'a>> {
        self.groups.iter().filter(move |it| it.pod.object().root() == pod.object().root())
    }

    /// The nodes.
    #[must_use]
    pub fn nodes(&self) -> &[Node<'a>] {
        self.scheduler.nodes()
    }

    /// A node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&Node<'a>> {
        self.nodes().get(id.0 as usize)
    }

    /// What a node has and what its pods request, resource by resource.
    #[must_use]
    pub fn fills(&self, node: NodeId) -> Vec<Fill<'_>> {
        self.scheduler.free(node)
    }

    pub(crate) fn name_of(&self, pod: PodId) -> Option<&str> {
        self.scheduler.pod(pod).map(|it| &*it.name)
    }

    /// What became of a claim, by its place in [`Bindings::all`], since pods were placed.
    #[must_use]
    pub fn fate(&self, claim: usize) -> Fate<'a> {
        self.scheduler.volumes().fate(claim)
    }

    /// A reason in the scheduler's words.
    #[must_use]
    pub fn words(&self, reason: Reason) -> Cow<'_, str> {
        self.scheduler.words(reason)
    }

    /// The version of the scheduler: the newest of those asked for.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// True if there are more nodes than were looked at.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// How many pods there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.sum(|_| true)
    }

    /// How many wait.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.sum(|it| matches!(it, Outcome::Pending { .. }))
    }

    /// Of how many nobody knows.
    #[must_use]
    pub fn unknown(&self) -> u64 {
        self.sum(|it| matches!(it, Outcome::Unknown(_)))
    }

    fn sum(&self, which: fn(&Outcome) -> bool) -> u64 {
        self.groups.iter().filter(|it| which(&it.outcome)).fold(0, |sum, it| sum.saturating_add(it.count))
    }
}

/// The version whose scheduler is meant: the newest of those asked for.
pub(crate) fn version_of(fleet: &Fleet<'_>) -> Version {
    fleet.facts().versions.iter().last().unwrap_or(Version::NEWEST)
}

/// A pod that runs: of which batch, which of it, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) order: usize,
    pub(crate) at: u64,
    pub(crate) pod: PodId,
    pub(crate) node: NodeId,
}
