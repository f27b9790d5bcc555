//! `zonal-class-immediate-binding`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::Object;
use seaworthy_placement::is_zonal;
use serde::Deserialize;

use super::NodeZones;
use super::class_zones_mismatch::ClassZones;
use crate::mending::{self, before};
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
    const CHECK: Check<Self> = Check::Member(Self::check);
}

const WAIT: &str = "WaitForFirstConsumer";
const TITLE: &str = "let the disk wait for its pod";

impl ZonalClassImmediateBinding {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        let Some(provisioner) = object.at("provisioner") else { return };
        let mode = object.at("volumeBindingMode");
        if !object.is("storage.k8s.io", "StorageClass")
            || mode.is_some_and(|it| it.text() != "Immediate")
            || !is_zonal(provisioner.text(), object.at("parameters"))
            || has_one_zone(fleet, object)
        {
            return;
        }
        let message = format!("class `{}` makes its disk before the pod has a place", object.name());
        let found = report
            .say(mode.unwrap_or(provisioner), message)
            .label("the disk may land where the pod cannot run: \"node(s) had volume node affinity conflict\"")
            .help(
                "set `volumeBindingMode: WaitForFirstConsumer`; the field is immutable, so the class must be \
                 recreated, and volumes that it made stay in their zones",
            );
        let line = || before(provisioner, &["volumeBindingMode: WaitForFirstConsumer"]);
        let fix = mode.map(|it| mending::replacement(it, WAIT, TITLE));
        found.mend(fix.or_else(|| Some(mending::by(line()?, TITLE))));
    }
}

/// True if the class or the cluster is known to have one zone only.
fn has_one_zone<'a>(fleet: &Fleet<'a>, class: &'a Object<'a>) -> bool {
    let of_class = ClassZones::of(class).is_some_and(|it| it.names.len() == 1);
    let of_nodes = || {
        let zones = NodeZones::of(fleet);
        zones.are_all && zones.names.len() == 1
    };
    of_class || fleet.facts().node_count() == Some(1) || of_nodes()
}
