//! `seccomp-unconfined`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_object::{Pod, Version, Versions};
use serde::Deserialize;

use super::context::{confines, settings};
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

/// From which policy version the field counts; before it annotations did.
const FIELD: Version = Version::minor_of(19);
/// The annotation for all containers of a pod.
const POD_ANNOTATION: &str = "seccomp.security.alpha.kubernetes.io/pod";
/// The annotation for one, up to its name.
const ANNOTATION: &str = "container.seccomp.security.alpha.kubernetes.io/";
const LABEL: &str = "may make every call that the kernel knows";
const HELP: &str = "leave it out, name the runtime's own profile, or put one of your own on the nodes and name that";

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SeccompUnconfined {}

impl Rule for SeccompUnconfined {
    const META: Meta = Meta {
        id: "seccomp-unconfined",
        category: Category::Security,
        level: None,
        packs: &[(Pack::PssBaseline, Level::Error)],
        since: "0.1.0",
        page: page!("seccomp_unconfined.md"),
    };
    const CHECK: Check<Self> = Check::Pod(Self::check);
}

impl SeccompUnconfined {
    fn check<'a>(&self, pod: Pod<'a>, report: &mut Reporter<'_>) {
        let since = report.versions().intersect(Versions::since(FIELD));
        for (owner, profile) in settings(pod, "seccompProfile.type") {
            if !confines(profile.text()) && !since.is_empty() {
                report
                    .say(profile, format!("{owner} runs with the seccomp profile `{}`", profile.text()))
                    .label(LABEL)
                    .versions(since)
                    .help(HELP)
                    .replace(profile, "RuntimeDefault", "Use the runtime's profile", Safety::Unsafe);
            }
        }
        let before = report.versions().intersect(Versions::before(FIELD));
        let annotations = pod.template().at("metadata.annotations").filter(|_| !before.is_empty());
        for (key, profile) in annotations.iter().flat_map(|it| it.entries()) {
            let (text, name) = (profile.text(), key.strip_prefix(ANNOTATION));
            let is_ours = key == POD_ANNOTATION || pod.containers().any(|it| Some(it.name()) == name);
            let confines = matches!(text, "runtime/default" | "docker/default") || text.starts_with("localhost/");
            if is_ours && !confines {
                report
                    .say(profile, format!("`{key}` asks for the seccomp profile `{text}`"))
                    .label(LABEL)
                    .versions(before)
                    .help(HELP);
            }
        }
    }
}
