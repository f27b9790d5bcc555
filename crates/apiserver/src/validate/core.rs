//! The core group (k8s.io/kubernetes, pkg/apis/core/validation).

mod affinity;
mod annotations;
mod config;
mod container;
mod controller;
mod endpoints;
mod field_ref;
mod local_path;
pub(super) mod names;
pub(super) mod node_label;
pub(super) mod persistent_volume;
pub(super) mod persistent_volume_claim;
pub(super) mod pod;
mod pod_security;
pub(super) mod resources;
mod security;
mod service;
mod toleration;
pub(super) mod volume;
pub(super) mod warnings;

use super::Validate;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "Binding" => controller::binding,
        "ConfigMap" => config::config_map,
        "Endpoints" => endpoints::endpoints,
        "PersistentVolume" => persistent_volume::persistent_volume,
        "PersistentVolumeClaim" => persistent_volume_claim::persistent_volume_claim,
        "Pod" => pod::pod,
        "PodTemplate" => pod::pod_template,
        "ReplicationController" => controller::replication_controller,
        "Service" => service::service,
        _ => return None,
    })
}
