//! What a pod says of the nodes it runs on: taints it bears, labels it asks for.

use std::borrow::Cow;

use foldhash::HashSet;
use seaworthy_fleet::{Fleet, NodeFacts, Taint};
use seaworthy_object::{Field, PodSpec, Requirement, Selector};

/// Labels by which a pod asks for a machine that can run its image, not for some group of nodes.
const MACHINE: &[&str] =
    &["kubernetes.io/os", "beta.kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/arch"];

/// Taints that come and go: conditions that the node controller reports, and what autoscalers put on nodes they are
/// about to remove.
const PASSING: &[&str] = &[
    "node.kubernetes.io/",
    "node.cloudprovider.kubernetes.io/",
    "ToBeDeletedByClusterAutoscaler",
    "DeletionCandidateOfClusterAutoscaler",
    "karpenter.sh/disrupt",
];

const REQUIRED: &str = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";

/// All nodes that are known: those of the cluster, and Nodes that stand in the set.
pub(super) fn known<'f>(fleet: &Fleet<'f>) -> Vec<Cow<'f, NodeFacts>> {
    let stated = fleet.facts().nodes.iter();
    let names: HashSet<&str> = stated.clone().filter(|it| it.is_node).filter_map(|it| it.name.as_deref()).collect();
    let is_new = |it: &NodeFacts| it.name.as_deref().is_none_or(|name| !names.contains(name));
    let given = fleet.of_kind("", "Node").filter(|it| fleet.is_last_definition(it)).filter_map(NodeFacts::of);
    stated.map(Cow::Borrowed).chain(given.filter(is_new).map(Cow::Owned)).collect()
}

/// True unless the nodes are but a part of the cluster: who states none but tainted groups, a control plane as a rule,
/// leaves out those that ordinary pods run on; and where nodes come and go on demand, nobody knows which.
pub(super) fn are_all(fleet: &Fleet<'_>, nodes: &[Cow<'_, NodeFacts>]) -> bool {
    let on_demand = || {
        let pools = ["NodePool", "Provisioner"].iter().any(|it| fleet.of_kind("karpenter.sh", it).next().is_some());
        let any = |it: &Cow<'_, NodeFacts>| it.open.count && it.open.instance_type;
        pools || fleet.facts().add_ons().any(|it| it == "karpenter") || nodes.iter().any(any)
    };
    nodes.iter().any(|it| it.is_node || lasting(it).next().is_none()) && !on_demand()
}

/// The taints of nodes that keep pods away for good.
pub(super) fn lasting(node: &NodeFacts) -> impl Iterator<Item = &Taint> {
    let keeps_away = |it: &&Taint| {
        matches!(it.effect.as_str(), "NoSchedule" | "NoExecute") && !PASSING.iter().any(|key| it.key.starts_with(key))
    };
    node.taints.iter().filter(keeps_away)
}

/// True if a toleration of the pod bears a taint (`Toleration.ToleratesTaint`). One that compares numbers counts as if
/// it did: it needs a feature gate that is not known.
pub(super) fn tolerates(spec: PodSpec<'_>, taint: &Taint) -> bool {
    spec.field().items_at("tolerations").any(|it| {
        let text = |key: &str| it.get(key).map_or("", |it| it.text());
        let is = |key: &str, asked: &str| text(key).is_empty() || text(key) == asked;
        let bears = match text("operator") {
            "" | "Equal" => text("value") == taint.value.as_deref().unwrap_or(""),
            "Exists" | "Lt" | "Gt" => true,
            _ => false,
        };
        bears && is("effect", &taint.effect) && is("key", &taint.key)
    })
}

/// The terms of the required node affinity, any of which must hold.
fn terms<'a>(spec: PodSpec<'a>) -> impl Iterator<Item = Selector<'a>> {
    spec.field().items_at(REQUIRED).map(Selector::from_label_selector)
}

/// True if the pod names its node, or asks for nodes by a label other than that of the machine; to stay away from some
/// is not to ask for others.
pub(super) fn is_meant_for_some(spec: PodSpec<'_>) -> bool {
    let selected = spec.at("nodeSelector").into_iter().flat_map(|it| it.entries());
    let mut keys = selected.map(|(key, _)| key);
    let asks = |it: &Requirement<'_>| match it {
        Requirement::In(key, _) | Requirement::Exists(key) => !MACHINE.contains(key),
        Requirement::NotIn(..) | Requirement::DoesNotExist(_) => false,
        Requirement::Unreadable => true,
    };
    spec.at("nodeName").is_some()
        || keys.any(|key| !MACHINE.contains(&key))
        || terms(spec).any(|term| term.requirements().iter().any(asks))
        || spec.field().items_at(REQUIRED).any(|term| term.get("matchFields").is_some())
}

/// True unless the labels of a node, as far as they are known, keep the pod away. The labels of a machine count as met
/// where they are not stated.
pub(super) fn may_select(spec: PodSpec<'_>, node: &NodeFacts) -> bool {
    let label = |key: &str| node.labels.iter().find(|(it, _)| it == key).map(|(_, value)| value.as_str());
    let holds = |it: &Requirement<'_>| match it {
        Requirement::In(key, values) => match label(key) {
            Some(value) => values.contains(&value),
            None => MACHINE.contains(key),
        },
        Requirement::NotIn(key, values) => label(key).is_none_or(|value| !values.contains(&value)),
        Requirement::Exists(key) => label(key).is_some() || MACHINE.contains(key),
        Requirement::DoesNotExist(key) => label(key).is_none(),
        Requirement::Unreadable => false,
    };
    let selected = spec.at("nodeSelector").map(Selector::from_labels);
    let mut terms = terms(spec).peekable();
    let is_near = terms.peek().is_none() || terms.any(|term| term.requirements().iter().all(holds));
    is_near && selected.is_none_or(|it| it.requirements().iter().all(holds))
}

/// True if a pod certainly may run on a node, as far as labels and taints decide it.
pub(super) fn may_run_on(spec: PodSpec<'_>, node: &NodeFacts) -> bool {
    may_select(spec, node) && !node.open.taints && lasting(node).all(|taint| tolerates(spec, taint))
}

/// `3 nodes`, or the name of the one.
pub(super) fn called(node: &NodeFacts) -> String {
    match (&node.name, node.count) {
        (Some(name), _) if node.is_node => format!("node `{name}`"),
        (Some(name), 1) => format!("the node of group `{name}`"),
        (Some(name), count) => format!("the {count} nodes of group `{name}`"),
        (None, 1) => "one node".to_owned(),
        (None, count) => format!("{count} nodes"),
    }
}

/// `node-role.kubernetes.io/master:NoSchedule`, as `kubectl taint` has it.
pub(super) fn taint_text(taint: &Taint) -> String {
    match taint.value.as_deref() {
        None | Some("") => format!("{}:{}", taint.key, taint.effect),
        Some(value) => format!("{}={value}:{}", taint.key, taint.effect),
    }
}

/// The folders of a node that a pod mounts.
pub(super) fn host_paths<'a>(spec: PodSpec<'a>) -> impl Iterator<Item = Field<'a>> {
    spec.volumes().filter_map(|it| it.field().at("hostPath.path"))
}
