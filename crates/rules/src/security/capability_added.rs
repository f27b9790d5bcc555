//! `capability-added`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Container, Pod, Role};
use serde::Deserialize;

use super::allowance::matches_any;
use super::context::setting;
use crate::rule::Choice;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

/// What the standard *baseline* lets a container add: what runtimes give by themselves, but for `NET_RAW`.
const BASELINE: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Those that give the node away, or nearly so, and what they let a process do.
const GRAVE: [(&str, &str); 5] = [
    ("ALL", "every right of root"),
    ("SYS_ADMIN", "mounts file systems; nearly root on the node"),
    ("NET_ADMIN", "changes routes and filters of the network"),
    ("SYS_PTRACE", "reads the memory of other processes"),
    ("SYS_MODULE", "loads code into the kernel of the node"),
];

/// What the init container of a mesh adds to lead the traffic of its pod through the proxy.
const OF_MESHES: [&str; 2] = ["NET_ADMIN", "NET_RAW"];
/// The images of such init containers.
const MESHES: [&str; 2] = ["*/istio/proxyv2*", "*/linkerd/proxy-init*"];

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CapabilityAdded {
    /// Capabilities that any container may add.
    allow: Vec<String>,
    /// Images, with `*` for anything, that may add what a mesh needs.
    images: Vec<String>,
}

impl Rule for CapabilityAdded {
    const META: Meta = Meta {
        id: "capability-added",
        category: Category::Security,
        level: Some(Level::Warning),
        packs: &[(Pack::PssBaseline, Level::Error)],
        since: "0.1.0",
        page: page!("capability_added.md"),
    };
    const CHECK: Check<Self> = Check::Container(Self::check);
}

impl CapabilityAdded {
    fn check<'a>(&self, _: Pod<'a>, container: Container<'a>, report: &mut Reporter<'_>) {
        let Some(added) = setting(container, "capabilities.add") else { return };
        let (name, is_usual) = (container.name(), report.choice() == Choice::Usual);
        let image = container.image().map_or("", |it| it.text());
        let is_of_mesh = matches_any(&self.images, image)
            || is_usual && container.role() == Role::Init && matches_any(&MESHES, image);
        for capability in added.items() {
            let text = capability.text();
            let grave = GRAVE.iter().find(|it| it.0 == text);
            let is_allowed = BASELINE.contains(&text)
                || self.allow.iter().any(|it| it == text)
                || is_of_mesh && OF_MESHES.contains(&text)
                || is_usual && grave.is_none();
            if is_allowed {
                continue;
            }
            let label = grave.map_or("more than the standard baseline lets a container add", |it| it.1);
            report.say(capability, format!("container `{name}` adds the capability `{text}`")).label(label).help(
                match text {
                    "ALL" => "add only the capabilities that the process needs",
                    _ => "leave it out, and see what the process cannot do without it",
                },
            );
        }
    }
}
