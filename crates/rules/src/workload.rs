//! Resources, quality of service, probes, life cycle, rollout.

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![]
}
