//! `rwo-claim-rolling-update`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::{IntOrString, Object, Pod};
use seaworthy_placement::AccessModes;
use serde::Deserialize;

use crate::mending::{self, before};
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RwoClaimRollingUpdate {}

impl Rule for RwoClaimRollingUpdate {
    const META: Meta = Meta {
        id: "rwo-claim-rolling-update",
        category: Category::Storage,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("rwo_claim_rolling_update.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl RwoClaimRollingUpdate {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        if let Some(pod) = object.pod().filter(starts_new_before_old_ends) {
            for name in pod.spec().volumes().filter_map(|volume| volume.claim_name()) {
                let claim = fleet.object("", "PersistentVolumeClaim", Some(pod.namespace()), name.text());
                if let Some(claim) = claim.filter(|claim| access(claim).is_one_node()) {
                    say(pod.object(), name, claim, report);
                }
            }
        }
    }
}

fn say<'a>(
    deployment: &'a Object<'a>,
    name: seaworthy_object::Field<'a>,
    claim: &'a Object<'a>,
    report: &mut Reporter<'_>,
) {
    let modes = access(claim);
    let message = format!(
        "Deployment `{}` rolls over while it mounts the {modes} claim `{}`: \
         the new pod starts before the old one lets go",
        deployment.name(),
        claim.name()
    );
    let place = claim.at("spec.accessModes").map_or_else(|| claim.place(), Into::into);
    let kind = deployment.at("spec.strategy.type").filter(|_| deployment.at("spec.strategy.rollingUpdate").is_none());
    let title = "stop the old pod first";
    let above = deployment.at("spec.template").filter(|_| deployment.at("spec.strategy").is_none());
    let line = || before(above?, &["strategy: {type: Recreate}"]);
    let fix = kind.map(|it| mending::replacement(it, "Recreate", title));
    report
        .say(name, message)
        .label("on another node the new pod hangs, on the same one both write")
        .help("set `spec.strategy.type: Recreate`, or use a StatefulSet with a claim template")
        .related(place, format!("the claim is {modes}"))
        .mend(fix.or_else(|| Some(mending::by(line()?, title))));
}

pub(super) fn access<'a>(claim: &'a Object<'a>) -> AccessModes {
    AccessModes::of(claim.field().items_at("spec.accessModes"))
}

/// True for a Deployment with the strategy RollingUpdate, the default, that may have a pod more than its replicas.
fn starts_new_before_old_ends(pod: &Pod<'_>) -> bool {
    let object = pod.object();
    let replicas = pod.replicas().unwrap_or(1);
    let surge = object.at("spec.strategy.rollingUpdate.maxSurge").and_then(IntOrString::of);
    object.is("apps", "Deployment")
        && object.str_at("spec.strategy.type").is_none_or(|kind| kind == "RollingUpdate")
        && replicas > 0
        && surge.is_none_or(|surge| surge.scaled(replicas, true) != Some(0))
}
