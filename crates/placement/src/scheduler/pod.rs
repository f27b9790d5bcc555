//! Pods, as far as the scheduler looks at them.

use std::borrow::Cow;

use seaworthy_object::{Field, Quantity, Selector};

use super::NodeId;

/// What pods of one template need, compiled; the scheduler keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NeedsId(pub(super) u32);

/// A pod that runs on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PodId(pub(crate) u32);

/// One pod to be placed, or placed already.
#[derive(Debug, Clone)]
pub struct PodToPlace<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// What it needs.
    pub needs: NeedsId,
    /// Labels of this pod alone, beside those of its template: its ordinal. A `matchLabelKeys` does not see them.
    pub labels: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// The node that a DaemonSet's pod is made for (a required node affinity to `metadata.name`).
    pub pinned: Option<NodeId>,
    /// The ordinal of a StatefulSet's pod: its claims are called after it.
    pub ordinal: Option<i64>,
}

/// What admission and controllers add to a pod as it is written.
#[derive(Debug, Clone, Default)]
pub struct Admitted<'a> {
    /// Labels that all pods of the template get: `pod-template-hash`, `job-name`.
    pub labels: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// The value of its PriorityClass, or of the global default; what the pod itself says wins.
    pub priority: i32,
    /// True if its PriorityClass has `preemptionPolicy: Never`; what the pod itself says wins.
    pub never_preempts: bool,
    /// `overhead.podFixed` of its RuntimeClass; what the pod itself says wins.
    pub overhead: Option<Field<'a>>,
    /// `scheduling.nodeSelector` of its RuntimeClass.
    pub node_selector: Option<Field<'a>>,
    /// Tolerations that a DaemonSet's controller, a RuntimeClass or a plugin of the server adds.
    pub tolerations: Vec<Toleration<'a>>,
    /// `defaultRequest` of the LimitRanges: what every container requests that says nothing of it.
    pub default_requests: Vec<(&'a str, Quantity)>,
    /// The selectors of the Services and of the controller that own the pod: among their pods it is spread by default.
    pub selected_by: Vec<Selector<'a>>,
}

/// A toleration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Toleration<'a> {
    /// The key; empty for all.
    pub key: &'a str,
    /// `Equal` or `Exists`; empty is `Equal`.
    pub operator: &'a str,
    /// The value.
    pub value: &'a str,
    /// The effect; empty for all.
    pub effect: &'a str,
}

impl<'a> Toleration<'a> {
    /// An entry of `tolerations`.
    #[must_use]
    pub fn of(field: Field<'a>) -> Self {
        let text = |key: &str| field.get(key).map_or("", |it| it.text());
        Self { key: text("key"), operator: text("operator"), value: text("value"), effect: text("effect") }
    }
}
