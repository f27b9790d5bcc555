//! Which candidate the scheduler takes: scores of its plugins, each from 0 to 100, weighed and added.
//!
//! Of more than a hundred nodes the scheduler looks at a part, beginning anywhere; here all are looked at.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use seaworthy_object::Selector;

use super::asked::Ask;
use super::crowd::{Counts, Held, added_up};
use super::names::{Name, value};
use super::needs::{Needs, Spread, all_asked};
use super::{Filtered, NodeId, PodToPlace, Scheduler};
use crate::devices::PodDevices;
use crate::storage::PodVolumes;

/// By what pods without constraints are spread, and how far (`podtopologyspread`, `systemDefaultConstraints`).
const DEFAULT_SPREAD: [(&str, i64); 2] = [("kubernetes.io/hostname", 3), ("topology.kubernetes.io/zone", 5)];

/// What the best node has.
pub(super) const MOST: i64 = 100;

/// Weights (`getDefaultPlugins`).
const TAINTS: i64 = 3;
const AFFINITY: i64 = 2;
const SPREAD: i64 = 2;
const PODS: i64 = 2;
const IMAGES: i64 = 1;
const SPACE: i64 = 1;
const DEVICES: i64 = 2;

/// The space that volumes leave counts from here on (`StorageCapacityScoring`).
const SPACE_SINCE: u8 = 37;
/// Which of several devices a claim gets counts from here on.
const CHOICES_SINCE: u8 = 35;

/// Pods that request nothing are not balanced from here on (`BalancedAllocation.PreScore`).
const UNBALANCED_SINCE: u8 = 33;
/// What counts is how much the balance gets better from here on (`balancedResourceScorer`).
const BETTERED_SINCE: u8 = 36;

impl<'a> Scheduler<'a> {
    /// The candidate that it takes. Where the scheduler throws dice, the first one in the order of nodes.
    pub fn choose(&mut self, pod: &PodToPlace<'a>, filtered: &Filtered) -> Option<NodeId> {
        let nodes = &filtered.candidates;
        if nodes.len() < 2 {
            return nodes.first().copied();
        }
        let mut best = (i64::MIN, None);
        for (score, node) in self.scores(pod, nodes)?.into_iter().zip(nodes) {
            if score > best.0 {
                best = (score, Some(*node));
            }
        }
        best.1
    }

    /// What each candidate is worth to a pod.
    pub(crate) fn scores(&mut self, pod: &PodToPlace<'a>, nodes: &[NodeId]) -> Option<Vec<i64>> {
        let class = self.class_of(pod.needs, &pod.labels);
        self.look_once(pod);
        let this = &*self;
        let needs = this.needs.get(pod.needs.0 as usize)?;
        let mut scores: Vec<i64> = nodes.iter().map(|it| this.by_resources(needs, *it)).collect();
        let mut add = |weight: i64, of: &[i64]| scores.iter_mut().zip(of).for_each(|(sum, it)| *sum += weight * it);
        let avoided = this.fixed.known(needs.fixed).map_or(&[][..], |it| &it.avoided);
        let counts = nodes.iter().map(|it| avoided.get(it.0 as usize).copied().unwrap_or(0));
        let shares_avoided = shares(&counts.collect::<Vec<_>>());
        add(TAINTS, &shares_avoided.iter().map(|it| MOST - it).collect::<Vec<_>>());
        if !needs.preferred_nodes.is_empty() {
            add(AFFINITY, &shares(&nodes.iter().map(|it| this.by_preference(needs, *it)).collect::<Vec<_>>()));
        }
        if !needs.soft.is_empty() {
            add(SPREAD, &this.by_spread(needs, nodes));
        }
        let wishes = this.wishes(needs, class);
        if !wishes.is_empty() {
            add(PODS, &this.by_pods(&wishes, nodes));
        }
        if !needs.images.is_nowhere() {
            let score = |it: &NodeId| this.state(*it).map_or(0, |it| needs.images.score(&it.images));
            add(IMAGES, &nodes.iter().map(score).collect::<Vec<_>>());
        }
        if let Some(volumes) = this.volumes_of(pod).filter(|_| this.version.minor() >= SPACE_SINCE) {
            add(SPACE, &this.by_space(&volumes, nodes));
        }
        if let Some(devices) = this.devices_of(pod).filter(|_| this.version.minor() >= CHOICES_SINCE) {
            add(DEVICES, &shares(&this.by_devices(&devices, nodes)));
        }
        Some(scores)
    }

