//! `host-port`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Container, Pod, Role};
use serde::Deserialize;

use super::context::cut;
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
        // The server gives a port of the node to each port of a pod in its network (`SetDefaults_PodSpec`).
        let in_host_network =
            container.role() != Role::Ephemeral && pod.spec().at("hostNetwork").is_some_and(|it| it.is_true());
        for port in container.ports() {
            let given = port.field().get("hostPort").filter(|it| it.as_int() != Some(0));
            let number = given.or_else(|| port.field().get("containerPort").filter(|_| in_host_network));
            let Some((field, number)) = number.and_then(|it| Some((it, it.as_int()?))) else { continue };
            if number == 0 || self.range.is_some_and(|(first, last)| (first..=last).contains(&number)) {
                continue;
            }
            let why = if given.is_some() { "" } else { ", as `hostNetwork` is true" };
            let fix = if in_host_network { None } else { cut(field, "Open no port of the node") };
            report
                .say(field, format!("container `{}` opens port {number} of its node{why}", container.name()))
                .label("past every NetworkPolicy, and one such pod a node")
                .help("let a Service lead to the container's port")
                .mend(fix);
        }
    }
}
