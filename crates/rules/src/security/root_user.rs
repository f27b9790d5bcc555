//! `root-user`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Pod, Version, Versions};
use serde::Deserialize;

use super::context::{settings, versions_for_host_users};
use crate::mending::removal;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

/// The policy version that brought the control.
const FIRST: Version = Version::minor_of(23);

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RootUser {}

impl Rule for RootUser {
    const META: Meta = Meta {
        id: "root-user",
        category: Category::Security,
        level: None,
        packs: &[(Pack::PssRestricted, Level::Error)],
        since: "0.1.0",
        page: page!("root_user.md"),
    };
    const CHECK: Check<Self> = Check::Pod(Self::check);
}

impl RootUser {
    fn check<'a>(&self, pod: Pod<'a>, report: &mut Reporter<'_>) {
        let versions = versions_for_host_users(pod, report).intersect(Versions::since(FIRST));
        for (owner, user) in settings(pod, "runAsUser") {
            if user.as_int() == Some(0) && !versions.is_empty() {
                report
                    .say(user, format!("{owner} runs as root"))
                    .label("root on the node too, once out of the container")
                    .versions(versions)
                    .help("name another user, who owns what the process writes, or leave it to the image")
                    .mend(removal(user, "Leave the user to the image"));
            }
        }
    }
}
