//! Ingresses (`ValidateIngressCreate`).

use super::super::meta;
use super::super::names::{self, Form};
use super::super::net::{self, Ip};
use super::super::print;
use super::super::value::Value;
use super::typed_reference;

/// What named the class before `spec.ingressClassName`.
const CLASS: &str = "kubernetes.io/ingress.class";

pub(super) fn ingress(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    let (backend, rules, class) = (spec.get("defaultBackend"), spec.get("rules"), spec.get("ingressClassName"));
    if rules.is_empty() && !backend.is_present() {
        spec.invalid_shown(&print::shown(rules), "either `defaultBackend` or `rules` must be specified");
    }
    if backend.is_present() {
        judge_backend(backend);
    }
    rules.items().for_each(judge_rule);
    spec.items_of("tls").for_each(judge_tls);
    if class.is_present() {
        class.invalid_each(Form::Subdomain.faults(class.str()));
    }
    let annotation = object.at("metadata.annotations").entries().find(|(key, _)| *key == CLASS);
    let Some((_, annotation)) = annotation else { return };
    // Asked of new objects alone.
    if class.is_present() && annotation.str() != class.str() && !object.run().updates() {
        let words = "must match `ingressClassName` when both are specified";
        annotation.named(format!("annotations.{CLASS}")).invalid_text(annotation.str(), words);
    }
    if !class.is_present() && !object.run().refuses() {
        annotation.warn(format!("annotation \"{CLASS}\" is deprecated, please use 'spec.ingressClassName' instead"));
    }
}

/// `validateIngressTLS`.
fn judge_tls(tls: Value<'_>) {
    tls.items_of("hosts").for_each(judge_host);
    let secret = tls.get("secretName");
    if !secret.is_empty() {
        secret.invalid_each(Form::Subdomain.faults(secret.str()));
    }
}

fn judge_host(host: Value<'_>) {
    host.invalid_each(if host.str().contains('*') {
        net::wildcard_faults(host.str())
    } else {
        Form::Subdomain.faults(host.str())
    });
}

/// An item of `validateIngressRules`.
fn judge_rule(rule: Value<'_>) {
    let (host, http) = (rule.get("host"), rule.get("http"));
    if !host.is_empty() {
        if Ip::parse(host.str()).is_some() {
            host.invalid("must be a DNS name, not an IP address");
        }
        judge_host(host);
    }
    if http.is_present() {
        let paths = http.get("paths");
        if paths.is_empty() {
            paths.required("");
        }
        paths.items().for_each(judge_path);
    }
}

/// `validateHTTPIngressPath`.
fn judge_path(item: Value<'_>) {
    let (path, kind) = (item.get("path"), item.get("pathType"));
    match kind.opt_str() {
        None => return kind.required("pathType must be specified"),
        Some("Exact" | "Prefix") => {
            judge_absolute(path);
            for part in ["//", "/./", "/../", "%2f", "%2F"].into_iter().filter(|part| path.str().contains(part)) {
                path.invalid(&format!("must not contain '{part}'"));
            }
            for end in ["/..", "/."].into_iter().filter(|end| path.str().ends_with(end)) {
                path.invalid(&format!("cannot end with '{end}'"));
            }
        }
        Some("ImplementationSpecific") if path.is_empty() => {}
        Some("ImplementationSpecific") => judge_absolute(path),
        Some(_) => kind.not_supported(&["Exact", "ImplementationSpecific", "Prefix"]),
    }
    judge_backend(item.get("backend"));
}

fn judge_absolute(path: Value<'_>) {
    if !path.str().starts_with('/') {
        path.invalid("must be an absolute path");
    }
}

/// `validateIngressBackend`.
fn judge_backend(backend: Value<'_>) {
    let (resource, service) = (backend.get("resource"), backend.get("service"));
    match (resource.is_present(), service.is_present()) {
        (true, true) => backend.invalid_text("", "cannot set both resource and service backends"),
        (true, false) => typed_reference(resource),
        (false, false) => backend.invalid_text("", "resource or service backend is required"),
        (false, true) => {
            let (name, port) = (service.get("name"), service.get("port"));
            if name.is_empty() {
                name.required("");
            } else {
                name.invalid_each(names::service_faults(name, name.str()));
            }
            let (number, named) = (port.get("number"), port.get("name"));
            match (number.int() != 0, !named.is_empty()) {
                (true, true) => backend.invalid_text("", "cannot set both port name & port number"),
                (false, true) => named.invalid_each(net::port_name_faults(named.str())),
                (true, false) => net::port_number(number),
                (false, false) => backend.required("port name or number is required"),
            }
        }
    }
}
