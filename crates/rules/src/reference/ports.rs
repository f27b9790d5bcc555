//! Ports that pods declare, and ports that Services send to.

use seaworthy_fleet::{Fleet, service_selector};
use seaworthy_object::{Field, IntOrString, Object, Pod, Port};

/// The pods a Service sends to, in every definition of their workloads: a port that one of them has is not missing.
pub(super) fn pods_behind<'a>(fleet: &Fleet<'a>, service: &'a Object<'a>) -> Vec<Pod<'a>> {
    let Some(selector) = service_selector(service) else { return Vec::new() };
    fleet.selected_in_any_definition(service.namespace().unwrap_or("default"), &selector)
}

/// The ports of the containers that keep running, native sidecars among them (`FindPort` of the endpoints controller).
pub(super) fn declared<'a>(pod: &Pod<'a>) -> impl Iterator<Item = Port<'a>> + use<'a> {
    pod.containers().filter(|it| it.keeps_running()).flat_map(|it| it.ports())
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
