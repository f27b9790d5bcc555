//! What is known of clusters, and the tools around them.

mod control_plane_not_redundant;
mod kubeadm_api_unsupported;
mod kubeconfig_broken;
mod kubectl;
mod kubectl_version_skew;
mod kubernetes_end_of_life;
mod lifetimes;
mod managed_control_plane_monitored;
mod quorum_weak;

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
    ]
}
