//! What is known of clusters, and the tools around them.

mod control_plane_not_redundant;
mod database_backup_disabled;
mod database_public;
mod etcd_client_auth_disabled;
mod external_unreachable;
mod kubeadm_api_unsupported;
mod kubeconfig_broken;
mod kubectl;
mod kubectl_version_skew;
mod kubernetes_end_of_life;
mod lifetimes;
mod managed_control_plane_monitored;
mod port_open_to_world;
mod quorum_weak;
mod subnet_tags_missing;
mod zone_redundancy_missing;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<quorum_weak::QuorumWeak>(),
        AnyRule::of::<control_plane_not_redundant::ControlPlaneNotRedundant>(),
        AnyRule::of::<kubeadm_api_unsupported::KubeadmApiUnsupported>(),
        AnyRule::of::<kubectl_version_skew::KubectlVersionSkew>(),
        AnyRule::of::<kubernetes_end_of_life::KubernetesEndOfLife>(),
        AnyRule::of::<managed_control_plane_monitored::ManagedControlPlaneMonitored>(),
        AnyRule::of::<kubeconfig_broken::KubeconfigBroken>(),
        AnyRule::of::<database_backup_disabled::DatabaseBackupDisabled>(),
        AnyRule::of::<database_public::DatabasePublic>(),
        AnyRule::of::<etcd_client_auth_disabled::EtcdClientAuthDisabled>(),
        AnyRule::of::<external_unreachable::ExternalUnreachable>(),
        AnyRule::of::<port_open_to_world::PortOpenToWorld>(),
        AnyRule::of::<subnet_tags_missing::SubnetTagsMissing>(),
        AnyRule::of::<zone_redundancy_missing::ZoneRedundancyMissing>(),
    ]
}
