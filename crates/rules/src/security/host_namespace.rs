//! `host-namespace`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_object::Pod;
use serde::Deserialize;

use super::allowance::Allowed;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

/// The fields of a pod that give it a namespace of its node, what the pod shares then, and what that lets it do.
const NAMESPACES: [(&str, &str, &str); 3] = [
    ("hostNetwork", "network", "reaches what listens on the node alone"),
    ("hostPID", "processes", "sees and may signal every process there"),
    ("hostIPC", "shared memory", "reads the memory that processes there share"),
];

/// Allows fields by name.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct HostNamespace(Allowed);

impl Rule for HostNamespace {
    const META: Meta = Meta {
        id: "host-namespace",
        category: Category::Security,
        level: Some(Level::Info),
        packs: &[(Pack::PssBaseline, Level::Error)],
        since: "0.1.0",
        page: page!("host_namespace.md"),
    };
    const CHECK: Check<Self> = Check::Pod(Self::check);
}

impl HostNamespace {
    fn check<'a>(&self, pod: Pod<'a>, report: &mut Reporter<'_>) {
        for (key, what, why) in NAMESPACES {
            let Some(flag) = pod.spec().at(key).filter(|it| it.is_true() && !self.0.names(key)) else { continue };
            report
                .say(flag, format!("the pod of {} shares the {what} of its node", pod.object().reference()))
                .label(why)
                .help("leave it out, unless the pod manages the node itself")
                .replace(flag, "false", format!("Set `{key}` to false"), Safety::Unsafe);
        }
    }
}
