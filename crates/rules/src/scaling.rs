//! Autoscalers.

mod autoscaler_metric_without_request;
mod autoscaler_target_missing;
mod autoscaler_target_version_unserved;
mod node_scaling_unaware;
mod replicas_fixed_under_autoscaler;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<autoscaler_target_missing::AutoscalerTargetMissing>(),
        AnyRule::of::<autoscaler_target_version_unserved::AutoscalerTargetVersionUnserved>(),
        AnyRule::of::<autoscaler_metric_without_request::AutoscalerMetricWithoutRequest>(),
        AnyRule::of::<replicas_fixed_under_autoscaler::ReplicasFixedUnderAutoscaler>(),
        AnyRule::of::<node_scaling_unaware::NodeScalingUnaware>(),
    ]
}