    /// `DynamicResources`: the earlier the choices that a claim gets, the better.
    fn by_devices(&self, devices: &PodDevices, nodes: &[NodeId]) -> Vec<i64> {
        let score = |it: &NodeId| self.nodes.get(it.0 as usize).map_or(0, |of| self.claimed.score(devices, (*it, of)));
        nodes.iter().map(score).collect()
    }

    /// `VolumeBinding`: the more space is left of what its claims would get, the better.
    fn by_space(&self, volumes: &PodVolumes, nodes: &[NodeId]) -> Vec<i64> {
        let score = |it: &NodeId| self.nodes.get(it.0 as usize).map_or(0, |of| self.volumes.score(volumes, (*it, of)));
        nodes.iter().map(score).collect()
    }

    /// `NodeResourcesFit` and `NodeResourcesBalancedAllocation`.
    fn by_resources(&self, needs: &Needs<'a>, node: NodeId) -> i64 {
        let Some(state) = self.state(node) else { return 0 };
        let (mut free, mut count) = (0, 0);
        let (mut with, mut without) = ([0.0; 2], [0.0; 2]);
        let of = state.base.iter().zip(state.scored).zip(needs.requests.scored_alone);
        for (at, ((all, scored), asked)) in of.enumerate() {
            let Some(all) = all.filter(|it| *it > 0) else { continue };
            let used = scored.saturating_add(asked);
            free += if used > all { 0 } else { share(all - used, all) };
            count += 1;
            let used = state.used.get(at).copied().unwrap_or(0);
            let asked = needs.requests.base.get(at).copied().unwrap_or(0);
            with.get_mut(at).into_iter().for_each(|it| *it = fraction(used.saturating_add(asked), all));
            without.get_mut(at).into_iter().for_each(|it| *it = fraction(used, all));
        }
        let least = if count == 0 { 0 } else { free / count };
        let version = self.version.minor();
        let [cpu, memory, _] = needs.requests.base;
        if version >= UNBALANCED_SINCE && cpu == 0 && memory == 0 {
            return least;
        }
        let balance = |of: [f64; 2]| if count < 2 { MOST } else { whole((1.0 - (of[0] - of[1]).abs() / 2.0) * 100.0) };
        least
            + match version {
                BETTERED_SINCE.. => MOST / 2 + (MOST / 2 + balance(with) - balance(without)) / 2,
                _ => balance(with),
            }
    }

    /// `NodeAffinity`: the weights of the preferences that a node meets.
    fn by_preference(&self, needs: &Needs<'a>, node: NodeId) -> i64 {
        let Some(state) = self.state(node) else { return 0 };
        let met = needs.preferred_nodes.iter().filter(|it| it.1.matches(&state.labels, state.name, &self.names));
        met.map(|it| it.0).sum()
    }

    /// `PodTopologySpread`: the fewer pods of the same kind around, the better.
    fn by_spread(&self, needs: &Needs<'a>, nodes: &[NodeId]) -> Vec<i64> {
        let labels_of = |node: &NodeId| self.state(*node).map_or(&[][..], |it| &it.labels);
        let hostname = self.names.find("kubernetes.io/hostname");
        let is_left_out = |labels: &[(Name, Name)]| {
            let lacks = |it: &Spread| it.is_own && value(labels, it.key).is_none();
            needs.soft.iter().any(lacks)
        };
        let counted = nodes.iter().map(labels_of).filter(|it| !is_left_out(it));
        let weigh = |spread: &Spread| {
            let domains = if Some(spread.key) == hostname {
                counted.clone().count()
            } else {
                let mut domains: Vec<Option<Name>> = Vec::new();
                for labels in counted.clone() {
                    let domain = value(labels, spread.key);
                    if domains.last() != Some(&domain) {
                        domains.push(domain);
                    }
                }
                seaworthy_source::order::sort(&mut domains);
                domains.dedup();
                domains.len()
            };
            let counts = spread.counter.and_then(|it| self.crowd.counted(it)).map(|it| it.1);
            (spread.key, counts, logarithm(domains + 2), spread.max_skew)
        };
        let weights: Vec<_> = needs.soft.iter().map(weigh).collect();
        let raw = nodes.iter().map(labels_of).map(|labels| {
            let mut sum = 0.0;
            for (key, counts, weight, max_skew) in &weights {
                if let Some(domain) = value(labels, *key) {
                    sum += float(counts.map_or(0, |it| it.get(domain))) * weight + float(max_skew - 1);
                }
            }
            (!is_left_out(labels)).then(|| whole(sum + 0.5))
        });
        let raw: Vec<Option<i64>> = raw.collect();
        let most = raw.iter().flatten().copied().max().unwrap_or(0);
        let least = raw.iter().flatten().copied().min().unwrap_or(0);
        let normal = |it: Option<i64>| match it {
            None => 0,
            Some(_) if most == 0 => MOST,
            Some(score) => MOST * (most + least - score) / most,
        };
        raw.into_iter().map(normal).collect()
    }

