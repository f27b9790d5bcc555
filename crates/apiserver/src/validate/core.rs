//! The core group (k8s.io/kubernetes, pkg/apis/core/validation).

pub(super) mod affinity;
mod annotations;
mod config;
mod container;
mod controller;
mod endpoints;
mod field_ref;
mod limit_range;
mod local_path;
pub(super) mod names;
mod namespace;
mod node;
pub(super) mod node_label;
pub(super) mod persistent_volume;
pub(super) mod persistent_volume_claim;
pub(super) mod pod;
mod pod_security;
mod resource_quota;
pub(super) mod resources;
pub(super) mod secret;
mod security;
pub(super) mod service;
pub(super) mod toleration;
pub(super) mod volume;
pub(super) mod warnings;

use super::Validate;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "Binding" => controller::binding,
        "ConfigMap" => config::config_map,
        "Endpoints" => endpoints::endpoints,
        "Event" => super::events::core_event,
        "LimitRange" => limit_range::limit_range,
        "Namespace" => namespace::namespace,
        "Node" => node::node,
        "ResourceQuota" => resource_quota::resource_quota,
        "Secret" => secret::secret,
        "ServiceAccount" => secret::service_account,
        "PersistentVolume" => persistent_volume::persistent_volume,
        "PersistentVolumeClaim" => persistent_volume_claim::persistent_volume_claim,
        "Pod" => pod::pod,
        "PodTemplate" => pod::pod_template,
        "ReplicationController" => controller::replication_controller,
        "Service" => service::service,
        _ => return None,
    })
}
