//! `autoscaler-max-unschedulable`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Autoscaler, Fleet};
use seaworthy_object::{IntOrString, Object, Place, Pod};
use seaworthy_placement::{Cluster, Groups, Outcome, Placement, Question, Scale};
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

/// Each autoscaler that is looked at costs a placement of the whole fleet. So many are, and fewer where that takes
/// long: where pods times nodes come to more than this. Of the others nobody knows.
const LOOKED_AT: u64 = 32;
const WORK: u64 = 20_000_000;

/// What EKS runs on each node, and once or twice in all (its user guide, "Amazon EKS add-ons"): DaemonSets and
/// Deployments of kube-system that no manifest of a team brings.
const ON_EACH_NODE: &[&str] = &["aws-node", "kube-proxy"];
const ONCE: &[(&str, u64)] = &[("coredns", 2)];

/// A cluster at its largest, with the fleet as it is declared.
struct Room {
    /// How many pods its nodes take; none if some node does not say.
    slots: Option<u64>,
    /// How many pods the platform runs on them besides those of the set.
    of_platform: u64,
    nodes: usize,
}

impl AutoscalerMaxUnschedulable {
    fn check<'f, 'a>(&self, fleet: &'f Fleet<'a>, cluster: &Cluster<'f, 'a>, report: &mut Reporter<'_>) {
        if fleet.autoscalers().next().is_none() || !has_a_largest_size(fleet) {
            return;
        }
        let usual = Question { groups: Groups::Max, ..Question::default() };
        let placement = cluster.ask(&usual);
        let all_grown = cluster.ask(&Question { scale: Scale::HpaMax, ..usual.clone() });
        let room = Room::of(fleet, &placement);
        let work = placement.count().saturating_mul(room.nodes as u64).max(1);
        let most_looks = LOOKED_AT.min(WORK / work);
        let mut looked_at = 0;
        for autoscaler in fleet.autoscalers().filter(|it| it.sets_replicas() && fleet.is_last_definition(it.object())) {
            let (Some((_, max)), Some(workload)) = (autoscaler.bounds(), fleet.workload_of(&autoscaler)) else {
                continue;
            };
            let (Some(pod), Ok(max)) = (workload.pod(), u64::try_from(max)) else { continue };
            let wanted = Wanted { max, surge: surge(workload, max), needs_surge: needs_surge(workload, max) };
            let left = room.left(&placement, pod);
            // Where all autoscalers fit at their largest, each does.
            if fits(&all_grown, pod, wanted.total()) && left.is_none_or(|left| left >= wanted.total()) {
                continue;
            }
            looked_at += 1;
            if looked_at > most_looks {
                let place = autoscaler.target();
                report.unknown(place, "room for its maximum", "only so many autoscalers are looked at");
                continue;
            }
            judge(&autoscaler, cluster, pod, (&wanted, &room, left), report);
        }
    }
}

/// How many pods an autoscaler may come to.
struct Wanted {
    max: u64,
    /// Those that a rollout makes on top.
    surge: u64,
    /// True if a rollout cannot go on without one of them.
    needs_surge: bool,
}

impl Wanted {
    fn total(&self) -> u64 {
        self.max.saturating_add(self.surge)
    }
}

fn judge<'a>(
    autoscaler: &Autoscaler<'a>,
    cluster: &Cluster<'_, 'a>,
    pod: Pod<'a>,
    (wanted, room, left): (&Wanted, &Room, Option<u64>),
    report: &mut Reporter<'_>,
) {
    let question = Question { groups: Groups::Max, ..Question::default() };
    let most = cluster.most(pod, wanted.total(), &question);
    let place = place_of_max(autoscaler);
    let by_slots = left.filter(|left| *left < wanted.total() && *left < most.fit);
    let (fit, why) = match (by_slots, &most.then) {
        (Some(left), _) => (left, None),
        (None, Outcome::Pending { message, .. }) if most.fit < wanted.total() => (most.fit, Some(message.as_str())),
        (None, Outcome::Unknown(why)) if most.fit < wanted.total() => {
            return report.unknown(place, "room for its maximum", why.to_string());
        }
        _ => return,
    };
    let name = autoscaler.object().reference();
    let in_rollout = fit >= wanted.max;
    let size = if in_rollout {
        format!("{} during a rollout at its maximum", wanted.total())
    } else {
        format!("{} replicas", wanted.max)
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
    let level = if in_rollout && !wanted.needs_surge { Level::Info } else { Level::Warning };
    report
        .say(place, message)
        .level(Level::Warning, level)
        .label("more than there is room for")
        .help("lower the maximum, or let the group of nodes grow or have larger nodes")
        .related(pod.object(), "what it scales");
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

/// The pods that a rollout makes on top of a number of replicas (`ResolveFenceposts`: rounded up).
fn surge<'a>(workload: &'a Object<'a>, max: u64) -> u64 {
    if !workload.is("apps", "Deployment") || workload.str_at("spec.strategy.type") == Some("Recreate") {
        return 0;
    }
    share(workload, "maxSurge", max, true)
}

/// True if no pod may be missing during a rollout (rounded down), so that it hangs until there is room for one more.
fn needs_surge<'a>(workload: &'a Object<'a>, max: u64) -> bool {
    workload.is("apps", "Deployment") && share(workload, "maxUnavailable", max, false) == 0
}

/// A number of pods, or a percentage of so many; 25 % where nothing is said.
fn share<'a>(workload: &'a Object<'a>, key: &str, of: u64, round_up: bool) -> u64 {
    let stated = workload.at("spec.strategy.rollingUpdate").and_then(|it| it.get(key));
    let share = stated.map_or(Some(IntOrString::String("25%")), IntOrString::of);
    let of = i64::try_from(of).unwrap_or(i64::MAX);
    share.and_then(|it| it.scaled(of, round_up)).and_then(|it| u64::try_from(it).ok()).unwrap_or(0)
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
        let is_in_set = |kind: &str, name: &str| fleet.object("apps", kind, Some("kube-system"), name).is_some();
        let mut of_platform = 0;
        if fleet.facts().platform.as_deref() == Some("eks") {
            let each = ON_EACH_NODE.iter().filter(|name| !is_in_set("DaemonSet", name)).count();
            let once: u64 = ONCE.iter().filter(|it| !is_in_set("Deployment", it.0)).map(|it| it.1).sum();
            of_platform = (each as u64).saturating_mul(nodes as u64).saturating_add(once);
        }
        Self { slots, of_platform, nodes }
    }

    /// The slots for the pods of one workload beside all others; none if unknown.
    fn left<'a>(&self, placement: &Placement<'a>, pod: Pod<'a>) -> Option<u64> {
        let others = placement.pods().iter().filter(|it| it.pod.object().root() != pod.object().root());
        let others = placed(others.map(|it| (&it.outcome, it.count)));
        Some(self.slots?.saturating_sub(self.of_platform).saturating_sub(others))
    }
}
