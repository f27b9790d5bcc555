//! What an autoscaler scales by (`validateMetrics`, `validateMetricSpec`).

use super::super::core::resources;
use super::super::names::{self, BYTES, Form};
use super::super::value::Value;

/// Types of metrics, sorted, with the field that each has.
const TYPES: &[&str] = &["ContainerResource", "External", "Object", "Pods", "Resource"];
const FIELDS: &[&str] = &["containerResource", "external", "object", "pods", "resource"];
/// The fields in the order in which the server looks at them.
const SOURCES: &[&str] = &["object", "external", "pods", "resource", "containerResource"];

/// `validateMetrics`.
pub(super) fn metrics(spec: Value<'_>) {
    let list = spec.get("metrics");
    list.items().for_each(metric);
    let cpu = spec.get("targetCPUUtilizationPercentage");
    if cpu.is_present() && cpu.int() < 1 {
        // A metric as later versions of the group have it.
        let at = format!("{}.metrics[0].resource.target.averageUtilization", spec.path());
        cpu.named(at).invalid_shown(&cpu.int().to_string(), "must be greater than 0");
    }
    let outside = |metric: Value<'_>| matches!(metric.str_of("type"), "Object" | "External");
    if spec.get("minReplicas").opt_int() == Some(0) && !list.items().any(outside) {
        list.forbidden("must specify at least one Object or External metric to support scaling to zero replicas");
    }
}

/// `validateMetricSpec`.
fn metric(metric: Value<'_>) {
    let kind = metric.get("type");
    if kind.is_empty() {
        kind.required("must specify a metric source type");
    }
    let at = TYPES.iter().position(|name| *name == kind.str());
    let expected = at.and_then(|at| FIELDS.get(at)).copied().unwrap_or("");
    if at.is_none() {
        kind.not_supported(TYPES);
    }
    let present = SOURCES.iter().map(|name| metric.get(name)).filter(|source| source.is_present());
    for (index, source) in present.clone().enumerate() {
        if index == 0 {
            self::source(source);
        }
    }
    if !expected.is_empty() && !metric.get(expected).is_present() {
        metric.get(expected).required("must populate information for the given metric source");
    }
    if present.clone().count() > 1 {
        for source in present.filter(|source| source.key() != expected) {
            source.forbidden("must populate the given metric source only");
        }
    }
}

/// `validateObjectSource`, `validateExternalSource`, `validatePodsSource`, `validateResourceSource` and
/// `validateContainerResourceSource`.
fn source(source: Value<'_>) {
    let target = source.get("target");
    let (value, average) = (target.get("value"), target.get("averageValue"));
    let name = source.get("name");
    match source.key() {
        "object" => super::object_reference(source.get("describedObject"), true),
        "resource" if name.is_empty() => name.required("must specify a resource name"),
        "containerResource" => container_resource(source),
        _ => {}
    }
    if matches!(source.key(), "object" | "external" | "pods") {
        let name = source.at("metric.name");
        if name.is_empty() {
            name.required("must specify a metric name");
        } else {
            name.invalid_each(Form::PathSegment.faults(name.str()));
        }
    }
    self::target(target);
    match source.key() {
        "object" if !value.is_present() && !average.is_present() => {
            average.required("must set either a target value or averageValue");
        }
        "external" => match (value.is_present(), average.is_present()) {
            (false, false) => {
                average.required("must set either a target value for metric or a per-pod target");
            }
            (true, true) => value.forbidden("may not set both a target value for metric and a per-pod target"),
            _ => {}
        },
        "pods" if !average.is_present() => average.required("must specify a positive target averageValue"),
        "resource" | "containerResource" => {
            let utilization = target.get("averageUtilization");
            match (utilization.is_present(), average.is_present()) {
                (false, false) => {
                    utilization.required("must set either a target raw value or a target utilization");
                }
                (true, true) => {
                    average.forbidden("may not set both a target raw value and a target utilization");
                }
                _ => {}
            }
        }
        _ => {}
    }
}

fn container_resource(source: Value<'_>) {
    let (name, container) = (source.get("name"), source.get("container"));
    if name.is_empty() {
        name.required("must specify a resource name");
    } else {
        container_resource_name(name);
    }
    if container.is_empty() {
        container.required("must specify a container");
    } else {
        container.invalid_each(Form::Label.faults(container.str()));
    }
}

/// `ValidateContainerResourceName`.
fn container_resource_name(field: Value<'_>) {
    let name = field.str();
    let say = |words: &str| field.invalid_shown(&resources::shown_name(field, name), words);
    let of_containers = matches!(name, "cpu" | "memory" | "ephemeral-storage") || name.starts_with("hugepages-");
    if !names::is_key(name) {
        names::key_faults(name, field.since(BYTES)).iter().for_each(|fault| say(fault));
    } else if !name.contains('/') && !resources::is_standard(name) {
        say("must be a standard resource type or fully qualified");
    }
    if !name.contains('/') && !of_containers {
        say("must be a standard resource for containers");
    } else if name.contains('/') && !resources::is_native(name) && !resources::is_extended(name) {
        say("doesn't follow extended resource name standard");
    }
}

/// `validateMetricTarget`.
fn target(target: Value<'_>) {
    let kind = target.get("type");
    if kind.is_empty() {
        kind.required("must specify a metric target type");
    }
    if !matches!(kind.str(), "Utilization" | "Value" | "AverageValue") {
        kind.invalid("must be either Utilization, Value, or AverageValue");
    }
    for field in [target.get("value"), target.get("averageValue")] {
        if field.quantity().is_some_and(|quantity| quantity.is_zero() || quantity.is_negative()) {
            field.invalid("must be positive");
        }
    }
    let utilization = target.get("averageUtilization");
    if utilization.is_present() && utilization.int() < 1 {
        utilization.invalid("must be greater than 0");
    }
}
