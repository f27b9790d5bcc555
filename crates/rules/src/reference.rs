//! Names, keys, ports and selectors between objects.

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![]
}
