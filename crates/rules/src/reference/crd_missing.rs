//! `crd-missing`.

use std::collections::BTreeMap;

use foldhash::HashSet;
use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, Why, is_near};
use seaworthy_object::Object;
use serde::Deserialize;

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

impl CrdMissing {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let defined = defined(fleet);
        let aggregated: HashSet<&str> =
            fleet.of_kind("apiregistration.k8s.io", "APIService").filter_map(|it| it.str_at("spec.group")).collect();
        let mut custom: BTreeMap<(&str, &str), Vec<&Object<'_>>> = BTreeMap::new();
        for &object in fleet.custom_objects() {
            if !aggregated.contains(object.group()) {
                custom.entry((object.group(), object.kind())).or_default().push(object);
            }
        }
        for ((group, kind), objects) in custom {
            // Of a definition in the set the server's own answer tells: a version that it does not serve is no kind.
            if !defined.contains(&(group, kind)) {
                judge(fleet, (group, kind), &objects, report);
            }
        }
    }
}

/// Groups and kinds of the definitions in the set.
fn defined<'a>(fleet: &Fleet<'a>) -> HashSet<(&'a str, &'a str)> {
    let of =
        |definition: &'a Object<'a>| Some((definition.str_at("spec.group")?, definition.str_at("spec.names.kind")?));
    fleet.of_kind(DEFINITIONS.0, DEFINITIONS.1).filter_map(of).collect()
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
