//! Whether evicting pods of lower priority would make room (`framework/preemption`, `DefaultPreemption`).

use super::asked::meets;
use super::filter::Answer;
use super::{Filtered, NodeId, PodId, PodToPlace, Reason, Scheduler, Tried, Whole};
use crate::devices::PodDevices;
use crate::storage::{PodVolumes, VolumePod};

/// What the scheduler would do to make room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preemption {
    /// These pods would be evicted from this node, and the pod would run there.
    Victims(NodeId, Vec<PodId>),
    /// Nothing helps: what the scheduler says of it.
    Unhelpful(String),
}

/// What a pod claims: volumes and devices.
type Claims<'s> = (Option<&'s PodVolumes>, Option<&'s PodDevices>);

/// Pods whose eviction makes room on a node.
struct Choice {
    node: NodeId,
    /// The most important one first.
    victims: Vec<PodId>,
    /// How many of them a budget protects.
    violations: usize,
}

/// So many nodes are tried at least (`minCandidateNodesAbsolute`), and one in ten.
const LEAST_TRIED: usize = 100;

const NO_VICTIMS: &str = "No preemption victims found for incoming pod";
const NOT_HELPFUL: &str = "Preemption is not helpful for scheduling";

impl<'a> Scheduler<'a> {
    /// What the scheduler would do to make room for a pod that has no candidates.
    pub fn preempt(&mut self, pod: &PodToPlace<'a>, filtered: &Filtered) -> Preemption {
        if self.needs.get(pod.needs.0 as usize).is_some_and(|it| it.never_preempts) {
            return Preemption::Unhelpful("not eligible due to preemptionPolicy=Never.".to_owned());
        }
        let class = self.class_of(pod.needs, &pod.labels);
        let changes = self.changes;
        let is_same =
            |it: &&Tried| (it.needs, it.class, it.pinned, it.changes) == (pod.needs, class, pod.pinned, changes);
        // Claims are called after their pod.
        let has_claims = self.needs.get(pod.needs.0 as usize).is_some_and(|it| it.has_volumes);
        if let Some(tried) = self.tried.as_ref().filter(|_| !has_claims).filter(is_same) {
            return tried.outcome.clone();
        }
        self.look_once(pod);
        let outcome = self.try_nodes(pod, class, self.where_it_may_help(filtered));
        // Who was evicted to try it is back.
        self.changes = changes;
        let (needs, pinned) = (pod.needs, pod.pinned);
        self.tried = Some(Tried { needs, class, pinned, changes, outcome: outcome.clone() });
        outcome
    }

    fn try_nodes(&mut self, pod: &PodToPlace<'a>, class: u32, nodes: Vec<NodeId>) -> Preemption {
        let mut reasons = Vec::new();
        let (mut choices, mut victimless) = (Vec::new(), 0);
        let enough = (nodes.len() / 10).max(LEAST_TRIED);
        let volumes = self.volumes_of(pod);
        let devices = self.devices_of(pod);
        let claims = (volumes.as_ref(), devices.as_ref());
        for &node in &nodes {
            let victims = self.potential_victims(pod, node);
            if victims.is_empty() {
                victimless += 1;
                continue;
            }
            match self.victims(pod, class, claims, node, victims) {
                Ok(choice) => choices.push(choice),
                Err(why) => reasons.extend(why),
            }
            if choices.len() >= enough && choices.iter().any(|it| it.violations == 0) {
                break;
            }
        }
        if let Some(choice) = self.best(choices) {
            return Preemption::Victims(choice.node, choice.victims);
        }
        let texts = [(victimless, NO_VICTIMS), (self.states.len() - nodes.len(), NOT_HELPFUL)];
        Preemption::Unhelpful(self.count_reasons(self.states.len(), reasons.into_iter(), &texts))
    }

    /// The nodes whose reason an eviction may remove.
    fn where_it_may_help(&self, filtered: &Filtered) -> Vec<NodeId> {
        match &filtered.whole {
            Some(Whole::Said { is_resolvable: true, .. }) => {
                (0..self.states.len()).filter_map(|it| u32::try_from(it).ok().map(NodeId)).collect()
            }
            Some(_) => Vec::new(),
            None => {
                let nodes = filtered.rejected.chunk_by(|left, right| left.0 == right.0);
                let nodes = nodes.filter(|it| it.iter().all(|it| !it.1.is_unresolvable()));
                nodes.filter_map(|it| it.first()).map(|it| it.0).collect()
            }
        }
    }

    pub(super) fn devices_of(&self, pod: &PodToPlace<'a>) -> Option<PodDevices> {
        let needs = self.needs.get(pod.needs.0 as usize).filter(|it| it.claims_devices)?;
        self.claimed.pre_filter(needs.pod, &pod.name).ok()
    }

    pub(super) fn volumes_of(&self, pod: &PodToPlace<'a>) -> Option<PodVolumes> {
        let needs = self.needs.get(pod.needs.0 as usize).filter(|it| it.has_volumes)?;
        let asking = VolumePod { pod: needs.pod, name: &pod.name, ordinal: pod.ordinal };
        self.volumes.pre_filter(asking).ok()
    }

