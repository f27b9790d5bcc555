//! ReplicationControllers and bindings (`ValidateReplicationController`, `ValidatePodBinding`).

use super::super::label_selector::Labels;
use super::super::meta;
use super::super::names::Form;
use super::super::value::Value;
use super::{pod, warnings};

pub(super) fn replication_controller(object: Value<'_>) {
    // Names of which the versions say something else: too long ones, and those that the server makes.
    let (name, prefix) = (object.at("metadata.name"), object.at("metadata.generateName"));
    if (name.len() > 253 || !prefix.is_empty()) && object.since(35) {
        meta::object_meta_of_name(object, Form::LongName);
    } else {
        meta::object_meta(object, Form::Subdomain);
    }
    let spec = object.get("spec");
    meta::default_labels(object, spec.get("template"));
    meta::nonnegative(spec.get("minReadySeconds"));
    meta::nonnegative(spec.get("replicas"));
    let template = spec.get("template");
    let labels = template.at("metadata.labels");
    let selector = spec.get("selector");
    // The labels of the template are the selector by default (`SetDefaults_ReplicationController`).
    if selector.is_empty() && labels.is_empty() {
        selector.required("");
    }
    if template.is_present() {
        if !Labels::of(labels).match_map(selector) {
            labels.invalid("`selector` does not match template `labels`");
        }
        pod::pod_template_spec(template);
        let restart = template.at("spec.restartPolicy");
        if !matches!(restart.str(), "" | "Always") {
            restart.not_supported(&["Always"]);
        }
        let deadline = template.at("spec.activeDeadlineSeconds");
        if deadline.is_present() {
            deadline.forbidden("activeDeadlineSeconds in ReplicationController is not Supported");
        }
    } else {
        template.required("");
    }
    warnings::of_controller(object, template);
}

/// `ValidatePodBinding`.
pub(super) fn binding(object: Value<'_>) {
    let (kind, name) = (object.at("target.kind"), object.at("target.name"));
    if !matches!(kind.str(), "" | "Node") {
        kind.not_supported(&["Node", "<empty>"]);
    }
    if name.is_empty() {
        name.required("");
    } else if matches!(kind.str(), "" | "Node") {
        let faults = Form::Subdomain.faults(name.str());
        if !faults.is_empty() && name.since(37) {
            name.invalid_each(faults);
        }
    }
}
