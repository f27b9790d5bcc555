//! `sysctl-unsafe`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Field, Pod, Version, Versions};
use serde::Deserialize;

use super::allowance::Allowed;
use super::context::pod_setting;
use crate::rule::Choice;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

/// The sysctls of the standard *baseline*, and the policy version each came with.
const SAFE: [(&str, Version); 14] = [
    ("kernel.shm_rmid_forced", Version::OLDEST),
    ("net.ipv4.ip_local_port_range", Version::OLDEST),
    ("net.ipv4.tcp_syncookies", Version::OLDEST),
    ("net.ipv4.ping_group_range", Version::OLDEST),
    ("net.ipv4.ip_unprivileged_port_start", Version::OLDEST),
    ("net.ipv4.ip_local_reserved_ports", Version::minor_of(27)),
    ("net.ipv4.tcp_keepalive_time", Version::minor_of(29)),
    ("net.ipv4.tcp_fin_timeout", Version::minor_of(29)),
    ("net.ipv4.tcp_keepalive_intvl", Version::minor_of(29)),
    ("net.ipv4.tcp_keepalive_probes", Version::minor_of(29)),
    ("net.ipv4.tcp_rmem", Version::minor_of(32)),
    ("net.ipv4.tcp_wmem", Version::minor_of(32)),
    ("net.ipv4.tcp_slow_start_after_idle", Version::minor_of(37)),
    ("net.ipv4.tcp_notsent_lowat", Version::minor_of(37)),
];

/// Of what is not in the list.
const UNKNOWN: &str = "not among those that are known to touch one pod alone";

/// Allows sysctls by name, with `*` for anything.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct SysctlUnsafe(Allowed);

impl Rule for SysctlUnsafe {
    const META: Meta = Meta {
        id: "sysctl-unsafe",
        category: Category::Security,
        level: Some(Level::Warning),
        packs: &[(Pack::PssBaseline, Level::Error)],
        since: "0.1.0",
        page: page!("sysctl_unsafe.md"),
    };
    const CHECK: Check<Self> = Check::Pod(Self::check);
}

impl SysctlUnsafe {
    fn check<'a>(&self, pod: Pod<'a>, report: &mut Reporter<'_>) {
        let sysctls = pod_setting(pod, "sysctls");
        for sysctl in sysctls.iter().flat_map(|it| it.items()) {
            self.check_name(pod, sysctl, report);
            check_value(sysctl, report);
        }
    }

    fn check_name<'a>(&self, pod: Pod<'a>, sysctl: Field<'a>, report: &mut Reporter<'_>) {
        let Some(name) = sysctl.get("name").filter(|_| report.choice() != Choice::Usual) else { return };
        let text = name.text();
        let versions = report.versions().intersect(safe_since(text).map_or(Versions::ALL, Versions::before));
        if versions.is_empty() || self.0.matches(text) {
            return;
        }
        // Pod Security compares names as they are written.
        let dotted = text.replace('/', ".");
        let (label, help) = match safe_since(&dotted) {
            Some(since) if report.versions().intersect(Versions::before(since)).is_empty() => {
                ("the standard knows it with dots alone", "write it with dots".to_owned())
            }
            Some(since) => (UNKNOWN, format!("leave it out; it is safe from policy version {since} on")),
            None => (UNKNOWN, "leave it out, or set it on nodes that run these pods alone".to_owned()),
        };
        report
            .say(name, format!("the pod of {} sets the sysctl `{text}`", pod.object().reference()))
            .label(label)
            .versions(versions)
            .help(help);
    }
}

/// Runtimes hand values on as they are, and one read more than one setting out of such a text. The standard does not look
/// at values.
fn check_value(sysctl: Field<'_>, report: &mut Reporter<'_>) {
    let Some(value) = sysctl.get("value").filter(|it| it.text().contains(['+', '='])) else { return };
    let name = sysctl.get("name").map_or("", |it| it.text());
    let usual = if matches!(report.choice(), Choice::Pack(_)) { Level::Error } else { Level::Warning };
    report
        .say(value, format!("the value of the sysctl `{name}` holds a `+` or `=`"))
        .level(usual, Level::Warning)
        .label("a runtime may read another setting out of it")
        .help("write the value alone");
}

/// From which policy version a sysctl counts as safe.
fn safe_since(name: &str) -> Option<Version> {
    SAFE.iter().find(|it| it.0 == name).map(|it| it.1)
}
