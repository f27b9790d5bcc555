//! Nodes: one by one as `kubectl get nodes -o yaml` gives them, or in groups that are alike.

use seaworthy_document::Node;
use seaworthy_object::Object;

use crate::stated::{Stated, is_expression};

/// Nodes that are alike: one that was given, or a group that a document or a person states.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodeFacts {
    /// The name of the node or of the group.
    pub name: Option<String>,
    /// True for one node that was given as it is; false for a group, whose nodes get names of their own.
    pub is_node: bool,
    /// How many there are now: what the document wants at first.
    pub count: u32,
    /// How few there may be, where something changes their number.
    pub min: Option<u32>,
    /// How many there may be, where something changes their number.
    pub max: Option<u32>,
    /// The zones its nodes are in: spread over all of them; empty if unknown.
    pub zones: Vec<String>,
    /// The instance types of the provider; a node has one of them.
    pub instance_types: Vec<String>,
    /// What pods can have of each node, as far as it is stated: resource and quantity.
    pub allocatable: Vec<(String, String)>,
    /// Labels.
    pub labels: Vec<(String, String)>,
    /// Taints.
    pub taints: Vec<Taint>,
    /// `spec.unschedulable`: cordoned.
    pub unschedulable: bool,
    /// What of this nobody but the tool can tell.
    pub open: Open,
}

/// What is not known of nodes: their document says it by an expression, or leaves it to its tool. What is known of it
/// stands in [`NodeFacts`] all the same: the least of the counts, some of the labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Open {
    /// How many there are: there may be more than [`NodeFacts::count`].
    pub count: bool,
    /// Which zones they are in.
    pub zones: bool,
    /// Which instance type a node has: one of several, or another.
    pub instance_type: bool,
    /// There may be more labels.
    pub labels: bool,
    /// There may be more taints.
    pub taints: bool,
}

impl Open {
    /// Nothing is known.
    #[must_use]
    pub fn all() -> Self {
        Self { count: true, zones: true, instance_type: true, labels: true, taints: true }
    }
}

/// A taint of nodes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taint {
    /// Its key.
    pub key: String,
    /// Its value, if it has one.
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: String,
}

impl Taint {
    /// The taint that a mapping states: `key`, `value`, `effect`.
    pub(crate) fn stated(at: Node<'_>) -> Stated<'_, Self> {
        let text = |key: &str| at.get(key).map(|it| it.text().to_owned());
        let taint = Self {
            key: text("key").unwrap_or_default(),
            value: text("value"),
            effect: text("effect").unwrap_or_default(),
        };
        let parts = [Some(&taint.key), taint.value.as_ref(), Some(&taint.effect)];
        if taint.key.is_empty() || parts.into_iter().flatten().any(|it| is_expression(it)) {
            return Stated::unknown(at);
        }
        Stated::said(taint, at)
    }
}

/// The labels of nodes that name their zone; the second is the older one.
pub const ZONE_LABELS: [&str; 2] = ["topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"];
const INSTANCE_TYPE: [&str; 2] = ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"];

impl NodeFacts {
    /// Nodes that come and go as pods need them: how many, where and of which kind nobody can tell before.
    #[must_use]
    pub fn on_demand() -> Self {
        let name = Some("on demand".to_owned());
        Self { name, min: Some(0), open: Open::all(), ..Self::default() }
    }

    /// The facts of a Node; none for another kind.
    #[must_use]
    pub fn of(node: &Object<'_>) -> Option<Self> {
        if !node.is("", "Node") {
            return None;
        }
        let labels = node.labels();
        let first = |keys: [&str; 2]| keys.iter().find_map(|key| labels.get(key)).map(str::to_owned);
        let taints = node.field().items_at("spec.taints").map(|taint| {
            let text = |key: &str| taint.get(key).map(|it| it.text().to_owned());
            Taint {
                key: text("key").unwrap_or_default(),
                value: text("value"),
                effect: text("effect").unwrap_or_default(),
            }
        });
        // Without `allocatable` nothing is kept back for the system (`kubelet`: capacity is the default).
        let list = node.at("status.allocatable").or_else(|| node.at("status.capacity"));
        let allocatable = list.into_iter().flat_map(|it| it.entries());
        Some(Self {
            name: Some(node.name().to_owned()),
            is_node: true,
            count: 1,
            min: None,
            max: None,
            zones: first(ZONE_LABELS).into_iter().collect(),
            instance_types: first(INSTANCE_TYPE).into_iter().collect(),
            allocatable: allocatable
                .map(|(resource, amount)| (resource.to_owned(), amount.text().to_owned()))
                .collect(),
            labels: labels.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            taints: taints.collect(),
            unschedulable: node.at("spec.unschedulable").and_then(|it| it.as_bool()).unwrap_or(false),
            open: Open::default(),
        })
    }
}
