//! Duplicates, leftovers, house rules.

mod duplicate_object;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![AnyRule::of::<duplicate_object::DuplicateObject>()]
}
