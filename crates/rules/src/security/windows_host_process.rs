//! `windows-host-process`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_object::Pod;
use serde::Deserialize;

use super::context::settings;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WindowsHostProcess {}

impl Rule for WindowsHostProcess {
    const META: Meta = Meta {
        id: "windows-host-process",
        category: Category::Security,
        level: None,
        packs: &[(Pack::PssBaseline, Level::Error)],
        since: "0.1.0",
        page: page!("windows_host_process.md"),
    };
    const CHECK: Check<Self> = Check::Pod(Self::check);
}

impl WindowsHostProcess {
    fn check<'a>(&self, pod: Pod<'a>, report: &mut Reporter<'_>) {
        for (owner, flag) in settings(pod, "windowsOptions.hostProcess") {
            if flag.is_true() {
                report
                    .say(flag, format!("{owner} runs as a process of its Windows node"))
                    .label("no container around it")
                    .help("leave it out, unless the pod manages the node itself")
                    .replace(flag, "false", "Set `hostProcess` to false", Safety::Unsafe);
            }
        }
    }
}
