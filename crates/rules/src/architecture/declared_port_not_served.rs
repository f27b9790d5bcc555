//! `declared-port-not-served`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, ModelledService, Stated, Why};
use seaworthy_object::Object;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct DeclaredPortNotServed {}

impl Rule for DeclaredPortNotServed {
    const META: Meta = Meta {
        id: "declared-port-not-served",
        category: Category::Architecture,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("declared_port_not_served.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl DeclaredPortNotServed {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for service in fleet.modelled() {
            if super::is_external(fleet, service.declared) {
                continue;
            }
            for port in service.declared.ports.iter().flatten() {
                match service.services.as_slice() {
                    [] => no_service(fleet, service, *port, report),
                    some => not_offered(fleet, service, some, *port, report),
                }
            }
        }
    }
}

/// No Service at all: broken only where nothing else can bring one.
fn no_service<'a>(fleet: &Fleet<'a>, service: &ModelledService<'a>, port: Stated<'a, i64>, report: &mut Reporter<'_>) {
    let Some(workload) = service.workloads.first() else { return };
    if opens(service, port.value) {
        return;
    }
    let names = service.declared.service_names();
    let name = names.first().copied().unwrap_or(service.declared.name);
    let namespace = workload.namespace().unwrap_or("default");
    let why = if let Some(why) = fleet.service_made_later(namespace, name) {
        why
    } else if fleet.facts().complete {
        let message =
            format!("nothing serves port {} of `{}`: no Service selects its pods", port.value, service.declared.name);
        let help = format!("add a Service `{name}` with port {}, or say `ports: []`", port.value);
        report.say(*workload, message).help(help).related(port.field, format!("port {} is declared here", port.value));
        return;
    } else {
        Why::NotGiven
    };
    report.unknown(port.field, format!("Service {namespace}/{name}"), why.as_str());
}

fn not_offered<'a>(
    fleet: &Fleet<'a>,
    service: &ModelledService<'a>,
    services: &[&'a Object<'a>],
    port: Stated<'a, i64>,
    report: &mut Reporter<'_>,
) {
    if opens(service, port.value) || services.iter().any(|it| fleet.serves(it, port.value) != Some(false)) {
        return;
    }
    let names = service.declared.service_names();
    let Some(object) = services.iter().find(|it| names.contains(&it.name())).or(services.first()) else { return };
    if !names.contains(&object.name()) && !fleet.facts().complete {
        let missing = names.first().copied().unwrap_or_default();
        report.unknown(port.field, format!("Service `{missing}`"), Why::NotGiven.as_str());
        return;
    }
    let message = format!(
        "no Service of `{}` serves port {}: {} offers {}",
        service.declared.name,
        port.value,
        object.reference(),
        offered(object)
    );
    let at = object.at("spec.ports").map_or_else(|| object.place(), |it| it.key_place());
    let finding = report.say(at, message).related(port.field, format!("port {} is declared here", port.value));
    finding.help(match translated(object, port.value) {
        Some(from) => format!("callers reach port {} of the pods through port {from}: declare that one", port.value),
        None => format!("add port {} to it, or correct the Fleet document", port.value),
    });
}

/// True if the pods themselves open the port on their nodes.
fn opens(service: &ModelledService<'_>, port: i64) -> bool {
    let ports = service.pods().flat_map(|pod| pod.containers()).flat_map(|it| it.ports());
    ports.filter_map(|it| it.field().get("hostPort")).any(|it| it.as_int() == Some(port))
}

fn offered(service: &Object<'_>) -> String {
    let ports = service.root().at(["spec", "ports"]).into_iter().flat_map(|it| it.items());
    let numbers: Vec<&str> = ports.filter_map(|it| it.get("port")).map(|it| it.text()).collect();
    if numbers.is_empty() { "none".to_owned() } else { numbers.join(", ") }
}

/// The Service port that leads to this port of the pods.
fn translated<'a>(service: &Object<'a>, target: i64) -> Option<&'a str> {
    let mut ports = service.root().at(["spec", "ports"])?.items();
    let port = ports.find(|it| it.get("targetPort").and_then(|it| it.as_int()) == Some(i128::from(target)))?;
    Some(port.get("port")?.text())
}
