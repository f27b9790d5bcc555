//! Placement and capacity.

mod daemon_set_misses_nodes;
mod nodes;
mod spread_selector_misses_own_pods;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<daemon_set_misses_nodes::DaemonSetMissesNodes>(),
        AnyRule::of::<spread_selector_misses_own_pods::SpreadSelectorMissesOwnPods>(),
    ]
}
