//! Ports that pods declare, and ports that Services send to.

use seaworthy_fleet::{Fleet, Selected, service_selector};
use seaworthy_object::{Field, IntOrString, Object};

/// The pods a Service sends to, in every definition of their workloads: a port that one of them has is not missing.
pub(super) fn pods_behind<'a>(fleet: &Fleet<'a>, service: &'a Object<'a>) -> Option<Selected<'a>> {
    let selector = service_selector(service)?;
    let pods = fleet.selected_in_any_definition(service.namespace().unwrap_or("default"), &selector);
    (!pods.is_empty()).then_some(pods)
}

/// Where a Service's port sends to: its `targetPort`, and `port` where none is given or it is zero.
pub(super) fn target<'a>(port: Field<'a>) -> Option<(Field<'a>, IntOrString<'a>)> {
    let is_given = |it: &(Field<'a>, IntOrString<'a>)| !matches!(it.1, IntOrString::Int(0) | IntOrString::String(""));
    let of = |key| {
        let field = port.get(key)?;
        IntOrString::of(field).map(|target| (field, target))
    };
    of("targetPort").filter(is_given).or_else(|| of("port"))
}

/// The protocol of a Service's port, after the server's default.
pub(super) fn protocol(port: Field<'_>) -> &str {
    port.str_at("protocol").unwrap_or("TCP")
}
