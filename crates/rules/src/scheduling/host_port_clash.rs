//! `host-port-clash`.

use std::borrow::Cow;

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Facts, Fleet, NodeFacts};
use seaworthy_object::{Field, Pod, PodSpec, Role};
use seaworthy_source::order;
use serde::Deserialize;

use super::nodes::{is_meant_for_some, known, may_run_on};
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HostPortClash {}

impl Rule for HostPortClash {
    const META: Meta = Meta {
        id: "host-port-clash",
        category: Category::Scheduling,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("host_port_clash.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// A port of the node that a workload wants.
struct Wish<'a> {
    pod: Pod<'a>,
    field: Field<'a>,
    port: i64,
    protocol: &'a str,
    /// The address of the node; empty for all of them.
    address: &'a str,
    replicas: i64,
}

/// Each wish is held against so many earlier ones for the same port.
const CROWD: usize = 64;

impl HostPortClash {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let mut wishes = Vec::new();
        for &pod in fleet.pods_with_host_ports() {
            let before = wishes.len();
            wishes_of(fleet, pod, &mut wishes);
            if wishes.len() > before && !keeps_running(fleet, pod) {
                wishes.truncate(before);
            }
        }
        let nodes = known(fleet);
        // Of one port, DaemonSets come first: they are on their nodes already when others look for one.
        order::sort_by_key(&mut wishes, |it| (it.port, it.protocol, !it.is_of_every_node()));
        for group in wishes.chunk_by(|a, b| (a.port, a.protocol) == (b.port, b.protocol)) {
            if group.len() > 1 {
                look(fleet.facts(), &nodes, group, report);
            }
        }
    }
}

impl<'a> Wish<'a> {
    fn is_of_every_node(&self) -> bool {
        self.pod.object().is("apps", "DaemonSet")
    }

    /// True if one node cannot grant both (`HostPortInfo.CheckConflict`).
    fn excludes(&self, other: &Wish<'_>) -> bool {
        let is_other = self.pod.object().root() != other.pod.object().root();
        is_other && (self.address.is_empty() || other.address.is_empty() || self.address == other.address)
    }

    fn called(&self) -> String {
        format!("{} `{}`", self.pod.object().kind(), self.pod.object().name())
    }

    fn spec(&self) -> PodSpec<'a> {
        self.pod.spec()
    }

    fn runs_on(&self, node: &NodeFacts) -> bool {
        may_run_on(self.spec(), node)
    }
}

type Nodes<'f> = [Cow<'f, NodeFacts>];

fn look(facts: &Facts, nodes: &Nodes<'_>, group: &[Wish<'_>], report: &mut Reporter<'_>) {
    let mut elsewhere: Vec<&Wish<'_>> = Vec::new();
    for (at, wish) in group.iter().enumerate() {
        let earlier = group.iter().take(at.min(CROWD)).filter(|it| it.is_of_every_node() && it.excludes(wish));
        match earlier.into_iter().find(|it| must_share(nodes, it, wish)) {
            Some(first) => say(first, wish, "", report),
            None if !wish.is_of_every_node() => elsewhere.push(wish),
            None => {}
        }
    }
    let Some(nodes) = most_nodes(facts, nodes) else { return };
    let Some((first, rest)) = elsewhere.split_first() else { return };
    let mut replicas = first.replicas;
    // Two that both exclude the first need not exclude each other: only what has its address, or asks for all. A
    // workload with several addresses stands here once for each.
    let (mut last, is_same) = (first, |a: &Wish<'_>, b: &Wish<'_>| a.pod.object().root() == b.pod.object().root());
    for wish in rest.iter().filter(|it| it.address.is_empty() || it.address == first.address) {
        if is_same(wish, first) || is_same(wish, last) {
            continue;
        }
        last = wish;
        replicas = replicas.saturating_add(wish.replicas);
        if replicas > i64::from(nodes) {
            let more =
                format!(", and they are {replicas} pods on {nodes} {}", if nodes == 1 { "node" } else { "nodes" });
            return say(first, wish, &more, report);
        }
    }
}

fn say(first: &Wish<'_>, second: &Wish<'_>, more: &str, report: &mut Reporter<'_>) {
    let address = if second.address.is_empty() { first.address } else { second.address };
    let on = if address.is_empty() { String::new() } else { format!(" on {address}") };
    let message = format!(
        "{} and {} both want host port {}/{}{on} of the same nodes{more}",
        first.called(),
        second.called(),
        second.port,
        second.protocol,
    );
    report
        .say(second.field, message)
        .label("the later pod stays pending: \"node(s) didn't have free ports for the requested pod ports\"")
        .help("give one of them another port, or keep them on different nodes")
        .related(first.field, format!("{} wants it here", first.called()));
}

