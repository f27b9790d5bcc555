//! What the downward API refers to: fields of the pod, resources of its containers.

use super::super::names::{self, BYTES};
use super::super::value::Value;

/// The labels that `ConvertDownwardAPIFieldLabel` knows, and `spec.host`, which is the old name of `spec.nodeName`.
const LABELS: &[&str] = &[
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.serviceAccountName",
    "spec.schedulerName",
    "status.phase",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// `validContainerResourceFieldPathExpressions`, in the server's order.
const RESOURCES: &[&str] = &[
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];
/// `validContainerResourceFieldPathPrefixesWithDownwardAPIHugePages`.
const HUGE_PAGES: &[&str] = &["limits.hugepages-", "requests.hugepages-"];
/// `validContainerResourceDivisorForMemory`, as quantities print themselves.
const DIVISORS: &[&str] = &["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

/// `validateObjectFieldSelector`: of a reference that is there; `supported` in the server's order.
pub(super) fn object_field(reference: Value<'_>, supported: &[&str]) {
    let (version, path) = (reference.get("apiVersion").str_or("v1"), reference.get("fieldPath"));
    if path.is_empty() {
        return path.required("");
    }
    let fault = |words: String| path.invalid(&format!("error converting fieldPath: {words}"));
    if version != "v1" {
        return fault(format!("unsupported pod version: {version}"));
    }
    if let Some((field, key)) = subscripted(path.str()) {
        let faults = match field {
            "metadata.annotations" => names::key_faults(&key.to_lowercase(), reference.since(BYTES)),
            "metadata.labels" => names::key_faults(key, reference.since(BYTES)),
            _ => return fault(format!("field label does not support subscript: {}", path.str())),
        };
        let key = if field == "metadata.annotations" { key.to_lowercase() } else { key.to_owned() };
        faults.iter().for_each(|it| reference.invalid_text(&key, it));
        return;
    }
    let name = if path.str() == "spec.host" { "spec.nodeName" } else { path.str() };
    if !LABELS.contains(&name) {
        fault(format!("field label not supported: {name}"));
    } else if !supported.contains(&name) {
        path.not_supported_shown(&seaworthy_cel::quoted(name), supported);
    }
}

/// `SplitMaybeSubscriptedPath`: `metadata.labels['app']`.
fn subscripted(path: &str) -> Option<(&str, &str)> {
    let (field, key) = path.strip_suffix("']")?.split_once("['")?;
    (!field.is_empty()).then_some((field, key))
}

/// `validateContainerResourceFieldSelector`: of a reference that is there. A volume's names its container.
pub(super) fn resource_field(reference: Value<'_>, volume: bool) {
    let (container, resource) = (reference.get("containerName"), reference.get("resource"));
    if volume && container.is_empty() {
        container.required("");
    } else if resource.is_empty() {
        resource.required("");
    } else if !RESOURCES.contains(&resource.str()) && !is_huge_pages(resource.str()) {
        resource.not_supported(RESOURCES);
    }
    divisor(reference.get("divisor"), resource.str());
}

fn is_huge_pages(resource: &str) -> bool {
    HUGE_PAGES.iter().any(|prefix| resource.starts_with(prefix))
}

/// `validateContainerResourceDivisor`: the server shows the resource where the divisor is wrong.
fn divisor(divisor: Value<'_>, resource: &str) {
    let Some(quantity) = divisor.quantity().filter(|it| !it.is_zero()) else { return };
    let noun = match resource {
        "limits.cpu" | "requests.cpu" => "cpu",
        "limits.memory" | "requests.memory" => "memory",
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => "local ephemeral storage",
        _ if is_huge_pages(resource) => "hugepages",
        _ => return,
    };
    let text = quantity.to_string();
    if noun == "cpu" {
        if !matches!(text.as_str(), "1m" | "1") {
            divisor.invalid_text(resource, "only divisor's values 1m and 1 are supported with the cpu resource");
        }
    } else if !DIVISORS.contains(&text.as_str()) {
        let divisors = DIVISORS.join(", ");
        let detail = format!("only divisor's values {divisors} are supported with the {noun} resource");
        divisor.invalid_text(resource, &detail);
    }
}
