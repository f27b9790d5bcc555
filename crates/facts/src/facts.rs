//! The facts as one flat list, whoever states them: flags, a Fleet document, documents of the cluster.

use seaworthy_source::order;
use std::collections::BTreeSet;

use jiff::civil::Date;
use seaworthy_object::{Version, Versions};

use crate::nodes::NodeFacts;

/// Facts that manifests do not say. What is not declared is unknown, never assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The Kubernetes versions to judge for.
    pub versions: Versions,
    /// True if somebody states them: a flag, a Fleet document, a document of the cluster.
    pub versions_stated: bool,
    /// The namespace of namespaced objects that name none.
    pub namespace: String,
    /// True if the given set is all there is.
    pub complete: bool,
    /// True if it is a part taken out of a cluster, so that it says nothing of what is beside it.
    pub is_part: bool,
    /// Group and kind of what is given completely, whatever else is there: of these no object is elsewhere.
    pub listed: BTreeSet<(String, String)>,
    /// `eks`, `gke`, `aks`, `kops`, `kubeadm`, `k3s`, `kind`, `minikube`, …
    pub platform: Option<String>,
    /// `containerd`, `docker`, …
    pub runtime: Option<String>,
    /// The zones of the cluster.
    pub zones: Vec<String>,
    /// The nodes, in groups.
    pub nodes: Vec<NodeFacts>,
    /// Add-ons that something else installs.
    pub installed: Vec<String>,
    /// What lives outside the cluster.
    pub externals: Vec<External>,
    /// What something in the set must stand behind.
    pub promises: Vec<String>,
    /// Today; without it nothing expires.
    pub today: Option<Date>,
}

/// A service outside the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct External {
    /// What the model calls it.
    pub name: String,
    /// Where it answers.
    pub host: Option<String>,
    /// On which ports.
    pub ports: Vec<u16>,
    /// The variables that name it.
    pub env: Vec<String>,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            versions: Versions::one(Version::NEWEST),
            versions_stated: false,
            namespace: "default".to_owned(),
            complete: false,
            is_part: false,
            listed: BTreeSet::new(),
            platform: None,
            runtime: None,
            zones: Vec::new(),
            nodes: Vec::new(),
            installed: Vec::new(),
            externals: Vec::new(),
            promises: Vec::new(),
            today: None,
        }
    }
}

impl Facts {
    /// True if all objects of a kind are given.
    #[must_use]
    pub fn lists(&self, group: &str, kind: &str) -> bool {
        // A handful: a look at each is cheaper than a key to look up.
        self.complete || self.listed.iter().any(|it| (it.0.as_str(), it.1.as_str()) == (group, kind))
    }

    /// True if all objects that make pods are given.
    #[must_use]
    pub fn lists_workloads(&self) -> bool {
        WORKLOADS.iter().all(|(group, kind)| self.lists(group, kind))
    }

    /// True if an add-on is declared.
    #[must_use]
    pub fn has_installed(&self, name: &str) -> bool {
        self.installed.iter().any(|it| it == name)
    }

    /// How many nodes there are, if that is known.
    #[must_use]
    pub fn node_count(&self) -> Option<u32> {
        if self.nodes.iter().any(|group| group.open.count) {
            return None;
        }
        if self.nodes.is_empty() {
            return matches!(self.platform.as_deref(), Some("minikube")).then_some(1);
        }
        Some(self.nodes.iter().fold(0, |sum, group| sum.saturating_add(group.count)))
    }

    /// Fills in what the instance types of nodes tell, where nothing is said; for after all else is known.
    pub fn measure_nodes(&mut self) {
        let version = self.versions.iter().last().unwrap_or(Version::NEWEST);
        let platform = self.platform.as_deref();
        self.nodes.iter_mut().for_each(|it| it.measure(platform, version));
    }

    /// The zones nodes are known to be in: declared ones, else those of the nodes; empty if unknown.
    #[must_use]
    pub fn known_zones(&self) -> Vec<&str> {
        if !self.zones.is_empty() {
            return self.zones.iter().map(String::as_str).collect();
        }
        if self.nodes.iter().any(|group| group.open.zones) {
            return Vec::new();
        }
        let mut zones: Vec<&str> = self.nodes.iter().flat_map(|group| &group.zones).map(String::as_str).collect();
        order::sort(&mut zones);
        zones.dedup();
        zones
    }
}

/// The built-in kinds that make pods: group and kind.
pub const WORKLOADS: &[(&str, &str)] = &[
    ("", "Pod"),
    ("", "ReplicationController"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("batch", "CronJob"),
    ("batch", "Job"),
];

/// What flags say; they beat the Fleet document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--kubernetes-version`.
    pub versions: Option<Versions>,
    /// `--complete`.
    pub complete: Option<bool>,
    /// The namespace of namespaced objects that name none.
    pub namespace: Option<String>,
    /// Today.
    pub today: Option<Date>,
}

impl Overrides {
    /// Sets what they say.
    pub fn apply(&self, facts: &mut Facts) {
        facts.versions = self.versions.unwrap_or(facts.versions);
        facts.versions_stated |= self.versions.is_some();
        facts.complete = self.complete.unwrap_or(facts.complete);
        facts.namespace = self.namespace.clone().unwrap_or_else(|| std::mem::take(&mut facts.namespace));
        facts.today = self.today.or(facts.today);
    }
}
