//! `capabilities-not-dropped`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Container, Field, Pod, Version, Versions};
use serde::Deserialize;

use super::context::{insert, missing, setting, versions_for_linux};
use crate::words::all_of;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

/// The policy version that brought the control.
const FIRST: Version = Version::minor_of(22);
const ALL: &str = "ALL";
/// What the standard *restricted* lets a container add.
const BINDS_LOW_PORTS: &str = "NET_BIND_SERVICE";

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CapabilitiesNotDropped {
    /// What is to be dropped, where that need not be `ALL`; what is added is not judged then.
    drop: Vec<String>,
}

impl Rule for CapabilitiesNotDropped {
    const META: Meta = Meta {
        id: "capabilities-not-dropped",
        category: Category::Security,
        level: None,
        packs: &[(Pack::PssRestricted, Level::Error)],
        since: "0.1.0",
        page: page!("capabilities_not_dropped.md"),
    };
    const CHECK: Check<Self> = Check::Container(Self::check);
}

impl CapabilitiesNotDropped {
    fn check<'a>(&self, pod: Pod<'a>, container: Container<'a>, report: &mut Reporter<'_>) {
        let versions = versions_for_linux(pod, report).intersect(Versions::since(FIRST));
        if versions.is_empty() {
            return;
        }
        let capabilities = setting(container, "capabilities");
        let dropped = capabilities.and_then(|it| it.get("drop"));
        let drops = |name: &str| dropped.is_some_and(|list| list.items().any(|it| it.text() == name));
        if !drops(ALL) {
            let kept: Vec<&str> = self.drop.iter().map(String::as_str).filter(|it| !drops(it)).collect();
            if self.drop.is_empty() || !kept.is_empty() {
                let kept = if kept.is_empty() { "the capabilities".to_owned() } else { all_of(&kept) };
                say_kept(container, dropped, &kept, versions, report);
            }
        }
        let added = capabilities.filter(|_| self.drop.is_empty()).and_then(|it| it.get("add"));
        for capability in added.iter().flat_map(|it| it.items()).filter(|it| it.text() != BINDS_LOW_PORTS) {
            report
                .say(
                    capability,
                    format!("container `{}` adds the capability `{}`", container.name(), capability.text()),
                )
                .label("the standard restricted lets a container add `NET_BIND_SERVICE` alone")
                .versions(versions)
                .help("leave it out, and see what the process cannot do without it");
        }
    }
}

fn say_kept<'a>(
    container: Container<'a>,
    dropped: Option<Field<'a>>,
    kept: &str,
    versions: Versions,
    report: &mut Reporter<'_>,
) {
    let line = "capabilities: {drop: [ALL]}";
    let (place, fix) = match (dropped, setting(container, "capabilities")) {
        (Some(dropped), _) => (dropped.key_place(), None),
        (None, Some(_)) => {
            (missing(container, "capabilities.drop"), insert(container, "securityContext.capabilities", "drop: [ALL]"))
        }
        (None, None) => (missing(container, "capabilities.drop"), insert(container, "securityContext", line)),
    };
    report
        .say(place, format!("container `{}` keeps {kept} that runtimes give", container.name()))
        .label("may change owners of files, users and more, which few processes need")
        .versions(versions)
        .help("set `capabilities: {drop: [ALL]}`, and add `NET_BIND_SERVICE` for ports below 1024")
        .mend(fix);
}
