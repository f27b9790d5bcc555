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
