//! Claims, volumes and classes.

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![]
}
