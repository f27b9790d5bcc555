//! Why a node is none for a pod, in the scheduler's words.

use std::borrow::Cow;

use super::Scheduler;
use super::names::Name;
use crate::storage::VolumeReason;

/// A resource by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId(pub(super) u32);

/// A taint by its number: the same on all nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaintId(pub(super) u32);

/// Why a pod cannot run on a node. [`Scheduler::words`] says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// The pod's affinity names other nodes.
    Narrowed,
    /// `spec.unschedulable`.
    Unschedulable,
    /// The pod names another node.
    NodeName,
    /// A taint of the node is not tolerated.
    Taint(TaintId),
    /// `nodeSelector` or node affinity.
    Affinity,
    /// A host port is taken.
    HostPort,
    /// The node runs as many pods as it may.
    TooManyPods,
    /// Too little of a resource is left.
    Insufficient(ResourceId),
    /// More is requested than the node has in all.
    Exceeds(ResourceId),
    /// Volumes.
    Volume(VolumeReason),
    /// Topology spread.
    Spread,
    /// The node lacks a label that the pods are spread over.
    SpreadLabel,
    /// Pod affinity.
    PodAffinity,
    /// Pod anti-affinity.
    PodAntiAffinity,
    /// The anti-affinity of a pod that runs already.
    ExistingAntiAffinity,
    /// The devices of the node do not suffice.
    NoDevices,
    /// The same, and a pool of devices is wrong.
    WrongPools,
    /// A device that the pod has already is on another node.
    DevicesElsewhere,
    /// The kubelet of the node does not declare what the pod needs of it.
    Features,
}

/// The taint is not named any more from here on.
const TAINTS_UNNAMED_SINCE: u8 = 34;
/// Nodes that the affinity does not name have a reason of their own from here on.
const NARROWED_SINCE: u8 = 32;

impl Reason {
    /// True if no eviction helps (`UnschedulableAndUnresolvable`).
    #[must_use]
    pub fn is_unresolvable(self) -> bool {
        match self {
            Reason::HostPort
            | Reason::TooManyPods
            | Reason::Insufficient(_)
            | Reason::Spread
            | Reason::PodAntiAffinity
            | Reason::ExistingAntiAffinity => false,
            Reason::Volume(reason) => reason.is_unresolvable,
            _ => true,
        }
    }
}

impl Scheduler<'_> {
    /// A reason in the scheduler's words. Empty for one that it does not speak of.
    #[must_use]
    pub fn words(&self, reason: Reason) -> Cow<'_, str> {
        Cow::Borrowed(match reason {
            Reason::Narrowed if self.version.minor() < NARROWED_SINCE => "",
            Reason::Narrowed => "node(s) didn't satisfy plugin(s) [NodeAffinity]",
            Reason::Unschedulable => "node(s) were unschedulable",
            Reason::NodeName => "node(s) didn't match the requested node name",
            Reason::Taint(_) if self.version.minor() >= TAINTS_UNNAMED_SINCE => "node(s) had untolerated taint(s)",
            Reason::Taint(taint) => {
                let taint = self.taints.get(taint.0 as usize);
                let (key, value) = taint.map_or(("", ""), |it| (self.names.text(it.key), self.names.text(it.value)));
                return Cow::Owned(format!("node(s) had untolerated taint {{{key}: {value}}}"));
            }
            Reason::Affinity => "node(s) didn't match Pod's node affinity/selector",
            Reason::HostPort => "node(s) didn't have free ports for the requested pod ports",
            Reason::TooManyPods => "Too many pods",
            Reason::Insufficient(resource) | Reason::Exceeds(resource) => {
                return Cow::Owned(format!("Insufficient {}", self.names.text(Name(resource.0))));
            }
            Reason::Volume(reason) => return self.volumes.words(reason),
            Reason::Spread => "node(s) didn't match pod topology spread constraints",
            Reason::SpreadLabel => "node(s) didn't match pod topology spread constraints (missing required label)",
            Reason::PodAffinity => "node(s) didn't match pod affinity rules",
            Reason::PodAntiAffinity => "node(s) didn't match pod anti-affinity rules",
            Reason::NoDevices => "cannot allocate all claims",
            Reason::WrongPools => "invalid resource pools were encountered",
            Reason::DevicesElsewhere => "resourceclaim not available on the node",
            Reason::Features => "node(s) didn't match Pod's required features",
            Reason::ExistingAntiAffinity => "node(s) didn't satisfy existing pods anti-affinity rules",
        })
    }
}
