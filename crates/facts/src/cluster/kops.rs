//! kops' `Cluster` and `InstanceGroup` (`kubernetes/kops`, `pkg/apis/kops/v1alpha2` and `v1alpha3`).

use foldhash::HashMap;
use seaworthy_document::Node;

use super::{
    AddOn, ClusterDocument, EtcdMember, NodeGroup, NodeRole, Range, RangeOf, Subnet, Tool, ZonesByName, zones_by_name,
};
use crate::nodes::Taint;
use crate::stated::{
    Stated, at, count_at, entries_at, flag_at, is_expression, named_texts_at, text, text_at, texts_at,
};

/// The label by which a group names its cluster.
const CLUSTER: [&str; 3] = ["metadata", "labels", "kops.k8s.io/cluster"];

/// Parts of the cluster that are switched on, and the add-on that each is.
const ADD_ONS: &[(&str, &str)] = &[
    ("spec.metricsServer", "metrics-server"),
    ("spec.clusterAutoscaler", "cluster-autoscaler"),
    ("spec.certManager", "cert-manager"),
    ("spec.awsLoadBalancerController", "aws-load-balancer-controller"),
    ("spec.cloudProvider.aws.loadBalancerController", "aws-load-balancer-controller"),
    ("spec.nodeTerminationHandler", "aws-node-termination-handler"),
    ("spec.cloudProvider.aws.nodeTerminationHandler", "aws-node-termination-handler"),
    ("spec.snapshotController", "snapshot-controller"),
    ("spec.karpenter", "karpenter"),
    ("spec.cloudConfig.awsEBSCSIDriver", "aws-ebs-csi-driver"),
    ("spec.cloudProvider.aws.ebsCSIDriver", "aws-ebs-csi-driver"),
    ("spec.cloudConfig.gcpPDCSIDriver", "gcp-pd-csi-driver"),
    ("spec.nodeProblemDetector", "node-problem-detector"),
];

/// What stands beside the network plug-in under `spec.networking`.
const NO_PLUGINS: &[&str] = &[
    "networkCIDR",
    "additionalNetworkCIDRs",
    "nonMasqueradeCIDR",
    "podCIDR",
    "serviceClusterIPRange",
    "subnets",
    "topology",
    "networkID",
    "egressProxy",
    "isolateControlPlane",
    "tagSubnets",
];

/// True for a `Cluster`.
pub(super) fn is_cluster(root: Node<'_>) -> bool {
    root.get("kind").is_some_and(|it| it.text() == "Cluster")
}

/// Reads clusters together with their groups; groups without their cluster make one of their own.
#[inline(never)]
pub(super) fn read<'a>(roots: &[Node<'a>]) -> Vec<ClusterDocument<'a>> {
    let (clusters, groups): (Vec<Node<'a>>, Vec<Node<'a>>) = roots.iter().partition(|it| is_cluster(**it));
    let mut read: Vec<ClusterDocument<'a>> = clusters.into_iter().map(cluster).collect();
    let named = |it: &ClusterDocument<'a>| it.name.and_then(|it| it.value).unwrap_or_default();
    let mut at: HashMap<&str, usize> = read.iter().enumerate().map(|(at, it)| (named(it), at)).collect();
    let is_only = read.len() == 1;
    for group in groups {
        let name = group.at(CLUSTER).map_or("", |it| it.text());
        let place = if is_only && name.is_empty() { 0 } else { *at.entry(name).or_insert(read.len()) };
        match read.get_mut(place) {
            Some(cluster) => cluster.roots.push(group),
            None => {
                let mut alone = ClusterDocument::new(Tool::Kops, group);
                alone.name = group.at(CLUSTER).map(text);
                read.push(alone);
            }
        }
    }
    read.iter_mut().for_each(join);
    read
}

