//! One cluster as the documents of the tool that makes it state it.

mod eksctl;
mod kops;
mod kubeadm;
mod local;
mod nodes;
mod snapshot;
#[cfg(test)]
mod tests;
mod tools;

use foldhash::HashMap;
use seaworthy_document::Node;

use crate::nodes::Taint;
use crate::stated::Stated;

pub use snapshot::is_snapshot;
pub use tools::{clusters, states_cluster};

/// One cluster, as the documents of one tool state it. What is missing here is not said, and no default of the tool is
/// known; a [`Stated`] without a value is said in a way that only the tool understands.
#[derive(Debug, Clone)]
pub struct ClusterDocument<'a> {
    /// The tool whose documents they are.
    pub tool: Tool,
    /// The roots of the documents, the one that is the cluster first.
    pub roots: Vec<Node<'a>>,
    /// What the cluster is called.
    pub name: Option<Stated<'a, &'a str>>,
    /// Its Kubernetes version, as it is written: [`ClusterDocument::release`] reads it.
    pub version: Option<Stated<'a, &'a str>>,
    /// The region of the provider.
    pub region: Option<Stated<'a, &'a str>>,
    /// The zones of the cluster as a whole.
    pub zones: Vec<Stated<'a, &'a str>>,
    /// The groups of nodes, those of the control plane too.
    pub groups: Vec<NodeGroup<'a>>,
    /// True if nodes come and go that no group states: Karpenter, EKS Auto Mode, Fargate; where that is said.
    pub nodes_on_demand: Option<Node<'a>>,
    /// Add-ons that the tool installs.
    pub add_ons: Vec<AddOn<'a>>,
    /// Accounts that pods run under, with rights of the provider.
    pub accounts: Vec<Account<'a>>,
    /// True if the provider gives accounts an identity (OIDC, workload identity).
    pub has_identities: Option<Stated<'a, bool>>,
    /// The ranges of addresses.
    pub ranges: Vec<Range<'a>>,
    /// The subnets.
    pub subnets: Vec<Subnet<'a>>,
    /// The network of the provider that the cluster lies in, by its id, if it is one that was there before.
    pub network_id: Option<Stated<'a, &'a str>>,
    /// How nodes reach the world: `Single`, `HighlyAvailable`, `Disable`.
    pub nat: Option<Stated<'a, &'a str>>,
    /// The network plug-in.
    pub plugin: Option<Stated<'a, &'a str>>,
    /// The control plane.
    pub control_plane: ControlPlane<'a>,
    /// How the kubelets and kube-proxy are set up.
    pub kubelet: KubeletSettings<'a>,
}

/// The tools whose documents are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// eksctl: `ClusterConfig`.
    Eksctl,
    /// kops: `Cluster` and its `InstanceGroup`s.
    Kops,
    /// kubeadm: `ClusterConfiguration`, `InitConfiguration`, `JoinConfiguration` and what stands beside them.
    Kubeadm,
    /// kind: `Cluster`.
    Kind,
    /// k3d: `Simple`.
    K3d,
    /// Terraform and OpenTofu, with an EKS cluster.
    Terraform,
}

impl Tool {
    /// The platform its clusters are, as a Fleet document calls it.
    #[must_use]
    pub fn platform(self) -> &'static str {
        match self {
            Tool::Eksctl | Tool::Terraform => "eks",
            Tool::Kops => "kops",
            Tool::Kubeadm => "kubeadm",
            Tool::Kind => "kind",
            Tool::K3d => "k3s",
        }
    }

    /// True for clusters on one machine.
    #[must_use]
    pub fn is_local(self) -> bool {
        matches!(self, Tool::Kind | Tool::K3d)
    }

    /// True if the provider runs the control plane, out of sight.
    #[must_use]
    pub fn is_managed(self) -> bool {
        matches!(self, Tool::Eksctl | Tool::Terraform)
    }
}

