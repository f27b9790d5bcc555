//! `namespace-missing`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, Resolution};
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
        for namespace in fleet.namespaces() {
            if !is_declared(fleet, namespace) {
                judge(fleet, namespace, report);
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
fn judge(fleet: &Fleet<'_>, namespace: &str, report: &mut Reporter<'_>) {
    let (level, nearest, unknown) = match fleet.resolve("", "Namespace", None, namespace) {
        Resolution::Resolved(_) | Resolution::BuiltIn => return,
        Resolution::Unknown(why) => (Level::Warning, None, Some(why)),
        Resolution::Broken { nearest } => (Level::Warning, nearest, None),
        Resolution::NearMiss { nearest } => (softer(Level::Warning), Some(nearest), None),
    };
    let objects = fleet.objects_in(namespace);
    let Some(&first) = objects.first() else { return };
    let place = first.at("metadata.namespace").map_or_else(|| first.place(), |it| it.place());
    if let Some(why) = unknown {
        return report.unknown(place, format!("Namespace {namespace}"), why.as_str());
    }
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
