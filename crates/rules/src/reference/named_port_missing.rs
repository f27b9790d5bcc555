//! `named-port-missing`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_fleet::{Fleet, Selected, is_near, nearest, nearest_sorted};
use seaworthy_object::{Container, Field, IntOrString, Object};
use serde::Deserialize;

use super::keys::listed;
use super::ports::{pods_behind, protocol, target};
use crate::{Category, Check, Meta, Reporter, Rule};

/// Ports of containers that a mesh puts into pods when they are made, so that no manifest declares them.
const INJECTED: &[&str] = &["http-envoy-prom", "linkerd-proxy", "linkerd-admin", "envoy-admin", "envoy-metrics"];

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NamedPortMissing {}

impl Rule for NamedPortMissing {
    const META: Meta = Meta {
        id: "named-port-missing",
        category: Category::Reference,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("named_port_missing.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl NamedPortMissing {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        if object.is("", "Service")
            && let Some(pods) = pods_behind(fleet, object)
        {
            for port in object.field().items_at("spec.ports") {
                check_target(object, port, &pods, report);
            }
        }
        if let Some(pod) = object.pod() {
            for container in pod.containers() {
                check_handlers(container, report);
            }
        }
    }
}

fn check_target<'a>(service: &'a Object<'a>, port: Field<'a>, pods: &Selected<'a>, report: &mut Reporter<'_>) {
    let Some((field, IntOrString::String(name))) = target(port) else { return };
    let protocol = protocol(port);
    let ports = pods.ports();
    if !is_a_name(name) || ports.has(IntOrString::String(name), protocol) {
        return;
    }
    let Some(pod) = pods.first() else { return };
    let workload = pod.object().reference();
    let who = service.reference();
    let message = format!("no container of {workload} declares a port `{name}` ({protocol}), to which {who} sends");
    let is_declared = ports.names().binary_search(&name).is_ok();
    let of_name = ports.distinct().iter().find(|it| is_declared && it.name() == Some(name));
    let finding = report.say(field, message).label("no such port").related(pod.object(), "the pods it selects");
    if let Some(other) = of_name {
        finding.help(format!("`{name}` is declared for {}: state the same `protocol` on both ends", other.protocol()));
        return;
    }
    let names = ports.names();
    match nearest_sorted(name, names) {
        Some(near) if is_near(name, near) => finding.help(format!("did you mean `{near}`?")).replace(
            field,
            near,
            format!("send to the port `{near}`"),
            Safety::Unsafe,
        ),
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None if !names.is_empty() => finding.help(format!("they declare {}", listed(names))),
        None => finding.help("give the container's port this name, or send to its number"),
    };
}

/// Probes and hooks ask their own container.
fn check_handlers(container: Container<'_>, report: &mut Reporter<'_>) {
    let probes = ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"];
    for probe in probes {
        let handlers = ["httpGet", "tcpSocket"].into_iter().filter_map(|it| container.at(probe)?.at(it)?.get("port"));
        for field in handlers {
            let Some(IntOrString::String(name)) = IntOrString::of(field) else { continue };
            if !is_a_name(name) || container.ports().any(|port| port.name() == Some(name)) {
                continue;
            }
            let (own, key) = (container.name(), probe.rsplit('.').next().unwrap_or(probe));
            let message = format!("container `{own}` declares no port `{name}`, which its {key} asks");
            let finding = report.say(field, message).label("no such port");
            let names: Vec<_> = container.ports().filter_map(|port| port.name()).collect();
            match nearest(name, names.iter().copied()) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("name the container's port so, or ask its number"),
            };
        }
    }
}

/// Text made of digits is refused by the server, whatever is declared; some ports come with a mesh.
fn is_a_name(name: &str) -> bool {
    name.bytes().any(|it| it.is_ascii_alphabetic()) && !INJECTED.contains(&name) && !name.contains("$(")
}
