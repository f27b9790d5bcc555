//! Clusters on one machine: kind's `Cluster` (`pkg/apis/config/v1alpha4`) and k3d's `Simple` (`pkg/config/v1alpha5`).

use seaworthy_document::Node;

use super::{ClusterDocument, NodeGroup, NodeRole, Range, RangeOf, Tool};
use crate::stated::{Stated, at, count_at, named_texts_at, text_at};

/// Reads a `Cluster` of kind.
#[inline(never)]
pub(super) fn kind(root: Node<'_>) -> ClusterDocument<'_> {
    let mut cluster = ClusterDocument::new(Tool::Kind, root);
    cluster.name = text_at(root, "name").or(Some(Stated::filled("kind", root)));
    for (of, path, usual) in [
        (RangeOf::Pods, "networking.podSubnet", "10.244.0.0/16"),
        (RangeOf::Services, "networking.serviceSubnet", "10.96.0.0/16"),
    ] {
        let cidr = text_at(root, path).unwrap_or(Stated::filled(usual, root));
        cluster.ranges.push(Range { of, cidr });
    }
    let nodes: Vec<Node<'_>> = at(root, "nodes").into_iter().flat_map(|it| it.items()).collect();
    let is_worker = |node: &Node<'_>| node.get("role").is_some_and(|it| it.text() == "worker");
    // A control plane without workers takes pods (`pkg/cluster/internal/create/actions/config`).
    let plane = if nodes.iter().any(is_worker) { NodeRole::ControlPlane } else { NodeRole::Both };
    for node in &nodes {
        let role = if is_worker(node) { NodeRole::Worker } else { plane };
        let mut group = one(*node, role);
        group.labels = named_texts_at(*node, "labels");
        group.name = text_at(*node, "role").or(Some(Stated::filled("control-plane", *node)));
        let many = count_at(*node, "replicas");
        (group.min, group.max, group.desired) = (many.or(group.min), many.or(group.max), many.or(group.desired));
        group.version = text_at(*node, "image").map(tag);
        cluster.version = cluster.version.or(group.version);
        cluster.groups.push(group);
    }
    if nodes.is_empty() {
        let mut group = one(root, NodeRole::Both);
        group.name = Some(Stated::filled("control-plane", root));
        cluster.groups.push(group);
    }
    cluster
}

/// Reads a `Simple` of k3d.
#[inline(never)]
pub(super) fn k3d(root: Node<'_>) -> ClusterDocument<'_> {
    let mut cluster = ClusterDocument::new(Tool::K3d, root);
    cluster.name = text_at(root, "metadata.name").or_else(|| text_at(root, "name"));
    cluster.version = text_at(root, "image").map(tag);
    let labels = at(root, "options.k3s.nodeLabels").filter(|it| !it.is_empty());
    for (key, role, usual) in [("servers", NodeRole::Both, 1), ("agents", NodeRole::Worker, 0)] {
        let count = count_at(root, key).unwrap_or(Stated::filled(usual, root));
        if count.value == Some(0) {
            continue;
        }
        let mut group = one(root.get(key).unwrap_or(root), role);
        group.name = Some(Stated::filled(if key == "servers" { "server" } else { "agent" }, count.at));
        (group.min, group.max, group.desired) = (Some(count), Some(count), Some(count));
        // Which nodes have them a filter says.
        group.labels.extend(labels.map(|it| ("", Stated::unknown(it))));
        cluster.groups.push(group);
    }
    cluster
}

fn one(at: Node<'_>, role: NodeRole) -> NodeGroup<'_> {
    let mut group = NodeGroup::new(at, role);
    let count = Some(Stated::filled(1, at));
    (group.min, group.max, group.desired) = (count, count, count);
    group
}

/// The version in the name of an image: `kindest/node:v1.34.0@sha256:…`, `rancher/k3s:v1.31.4-k3s1`.
fn tag<'a>(image: Stated<'a, &'a str>) -> Stated<'a, &'a str> {
    let tag = |it: &'a str| {
        let name = it.split('@').next()?;
        let (_, tag) = name.rsplit_once(':')?;
        super::release_of(tag).map(|_| tag)
    };
    Stated { value: image.value.and_then(tag), ..image }
}
