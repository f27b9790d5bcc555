//! `governing-service-missing`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, Use};
use seaworthy_object::{Object, Version, Versions};
use serde::Deserialize;

use super::lookup::{Words, look_up};
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct GoverningServiceMissing {}

impl Rule for GoverningServiceMissing {
    const META: Meta = Meta {
        id: "governing-service-missing",
        category: Category::Reference,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("governing_service_missing.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl GoverningServiceMissing {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        let help = "create it, headless: until then no pod has a name in DNS";
        let words = Words { usual: Level::Error, level: Level::Error, verb: "is governed by", help };
        for reference in fleet.references_of(object) {
            if !reference.is_to("", "Service") || reference.role != Use::Governing {
                continue;
            }
            look_up(fleet, reference, &words, report);
        }
        if object.is("apps", "StatefulSet") {
            check_given(object, report);
        }
    }
}

/// Up to 1.33 the field is required by the API's description, though the server takes an object without it.
fn check_given<'a>(set: &'a Object<'a>, report: &mut Reporter<'_>) {
    let is_given = set.at("spec.serviceName").is_some_and(|it| !it.text().is_empty());
    let older = report.versions().intersect(Versions::before(Version::minor_of(34)));
    let Some(spec) = set.at("spec").filter(|_| !is_given && !older.is_empty()) else { return };
    report
        .say(
            spec.missing("serviceName"),
            format!("{} names no governing Service, so its pods have no names in DNS", set.reference()),
        )
        .level(Level::Error, Level::Warning)
        .versions(older)
        .help("give `serviceName` the name of a headless Service");
}
