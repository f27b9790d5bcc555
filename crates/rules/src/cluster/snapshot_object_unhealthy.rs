//! `snapshot-object-unhealthy`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Field, Object};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SnapshotObjectUnhealthy {}

impl Rule for SnapshotObjectUnhealthy {
    const META: Meta = Meta {
        id: "snapshot-object-unhealthy",
        category: Category::Cluster,
        level: Some(Level::Info),
        packs: &[],
        since: "0.1.0",
        page: page!("snapshot_object_unhealthy.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

/// Conditions that say that something is wrong, by group, kind, type and status.
const CONDITIONS: &[(&str, &str, &str, &str)] = &[
    ("", "Node", "Ready", "False"),
    ("", "Node", "Ready", "Unknown"),
    ("", "Node", "MemoryPressure", "True"),
    ("", "Node", "DiskPressure", "True"),
    ("", "Node", "PIDPressure", "True"),
    ("", "Node", "NetworkUnavailable", "True"),
    ("apps", "Deployment", "Available", "False"),
    ("apps", "Deployment", "Progressing", "False"),
    ("apps", "Deployment", "ReplicaFailure", "True"),
    ("apps", "ReplicaSet", "ReplicaFailure", "True"),
    ("batch", "Job", "Failed", "True"),
    ("autoscaling", "HorizontalPodAutoscaler", "AbleToScale", "False"),
    ("autoscaling", "HorizontalPodAutoscaler", "ScalingActive", "False"),
    ("apiextensions.k8s.io", "CustomResourceDefinition", "Established", "False"),
    ("apiregistration.k8s.io", "APIService", "Available", "False"),
    ("", "Pod", "PodScheduled", "False"),
];

/// Phases that say so, and what they mean.
const PHASES: &[(&str, &str, &str)] = &[
    ("PersistentVolumeClaim", "Pending", "the claim is not bound"),
    ("PersistentVolumeClaim", "Lost", "the claim's volume is gone"),
    ("PersistentVolume", "Failed", "the volume could not be reclaimed"),
    ("Namespace", "Terminating", "the namespace does not go away while something in it does not"),
    ("Pod", "Failed", "the pod has failed"),
];
/// Kinds of which nobody writes a status by hand.
const LIVE: [&str; 2] = ["Node", "PersistentVolume"];
/// Restarts that nobody calls a hiccup.
const RESTARTS: i64 = 10;

impl SnapshotObjectUnhealthy {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        // Only a server gives objects a uid; a manifest with a status is a copy of one. A snapshot keeps few of them.
        let is_live = object.group().is_empty() && LIVE.contains(&object.kind());
        // What a webhook is asked about has a uid too, and a status that has yet to come true.
        if object.at("metadata.uid").is_none() && !is_live || fleet.facts().is_part {
            return;
        }
        let Some(status) = object.at("status") else { return };
        for condition in status.items_at("conditions") {
            of_condition(object, condition, report);
        }
        if let Some(phase) = status.get("phase").filter(|_| object.group().is_empty()) {
            let known = PHASES.iter().find(|it| it.0 == object.kind() && it.1 == phase.text());
            if let Some((_, _, words)) = known.filter(|_| !waits_for_pod(fleet, object)) {
                report.say(phase, format!("{}: {words}", object.reference()));
            }
        }
        for list in ["initContainerStatuses", "containerStatuses"] {
            for container in status.items_at(list) {
                of_container(object, container, report);
            }
        }
        if object.is("", "Service")
            && object.str_at("spec.type") == Some("LoadBalancer")
            && status.items_at("loadBalancer.ingress").next().is_none()
        {
            let place = object.at("spec.type").map_or(object.place(), |it| it.place());
            report
                .say(place, format!("{} has no address yet: nothing has made its load balancer", object.reference()))
                .help("`kubectl describe service` shows what its controller says, if there is one");
        }
    }
}

/// True for a claim whose class waits for a pod, which is no ill health while none has come.
fn waits_for_pod<'a>(fleet: &Fleet<'a>, object: &'a Object<'a>) -> bool {
    let class = object.str_at("spec.storageClassName").filter(|_| object.is("", "PersistentVolumeClaim"));
    let class = class.and_then(|it| fleet.object("storage.k8s.io", "StorageClass", None, it));
    class.is_some_and(|it| it.str_at("volumeBindingMode") == Some("WaitForFirstConsumer"))
        && object.annotation("volume.kubernetes.io/selected-node").is_none()
}

fn of_condition<'a>(object: &'a Object<'a>, condition: Field<'a>, report: &mut Reporter<'_>) {
    let (Some(kind), Some(status)) = (condition.str_at("type"), condition.get("status")) else { return };
    let is_bad = |it: &&(&str, &str, &str, &str)| object.is(it.0, it.1) && it.2 == kind && it.3 == status.text();
    if !CONDITIONS.iter().any(|it| is_bad(&it)) {
        return;
    }
    let reason = condition.str_at("reason").map(|it| format!(" ({it})")).unwrap_or_default();
    let finding = report.say(status, format!("{} is {kind}={}{reason}", object.reference(), status.text()));
    if let Some(words) = condition.str_at("message").filter(|it| !it.is_empty()) {
        finding.label(words.lines().next().unwrap_or(words).to_owned());
    }
}

fn of_container<'a>(object: &'a Object<'a>, container: Field<'a>, report: &mut Reporter<'_>) {
    let name = container.str_at("name").unwrap_or_default();
    let waiting = container
        .at("state.waiting.reason")
        .filter(|it| it.text().ends_with("BackOff") || it.text().starts_with("Err") || it.text().ends_with("Error"));
    let restarts = container.get("restartCount").filter(|it| it.as_int().is_some_and(|it| it >= RESTARTS));
    if let Some(reason) = waiting {
        report.say(reason, format!("container `{name}` of {} does not start: {}", object.reference(), reason.text()));
    } else if let Some(restarts) = restarts {
        let message = format!("container `{name}` of {} was restarted {} times", object.reference(), restarts.text());
        report.say(restarts, message);
    }
}
