//! `control-plane-not-redundant`.

use seaworthy_diagnostic::Level;
use seaworthy_document::Node;
use seaworthy_facts::NodeRole;
use seaworthy_fleet::{ClusterDocument, Fleet};
use serde::Deserialize;

use super::zones_of;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ControlPlaneNotRedundant {}

impl Rule for ControlPlaneNotRedundant {
    const META: Meta = Meta {
        id: "control-plane-not-redundant",
        category: Category::Cluster,
        level: Some(Level::Info),
        packs: &[],
        since: "0.1.0",
        page: page!("control_plane_not_redundant.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl ControlPlaneNotRedundant {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for cluster in fleet.clusters() {
            if cluster.control_plane.is_managed || cluster.tool.is_local() {
                continue;
            }
            let zones = zones_of(cluster).len();
            let Some(at) = only_node(cluster).filter(|_| zones > 1) else { continue };
            report
                .say_fact(at, format!("one node runs the control plane of workers in {zones} zones"))
                .label("losing it, or its zone, leaves a cluster that nobody can change")
                .help("run three, each in a zone of its own");
        }
    }
}

/// The one node of the control plane, where that is what is stated: the group it is of, or the member of etcd it runs.
fn only_node<'a>(cluster: &ClusterDocument<'a>) -> Option<Node<'a>> {
    let mut groups = cluster.groups.iter().filter(|it| matches!(it.role, NodeRole::ControlPlane | NodeRole::Both));
    if let Some(group) = groups.next() {
        let is_only = groups.next().is_none() && group.desired.or(group.min)?.value == Some(1);
        return is_only.then(|| group.name.map_or(group.at, |it| it.at));
    }
    match cluster.control_plane.etcd.as_slice() {
        [only] if !cluster.control_plane.etcd_is_external => Some(only.at),
        [first, second] if first.of != second.of && first.host == second.host => Some(first.at),
        _ => None,
    }
}
