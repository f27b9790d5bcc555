//! `probes-identical`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Container, Field, IntOrString, Pod, Probe, Role};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ProbesIdentical {}

impl Rule for ProbesIdentical {
    const META: Meta = Meta {
        id: "probes-identical",
        category: Category::Workload,
        level: Some(Level::Info),
        packs: &[],
        since: "0.1.0",
        page: page!("probes_identical.md"),
    };
    const CHECK: Check<Self> = Check::Container(Self::check);
}

impl ProbesIdentical {
    fn check(&self, _: Pod<'_>, container: Container<'_>, report: &mut Reporter<'_>) {
        let (Some(liveness), Some(readiness)) = (container.probe("livenessProbe"), container.probe("readinessProbe"))
        else {
            return;
        };
        if container.role() == Role::Ephemeral || patience(liveness) > patience(readiness) {
            return;
        }
        let Some(question) = question(container, liveness) else { return };
        if question != self::question(container, readiness).unwrap_or_default() {
            return;
        }
        report
            .say(
                liveness.field().key_place(),
                format!(
                    "liveness of container `{}` asks the same as readiness, and gives up no later",
                    container.name()
                ),
            )
            .label(format!("restarts it after {} s", patience(liveness)))
            .help(
                "a probe that fails because something else is slow restarts the container where it should only get no \
                 traffic: ask what a restart can mend, or raise `failureThreshold`",
            )
            .related(readiness.field().key_place(), format!("gives up after {} s", patience(readiness)));
    }
}

/// How long a probe must fail before anything happens, in seconds.
fn patience(probe: Probe<'_>) -> i64 {
    probe.number("periodSeconds").saturating_mul(probe.number("failureThreshold"))
}

/// What a probe asks, after the server's defaults: equal texts, equal questions.
fn question(container: Container<'_>, probe: Probe<'_>) -> Option<String> {
    let (kind, handler) = probe.handler()?;
    let text = |key: &str, default: &str| handler.get(key).map_or(default.to_owned(), |it| it.text().to_owned());
    let port = || port(container, handler);
    Some(match kind {
        "exec" => format!("{:?}", handler.items_at("command").map(|it| it.text()).collect::<Vec<_>>()),
        "grpc" => format!("grpc {} {}", port(), text("service", "")),
        "tcpSocket" => format!("tcp {} {}", text("host", ""), port()),
        _ => {
            let headers: Vec<(String, String)> = handler
                .items_at("httpHeaders")
                .map(|it| {
                    ["name", "value"].map(|key| it.get(key).map_or(String::new(), |it| it.text().to_owned())).into()
                })
                .collect();
            let path = text("path", "/");
            let path = if path.is_empty() { "/" } else { &path };
            format!("{} {} {} {path} {headers:?}", text("scheme", "HTTP"), text("host", ""), port())
        }
    })
}

/// The number of a port, where its name is declared.
fn port(container: Container<'_>, handler: Field<'_>) -> String {
    let Some(field) = handler.get("port") else { return String::new() };
    let declared = match IntOrString::of(field) {
        Some(IntOrString::String(name)) => container.ports().find(|it| it.name() == Some(name)),
        _ => None,
    };
    declared.and_then(|it| it.number()).map_or_else(|| field.text().to_owned(), |number| number.to_string())
}
