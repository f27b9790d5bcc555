//! IngressClasses (`ValidateIngressClass`).

use super::super::domains;
use super::super::meta;
use super::super::names::Form;
use super::super::value::Value;
use super::typed_reference;

/// The longest name of a controller (`maxLenIngressClassController`).
const CONTROLLER_LIMIT: usize = 250;

pub(super) fn ingress_class(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    let (controller, parameters) = (spec.get("controller"), spec.get("parameters"));
    if controller.len() > CONTROLLER_LIMIT {
        controller.too_long(CONTROLLER_LIMIT);
    }
    domains::prefixed_path(controller);
    if parameters.is_present() {
        judge_parameters(parameters);
    }
}

/// `validateIngressClassParametersReference`.
fn judge_parameters(parameters: Value<'_>) {
    typed_reference(parameters);
    let (scope, namespace) = (parameters.get("scope"), parameters.get("namespace"));
    match (scope.opt_str().unwrap_or("Cluster"), namespace.is_present()) {
        ("Namespace", false) => namespace.required("`parameters.scope` is set to 'Namespace'"),
        ("Namespace", true) => namespace.invalid_each(Form::Label.faults(namespace.str())),
        ("Cluster", true) => namespace.forbidden("`parameters.scope` is set to 'Cluster'"),
        ("Cluster", false) => {}
        _ => scope.not_supported(&["Cluster", "Namespace"]),
    }
}
