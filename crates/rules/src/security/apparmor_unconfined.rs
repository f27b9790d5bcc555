//! `apparmor-unconfined`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_object::Pod;
use serde::Deserialize;

use super::context::{confines, settings};
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

/// The annotation, up to the name of the container, that stood for the field before 1.30.
const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";
const HELP: &str = "leave it out, name the runtime's own profile, or load one of your own on the nodes and name that";
const LABEL: &str = "may write where AppArmor keeps containers out";

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ApparmorUnconfined {}

impl Rule for ApparmorUnconfined {
    const META: Meta = Meta {
        id: "apparmor-unconfined",
        category: Category::Security,
        level: None,
        packs: &[(Pack::PssBaseline, Level::Error)],
        since: "0.1.0",
        page: page!("apparmor_unconfined.md"),
    };
    const CHECK: Check<Self> = Check::Pod(Self::check);
}

impl ApparmorUnconfined {
    fn check<'a>(&self, pod: Pod<'a>, report: &mut Reporter<'_>) {
        for (owner, profile) in settings(pod, "appArmorProfile.type") {
            if !confines(profile.text()) {
                report
                    .say(profile, format!("{owner} runs with the AppArmor profile `{}`", profile.text()))
                    .label(LABEL)
                    .help(HELP)
                    .replace(profile, "RuntimeDefault", "Use the runtime's profile", Safety::Unsafe);
            }
        }
        let Some(annotations) = pod.template().at("metadata.annotations") else { return };
        for (key, profile) in annotations.entries() {
            let (Some(name), text) = (key.strip_prefix(ANNOTATION), profile.text()) else { continue };
            if !text.is_empty() && text != "runtime/default" && !text.starts_with("localhost/") {
                report
                    .say(profile, format!("container `{name}` runs with the AppArmor profile `{text}`"))
                    .label(LABEL)
                    .help(HELP)
                    .replace(profile, "runtime/default", "Use the runtime's profile", Safety::Unsafe);
            }
        }
    }
}
