//! `autoscaler-metric-without-request`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Autoscaler, AutoscalerKind, Fleet};
use seaworthy_object::{Container, Field, Place, Pod, Version, Versions};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

/// From this version on a request of the pod as a whole counts.
const POD_LEVEL_REQUESTS: Version = Version::minor_of(34);

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AutoscalerMetricWithoutRequest {}

impl Rule for AutoscalerMetricWithoutRequest {
    const META: Meta = Meta {
        id: "autoscaler-metric-without-request",
        category: Category::Scaling,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("autoscaler_metric_without_request.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// A metric that is a percentage of what containers request.
pub(super) struct Utilisation<'a> {
    pub(super) resource: &'a str,
    /// The one container it looks at; none means all.
    pub(super) container: Option<&'a str>,
    /// The percentage aimed at, if it is a number.
    pub(super) percent: Option<i64>,
    pub(super) at: Place<'a>,
    /// True if the server or KEDA fills it in.
    by_default: bool,
}

/// The percentage of cpu that the server fills in (`SetDefaults_HorizontalPodAutoscaler`).
const DEFAULT_PERCENT: i64 = 80;

impl AutoscalerMetricWithoutRequest {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for autoscaler in fleet.autoscalers() {
            let Some(pod) = fleet.workload_of(&autoscaler).and_then(|it| it.pod()) else { continue };
            for metric in utilisations(&autoscaler) {
                if fleet.default_request(pod.namespace(), metric.resource).is_none() {
                    judge(&autoscaler, &metric, pod, report);
                }
            }
        }
    }
}

fn judge<'a>(autoscaler: &Autoscaler<'a>, metric: &Utilisation<'a>, pod: Pod<'a>, report: &mut Reporter<'_>) {
    let resource = metric.resource;
    let lacking: Vec<Container<'_>> = pod
        .containers()
        .filter(|it| it.keeps_running() && metric.container.is_none_or(|name| name == it.name()))
        .filter(|it| it.request(resource).is_none())
        .collect();
    let of_pod = ["requests", "limits"].iter().any(|list| pod.spec().pod_level(list, resource).is_some());
    let counts_pod_level = of_pod && metric.container.is_none();
    let versions = if counts_pod_level { Versions::before(POD_LEVEL_REQUESTS) } else { Versions::ALL }
        .intersect(report.versions());
    let Some(first) = lacking.first().filter(|_| !versions.is_empty()) else { return };
    let names: Vec<String> = lacking.iter().map(|it| format!("`{}`", it.name())).collect();
    let (noun, verb) = if lacking.len() == 1 { ("container", "requests") } else { ("containers", "request") };
    let (names, workload) = (names.join(", "), pod.object().reference());
    let by_default = if metric.by_default { " (the default, as no metric is named)" } else { "" };
    let message = format!(
        "{} scales on {resource} utilisation{by_default}, but {noun} {names} of {workload} {verb} no \
         {resource}: it never scales",
        autoscaler.object().reference(),
    );
    let complete = report.facts().lists("", "LimitRange");
    let help = if complete {
        format!("set `resources.requests.{resource}` of every such container, or aim at an averageValue")
    } else {
        format!("set `resources.requests.{resource}` of every such container, or give the LimitRange that does")
    };
    report
        .say(metric.at.clone(), message)
        .level(Level::Error, if complete { Level::Error } else { Level::Warning })
        .label(format!("a percentage of the {resource} request"))
        .help(help)
        .related(first.field(), format!("no {resource} request"))
        .versions(versions);
}

/// The metrics of an autoscaler that are percentages of requests.
pub(super) fn utilisations<'a>(autoscaler: &Autoscaler<'a>) -> Vec<Utilisation<'a>> {
    match autoscaler.kind() {
        AutoscalerKind::Horizontal => of_horizontal(autoscaler),
        AutoscalerKind::Keda => autoscaler.object().field().items_at("spec.triggers").filter_map(of_trigger).collect(),
        AutoscalerKind::Vertical => Vec::new(),
    }
}

fn of_horizontal<'a>(autoscaler: &Autoscaler<'a>) -> Vec<Utilisation<'a>> {
    let object = autoscaler.object();
    let Some(spec) = object.at("spec") else { return Vec::new() };
    let cpu = |percent, at, by_default| Utilisation { resource: "cpu", container: None, percent, at, by_default };
    let v1 = object.version() == "v1";
    if let Some(percent) = spec.get("targetCPUUtilizationPercentage").filter(|_| v1) {
        return vec![cpu(percent.as_int(), percent.place(), false)];
    }
    let metrics: Vec<Field<'a>> = spec.items_at("metrics").collect();
    // autoscaling/v1 keeps what it has no field for in this annotation.
    let kept = object.annotation("autoscaling.alpha.kubernetes.io/metrics").is_some_and(|_| v1);
    if metrics.is_empty() && !kept {
        let at = spec.missing(if v1 { "targetCPUUtilizationPercentage" } else { "metrics" });
        return vec![cpu(Some(DEFAULT_PERCENT), at, true)];
    }
    metrics.into_iter().filter_map(of_metric).collect()
}

fn of_metric(metric: Field<'_>) -> Option<Utilisation<'_>> {
    let (source, needs_container) = match metric.str_at("type")? {
        "Resource" => (metric.get("resource")?, false),
        "ContainerResource" => (metric.get("containerResource")?, true),
        _ => return None,
    };
    let percent = source.at("target.averageUtilization").or_else(|| source.get("targetAverageUtilization"))?;
    let container = source.str_at("container");
    if needs_container && container.is_none() {
        return None;
    }
    let (percent, at) = (percent.as_int(), percent.place());
    Some(Utilisation { resource: source.str_at("name")?, container, percent, at, by_default: false })
}

/// KEDA's triggers `cpu` and `memory` are metrics of the autoscaler that it makes.
fn of_trigger(trigger: Field<'_>) -> Option<Utilisation<'_>> {
    let resource = trigger.str_at("type").filter(|it| matches!(*it, "cpu" | "memory"))?;
    let metadata = trigger.get("metadata")?;
    let asked = trigger.str_at("metricType").or_else(|| metadata.str_at("type")) == Some("Utilization");
    let value = metadata.get("value").filter(|_| asked)?;
    let (container, percent) = (metadata.str_at("containerName"), value.text().parse().ok());
    Some(Utilisation { resource, container, percent, at: value.place(), by_default: false })
}
