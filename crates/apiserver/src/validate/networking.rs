//! Ingresses, network policies and the addresses of services (k8s.io/kubernetes, pkg/apis/networking/validation).

mod address;
mod ingress;
mod ingress_class;
mod network_policy;

use super::Validate;
use super::names::Form;
use super::value::Value;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "IPAddress" => address::ip_address,
        "Ingress" => ingress::ingress,
        "IngressClass" => ingress_class::ingress_class,
        "NetworkPolicy" => network_policy::network_policy,
        "ServiceCIDR" => address::service_cidr,
        _ => return None,
    })
}

/// A field that must be there and be a segment of a path, as kinds and names in references are.
fn segment(field: Value<'_>, missing: &str) {
    if field.is_empty() {
        field.required(missing);
    } else {
        field.invalid_each(Form::PathSegment.faults(field.str()));
    }
}

/// `validateIngressTypedLocalObjectReference`.
fn typed_reference(reference: Value<'_>) {
    let (group, kind, name) = (reference.get("apiGroup"), reference.get("kind"), reference.get("name"));
    if group.is_present() {
        group.invalid_each(Form::Subdomain.faults(group.str()));
    }
    for (field, words) in [(kind, "kind is required"), (name, "name is required")] {
        if field.is_empty() && !field.since(34) {
            field.required(words);
        } else {
            segment(field, "");
        }
    }
}
