//! Endpoints (`ValidateEndpointsCreate`).

use super::super::meta;
use super::super::names::Form;
use super::super::net;
use super::super::value::Value;

pub(super) fn endpoints(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let subsets = object.get("subsets");
    for subset in subsets.items() {
        let (ready, not_ready) = (subset.get("addresses"), subset.get("notReadyAddresses"));
        if ready.is_empty() && not_ready.is_empty() {
            subset.required("must specify `addresses` or `notReadyAddresses`");
        }
        ready.items().chain(not_ready.items()).for_each(judge_address);
        let ports = subset.get("ports");
        for port in ports.items() {
            judge_port(port, ports.len() > 1);
        }
    }
    let is_controlled = || net::is_managed(object, "endpoints.kubernetes.io/managed-by", &["endpoint-controller"]);
    if !object.run().refuses() && !is_controlled() {
        for subset in subsets.items() {
            let addresses = subset.items_of("addresses").chain(subset.items_of("notReadyAddresses"));
            addresses.for_each(|address| net::warn_endpoint_ip(address.get("ip")));
        }
    }
}

/// `validateEndpointAddress`.
fn judge_address(address: Value<'_>) {
    let (ip, host, node) = (address.get("ip"), address.get("hostname"), address.get("nodeName"));
    net::legacy_ip(ip, ip.str());
    if !host.is_empty() {
        host.invalid_each(Form::Label.faults(host.str()));
    }
    if node.is_present() {
        node.invalid_each(Form::Subdomain.faults(node.str()));
    }
    net::endpoint_ip(ip, ip.str());
}

/// `validateEndpointPort`.
fn judge_port(port: Value<'_>, named: bool) {
    let (name, protocol, app) = (port.get("name"), port.get("protocol"), port.get("appProtocol"));
    if !name.is_empty() {
        name.invalid_each(Form::Label.faults(name.str()));
    } else if named {
        name.required("");
    }
    net::port_number(port.get("port"));
    if !net::PROTOCOLS.contains(&protocol.str_or("TCP")) {
        protocol.not_supported(net::PROTOCOLS);
    }
    if app.is_present() {
        meta::label_name(app);
    }
}
