//! `load-balancer-open-to-world`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::Object;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule, words::all_of};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct LoadBalancerOpenToWorld {
    /// Annotations, as `key` or `key=value`, that keep a load balancer from the internet.
    pub(crate) annotations: Vec<String>,
}

impl Rule for LoadBalancerOpenToWorld {
    const META: Meta = Meta {
        id: "load-balancer-open-to-world",
        category: Category::Network,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("load_balancer_open_to_world.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl LoadBalancerOpenToWorld {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        let service = object;
        if service.is("", "Service") && fleet.is_open_to_world(service) {
            if self.annotations.iter().any(|it| holds(service, it)) || fleet.is_meant_to_be_public(service) {
                return;
            }
            let (Some(kind), ports) = (service.at("spec.type"), ports(service)) else { return };
            if ports.is_empty() {
                return;
            }
            let is_web = ports.iter().all(|port| matches!(*port, "80" | "443"));
            let words = if ports.len() == 1 { "port" } else { "ports" };
            report
                .say(
                    kind,
                    format!("{} is open to the whole internet on {words} {}", service.reference(), all_of(&ports)),
                )
                .label("no source ranges, and not internal")
                .help(
                    "list who may come in `spec.loadBalancerSourceRanges`, or keep the load balancer inside with your \
                     provider's annotation; if it is meant, say `exposure: public` in fleet.yaml",
                )
                .level(Level::Warning, if is_web { Level::Info } else { Level::Warning });
        }
    }
}

fn ports<'a>(service: &'a Object<'a>) -> Vec<&'a str> {
    service.field().items_at("spec.ports").filter_map(|it| it.get("port")).map(|it| it.text()).collect()
}

/// True if an object has an annotation, given as `key` or `key=value`.
fn holds<'a>(object: &'a Object<'a>, annotation: &str) -> bool {
    let (key, value) = annotation.split_once('=').map_or((annotation, None), |(key, value)| (key, Some(value)));
    object.annotation(key).is_some_and(|it| value.is_none_or(|value| it.text() == value))
}
