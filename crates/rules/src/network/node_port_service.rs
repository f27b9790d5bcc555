//! `node-port-service`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_object::{Field, Object};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule, words::all_of};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct NodePortService {}

impl Rule for NodePortService {
    const META: Meta = Meta {
        id: "node-port-service",
        category: Category::Network,
        level: Some(Level::Info),
        packs: &[],
        since: "0.1.0",
        page: page!("node_port_service.md"),
    };
    const CHECK: Check<Self> = Check::Object(Self::check);
}

impl NodePortService {
    fn check<'a>(&self, service: &'a Object<'a>, report: &mut Reporter<'_>) {
        let Some(kind) = service.at("spec.type").filter(|it| service.is("", "Service") && it.text() == "NodePort")
        else {
            return;
        };
        let ports: Vec<Field<'_>> = service.field().items_at("spec.ports").collect();
        let given: Vec<&str> = ports.iter().filter_map(|it| it.get("nodePort")).map(|it| it.text()).collect();
        let all_given = given.len() == ports.len();
        let opened = match &given[..] {
            [] => "a port that the cluster chooses".to_owned(),
            [port] if all_given => format!("port {port}"),
            _ if all_given => format!("ports {}", all_of(&given)),
            _ => format!("port {} and others that the cluster chooses", all_of(&given)),
        };
        let finding = report
            .say(kind, format!("{} opens {opened} on every node", service.reference()))
            .label("every address of every node answers")
            .help("a ClusterIP behind an Ingress, or a LoadBalancer, has one way in that can be guarded");
        if given.is_empty() {
            finding.replace(kind, "ClusterIP", "Make it a ClusterIP", Safety::Unsafe);
        }
    }
}
