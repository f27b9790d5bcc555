//! Pod security, credentials, RBAC.

mod credential;
mod default_credential;
mod literal_credential;
mod privileged_container;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<privileged_container::PrivilegedContainer>(),
        AnyRule::of::<literal_credential::LiteralCredential>(),
        AnyRule::of::<default_credential::DefaultCredential>(),
    ]
}
