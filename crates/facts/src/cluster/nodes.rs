//! What the documents of a cluster say, as facts that do not borrow from them.

use seaworthy_diagnostic::Unknown;
use seaworthy_object::Versions;

use super::{ClusterDocument, NodeGroup, NodeRole, Tool};
use crate::Facts;
use crate::nodes::{NodeFacts, Open, Taint};
use crate::stated::{Stated, unknown};

/// Why something is not known.
const ONLY_THE_TOOL: &str = "only the tool that reads it can tell";

impl ClusterDocument<'_> {
    /// The nodes of its groups; none for kubeadm, whose documents are for any number of nodes.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeFacts> {
        if self.tool == Tool::Kubeadm {
            return Vec::new();
        }
        let groups = self.groups.iter().filter(|it| it.role != NodeRole::Bastion);
        let mut nodes: Vec<NodeFacts> = groups.map(|it| self.nodes_of(it)).collect();
        nodes.extend(self.nodes_on_demand.map(|_| NodeFacts::on_demand()));
        nodes
    }

    fn nodes_of(&self, group: &NodeGroup<'_>) -> NodeFacts {
        let mut open = Open::default();
        let desired = group.desired.or(group.min);
        open.count = desired.is_none_or(|it| it.value.is_none());
        // On one machine there are neither zones nor types.
        let is_local = self.tool.is_local();
        let is_any = |list: &[Stated<'_, &str>]| list.iter().any(|it| it.value.is_none());
        open.zones = !is_local && group.zones.is_empty() || is_any(&group.zones);
        open.instance_type = !is_local && group.instance_types.len() != 1 || is_any(&group.instance_types);
        open.labels = group.labels.iter().any(|(_, it)| it.value.is_none());
        open.taints = group.taints.iter().any(|it| it.value.is_none());
        let value = |it: Option<Stated<'_, u32>>| it.and_then(|it| it.value);
        let mut facts = NodeFacts {
            name: group.name.and_then(|it| it.value).map(str::to_owned),
            is_node: false,
            count: value(desired).or(value(group.min)).unwrap_or(0),
            min: value(group.min),
            max: value(group.max),
            zones: group.zones.iter().filter_map(|it| it.value).map(str::to_owned).collect(),
            instance_types: group.instance_types.iter().filter_map(|it| it.value).map(str::to_owned).collect(),
            allocatable: self.stated_room(group),
            labels: Vec::new(),
            taints: group.taints.iter().filter_map(|it| it.value.clone()).collect(),
            unschedulable: false,
            open,
        };
        facts.labels = self.labels_of(group, &facts);
        if let Some((_, zone)) = facts.labels.iter().find(|(key, _)| key == "topology.kubernetes.io/zone") {
            (facts.zones, facts.open.zones) = (vec![zone.clone()], false);
        }
        if group.role == NodeRole::ControlPlane {
            facts.taints.push(Taint {
                key: "node-role.kubernetes.io/control-plane".to_owned(),
                value: None,
                effect: "NoSchedule".to_owned(),
            });
        }
        facts
    }

    /// What pods can have of a node as far as the group itself says it: how many there may be, and the disk, of which
    /// the kubelet keeps a tenth free, and EKS reserves a gibibyte.
    fn stated_room(&self, group: &NodeGroup<'_>) -> Vec<(String, String)> {
        let pods = group.max_pods.and_then(|it| it.value).map(|it| ("pods".to_owned(), it.to_string()));
        let kept = if self.tool == Tool::Kops { 0 } else { 1024 };
        let disk = group.volume_size.and_then(|it| it.value).map(|gib| {
            let mib = (u64::from(gib) * 1024 * 9 / 10).saturating_sub(kept);
            ("ephemeral-storage".to_owned(), format!("{mib}Mi"))
        });
        pods.into_iter().chain(disk).collect()
    }

    /// The labels that are stated, and those that the kubelet and the tool add.
    fn labels_of(&self, group: &NodeGroup<'_>, facts: &NodeFacts) -> Vec<(String, String)> {
        let stated = group.labels.iter().filter_map(|(key, it)| Some((*key, it.value?)));
        let mut labels: Vec<(String, String)> = stated.map(|(key, it)| (key.to_owned(), it.to_owned())).collect();
        let mut add = |key: &str, value: &str| {
            if !value.is_empty() && !labels.iter().any(|(it, _)| it == key) {
                labels.push((key.to_owned(), value.to_owned()));
            }
        };
        let is_windows = group.image.and_then(|it| it.value).is_some_and(|it| it.starts_with("Windows"));
        add("kubernetes.io/os", if is_windows { "windows" } else { "linux" });
        if let [only] = facts.instance_types.as_slice() {
            add("node.kubernetes.io/instance-type", only);
        }
        let region = self.region.and_then(|it| it.value).unwrap_or_default();
        add("topology.kubernetes.io/region", region);
        let name = self.name.and_then(|it| it.value).unwrap_or_default();
        match self.tool {
            Tool::Eksctl => {
                add("alpha.eksctl.io/cluster-name", name);
                add("alpha.eksctl.io/nodegroup-name", group.title());
            }
            Tool::Kops => add("kops.k8s.io/instancegroup", group.title()),
            _ => {}
        }
        if group.is_managed {
            add("eks.amazonaws.com/nodegroup", group.title());
            let is_spot = group.is_spot.is_some_and(|it| it.value == Some(true));
            add("eks.amazonaws.com/capacityType", if is_spot { "SPOT" } else { "ON_DEMAND" });
        }
        match group.role {
            NodeRole::ControlPlane | NodeRole::Both => labels.push((CONTROL_PLANE.to_owned(), String::new())),
            NodeRole::Worker | NodeRole::Bastion => {}
        }
        labels
    }

    /// Adds to facts what they do not hold yet, and lists what its documents leave open.
    pub fn teach(&self, facts: &mut Facts, open: &mut Vec<Unknown>) {
        facts.platform.get_or_insert_with(|| self.tool.platform().to_owned());
        if let Some(version) = self.version {
            match version.value.map(str::parse) {
                Some(Ok(version)) => {
                    facts.versions = Versions::one(version);
                    facts.versions_stated = true;
                }
                Some(Err(_)) => {}
                None => open.push(unknown(version.at, "the version of the cluster", ONLY_THE_TOOL)),
            }
        }
        // Declared zones are all there are: with one that is not known, they are left to the groups.
        let is_known =
            |group: &NodeGroup<'_>| !group.zones.is_empty() && group.zones.iter().all(|it| it.value.is_some());
        if facts.zones.is_empty() && self.nodes_on_demand.is_none() && self.workers().all(is_known) {
            facts.zones = self.worker_zones().into_iter().map(str::to_owned).collect();
        }
        facts.nodes.extend(self.nodes());
        facts.installed.extend(self.add_ons.iter().filter_map(|it| it.name.value).map(str::to_owned));
        if let Some(at) = self.nodes_on_demand {
            open.push(unknown(at, "nodes", "they come and go on demand"));
        }
        for group in self.workers() {
            group.list_open(open);
        }
    }
}

const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";

impl NodeGroup<'_> {
    fn list_open(&self, open: &mut Vec<Unknown>) {
        let mut list = |at, what: &str| open.push(unknown(at, what, ONLY_THE_TOOL));
        let sizes =
            [(self.min, "the least of nodes"), (self.max, "the most of nodes"), (self.desired, "how many nodes")];
        for (size, what) in sizes {
            if let Some(Stated { value: None, at, .. }) = size
                && at != self.at
            {
                list(at, what);
            }
        }
        let texts = self.instance_types.iter().map(|it| (it, "an instance type"));
        let texts = texts.chain(self.zones.iter().map(|it| (it, "a zone")));
        for (it, what) in texts.chain(self.labels.iter().map(|(_, it)| (it, "a label of nodes"))) {
            if it.value.is_none() {
                list(it.at, what);
            }
        }
        for it in self.taints.iter().filter(|it| it.value.is_none()) {
            list(it.at, "a taint of nodes");
        }
    }
}
