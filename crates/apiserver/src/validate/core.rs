//! The core group (k8s.io/kubernetes, pkg/apis/core/validation).

mod config;
mod container;
mod field_ref;
pub(super) mod names;
mod pod;
mod volume;

use super::Validate;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "ConfigMap" => config::config_map,
        "Pod" => pod::pod,
        _ => return None,
    })
}
