//! Conformance to a Fleet document.

mod declared_port_not_served;
mod exposure_exceeds_model;
mod fleet_document_invalid;
mod link_broken;
mod scale_differs;
mod service_not_deployed;
mod service_not_modelled;

use seaworthy_fleet::{DeclaredService, Fleet};

use crate::{AnyRule, Finding};

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<fleet_document_invalid::FleetDocumentInvalid>(),
        AnyRule::of::<service_not_deployed::ServiceNotDeployed>(),
        AnyRule::of::<service_not_modelled::ServiceNotModelled>(),
        AnyRule::of::<declared_port_not_served::DeclaredPortNotServed>(),
        AnyRule::of::<link_broken::LinkBroken>(),
        AnyRule::of::<exposure_exceeds_model::ExposureExceedsModel>(),
        AnyRule::of::<scale_differs::ScaleDiffers>(),
    ]
}

/// True for a service that somebody else runs.
pub(crate) fn is_external(fleet: &Fleet<'_>, service: &DeclaredService<'_>) -> bool {
    fleet.declaration().is_some_and(|it| it.external(service.name).is_some())
}

/// The other end of every finding about a service: where it is declared.
pub(crate) fn declared<'f>(finding: Finding<'f>, service: &DeclaredService<'_>) -> Finding<'f> {
    finding.related(service.field.key_place(), format!("`{}` is declared here", service.name))
}
