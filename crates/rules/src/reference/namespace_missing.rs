//! `namespace-missing`.

use std::collections::BTreeMap;

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, Resolution};
use seaworthy_object::Object;
use serde::Deserialize;

use super::lookup::softer;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NamespaceMissing {}

impl Rule for NamespaceMissing {
    const META: Meta = Meta {
        id: "namespace-missing",
        category: Category::Reference,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("namespace_missing.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl NamespaceMissing {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let mut within: BTreeMap<&str, Vec<&Object<'_>>> = BTreeMap::new();
        for &object in fleet.objects() {
            if let Some(namespace) = object.namespace() {
                within.entry(namespace).or_default().push(object);
            }
        }
        for (namespace, objects) in within {
            if !is_declared(fleet, namespace) {
                judge(fleet, namespace, &objects, report);
            }
        }
    }
}

/// True if a flag or an environment puts objects there, so that somebody means it.
fn is_declared(fleet: &Fleet<'_>, namespace: &str) -> bool {
    let mut environments = fleet.declaration().into_iter().flat_map(|it| &it.environments);
    fleet.facts().namespace == namespace || environments.any(|it| it.namespace == Some(namespace))
}

/// Says it once, at the first object that lives there.
fn judge(fleet: &Fleet<'_>, namespace: &str, objects: &[&Object<'_>], report: &mut Reporter<'_>) {
    let Some(&first) = objects.first() else { return };
    let place = first.at("metadata.namespace").map_or_else(|| first.place(), |it| it.place());
    let (level, nearest) = match fleet.resolve("", "Namespace", None, namespace) {
        Resolution::Resolved(_) | Resolution::BuiltIn => return,
        Resolution::Unknown(why) => return report.unknown(place, format!("Namespace {namespace}"), why.as_str()),
        Resolution::Broken { nearest } => (Level::Warning, nearest),
        Resolution::NearMiss { nearest } => (softer(Level::Warning), Some(nearest)),
    };
    let live = match objects.len() {
        1 => format!("{} lives", first.reference()),
        many => format!("{} and {} more live", first.reference(), many - 1),
    };
    let mut finding = report
        .say(place, format!("{live} in namespace `{namespace}`, which nothing makes"))
        .level(Level::Warning, level);
    if let Some(nearest) = nearest {
        finding = finding.help(format!("did you mean `{nearest}`? Else add a Namespace object"));
    } else {
        finding = finding.help("add a Namespace object that is applied first");
    }
    for other in objects.iter().skip(1).take(3) {
        finding = finding.related(*other, "lives there too");
    }
}
