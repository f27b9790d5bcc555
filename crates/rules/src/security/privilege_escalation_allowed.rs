//! `privilege-escalation-allowed`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Container, Pod};
use serde::Deserialize;

use super::context::{insert, missing, replace, setting, versions_for_linux};
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PrivilegeEscalationAllowed {}

impl Rule for PrivilegeEscalationAllowed {
    const META: Meta = Meta {
        id: "privilege-escalation-allowed",
        category: Category::Security,
        level: None,
        packs: &[(Pack::PssRestricted, Level::Error)],
        since: "0.1.0",
        page: page!("privilege_escalation_allowed.md"),
    };
    const CHECK: Check<Self> = Check::Container(Self::check);
}

impl PrivilegeEscalationAllowed {
    fn check<'a>(&self, pod: Pod<'a>, container: Container<'a>, report: &mut Reporter<'_>) {
        let versions = versions_for_linux(pod, report);
        let flag = setting(container, "allowPrivilegeEscalation");
        if versions.is_empty() || flag.and_then(|it| it.as_bool()) == Some(false) {
            return;
        }
        let (place, fix) = match flag {
            Some(flag) => (flag.place(), replace(flag, "false", "Set `allowPrivilegeEscalation` to false")),
            None => (
                missing(container, "allowPrivilegeEscalation"),
                insert(container, "securityContext", "allowPrivilegeEscalation: false"),
            ),
        };
        report
            .say(place, format!("container `{}` may get more rights than it starts with", container.name()))
            .label("a program with the setuid bit makes it root")
            .versions(versions)
            .help("set `securityContext.allowPrivilegeEscalation: false`")
            .mend(fix);
    }
}
