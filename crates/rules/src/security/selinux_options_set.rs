//! `selinux-options-set`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Pod, Version, Versions};
use serde::Deserialize;

use super::allowance::Allowed;
use super::context::settings;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

/// The types of the standard *baseline*, and the policy version each came with.
const TYPES: [(&str, Version); 4] = [
    ("container_t", Version::OLDEST),
    ("container_init_t", Version::OLDEST),
    ("container_kvm_t", Version::OLDEST),
    ("container_engine_t", Version::minor_of(31)),
];
const HELP: &str = "leave it to the runtime, which chooses a type for containers";

/// Allows types by name.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct SelinuxOptionsSet(Allowed);

impl Rule for SelinuxOptionsSet {
    const META: Meta = Meta {
        id: "selinux-options-set",
        category: Category::Security,
        level: None,
        packs: &[(Pack::PssBaseline, Level::Error)],
        since: "0.1.0",
        page: page!("selinux_options_set.md"),
    };
    const CHECK: Check<Self> = Check::Pod(Self::check);
}

impl SelinuxOptionsSet {
    fn check<'a>(&self, pod: Pod<'a>, report: &mut Reporter<'_>) {
        for (owner, options) in settings(pod, "seLinuxOptions") {
            for key in ["type", "user", "role"] {
                let Some(field) = options.get(key).filter(|it| !it.text().is_empty()) else { continue };
                let text = field.text();
                let allowed = TYPES.iter().find(|it| it.0 == text && key == "type").map(|it| it.1);
                let versions = report.versions().intersect(allowed.map_or(Versions::ALL, Versions::before));
                if versions.is_empty() || key == "type" && self.0.names(text) {
                    continue;
                }
                report
                    .say(field, format!("{owner} runs with the SELinux {key} `{text}`"))
                    .label("may reach what SELinux keeps containers from")
                    .versions(versions)
                    .help(HELP);
            }
        }
    }
}
