//! `service-not-modelled`.

use rustc_hash::FxHashSet;
use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Exposure, Fleet};
use seaworthy_object::Object;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ServiceNotModelled {}

/// Namespaces where the documentation of cluster add-ons puts them.
const ADD_ON_NAMESPACES: &[&str] = &[
    "argocd",
    "calico-system",
    "cattle-system",
    "cert-manager",
    "cilium-secrets",
    "external-secrets",
    "flux-system",
    "gatekeeper-system",
    "ingress-nginx",
    "istio-system",
    "keda",
    "knative-serving",
    "kyverno",
    "linkerd",
    "local-path-storage",
    "longhorn-system",
    "metallb-system",
    "monitoring",
    "observability",
    "prometheus",
    "tigera-operator",
    "traefik",
    "velero",
];

/// Labels by which an add-on says what it is.
const NAMES: &[&str] =
    &["app.kubernetes.io/name", "app.kubernetes.io/part-of", "app.kubernetes.io/instance", "k8s-app", "app"];

impl Rule for ServiceNotModelled {
    const META: Meta = Meta {
        id: "service-not-modelled",
        category: Category::Architecture,
        level: Some(Level::Info),
        packs: &[],
        since: "0.1.0",
        page: include_str!("service_not_modelled.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl ServiceNotModelled {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let modelled = fleet.modelled();
        if modelled.is_empty() {
            return;
        }
        let of = |object: &Object<'_>| std::ptr::from_ref(object).addr();
        let known: FxHashSet<usize> =
            modelled.iter().flat_map(|it| it.workloads.iter().chain(&it.services)).map(|it| of(it)).collect();
        for workload in fleet.workloads() {
            let ends = matches!(workload.kind(), "Job" | "CronJob");
            if known.contains(&of(workload))
                || ends
                || is_add_on(fleet, workload)
                || is_declared_external(fleet, workload)
            {
                continue;
            }
            report
                .say(workload, format!("{} is not in the Fleet document", workload.reference()))
                .help(format!("declare it: `services: {{{}: {{}}}}`", workload.name()));
        }
        for service in fleet.services() {
            let selects_any = !fleet.pods_of(service).is_empty();
            if known.contains(&of(service))
                || is_add_on(fleet, service)
                || is_declared_external(fleet, service)
                || selects_any
            {
                // What it selects is modelled, or was said above.
                continue;
            }
            report.say(*service, format!("{} belongs to no service of the Fleet document", service.reference())).help(
                "name it in the service it belongs to: `service: …`; or declare what it stands for under `externals`",
            );
        }
        self.unwanted(fleet, report);
    }

    /// Services of a service that is said to have none.
    fn unwanted(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for service in fleet.modelled() {
            let has_none = service.declared.ports.as_ref().is_some_and(Vec::is_empty);
            if !has_none || service.declared.exposure.is_some_and(|it| it.value == Exposure::None) {
                continue;
            }
            for object in &service.services {
                let message = format!(
                    "{} is not in the Fleet document: `{}` should have none",
                    object.reference(),
                    service.declared.name
                );
                let finding = report.say(*object, message).help("remove it, or name its ports in the Fleet document");
                super::declared(finding, service.declared);
            }
        }
    }
}

/// Parts of the cluster rather than of the fleet.
fn is_add_on(fleet: &Fleet<'_>, object: &Object<'_>) -> bool {
    let namespace = object.namespace().unwrap_or("");
    let is_installed = |name: &str| fleet.facts().has_installed(name);
    let label = |key: &&str| {
        let labels = object.root().at(["metadata", "labels"]);
        labels.and_then(|it| it.get(key)).is_some_and(|it| is_installed(it.text()))
    };
    namespace.starts_with("kube-")
        || ADD_ON_NAMESPACES.contains(&namespace)
        || is_installed(namespace)
        || is_installed(object.name())
        || NAMES.iter().any(label)
        || (namespace, object.name()) == ("default", "kubernetes")
}

/// What stands for an external: something of its name, or a name for its host.
fn is_declared_external(fleet: &Fleet<'_>, object: &Object<'_>) -> bool {
    let name = object.root().at(["spec", "externalName"]).map(|it| it.text());
    fleet.facts().externals.iter().any(|it| it.name == object.name() || name.is_some() && it.host.as_deref() == name)
}
