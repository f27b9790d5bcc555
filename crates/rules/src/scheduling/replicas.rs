//! How many pods a workload makes.

use seaworthy_fleet::{Autoscaler, Fleet};
use seaworthy_object::Pod;

use super::nodes::{is_meant_for_some, known, may_run_on};

/// How many pods of a workload there are at the least while it runs: an autoscaler counts with its minimum, a DaemonSet
/// with the nodes that certainly take it. What another object makes counts there; what runs now and then, and what
/// nothing of Kubernetes makes pods of, counts as nothing.
pub(super) fn at_least<'a>(fleet: &Fleet<'a>, pod: Pod<'a>) -> i64 {
    let object = pod.object();
    let ended = || object.str_at("status.phase").is_some_and(|it| matches!(it, "Succeeded" | "Failed"));
    if object.at("metadata.ownerReferences").is_some() || object.annotation("helm.sh/hook").is_some() {
        return 0;
    }
    let number = |path: &str| object.at(path).and_then(|it| it.as_int());
    match (object.group_kind().group, object.kind()) {
        ("", "Pod") => (!ended()).into(),
        ("batch", "Job") => {
            let together = number("spec.parallelism").unwrap_or(1);
            number("spec.completions").map_or(together, |it| it.min(together)).max(0)
        }
        ("apps", "DaemonSet") => on_nodes(fleet, pod),
        ("apps" | "", "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController") => {
            let scaled = fleet.autoscalers_of(object).filter(Autoscaler::sets_replicas).find_map(|it| it.bounds());
            scaled.map(|(min, _)| min).or(pod.replicas()).unwrap_or(1).max(0)
        }
        _ => 0,
    }
}

fn on_nodes<'a>(fleet: &Fleet<'a>, pod: Pod<'a>) -> i64 {
    let (nodes, spec) = (known(fleet), pod.spec());
    if nodes.is_empty() {
        return (!is_meant_for_some(spec)).into();
    }
    let takes = nodes.iter().filter(|it| may_run_on(spec, it));
    takes.map(|it| i64::from(it.min.unwrap_or(it.count).min(it.count))).sum()
}
