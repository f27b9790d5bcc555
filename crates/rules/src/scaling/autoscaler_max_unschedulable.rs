//! `autoscaler-max-unschedulable`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Autoscaler, Fleet};
use seaworthy_object::{IntOrString, Object, Place, Pod};
use seaworthy_placement::{Cluster, Groups, Most, Outcome, Placement, Question, Scale, count_own_pods, surge};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AutoscalerMaxUnschedulable {}

impl Rule for AutoscalerMaxUnschedulable {
    const META: Meta = Meta {
        id: "autoscaler-max-unschedulable",
        category: Category::Scaling,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("autoscaler_max_unschedulable.md"),
    };
    const CHECK: Check<Self> = Check::Placement(Self::check);
}

/// To place a fleet once more costs about as much as it has pods times the cluster has nodes; so much may all
/// autoscalers cost together. Of those beyond only the number of pods is looked at.
const WORK: u64 = 30_000_000;

/// A cluster at its largest, with the fleet as it is declared.
struct Room {
    /// How many pods its nodes take; none if some node does not say.
    slots: Option<u64>,
    /// How many pods the platform runs on them besides those of the set.
    of_platform: u64,
    /// How many pods of the set have a place on them.
    placed: u64,
    nodes: usize,
}

impl AutoscalerMaxUnschedulable {
    fn check<'f, 'a>(&self, fleet: &'f Fleet<'a>, cluster: &Cluster<'f, 'a>, report: &mut Reporter<'_>) {
        if fleet.autoscalers().next().is_none() || !has_a_largest_size(fleet) {
            return;
        }
        let largest = Question { groups: Groups::Max, ..Question::default() };
        let grows = fleet.facts().nodes.iter().any(|it| it.max.is_some_and(|max| max != it.count));
        let placement = if grows { cluster.grown() } else { cluster.placement() };
        let room = Room::of(fleet, placement);
        let candidates: Vec<Candidate<'a>> = fleet
            .autoscalers()
            .filter(|it| it.sets_replicas() && fleet.is_last_definition(it.object()))
            .filter_map(|it| Candidate::of(fleet, it))
            // What does not even fit as it is has a rule of its own.
            .filter(|it| placement.pods_of(it.pod).all(|it| !matches!(it.outcome, Outcome::Pending { .. })))
            .collect();
        let mut budget = WORK;
        let mut may = |pods: u64| {
            let cost = placement.count().saturating_add(pods).saturating_mul(room.nodes as u64);
            let enough = cost <= budget;
            budget = budget.saturating_sub(if enough { cost } else { 0 });
            enough
        };
        let all = candidates.iter().fold(0u64, |sum, it| sum.saturating_add(it.max));
        let all_grown = may(all).then(|| cluster.ask(&Question { scale: Scale::HpaMax, ..largest.clone() }));
        for it in &candidates {
            let left = room.left(placement, it.pod);
            let has_slots = left.is_none_or(|left| left >= it.total());
            // Where all autoscalers fit at their largest, each does, and most have room for a rollout besides.
            let fits = has_slots && all_grown.as_ref().is_some_and(|all_grown| fits(all_grown, it.pod, it.max));
            if fits && it.surge == 0 {
                continue;
            }
            let most = may(it.total()).then(|| cluster.most(it.pod, it.total(), &largest));
            if fits && most.is_none() {
                continue;
            }
            judge(it, most.as_ref(), (&room, left), report);
        }
    }
}

/// An autoscaler with what it may come to.
struct Candidate<'a> {
    autoscaler: Autoscaler<'a>,
    pod: Pod<'a>,
    max: u64,
    /// The pods that a rollout makes on top.
    surge: u64,
    /// True if a rollout cannot go on without one of them.
    needs_surge: bool,
}

impl<'a> Candidate<'a> {
    fn of(fleet: &Fleet<'a>, autoscaler: Autoscaler<'a>) -> Option<Self> {
        let workload = fleet.workload_of(&autoscaler)?;
        let (pod, most) = (workload.pod()?, autoscaler.bounds()?.1);
        let max = u64::try_from(most).ok()?;
        let surge = u64::try_from(surge(workload, most)).unwrap_or(0);
        let needs_surge = needs_surge(workload, most);
        Some(Self { autoscaler, pod, max, surge, needs_surge })
    }

    fn total(&self) -> u64 {
        self.max.saturating_add(self.surge)
    }
}

