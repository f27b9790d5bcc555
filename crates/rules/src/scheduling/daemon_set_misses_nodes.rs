//! `daemon-set-misses-nodes`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, NodeFacts, Taint};
use seaworthy_object::{Object, Pod};
use seaworthy_source::order;
use serde::Deserialize;

use super::nodes::{called, host_paths, is_meant_for_some, known, lasting, may_select, taint_text, tolerates};
use crate::mending::{self, before};
use crate::words::all_of;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DaemonSetMissesNodes {}

impl Rule for DaemonSetMissesNodes {
    const META: Meta = Meta {
        id: "daemon-set-misses-nodes",
        category: Category::Scheduling,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("daemon_set_misses_nodes.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

/// Folders in which a node keeps its logs, the state of its containers, and itself.
const OF_THE_NODE: &[&str] =
    &["/var/log", "/var/lib/docker", "/var/lib/containerd", "/var/lib/containers", "/dev", "/proc", "/sys"];

/// What a service promises that runs on every node.
const EVERY_NODE: &str = "every-node";

impl DaemonSetMissesNodes {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        let Some(pod) = object.pod().filter(|_| object.is("apps", "DaemonSet")) else { return };
        let spec = pod.spec();
        if is_meant_for_some(spec) || !(reads_its_node(pod) || is_promised(fleet, object)) {
            return;
        }
        let nodes = known(fleet);
        let missed: Vec<_> = nodes
            .iter()
            .map(|it| &**it)
            .filter(|node| may_select(spec, node))
            .filter_map(|node| Some((node, lasting(node).find(|taint| !tolerates(spec, taint))?)))
            .collect();
        if let [(_, taint), ..] = missed.as_slice() {
            let place = spec.at("tolerations").map_or_else(|| object.place(), Into::into);
            let wanted = toleration(taint);
            let lines = ["tolerations:", &format!("- {wanted}")];
            let above = spec.at("containers").filter(|_| spec.at("tolerations").is_none());
            let edit = above.and_then(|it| before(it, &lines));
            report
                .say(place, message(object, &missed))
                .help(format!("tolerate it: `{wanted}`"))
                .mend(edit.map(|it| mending::by(it, "tolerate the taint")));
        }
    }
}

fn message(object: &Object<'_>, missed: &[(&NodeFacts, &Taint)]) -> String {
    let mut taints: Vec<String> = missed.iter().map(|(_, taint)| format!("`{}`", taint_text(taint))).collect();
    order::sort(&mut taints);
    taints.dedup();
    let names: Vec<String> = if missed.len() <= SHOWN {
        missed.iter().map(|(node, _)| called(node)).collect()
    } else {
        vec![format!("{} nodes", missed.iter().map(|(node, _)| u64::from(node.count)).sum::<u64>())]
    };
    format!(
        "DaemonSet `{}` watches its nodes, but runs no pod on {}: it does not tolerate {}",
        object.name(),
        all_of(&names),
        all_of(&taints)
    )
}

/// So many nodes are named.
const SHOWN: usize = 3;

fn toleration(taint: &Taint) -> String {
    match taint.value.as_deref() {
        None | Some("") => format!("{{key: {}, operator: Exists, effect: {}}}", taint.key, taint.effect),
        Some(value) => format!("{{key: {}, value: \"{value}\", effect: {}}}", taint.key, taint.effect),
    }
}

/// True if the pod reads the logs, the devices or the state of the node it runs on.
fn reads_its_node(pod: Pod<'_>) -> bool {
    let is_below =
        |path: &str, folder: &str| path.strip_prefix(folder).is_some_and(|it| it.is_empty() || it.starts_with('/'));
    host_paths(pod.spec()).any(|it| {
        let path = it.text().trim_end_matches('/');
        it.text() == "/" || OF_THE_NODE.iter().any(|folder| is_below(path, folder))
    })
}

fn is_promised<'a>(fleet: &Fleet<'a>, object: &'a Object<'a>) -> bool {
    let promised = fleet.modelled().iter().filter(|it| it.declared.promises.contains(&EVERY_NODE));
    promised.into_iter().any(|it| it.workloads.iter().any(|workload| workload.root() == object.root()))
}

#[cfg(test)]
mod tests {
    use super::DaemonSetMissesNodes;
    use crate::trial::fixed;

    #[test]
    fn the_fix_tolerates_the_taint() {
        let set = |tolerations: &str| {
            format!(
                "\
apiVersion: v1
kind: Node
metadata: {{name: a}}
spec: {{taints: [{{key: gpu, value: 'true', effect: NoSchedule}}]}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: logs}}
spec:
  template:
    spec:
      {tolerations}containers: [{{name: a}}]
      volumes: [{{name: b, hostPath: {{path: /var/log}}}}]
"
            )
        };
        let mended = "tolerations:\n      - {key: gpu, value: \"true\", effect: NoSchedule}\n      ";
        assert_eq!(fixed::<DaemonSetMissesNodes>(&set("")), set(mended));
    }
}
