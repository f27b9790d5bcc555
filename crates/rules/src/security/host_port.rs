//! `host-port`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Container, Pod, Role};
use serde::Deserialize;

use crate::mending::removal;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HostPort {
    /// The first and the last port that may be opened.
    range: Option<(i64, i64)>,
}

impl Rule for HostPort {
    const META: Meta = Meta {
        id: "host-port",
        category: Category::Security,
        level: None,
        packs: &[(Pack::PssBaseline, Level::Error)],
        since: "0.1.0",
        page: page!("host_port.md"),
    };
    const CHECK: Check<Self> = Check::Container(Self::check);
}

impl HostPort {
    fn check<'a>(&self, pod: Pod<'a>, container: Container<'a>, report: &mut Reporter<'_>) {
        // The server gives ports of the node to those of containers and init containers alone (`SetDefaults_PodSpec`).
        let in_host_network = container.role() != Role::Ephemeral && pod.is_in_host_network();
        for port in container.ports() {
            let Some(field) = port.of_node(in_host_network) else { continue };
            let Some(number) = field.as_int() else { continue };
            if number == 0 || self.range.is_some_and(|(first, last)| (first..=last).contains(&number)) {
                continue;
            }
            let why = if port.of_node(false).is_some() { "" } else { ", as `hostNetwork` is true" };
            let fix = if in_host_network { None } else { removal(field, "Open no port of the node") };
            report
                .say(field, format!("container `{}` opens port {number} of its node{why}", container.name()))
                .label("past every NetworkPolicy, and one such pod a node")
                .help("let a Service lead to the container's port")
                .mend(fix);
        }
    }
}
