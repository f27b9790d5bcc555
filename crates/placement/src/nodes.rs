//! The nodes of a cluster: Node objects, and groups of nodes that are alike.

use std::borrow::Cow;

use seaworthy_facts::NodeFacts;
use seaworthy_fleet::Fleet;
use seaworthy_object::Quantity;

use crate::question::{Groups, Question, Without};
use crate::scheduler::{Node, NodeTaint};

/// So many nodes are looked at: three times what one cluster may have (5,000).
pub(crate) const MOST_NODES: usize = 15_000;

/// How many pods a kubelet runs where nothing is said (`maxPods`, `pkg/kubelet/apis/config/v1beta1/defaults.go`).
const USUAL_PODS: i64 = 110;

const HOSTNAME: &str = "kubernetes.io/hostname";
const ZONE: &str = "topology.kubernetes.io/zone";
const INSTANCE_TYPE: &str = "node.kubernetes.io/instance-type";

/// The nodes of a cluster, and whether there are more than are looked at.
pub(crate) struct Nodes<'a> {
    pub(crate) nodes: Vec<Node<'a>>,
    pub(crate) is_cut: bool,
}

impl<'a> Nodes<'a> {
    /// All nodes that are known, as they are asked for.
    pub(crate) fn of(fleet: &Fleet<'a>, question: &Question) -> Self {
        let objects = fleet.of_kind("", "Node").filter(|it| fleet.is_last_definition(it));
        let mut all = Self { nodes: Vec::new(), is_cut: false };
        objects.for_each(|it| all.push(Node::of(it)));
        let named = all.nodes.len();
        for group in &fleet.facts().nodes {
            let is_known = |name: &str| all.nodes.iter().take(named).any(|it| it.name == name);
            if !group.name.as_deref().is_some_and(is_known) {
                all.push_group(group, question, "node");
            }
        }
        question.add.iter().for_each(|it| all.push_group(it, question, "added"));
        all.nodes.retain(|node| !question.without.iter().any(|gone| gone.takes(node)));
        all
    }

    fn push(&mut self, node: Node<'a>) {
        self.is_cut |= self.nodes.len() >= MOST_NODES;
        if !self.is_cut {
            self.nodes.push(node);
        }
    }

    /// The nodes of a group, called after it.
    fn push_group(&mut self, group: &NodeFacts, question: &Question, called: &str) {
        if let (true, Some(name)) = (group.is_node, &group.name) {
            return self.push(node(group, name.clone(), 0));
        }
        let count = match question.groups {
            Groups::Min => group.min.unwrap_or(group.count),
            Groups::Now => group.count,
            Groups::Max => group.max.unwrap_or(group.count),
        };
        let called = group.name.as_deref().or(group.instance_types.first().map(String::as_str)).unwrap_or(called);
        // Groups of one name go on counting.
        let before = self.nodes.iter().filter(|it| it.name.starts_with(called)).count();
        for at in (0..count as usize).take_while(|_| !self.is_cut).collect::<Vec<_>>() {
            self.push(node(group, format!("{called}-{}", before + at), at));
        }
    }
}

impl Without {
    /// True if it takes this node away.
    fn takes(&self, node: &Node<'_>) -> bool {
        match self {
            Without::Node(name) => node.name == *name,
            Without::Zone(zone) => node.zone() == Some(zone),
        }
    }
}

/// A node of a group, or one that is known by its facts alone. What is not said of a group its nodes have, and nobody
/// knows how much of it.
fn node<'a>(group: &NodeFacts, name: String, at: usize) -> Node<'a> {
    let owned = |text: &str| Cow::Owned(text.to_owned());
    let mut labels: Vec<(Cow<'a, str>, Cow<'a, str>)> =
        group.labels.iter().map(|(key, value)| (owned(key), owned(value))).collect();
    let mut allocatable: Vec<(Cow<'a, str>, Option<Quantity>)> =
        group.allocatable.iter().map(|(resource, amount)| (owned(resource), amount.parse().ok())).collect();
    if !group.is_node {
        let zone = group.zones.get(at % group.zones.len().max(1));
        let of_type = if let [one] = group.instance_types.as_slice() { Some(one.as_str()) } else { None };
        let known = [
            (HOSTNAME, Some(name.as_str())),
            (ZONE, zone.map(String::as_str)),
            (INSTANCE_TYPE, of_type),
            ("kubernetes.io/os", Some("linux")),
        ];
        for (key, value) in known {
            if let Some(value) = value.filter(|_| !labels.iter().any(|it| it.0 == key)) {
                labels.push((Cow::Borrowed(key), owned(value)));
            }
        }
        let is_any = group.instance_types.is_empty();
        for resource in ["cpu", "memory", "ephemeral-storage", "pods"] {
            if !allocatable.iter().any(|it| it.0 == resource) {
                let usual = (resource == "pods" && is_any).then(|| Quantity::from_units(USUAL_PODS));
                allocatable.push((Cow::Borrowed(resource), usual));
            }
        }
    }
    Node {
        name: Cow::Owned(name),
        labels,
        taints: (group.taints.iter())
            .map(|it| NodeTaint {
                key: owned(&it.key),
                value: owned(it.value.as_deref().unwrap_or("")),
                effect: owned(&it.effect),
            })
            .collect(),
        is_unschedulable: group.unschedulable,
        is_unmeasured: allocatable.is_empty(),
        allocatable,
    }
}
