//! `host-path-volume-multi-node`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Field, Object, Pod, Volume};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HostPathVolumeMultiNode {}

impl Rule for HostPathVolumeMultiNode {
    const META: Meta = Meta {
        id: "host-path-volume-multi-node",
        category: Category::Storage,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("host_path_volume_multi_node.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

/// Folders that belong to the node itself (Filesystem Hierarchy Standard, and those of kubelet and the runtimes): who
/// mounts them wants the node, not a place for data.
const OF_THE_NODE: &[&str] = &[
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib64",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var/cache",
    "/var/lib/cni",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/lib/kubelet",
    "/var/lib/rancher",
    "/var/log",
    "/var/run",
    "/opt/cni",
];

/// Kinds of paths that hold no data.
const NO_DATA: &[&str] = &["Socket", "CharDevice", "BlockDevice", "File"];

impl HostPathVolumeMultiNode {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        let is_volume = object.is("", "PersistentVolume");
        let pod = object.pod().filter(may_move);
        if !is_volume && pod.is_none() || has_one_node(fleet) {
            return;
        }
        if is_volume {
            let volume = object;
            if let (Some(path), None) = (volume.at("spec.hostPath"), volume.at("spec.nodeAffinity")) {
                say(format!("volume `{}`", volume.name()), path, report);
            }
        }
        if let Some(pod) = pod {
            for volume in pod.spec().volumes() {
                if let Some(path) =
                    volume.field().get("hostPath").filter(|it| holds_data(*it) && is_written(pod, volume))
                {
                    say(format!("{} `{}`", pod.object().kind(), pod.object().name()), path, report);
                }
            }
        }
    }
}

fn say(who: String, host_path: Field<'_>, report: &mut Reporter<'_>) {
    let path = host_path.get("path").unwrap_or(host_path);
    let message = format!("{who} keeps its data in `{}` of whichever node the pod runs on", path.text());
    report.say(path, message).label("on another node the pod starts empty").help(
        "use a class that makes volumes, or a `local` volume with node affinity; a cluster of one node is declared \
             in fleet.yaml: `cluster: {nodes: [{count: 1}]}`",
    );
}

fn has_one_node(fleet: &Fleet<'_>) -> bool {
    let facts = fleet.facts();
    facts.node_count() == Some(1) || (facts.complete && fleet.of_kind("", "Node").count() == 1)
}

/// True unless the pod is one of every node, or tied to some nodes, or part of the node's own system.
fn may_move(pod: &Pod<'_>) -> bool {
    let spec = pod.spec();
    let tied = ["nodeName", "nodeSelector", "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"];
    let is_system = spec.field().str_at("priorityClassName").is_some_and(|it| it == "system-node-critical");
    !pod.object().is("apps", "DaemonSet") && !is_system && tied.iter().all(|path| spec.at(path).is_none())
}

fn holds_data(host_path: Field<'_>) -> bool {
    let path = host_path.get("path").map_or("", |it| it.text()).trim_end_matches('/');
    let is_below =
        |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_data = host_path.str_at("type").is_none_or(|of| !NO_DATA.contains(&of));
    is_data && !path.is_empty() && !path.ends_with(".sock") && !OF_THE_NODE.iter().any(|folder| is_below(folder))
}

fn is_written(pod: Pod<'_>, volume: Volume<'_>) -> bool {
    let mut mounts = pod.containers().flat_map(|container| container.mounts());
    mounts.any(|it| {
        it.get("name").is_some_and(|name| name.text() == volume.name())
            && !it.get("readOnly").is_some_and(|it| it.is_true())
    })
}
