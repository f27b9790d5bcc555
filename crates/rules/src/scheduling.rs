//! Placement and capacity.

mod capacity_exceeded;
mod daemon_set_misses_nodes;
mod host_port_clash;
mod nodes;
mod placement_not_allowed;
mod pod_unschedulable;
mod pods_per_node_exceeded;
mod quota;
mod quota_exceeded;
mod replicas;
mod shortage;
mod spread_selector_misses_own_pods;
mod spreading_missing;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<pod_unschedulable::PodUnschedulable>(),
        AnyRule::of::<capacity_exceeded::CapacityExceeded>(),
        AnyRule::of::<daemon_set_misses_nodes::DaemonSetMissesNodes>(),
        AnyRule::of::<host_port_clash::HostPortClash>(),
        AnyRule::of::<spread_selector_misses_own_pods::SpreadSelectorMissesOwnPods>(),
        AnyRule::of::<spreading_missing::SpreadingMissing>(),
        AnyRule::of::<pods_per_node_exceeded::PodsPerNodeExceeded>(),
        AnyRule::of::<placement_not_allowed::PlacementNotAllowed>(),
        AnyRule::of::<quota_exceeded::QuotaExceeded>(),
    ]
}
