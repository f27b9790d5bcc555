//! `pods-per-node-exceeded`.

use std::borrow::Cow;

use seaworthy_diagnostic::Level;
use seaworthy_facts::OVERLAYS;
use seaworthy_fleet::{Fleet, NodeFacts};
use seaworthy_object::{Pod, Quantity};
use seaworthy_placement::count_own_pods;
use seaworthy_source::order;
use serde::Deserialize;

use super::nodes::{are_all, known, may_run_on};
use super::replicas::at_least;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct PodsPerNodeExceeded {
    /// So many pods run on a node, whatever its type says.
    max_pods: Option<u32>,
}

impl Rule for PodsPerNodeExceeded {
    const META: Meta = Meta {
        id: "pods-per-node-exceeded",
        category: Category::Scheduling,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("pods_per_node_exceeded.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// So many workloads are named.
const SHOWN: usize = 3;

impl PodsPerNodeExceeded {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let nodes = known(fleet);
        if !are_all(fleet, &nodes) || nodes.iter().any(|it| it.open.count) {
            return;
        }
        let keep_running = |pod: &Pod<'_>| !pod.runs_to_completion() && fleet.is_last_definition(pod.object());
        let (daemons, others): (Vec<Pod<'_>>, Vec<Pod<'_>>) =
            fleet.pods().iter().copied().filter(keep_running).partition(|it| it.object().is("apps", "DaemonSet"));
        let mut workloads: Vec<(u64, Pod<'_>)> = others.into_iter().map(|it| (count(fleet, it), it)).collect();
        workloads.retain(|it| it.0 > 0);
        let (own, own_a_node) = count_own_pods(fleet);
        let Some(room) = self.room(fleet, &nodes, &daemons, &workloads, own_a_node) else { return };
        let wanted = workloads.iter().fold(own, |sum, it| sum.saturating_add(it.0));
        if wanted > room.free {
            say(&mut workloads, own, &room, wanted, report);
        }
    }

    /// How many pods find a place beside those of every node; none where that is not known of a node.
    fn room(
        &self,
        fleet: &Fleet<'_>,
        nodes: &[Cow<'_, NodeFacts>],
        daemons: &[Pod<'_>],
        workloads: &[(u64, Pod<'_>)],
        own_a_node: u64,
    ) -> Option<Room> {
        let mut room = Room::default();
        for node in nodes.iter().filter(|node| workloads.iter().any(|it| may_run_on(it.1.spec(), node))) {
            let on_each = own_a_node + daemons.iter().filter(|it| may_run_on(it.spec(), node)).map(|_| 1).sum::<u64>();
            let most = self.most_pods(fleet, node)?;
            let count = u64::from(node.max.unwrap_or(node.count));
            room.nodes += count;
            room.taken = room.taken.saturating_add(count.saturating_mul(on_each));
            room.all = room.all.saturating_add(count.saturating_mul(most));
            room.free = room.free.saturating_add(count.saturating_mul(most.saturating_sub(on_each)));
        }
        (room.nodes > 0).then_some(room)
    }

    /// How many pods a node takes.
    fn most_pods(&self, fleet: &Fleet<'_>, node: &NodeFacts) -> Option<u64> {
        if let Some(most) = self.max_pods {
            return Some(most.into());
        }
        let has_overlay = || OVERLAYS.iter().any(|it| fleet.facts().add_ons().any(|of| of == *it));
        if !node.is_node && (has_overlay() || gives_prefixes(fleet)) {
            return None;
        }
        let stated = node.allocatable.iter().find(|(resource, _)| resource == "pods");
        stated.and_then(|(_, amount)| amount.parse::<Quantity>().ok()).and_then(|it| u64::try_from(it.value()).ok())
    }
}

/// Room for pods.
#[derive(Debug, Default)]
struct Room {
    nodes: u64,
    /// For how many pods there is room.
    all: u64,
    /// How many of every node take theirs.
    taken: u64,
    /// For how many others there is room.
    free: u64,
}

fn say(workloads: &mut [(u64, Pod<'_>)], own: u64, room: &Room, wanted: u64, report: &mut Reporter<'_>) {
    order::sort_by(workloads, &mut |a, b| b.0.cmp(&a.0));
    let Some((_, largest)) = workloads.first() else { return };
    let nodes = if room.nodes == 1 { "node takes" } else { "nodes take" };
    let taken = match room.taken {
        0 => String::new(),
        1 => "1 runs on every node, and ".to_owned(),
        many => format!("{many} run on every node, and "),
    };
    let more = if room.taken == 0 { "" } else { " more" };
    let system = if own == 0 { String::new() } else { format!(", {own} of them the cluster's own") };
    let message =
        format!("{} {nodes} {} pods; {taken}{wanted}{more} have to find a place{system}", room.nodes, room.all);
    let object = largest.object();
    let place = object.at("spec.replicas").map_or_else(|| object.place(), Into::into);
    let mut finding = report
        .say(place, message)
        .label("pods beyond that stay pending: \"Too many pods\"")
        .help("larger machines, more of them, or prefix delegation; or fewer pods");
    for (count, pod) in workloads.iter().skip(1).take(SHOWN - 1) {
        finding = finding.related(pod.object(), format!("{} has {count}", pod.object().reference()));
    }
}

fn count<'a>(fleet: &Fleet<'a>, pod: Pod<'a>) -> u64 {
    u64::try_from(at_least(fleet, pod)).unwrap_or(0)
}

/// True if the set's own network plug-in gives each node whole ranges of addresses.
fn gives_prefixes(fleet: &Fleet<'_>) -> bool {
    let plug_in = fleet.pods_named("kube-system", "aws-node");
    let mut variables = plug_in.iter().flat_map(|it| it.containers()).flat_map(|it| it.env());
    variables.any(|it| {
        let is_on = it.get("value").is_some_and(|it| it.text() == "true");
        is_on && it.str_at("name") == Some("ENABLE_PREFIX_DELEGATION")
    })
}
