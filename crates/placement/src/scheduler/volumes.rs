//! What the scheduler asks of volumes: the shape that the engine of storage fills.

use seaworthy_object::Pod;

use super::{Node, NodeId, PodId};

/// Claims, volumes and classes of a cluster, and which pods use which.
#[derive(Debug, Default)]
pub struct Volumes<'a> {
    of: std::marker::PhantomData<&'a ()>,
}

/// A pod, as far as its volumes go.
#[derive(Debug, Clone, Copy)]
pub struct VolumePod<'s, 'a> {
    /// The object that makes it.
    pub pod: Pod<'a>,
    /// The name of the pod itself.
    pub name: &'s str,
    /// The ordinal of a StatefulSet's pod.
    pub ordinal: Option<i64>,
}

/// The volumes of one pod, looked up once.
#[derive(Debug, Clone, Default)]
pub struct PodVolumes;

/// Why a node is none for the volumes of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VolumeReason {
    /// In the scheduler's words.
    pub text: &'static str,
    /// True if no eviction helps (`UnschedulableAndUnresolvable`).
    pub is_unresolvable: bool,
}

impl<'a> Volumes<'a> {
    /// The volumes of a pod, or what keeps it from all nodes, in the scheduler's words and whether an eviction may help.
    ///
    /// # Errors
    /// What the first of the volume plugins that fails says.
    pub fn pre_filter(&self, pod: VolumePod<'_, 'a>) -> Result<PodVolumes, (String, bool)> {
        let _ = pod;
        Ok(PodVolumes)
    }

    /// Why the volumes of a pod do not fit a node: the reasons of the first volume plugin that fails, none if all pass.
    /// `gone` are pods that count as evicted.
    pub fn filter(&self, volumes: &PodVolumes, node: &Node<'_>, id: NodeId, gone: &[PodId]) -> Vec<VolumeReason> {
        let _ = (volumes, node, id, gone);
        Vec::new()
    }

    /// A pod runs on a node: its delayed claims take their volumes, and what it uses is used there.
    pub fn assume(&mut self, volumes: &PodVolumes, node: &Node<'_>, id: NodeId, pod: PodId) {
        let _ = (volumes, node, id, pod);
    }

    /// A pod is gone; its claims stay bound.
    pub fn forget(&mut self, pod: PodId) {
        let _ = pod;
    }
}
