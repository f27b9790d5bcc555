//! Addresses of services, and the ranges they are from.

use super::super::meta;
use super::super::names::Form;
use super::super::net::{self, Cidr};
use super::super::print;
use super::super::value::Value;
use super::segment;

/// `ValidateIPAddress`.
pub(super) fn ip_address(object: Value<'_>) {
    meta::object_meta_by(object, &|name| net::canonical_ip_fault(name).into_iter().collect());
    let parent = object.at("spec.parentRef");
    if !parent.is_present() {
        return parent.required("");
    }
    let (group, namespace) = (parent.get("group"), parent.get("namespace"));
    if !group.is_empty() {
        group.invalid_each(Form::Subdomain.faults(group.str()));
    }
    segment(parent.get("resource"), "");
    segment(parent.get("name"), "");
    if !namespace.is_empty() {
        namespace.invalid_each(Form::PathSegment.faults(namespace.str()));
    }
}

/// `ValidateServiceCIDR`.
pub(super) fn service_cidr(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    // A change is looked at as such, but for a range that comes in.
    let grows = |before: Value<'_>| before.at("spec.cidrs").len() == 1 && spec.get("cidrs").len() == 2;
    if object.run().before.is_some_and(|before| !grows(before.root())) {
        return;
    }
    let cidrs = spec.get("cidrs");
    match cidrs.len() {
        0 => return cidrs.required("at least one CIDR required"),
        1 | 2 => {}
        _ => return cidrs.invalid_shown(&print::shown(spec), "may only hold up to 2 values"),
    }
    let mut families = Vec::new();
    for cidr in cidrs.items() {
        net::canonical_cidr(cidr, cidr.str());
        families.push(Cidr::parse(cidr.str()).map(|cidr| cidr.ip.is_v4()));
    }
    if let [Some(one), Some(other)] = families.as_slice()
        && one == other
    {
        let words = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
        cidrs.invalid(words);
    }
}
