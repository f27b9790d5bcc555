//! `capacity-exceeded`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Object, Pod, Quantity};
use seaworthy_placement::{Cluster, List, NodeId, Placement};
use serde::Deserialize;

use super::nodes::{are_all, known};
use super::shortage::{Alone, LeftOver, Shortage, called, place_of};
use crate::words::all_of;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CapacityExceeded {}

impl Rule for CapacityExceeded {
    const META: Meta = Meta {
        id: "capacity-exceeded",
        category: Category::Scheduling,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("capacity_exceeded.md"),
    };
    const CHECK: Check<Self> = Check::Placement(Self::check);
}

/// The resources that are told of.
const RESOURCES: [&str; 2] = ["cpu", "memory"];

/// So many workloads are named.
const SHOWN: usize = 3;

impl CapacityExceeded {
    fn check<'a>(&self, fleet: &Fleet<'a>, cluster: &Cluster<'_, 'a>, report: &mut Reporter<'_>) {
        if !known(fleet).iter().any(|it| it.open.count)
            && let Some(shortage) = Shortage::of(fleet, cluster)
        {
            let alone = shortage.alone(fleet, cluster);
            let crowded: Vec<&LeftOver<'a>> =
                alone.into_iter().filter(|it| matches!(it.1, Alone::Crowded)).map(|it| it.0).collect();
            let placement = shortage.grown.unwrap_or_else(|| cluster.placement());
            say(fleet, placement, &crowded, report);
        }
        if are_all(fleet, &known(fleet)) && is_measured(cluster.placement()) {
            unaccounted(fleet, cluster.placement(), report);
        }
    }
}

fn say<'a>(fleet: &Fleet<'a>, placement: &Placement<'a>, crowded: &[&LeftOver<'a>], report: &mut Reporter<'_>) {
    let Some((first, rest)) = crowded.split_first() else { return };
    let sums: Vec<String> = RESOURCES.iter().filter_map(|it| sum(fleet, placement, crowded, it)).collect();
    let asks = if sums.is_empty() { String::new() } else { format!("; the set requests {}", all_of(&sums)) };
    let find = if first.pod.is_bare() || first.count == 1 && first.count != first.of { "finds" } else { "find" };
    let room = match first.may_evict {
        true => "room only where pods of a lower priority are evicted",
        false => "no room beside the other pods",
    };
    let mut finding = report
        .say(place_of(first.pod), format!("{} {find} {room}{asks}", called(first)))
        .label(format!("\"{}\"", first.message))
        .help("more or larger nodes, or lower requests; `seaworthy place` shows what each node has left");
    for it in rest.iter().take(SHOWN) {
        finding = finding.related(place_of(it.pod), format!("{} too", called(it)));
    }
}

/// `cpu of 14500m from 12`; none where not all nodes say what they have.
fn sum<'a>(fleet: &Fleet<'a>, placement: &Placement<'a>, crowded: &[&LeftOver<'a>], resource: &str) -> Option<String> {
    let (mut asked, mut had) = (Quantity::zero(), Quantity::zero());
    for at in 0..placement.nodes().len() {
        let fills = placement.fills(NodeId(u32::try_from(at).ok()?));
        let fill = fills.iter().find(|it| it.resource == resource)?;
        asked = asked.plus(&fill.requested);
        had = had.plus(fill.allocatable.as_ref()?);
    }
    for it in crowded {
        let one = List::Requests.of_pod(fleet, it.pod, resource);
        asked = asked.plus(&one.percent(i64::try_from(it.count).unwrap_or(i64::MAX).saturating_mul(100)));
    }
    (asked > had).then(|| format!("{resource} of {} from nodes with {}", asked.canonical(), had.canonical()))
}

/// True if every node says what it has of everything that is told of.
fn is_measured(placement: &Placement<'_>) -> bool {
    placement.nodes().iter().all(|node| {
        let has = |it: &&str| node.allocatable.iter().any(|(resource, amount)| resource == *it && amount.is_some());
        RESOURCES.iter().all(has)
    })
}

/// Pods that ask for nothing are counted as nothing, and that is said.
fn unaccounted<'a>(fleet: &Fleet<'a>, placement: &Placement<'a>, report: &mut Reporter<'_>) {
    let asks_for_nothing = |pod: Pod<'a>| RESOURCES.iter().all(|it| List::Requests.of_pod(fleet, pod, it).is_zero());
    let mut objects: Vec<&'a Object<'a>> = Vec::new();
    for group in placement.pods() {
        let object = group.pod.object();
        if objects.last().is_none_or(|it| it.root() != object.root()) && asks_for_nothing(group.pod) {
            objects.push(object);
        }
    }
    let Some(first) = objects.first() else { return };
    let mut names: Vec<String> = objects.iter().take(SHOWN).map(|it| it.reference().to_string()).collect();
    if objects.len() > SHOWN {
        names.push(format!("{} more", objects.len() - SHOWN));
    }
    let verb = if objects.len() == 1 { "requests" } else { "request" };
    let message = format!(
        "{} {verb} neither cpu nor memory: whether the nodes have room for what they use, nobody can tell",
        all_of(&names)
    );
    report.say(*first, message).level(Level::Warning, Level::Info).help("state what the pods need");
}
