//! `non-root-not-enforced`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_object::{Container, Field, Pod, Versions};
use serde::Deserialize;

use super::allowance::matches_any;
use super::context::{Owner, insert, missing, pod_setting, setting, versions_for_host_users};
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct NonRootNotEnforced {
    /// Images, with `*` for anything, that need not say so.
    images: Vec<String>,
    /// A user other than root is as good.
    accept_user: bool,
}

impl Rule for NonRootNotEnforced {
    const META: Meta = Meta {
        id: "non-root-not-enforced",
        category: Category::Security,
        level: None,
        packs: &[(Pack::PssRestricted, Level::Error)],
        since: "0.1.0",
        page: page!("non_root_not_enforced.md"),
    };
    const CHECK: Check<Self> = Check::Pod(Self::check);
}

impl NonRootNotEnforced {
    fn check<'a>(&self, pod: Pod<'a>, report: &mut Reporter<'_>) {
        let versions = versions_for_host_users(pod, report);
        if versions.is_empty() {
            return;
        }
        let of_pod = pod_setting(pod, "runAsNonRoot");
        if let Some(flag) = of_pod.filter(|it| it.as_bool() == Some(false)) {
            say_false(Owner::Pod, flag, versions, report);
        }
        for container in pod.containers() {
            let image = container.image().map_or("", |it| it.text());
            let user = user(pod, container).filter(|it| *it != 0);
            if matches_any(&self.images, image) || self.accept_user && user.is_some() {
                continue;
            }
            match setting(container, "runAsNonRoot") {
                Some(flag) if flag.as_bool() == Some(false) => {
                    say_false(Owner::Container(container.name()), flag, versions, report);
                }
                // A pod that says `false` has been told so.
                None if of_pod.is_none() => say_unset(container, user.is_some(), versions, report),
                _ => {}
            }
        }
    }
}

fn say_unset(container: Container<'_>, has_other_user: bool, versions: Versions, report: &mut Reporter<'_>) {
    let label = if has_other_user {
        "the standard restricted takes no `runAsUser` for it"
    } else {
        "it starts as whatever user its image names"
    };
    report
        .say(
            missing(container, "runAsNonRoot"),
            format!("nothing keeps container `{}` from running as root", container.name()),
        )
        .label(label)
        .versions(versions)
        .help("set `runAsNonRoot: true` in the pod's `securityContext`, and a user in the image")
        .mend(insert(container, "securityContext", "runAsNonRoot: true"));
}

fn say_false<'a>(owner: Owner<'a>, flag: Field<'a>, versions: Versions, report: &mut Reporter<'_>) {
    report
        .say(flag, format!("{owner} is let run as root"))
        .label("whatever user the image names")
        .versions(versions)
        .help("set it to true, and give the image a user other than root, by number")
        .replace(flag, "true", "Set `runAsNonRoot` to true", Safety::Unsafe);
}

/// The user a container runs as, where its manifest says so.
fn user(pod: Pod<'_>, container: Container<'_>) -> Option<i64> {
    setting(container, "runAsUser").or_else(|| pod_setting(pod, "runAsUser"))?.as_int()
}