/// True for the last definition of a workload whose pods stay.
fn keeps_running<'a>(fleet: &Fleet<'a>, pod: Pod<'a>) -> bool {
    let object = pod.object();
    let is_built_in = matches!(object.group_kind().group, "" | "apps") && object.kind() != "PodTemplate";
    is_built_in
        && !pod.runs_to_completion()
        && pod.replicas() != Some(0)
        && object.at("metadata.ownerReferences").is_none()
        && fleet.is_last_definition(object)
}

/// The ports of the node that a pod wants. On the network of the node each port of a container is one
/// (`defaultHostNetworkPorts`).
fn wishes_of<'a>(fleet: &Fleet<'a>, pod: Pod<'a>, wishes: &mut Vec<Wish<'a>>) {
    let on_host = pod.is_in_host_network();
    let first = wishes.len();
    for port in pod.containers().filter(|it| it.role() == Role::Ordinary).flat_map(|it| it.ports()) {
        let Some(at) = port.of_node(on_host) else { continue };
        let Some(number) = at.as_int().filter(|it| (1..=65535).contains(it)) else { continue };
        let address = port.field().str_at("hostIP").filter(|it| *it != "0.0.0.0").unwrap_or("");
        wishes.push(Wish { pod, field: at, port: number, protocol: port.protocol(), address, replicas: 1 });
    }
    let added = wishes.get_mut(first..).filter(|it| !it.is_empty());
    let Some(added) = added else { return };
    let scaled = fleet.autoscalers_of(pod.object()).filter_map(|it| it.bounds()).map(|(min, _)| min).max();
    let replicas = scaled.or(pod.replicas()).unwrap_or(1);
    added.iter_mut().for_each(|it| it.replicas = replicas);
}

/// True if a pod of the second cannot but meet the first, which is a DaemonSet: on some node, if the second is one too,
/// else on any that would take it.
fn must_share(nodes: &Nodes<'_>, first: &Wish<'_>, second: &Wish<'_>) -> bool {
    if !nodes.is_empty() {
        // Where not all labels or taints are known, the second may find a node that is not thought of.
        let is_open = nodes.iter().any(|it| it.open.labels || it.open.taints);
        if is_open && !second.is_of_every_node() {
            return false;
        }
        let mut nodes = nodes.iter().filter(|node| second.runs_on(node)).peekable();
        return if second.is_of_every_node() {
            nodes.any(|node| first.runs_on(node))
        } else {
            nodes.peek().is_some() && nodes.all(|node| first.runs_on(node))
        };
    }
    let (a, b) = (first.spec(), second.spec());
    let is_free = |it: PodSpec<'_>| it.at("nodeSelector").is_none() && it.at("affinity.nodeAffinity").is_none();
    let is_alike = WHERE.iter().all(|path| written(a, path) == written(b, path));
    let same_nodes = is_alike || (is_free(a) || is_free(b)) && !is_meant_for_some(a) && !is_meant_for_some(b);
    let tolerated = |spec: PodSpec<'_>| -> Vec<String> { spec.field().items_at("tolerations").map(text_of).collect() };
    let goes_further = || {
        let known = tolerated(a);
        tolerated(b).iter().any(|it| !known.contains(it))
    };
    same_nodes && (second.is_of_every_node() || !goes_further())
}

/// What says of a pod on which nodes it runs, apart from taints.
const WHERE: [&str; 3] = ["nodeName", "nodeSelector", "affinity.nodeAffinity"];

fn written(spec: PodSpec<'_>, path: &str) -> Option<String> {
    spec.at(path).map(text_of)
}

fn text_of(field: Field<'_>) -> String {
    seaworthy_document::to_json(field.node())
}

/// How many nodes there may be, where that is known.
fn most_nodes(facts: &Facts, nodes: &Nodes<'_>) -> Option<u32> {
    if nodes.is_empty() {
        return facts.node_count();
    }
    let most = nodes.iter().map(|it| it.max.unwrap_or(it.count)).fold(0, u32::saturating_add);
    (!nodes.iter().any(|it| it.open.count)).then_some(most)
}
