//! `claim-missing`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, Reference, Relation};
use seaworthy_object::Object;
use serde::Deserialize;

use super::lookup::{Words, look_up};
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClaimMissing {}

impl Rule for ClaimMissing {
    const META: Meta = Meta {
        id: "claim-missing",
        category: Category::Reference,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("claim_missing.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl ClaimMissing {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        let help = "create it: until then the pod stays Pending";
        let words = Words { usual: Level::Error, level: Level::Error, verb: "mounts", help };
        for reference in fleet.references_of(object) {
            let is_claim = reference.is_to("", "PersistentVolumeClaim");
            if is_claim && reference.relation == Relation::Mounts && !is_replaced(reference) {
                look_up(fleet, reference, &words, report);
            }
        }
    }
}

/// A StatefulSet puts the claims it makes in the place of volumes of the same name.
fn is_replaced(reference: &Reference<'_>) -> bool {
    let object = reference.object();
    let Some(pod) = object.pod() else { return false };
    let volume = pod.spec().volumes().find(|volume| volume.claim_name() == Some(reference.field));
    let mut templates = object.field().items_at("spec.volumeClaimTemplates");
    volume.is_some_and(|volume| templates.any(|it| it.str_at("metadata.name") == Some(volume.name())))
}
