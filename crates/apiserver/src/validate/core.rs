//! The core group (k8s.io/kubernetes, pkg/apis/core/validation).

mod config;

use super::Validate;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "ConfigMap" => config::config_map,
        _ => return None,
    })
}
