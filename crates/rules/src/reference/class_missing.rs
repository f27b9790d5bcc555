//! `class-missing`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::Object;
use serde::Deserialize;

use super::lookup::{Words, look_up};
use crate::{Category, Check, Meta, Reporter, Rule};
/// The classes: group, kind, and what happens without it.
const CLASSES: &[(&str, &str, &str)] = &[
    ("scheduling.k8s.io", "PriorityClass", "create it: until then the pods are refused"),
    ("node.k8s.io", "RuntimeClass", "create it, or declare what brings it: until then the pods are refused"),
    (
        "networking.k8s.io",
        "IngressClass",
        "install the controller, or declare it under `cluster.installed`: until then nothing serves the Ingress",
    ),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClassMissing {}

impl Rule for ClassMissing {
    const META: Meta = Meta {
        id: "class-missing",
        category: Category::Reference,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("class_missing.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl ClassMissing {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        for &(group, kind, help) in CLASSES {
            let words = Words { usual: Level::Error, level: Level::Error, verb: "names", help };
            for reference in fleet.references_of(object).iter().filter(|it| it.is_to(group, kind)) {
                look_up(fleet, reference, &words, report);
            }
        }
    }
}
