//! `zonal-class-immediate-binding`.

use seaworthy_diagnostic::{Fix, Level, Safety};
use seaworthy_fleet::Facts;
use seaworthy_object::{Field, Object};
use seaworthy_placement::is_zonal;
use serde::Deserialize;

use super::line_above;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ZonalClassImmediateBinding {}

impl Rule for ZonalClassImmediateBinding {
    const META: Meta = Meta {
        id: "zonal-class-immediate-binding",
        category: Category::Storage,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("zonal_class_immediate_binding.md"),
    };
    const CHECK: Check<Self> = Check::Object(Self::check);
}

const WAIT: &str = "WaitForFirstConsumer";
const TITLE: &str = "let the disk wait for its pod";

impl ZonalClassImmediateBinding {
    fn check<'a>(&self, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        let Some(provisioner) = object.at("provisioner") else { return };
        let mode = object.at("volumeBindingMode");
        if !object.is("storage.k8s.io", "StorageClass")
            || mode.is_some_and(|it| it.text() != "Immediate")
            || !is_zonal(provisioner.text(), object.at("parameters"))
            || has_one_zone(object, report.facts())
        {
            return;
        }
        let message = format!("class `{}` makes its disk before the pod has a place", object.name());
        let found = report
            .say(mode.unwrap_or(provisioner), message)
            .label("the disk may land in a zone where the pod cannot run: \"node(s) had volume node affinity conflict\"")
            .help(
                "set `volumeBindingMode: WaitForFirstConsumer`; the field is immutable, so the class must be recreated, \
                 and volumes that it made stay in their zones",
            );
        match (mode, line_above(provisioner, "volumeBindingMode: WaitForFirstConsumer")) {
            (Some(mode), _) => drop(found.replace(mode, WAIT, TITLE, Safety::Unsafe)),
            (None, Some(edit)) => {
                found.fix(Fix { title: TITLE.to_owned(), safety: Safety::Unsafe, edits: vec![edit] });
            }
            (None, None) => {}
        }
    }
}

/// True if the class or the cluster is known to have one zone only.
fn has_one_zone<'a>(class: &'a Object<'a>, facts: &Facts) -> bool {
    let zones = |key: &str| class.at("parameters")?.get(key).map(|it| it.text().split(',').count());
    let terms: Vec<Field<'_>> = class.field().items_at("allowedTopologies").collect();
    let values = terms
        .iter()
        .flat_map(|term| term.items_at("matchLabelExpressions"))
        .filter(|it| it.str_at("key").is_some_and(|key| key.ends_with("/zone")));
    let allowed = values.flat_map(|it| it.items_at("values")).count();
    zones("zone").or_else(|| zones("zones")) == Some(1)
        || (terms.len() == 1 && allowed == 1)
        || facts.known_zones().len() == 1
        || facts.node_count() == Some(1)
}
