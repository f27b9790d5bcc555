//! Webhooks and policies of admission (k8s.io/kubernetes, pkg/apis/admissionregistration/validation).

mod expression;
mod policy;
mod rule;
mod webhook;

use super::Validate;
use super::meta;
use super::names::Form;
use super::value::Value;

/// Names that end so are those of manifests of the server itself (`StaticConfigSuffix`).
const STATIC_SUFFIX: &str = ".static.k8s.io";

/// The version that takes admission from manifests, and refuses their names.
const MANIFESTS: u8 = 37;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => webhook::configuration,
        "ValidatingAdmissionPolicy" => policy::validating,
        "ValidatingAdmissionPolicyBinding" => policy::validating_binding,
        "MutatingAdmissionPolicy" => policy::mutating,
        "MutatingAdmissionPolicyBinding" => policy::mutating_binding,
        _ => return None,
    })
}

/// The metadata of all of them, and `ValidateStaticSuffix`.
fn metadata(object: Value<'_>) {
    meta::object_meta_with(object, &|name| Form::Subdomain.faults(name));
    let name = object.at("metadata.name");
    if name.str().ends_with(STATIC_SUFFIX) && name.since(MANIFESTS) {
        name.invalid(&reserved());
    }
}

/// `WarningsForStaticSuffix`: what is no refusal yet.
fn warnings(object: Value<'_>) {
    let name = object.at("metadata.name");
    if name.str().ends_with(STATIC_SUFFIX) && name.since(36) && !name.since(MANIFESTS) && !object.run().refuses() {
        name.warn(format!("metadata.name: {}", reserved()));
    }
}

fn reserved() -> String {
    format!(
        "names ending with \"{STATIC_SUFFIX}\" are reserved for static manifest-based configurations and cannot be \
         managed via the API"
    )
}
