//! Autoscalers.

mod autoscaler_max_unschedulable;
mod autoscaler_metric_without_request;
mod autoscaler_range_unfit;
mod autoscaler_target_missing;
mod autoscaler_target_version_unserved;
mod autoscaler_threshold_above_limit;
mod autoscalers_overlap;
mod metrics_source_missing;
mod node_autoscaler_unfit;
mod node_group_cannot_grow;
mod node_scaling_unaware;
mod replicas_fixed_under_autoscaler;

use seaworthy_facts::{ClusterDocument, NodeGroup};
use seaworthy_fleet::Fleet;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<autoscaler_target_missing::AutoscalerTargetMissing>(),
        AnyRule::of::<autoscaler_target_version_unserved::AutoscalerTargetVersionUnserved>(),
        AnyRule::of::<autoscaler_metric_without_request::AutoscalerMetricWithoutRequest>(),
        AnyRule::of::<replicas_fixed_under_autoscaler::ReplicasFixedUnderAutoscaler>(),
        AnyRule::of::<autoscaler_threshold_above_limit::AutoscalerThresholdAboveLimit>(),
        AnyRule::of::<autoscaler_range_unfit::AutoscalerRangeUnfit>(),
        AnyRule::of::<metrics_source_missing::MetricsSourceMissing>(),
        AnyRule::of::<autoscalers_overlap::AutoscalersOverlap>(),
        AnyRule::of::<node_group_cannot_grow::NodeGroupCannotGrow>(),
        AnyRule::of::<node_autoscaler_unfit::NodeAutoscalerUnfit>(),
        AnyRule::of::<autoscaler_max_unschedulable::AutoscalerMaxUnschedulable>(),
        AnyRule::of::<node_scaling_unaware::NodeScalingUnaware>(),
    ]
}

/// The program that adds and removes nodes.
const CLUSTER_AUTOSCALER: &str = "cluster-autoscaler";

/// Who says that the nodes of a cluster come and go with the load, through the groups that its document states; none if
/// nobody does, or if nodes are made without groups.
fn node_autoscaling(fleet: &Fleet<'_>, cluster: &ClusterDocument<'_>) -> Option<&'static str> {
    if cluster.nodes_on_demand.is_some() || fleet.runs_any_of(&["karpenter"]) {
        return None;
    }
    // One that the set runs is in one cluster, and where several are stated nobody says in which.
    let runs_here = || fleet.clusters().len() == 1 && fleet.runs_any_of(&[CLUSTER_AUTOSCALER]);
    let is_declared = fleet.facts().has_installed(CLUSTER_AUTOSCALER) || cluster.add_on(CLUSTER_AUTOSCALER).is_some();
    if is_declared || runs_here() {
        return Some("the cluster autoscaler is to add nodes");
    }
    let is_promised = fleet.facts().promises.iter().any(|it| it == "node-autoscaling");
    is_promised.then_some("node autoscaling is promised")
}

/// What a group of nodes is called in a sentence.
fn called(group: &NodeGroup<'_>) -> String {
    match group.title() {
        "" => "without a name".to_owned(),
        title => format!("`{title}`"),
    }
}
