//! `replicas-null`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, Stated};
use seaworthy_object::{Object, Place};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ReplicasNull {}

impl Rule for ReplicasNull {
    const META: Meta = Meta {
        id: "replicas-null",
        category: Category::Workload,
        level: Some(Level::Info),
        packs: &[],
        since: "0.1.0",
        page: page!("replicas_null.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

/// Kinds whose `spec.replicas` the server sets to 1 if it is null: group and kind.
const KINDS: &[(&str, &str)] =
    &[("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "ReplicaSet"), ("", "ReplicationController")];

impl ReplicasNull {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        if !KINDS.iter().any(|(group, kind)| object.is(group, kind)) {
            return;
        }
        let Some(entry) = object.root().get("spec").and_then(|it| it.entry("replicas")) else { return };
        if !entry.value.is_null() {
            return;
        }
        let modelled = modelled(fleet, object);
        let meant = modelled.map_or(String::new(), |it| format!(", where the Fleet document says {}", it.value));
        let place = Place { object, span: entry.key.span(), path: "spec.replicas".to_owned() };
        let finding = report
            .say(place, format!("`replicas` of {} stands empty, so the server takes 1{meant}", object.reference()))
            .label("no number here")
            .help(
                "write the number, or drop the field if an autoscaler sets it; a template that left it empty lost its \
                 value",
            );
        if let Some(stated) = modelled {
            finding.related(stated.field, format!("{} here", stated.value));
        }
    }
}

/// How many copies the Fleet document wants.
fn modelled<'a>(fleet: &Fleet<'a>, object: &'a Object<'a>) -> Option<Stated<'a, i64>> {
    let is_it = |workload: &&Object<'_>| workload.reference() == object.reference();
    let service = fleet.modelled().iter().find(|it| it.workloads.iter().any(is_it))?;
    service.declared.replicas.or(service.declared.scale?.min).filter(|it| it.value != 1)
}
