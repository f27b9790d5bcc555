//! `pod-unschedulable`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::Object;
use seaworthy_placement::{Cluster, count_own_pods};
use serde::Deserialize;

use super::shortage::{Alone, LeftOver, Shortage, called, place_of};
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PodUnschedulable {}

impl Rule for PodUnschedulable {
    const META: Meta = Meta {
        id: "pod-unschedulable",
        category: Category::Scheduling,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("pod_unschedulable.md"),
    };
    const CHECK: Check<Self> = Check::Placement(Self::check);
}

impl PodUnschedulable {
    fn check<'a>(&self, fleet: &Fleet<'a>, cluster: &Cluster<'_, 'a>, report: &mut Reporter<'_>) {
        let Some(shortage) = Shortage::of(fleet, cluster) else { return };
        let else_on_it = match count_own_pods(fleet) {
            (0, 0) => "nothing else",
            _ => "nothing but the platform's own pods",
        };
        for (now, alone) in shortage.alone(fleet, cluster) {
            match alone {
                Alone::Unfit(it) => say(&it, else_on_it, report),
                Alone::Crowded | Alone::Held => {}
                Alone::Unknown(why) => report.unknown(place_of(now.pod), "a node that takes it", why),
            }
        }
    }
}

fn say<'a>(it: &LeftOver<'a>, else_on_it: &str, report: &mut Reporter<'_>) {
    let place = match it.cause() {
        Some(cause) if it.count == it.of => cause,
        None if it.count == it.of => Object::place(it.pod.object()),
        _ => place_of(it.pod),
    };
    let verb = if it.pod.is_bare() || it.count == 1 && it.count != it.of { "fits" } else { "fit" };
    let is_gated = it.pod.spec().field().items_at("schedulingGates").next().is_some();
    let finding = report
        .say(place, format!("{} {verb} no node, even with {else_on_it} on it: {}", called(it), it.message))
        .help("`seaworthy place` says of each node why");
    if is_gated {
        finding
            .level(Level::Error, Level::Warning)
            .help("the pod waits until something takes its scheduling gates away");
    }
}
