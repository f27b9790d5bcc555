//! `privileged-container`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_object::{Container, Pod, Role};
use serde::Deserialize;

use crate::rule::Choice;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

/// What a container runs that only sets values of the node's kernel.
const KERNEL_VALUES: &[&str] = &["sysctl", "/proc/sys", "/sys/kernel"];

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct PrivilegedContainer {
    /// Containers that may be privileged, by name.
    allow: Vec<String>,
}

impl Rule for PrivilegedContainer {
    const META: Meta = Meta {
        id: "privileged-container",
        category: Category::Security,
        level: Some(Level::Warning),
        packs: &[(Pack::PssBaseline, Level::Error)],
        since: "0.1.0",
        page: page!("privileged_container.md"),
    };
    const CHECK: Check<Self> = Check::Container(Self::check);
}

impl PrivilegedContainer {
    fn check<'a>(&self, pod: Pod<'a>, container: Container<'a>, report: &mut Reporter<'_>) {
        let Some(flag) = container.at("securityContext.privileged").filter(|it| it.is_true()) else { return };
        let name = container.name();
        if self.allow.iter().any(|allowed| allowed == name) {
            return;
        }
        let refused = matches!(report.choice(), Choice::Pack(_));
        let (why, level, help) = if container.role() == Role::Init && sets_kernel_values(container) {
            (
                " to set kernel values of its node",
                Level::Info,
                "set the values on the nodes, or a namespaced one with the pod's `securityContext.sysctls`",
            )
        } else if pod.object().is("apps", "DaemonSet") {
            (" on every node", Level::Info, "check that it needs the whole node, and who may change it")
        } else {
            ("", Level::Warning, "drop `privileged`, and add only the capabilities that the process needs")
        };
        report
            .say(flag, format!("container `{name}` runs privileged{why}"))
            // The standard knows no milder case.
            .level(Level::Warning, if refused { Level::Warning } else { level })
            .label("root on the node")
            .help(help)
            .replace(flag, "false", "set `privileged` to false", Safety::Unsafe);
    }
}

fn sets_kernel_values(container: Container<'_>) -> bool {
    ["command", "args"]
        .into_iter()
        .flat_map(|key| container.field().items_at(key))
        .any(|word| KERNEL_VALUES.iter().any(|value| word.text().contains(value)))
}