    fn priority(&self, pod: &PodToPlace<'_>) -> i32 {
        self.needs.get(pod.needs.0 as usize).map_or(0, |it| it.priority)
    }

    fn priority_of(&self, pod: PodId) -> i32 {
        self.pods.get(pod.0 as usize).map_or(0, |it| self.priority(&it.pod))
    }

    /// The pods of a node with lower priority, the most important one first.
    fn potential_victims(&self, pod: &PodToPlace<'_>, node: NodeId) -> Vec<PodId> {
        let priority = self.priority(pod);
        let mut victims: Vec<PodId> =
            self.pods_on(node).iter().copied().filter(|it| self.priority_of(*it) < priority).collect();
        // Of the same priority the one that came first is more important.
        seaworthy_source::order::sort_by_key(&mut victims, |it| (std::cmp::Reverse(self.priority_of(*it)), *it));
        victims
    }

    /// The fewest pods whose eviction makes room; else what stands in the way without all of them.
    fn victims(
        &mut self,
        pod: &PodToPlace<'a>,
        class: u32,
        claims: Claims<'_>,
        node: NodeId,
        potential: Vec<PodId>,
    ) -> Result<Choice, Vec<Reason>> {
        // Those that came last go first: they are found at once.
        let mut gone: Vec<PodId> = potential.iter().rev().copied().collect();
        gone.iter().for_each(|it| self.count(*it, false));
        let mut reasons = Vec::new();
        if !self.would_fit(pod, class, claims, node, &gone, &mut reasons) {
            potential.iter().for_each(|it| self.count(*it, true));
            return Err(reasons);
        }
        let protected = self.protected(&potential);
        let of = |violates: bool| potential.iter().zip(&protected).filter(move |it| *it.1 == violates);
        let order: Vec<(PodId, bool)> = of(true).chain(of(false)).map(|it| (*it.0, *it.1)).collect();
        // First those that may yet stay, from the last to the first; then those that may not.
        gone = order.iter().rev().map(|it| it.0).collect();
        let mut violations = 0;
        for (left, (victim, violates)) in (0..order.len()).rev().zip(order) {
            self.count(victim, true);
            gone.swap_remove(left);
            if !self.would_fit(pod, class, claims, node, &gone, &mut reasons) {
                self.count(victim, false);
                gone.push(victim);
                violations += usize::from(violates);
            }
        }
        let is_gone = |it: &PodId| self.pods.get(it.0 as usize).is_some_and(|it| it.is_gone);
        let victims: Vec<PodId> = potential.into_iter().filter(is_gone).collect();
        victims.iter().for_each(|it| self.count(*it, true));
        if victims.is_empty() { Err(Vec::new()) } else { Ok(Choice { node, victims, violations }) }
    }

    fn would_fit(
        &self,
        pod: &PodToPlace<'a>,
        class: u32,
        claims: Claims<'_>,
        node: NodeId,
        gone: &[PodId],
        reasons: &mut Vec<Reason>,
    ) -> bool {
        let asking = self.asking(pod, class, claims);
        asking.is_some_and(|it| self.look(&it, node, gone, reasons) != Answer::No)
    }

    /// Which pods a budget protects, if those before them are evicted (`FilterVictimsWithPDBViolation`).
    fn protected(&self, pods: &[PodId]) -> Vec<bool> {
        let mut left: Vec<i64> = self.budgets.iter().map(|it| it.allowed).collect();
        let of = pods.iter().map(|pod| {
            let Some(running) = self.pods.get(pod.0 as usize) else { return false };
            let namespace = self.needs.get(running.pod.needs.0 as usize).map(|it| it.namespace);
            let labels = self.crowd.labels(running.class);
            let mut is_protected = false;
            for (budget, left) in self.budgets.iter().zip(&mut left) {
                let means = namespace == Some(budget.namespace) && !labels.is_empty();
                if means && !budget.selector.is_empty() && meets(&budget.selector, labels, &self.names) {
                    *left -= 1;
                    is_protected |= *left < 0;
                }
            }
            is_protected
        });
        of.collect()
    }

    /// The best of several nodes (`pickOneNodeForPreemption`); the first of equal ones.
    fn best(&self, choices: Vec<Choice>) -> Option<Choice> {
        let rank = |choice: &Choice| {
            let priorities = choice.victims.iter().map(|it| i64::from(self.priority_of(*it)));
            let highest = priorities.clone().next().unwrap_or(i64::MIN);
            let sum: i64 = priorities.clone().map(|it| it + i64::from(i32::MAX) + 1).sum();
            let same = choice.victims.iter().filter(|it| i64::from(self.priority_of(**it)) == highest);
            let earliest = same.min().copied();
            (choice.violations, highest, sum, choice.victims.len(), std::cmp::Reverse(earliest))
        };
        choices.into_iter().min_by_key(rank)
    }
}