    /// By label, what speaks for a domain: the preferences of the pod, and those of pods that run for pods like it.
    fn wishes(&self, needs: &Needs<'a>, class: u32) -> Vec<(Name, Cow<'_, Counts>, i64)> {
        let own = needs.preferred_pods.iter();
        let own = own.filter_map(|(counter, weight)| self.crowd.counted(*counter).map(|it| (it.0, it.1, *weight)));
        let others = self.crowd.held(class, Held::Weight);
        added_up(own.chain(others).filter(|it| !it.1.by_domain.is_empty()).collect())
    }

    /// `InterPodAffinity`.
    fn by_pods(&self, wishes: &[(Name, Cow<'_, Counts>, i64)], nodes: &[NodeId]) -> Vec<i64> {
        let sum = |node: &NodeId| {
            let labels = self.state(*node).map_or(&[][..], |it| &it.labels);
            let of = |it: &(Name, Cow<'_, Counts>, i64)| {
                value(labels, it.0).map_or(0, |domain| it.1.get(domain).saturating_mul(it.2))
            };
            wishes.iter().map(of).sum::<i64>()
        };
        let sums: Vec<i64> = nodes.iter().map(sum).collect();
        let most = sums.iter().copied().max().unwrap_or(0);
        let least = sums.iter().copied().min().unwrap_or(0);
        let normal = |it: &i64| if most > least { whole(100.0 * (float(it - least) / float(most - least))) } else { 0 };
        sums.iter().map(normal).collect()
    }

    /// Pods without constraints are spread among those that the same Services and the same controller own.
    pub(super) fn add_default_spread(&mut self, needs: &mut Needs<'a>, selected_by: &[Selector<'a>]) {
        let asks: Vec<Ask> = all_asked(selected_by, &mut self.names);
        if asks.is_empty() {
            return;
        }
        for (key, max_skew) in DEFAULT_SPREAD {
            let key = self.names.of(key);
            let set = self.eligible(needs.fixed, &[], true, false);
            let spread = self.spread(needs.namespace, key, max_skew, Some(asks.clone()), set);
            needs.soft.push(Spread { is_own: false, ..spread });
        }
    }
}

/// Shares of the largest, in per cent (`DefaultNormalizeScore`).
fn shares(counts: &[i64]) -> Vec<i64> {
    let most = counts.iter().copied().max().unwrap_or(0);
    counts.iter().map(|it| if most > 0 { MOST * it / most } else { *it }).collect()
}

/// A part in per cent, cut off.
fn share(part: i64, all: i64) -> i64 {
    part.checked_mul(MOST).map_or_else(|| part / (all / MOST).max(1), |it| it / all)
}

#[expect(clippy::cast_precision_loss, reason = "a share")]
pub(super) fn float(amount: i64) -> f64 {
    amount as f64
}

/// A share of what a node has, one at most.
fn fraction(used: i64, all: i64) -> f64 {
    (float(used) / float(all)).min(1.0)
}

#[expect(clippy::cast_possible_truncation, reason = "what is after the point is cut off")]
pub(super) fn whole(number: f64) -> i64 {
    number as i64
}

/// The natural logarithm.
#[expect(clippy::cast_precision_loss, reason = "a number of nodes")]
fn logarithm(number: usize) -> f64 {
    (number as f64).ln()
}
