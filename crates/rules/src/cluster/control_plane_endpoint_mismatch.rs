//! `control-plane-endpoint-mismatch`.

use seaworthy_diagnostic::Level;
use seaworthy_facts::{Cidr, NodeRole, Stated, Tool};
use seaworthy_fleet::{ClusterDocument, Fleet};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ControlPlaneEndpointMismatch {}

impl Rule for ControlPlaneEndpointMismatch {
    const META: Meta = Meta {
        id: "control-plane-endpoint-mismatch",
        category: Category::Cluster,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("control_plane_endpoint_mismatch.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// More documents of joining nodes than this say nothing new.
const MOST: usize = 100;
/// The port of the API server where nobody says another (kubeadm, `DefaultAPIBindPort`).
const PORT: u32 = 6443;

impl ControlPlaneEndpointMismatch {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for cluster in fleet.clusters().iter().filter(|it| it.tool == Tool::Kubeadm) {
            let Some(endpoint) = cluster.control_plane.endpoint else { continue };
            let Some((host, port)) = endpoint.value.map(split) else { continue };
            // The endpoint without a port is that of the API servers (`util.GetControlPlaneEndpoint`).
            let bind = cluster.control_plane.port.and_then(|it| it.value).unwrap_or(PORT);
            for join in cluster.control_plane.join_endpoints.iter().take(MOST) {
                of_join(cluster, (host, port.unwrap_or(bind)), endpoint, *join, report);
            }
            one_node(cluster, host, endpoint, report);
        }
    }
}

/// Nodes that join ask the name and the port that the cluster gives out.
fn of_join(
    cluster: &ClusterDocument<'_>,
    (host, port): (&str, u32),
    endpoint: Stated<'_, &str>,
    join: Stated<'_, &str>,
    report: &mut Reporter<'_>,
) {
    let Some(text) = join.value else { return };
    let (asked, asked_port) = split(text);
    if asked == host {
        if let Some(asked_port) = asked_port.filter(|it| *it != port) {
            report
                .say_fact(join.at, format!("nodes join `{host}` on port {asked_port}, where the cluster has {port}"))
                .help(format!("write `{host}:{port}`, or the other port in `controlPlaneEndpoint`"))
                .related_fact(endpoint.at, format!("the endpoint, on port {port}"));
        }
        return;
    }
    if is_certified(cluster, asked) {
        return;
    }
    let finding = report
        .say_fact(join.at, format!("nodes join `{asked}`, which is neither the endpoint nor a name of its certificate"))
        .label(format!("the endpoint is `{host}`"))
        .help(format!("write `{host}:{port}`, or add `{asked}` to `apiServer.certSANs`"))
        .related_fact(endpoint.at, "the endpoint");
    // The certificate is good for the first node's own address and name too, which no document need say.
    if Cidr::parse(asked).is_some() || !asked.contains('.') {
        finding.level(Level::Error, Level::Warning);
    }
}

/// What kubeadm puts into the certificate, as far as documents say it (`pkiutil.GetAPIServerAltNames`).
fn is_certified(cluster: &ClusterDocument<'_>, name: &str) -> bool {
    let plane = &cluster.control_plane;
    let is_wild =
        |it: &str| it.strip_prefix("*.").is_some_and(|of| name.split_once('.').is_some_and(|(_, rest)| rest == of));
    let names = plane.cert_names.iter().chain(&plane.advertised);
    let nodes = cluster.groups.iter().filter(|it| it.role != NodeRole::Worker).filter_map(|it| it.name.as_ref());
    names.chain(nodes).any(|it| it.value.is_none_or(|it| it == name || is_wild(it)))
}

/// An endpoint that is the address of one node of several.
fn one_node(cluster: &ClusterDocument<'_>, host: &str, endpoint: Stated<'_, &str>, report: &mut Reporter<'_>) {
    let Some(advertised) = cluster.control_plane.advertised.filter(|it| it.value == Some(host)) else { return };
    let control_planes = cluster.groups.iter().filter(|it| it.role != NodeRole::Worker).count();
    if control_planes > 1 {
        report
            .say_fact(endpoint.at, format!("the endpoint `{host}` is the address of one node of the control plane"))
            .level(Level::Error, Level::Warning)
            .label("without that node nobody reaches the others")
            .help("give it the address or name of a load balancer, or a virtual address")
            .related_fact(advertised.at, "the node that advertises it");
    }
}

/// Host and port: `host`, `host:6443`, `[fd00::1]:6443`.
fn split(text: &str) -> (&str, Option<u32>) {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    if let Some((host, rest)) = text.strip_prefix('[').and_then(|it| it.split_once(']')) {
        return (host, rest.strip_prefix(':').and_then(|it| it.parse().ok()));
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, port.parse().ok()),
        _ => (text, None),
    }
}
