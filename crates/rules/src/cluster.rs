//! What is known of clusters, and the tools around them.

mod kubeconfig_broken;
mod kubectl;
mod kubectl_version_skew;
mod managed_control_plane_monitored;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<kubectl_version_skew::KubectlVersionSkew>(),
        AnyRule::of::<managed_control_plane_monitored::ManagedControlPlaneMonitored>(),
        AnyRule::of::<kubeconfig_broken::KubeconfigBroken>(),
    ]
}
