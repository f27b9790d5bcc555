//! `target-port-undeclared`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, Selected};
use seaworthy_object::{Container, Field, IntOrString, Object, Pod, Port};
use seaworthy_source::order;
use serde::Deserialize;

use super::ports::{pods_behind, protocol, target};
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TargetPortUndeclared {
    /// Whether the ports that probes ask must be declared too.
    probes: bool,
}

impl Rule for TargetPortUndeclared {
    const META: Meta = Meta {
        id: "target-port-undeclared",
        category: Category::Reference,
        level: Some(Level::Info),
        packs: &[],
        since: "0.1.0",
        page: page!("target_port_undeclared.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl TargetPortUndeclared {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        if object.is("", "Service")
            && let Some(pods) = pods_behind(fleet, object)
        {
            for port in object.field().items_at("spec.ports") {
                check_target(object, port, &pods, report);
            }
        }
        if let Some(pod) = object.pod().filter(|_| self.probes) {
            for container in pod.containers() {
                check_probes(pod, container, report);
            }
        }
    }
}

fn check_target<'a>(service: &'a Object<'a>, port: Field<'a>, pods: &Selected<'a>, report: &mut Reporter<'_>) {
    let Some((field, IntOrString::Int(number))) = target(port) else { return };
    let protocol = protocol(port);
    let Some(pod) = pods.first() else { return };
    let ports = pods.ports();
    // Declaring is optional: where some pod declares nothing, it may be the one that listens.
    if ports.has(IntOrString::Int(number), protocol) || ports.some_declare_none() {
        return;
    }
    let (who, workload) = (service.reference(), pod.object().reference());
    report
        .say(field, format!("{who} sends to port {number} ({protocol}), which no container of {workload} declares"))
        .help(format!("declared are {}; one of the two may be a slip", named(ports.numbers())))
        .related(pod.object(), "the pods it selects");
}

/// A probe asks the pod's address, so that any container of the pod may answer.
fn check_probes(pod: Pod<'_>, container: Container<'_>, report: &mut Reporter<'_>) {
    let own = || container.ports().filter(|it| it.protocol() == "TCP");
    if own().next().is_none() {
        return;
    }
    for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(probe) = container.probe(key) else { continue };
        let host = probe.handler().and_then(|(_, it)| it.get("host"));
        let Some(field) = probe.port().filter(|_| host.is_none()) else { continue };
        let Some(IntOrString::Int(number)) = IntOrString::of(field) else { continue };
        if pod.ports().any(|it| it.number() == Some(number)) {
            continue;
        }
        let name = container.name();
        report
            .say(
                field,
                format!("{key} of container `{name}` asks port {number}, which no container of the pod declares"),
            )
            .help(format!("`{name}` declares {}; one of the two may be a slip", named(&numbers(own()))));
    }
}

fn numbers<'a>(ports: impl Iterator<Item = Port<'a>>) -> Vec<i64> {
    let mut numbers: Vec<_> = ports.filter_map(|it| it.number()).collect();
    order::sort(&mut numbers);
    numbers.dedup();
    numbers
}

/// So many numbers are named.
const SHOWN: usize = 16;

fn named(numbers: &[i64]) -> String {
    let shown: Vec<_> = numbers.iter().take(SHOWN).map(i64::to_string).collect();
    match numbers.len().checked_sub(SHOWN + 1) {
        Some(rest) => format!("{} and {} more", shown.join(", "), rest + 1),
        None => shown.join(", "),
    }
}
