//! Leases (k8s.io/kubernetes, pkg/apis/coordination/validation).

use super::Validate;
use super::meta;
use super::names::Form;
use super::value::Value;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    (kind == "Lease").then_some(lease)
}

/// `ValidateLease`. Its strategy is dropped while `CoordinatedLeaderElection` is not switched on.
fn lease(object: Value<'_>) {
    meta::object_meta_with(object, &|name| Form::Subdomain.faults(name));
    let (seconds, transitions) = (object.at("spec.leaseDurationSeconds"), object.at("spec.leaseTransitions"));
    if seconds.opt_int().is_some_and(|it| it <= 0) {
        seconds.invalid("must be greater than 0");
    }
    if transitions.int() < 0 {
        transitions.invalid("must be greater than or equal to 0");
    }
}
