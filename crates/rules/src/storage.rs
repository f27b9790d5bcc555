//! Claims, volumes and classes.

mod stateful_service_without_volume;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![AnyRule::of::<stateful_service_without_volume::StatefulServiceWithoutVolume>()]
}
