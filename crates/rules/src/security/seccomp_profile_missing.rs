//! `seccomp-profile-missing`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Pod, Version, Versions};
use serde::Deserialize;

use super::context::{confines, insert, missing, pod_setting, setting, settings, versions_for_linux};
use crate::mending::replacement;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

/// The policy version that brought the control.
const FIRST: Version = Version::minor_of(19);
const LABEL: &str = "may make every call that the kernel knows";
const HELP: &str = "name the runtime's own profile, `RuntimeDefault`, or one of your own with `Localhost`";

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SeccompProfileMissing {}

impl Rule for SeccompProfileMissing {
    const META: Meta = Meta {
        id: "seccomp-profile-missing",
        category: Category::Security,
        level: None,
        packs: &[(Pack::PssRestricted, Level::Error)],
        since: "0.1.0",
        page: page!("seccomp_profile_missing.md"),
    };
    const CHECK: Check<Self> = Check::Pod(Self::check);
}

impl SeccompProfileMissing {
    fn check<'a>(&self, pod: Pod<'a>, report: &mut Reporter<'_>) {
        let versions = versions_for_linux(pod, report).intersect(Versions::since(FIRST));
        if versions.is_empty() {
            return;
        }
        for (owner, profile) in settings(pod, "seccompProfile") {
            let kind = profile.get("type");
            if !kind.is_some_and(|it| confines(it.text())) {
                let place = kind.map_or_else(|| profile.missing("type"), |it| it.place());
                report
                    .say(place, format!("{owner} runs with no seccomp profile that confines it"))
                    .label(LABEL)
                    .versions(versions)
                    .help(HELP)
                    .mend(kind.map(|it| replacement(it, "RuntimeDefault", "Use the runtime's profile")));
            }
        }
        if pod_setting(pod, "seccompProfile").is_some() {
            return;
        }
        for container in pod.containers().filter(|it| setting(*it, "seccompProfile").is_none()) {
            report
                .say(
                    missing(container, "seccompProfile"),
                    format!("container `{}` runs without a seccomp profile", container.name()),
                )
                .label(LABEL)
                .versions(versions)
                .help("set `seccompProfile: {type: RuntimeDefault}` in the pod's `securityContext`")
                .mend(insert(container, "securityContext", "seccompProfile: {type: RuntimeDefault}"));
        }
    }
}
