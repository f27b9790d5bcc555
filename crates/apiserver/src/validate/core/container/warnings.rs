//! What the server warns of in containers that it accepts (pkg/api/pod, `warningsForPodSpecAndMeta`).

use std::collections::BTreeMap;

use super::super::super::seen::Seen;
use super::super::super::value::Value;
use super::super::pod::containers_of;
use super::super::resources::{self, Requests};
use super::{Pod, port};
use seaworthy_cel::quoted;

/// So many pairs of ports are compared. The server compares them all.
const MOST_PAIRS: usize = 20_000;
/// Since here servers warn of two ports of one name.
const PORT_NAMES: u8 = 33;

/// Of all containers of a pod's spec.
pub(super) fn of_containers(pod: Pod<'_>) {
    for (list, requests) in
        [("initContainers", pod.requests()), ("containers", pod.requests()), ("ephemeralContainers", Requests::AsGiven)]
    {
        for container in pod.spec.items_of(list) {
            resources::warn_fractions(container.get("resources"), requests);
            container.given("env").into_iter().for_each(repeated_variables);
        }
    }
    repeated_ports(pod);
    repeated_names(pod.spec);
}

/// Variables of a name that was there, but for those that add to it: `$(PATH):/more`.
fn repeated_variables(list: Value<'_>) {
    if list.len() < 2 {
        return;
    }
    let mut seen = Seen::default();
    for variable in list.items() {
        let (name, value) = (variable.str_of("name"), variable.str_of("value"));
        if seen.insert(name) {
            continue;
        }
        let former = format!("$({name})");
        if variable.has("valueFrom") || value == former || !value.contains(&former) {
            variable.warn(format!(
                "{}: hides previous definition of {}, which may be dropped when using apply",
                variable.path(),
                quoted(name)
            ));
        }
    }
}

/// A port of a container as the server compares it.
struct Port<'r> {
    field: Value<'r>,
    number: i64,
    protocol: &'r str,
    host_ip: &'r str,
    host: i64,
}

/// Ports that are there twice, or may be.
fn repeated_ports(pod: Pod<'_>) {
    let mut ports: Vec<Port<'_>> = Vec::new();
    let mut pairs = 0;
    for field in containers_of(pod.spec).flat_map(|container| container.items_of("ports")) {
        let port = Port {
            field,
            number: field.int_of("containerPort"),
            protocol: field.get("protocol").str_or("TCP"),
            host_ip: field.str_of("hostIP"),
            host: port::host_port(field, pod),
        };
        if !port.host_ip.is_empty() && port.host == 0 {
            field.warn(format!(
                "{}: hostIP set without hostPort: {{Name:{} HostPort:0 ContainerPort:{} Protocol:{} HostIP:{}}}",
                field.path(),
                field.str_of("name"),
                port.number,
                port.protocol,
                port.host_ip
            ));
        }
        for other in ports.iter().take(MOST_PAIRS - pairs) {
            pairs += 1;
            if let Some(words) = conflict(&port, other) {
                field.warn(format!("{}: {words} port definition with {}", field.path(), other.field.path()));
            }
        }
        ports.push(port);
    }
}

/// How the server calls two ports that may be one.
fn conflict(port: &Port<'_>, other: &Port<'_>) -> Option<&'static str> {
    if (port.number, port.protocol) != (other.number, other.protocol) {
        return None;
    }
    if (port.host_ip, port.host) == (other.host_ip, other.host) {
        Some("duplicate")
    } else if port.host == 0 || other.host == 0 {
        Some("overlapping")
    } else {
        let one_has_any = port.host_ip.is_empty() != other.host_ip.is_empty();
        (port.host == other.host && one_has_any).then_some("dangerously ambiguous")
    }
}

/// Ports of the same name in several containers.
fn repeated_names(spec: Value<'_>) {
    let mut first: BTreeMap<&str, Value<'_>> = BTreeMap::new();
    for port in containers_of(spec).flat_map(|container| container.items_of("ports")) {
        let name = port.str_of("name");
        if name.is_empty() {
            continue;
        }
        let Some(other) = first.get(name) else {
            first.insert(name, port);
            continue;
        };
        if port.since(PORT_NAMES) {
            let (path, name, other) = (port.path(), quoted(name), other.path());
            port.warn(format!(
                "{path}: duplicate port name {name} with {other}, services and probes that select ports by name will \
                 use {other}"
            ));
        }
    }
}
