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

/// A part of the control plane, by the names that charts and kubeadm give it.
const PARTS: [(&str, &[&str]); 3] = [
    ("etcd", &["etcd", "kube-etcd"]),
    ("the scheduler", &["kube-scheduler"]),
    ("the controller manager", &["kube-controller-manager"]),
];
/// Labels by which a part is told.
const LABELS: [&str; 5] = ["component", "k8s-app", "app", "app.kubernetes.io/name", "jobLabel"];

impl ManagedControlPlaneMonitored {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let declared = fleet.facts().platform.as_deref();
        let Some((_, platform)) = MANAGED.iter().find(|(name, _)| Some(*name) == declared) else { return };
        let mut served: Vec<(&str, &Object<'_>)> = Vec::new();
        for service in of_kind(fleet, "", "Service").filter(|it| it.namespace() == Some("kube-system")) {
            let Some((part, label)) = service.at("spec.selector").and_then(told) else { continue };
            let monitor = monitors(fleet).find(|(of, _, _)| *of == part);
            let message =
                format!("{} waits for pods of {part}, which {platform} keeps out of sight", service.reference());
            let finding = report.say(label, message).label("no such pod, so no target").help(HELP);
            if let Some((_, at, monitor)) = monitor {
                finding.related(at, format!("{} scrapes it", monitor.reference()));
            }
            served.push((part, service));
        }
        for (part, label, monitor) in monitors(fleet) {
            if served.iter().all(|(of, _)| *of != part) {
                let message = format!("{} scrapes {part}, which {platform} keeps out of sight", monitor.reference());
                report.say(label, message).label("no such target").help(HELP);
            }
        }
        for rule in of_kind(fleet, "monitoring.coreos.com", "PrometheusRule") {
            alerts(rule, platform, report);
        }
    }
}

const HELP: &str = "switch this part of the monitoring off (`kubeEtcd`, `kubeScheduler` and `kubeControllerManager` in \
                    the values of kube-prometheus-stack)";

fn of_kind<'f, 'a>(
    fleet: &'f Fleet<'a>,
    group: &'static str,
    kind: &'static str,
) -> impl Iterator<Item = &'a Object<'a>> + use<'f, 'a> {
    fleet.objects().iter().copied().filter(move |it| it.is(group, kind))
}

/// The monitors that look for a part in `kube-system`, with the label that tells which.
fn monitors<'f, 'a>(
    fleet: &'f Fleet<'a>,
) -> impl Iterator<Item = (&'static str, Field<'a>, &'a Object<'a>)> + use<'f, 'a> {
    let kinds =
        fleet.custom_objects().iter().copied().filter(|it| {
            it.is("monitoring.coreos.com", "ServiceMonitor") || it.is("monitoring.coreos.com", "PodMonitor")
        });
    kinds.filter_map(|monitor| {
        let mut among = monitor.field().items_at("spec.namespaceSelector.matchNames").map(|it| it.text());
        let is_there = monitor.namespace() == Some("kube-system") || among.any(|it| it == "kube-system");
        let (part, label) = monitor.at("spec.selector.matchLabels").and_then(told).filter(|_| is_there)?;
        Some((part, label, monitor))
    })
}

/// The part that labels tell of, with the label that does.
fn told(labels: Field<'_>) -> Option<(&'static str, Field<'_>)> {
    LABELS.iter().filter_map(|key| labels.get(key)).find_map(|label| Some((part_of(label.text())?, label)))
}

/// The part of a name: `kube-scheduler`, `kube-prometheus-stack-kube-scheduler`.
fn part_of(name: &str) -> Option<&'static str> {
    let of_chart = ["kube-prometheus-stack-", "prometheus-operator-"].iter().find_map(|it| name.strip_prefix(it));
    let name = of_chart.unwrap_or(name);
    PARTS.iter().find(|(_, names)| names.contains(&name)).map(|(part, _)| *part)
}

/// Alerts that fire while a job has no target: `absent(up{job="kube-scheduler"} == 1)`.
fn alerts<'a>(rule: &'a Object<'a>, platform: &str, report: &mut Reporter<'_>) {
    let groups = rule.field().items_at("spec.groups");
    for alert in groups.flat_map(|group| group.items_at("rules").collect::<Vec<_>>()) {
        let (Some(name), Some(expr)) = (alert.str_at("alert"), alert.get("expr")) else { continue };
        let absent = expr.text().split("absent(").skip(1).filter_map(|it| it.split(')').next());
        let job = absent.filter_map(|it| it.split("job=\"").nth(1)?.split('"').next()).find_map(|job| {
            let (part, _) = PARTS.iter().find(|(_, names)| names.contains(&job))?;
            Some((*part, job))
        });
        let Some((part, job)) = job else { continue };
        let message = format!("alert `{name}` of {} never clears: {platform} shows nobody {part}", rule.reference());
        report.say(expr, message).label(format!("no target has the job `{job}`")).help(HELP);
    }
}
