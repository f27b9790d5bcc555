//! Priority and fairness of requests (k8s.io/kubernetes, pkg/apis/flowcontrol/validation).

mod flow_schema;
mod priority_level;

use super::Validate;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "FlowSchema" => flow_schema::flow_schema,
        "PriorityLevelConfiguration" => priority_level::priority_level,
        _ => return None,
    })
}