/// Nodes that are alike.
#[derive(Debug, Clone)]
pub struct NodeGroup<'a> {
    /// The part of the document that states it.
    pub at: Node<'a>,
    /// Its name.
    pub name: Option<Stated<'a, &'a str>>,
    /// What its nodes are for.
    pub role: NodeRole,
    /// True if the provider keeps it (a managed node group of EKS).
    pub is_managed: bool,
    /// How few there may be.
    pub min: Option<Stated<'a, u32>>,
    /// How many there may be.
    pub max: Option<Stated<'a, u32>>,
    /// How many there are at first.
    pub desired: Option<Stated<'a, u32>>,
    /// The zones its nodes are in: its own, or those of its subnets or of the cluster; empty if nobody says.
    pub zones: Vec<Stated<'a, &'a str>>,
    /// The subnets it names.
    pub subnets: Vec<Stated<'a, &'a str>>,
    /// Its instance types: a node has one of them.
    pub instance_types: Vec<Stated<'a, &'a str>>,
    /// Labels of its nodes.
    pub labels: Vec<(&'a str, Stated<'a, &'a str>)>,
    /// Taints of its nodes.
    pub taints: Vec<Stated<'a, Taint>>,
    /// The most pods on a node.
    pub max_pods: Option<Stated<'a, u32>>,
    /// The size of a node's disk in GiB.
    pub volume_size: Option<Stated<'a, u32>>,
    /// True if its nodes are spare capacity that the provider takes back.
    pub is_spot: Option<Stated<'a, bool>>,
    /// True if its nodes have no public address.
    pub is_private: Option<Stated<'a, bool>>,
    /// True if its nodes may do what the cluster autoscaler does.
    pub may_autoscale: Option<Stated<'a, bool>>,
    /// Tags of the scaling group, by which an autoscaler finds it.
    pub tags: Vec<(&'a str, Stated<'a, &'a str>)>,
    /// Its own Kubernetes version, where it has one.
    pub version: Option<Stated<'a, &'a str>>,
    /// The family of images its nodes run, `AmazonLinux2023`, `Bottlerocket`, `Ubuntu2204`, …
    pub image: Option<Stated<'a, &'a str>>,
}

/// What nodes are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeRole {
    /// Workloads.
    Worker,
    /// The control plane, which ordinary pods do not run on.
    ControlPlane,
    /// Both: a control plane that ordinary pods run on too.
    Both,
    /// No Kubernetes at all: a way in.
    Bastion,
}

/// Something that the tool installs into the cluster.
#[derive(Debug, Clone)]
pub struct AddOn<'a> {
    /// Its name: a well-known one where there is one.
    pub name: Stated<'a, &'a str>,
    /// Its version.
    pub version: Option<Stated<'a, &'a str>>,
}

/// A service account with rights of the provider.
#[derive(Debug, Clone)]
pub struct Account<'a> {
    /// Its namespace.
    pub namespace: Stated<'a, &'a str>,
    /// Its name.
    pub name: Stated<'a, &'a str>,
    /// What it may do, as the tool calls it: `autoScaler`, `ebsCSIController`, … or the name of a policy.
    pub rights: Vec<Stated<'a, &'a str>>,
}

/// A range of addresses.
#[derive(Debug, Clone)]
pub struct Range<'a> {
    /// What has addresses of it.
    pub of: RangeOf,
    /// The range: `10.0.0.0/16`, or several, with commas, for two families.
    pub cidr: Stated<'a, &'a str>,
}

/// What has addresses of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangeOf {
    /// Pods.
    Pods,
    /// Services.
    Services,
    /// The network of the provider, or of the machines.
    Network,
    /// All that is of the cluster: pods, services and what is left (kops: `nonMasqueradeCIDR`).
    Cluster,
}

/// A part of the network in one zone.
#[derive(Debug, Clone)]
pub struct Subnet<'a> {
    /// The part of the document that states it.
    pub at: Node<'a>,
    /// What the document calls it.
    pub name: Option<Stated<'a, &'a str>>,
    /// The provider's name of it, if it was there before.
    pub id: Option<Stated<'a, &'a str>>,
    /// Its zone.
    pub zone: Option<Stated<'a, &'a str>>,
    /// Its range.
    pub cidr: Option<Stated<'a, &'a str>>,
    /// True if the world reaches it.
    pub is_public: Option<bool>,
}

/// The control plane of a cluster.
#[derive(Debug, Clone, Default)]
pub struct ControlPlane<'a> {
    /// True if the provider runs it.
    pub is_managed: bool,
    /// Where clients reach it.
    pub endpoint: Option<Stated<'a, &'a str>>,
    /// Where joining nodes are told to reach it.
    pub join_endpoints: Vec<Stated<'a, &'a str>>,
    /// The address that one of its nodes advertises.
    pub advertised: Option<Stated<'a, &'a str>>,
    /// The port that its nodes listen on.
    pub port: Option<Stated<'a, u32>>,
    /// The names its certificate is good for beside those the tool puts in.
    pub cert_names: Vec<Stated<'a, &'a str>>,
    /// The members of etcd, cluster by cluster.
    pub etcd: Vec<EtcdMember<'a>>,
    /// True if etcd runs on machines of its own.
    pub etcd_is_external: bool,
}

