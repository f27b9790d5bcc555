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

#[cfg(test)]
mod tests {
    use super::probes_missing::ProbesMissing;
    use super::resources_unset::ResourcesUnset;
    use crate::trial::messages;

    const POD: &str = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}";

    #[test]
    fn required_amounts_are_the_users() {
        let said = |options: &str| messages::<ResourcesUnset>(options, POD).join("\n");
        assert_eq!(said("{}"), "container `c` has no cpu request, no memory request and no memory limit");
        let disk = said(r#"{"require": ["limits.ephemeral-storage"]}"#);
        assert_eq!(disk, "container `c` has no ephemeral-storage limit");
        assert_eq!(said(r#"{"require": []}"#), "");
        let misspelt = serde_json::from_str::<ResourcesUnset>(r#"{"require": ["request.cpu"]}"#);
        assert!(misspelt.unwrap_err().to_string().contains("neither `requests.`"));
    }

    #[test]
    fn required_probes_are_the_users() {
        let said = |options: &str| messages::<ProbesMissing>(options, POD).join("\n");
        assert_eq!(said("{}"), "container `c` has no `livenessProbe` and no `readinessProbe`");
        assert_eq!(said(r#"{"require": ["startup"]}"#), "container `c` has no `startupProbe`");
        assert!(serde_json::from_str::<ProbesMissing>(r#"{"require": ["health"]}"#).is_err());
    }
}
