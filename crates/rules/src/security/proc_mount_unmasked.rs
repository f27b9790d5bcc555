//! `proc-mount-unmasked`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_object::{Container, Pod};
use serde::Deserialize;

use super::context::{setting, versions_for_host_users};
use crate::rule::Choice;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProcMountUnmasked {}

impl Rule for ProcMountUnmasked {
    const META: Meta = Meta {
        id: "proc-mount-unmasked",
        category: Category::Security,
        level: None,
        packs: &[(Pack::PssBaseline, Level::Error)],
        since: "0.1.0",
        page: page!("proc_mount_unmasked.md"),
    };
    const CHECK: Check<Self> = Check::Container(Self::check);
}

impl ProcMountUnmasked {
    fn check<'a>(&self, pod: Pod<'a>, container: Container<'a>, report: &mut Reporter<'_>) {
        let Some(mount) = setting(container, "procMount").filter(|it| it.text() != "Default") else { return };
        // The standard *restricted* spares nobody (`CheckProcMountRestricted`).
        let spares_none = report.choice() == Choice::Pack(Pack::PssRestricted);
        let versions = if spares_none { report.versions() } else { versions_for_host_users(pod, report) };
        if versions.is_empty() {
            return;
        }
        report
            .say(mount, format!("container `{}` sees `/proc` as its node has it", container.name()))
            .label("shows and sets values of the kernel")
            .versions(versions)
            .help("leave it out, unless the pod runs containers of its own")
            .replace(mount, "Default", "Set `procMount` to Default", Safety::Unsafe);
    }
}
