//! The pods that workloads make.

use foldhash::HashMap;
use seaworthy_fleet::Fleet;
use seaworthy_object::{IntOrString, Object, Pod, split_api_version};

use crate::question::Scale;

/// Pods of one workload, which differ by their names at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch<'a> {
    /// The pod, or the template of the pods.
    pub(crate) pod: Pod<'a>,
    /// How many there are; of a workload with a pod on each node, how many on each.
    pub(crate) count: u64,
    /// What they are called.
    pub(crate) naming: Naming,
    /// True if each is made when the one before it runs.
    pub(crate) in_order: bool,
}

/// What the pods of a workload are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// It is a pod, with a name of its own.
    Own,
    /// `web-x7k2p`: nobody knows the end before they are made.
    Random,
    /// `web-0`, `web-1`, …, from this number on.
    Ordinals(u64),
    /// `job-0-x7k2p`, `job-1-x7k2p`, …
    Indexes,
    /// `agent-x7k2p`, one a node.
    Nodes,
    /// The same in the middle of a rollout: one more on some of the nodes, which take turns.
    Turns,
}

impl Naming {
    /// The name of a pod; `*` stands for what only the cluster knows.
    pub(crate) fn name(self, of: &str, at: u64) -> String {
        match self {
            Naming::Own => of.to_owned(),
            Naming::Random | Naming::Nodes | Naming::Turns => format!("{of}-*"),
            Naming::Ordinals(start) => format!("{of}-{}", start.saturating_add(at)),
            Naming::Indexes => format!("{of}-{at}-*"),
        }
    }

    /// The ordinal of a StatefulSet's pod.
    pub(crate) fn ordinal(self, at: u64) -> Option<i64> {
        match self {
            Naming::Ordinals(start) => i64::try_from(start.saturating_add(at)).ok(),
            _ => None,
        }
    }
}

/// All pods of a fleet, in the order of their objects. Pods that have ended are left out, and so is what a controller
/// of the set has made already: it counts as one of its pods.
pub(crate) fn batches<'a>(fleet: &Fleet<'a>, scale: Scale) -> Vec<Batch<'a>> {
    let made = made(fleet);
    let mut batches = Vec::new();
    for &pod in fleet.pods() {
        let object = pod.object();
        if !fleet.is_last_definition(object) || has_ended(object) {
            continue;
        }
        if !pod.is_bare() && owner(fleet, object).is_some_and(|it| it.pod().is_some()) {
            continue;
        }
        let Some(mut batch) = of_pod(fleet, pod, scale) else { continue };
        if !matches!(batch.naming, Naming::Own) {
            batch.count = batch.count.saturating_sub(made.get(&key(object)).copied().unwrap_or(0));
        }
        if batch.count > 0 {
            batches.push(batch);
        }
        if scale == Scale::Surge && surge_of_daemons(object, 1) > 0 {
            batches.push(Batch { count: 1, naming: Naming::Turns, ..batch });
        }
    }
    batches
}

/// A pod whose phase says that it is over takes no place (`Succeeded`, `Failed`).
fn has_ended(object: &Object<'_>) -> bool {
    let phase = object.root().at(["status", "phase"]).and_then(|it| it.as_str());
    object.is("", "Pod") && matches!(phase, Some("Succeeded" | "Failed"))
}

fn of_pod<'a>(fleet: &Fleet<'a>, pod: Pod<'a>, scale: Scale) -> Option<Batch<'a>> {
    let object = pod.object();
    let of = object.group_kind();
    let batch = |count: u64, naming| Batch { pod, count, naming, in_order: false };
    match (of.group, of.kind) {
        ("", "Pod") => Some(batch(1, Naming::Own)),
        ("", "PodTemplate") => None,
        ("apps", "DaemonSet") => Some(batch(1, Naming::Nodes)),
        ("batch", "Job") => of_job(pod, ""),
        ("batch", "CronJob") => of_job(pod, "spec.jobTemplate."),
        ("apps", "StatefulSet") => {
            let start = object.at("spec.ordinals.start").and_then(|it| it.as_int()).unwrap_or(0);
            let in_order = object.str_at("spec.podManagementPolicy") != Some("Parallel");
            let count = replicas(fleet, pod, scale)?;
            Some(Batch { in_order, ..batch(count, Naming::Ordinals(u64::try_from(start).unwrap_or(0))) })
        }
        _ => Some(batch(replicas(fleet, pod, scale)?, Naming::Random)),
    }
}

