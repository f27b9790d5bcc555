//! `metrics-source-missing`.

use seaworthy_diagnostic::Level;
use seaworthy_document::Node;
use seaworthy_facts::{ClusterDocument, Tool};
use seaworthy_fleet::{Autoscaler, AutoscalerKind, Fleet, Why};
use seaworthy_object::{Field, Place};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MetricsSourceMissing {}

impl Rule for MetricsSourceMissing {
    const META: Meta = Meta {
        id: "metrics-source-missing",
        category: Category::Scaling,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("metrics_source_missing.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// The API of cpu and memory in use.
const RESOURCES: &str = "metrics.k8s.io";

/// An API that the controller asks for metrics.
struct Source {
    /// The types of metrics that come from it.
    types: &'static [&'static str],
    /// What is asked, for people.
    what: &'static str,
    group: &'static str,
    /// The programs that serve it, by their add-on or image names; the first is the usual one.
    programs: &'static [&'static str],
    /// The platforms whose documentation says that they serve it.
    platforms: &'static [&'static str],
}

/// Kubernetes, "Support for metrics APIs"; the implementations that kubernetes/metrics lists.
const SOURCES: &[Source] = &[
    Source {
        types: &["Resource", "ContainerResource"],
        what: "the cpu or memory of pods",
        group: RESOURCES,
        programs: &["metrics-server", "prometheus-adapter", "k8s-prometheus-adapter"],
        platforms: &["aks", "gke", "k3s", "openshift"],
    },
    Source {
        types: &["Pods", "Object"],
        what: "metrics of its own",
        group: "custom.metrics.k8s.io",
        programs: &[
            "prometheus-adapter",
            "k8s-prometheus-adapter",
            "custom-metrics-stackdriver-adapter",
            "datadog-cluster-agent",
            "kube-metrics-adapter",
            "azure-k8s-metrics-adapter",
            "k8s-cloudwatch-adapter",
            "kubeless-metrics-adapter",
        ],
        platforms: &[],
    },
    Source {
        types: &["External"],
        what: "metrics from outside the cluster",
        group: "external.metrics.k8s.io",
        programs: &[
            "prometheus-adapter",
            "k8s-prometheus-adapter",
            "keda",
            "keda-metrics-apiserver",
            "custom-metrics-stackdriver-adapter",
            "datadog-cluster-agent",
            "kube-metrics-adapter",
            "azure-k8s-metrics-adapter",
            "k8s-cloudwatch-adapter",
        ],
        platforms: &[],
    },
];

impl MetricsSourceMissing {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let missing: Vec<&Source> = SOURCES.iter().filter(|it| !is_served(fleet, it)).collect();
        if missing.is_empty() {
            return;
        }
        let all_given = fleet.facts().lists("apiregistration.k8s.io", "APIService");
        let made_later = fleet.made_later("APIService", None, "");
        for autoscaler in fleet.autoscalers().filter(|it| fleet.is_last_definition(it.object())) {
            for source in &missing {
                let Some(at) = first_of(&autoscaler, source) else { continue };
                let may_be_default = source.group == RESOURCES && fleet.clusters().iter().any(brings_metrics_server);
                let why = match made_later {
                    Some(why) => why.as_str(),
                    None if may_be_default => "eksctl installs metrics-server since January 2025",
                    None if !all_given => Why::NotGiven.as_str(),
                    None => {
                        say(&autoscaler, source, at, report);
                        continue;
                    }
                };
                report.unknown(at, format!("APIService of {}", source.group), why);
            }
        }
    }
}

/// True for a cluster that eksctl gives metrics-server without being asked, if it is new enough (0.201.0): Kubernetes
/// 1.29 was the oldest version in standard support then.
fn brings_metrics_server(cluster: &ClusterDocument<'_>) -> bool {
    let is_off = |root: Node<'_>| {
        let stated = root.at(["addonsConfig", "disableDefaultAddons"]);
        stated.and_then(|it| it.as_bool()) == Some(true)
    };
    cluster.tool == Tool::Eksctl
        && cluster.release().is_none_or(|it| it >= (1, 29))
        && !cluster.roots.iter().any(|root| is_off(*root))
}

fn say(autoscaler: &Autoscaler<'_>, source: &Source, at: Place<'_>, report: &mut Reporter<'_>) {
    let program = source.programs.first().copied().unwrap_or(source.group);
    let message = format!(
        "{} asks for {}, but nothing in this set serves `{}`: it never scales",
        autoscaler.object().reference(),
        source.what,
        source.group
    );
    let help = format!(
        "install `{program}`; if something outside this set does, declare it in fleet.yaml: \
         `cluster: {{installed: [{program}]}}`"
    );
    report.say(at, message).label("no source of metrics").help(help);
}

/// True if the set, an add-on or the platform serves the API.
fn is_served(fleet: &Fleet<'_>, source: &Source) -> bool {
    let mut services = fleet.of_kind("apiregistration.k8s.io", "APIService");
    let is_platform = fleet.facts().platform.as_deref().is_some_and(|it| source.platforms.contains(&it));
    is_platform
        || services.any(|it| it.str_at("spec.group") == Some(source.group))
        || fleet.facts().add_ons().any(|it| source.programs.contains(&it))
        || fleet.runs_any_of(source.programs)
}

/// The first metric of an autoscaler that comes from the source.
fn first_of<'a>(autoscaler: &Autoscaler<'a>, source: &Source) -> Option<Place<'a>> {
    let object = autoscaler.object();
    let is_resource = source.group == RESOURCES;
    match autoscaler.kind() {
        AutoscalerKind::Vertical => None,
        // What KEDA makes of its other triggers, it serves itself.
        AutoscalerKind::Keda => {
            let mut triggers = object.field().items_at("spec.triggers");
            let found = triggers.find(|it| matches!(it.str_at("type"), Some("cpu" | "memory")))?;
            is_resource.then(|| found.get("type").unwrap_or(found).place())
        }
        AutoscalerKind::Horizontal => {
            let metrics: Vec<Field<'a>> = object.field().items_at("spec.metrics").collect();
            let kept = object.annotation("autoscaling.alpha.kubernetes.io/metrics").is_some();
            if metrics.is_empty() {
                let percent = object.at("spec.targetCPUUtilizationPercentage");
                let at = percent.map_or_else(|| object.place(), Place::from);
                return (is_resource && !kept).then_some(at);
            }
            let found = metrics.iter().find(|it| it.str_at("type").is_some_and(|it| source.types.contains(&it)))?;
            Some(found.get("type").unwrap_or(*found).place())
        }
    }
}
