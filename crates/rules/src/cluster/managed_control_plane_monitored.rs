//! `managed-control-plane-monitored`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Field, Object};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ManagedControlPlaneMonitored {}

impl Rule for ManagedControlPlaneMonitored {
    const META: Meta = Meta {
        id: "managed-control-plane-monitored",
        category: Category::Cluster,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("managed_control_plane_monitored.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// Platforms whose control plane runs where no pod can see it.
pub(super) const MANAGED: &[(&str, &str)] =
    &[("eks", "EKS"), ("gke", "GKE"), ("aks", "AKS"), ("digitalocean", "DigitalOcean Kubernetes")];

/// A part of the control plane.
struct Part {
    what: &'static str,
    /// The names that charts and kubeadm give it.
    names: &'static [&'static str],
    help: &'static str,
}

static PARTS: [Part; 3] = [
    Part {
        what: "etcd",
        names: &["etcd", "kube-etcd"],
        help: "leave it out: `kubeEtcd.enabled: false` in the values of kube-prometheus-stack",
    },
    Part {
        what: "the scheduler",
        names: &["kube-scheduler"],
        help: "leave it out: `kubeScheduler.enabled: false` in the values of kube-prometheus-stack",
    },
    Part {
        what: "the controller manager",
        names: &["kube-controller-manager"],
        help: "leave it out: `kubeControllerManager.enabled: false` in the values of kube-prometheus-stack",
    },
];
/// So many monitors are looked through for the one of a Service.
const MOST: usize = 100;
/// Labels by which a part is told.
const LABELS: [&str; 5] = ["component", "k8s-app", "app", "app.kubernetes.io/name", "jobLabel"];

impl ManagedControlPlaneMonitored {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let declared = fleet.facts().platform.as_deref();
        let Some((_, platform)) = MANAGED.iter().find(|(name, _)| Some(*name) == declared) else { return };
        let monitors: Vec<Monitor<'_>> = monitors(fleet).collect();
        let mut served: Vec<&str> = Vec::new();
        for service in of_kind(fleet, "", "Service").filter(|it| it.namespace() == Some("kube-system")) {
            let Some((part, label)) = service.at("spec.selector").and_then(told) else { continue };
            let message =
                format!("{} waits for pods of {}, which {platform} keeps out of sight", service.reference(), part.what);
            let finding = report.say(label, message).label("no such pod, so no target").help(part.help);
            if let Some(monitor) =
                monitors.iter().take(MOST).find(|it| it.part.what == part.what && it.selects(service))
            {
                finding.related(monitor.label, format!("{} scrapes it", monitor.object.reference()));
            }
            served.push(part.what);
        }
        for monitor in monitors.iter().filter(|it| !served.contains(&it.part.what)) {
            let (of, what) = (monitor.object.reference(), monitor.part.what);
            report
                .say(monitor.label, format!("{of} scrapes {what}, which {platform} keeps out of sight"))
                .label("no such target")
                .help(monitor.part.help);
        }
        for rule in of_kind(fleet, "monitoring.coreos.com", "PrometheusRule") {
            alerts(rule, platform, report);
        }
    }
}

/// A monitor that looks for a part in `kube-system`.
struct Monitor<'a> {
    part: &'static Part,
    /// The label that tells which.
    label: Field<'a>,
    object: &'a Object<'a>,
}

impl<'a> Monitor<'a> {
    fn selects(&self, service: &'a Object<'a>) -> bool {
        let mut wanted = self.object.at("spec.selector.matchLabels").into_iter().flat_map(|it| it.entries());
        wanted.all(|(key, value)| service.labels().get(key) == Some(value.text()))
    }
}

fn of_kind<'f, 'a>(
    fleet: &'f Fleet<'a>,
    group: &'static str,
    kind: &'static str,
) -> impl Iterator<Item = &'a Object<'a>> + use<'f, 'a> {
    fleet.objects().iter().copied().filter(move |it| it.is(group, kind))
}

fn monitors<'f, 'a>(fleet: &'f Fleet<'a>) -> impl Iterator<Item = Monitor<'a>> + use<'f, 'a> {
    let kinds =
        fleet.custom_objects().iter().copied().filter(|it| {
            it.is("monitoring.coreos.com", "ServiceMonitor") || it.is("monitoring.coreos.com", "PodMonitor")
        });
    kinds.filter_map(|object| {
        let mut among = object.field().items_at("spec.namespaceSelector.matchNames").map(|it| it.text());
        let is_there = object.namespace() == Some("kube-system") || among.any(|it| it == "kube-system");
        let (part, label) = object.at("spec.selector.matchLabels").and_then(told).filter(|_| is_there)?;
        Some(Monitor { part, label, object })
    })
}

/// The part that labels tell of, with the label that does.
fn told(labels: Field<'_>) -> Option<(&'static Part, Field<'_>)> {
    LABELS.iter().filter_map(|key| labels.get(key)).find_map(|label| Some((part_of(label.text())?, label)))
}

/// The part of a name: `kube-scheduler`, `kube-prometheus-stack-kube-scheduler`.
fn part_of(name: &str) -> Option<&'static Part> {
    let of_chart = ["kube-prometheus-stack-", "prometheus-operator-"].iter().find_map(|it| name.strip_prefix(it));
    let name = of_chart.unwrap_or(name);
    PARTS.iter().find(|it| it.names.contains(&name))
}

/// Alerts that fire while a job has no target: `absent(up{job="kube-scheduler"} == 1)`.
fn alerts<'a>(rule: &'a Object<'a>, platform: &str, report: &mut Reporter<'_>) {
    let groups = rule.field().items_at("spec.groups");
    for alert in groups.flat_map(|group| group.items_at("rules").collect::<Vec<_>>()) {
        let (Some(name), Some(expr)) = (alert.get("alert"), alert.get("expr")) else { continue };
        let absent = expr.text().split("absent(").skip(1).filter_map(|it| it.split(')').next());
        let jobs = absent.filter_map(|it| it.split("job=\"").nth(1)?.split('"').next());
        let mut parts = jobs.filter_map(|job| Some((PARTS.iter().find(|it| it.names.contains(&job))?, job)));
        let Some((part, job)) = parts.next() else { continue };
        let message = format!(
            "alert `{}` of {} never clears: {platform} keeps {} out of sight",
            name.text(),
            rule.reference(),
            part.what
        );
        report.say(name, message).label(format!("no target has the job `{job}`")).help(part.help);
    }
}
