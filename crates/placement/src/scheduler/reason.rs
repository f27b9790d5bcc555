//! Why a node is none for a pod, in the scheduler's words.

use super::VolumeReason;

/// A resource by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId(pub(super) u16);

/// Why a pod cannot run on a node. [`super::Scheduler::words`] says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// `spec.unschedulable`.
    Unschedulable,
    /// The pod names another node.
    NodeName,
    /// A taint of the node, by its place, is not tolerated.
    Taint(u16),
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
}
