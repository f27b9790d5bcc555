//! Pods and what holds a pod's spec (`ValidatePodCreate`, `ValidatePodSpec`).

use super::super::meta;
use super::super::names::Form;
use super::super::value::Value;
use super::{container, volume};

/// `ValidatePodCreate`.
pub(super) fn pod(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    pod_spec(object.get("spec"));
}

/// `ValidatePodSpec`.
pub(in crate::validate) fn pod_spec(spec: Value<'_>) {
    let volumes = volume::volumes(spec);
    container::containers(spec, &volumes);
}
