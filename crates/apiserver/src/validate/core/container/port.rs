//! Ports of containers (`validateContainerPorts`, `AccumulateUniqueHostPorts`).

use super::super::super::net::{self, PROTOCOLS};
use super::super::super::seen::Seen;
use super::super::super::value::Value;
use super::{Pod, one_of};

/// `validateContainerPorts`.
pub(super) fn ports(container: Value<'_>, pod: Pod<'_>) {
    let mut names = Seen::default();
    for port in container.items_of("ports") {
        let (name, number) = (port.get("name"), port.get("containerPort"));
        if !name.is_empty() {
            let faults = net::port_name_faults(name.str());
            if faults.is_empty() && !names.insert(name.str()) {
                name.duplicate();
            }
            name.invalid_each(faults);
        }
        if number.int() == 0 {
            number.required("");
        } else {
            net::port_number(number);
        }
        let defaulted = host_port(port, pod);
        if defaulted != 0 && !net::is_port(defaulted) {
            port.get("hostPort").invalid_shown(&defaulted.to_string(), net::PORT_RANGE);
        }
        one_of(port, "protocol", PROTOCOLS);
    }
}

/// The port of the host. A pod in its host's network has the container's there (`defaultHostNetworkPorts`).
pub(super) fn host_port(port: Value<'_>, pod: Pod<'_>) -> i64 {
    match port.int_of("hostPort") {
        0 if pod.is_pod() && pod.spec.bool_of("hostNetwork") => port.int_of("containerPort"),
        given => given,
    }
}

/// `AccumulateUniqueHostPorts`, of one container. Given the list, it is named as the first there.
pub(super) fn unique_host_ports(container: Value<'_>, list: Option<Value<'_>>, pod: Pod<'_>, seen: &mut Seen<'_>) {
    for port in container.items_of("ports") {
        let number = host_port(port, pod);
        if number == 0 {
            continue;
        }
        let key = format!("{}/{}/{number}", port.get("protocol").str_or("TCP"), port.str_of("hostIP"));
        if seen.has(&key) {
            let field = port.get("hostPort");
            let field = match list {
                Some(list) => field.named(format!("{}[0].ports[{}].hostPort", list.path(), port.index())),
                None => field,
            };
            field.duplicate_shown(&seaworthy_cel::quoted(&key));
        } else {
            seen.insert(key);
        }
    }
}
