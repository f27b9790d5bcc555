//! Names, keys, ports and selectors between objects.

mod claim_missing;
mod class_missing;
mod config_map_missing;
mod crd_missing;
mod governing_service_missing;
mod governing_service_not_headless;
mod ingress_backend_missing;
mod ingress_secret_missing;
mod keys;
mod lookup;
mod named_port_missing;
mod namespace_missing;
mod ports;
mod producers;
mod secret_missing;
mod service_account_missing;
mod service_selects_nothing;
mod target_port_undeclared;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<config_map_missing::ConfigMapMissing>(),
        AnyRule::of::<secret_missing::SecretMissing>(),
        AnyRule::of::<service_account_missing::ServiceAccountMissing>(),
        AnyRule::of::<claim_missing::ClaimMissing>(),
        AnyRule::of::<class_missing::ClassMissing>(),
        AnyRule::of::<namespace_missing::NamespaceMissing>(),
        AnyRule::of::<crd_missing::CrdMissing>(),
        AnyRule::of::<service_selects_nothing::ServiceSelectsNothing>(),
        AnyRule::of::<named_port_missing::NamedPortMissing>(),
        AnyRule::of::<target_port_undeclared::TargetPortUndeclared>(),
        AnyRule::of::<ingress_backend_missing::IngressBackendMissing>(),
        AnyRule::of::<ingress_secret_missing::IngressSecretMissing>(),
        AnyRule::of::<governing_service_missing::GoverningServiceMissing>(),
        AnyRule::of::<governing_service_not_headless::GoverningServiceNotHeadless>(),
    ]
}

#[cfg(test)]
mod tests {
    use super::service_selects_nothing::ServiceSelectsNothing;
    use super::target_port_undeclared::TargetPortUndeclared;
    use crate::trial::{findings, messages};

    #[test]
    fn the_nearest_pods_are_those_fewest_letters_away() {
        let pod = |app: &str| {
            let metadata = format!("{{name: {app}, labels: {{app: {app}}}}}");
            format!("---\n{{apiVersion: v1, kind: Pod, metadata: {metadata}, spec: {{containers: [{{name: a}}]}}}}\n")
        };
        let service = "{apiVersion: v1, kind: Service, metadata: {name: s}, \
                       spec: {selector: {app: position-traker}, ports: [{port: 80}]}}\n";
        let fleet = format!("{service}{}{}", pod("position-simulator"), pod("position-tracker"));
        let found = findings::<ServiceSelectsNothing>("{}", &fleet);
        let help = found.first().and_then(|it| it.help.as_deref()).unwrap_or("");
        assert!(help.contains("app=position-tracker"), "{help}");
    }

    #[test]
    fn ports_of_probes_are_asked_for_by_option() {
        let pod = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a, \
                   ports: [{containerPort: 80}], livenessProbe: {tcpSocket: {port: 81}}}]}}";
        let said = |options: &str| messages::<TargetPortUndeclared>(options, pod).len();
        assert_eq!(said("{}"), 0);
        assert_eq!(said(r#"{"probes": true}"#), 1);
    }
}
