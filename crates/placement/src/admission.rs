//! What admission and controllers add to a pod before the scheduler sees it.

use std::borrow::Cow;

use seaworthy_fleet::{Fleet, service_selector};
use seaworthy_object::{Object, Pod, Quantity};

use crate::scheduler::{Admitted, Toleration};

/// The priorities of classes that every cluster has (`pkg/apis/scheduling/types.go`).
const SYSTEM: &[(&str, i32)] = &[("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000)];

/// Taints that every pod tolerates for a while, which is enough to be placed (plugin `DefaultTolerationSeconds`).
const EVERY_POD: &[(&str, &str)] =
    &[("node.kubernetes.io/not-ready", "NoExecute"), ("node.kubernetes.io/unreachable", "NoExecute")];

/// Taints that the pods of every DaemonSet tolerate (`AddOrUpdateDaemonPodTolerations`).
const DAEMONS: &[(&str, &str)] = &[
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// The same for those in the network of their node.
const NETWORK: (&str, &str) = ("node.kubernetes.io/network-unavailable", "NoSchedule");

/// Labels that controllers add to all pods of a template, by kind; their values are hashes that nobody knows before.
const HASHES: &[(&str, &str)] = &[
    ("Deployment", "pod-template-hash"),
    ("StatefulSet", "controller-revision-hash"),
    ("DaemonSet", "controller-revision-hash"),
    ("Rollout", "rollouts-pod-template-hash"),
];

/// What is needed to admit the pods of a fleet.
pub(crate) struct Admission<'f, 'a> {
    fleet: &'f Fleet<'a>,
    default_class: Option<&'a Object<'a>>,
}

impl<'f, 'a> Admission<'f, 'a> {
    pub(crate) fn of(fleet: &'f Fleet<'a>) -> Self {
        // Of several defaults the one of the lowest value counts (`getDefaultPriorityClass`).
        let classes = fleet.of_kind("scheduling.k8s.io", "PriorityClass").filter(|it| fleet.is_last_definition(it));
        let defaults = classes.filter(|it| it.at("globalDefault").is_some_and(|it| it.is_true()));
        Self { fleet, default_class: defaults.min_by_key(|it| value(it)) }
    }

    /// What is added to the pods of a template.
    pub(crate) fn admit(&self, pod: Pod<'a>) -> Admitted<'a> {
        let spec = pod.spec().field();
        let object = pod.object();
        let class = self.priority_class(pod);
        let runtime = spec
            .str_at("runtimeClassName")
            .filter(|name| !name.is_empty())
            .and_then(|name| self.fleet.object("node.k8s.io", "RuntimeClass", None, name));
        let mut tolerations: Vec<Toleration<'a>> = EVERY_POD.iter().map(exists).collect();
        if object.is("apps", "DaemonSet") {
            tolerations.extend(DAEMONS.iter().map(exists));
            if spec.get("hostNetwork").is_some_and(|it| it.is_true()) {
                tolerations.push(exists(&NETWORK));
            }
        }
        let of_runtime = runtime.into_iter().flat_map(|it| it.field().items_at("scheduling.tolerations"));
        tolerations.extend(of_runtime.map(Toleration::of));
        Admitted {
            labels: labels(object),
            priority: self.class_priority(pod),
            never_preempts: class.and_then(|it| it.str_at("preemptionPolicy")) == Some("Never"),
            overhead: runtime.and_then(|it| it.at("overhead.podFixed")),
            node_selector: runtime.and_then(|it| it.at("scheduling.nodeSelector")),
            tolerations,
            default_requests: (self.fleet.default_requests(pod.namespace()).iter())
                .filter_map(|&(resource, amount)| Some((resource, Quantity::of(amount)?)))
                .collect(),
            selected_by: (self.fleet.services_of(pod).iter().copied().filter_map(service_selector))
                .chain(pod.controller_selector().filter(|_| !pod.is_bare()))
                .collect(),
        }
    }

    /// The PriorityClass that a pod names, or the default one.
    fn priority_class(&self, pod: Pod<'a>) -> Option<&'a Object<'a>> {
        match pod.spec().field().str_at("priorityClassName").unwrap_or("") {
            "" => self.default_class,
            name => self.fleet.object("scheduling.k8s.io", "PriorityClass", None, name),
        }
    }

    /// False if a pod names a class that is not in the set and not one of every cluster.
    pub(crate) fn knows_class(&self, pod: Pod<'a>) -> bool {
        let name = pod.spec().field().str_at("priorityClassName").unwrap_or("");
        name.is_empty() || SYSTEM.iter().any(|it| it.0 == name) || self.priority_class(pod).is_some()
    }

    /// The value of the class that a pod names, or of the default one.
    fn class_priority(&self, pod: Pod<'a>) -> i32 {
        let system = SYSTEM.iter().find(|it| Some(it.0) == pod.spec().field().str_at("priorityClassName"));
        system.map(|it| it.1).or_else(|| self.priority_class(pod).map(value)).unwrap_or(0)
    }

    /// The priority of a pod: its own, else that of its class.
    pub(crate) fn priority(&self, pod: Pod<'a>) -> i32 {
        let stated = pod.spec().field().get("priority").and_then(|it| it.as_int());
        stated.and_then(|it| i32::try_from(it).ok()).unwrap_or_else(|| self.class_priority(pod))
    }
}

fn value<'a>(class: &'a Object<'a>) -> i32 {
    class.at("value").and_then(|it| it.as_int()).and_then(|it| i32::try_from(it).ok()).unwrap_or(0)
}

fn exists<'a>(&(key, effect): &(&'static str, &'static str)) -> Toleration<'a> {
    Toleration { key, operator: "Exists", value: "", effect }
}

fn labels<'a>(object: &'a Object<'a>) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
    let hashes = HASHES.iter().filter(|it| it.0 == object.kind()).map(|it| (it.1, "*"));
    let named = ["job-name", "batch.kubernetes.io/job-name"].map(|key| (key, object.name()));
    let jobs = named.into_iter().filter(|_| object.is("batch", "Job"));
    hashes.chain(jobs).map(|(key, value)| (Cow::Borrowed(key), Cow::Borrowed(value))).collect()
}
