//! Resources, quality of service, probes, life cycle, rollout.

mod bare_pod;
mod bare_replica_set;
mod probes_identical;
mod probes_missing;
mod qos_best_effort;
mod quantity_suspicious;
mod readiness_probe_missing;
mod replicas_null;
mod resources_unset;

use seaworthy_object::Object;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<qos_best_effort::QosBestEffort>(),
        AnyRule::of::<resources_unset::ResourcesUnset>(),
        AnyRule::of::<quantity_suspicious::QuantitySuspicious>(),
        AnyRule::of::<readiness_probe_missing::ReadinessProbeMissing>(),
        AnyRule::of::<probes_missing::ProbesMissing>(),
        AnyRule::of::<probes_identical::ProbesIdentical>(),
        AnyRule::of::<replicas_null::ReplicasNull>(),
        AnyRule::of::<bare_pod::BarePod>(),
        AnyRule::of::<bare_replica_set::BareReplicaSet>(),
    ]
}

/// True if another object made this one and keeps it.
fn has_owner<'a>(object: &'a Object<'a>) -> bool {
    object.field().items_at("metadata.ownerReferences").next().is_some()
}
