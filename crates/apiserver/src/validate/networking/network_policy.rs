//! NetworkPolicies (`ValidateNetworkPolicy`).

use seaworthy_object::IntOrString;

use super::super::meta;
use super::super::names::Form;
use super::super::net::{self, Cidr};
use super::super::value::Value;

pub(super) fn network_policy(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    meta::label_selector(spec.get("podSelector"));
    for (rules, peers) in [(spec.get("ingress"), "from"), (spec.get("egress"), "to")] {
        for rule in rules.items() {
            rule.items_of("ports").for_each(judge_port);
            rule.get(peers).items().for_each(judge_peer);
        }
    }
    let types = spec.get("policyTypes");
    if types.len() > 2 {
        types.invalid("may not specify more than two policyTypes");
    } else {
        for kind in types.items().filter(|kind| !matches!(kind.str(), "Ingress" | "Egress")) {
            kind.not_supported(&["Ingress", "Egress"]);
        }
    }
    if !object.run().refuses() {
        for (rules, peers) in [(spec.get("ingress"), "from"), (spec.get("egress"), "to")] {
            for peer in rules.items().flat_map(|rule| rule.get(peers).items()) {
                warn(peer.get("ipBlock"));
            }
        }
    }
}

/// `ValidateNetworkPolicyPort`.
fn judge_port(port: Value<'_>) {
    let (protocol, number, end) = (port.get("protocol"), port.get("port"), port.get("endPort"));
    if protocol.is_present() && !net::PROTOCOLS.contains(&protocol.str()) {
        protocol.not_supported(&["TCP", "UDP", "SCTP"]);
    }
    let until = end.opt_int();
    match number.int_or_string() {
        Some(IntOrString::Int(from)) => {
            net::port_number_or_name(number);
            if let Some(until) = until {
                if until < from {
                    // Servers before 1.37 show the other port.
                    let shown = if end.since(37) { until } else { from };
                    end.invalid_shown(&shown.to_string(), "must be greater than or equal to `port`");
                }
                net::port_number(end);
            }
        }
        Some(IntOrString::String(_)) => {
            if until.is_some() {
                end.invalid("may not be specified when `port` is non-numeric");
            }
            net::port_number_or_name(number);
        }
        None if until.is_some() => end.invalid("may not be specified when `port` is not specified"),
        None => {}
    }
}

/// `ValidateNetworkPolicyPeer`.
fn judge_peer(peer: Value<'_>) {
    let (pods, namespaces, block) = (peer.get("podSelector"), peer.get("namespaceSelector"), peer.get("ipBlock"));
    meta::label_selector(pods);
    meta::label_selector(namespaces);
    if block.is_present() {
        judge_block(block);
    }
    let selects = pods.is_present() || namespaces.is_present();
    match (selects, block.is_present()) {
        (false, false) => peer.required("must specify a peer"),
        (true, true) => peer.forbidden("may not specify both ipBlock and another peer"),
        _ => {}
    }
}

/// `ValidateIPBlock`.
fn judge_block(block: Value<'_>) {
    let field = block.get("cidr");
    if field.is_empty() {
        return field.required("");
    }
    net::legacy_cidr(field, field.str());
    let Some(cidr) = Cidr::parse(field.str()) else { return };
    for field in block.items_of("except") {
        net::legacy_cidr(field, field.str());
        if Cidr::parse(field.str()).is_some_and(|except| !cidr.holds_strictly(except)) {
            field.invalid("must be a strict subset of `cidr`");
        }
    }
}

/// `networkPolicyWarnings`, since 1.33.
fn warn(block: Value<'_>) {
    for field in std::iter::once(block.get("cidr")).chain(block.items_of("except")) {
        let plain = Cidr::parse(field.str()).is_none_or(|cidr| cidr.is_strict() && cidr.ip.is_v4());
        if !plain && field.since(33) {
            net::warn_cidr(field);
        }
    }
}
