//! kubeadm's documents (`cmd/kubeadm/app/apis/kubeadm`, all versions: `v1alpha1` to `v1beta4`), and those of the kubelet
//! and kube-proxy beside them.

use seaworthy_document::Node;

use super::{ClusterDocument, EtcdMember, NodeGroup, NodeRole, Range, RangeOf, Tool};
use crate::nodes::Taint;
use crate::stated::{Stated, at, count_at, flag_at, text, text_at, texts_at};

/// The port of the API server (`DefaultAPIBindPort`).
const PORT: u32 = 6443;
/// The range of Services (`DefaultServicesSubnet`).
const SERVICES: &str = "10.96.0.0/12";

/// The kind of a document.
fn kind(root: Node<'_>) -> &str {
    root.get("kind").map_or("", |it| it.text())
}

/// True for what states the cluster as a whole.
pub(super) fn is_cluster(root: Node<'_>) -> bool {
    matches!(kind(root), "ClusterConfiguration" | "MasterConfiguration")
}

/// True for what sets up the kubelet or kube-proxy of any cluster.
pub(super) fn is_setting(root: Node<'_>) -> bool {
    matches!(kind(root), "KubeletConfiguration" | "KubeProxyConfiguration")
}

/// Reads the documents of one cluster, of which there is one at least.
pub(super) fn read<'a>(roots: &[Node<'a>]) -> Option<ClusterDocument<'a>> {
    let main = roots.iter().copied().find(|it| is_cluster(*it)).or_else(|| roots.first().copied())?;
    let mut cluster = ClusterDocument::new(Tool::Kubeadm, main);
    cluster.roots.extend(roots.iter().copied().filter(|it| *it != main));
    for root in cluster.roots.clone() {
        match kind(root) {
            "ClusterConfiguration" => whole(root, &mut cluster),
            "MasterConfiguration" => {
                whole(root, &mut cluster);
                cluster.control_plane.advertised = text_at(root, "api.advertiseAddress");
                cluster.control_plane.port = count_at(root, "api.bindPort");
                cluster.groups.push(node(root, NodeRole::ControlPlane));
            }
            "InitConfiguration" => {
                local(root, "localAPIEndpoint", &mut cluster);
                cluster.groups.push(node(root, NodeRole::ControlPlane));
            }
            "JoinConfiguration" | "NodeConfiguration" => joining(root, &mut cluster),
            "KubeletConfiguration" => {
                let kubelet = &mut cluster.kubelet;
                kubelet.anonymous = flag_at(root, "authentication.anonymous.enabled");
                kubelet.token_webhook = flag_at(root, "authentication.webhook.enabled");
                kubelet.authorization = text_at(root, "authorization.mode");
            }
            "KubeProxyConfiguration" => {
                cluster.kubelet.proxy_metrics = text_at(root, "metricsBindAddress");
                let range = text_at(root, "clusterCIDR").filter(|it| it.value != Some(""));
                cluster.ranges.extend(range.map(|cidr| Range { of: RangeOf::Pods, cidr }));
            }
            _ => {}
        }
    }
    Some(cluster)
}

fn whole<'a>(root: Node<'a>, cluster: &mut ClusterDocument<'a>) {
    cluster.name = text_at(root, "clusterName");
    // `stable`, `stable-1.30`, `latest`, `ci/…`: what kubeadm asks the network for.
    cluster.version = text_at(root, "kubernetesVersion").map(|it| {
        let is_number = |text: &&str| text.trim_start_matches('v').starts_with(|it: char| it.is_ascii_digit());
        Stated { value: it.value.filter(is_number), ..it }
    });
    let plane = &mut cluster.control_plane;
    plane.endpoint = text_at(root, "controlPlaneEndpoint").filter(|it| it.value != Some(""));
    plane.endpoint = plane.endpoint.or_else(|| text_at(root, "api.controlPlaneEndpoint"));
    plane.cert_names = texts_at(root, "apiServer.certSANs");
    plane.cert_names.extend(texts_at(root, "apiServerCertSANs"));
    let external = at(root, "etcd.external.endpoints").or_else(|| at(root, "etcd.endpoints"));
    plane.etcd_is_external = external.is_some();
    let members = external.into_iter().flat_map(|it| it.items());
    plane.etcd = members.map(|at| EtcdMember { at, of: "main", host: Some(text(at)), zone: None }).collect();
    let pods = text_at(root, "networking.podSubnet").filter(|it| it.value != Some(""));
    cluster.ranges.extend(pods.map(|cidr| Range { of: RangeOf::Pods, cidr }));
    let services = text_at(root, "networking.serviceSubnet").filter(|it| it.value != Some(""));
    let cidr = services.unwrap_or(Stated::filled(SERVICES, root));
    cluster.ranges.push(Range { of: RangeOf::Services, cidr });
}

/// What a node of the control plane says of itself.
fn local<'a>(root: Node<'a>, path: &str, cluster: &mut ClusterDocument<'a>) {
    let plane = &mut cluster.control_plane;
    let Some(endpoint) = at(root, path) else {
        plane.port = plane.port.or(Some(Stated::filled(PORT, root)));
        return;
    };
    plane.advertised = plane.advertised.or_else(|| text_at(endpoint, "advertiseAddress"));
    plane.port = plane.port.or_else(|| count_at(endpoint, "bindPort")).or(Some(Stated::filled(PORT, endpoint)));
}

fn joining<'a>(root: Node<'a>, cluster: &mut ClusterDocument<'a>) {
    let endpoint = text_at(root, "discovery.bootstrapToken.apiServerEndpoint");
    cluster.control_plane.join_endpoints.extend(endpoint);
    cluster.control_plane.join_endpoints.extend(texts_at(root, "discoveryTokenAPIServers"));
    let is_control_plane = root.get("controlPlane").is_some();
    if is_control_plane {
        local(root, "controlPlane.localAPIEndpoint", cluster);
    }
    let role = if is_control_plane { NodeRole::ControlPlane } else { NodeRole::Worker };
    cluster.groups.push(node(root, role));
}

/// The node that a document is for; how many nodes take it, nobody says.
fn node(root: Node<'_>, role: NodeRole) -> NodeGroup<'_> {
    let registration = root.get("nodeRegistration");
    let mut group = NodeGroup::new(registration.unwrap_or(root), role);
    group.name = text_at(root, "nodeRegistration.name").or_else(|| text_at(root, "nodeName"));
    let taints = at(root, "nodeRegistration.taints");
    group.taints = taints.into_iter().flat_map(|it| it.items()).map(Taint::stated).collect();
    if role == NodeRole::ControlPlane && taints.is_some_and(|it| it.is_empty()) {
        group.role = NodeRole::Both;
    }
    group
}
