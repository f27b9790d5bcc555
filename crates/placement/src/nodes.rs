//! The nodes of a cluster: one by one, or in groups that are alike.

use std::borrow::Cow;

use foldhash::{HashMap, HashSet};
use seaworthy_facts::{NodeFacts, ZONE_LABELS};
use seaworthy_fleet::Fleet;
use seaworthy_object::Quantity;
use seaworthy_source::order::filled;

use crate::place::version_of;
use crate::question::{Groups, Question, Without};
use crate::scheduler::{Node, NodeId, NodeTaint};

/// So many nodes are looked at: three times what one cluster may have (5,000).
pub(crate) const MOST_NODES: usize = 15_000;

/// So many labels, taints and resources are written down of all nodes of groups together: a hundred of each node.
const MOST_DETAILS: usize = 100 * MOST_NODES;

/// How many pods a kubelet runs where nothing is said (`maxPods`, `pkg/kubelet/apis/config/v1beta1/defaults.go`).
const USUAL_PODS: i64 = 110;

const HOSTNAME: &str = "kubernetes.io/hostname";
const INSTANCE_TYPE: &str = "node.kubernetes.io/instance-type";

/// What nobody knows about a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Hidden {
    /// It may have labels that are not listed; its zone among them.
    pub(crate) labels: bool,
    /// It is one of a group, of which nobody lists the labels that kubelets and clouds give.
    pub(crate) system: bool,
    /// It may have taints that are not listed.
    pub(crate) taints: bool,
}

/// The nodes of a cluster as they are asked for.
#[derive(Default)]
pub(crate) struct Nodes<'a> {
    pub(crate) nodes: Vec<Node<'a>>,
    unsaid: Unsaid,
    /// True if there are more than are looked at.
    pub(crate) is_cut: bool,
    /// How many nodes are called by a name and a number: groups of one name go on counting.
    counted: HashMap<String, usize>,
    /// How many labels, taints and resources the nodes of groups have together.
    details: usize,
}

impl<'a> Nodes<'a> {
    /// All nodes that are known, as they are asked for. Where nodes are given one by one, groups that documents state
    /// are these nodes.
    pub(crate) fn of(fleet: &Fleet<'a>, question: &Question) -> Self {
        let mut all = Self::default();
        for object in fleet.of_kind("", "Node").filter(|it| fleet.is_last_definition(it)) {
            all.push(Node::of(object), Hidden::default());
        }
        let facts = &fleet.facts().nodes;
        let given: HashSet<String> = filled(all.nodes.iter().map(|it| it.name.to_string()));
        let one_by_one = !given.is_empty() || facts.iter().any(|it| it.is_node);
        for group in facts.iter().filter(|it| it.is_node || !one_by_one) {
            let is_given = group.is_node && group.name.as_ref().is_some_and(|it| given.contains(it));
            if !is_given {
                all.push_group(group, question, "node");
            }
        }
        for added in &question.add {
            let mut added = added.clone();
            added.measure(fleet.facts().platform.as_deref(), version_of(fleet));
            all.push_group(&added, question, "added");
        }
        all.take_away(&question.without);
        all
    }

    /// The nodes, and what nobody knows about them.
    pub(crate) fn into_parts(self) -> (Vec<Node<'a>>, Unsaid) {
        (self.nodes, self.unsaid)
    }

    fn take_away(&mut self, without: &[Without]) {
        if without.is_empty() {
            return;
        }
        let mut kept = Vec::new();
        let mut hidden = Vec::new();
        for (at, node) in (0..).zip(std::mem::take(&mut self.nodes)) {
            if !without.iter().any(|gone| gone.takes(&node)) {
                hidden.push(self.unsaid.of(NodeId(at)));
                kept.push(node);
            }
        }
        (self.nodes, self.unsaid.hidden) = (kept, hidden);
    }

    fn push(&mut self, node: Node<'a>, hidden: Hidden) {
        self.is_cut |= self.nodes.len() >= MOST_NODES;
        if self.is_cut {
            return;
        }
        if hidden != Hidden::default() {
            self.unsaid.hidden.resize(self.nodes.len(), Hidden::default());
            self.unsaid.hidden.push(hidden);
        }
        if let Some((called, number)) = node.name.rsplit_once('-')
            && number.bytes().all(|it| it.is_ascii_digit())
        {
            *self.counted.entry(called.to_owned()).or_insert(0) += 1;
        }
        self.nodes.push(node);
    }