fn cluster(root: Node<'_>) -> ClusterDocument<'_> {
    let mut cluster = ClusterDocument::new(Tool::Kops, root);
    // `v1alpha3` moved what is of the network and of the API under keys of their own.
    let either = |old: &str, new: &str| text_at(root, old).or_else(|| text_at(root, new));
    cluster.name = text_at(root, "metadata.name");
    cluster.version = text_at(root, "spec.kubernetesVersion");
    cluster.network_id = either("spec.networkID", "spec.networking.networkID");
    cluster.has_identities = flag_at(root, "spec.iam.useServiceAccountExternalPermissions");
    cluster.plugin = entries_at(root, "spec.networking")
        .into_iter()
        .find(|(name, _)| !NO_PLUGINS.contains(name))
        .map(|(name, at)| Stated::said(name, at.key().unwrap_or(at)));
    for (of, old, new) in [
        (RangeOf::Network, "spec.networkCIDR", "spec.networking.networkCIDR"),
        (RangeOf::Cluster, "spec.nonMasqueradeCIDR", "spec.networking.nonMasqueradeCIDR"),
        (RangeOf::Pods, "spec.podCIDR", "spec.networking.podCIDR"),
        (RangeOf::Services, "spec.serviceClusterIPRange", "spec.networking.serviceClusterIPRange"),
    ] {
        cluster.ranges.extend(either(old, new).map(|cidr| Range { of, cidr }));
    }
    for list in ["spec.additionalNetworkCIDRs", "spec.networking.additionalNetworkCIDRs"] {
        let more = texts_at(root, list).into_iter();
        cluster.ranges.extend(more.map(|cidr| Range { of: RangeOf::Network, cidr }));
    }
    let subnets = at(root, "spec.subnets").or_else(|| at(root, "spec.networking.subnets"));
    cluster.subnets = subnets.into_iter().flat_map(|it| it.items()).map(subnet).collect();
    for &(path, name) in ADD_ONS {
        let Some(part) = at(root, path) else { continue };
        if flag_at(part, "enabled").is_some_and(|it| it.value == Some(true)) {
            cluster.add_ons.push(AddOn { name: Stated::said(name, part), version: None });
        }
    }
    control_plane(root, &mut cluster);
    cluster
}

fn subnet(at: Node<'_>) -> Subnet<'_> {
    Subnet {
        at,
        name: text_at(at, "name"),
        id: text_at(at, "id"),
        zone: text_at(at, "zone"),
        cidr: text_at(at, "cidr"),
        is_public: at.get("type").map(|it| matches!(it.text(), "Public" | "Utility")),
    }
}

fn control_plane<'a>(root: Node<'a>, cluster: &mut ClusterDocument<'a>) {
    let plane = &mut cluster.control_plane;
    plane.endpoint = text_at(root, "spec.masterPublicName").or_else(|| text_at(root, "spec.api.publicName"));
    plane.cert_names = texts_at(root, "spec.additionalSANs");
    plane.cert_names.extend(texts_at(root, "spec.api.additionalSANs"));
    for etcd in at(root, "spec.etcdClusters").into_iter().flat_map(|it| it.items()) {
        let of = etcd.get("name").map_or("", |it| it.text());
        let members = etcd.get("etcdMembers").into_iter().flat_map(|it| it.items());
        plane.etcd.extend(members.map(|at| EtcdMember { at, of, host: text_at(at, "instanceGroup"), zone: None }));
    }
    let kubelet = &mut cluster.kubelet;
    kubelet.anonymous = flag_at(root, "spec.kubelet.anonymousAuth");
    kubelet.token_webhook = flag_at(root, "spec.kubelet.authenticationTokenWebhook");
    kubelet.authorization = text_at(root, "spec.kubelet.authorizationMode");
    kubelet.proxy_metrics = text_at(root, "spec.kubeProxy.metricsBindAddress");
}

/// Reads the groups of a cluster, and what its other parts say by their names.
fn join(cluster: &mut ClusterDocument<'_>) {
    let by_name = zones_by_name(&cluster.subnets);
    let groups = cluster.roots.iter().filter(|it| !is_cluster(**it));
    let groups: Vec<_> = groups.map(|it| group(*it, cluster, &by_name)).collect();
    let is_karpenter = |root: &Node<'_>| at(*root, "spec.manager").is_some_and(|it| it.text() == "Karpenter");
    cluster.nodes_on_demand = cluster.roots.iter().copied().find(is_karpenter);
    cluster.groups = groups;
    let of_groups: HashMap<&str, &NodeGroup<'_>> = cluster.groups.iter().map(|it| (it.title(), it)).collect();
    for member in &mut cluster.control_plane.etcd {
        let host = member.host.and_then(|it| it.value).and_then(|it| of_groups.get(it));
        if let Some([zone]) = host.map(|it| it.zones.as_slice()) {
            member.zone = Some(*zone);
        }
    }
}

fn group<'a>(root: Node<'a>, cluster: &ClusterDocument<'a>, by_name: &ZonesByName<'a>) -> NodeGroup<'a> {
    let spec = root.get("spec").unwrap_or(root);
    let role = match spec.get("role").map_or("Node", |it| it.text()) {
        "Master" | "ControlPlane" | "APIServer" => NodeRole::ControlPlane,
        "Bastion" => NodeRole::Bastion,
        _ => NodeRole::Worker,
    };
    let mut group = NodeGroup::new(spec, role);
    group.name = text_at(root, "metadata.name");
    // `upup/pkg/fi/cloudup/populate_instancegroup_spec.go`.
    let usual = if role == NodeRole::Worker { 2 } else { 1 };
    let min = count_at(spec, "minSize").unwrap_or(Stated::filled(usual, spec));
    group.min = Some(min);
    group.max = Some(count_at(spec, "maxSize").unwrap_or(Stated::filled(usual, spec)));
    group.desired = Some(Stated { is_default: true, ..min });
    group.subnets = texts_at(spec, "subnets");
    group.zones = zones(spec, &group, by_name);
    group.instance_types = texts_at(spec, "mixedInstancesPolicy.instances");
    if group.instance_types.is_empty() {
        group.instance_types.extend(text_at(spec, "machineType"));
    }
    group.labels = named_texts_at(spec, "nodeLabels");
    group.taints = at(spec, "taints").into_iter().flat_map(|it| it.items()).map(taint).collect();
    let root_of_cluster = cluster.root().filter(|it| is_cluster(*it));
    let of_all = root_of_cluster.and_then(|it| count_at(it, "spec.kubelet.maxPods"));
    group.max_pods = count_at(spec, "kubelet.maxPods").or(of_all);
    group.volume_size = count_at(spec, "rootVolumeSize").or_else(|| count_at(spec, "rootVolume.size"));
    group.is_spot = at(spec, "maxPrice").map(|at| Stated::said(true, at));
    group.may_autoscale = root_of_cluster.and_then(|it| flag_at(it, "spec.clusterAutoscaler.enabled"));
    if let Some(own) = flag_at(spec, "autoscale").filter(|it| it.value == Some(false)) {
        group.may_autoscale = Some(own);
    }
    group.tags = named_texts_at(spec, "cloudLabels");
    let common = root_of_cluster.map(|it| named_texts_at(it, "spec.cloudLabels")).unwrap_or_default();
    group.tags.extend(common);
    group.image = text_at(spec, "image");
    group
}

/// The zones of its own, or those of the subnets it names.
fn zones<'a>(spec: Node<'a>, group: &NodeGroup<'a>, by_name: &ZonesByName<'a>) -> Vec<Stated<'a, &'a str>> {
    let own = texts_at(spec, "zones");
    if !own.is_empty() {
        return own;
    }
    let named = |subnet: &Stated<'a, &'a str>| {
        // Pointed at where the group names the subnet: that is where it chooses the zone.
        Some(Stated { at: subnet.at, ..*by_name.get(subnet.value?)? })
    };
    group.subnets.iter().map(named).collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// `key=value:Effect`, `key:Effect`.
fn taint(at: Node<'_>) -> Stated<'_, Taint> {
    let Some((left, effect)) = at.text().rsplit_once(':').filter(|_| !is_expression(at.text())) else {
        return Stated::unknown(at);
    };
    let (key, value) = left.split_once('=').map_or((left, None), |(key, value)| (key, Some(value)));
    let value = value.filter(|it| !it.is_empty()).map(str::to_owned);
    Stated::said(Taint { key: key.to_owned(), value, effect: effect.to_owned() }, at)
}
