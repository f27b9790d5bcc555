//! `kubernetes-end-of-life`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, day_text};
use serde::Deserialize;

use super::lifetimes::{Calendar, Standing};
use crate::reporter::Finding;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct KubernetesEndOfLife {}

impl Rule for KubernetesEndOfLife {
    const META: Meta = Meta {
        id: "kubernetes-end-of-life",
        category: Category::Cluster,
        level: Some(Level::Info),
        packs: &[(Pack::Recommended, Level::Warning)],
        since: "0.1.0",
        page: page!("kubernetes_end_of_life.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl KubernetesEndOfLife {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let Some(today) = fleet.facts().today.map(day_text) else { return };
        for cluster in fleet.clusters().iter().filter(|it| !it.tool.is_local()) {
            let (Some(version), Some((1, minor))) = (cluster.version, cluster.release()) else { continue };
            let calendar = Calendar::of(Some(cluster.tool.platform()));
            if let Some(message) = message(calendar, minor, &today) {
                advise(report.say_fact(version.at, message), calendar, &today);
            }
        }
        // A set that is judged for several versions has no one cluster.
        let Some([version]) = fleet.declaration().map(|it| it.kubernetes.as_slice()) else { return };
        let calendar = Calendar::of(fleet.facts().platform.as_deref());
        let stated = fleet.declaration().and_then(|it| it.kubernetes_at);
        if let (Some(at), Some(message)) = (stated, message(calendar, version.minor().into(), &today)) {
            advise(report.say(at, message), calendar, &today);
        }
    }
}

/// What is wrong with a minor, if anything is.
fn message(calendar: &Calendar, minor: u32, today: &str) -> Option<String> {
    let who = calendar.who;
    match calendar.standing(minor, today) {
        Standing::Supported => None,
        Standing::Ancient => Some(format!("{who} has not supported 1.{minor} for years")),
        Standing::Ended(it) if !it.extended.is_empty() && it.extended >= today => Some(format!(
            "{who} ended its standard support of 1.{minor} on {}; extended support, which costs extra, ends on {}",
            it.end, it.extended
        )),
        Standing::Ended(it) if it.extended.is_empty() && calendar.sells_longer => Some(format!(
            "{who} ended its standard support of 1.{minor} on {}: no fixes, unless longer support is paid for",
            it.end
        )),
        Standing::Ended(it) => {
            let last = if it.extended.is_empty() { it.end } else { it.extended };
            Some(format!("{who} ended its support of 1.{minor} on {last}: no fixes, not of security either"))
        }
    }
}

fn advise(finding: Finding<'_>, calendar: &Calendar, today: &str) {
    if let Some(oldest) = calendar.oldest_supported(today) {
        finding.help(format!("upgrade one minor at a time; the oldest that is supported is 1.{oldest}"));
    }
}
