//! `readiness-probe-missing`.

use foldhash::HashMap;
use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Container, IntOrString, Object, Role};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ReadinessProbeMissing {}

impl Rule for ReadinessProbeMissing {
    const META: Meta = Meta {
        id: "readiness-probe-missing",
        category: Category::Workload,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("readiness_probe_missing.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

/// Of the Services that select a pod only so many are asked what they send where.
const CROWD: usize = 64;

impl ReadinessProbeMissing {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        if let Some(pod) = object.pod().filter(|it| !it.runs_to_completion()) {
            let running: Vec<_> = pod.containers().filter(|it| it.keeps_running()).collect();
            let mut open: Vec<_> = running.iter().filter(|it| !is_held_back(it)).copied().collect();
            let services = fleet.services_of(pod);
            let ports = if services.is_empty() { Ports::default() } else { ports_of(&running) };
            for service in services.iter().take(CROWD).filter(|it| !publishes_not_ready(it)) {
                if open.is_empty() {
                    break;
                }
                for container in unready_servers(&running, &ports, service) {
                    let before = open.len();
                    open.retain(|it| it.field() != container.field());
                    if open.len() < before {
                        say(container, service, report);
                    }
                }
            }
        }
    }
}

fn say<'a>(container: Container<'a>, service: &'a Object<'a>, report: &mut Reporter<'_>) {
    let (name, service_name) = (container.name(), service.name());
    report
        .say(
            container.field().missing("readinessProbe"),
            format!("container `{name}` gets the traffic of Service `{service_name}` without a readiness probe"),
        )
        .label("counts as ready as soon as it runs")
        .help("add a `readinessProbe` that succeeds once it can answer: until then callers see refused connections")
        .related(service, "the Service that selects the pod");
}

fn publishes_not_ready<'a>(service: &'a Object<'a>) -> bool {
    let annotation = service.annotation("service.alpha.kubernetes.io/tolerate-unready-endpoints");
    service.at("spec.publishNotReadyAddresses").is_some_and(|it| it.is_true())
        || annotation.is_some_and(|it| it.text() == "true")
}

/// The containers behind the ports of a Service that no probe holds back. Where no container declares the port, any
/// container's probe will do, and the first stands for all.
fn unready_servers<'a>(running: &[Container<'a>], ports: &Ports<'a>, service: &'a Object<'a>) -> Vec<Container<'a>> {
    let mut unready = Vec::new();
    let some_held_back = running.iter().any(is_held_back);
    let ordinary = running.iter().find(|it| it.role() == Role::Ordinary);
    for entry in service.field().items_at("spec.ports") {
        let Some(target) = entry.get("targetPort").or_else(|| entry.get("port")).and_then(IntOrString::of) else {
            continue;
        };
        let protocol = entry.str_at("protocol").unwrap_or("TCP");
        let target = match target {
            IntOrString::Int(number) => (Some(number), "", protocol),
            IntOrString::String(name) => (None, name, protocol),
        };
        match ports.get(&target) {
            Some(server) if !is_held_back(server) => unready.push(*server),
            None if !some_held_back => unready.extend(ordinary),
            _ => {}
        }
    }
    unready
}

/// The first container that declares a port: by number, or by name, and protocol.
type Ports<'a> = HashMap<(Option<i64>, &'a str, &'a str), Container<'a>>;

fn ports_of<'a>(running: &[Container<'a>]) -> Ports<'a> {
    let mut ports = Ports::default();
    for container in running {
        for port in container.ports() {
            if let Some(number) = port.number() {
                ports.entry((Some(number), "", port.protocol())).or_insert(*container);
            }
            if let Some(name) = port.name() {
                ports.entry((None, name, port.protocol())).or_insert(*container);
            }
        }
    }
    ports
}

/// True if a container does not count as ready as soon as it runs; a startup probe holds it back too.
fn is_held_back(container: &Container<'_>) -> bool {
    ["readinessProbe", "startupProbe"].iter().any(|key| container.probe(key).is_some())
}
