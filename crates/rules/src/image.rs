//! Image references.

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![]
}
