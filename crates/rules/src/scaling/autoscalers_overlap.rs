//! `autoscalers-overlap`.

use foldhash::HashMap;
use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Autoscaler, AutoscalerKind, Fleet};
use seaworthy_object::{Field, Object, Version, Versions};
use seaworthy_source::SourceId;
use serde::Deserialize;

use crate::hygiene::are_together;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AutoscalersOverlap {
    /// The sorts of autoscalers that each workload must have.
    require: Vec<Sort>,
}

/// A sort of autoscaler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Sort {
    /// One that sets the number of pods.
    Horizontal,
    /// One that sets their requests.
    Vertical,
}

impl Rule for AutoscalersOverlap {
    const META: Meta = Meta {
        id: "autoscalers-overlap",
        category: Category::Scaling,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("autoscalers_overlap.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// Kinds that an autoscaler of pods, and one of requests, can drive.
const SCALED: &[(&str, &str)] = &[("apps", "Deployment"), ("apps", "ReplicaSet"), ("apps", "StatefulSet")];

/// The oldest version whose source was read for it; the controller may have stopped both earlier.
const STOPS_BOTH: Version = Version::minor_of(30);

/// What a vertical autoscaler sets where nothing is said.
const RESOURCES: [&str; 2] = ["cpu", "memory"];

impl AutoscalersOverlap {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let mut groups: Vec<Vec<Autoscaler<'_>>> = Vec::new();
        let mut by_target = HashMap::default();
        for autoscaler in fleet.autoscalers().filter(|it| is_active(fleet, it)) {
            let Some(name) = autoscaler.target_name() else { continue };
            let of = autoscaler.target_group_kind();
            let key = (autoscaler.object().namespace(), of.group, of.kind, name.text());
            let at = *by_target.entry(key).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups.get_mut(at).into_iter().for_each(|it| it.push(autoscaler));
        }
        groups.iter().for_each(|it| judge(fleet, it, report));
        shared_pods(fleet, &groups, report);
        if !self.require.is_empty() {
            self.required(fleet, report);
        }
    }

    fn required(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for workload in fleet.workloads().filter(|it| SCALED.contains(&(it.group(), it.kind()))) {
            for sort in &self.require {
                let (what, vertical) = match sort {
                    Sort::Horizontal => ("no autoscaler of its replicas", false),
                    Sort::Vertical => ("no autoscaler of its requests", true),
                };
                if fleet.autoscalers_of(workload).all(|it| it.sets_replicas() == vertical) {
                    report
                        .say(workload, format!("{} has {what}", workload.reference()))
                        .help("add one, or take the demand out of the policy");
                }
            }
        }
    }
}

fn judge(fleet: &Fleet<'_>, drivers: &[Autoscaler<'_>], report: &mut Reporter<'_>) {
    let (sizes, shapes): (Vec<&Autoscaler<'_>>, Vec<&Autoscaler<'_>>) =
        drivers.iter().partition(|it: &&Autoscaler<'_>| it.sets_replicas());
    for several in [&sizes, &shapes] {
        let [first, others @ ..] = several.as_slice() else { continue };
        for other in others.iter().filter(|it| are_applied(fleet, first, it)) {
            let (what, so) = if first.sets_replicas() {
                ("replicas", "neither scales as it should")
            } else {
                ("requests", "each undoes what the other does")
            };
            let message = format!(
                "{} and {} both set the {what} of {} `{}`: {so}",
                other.object().reference(),
                first.object().reference(),
                other.target_kind(),
                other.target_name().map_or("", |it| it.text()),
            );
            report
                .say(other.target(), message)
                .level(Level::Error, level_of(fleet, first, other))
                .label("a second one")
                .help("keep one of them, with all metrics in it")
                .related(first.target(), "the first one");
        }
    }
    for shape in &shapes {
        let mut applied = sizes.iter().filter(|it| are_applied(fleet, shape, it));
        let Some((size, (resource, metric))) = applied.find_map(|size| Some((size, shared(shape, size)?))) else {
            continue;
        };
        let message = format!(
            "{} sets the {resource} request by which {} counts its replicas: each moves the ground under the other",
            shape.object().reference(),
            size.object().reference(),
        );
        report
            .say(shape.target(), message)
            .level(Level::Error, level_of(fleet, shape, size))
            .label("both act on one resource")
            .help(format!(
                "scale on another metric, leave {resource} out of `controlledResources`, or set `updateMode: \"Off\"`"
            ))
            .related(metric, format!("replicas by {resource}"));
    }
}

/// Autoscalers of two workloads, of which the selector of one matches the pods of the other too: the controller stops
/// both (`validateAndParseSelector`).
fn shared_pods<'a>(fleet: &Fleet<'a>, groups: &[Vec<Autoscaler<'a>>], report: &mut Reporter<'_>) {
    let versions = report.versions().intersect(Versions::since(STOPS_BOTH));
    if versions.is_empty() {
        return;
    }
    let mut scaled = HashMap::default();
    for autoscaler in groups.iter().flatten().filter(|it| it.sets_replicas()) {
        let workload = fleet.workload_of(autoscaler);
        let pod = workload.and_then(|it| it.pod());
        if let (Some(workload), Some(pod)) = (workload, pod) {
            scaled.entry(workload.root()).or_insert((*autoscaler, pod));
        }
    }
    for autoscaler in groups.iter().flatten() {
        let Some(workload) = fleet.workload_of(autoscaler) else { continue };
        let Some((of_this, pod)) = scaled.get(&workload.root()) else { continue };
        let Some(selector) =
            pod.controller_selector().filter(|_| of_this.object().root() == autoscaler.object().root())
        else {
            continue;
        };
        let selected = fleet.selected(pod.namespace(), &selector);
        let mut others = selected
            .iter()
            .map(|it| it.object())
            .filter(|it| it.root() != workload.root())
            .filter_map(|it| scaled.get(&it.root()));
        let Some((other, other_pod)) = others.find(|(other, _)| are_applied(fleet, autoscaler, other)) else {
            continue;
        };
        // Where each selects the other's, the second of the two says it.
        let selects_this = other_pod.controller_selector().is_some_and(|it| it.matches(pod.labels()));
        if selects_this && placed(workload) < placed(other_pod.object()) {
            continue;
        }
        let message = format!(
            "{} and {} count the same pods, as the selector of {} also matches those of {}: the controller stops both",
            autoscaler.object().reference(),
            other.object().reference(),
            workload.reference(),
            other_pod.object().reference(),
        );
        let place = workload.at("spec.selector").map_or(workload.place(), Into::into);
        report
            .say(autoscaler.target(), message)
            .level(Level::Error, level_of(fleet, autoscaler, other))
            .label("AmbiguousSelector")
            .help("give each workload a label of its own, and select by it; a selector is immutable, so recreate the workload")
            .related(place, "the selector that matches both")
            .related(other.target(), "the other autoscaler")
            .versions(versions);
    }
}

/// Where an object stands among all.
fn placed(object: &Object<'_>) -> (SourceId, u32) {
    (object.source(), object.root().span().start)
}

/// True unless two autoscalers lie in the files of two environments.
fn are_applied(fleet: &Fleet<'_>, one: &Autoscaler<'_>, other: &Autoscaler<'_>) -> bool {
    let (one, other) = (one.object(), other.object());
    fleet.facts().complete || one.source() == other.source() || are_together(fleet.file_of(one), fleet.file_of(other))
}

/// Folders may be alternatives that no name tells apart.
fn level_of(fleet: &Fleet<'_>, one: &Autoscaler<'_>, other: &Autoscaler<'_>) -> Level {
    let folder = |it: &Autoscaler<'_>| fleet.file_of(it.object()).rsplit_once('/').map_or("", |it| it.0).to_owned();
    if fleet.facts().complete || folder(one) == folder(other) { Level::Error } else { Level::Warning }
}

/// True for the last definition of an autoscaler that acts. What KEDA made, or takes over, is KEDA's.
fn is_active(fleet: &Fleet<'_>, autoscaler: &Autoscaler<'_>) -> bool {
    let object = autoscaler.object();
    let is_off = autoscaler.kind() == AutoscalerKind::Vertical
        && object.str_at("spec.updatePolicy.updateMode").is_some_and(|it| it == "Off");
    let is_made = object.field().items_at("metadata.ownerReferences").next().is_some();
    let is_paused = ["autoscaling.keda.sh/paused", "autoscaling.keda.sh/paused-replicas"]
        .iter()
        .any(|key| object.annotation(key).is_some_and(|it| it.text() != "false"));
    let takes_over =
        object.annotation("scaledobject.keda.sh/transfer-hpa-ownership").is_some_and(|it| it.text() == "true");
    !is_off && !is_made && !is_paused && !takes_over && fleet.is_last_definition(object)
}

/// The first resource whose request one sets and by whose use the other counts, and the metric that says so.
fn shared<'a>(vertical: &Autoscaler<'a>, horizontal: &Autoscaler<'a>) -> Option<(&'static str, Field<'a>)> {
    let object = horizontal.object();
    let resource_of = |metric: &Field<'a>| -> Option<&'a str> {
        match horizontal.kind() {
            AutoscalerKind::Keda => metric.str_at("type"),
            _ => metric.str_at("resource.name").or_else(|| metric.str_at("containerResource.name")),
        }
    };
    let list = if horizontal.kind() == AutoscalerKind::Keda { "spec.triggers" } else { "spec.metrics" };
    let metrics: Vec<Field<'a>> = object.field().items_at(list).collect();
    RESOURCES.into_iter().filter(|it| is_controlled(vertical, it)).find_map(|resource| {
        if let Some(metric) = metrics.iter().find(|it| resource_of(it) == Some(resource)) {
            return Some((resource, *metric));
        }
        // Without any metric the server fills in cpu.
        let by_default = metrics.is_empty() && resource == "cpu" && horizontal.kind() == AutoscalerKind::Horizontal;
        let percent = object.at("spec.targetCPUUtilizationPercentage").unwrap_or(horizontal.target());
        let kept = object.annotation("autoscaling.alpha.kubernetes.io/metrics").is_some();
        (by_default && !kept).then_some((resource, percent))
    })
}

/// True if a vertical autoscaler sets the request of a resource, for some container at least.
fn is_controlled(vertical: &Autoscaler<'_>, resource: &str) -> bool {
    let policies: Vec<Field<'_>> =
        vertical.object().field().items_at("spec.resourcePolicy.containerPolicies").collect();
    let sets = |policy: &Field<'_>| {
        let mut listed = policy.items_at("controlledResources").peekable();
        let controls = listed.peek().is_none() || listed.any(|it| it.text() == resource);
        controls && policy.str_at("mode") != Some("Off")
    };
    // A policy for `*` is that of all containers without one of their own.
    let of_others = policies.iter().any(|it| it.str_at("containerName") == Some("*"));
    policies.iter().any(sets) || !of_others
}
