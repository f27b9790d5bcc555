//! `cluster-ranges-overlap`.

use seaworthy_diagnostic::Level;
use seaworthy_document::Node;
use seaworthy_facts::{Cidr, Range, RangeOf, Tool};
use seaworthy_fleet::{ClusterDocument, Fleet};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClusterRangesOverlap {}

impl Rule for ClusterRangesOverlap {
    const META: Meta = Meta {
        id: "cluster-ranges-overlap",
        category: Category::Cluster,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("cluster_ranges_overlap.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// Plug-ins of kops that give pods addresses of the network itself, or can.
const OF_NETWORK: [&str; 5] = ["amazonvpc", "amazon-vpc-routed-eni", "lyftvpc", "cilium", "gce"];
/// More ranges than this no cluster has.
const MOST: usize = 100;
/// Flags that change how much of the range a node takes.
const MASK: &str = "node-cidr-mask-size";

/// A range with where it stands.
struct Stated<'a> {
    of: RangeOf,
    cidr: Cidr,
    text: &'a str,
    at: Node<'a>,
    is_default: bool,
}

impl ClusterRangesOverlap {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for cluster in fleet.clusters() {
            let ranges: Vec<Stated<'_>> = cluster.ranges.iter().flat_map(stated).take(MOST).collect();
            for (at, later) in ranges.iter().enumerate() {
                for earlier in ranges.iter().take(at) {
                    if may_not_meet(cluster, earlier.of, later.of) && earlier.cidr.overlaps(&later.cidr) {
                        overlap(earlier, later, report);
                    }
                }
            }
            nodes_inside(cluster, &ranges, report);
            room(fleet, cluster, &ranges, report);
        }
    }
}

fn stated<'a>(range: &Range<'a>) -> Vec<Stated<'a>> {
    let Some(text) = range.cidr.value else { return Vec::new() };
    let of = |cidr| Stated { of: range.of, cidr, text, at: range.cidr.at, is_default: range.cidr.is_default };
    text.split(',').filter_map(Cidr::parse).map(of).collect()
}

/// True for two ranges in which an address must mean one thing.
fn may_not_meet(cluster: &ClusterDocument<'_>, one: RangeOf, other: RangeOf) -> bool {
    let is = |of: RangeOf| one == of || other == of;
    let plugin = cluster.plugin.and_then(|it| it.value);
    let is_routed = plugin.is_some_and(|it| OF_NETWORK.contains(&it));
    if one == other {
        return false;
    }
    // kops: `nonMasqueradeCIDR` is what pods and Services are in, and with such a plug-in the network itself.
    if is(RangeOf::Cluster) {
        return is(RangeOf::Network) && !is_routed && cluster.tool == Tool::Kops;
    }
    !(is(RangeOf::Pods) && is(RangeOf::Network) && is_routed)
}

fn words(of: RangeOf) -> &'static str {
    match of {
        RangeOf::Pods => "pods",
        RangeOf::Services => "Services",
        RangeOf::Network => "the network",
        RangeOf::Cluster => "the cluster",
    }
}

fn overlap(earlier: &Stated<'_>, later: &Stated<'_>, report: &mut Reporter<'_>) {
    // A range that the tool fills in has no place of its own.
    let (shown, other) = if later.is_default { (earlier, later) } else { (later, earlier) };
    let default = if other.is_default { " by default" } else { "" };
    let message = format!(
        "the range of {}, {}, overlaps that of {}, {}{default}",
        words(shown.of),
        shown.text,
        words(other.of),
        other.text
    );
    let finding = report.say_fact(shown.at, message).label("an address in both reaches one of the two, if any").help(
        "choose ranges that have no address in common, nor with networks that the cluster must reach; \
         they cannot be changed once the cluster is made",
    );
    if !other.is_default {
        finding.related_fact(other.at, format!("the range of {}", words(other.of)));
    }
}

/// The address of a node of the control plane must not be one of a pod or a Service.
fn nodes_inside(cluster: &ClusterDocument<'_>, ranges: &[Stated<'_>], report: &mut Reporter<'_>) {
    let plane = &cluster.control_plane;
    if cluster.tool != Tool::Kubeadm {
        return;
    }
    let host = |it: &str| {
        it.rsplit_once(':').filter(|(host, _)| !host.contains(':')).map_or(it.to_owned(), |it| it.0.to_owned())
    };
    for stated in plane.advertised.iter().chain(&plane.endpoint) {
        let Some(address) = stated.value.and_then(|it| Cidr::parse(&host(it))) else { continue };
        let within =
            |it: &&Stated<'_>| matches!(it.of, RangeOf::Pods | RangeOf::Services) && it.cidr.contains(&address);
        if let Some(range) = ranges.iter().find(within) {
            let message = format!(
                "the control plane's address {} lies in the range of {}, {}",
                host(stated.value.unwrap_or_default()),
                words(range.of),
                range.text
            );
            let finding = report
                .say_fact(stated.at, message)
                .label("pods cannot reach it: the address is taken for one of theirs")
                .help(format!("choose another range for {}", words(range.of)));
            if !range.is_default {
                finding.related_fact(range.at, format!("the range of {}", words(range.of)));
            }
            return;
        }
    }
}

/// Every node takes a part of the range of pods.
fn room(fleet: &Fleet<'_>, cluster: &ClusterDocument<'_>, ranges: &[Stated<'_>], report: &mut Reporter<'_>) {
    let sets_mask = |root: &Node<'_>| root.document().text().contains(MASK);
    if cluster.tool != Tool::Kubeadm || cluster.roots.iter().any(sets_mask) {
        return;
    }
    let nodes = fleet.facts().node_count().map_or(0, u64::from);
    if let Some(range) = ranges.iter().find(|it| it.of == RangeOf::Pods) {
        let (room, part) = (nodes_of(&range.cidr), part_of(&range.cidr));
        if room == 0 {
            let message = format!("the range of pods, {}, has no room for a node: each takes a /{part}", range.text);
            report.say_fact(range.at, message).help("choose a wider range, or a smaller `node-cidr-mask-size`");
        } else if room < nodes {
            let message = format!("the range of pods, {}, has room for {room} of {nodes} nodes", range.text);
            report
                .say_fact(range.at, message)
                .level(Level::Error, Level::Warning)
                .label(format!("each node takes a /{part} of it"))
                .help("choose a wider range: it cannot be changed once the cluster is made");
        }
    }
}

/// The part of a range that kube-controller-manager gives each node unless told otherwise (`--node-cidr-mask-size`).
fn part_of(range: &Cidr) -> u8 {
    if range.is_v6() { 64 } else { 24 }
}

/// How many nodes find room.
fn nodes_of(range: &Cidr) -> u64 {
    part_of(range).checked_sub(range.bits()).map_or(0, |more| 1_u64.checked_shl(more.into()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_node_takes_a_part() {
        let nodes = |text: &str| nodes_of(&Cidr::parse(text).unwrap());
        assert_eq!((nodes("10.244.0.0/16"), nodes("10.244.0.0/24"), nodes("10.244.0.0/26")), (256, 1, 0));
        assert_eq!((nodes("fd00::/56"), nodes("::/0")), (256, u64::MAX));
    }
}
