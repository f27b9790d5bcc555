//! What is asked of a fleet and its cluster.

use seaworthy_facts::NodeFacts;

/// A fleet at some size, on a cluster at some size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// How many replicas there are.
    pub scale: Scale,
    /// How many nodes groups have that can grow.
    pub groups: Groups,
    /// What is gone.
    pub without: Vec<Without>,
    /// Nodes that are added.
    pub add: Vec<NodeFacts>,
}

/// How many replicas the workloads have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// As many as the manifests say; within its bounds where an autoscaler has a say.
    #[default]
    Declared,
    /// As few as autoscalers may leave.
    HpaMin,
    /// As many as autoscalers may make.
    HpaMax,
    /// As many as are there in the middle of a rollout: with those that `maxSurge` allows on top.
    Surge,
}

/// How many nodes a group has that can grow and shrink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Groups {
    /// Its minimum.
    Min,
    /// As many as it starts with.
    #[default]
    Now,
    /// Its maximum.
    Max,
}

/// What fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Without {
    /// The node of this name.
    Node(String),
    /// All nodes of this zone.
    Zone(String),
}

impl Question {
    /// The same without something more.
    #[must_use]
    pub fn without(&self, gone: Without) -> Self {
        let mut question = self.clone();
        question.without.push(gone);
        question
    }
}
