//! EndpointSlices (k8s.io/kubernetes, pkg/apis/discovery/validation).

use std::collections::BTreeSet;

use super::Validate;
use super::domains;
use super::meta;
use super::names::{self, BYTES, Form};
use super::net::{self, Ip};
use super::value::Value;

/// How many there may be (`maxPorts` and its neighbours).
const PORTS: usize = 20_000;
const ENDPOINTS: usize = 1000;
const ADDRESSES: usize = 100;
const HINTS: usize = 8;
/// Who writes slices by itself, and well.
const CONTROLLERS: &[&str] = &["endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"];

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    (kind == "EndpointSlice").then_some(endpoint_slice as Validate)
}

/// `ValidateEndpointSliceCreate`.
fn endpoint_slice(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let kind = object.get("addressType");
    match kind.str() {
        "IPv4" | "IPv6" | "FQDN" => {}
        "" => kind.required(""),
        _ => kind.not_supported(&["FQDN", "IPv4", "IPv6"]),
    }
    judge_ports(object.get("ports"));
    let endpoints = object.get("endpoints");
    if endpoints.len() > ENDPOINTS {
        endpoints.too_many(endpoints.len(), ENDPOINTS);
    } else {
        endpoints.items().for_each(|endpoint| judge_endpoint(endpoint, kind.str()));
    }
    if object.run().refuses() {
        return;
    }
    if kind.str() == "FQDN" {
        kind.warn("spec.addressType: FQDN endpoints are deprecated");
    }
    if !net::is_managed(object, "endpointslice.kubernetes.io/managed-by", CONTROLLERS) {
        for endpoint in endpoints.items() {
            endpoint.items_of("addresses").for_each(net::warn_endpoint_ip);
        }
    }
}

/// `validatePorts`.
fn judge_ports(ports: Value<'_>) {
    if ports.len() > PORTS {
        return ports.too_many(ports.len(), PORTS);
    }
    let mut seen = BTreeSet::new();
    for port in ports.items() {
        let (name, protocol, app) = (port.get("name"), port.get("protocol"), port.get("appProtocol"));
        if !name.is_empty() {
            name.invalid_each(Form::Label.faults(name.str()));
        }
        if !seen.insert(name.str()) {
            name.duplicate();
        }
        if protocol.is_present() && !net::PROTOCOLS.contains(&protocol.str()) {
            protocol.not_supported(net::PROTOCOLS);
        }
        if app.is_present() {
            meta::label_name(app);
        }
    }
}

/// An item of `validateEndpoints`.
fn judge_endpoint(endpoint: Value<'_>, kind: &str) {
    let addresses = endpoint.get("addresses");
    if addresses.is_empty() {
        addresses.required(if addresses.since(37) { "" } else { "must contain at least 1 address" });
    } else if addresses.len() > ADDRESSES {
        addresses.too_many(addresses.len(), ADDRESSES);
    }
    for address in addresses.items() {
        match kind {
            "IPv4" | "IPv6" => judge_ip(address, addresses, kind == "IPv4"),
            "FQDN" => domains::fully_qualified(address),
            _ => {}
        }
    }
    let (node, host, hints) = (endpoint.get("nodeName"), endpoint.get("hostname"), endpoint.get("hints"));
    if node.is_present() {
        node.invalid_each(Form::Subdomain.faults(node.str()));
    }
    if host.is_present() {
        host.invalid_each(Form::Label.faults(host.str()));
    }
    if hints.is_present() {
        judge_hints(hints);
    }
}

fn judge_ip(address: Value<'_>, addresses: Value<'_>, v4: bool) {
    let text = address.str();
    let parsed = Ip::parse(text);
    if parsed.is_some_and(|ip| ip.is_v4() == v4 && ip.special().is_none() && (v4 && ip.is_strict() || ip.is(text))) {
        return;
    }
    if !address.since(33) {
        if parsed.is_none_or(|ip| ip.is_v4() != v4) {
            let family = if v4 { "IPv4" } else { "IPv6" };
            address.invalid(&format!("must be a valid {family} address"));
        }
        return net::endpoint_ip(address, text);
    }
    let ip = if v4 { net::legacy_ip(address, text) } else { net::canonical_ip(address, text) };
    let Some(ip) = ip else { return };
    if ip.is_v4() != v4 {
        // At the list, as it stands there.
        let family = if v4 { "an IPv4" } else { "an IPv6" };
        address.named(addresses.path()).invalid_text(text, &format!("must be {family} address"));
    }
    net::endpoint_ip(address, text);
}

/// `validateHints`.
fn judge_hints(hints: Value<'_>) {
    let (zones, nodes) = (hints.get("forZones"), hints.get("forNodes"));
    let zone = |name: Value<'_>| {
        if names::is_label_value(name.str()) { Vec::new() } else { names::value_faults(name.str(), name.since(BYTES)) }
    };
    // Alpha before 1.34: a server drops them.
    if judge_hint(zones, &zone) && !nodes.is_empty() && nodes.since(34) {
        judge_hint(nodes, &|name| Form::Subdomain.faults(name.str()));
    }
}

fn judge_hint(list: Value<'_>, faults: &dyn Fn(Value<'_>) -> Vec<String>) -> bool {
    if list.len() > HINTS {
        list.too_many(list.len(), HINTS);
        return false;
    }
    let mut seen = BTreeSet::new();
    for name in list.items().map(|item| item.get("name")) {
        if !seen.insert(name.str()) {
            name.duplicate();
        }
        name.invalid_each(faults(name));
    }
    true
}
