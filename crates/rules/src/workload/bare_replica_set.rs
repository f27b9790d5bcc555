//! `bare-replica-set`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_object::Object;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule, workload::has_owner};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct BareReplicaSet {}

impl Rule for BareReplicaSet {
    const META: Meta = Meta {
        id: "bare-replica-set",
        category: Category::Workload,
        level: Some(Level::Info),
        packs: &[],
        since: "0.1.0",
        page: page!("bare_replica_set.md"),
    };
    const CHECK: Check<Self> = Check::Object(Self::check);
}

impl BareReplicaSet {
    fn check<'a>(&self, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        let is_set = object.is("apps", "ReplicaSet");
        if !(is_set || object.is("", "ReplicationController")) || has_owner(object) {
            return;
        }
        let Some(kind) = object.at("kind") else { return };
        let finding = report
            .say(
                kind,
                format!("{} is used directly: a change of its template reaches no running pod", object.reference()),
            )
            .help("make it a Deployment, which rolls changes out and back");
        if is_set && object.api_version() == "apps/v1" {
            finding.replace(kind, "Deployment", "Make it a Deployment", Safety::Unsafe);
        }
    }
}
