//! APIServices (k8s.io/kube-aggregator, pkg/apis/apiregistration/validation).

use super::Validate;
use super::meta;
use super::names::Form;
use super::net;
use super::value::Value;
use seaworthy_cel::quoted;
use seaworthy_object::base64_decode;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    (kind == "APIService").then_some(api_service as Validate)
}

/// `ValidateAPIService`.
fn api_service(object: Value<'_>) {
    let spec = object.get("spec");
    let (group, version) = (spec.get("group"), spec.get("version"));
    meta::object_meta_with(object, &|name| {
        let faults = Form::PathSegment.faults(name);
        let named = name.strip_prefix(version.str()).and_then(|rest| rest.strip_prefix('.')) == Some(group.str());
        if !faults.is_empty() || named {
            return faults;
        }
        let wanted = quoted(&format!("{}.{}", version.str(), group.str()));
        vec![format!("must be `spec.version+\".\"+spec.group`: {wanted}")]
    });
    if !group.is_empty() {
        group.invalid_each(Form::Subdomain.faults(group.str()));
    } else if version.str() != "v1" {
        group.required("only v1 may have an empty group and it better be legacy kube");
    }
    version.invalid_each(Form::Label1035.faults(version.str()));
    for (name, limit, words) in [
        ("groupPriorityMinimum", 20_000, "must be positive and less than 20000"),
        ("versionPriority", 1000, "must be positive and less than 1000"),
    ] {
        let priority = spec.get(name);
        if !(1..=limit).contains(&priority.int()) {
            priority.invalid(words);
        }
    }
    let (service, bundle, insecure) = (spec.get("service"), spec.get("caBundle"), spec.get("insecureSkipTLSVerify"));
    if !service.is_present() {
        if !bundle.is_empty() {
            let size = base64_decode(bundle.str()).map_or(0, |bytes| bytes.len());
            bundle.invalid_text(&format!("{size} bytes"), "local APIServices may not have a caBundle");
        }
        if insecure.bool() {
            insecure.invalid("local APIServices may not have insecureSkipTLSVerify");
        }
        return;
    }
    for field in [service.get("namespace"), service.get("name")] {
        if field.is_empty() {
            field.required("");
        }
    }
    let port = service.get("port");
    if port.opt_int().is_some_and(|port| !net::is_port(port)) {
        port.invalid(&format!("port is not valid: {}", net::PORT_RANGE));
    }
    if insecure.bool() && !bundle.is_empty() {
        insecure.invalid("may not be true if caBundle is present");
    }
}
