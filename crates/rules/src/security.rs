//! Pod security, credentials, RBAC.

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![]
}
