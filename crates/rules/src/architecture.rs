//! Conformance to a Fleet document.

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![]
}