/// The pods of a Job that run at a time; a suspended one has none.
fn of_job<'a>(pod: Pod<'a>, under: &str) -> Option<Batch<'a>> {
    let object = pod.object();
    let number = |key: &str| object.at(&format!("{under}spec.{key}")).and_then(|it| it.as_int());
    if object.at(&format!("{under}spec.suspend")).or(object.at("spec.suspend")).is_some_and(|it| it.is_true()) {
        return None;
    }
    let parallel = number("parallelism").unwrap_or(1);
    let count = number("completions").map_or(parallel, |completions| parallel.min(completions));
    let indexed = object.str_at(&format!("{under}spec.completionMode")) == Some("Indexed");
    let naming = if indexed { Naming::Indexes } else { Naming::Random };
    Some(Batch { pod, count: u64::try_from(count).unwrap_or(0), naming, in_order: false })
}

/// How many replicas a workload has; none for a kind that says nothing of replicas.
fn replicas<'a>(fleet: &Fleet<'a>, pod: Pod<'a>, scale: Scale) -> Option<u64> {
    let object = pod.object();
    let stated = pod.replicas().map(|it| it.max(0));
    let bounds = fleet.autoscalers_of(object).filter(|it| it.sets_replicas()).find_map(|it| it.bounds());
    let declared = match bounds {
        // What is applied without a number keeps the autoscaler's.
        Some((min, max)) => {
            let start = if object.at("spec.replicas").is_some() { stated.unwrap_or(min) } else { min };
            // None at all switches an autoscaler off.
            Some(if start == 0 { 0 } else { start.min(max).max(min) })
        }
        None => stated,
    };
    let count = match (scale, bounds) {
        (Scale::HpaMin, Some((min, _))) => Some(min),
        (Scale::HpaMax, Some((_, max))) => Some(max),
        (Scale::Surge, _) => declared.map(|it| it.saturating_add(surge(object, it))),
        _ => declared,
    };
    count.map(|it| u64::try_from(it).unwrap_or(0))
}

/// How many pods the rollout of a workload may make besides so many replicas (`ResolveFenceposts`).
#[must_use]
pub fn surge<'a>(object: &'a Object<'a>, replicas: i64) -> i64 {
    if !object.is("apps", "Deployment") || object.str_at("spec.strategy.type") == Some("Recreate") {
        return 0;
    }
    let stated = object.at("spec.strategy.rollingUpdate.maxSurge").and_then(IntOrString::of);
    stated.unwrap_or(IntOrString::String("25%")).scaled(replicas, true).unwrap_or(0).max(0)
}

/// On how many of so many nodes the rollout of a DaemonSet may run a second pod (`SurgeCount`).
pub(crate) fn surge_of_daemons<'a>(object: &'a Object<'a>, nodes: usize) -> usize {
    let rolls = !matches!(object.str_at("spec.updateStrategy.type"), Some(it) if it != "RollingUpdate");
    let stated = object.at("spec.updateStrategy.rollingUpdate.maxSurge").and_then(IntOrString::of);
    let surge = stated.filter(|_| rolls && object.is("apps", "DaemonSet"));
    let nodes = i64::try_from(nodes).unwrap_or(i64::MAX);
    surge.and_then(|it| it.scaled(nodes, true)).and_then(|it| usize::try_from(it).ok()).unwrap_or(0)
}

/// The controller that owns an object.
fn owner<'a>(fleet: &Fleet<'a>, object: &'a Object<'a>) -> Option<&'a Object<'a>> {
    let owners = object.field().items_at("metadata.ownerReferences");
    let owner = owners.into_iter().find(|it| it.get("controller").is_some_and(|it| it.is_true()))?;
    let group = split_api_version(owner.str_at("apiVersion")?).0;
    fleet.object(group, owner.str_at("kind")?, object.namespace(), owner.get("name")?.text())
}

/// Owners above one another are followed so far: a pod's ReplicaSet, its Deployment, what made that.
const GENERATIONS: usize = 4;

/// How many pods controllers of the set have made already, by the owner at the top: a dump of a cluster holds both.
fn made<'a>(fleet: &Fleet<'a>) -> HashMap<Key<'a>, u64> {
    let mut made = HashMap::default();
    for pod in fleet.of_kind("", "Pod").filter(|it| !has_ended(it)) {
        let above = std::iter::successors(owner(fleet, pod), |it| owner(fleet, it));
        if let Some(top) = above.take(GENERATIONS).last() {
            *made.entry(key(top)).or_insert(0) += 1;
        }
    }
    made
}

/// Kind, namespace and name.
type Key<'a> = (&'a str, &'a str, &'a str);

fn key<'a>(object: &'a Object<'a>) -> Key<'a> {
    (object.kind(), object.namespace().unwrap_or(""), object.name())
}
