//! `link-broken`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Environment, Fleet, Host, Link, ModelledService, Nowhere, Stated, Why, declares};
use seaworthy_object::{Field, Object, Place};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct LinkBroken {}

impl Rule for LinkBroken {
    const META: Meta = Meta {
        id: "link-broken",
        category: Category::Architecture,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("link_broken.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// A link from one of the caller's workloads, in one environment.
#[derive(Clone, Copy)]
struct Call<'c, 'a> {
    fleet: &'c Fleet<'a>,
    caller: &'c ModelledService<'a>,
    workload: &'a Object<'a>,
    link: Link<'a>,
    environment: Option<&'c Environment<'a>>,
}

impl LinkBroken {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let Some(declaration) = fleet.declaration() else { return };
        // An environment that says where its objects go is judged there; one that does not is judged with the others.
        let mut environments: Vec<_> =
            declaration.environments.iter().filter(|it| it.namespace.is_some()).map(Some).collect();
        if environments.is_empty() {
            environments.push(None);
        }
        for caller in fleet.modelled() {
            for &link in &caller.declared.links {
                for &environment in &environments {
                    for &workload in &caller.workloads {
                        follow(Call { fleet, caller, workload, link, environment }, report);
                    }
                }
            }
        }
    }
}

fn follow(call: Call<'_, '_>, report: &mut Reporter<'_>) {
    match call.link.host {
        Some(host) => by_host(call, host, report),
        None => by_name(call, report),
    }
}

/// The caller's spelling is known.
fn by_host<'a>(call: Call<'_, 'a>, host: Field<'a>, report: &mut Reporter<'_>) {
    let dns = call.fleet.dns().in_environment(call.environment.and_then(|it| it.namespace));
    let from = dns.namespace_of(call.workload);
    match dns.lookup(host.text(), from) {
        Host::Service(service) => {
            if let Some(port) = call.link.port
                && call.fleet.serves(service, port.value) == Some(false)
            {
                no_port(call, service, port, report);
            }
        }
        // The pod itself answers: what its Service offers does not matter.
        Host::Pod(pod, service) => {
            if let Some(port) = call.link.port
                && declares(&[pod], port.value) == Some(false)
            {
                no_port(call, service, port, report);
            }
        }
        Host::External(external) => {
            if let Some(port) = call.link.port
                && !external.ports.is_empty()
                && !external.ports.iter().any(|&it| i64::from(it) == port.value)
            {
                let why = format!("external `{}` answers on {}", external.name, list(&external.ports));
                say(call, &format!("`{}:{}` is not answered: {why}", host.text(), port.value), report);
            }
        }
        Host::BuiltIn | Host::Outside => {}
        Host::Unknown(why) => unknown(call, format!("host {}", host.text()), why, report),
        Host::Nowhere(nowhere) => resolves_to_nothing(call, host, &nowhere, report),
    }
}

fn resolves_to_nothing(call: Call<'_, '_>, host: Field<'_>, nowhere: &Nowhere<'_>, report: &mut Reporter<'_>) {
    let what = format!("`{}` resolves to nothing: {}", host.text(), nowhere.why);
    let mut finding = say(call, &what, report);
    if let Some(there) = nowhere.elsewhere {
        finding = finding.related(there, "this is the Service of that name").help(
            "a host fixed in an image resolves only where the image expects it: move the Service, or the spelling",
        );
    } else if let Some(near) = nowhere.nearest {
        finding = finding.help(format!("did you mean `{near}`?"));
    }
    if nowhere.is_near_miss {
        finding.level(Level::Error, Level::Warning);
    }
}

/// Only the name of the service is known: one of its Services must be there, and offer the port.
fn by_name(call: Call<'_, '_>, report: &mut Reporter<'_>) {
    let Some(target) = call.fleet.modelled().iter().find(|it| it.declared.name == call.link.to) else { return };
    if super::is_external(call.fleet, target.declared) {
        return;
    }
    let Some(first) = target.services.first() else {
        // A service that is not deployed, or whose declared ports nobody offers, is said once, where it is declared.
        let is_declared_without = target.declared.ports.as_ref().is_some_and(Vec::is_empty);
        let has_ports = target.declared.ports.is_some() && !is_declared_without;
        if target.workloads.is_empty() || has_ports {
            return;
        }
        no_service(call, target, report);
        return;
    };
    if let Some(port) = call.link.port
        && target.services.iter().all(|it| call.fleet.serves(it, port.value) == Some(false))
    {
        no_port(call, first, port, report);
    }
}

fn no_service<'a>(call: Call<'_, 'a>, target: &ModelledService<'a>, report: &mut Reporter<'_>) {
    let name = target.declared.service_names().first().copied().unwrap_or(call.link.to);
    let namespace = target.workloads.first().and_then(|it| it.namespace()).unwrap_or("default");
    let what = format!("Service {namespace}/{name}");
    if let Some(why) = call.fleet.service_made_later(namespace, name) {
        unknown(call, what, why, report);
    } else if call.fleet.facts().complete {
        let finding = say(call, &format!("no Service leads to the pods of `{}`", call.link.to), report);
        finding.help(format!("add a Service `{name}`, or say which it is: `service: …`"));
    } else {
        unknown(call, what, Why::NotGiven, report);
    }
}

fn no_port<'a>(call: Call<'_, 'a>, service: &'a Object<'a>, port: Stated<'a, i64>, report: &mut Reporter<'_>) {
    let ports: Vec<&str> =
        service.field().items_at("spec.ports").filter_map(|it| it.get("port")).map(|it| it.text()).collect();
    let offers = if ports.is_empty() { "no port".to_owned() } else { ports.join(", ") };
    let at = service.at("spec.ports").map_or_else(|| service.place(), |it| it.key_place());
    say(call, &format!("{} offers {offers}, not {}", service.reference(), port.value), report)
        .related(at, "the ports of the Service")
        .help("correct the port of the Service, or of the link");
}

fn say<'r>(call: Call<'_, '_>, what: &str, report: &'r mut Reporter<'_>) -> crate::Finding<'r> {
    let within = call.environment.map_or_else(String::new, |it| format!(" in environment `{}`", it.name));
    let message = format!("`{}` cannot reach `{}`{within}: {what}", call.caller.declared.name, call.link.to);
    let finding = report.say(spelt(call), message);
    finding.related(call.link.target(), "the link is declared here")
}

/// Where the caller spells the host, if its manifest does; else the caller.
fn spelt<'a>(call: Call<'_, 'a>) -> Place<'a> {
    let spelling = call.link.host.map_or("", |it| it.text());
    let containers = call.workload.pod().into_iter().flat_map(|pod| pod.containers());
    let values = containers.flat_map(|it| {
        let arguments = ["command", "args"].into_iter().flat_map(move |key| it.field().items_at(key));
        it.env().filter_map(|it| it.get("value")).chain(arguments)
    });
    let mut spelt = values.filter(|it| !spelling.is_empty() && it.text().contains(spelling));
    spelt.next().map_or_else(|| call.workload.place(), |it| it.place())
}

fn unknown(call: Call<'_, '_>, what: String, why: Why, report: &mut Reporter<'_>) {
    report.unknown(call.link.field, what, why.as_str());
}

fn list(ports: &[u16]) -> String {
    ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}
