//! Duplicates, leftovers, house rules.

mod duplicate_object;
mod policy_document_invalid;
mod suppression_unused;
mod suppression_without_reason;

pub(crate) use duplicate_object::are_together;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<duplicate_object::DuplicateObject>(),
        AnyRule::of::<policy_document_invalid::PolicyDocumentInvalid>(),
        AnyRule::of::<suppression_without_reason::SuppressionWithoutReason>(),
        AnyRule::of::<suppression_unused::SuppressionUnused>(),
    ]
}