fn judge(it: &Candidate<'_>, most: Option<&Most>, (room, left): (&Room, Option<u64>), report: &mut Reporter<'_>) {
    let place = place_of_max(&it.autoscaler);
    let by_slots = left.filter(|left| *left < it.total() && most.is_none_or(|most| *left < most.fit));
    let (fit, why) = match (by_slots, most.map(|most| (most.fit, &most.then))) {
        (Some(left), _) => (left, None),
        (None, Some((fit, Outcome::Pending { message, .. }))) if fit < it.total() => (fit, Some(message.as_str())),
        (None, Some((fit, Outcome::Unknown(why)))) if fit < it.total() => {
            return report.unknown(place, "room for its maximum", why.to_string());
        }
        (None, Some(_)) => return,
        (None, None) => return report.unknown(place, "room for its maximum", "it takes too long to look at"),
    };
    let name = it.autoscaler.object().reference();
    let in_rollout = fit >= it.max;
    let size = if in_rollout {
        format!("{} during a rollout at its maximum", it.total())
    } else {
        format!("{} replicas", it.max)
    };
    let message = match why {
        Some(why) => format!("{name} may ask for {size}, but the cluster at its largest has room for {fit}: {why}"),
        None => {
            let slots = room.slots.unwrap_or(0);
            let taken = match (slots.saturating_sub(fit), room.of_platform) {
                (taken, 0) => format!("{taken} of these are taken by others"),
                (taken, of_platform) if taken == of_platform => format!("the platform itself takes {taken} of these"),
                (taken, of_platform) => {
                    format!("{taken} of these are taken by others, {of_platform} by the platform itself")
                }
            };
            format!(
                "{name} may ask for {size}, but the cluster at its largest has room for {fit}: its {} nodes take \
                 {slots} pods in all, and {taken}",
                room.nodes
            )
        }
    };
    let level = if in_rollout && !it.needs_surge { Level::Info } else { Level::Warning };
    report
        .say(place, message)
        .level(Level::Warning, level)
        .label("more than there is room for")
        .help("lower the maximum, or let the group of nodes grow or have larger nodes")
        .related(it.pod.object(), "what it scales");
}

fn place_of_max<'a>(autoscaler: &Autoscaler<'a>) -> Place<'a> {
    let object = autoscaler.object();
    let stated = object.at("spec.maxReplicas").or_else(|| object.at("spec.maxReplicaCount"));
    stated.unwrap_or(autoscaler.target()).into()
}

/// True if it is known how large the cluster can get: groups that say so, or nodes that nothing adds to.
fn has_a_largest_size(fleet: &Fleet<'_>) -> bool {
    let grows_by_itself = || fleet.runs_any_of(&["karpenter", "cluster-autoscaler"]);
    let mut groups = fleet.facts().nodes.iter();
    let given_one_by_one = fleet.of_kind("", "Node").next().is_some()
        || fleet.facts().nodes.iter().any(|it| it.is_node || it.max.is_none());
    !groups.any(|it| it.open.count)
        && fleet.clusters().iter().all(|it| it.nodes_on_demand.is_none())
        && !(given_one_by_one && grows_by_itself())
}

/// True if no pod may be missing during a rollout (25 % where nothing is said, rounded down), so that it hangs until
/// there is room for one more.
fn needs_surge<'a>(workload: &'a Object<'a>, max: i64) -> bool {
    let stated = workload.at("spec.strategy.rollingUpdate.maxUnavailable");
    let missing = stated.map_or(Some(IntOrString::String("25%")), IntOrString::of);
    let missing = missing.and_then(|it| it.scaled(max, false));
    workload.is("apps", "Deployment") && missing.is_none_or(|it| it <= 0)
}

/// True if so many pods of a workload run.
fn fits<'a>(placement: &Placement<'a>, pod: Pod<'a>, wanted: u64) -> bool {
    placed(placement.pods_of(pod).map(|it| (&it.outcome, it.count))) >= wanted
}

fn placed<'o>(groups: impl Iterator<Item = (&'o Outcome, u64)>) -> u64 {
    groups.filter(|it| matches!(it.0, Outcome::Placed(_))).fold(0, |sum, it| sum.saturating_add(it.1))
}

impl Room {
    fn of<'a>(fleet: &Fleet<'a>, placement: &Placement<'a>) -> Self {
        let of_node = |node: &seaworthy_placement::Node<'a>| {
            let (_, amount) = node.allocatable.iter().find(|it| it.0 == "pods")?;
            u64::try_from(amount.as_ref()?.value()).ok()
        };
        let slots = placement.nodes().iter().map(of_node).try_fold(0u64, |sum, it| Some(sum.saturating_add(it?)));
        let nodes = placement.nodes().len();
        let (once, each) = count_own_pods(fleet);
        let of_platform = each.saturating_mul(nodes as u64).saturating_add(once);
        let placed = placed(placement.pods().iter().map(|it| (&it.outcome, it.count)));
        Self { slots, of_platform, placed, nodes }
    }

    /// The slots for the pods of one workload beside all others; none if unknown.
    fn left<'a>(&self, placement: &Placement<'a>, pod: Pod<'a>) -> Option<u64> {
        let own = placed(placement.pods_of(pod).map(|it| (&it.outcome, it.count)));
        let others = self.placed.saturating_sub(own);
        Some(self.slots?.saturating_sub(self.of_platform).saturating_sub(others))
    }
}
