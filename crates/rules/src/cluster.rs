//! What is known of clusters, and the tools around them.

mod cluster_ranges_overlap;
mod component_version_skew;
mod components;
mod control_plane_endpoint_mismatch;
mod control_plane_not_redundant;
mod database_backup_disabled;
mod database_public;
mod etcd_client_auth_disabled;
mod external_unreachable;
mod kubeadm_api_unsupported;
mod kubeconfig_broken;
mod kubectl;
mod kubectl_version_skew;
mod kubelet_auth_missing;
mod kubernetes_end_of_life;
mod lifetimes;
mod managed_control_plane_monitored;
mod port_open_to_world;
mod quorum_weak;
mod snapshot_object_unhealthy;
mod subnet_tags_missing;
#[cfg(test)]
mod tests;
mod zone_redundancy_missing;

use seaworthy_fleet::ClusterDocument;
use seaworthy_source::order;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<quorum_weak::QuorumWeak>(),
        AnyRule::of::<control_plane_not_redundant::ControlPlaneNotRedundant>(),
        AnyRule::of::<control_plane_endpoint_mismatch::ControlPlaneEndpointMismatch>(),
        AnyRule::of::<cluster_ranges_overlap::ClusterRangesOverlap>(),
        AnyRule::of::<kubeadm_api_unsupported::KubeadmApiUnsupported>(),
        AnyRule::of::<kubectl_version_skew::KubectlVersionSkew>(),
        AnyRule::of::<component_version_skew::ComponentVersionSkew>(),
        AnyRule::of::<kubernetes_end_of_life::KubernetesEndOfLife>(),
        AnyRule::of::<managed_control_plane_monitored::ManagedControlPlaneMonitored>(),
        AnyRule::of::<kubelet_auth_missing::KubeletAuthMissing>(),
        AnyRule::of::<external_unreachable::ExternalUnreachable>(),
        AnyRule::of::<subnet_tags_missing::SubnetTagsMissing>(),
        AnyRule::of::<zone_redundancy_missing::ZoneRedundancyMissing>(),
        AnyRule::of::<port_open_to_world::PortOpenToWorld>(),
        AnyRule::of::<database_public::DatabasePublic>(),
        AnyRule::of::<database_backup_disabled::DatabaseBackupDisabled>(),
        AnyRule::of::<etcd_client_auth_disabled::EtcdClientAuthDisabled>(),
        AnyRule::of::<kubeconfig_broken::KubeconfigBroken>(),
        AnyRule::of::<snapshot_object_unhealthy::SnapshotObjectUnhealthy>(),
    ]
}

/// The zones of a cluster: those of its workers, else those of its subnets; each once.
fn zones_of<'a>(cluster: &ClusterDocument<'a>) -> Vec<&'a str> {
    let workers = cluster.worker_zones();
    if !workers.is_empty() {
        return workers;
    }
    let mut zones: Vec<&str> = cluster.subnets.iter().filter_map(|it| it.zone?.value).collect();
    order::sort(&mut zones);
    zones.dedup();
    zones
}
