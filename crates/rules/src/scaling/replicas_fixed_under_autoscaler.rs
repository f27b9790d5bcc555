//! `replicas-fixed-under-autoscaler`.

use foldhash::HashSet;
use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Autoscaler, Fleet};
use seaworthy_object::{Field, Object};
use serde::Deserialize;

use crate::mending::removal;
use crate::{Category, Check, Meta, Reporter, Rule};

/// Annotations by which a tool that applies manifests leaves an object alone once it is there (Flux, *Kustomization*:
/// controlling the apply behaviour of resources).
const APPLIED_ONCE: &[(&str, &[&str])] = &[
    ("kustomize.toolkit.fluxcd.io/ssa", &["IfNotPresent", "Ignore"]),
    ("kustomize.toolkit.fluxcd.io/reconcile", &["disabled"]),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReplicasFixedUnderAutoscaler {}

impl Rule for ReplicasFixedUnderAutoscaler {
    const META: Meta = Meta {
        id: "replicas-fixed-under-autoscaler",
        category: Category::Scaling,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("replicas_fixed_under_autoscaler.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl ReplicasFixedUnderAutoscaler {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let mut said = HashSet::default();
        for autoscaler in fleet.autoscalers().filter(Autoscaler::sets_replicas) {
            let Some(last) = fleet.workload_of(&autoscaler) else { continue };
            let of = last.group_kind();
            for workload in fleet.definitions(of.group, of.kind, last.namespace(), last.name()) {
                let Some(replicas) = workload.at("spec.replicas") else { continue };
                let is_new = said.insert((workload.source(), replicas.span()));
                if is_new && !is_left_alone(fleet, workload) {
                    say(&autoscaler, workload, replicas, report);
                }
            }
        }
    }
}

fn say(autoscaler: &Autoscaler<'_>, workload: &Object<'_>, replicas: Field<'_>, report: &mut Reporter<'_>) {
    let Some(number) = replicas.as_int() else { return };
    // Held at one size, which is also the one written down: nothing to reset.
    if autoscaler.bounds() == Some((number, number)) {
        return;
    }
    let message = format!(
        "{} fixes its replicas at {number}, and {} sets them too: each apply resets what it scaled",
        workload.reference(),
        autoscaler.object().reference(),
    );
    report
        .say(replicas, message)
        .label("leave it out")
        .help(
            "take the line out; take it out of `kubectl apply edit-last-applied` before the first apply without it, or \
             the workload drops to 1 on the way",
        )
        .related(autoscaler.target(), "the autoscaler")
        .mend(removal(replicas, "take `replicas` out"));
}

/// True if whatever applies the object does not touch its replicas again.
fn is_left_alone(fleet: &Fleet<'_>, workload: &Object<'_>) -> bool {
    let annotated = APPLIED_ONCE
        .iter()
        .any(|(key, values)| workload.annotation(key).is_some_and(|value| values.contains(&value.text())));
    annotated
        || fleet.of_kind("argoproj.io", "Application").any(|app| ignores(app.at("spec"), workload))
        || fleet.of_kind("argoproj.io", "ApplicationSet").any(|set| ignores(set.at("spec.template.spec"), workload))
}

/// True if an Argo CD application ignores a difference of the replicas.
fn ignores(application: Option<Field<'_>>, workload: &Object<'_>) -> bool {
    let says = |item: Field<'_>, key: &str, value: &str| {
        item.str_at(key).is_none_or(|it| it == value || it == "*" || it.is_empty())
    };
    let Some(application) = application else { return false };
    application.items_at("ignoreDifferences").any(|item| {
        let names_field = item.items_at("jsonPointers").any(|it| it.text() == "/spec/replicas")
            || item.items_at("jqPathExpressions").any(|it| it.text() == ".spec.replicas")
            || item.items_at("managedFieldsManagers").any(|it| it.text() == "kube-controller-manager");
        names_field
            && says(item, "group", workload.group())
            && says(item, "kind", workload.kind())
            && says(item, "name", workload.name())
            && says(item, "namespace", workload.namespace().unwrap_or("default"))
    })
}
