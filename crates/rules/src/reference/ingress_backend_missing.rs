//! `ingress-backend-missing`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_fleet::{Fleet, Reference, Use, is_near, nearest};
use seaworthy_object::{Field, Object};
use serde::Deserialize;

use super::lookup::{Words, look_up};
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct IngressBackendMissing {}

impl Rule for IngressBackendMissing {
    const META: Meta = Meta {
        id: "ingress-backend-missing",
        category: Category::Reference,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("ingress_backend_missing.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl IngressBackendMissing {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        let help = "create it: until then the Ingress answers 503";
        let words = Words { usual: Level::Error, level: Level::Error, verb: "routes to", help };
        if !object.is("networking.k8s.io", "Ingress") {
            return;
        }
        for reference in fleet.references_of(object).iter().filter(|it| it.is_to("", "Service")) {
            let is_backend = reference.role == Use::Backend;
            // The AWS controller takes such a backend for an action that an annotation describes.
            if !is_backend || reference.parts.iter().any(|it| it.text() == "use-annotation") {
                continue;
            }
            if let Some(service) = look_up(fleet, reference, &words, report) {
                let definitions = fleet.definitions("", "Service", service.namespace(), service.name());
                check_port(reference, service, &definitions.collect::<Vec<_>>(), report);
            }
        }
    }
}

fn check_port<'a>(
    reference: &Reference<'a>,
    service: &'a Object<'a>,
    definitions: &[&'a Object<'a>],
    report: &mut Reporter<'_>,
) {
    // A port that any definition has is not missing.
    let ports: Vec<_> = definitions.iter().flat_map(|it| it.field().items_at("spec.ports")).collect();
    // Controllers send to the host behind an ExternalName as they are told, whatever it lists.
    let is_elsewhere = service.str_at("spec.type") == Some("ExternalName");
    let Some(&port) = reference.parts.first().filter(|_| !ports.is_empty() && !is_elsewhere) else { return };
    if port.text().is_empty() || ports.iter().any(|it| is_port(*it, port)) {
        return;
    }
    let (who, name, wanted) = (reference.object().reference(), service.name(), port.text());
    let finding = report
        .say(port, format!("Service `{name}` has no port `{wanted}`, to which {who} routes"))
        .label("no such port")
        .related(service, "the Service it names");
    if let Some(own) = ports.iter().find(|it| it.get("targetPort").is_some_and(|it| it.text() == wanted)) {
        let number = own.get("port").map_or("", |it| it.text());
        finding.help(format!("`{wanted}` is the targetPort; the Service's port is `{number}`"));
        return;
    }
    let keys: &[&str] = if is_number(port) { &["port"] } else { &["name"] };
    let known: Vec<_> =
        ports.iter().flat_map(|it| keys.iter().filter_map(|key| it.get(key))).map(|it| it.text()).collect();
    match nearest(wanted, known.iter().copied()).filter(|near| is_near(wanted, near) && !is_number(port)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")).replace(
            port,
            near,
            format!("route to the port `{near}`"),
            Safety::Unsafe,
        ),
        None => finding.help(format!("it has {}", offered(&ports))),
    };
}

/// Numbers are compared with numbers, names with names; the retired API also gave numbers as text.
fn is_port(port: Field<'_>, wanted: Field<'_>) -> bool {
    let key = if is_number(wanted) { "port" } else { "name" };
    port.get(key).is_some_and(|it| it.text() == wanted.text())
}

fn is_number(wanted: Field<'_>) -> bool {
    wanted.text().bytes().all(|it| it.is_ascii_digit())
}

/// ``` `80` (http), `443` ```.
fn offered(ports: &[Field<'_>]) -> String {
    let one = |it: &Field<'_>| {
        let number = it.get("port").map_or("", |it| it.text());
        it.str_at("name").map_or_else(|| format!("`{number}`"), |name| format!("`{number}` ({name})"))
    };
    ports.iter().map(one).collect::<Vec<_>>().join(", ")
}
