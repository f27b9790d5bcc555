//! `crd-missing`.

use seaworthy_source::order;
use std::collections::BTreeMap;

use foldhash::{HashMap, HashSet};
use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, Why, is_near};
use seaworthy_object::Object;
use serde::Deserialize;

use super::keys::listed;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CrdMissing {}

impl Rule for CrdMissing {
    const META: Meta = Meta {
        id: "crd-missing",
        category: Category::Reference,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("crd_missing.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

const DEFINITIONS: (&str, &str) = ("apiextensions.k8s.io", "CustomResourceDefinition");

/// The versions that definitions in the set serve, by group and kind.
type Served<'a> = HashMap<(&'a str, &'a str), HashSet<&'a str>>;

impl CrdMissing {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let served = served(fleet);
        let aggregated: HashSet<&str> =
            fleet.of_kind("apiregistration.k8s.io", "APIService").filter_map(|it| it.str_at("spec.group")).collect();
        let mut custom: BTreeMap<(&str, &str, &str), Vec<&Object<'_>>> = BTreeMap::new();
        for &object in fleet.custom_objects() {
            if !aggregated.contains(object.group()) {
                custom.entry((object.group(), object.kind(), object.version())).or_default().push(object);
            }
        }
        for ((group, kind, version), objects) in custom {
            match served.get(&(group, kind)) {
                Some(versions) if versions.contains(version) => {}
                Some(versions) => say_version(versions, &objects, report),
                None => judge(fleet, (group, kind), &objects, report),
            }
        }
    }
}

fn served<'a>(fleet: &Fleet<'a>) -> Served<'a> {
    let mut served = Served::default();
    for definition in fleet.of_kind(DEFINITIONS.0, DEFINITIONS.1) {
        let (Some(group), Some(kind)) = (definition.str_at("spec.group"), definition.str_at("spec.names.kind")) else {
            continue;
        };
        let versions = served.entry((group, kind)).or_default();
        versions.extend(definition.str_at("spec.version"));
        for version in definition.field().items_at("spec.versions") {
            let is_served = version.get("served").is_none_or(|it| it.as_bool() != Some(false));
            versions.extend(version.str_at("name").filter(|_| is_served));
        }
    }
    served
}

/// The definition is there in full, so that a version it does not serve is not served.
fn say_version(versions: &HashSet<&str>, objects: &[&Object<'_>], report: &mut Reporter<'_>) {
    let Some(&first) = objects.first() else { return };
    let mut sorted: Vec<_> = versions.iter().copied().collect();
    order::sort(&mut sorted);
    let message = format!(
        "the definition of {} in this set does not serve {}, which {}",
        first.kind(),
        first.api_version(),
        needed(objects)
    );
    let place = first.at("apiVersion").map_or_else(|| first.place(), |it| it.place());
    report.say(place, message).help(format!("it serves {}", listed(&sorted)));
}

fn judge(fleet: &Fleet<'_>, (group, kind): (&str, &str), objects: &[&Object<'_>], report: &mut Reporter<'_>) {
    let Some(&first) = objects.first() else { return };
    // A slip of a built-in group is an unknown kind, not a custom one.
    if fleet.facts().brings_group(group) || fleet.catalog().groups().any(|it| is_near(group, it)) {
        return;
    }
    let place = first.at("apiVersion").map_or_else(|| first.place(), |it| it.place());
    let why = fleet
        .made_later(DEFINITIONS.1, None, group)
        .or_else(|| fleet.may_be_unread(DEFINITIONS.1, group).then_some(Why::Unread))
        .or_else(|| (!fleet.facts().complete).then_some(Why::NotGiven));
    if let Some(why) = why {
        report.unknown(place, format!("CustomResourceDefinition of {kind}.{group}"), why.as_str());
        return;
    }
    let mut finding = report
        .say(place, format!("no CustomResourceDefinition makes {kind} of {group} known, which {}", needed(objects)))
        .help("apply its definition first, in a step of its own, or declare under `cluster.installed` what brings it");
    for other in objects.iter().skip(1).take(3) {
        finding = finding.related(*other, "needs it too");
    }
}

/// ``PrometheusRule `a` and 3 more need``.
fn needed(objects: &[&Object<'_>]) -> String {
    match objects {
        [] => String::new(),
        [one] => format!("{} needs", one.reference()),
        [one, rest @ ..] => format!("{} and {} more need", one.reference(), rest.len()),
    }
}
