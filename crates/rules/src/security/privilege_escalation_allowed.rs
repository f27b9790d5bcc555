//! `privilege-escalation-allowed`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Container, Pod};
use serde::Deserialize;

use super::context::{insert, missing, setting, versions_for_linux};
use crate::mending::replacement;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

/// As a server spells it where it looks for it.
const SYS_ADMIN: &str = "CAP_SYS_ADMIN";

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
            Some(flag) => (flag.place(), Some(replacement(flag, "false", "Set `allowPrivilegeEscalation` to false"))),
            None => (
                missing(container, "allowPrivilegeEscalation"),
                insert(container, "securityContext", "allowPrivilegeEscalation: false"),
            ),
        };
        let finding = report
            .say(place, format!("container `{}` may get more rights than it starts with", container.name()))
            .label("a program with the setuid bit makes it root")
            .versions(versions);
        // The server refuses `false` beside them.
        match needs_escalation(container) {
            Some(key) => {
                finding.help(format!("take out `{key}`, and set `securityContext.allowPrivilegeEscalation: false`"))
            }
            None => finding.help("set `securityContext.allowPrivilegeEscalation: false`").mend(fix),
        };
    }
}

/// What a container is given that a server does not let it have without escalation (`ValidateSecurityContext`).
fn needs_escalation(container: Container<'_>) -> Option<&'static str> {
    if setting(container, "privileged").is_some_and(|it| it.is_true()) {
        return Some("privileged");
    }
    let added = setting(container, "capabilities.add")?;
    added.items().any(|it| it.text() == SYS_ADMIN).then_some(SYS_ADMIN)
}