    /// The nodes of a group, called after it.
    fn push_group(&mut self, group: &NodeFacts, question: &Question, called: &str) {
        let open = group.open;
        let hidden = Hidden { labels: open.labels || open.zones, system: !group.is_node, taints: open.taints };
        if let (true, Some(name)) = (group.is_node, &group.name) {
            return self.push(node(group, name.clone(), 0), hidden);
        }
        self.unsaid.may_be_more |= open.count;
        let count = match question.groups {
            Groups::Min => group.min.unwrap_or(group.count),
            Groups::Now => group.count,
            Groups::Max => group.max.unwrap_or(group.count),
        };
        let called = group.name.as_deref().or(group.instance_types.first().map(String::as_str)).unwrap_or(called);
        let before = self.counted.get(called).copied().unwrap_or(0);
        for at in 0..count as usize {
            let node = node(group, format!("{called}-{}", before + at), at);
            self.details += node.labels.len() + node.taints.len() + node.allocatable.len();
            self.is_cut |= self.details > MOST_DETAILS;
            self.push(node, hidden);
            if self.is_cut {
                return;
            }
        }
    }
}

/// What nobody knows about nodes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unsaid {
    /// One a node; those after the last have nothing to hide.
    hidden: Vec<Hidden>,
    /// True if there may be more nodes than are known.
    pub(crate) may_be_more: bool,
}

impl Unsaid {
    /// What nobody knows about a node.
    pub(crate) fn of(&self, node: NodeId) -> Hidden {
        self.hidden.get(node.0 as usize).copied().unwrap_or_default()
    }

    /// True if all is known of all nodes.
    pub(crate) fn is_nothing(&self) -> bool {
        self.hidden.is_empty()
    }
}

impl Without {
    /// True if it takes this node away.
    #[must_use]
    pub fn takes(&self, node: &Node<'_>) -> bool {
        match self {
            Without::Node(name) => node.name == *name,
            Without::Zone(zone) => node.zone() == Some(zone),
        }
    }
}

/// True if somebody says which nodes there are, be it none.
#[must_use]
pub fn knows_nodes(fleet: &Fleet<'_>) -> bool {
    !fleet.facts().nodes.is_empty() || fleet.of_kind("", "Node").any(|it| fleet.is_last_definition(it))
}

type Pairs<'a, T> = Vec<(Cow<'a, str>, T)>;

/// A node of a group, or one that is known by its facts alone. What is not said of a group its nodes have, and nobody
/// knows how much of it.
fn node<'a>(group: &NodeFacts, name: String, at: usize) -> Node<'a> {
    let mut labels: Pairs<'a, Cow<'a, str>> = group.labels.iter().map(|it| (owned(&it.0), owned(&it.1))).collect();
    let amounts = group.allocatable.iter();
    let mut allocatable: Pairs<'a, Option<Quantity>> = amounts.map(|it| (owned(&it.0), it.1.parse().ok())).collect();
    if !group.is_node {
        complete(group, &name, at, &mut labels, &mut allocatable);
    }
    let taints = group.taints.iter().map(|it| NodeTaint {
        key: owned(&it.key),
        value: owned(it.value.as_deref().unwrap_or("")),
        effect: owned(&it.effect),
    });
    Node {
        name: Cow::Owned(name),
        labels,
        taints: taints.collect(),
        is_unschedulable: group.unschedulable,
        is_unmeasured: allocatable.is_empty(),
        allocatable,
        images: Vec::new(),
        features: None,
    }
}

/// What the nodes of a group have besides: the labels that a kubelet and a cloud give them, and the usual resources.
/// Its zones take turns.
fn complete<'a>(
    group: &NodeFacts,
    name: &str,
    at: usize,
    labels: &mut Pairs<'a, Cow<'a, str>>,
    allocatable: &mut Pairs<'a, Option<Quantity>>,
) {
    let zone = group.zones.get(at % group.zones.len().max(1));
    let of_type = if let [one] = group.instance_types.as_slice() { Some(one.as_str()) } else { None };
    let known = [
        (HOSTNAME, Some(name)),
        (ZONE_LABELS[0], zone.map(String::as_str)),
        (INSTANCE_TYPE, of_type),
        ("beta.kubernetes.io/instance-type", of_type),
        ("kubernetes.io/os", Some("linux")),
        ("beta.kubernetes.io/os", Some("linux")),
    ];
    for (key, value) in known {
        if let Some(value) = value.filter(|_| !labels.iter().any(|it| it.0 == key)) {
            labels.push((Cow::Borrowed(key), owned(value)));
        }
    }
    for resource in ["cpu", "memory", "ephemeral-storage", "pods"] {
        if !allocatable.iter().any(|it| it.0 == resource) {
            let is_usual = resource == "pods" && group.instance_types.is_empty();
            allocatable.push((Cow::Borrowed(resource), is_usual.then(|| Quantity::from_units(USUAL_PODS))));
        }
    }
}

fn owned<'a>(text: &str) -> Cow<'a, str> {
    Cow::Owned(text.to_owned())
}