/// One member of etcd.
#[derive(Debug, Clone)]
pub struct EtcdMember<'a> {
    /// The part of the document that states it.
    pub at: Node<'a>,
    /// Which of the cluster's etcds: kops has `main` and `events`.
    pub of: &'a str,
    /// The group of nodes it runs on, or its address.
    pub host: Option<Stated<'a, &'a str>>,
    /// The zone it is in.
    pub zone: Option<Stated<'a, &'a str>>,
}

/// How the kubelets and kube-proxy are set up.
#[derive(Debug, Clone, Default)]
pub struct KubeletSettings<'a> {
    /// `authentication.anonymous.enabled`.
    pub anonymous: Option<Stated<'a, bool>>,
    /// `authentication.webhook.enabled`: tokens of service accounts are taken.
    pub token_webhook: Option<Stated<'a, bool>>,
    /// `authorization.mode`: `Webhook` or `AlwaysAllow`.
    pub authorization: Option<Stated<'a, &'a str>>,
    /// The address that kube-proxy gives its metrics on.
    pub proxy_metrics: Option<Stated<'a, &'a str>>,
}

impl<'a> ClusterDocument<'a> {
    /// A cluster of which nothing is known but its tool and its document.
    #[must_use]
    pub fn new(tool: Tool, root: Node<'a>) -> Self {
        Self {
            tool,
            roots: vec![root],
            name: None,
            version: None,
            region: None,
            zones: Vec::new(),
            groups: Vec::new(),
            nodes_on_demand: None,
            add_ons: Vec::new(),
            accounts: Vec::new(),
            has_identities: None,
            ranges: Vec::new(),
            subnets: Vec::new(),
            network_id: None,
            nat: None,
            plugin: None,
            control_plane: ControlPlane { is_managed: tool.is_managed(), ..ControlPlane::default() },
            kubelet: KubeletSettings::default(),
        }
    }

    /// Its document; the main one, where there are several.
    #[must_use]
    pub fn root(&self) -> Option<Node<'a>> {
        self.roots.first().copied()
    }

    /// Major and minor of its version, if they are said: `1.34.2`, `v1.34`, `1.34.1-eks-1a2b3c`.
    #[must_use]
    pub fn release(&self) -> Option<(u32, u32)> {
        let text = self.version?.value?;
        release_of(text)
    }

    /// The groups whose nodes run ordinary pods.
    pub fn workers(&self) -> impl Iterator<Item = &NodeGroup<'a>> {
        self.groups.iter().filter(|it| matches!(it.role, NodeRole::Worker | NodeRole::Both))
    }

    /// The zones that its groups of workers are in, each once, in order; empty if unknown.
    #[must_use]
    pub fn worker_zones(&self) -> Vec<&'a str> {
        let mut zones: Vec<&str> =
            self.workers().flat_map(|it| &it.zones).chain(&self.zones).filter_map(|it| it.value).collect();
        seaworthy_source::order::sort(&mut zones);
        zones.dedup();
        zones
    }

    /// The add-on of a name.
    #[must_use]
    pub fn add_on(&self, name: &str) -> Option<&AddOn<'a>> {
        self.add_ons.iter().find(|it| it.name.value == Some(name))
    }
}

impl<'a> NodeGroup<'a> {
    /// A group of which nothing is known but what its nodes are for.
    #[must_use]
    pub fn new(at: Node<'a>, role: NodeRole) -> Self {
        Self {
            at,
            name: None,
            role,
            is_managed: false,
            min: None,
            max: None,
            desired: None,
            zones: Vec::new(),
            subnets: Vec::new(),
            instance_types: Vec::new(),
            labels: Vec::new(),
            taints: Vec::new(),
            max_pods: None,
            volume_size: None,
            is_spot: None,
            is_private: None,
            may_autoscale: None,
            tags: Vec::new(),
            version: None,
            image: None,
        }
    }

    /// What to call it: its name, or nothing.
    #[must_use]
    pub fn title(&self) -> &'a str {
        self.name.and_then(|it| it.value).unwrap_or_default()
    }

    /// The tag of a key.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<Stated<'a, &'a str>> {
        self.tags.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
    }
}

/// The zones of subnets, by their names and the provider's.
type ZonesByName<'a> = HashMap<&'a str, Stated<'a, &'a str>>;

fn zones_by_name<'a>(subnets: &[Subnet<'a>]) -> ZonesByName<'a> {
    let names = subnets.iter().flat_map(|it| [it.name, it.id].map(|name| Some((name?.value?, it.zone?))));
    names.flatten().collect()
}

/// Major and minor of a version as tools write it.
#[must_use]
pub fn release_of(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split(['.', '-', '+']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
