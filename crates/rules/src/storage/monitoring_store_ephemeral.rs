//! `monitoring-store-ephemeral`.

use seaworthy_diagnostic::Level;
use seaworthy_object::Object;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MonitoringStoreEphemeral {}

impl Rule for MonitoringStoreEphemeral {
    const META: Meta = Meta {
        id: "monitoring-store-ephemeral",
        category: Category::Storage,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("monitoring_store_ephemeral.md"),
    };
    const CHECK: Check<Self> = Check::Object(Self::check);
}

/// What each kind of the Prometheus operator keeps, and the start of the name of the volume it keeps it in.
const STORES: &[(&str, &str, &str)] = &[
    ("Prometheus", "all metrics", "prometheus-"),
    ("Alertmanager", "silences and what was already notified", "alertmanager-"),
    ("ThanosRuler", "the results of its rules", "thanos-ruler-"),
];

impl MonitoringStoreEphemeral {
    fn check<'a>(&self, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        let kind = STORES.iter().find(|(kind, ..)| object.is("monitoring.coreos.com", kind));
        let (Some(&(kind, kept, prefix)), Some(spec)) = (kind, object.at("spec")) else { return };
        if keeps_nothing(object) || has_own_volume(object, prefix) {
            return;
        }
        let storage = spec.get("storage");
        if storage.is_some_and(|it| it.get("volumeClaimTemplate").is_some() && it.get("emptyDir").is_none()) {
            return;
        }
        let message = format!("{kind} `{}` has no storage: {kept} are lost whenever its pod moves", object.name());
        let scratch = storage.and_then(|it| it.get("emptyDir").or_else(|| it.get("ephemeral")));
        let place = match scratch.or(storage) {
            Some(field) => field.key_place(),
            None => spec.missing("storage"),
        };
        report.say(place, message).help("set `spec.storage.volumeClaimTemplate`");
    }
}

/// True for an agent, which sends everything on, and for something scaled to nothing.
fn keeps_nothing<'a>(object: &'a Object<'a>) -> bool {
    let mut features = object.field().items_at("spec.enableFeatures");
    features.any(|it| it.as_str() == Some("agent"))
        || object.str_at("spec.mode") == Some("Agent")
        || object.at("spec.replicas").and_then(|it| it.as_int()) == Some(0)
}

/// True if `volumes` brings the volume that the operator would make, under its name (`prometheus-<name>-db`).
fn has_own_volume<'a>(object: &'a Object<'a>, prefix: &str) -> bool {
    let name = format!("{prefix}{}-db", object.name());
    object.field().items_at("spec.volumes").any(|it| {
        it.str_at("name") == Some(name.as_str()) && it.get("emptyDir").is_none() && it.get("ephemeral").is_none()
    })
}
