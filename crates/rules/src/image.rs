//! Image references.

mod image_latest;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![AnyRule::of::<image_latest::ImageLatest>()]
}
