//! The filters, in the order of the scheduler: the first that fails is a node's reason.

use std::borrow::Cow;

use super::asked::meets;
use super::crowd::{Counts, Held, added_up};
use super::features;
use super::fixed::Narrowed;
use super::names::{Name, value};
use super::needs::Needs;
use super::table::next;
use super::{NodeId, PodId, PodToPlace, Reason, Scheduler};
use crate::devices::{self, PodDevices, Refusal};
use crate::storage::{PodVolumes, VolumePod};

/// A request above all that a node has is told apart from here on.
const EXCEEDS_SINCE: u8 = 34;

/// What the filters say to a pod.
#[derive(Debug, Clone, Default)]
pub struct Filtered {
    /// The nodes that it may run on, in order.
    pub candidates: Vec<NodeId>,
    /// The nodes that it may run on, if what is not known of them suffices, in order.
    pub unsure: Vec<NodeId>,
    /// Why not on the others, in order; a node that lacks two resources is there twice.
    pub rejected: Vec<(NodeId, Reason)>,
    /// How many other nodes there are, which a DaemonSet's pod is not made for: they are in none of the lists.
    pub left_out: usize,
    /// What keeps it from all nodes, before any node is looked at.
    pub whole: Option<Whole>,
}

/// What keeps a pod from all nodes, before any node is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whole {
    /// `schedulingGates`.
    Gated,
    /// There are no nodes.
    NoNodes,
    /// What a plugin says of the pod (`PreFilter`): a claim that is not there.
    Said {
        /// In the scheduler's words.
        text: String,
        /// True if an eviction may help.
        is_resolvable: bool,
        /// The plugin that says it.
        by: By,
    },
    /// A plugin fails, and with it all that the scheduler does for the pod.
    Failed(String),
    /// The scheduler does not take the pod up, and says nothing of it: why not.
    NotQueued(String),
}

/// Who speaks before any node is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A plugin of nodes or of volumes.
    Others,
    /// DynamicResources.
    Devices,
}

/// A pod in front of the filters, with what is the same for all nodes.
pub(super) struct Asking<'s, 'a> {
    needs: &'s Needs<'a>,
    volumes: Option<&'s PodVolumes>,
    devices: Option<&'s PodDevices>,
    /// True if something that is not known of the pod decides: a claim.
    is_unsure: bool,
    /// By constraint: the label, the counts, the most that a domain may have.
    spread: Vec<(Name, Option<&'s Counts>, i64)>,
    /// By label: the counts of pods that meet all terms of its affinity.
    near: Vec<(Name, &'s Counts)>,
    /// True if its affinity is to pods like itself and there are none yet.
    is_first: bool,
    anti: Vec<(Name, &'s Counts)>,
    against: Vec<(Name, Cow<'s, Counts>, i64)>,
}

/// What is known before any node is looked at.
#[derive(Default)]
struct Before {
    volumes: Option<PodVolumes>,
    devices: Option<PodDevices>,
    /// The nodes that its affinity names.
    named: Option<Vec<NodeId>>,
}

/// What a node says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Fits,
    /// It fits if what is not known suffices.
    Unsure,
    No,
}

impl<'a> Scheduler<'a> {
    /// On which nodes a pod may run.
    pub fn filter(&mut self, pod: &PodToPlace<'a>) -> Filtered {
        let class = self.class_of(pod.needs, &pod.labels);
        self.look_once(pod);
        let this = &*self;
        let Before { volumes, devices, named } = match this.before(pod) {
            Ok(before) => before,
            Err(whole) => return Filtered { whole: Some(whole), ..Filtered::default() },
        };
        let Some(asking) = this.asking(pod, class, (volumes.as_ref(), devices.as_ref())) else {
            return Filtered::default();
        };
        // What a dry run of an eviction left.
        this.claimed.failure();
        let mut filtered = Filtered::default();
        let mut reasons = Vec::new();
        let nodes = match pod.pinned {
            Some(node) => node.0..node.0 + 1,
            None => 0..next(&this.states),
        };
        filtered.left_out = this.states.len() - nodes.len();
        for id in nodes.map(NodeId) {
            if named.as_ref().is_some_and(|it| !it.contains(&id)) {
                filtered.rejected.push((id, Reason::Narrowed));
                continue;
            }
            match this.look(&asking, id, &[], &mut reasons) {
                Answer::Fits => filtered.candidates.push(id),
                Answer::Unsure => filtered.unsure.push(id),
                Answer::No => filtered.rejected.extend(reasons.drain(..).map(|it| (id, it))),
            }
            if let Some(why) = this.claimed.failure() {
                let text = format!("running \"DynamicResources\" filter plugin: {why}");
                return Filtered { whole: Some(Whole::Failed(text)), ..Filtered::default() };
            }
        }
        filtered
    }

    /// Asks the nodes for what no other pod changes, unless they have said it before.
    pub(super) fn look_once(&mut self, pod: &PodToPlace<'_>) {
        if let Some(fixed) = self.needs.get(pod.needs.0 as usize).map(|it| it.fixed) {
            self.fixed.look(fixed, &self.states, &self.taints, &self.names, self.version);
        }
    }

    /// What is said before any node is looked at; else its volumes, and the nodes that its affinity names.
    fn before(&self, pod: &PodToPlace<'a>) -> Result<Before, Whole> {
        let said = |text: String, is_resolvable| Whole::Said { text, is_resolvable, by: By::Others };
        let Some(needs) = self.needs.get(pod.needs.0 as usize) else { return Ok(Before::default()) };
        if needs.is_gated {
            return Err(Whole::Gated);
        }
        let devices = needs.claims_devices.then(|| self.claimed.pre_filter(needs.pod, &pod.name));
        if let Some(Err(Refusal::NotQueued(why))) = &devices {
            return Err(Whole::NotQueued(why.clone()));
        }
        if self.states.is_empty() {
            return Err(Whole::NoNodes);
        }
        let mut named = match self.fixed.get(needs.fixed).map_or(Narrowed::No, |it| it.narrowed()) {
            Narrowed::Conflict => return Err(said("pod affinity terms conflict".to_owned(), false)),
            Narrowed::No => None,
            Narrowed::To(names) => Some(names.iter().filter_map(|it| self.named(*it)).collect()),
        };
        if pod.pinned.is_some() {
            named = None;
        }
        let asking = VolumePod { pod: needs.pod, name: &pod.name, ordinal: pod.ordinal };
        let volumes = needs.has_volumes.then(|| self.volumes.pre_filter(asking)).transpose();
        let volumes = volumes.map_err(|(text, is_unresolvable)| said(text, !is_unresolvable))?;
        match devices.transpose() {
            Ok(devices) => Ok(Before { volumes, devices, named }),
            Err(Refusal::NotQueued(text) | Refusal::Said(text)) => {
                Err(Whole::Said { text, is_resolvable: false, by: By::Devices })
            }
        }
    }

    /// What is the same for all nodes, as things stand.
    pub(super) fn asking<'s>(
        &'s self,
        pod: &PodToPlace<'a>,
        class: u32,
        (volumes, devices): (Option<&'s PodVolumes>, Option<&'s PodDevices>),
    ) -> Option<Asking<'s, 'a>> {
        let needs = self.needs.get(pod.needs.0 as usize)?;
        let counted = |counter: &u32| self.crowd.counted(*counter);
        let near: Vec<_> = (needs.affinity.iter().flat_map(|it| &it.keys))
            .filter_map(|(key, counter)| counted(counter).map(|it| (*key, it.1)))
            .collect();
        let is_alone = near.iter().all(|it| it.1.by_domain.is_empty());
        Some(Asking {
            needs,
            volumes: volumes.filter(|it| !it.is_anywhere()),
            devices,
            is_unsure: volumes.is_some_and(|it| it.doubt().is_some()),
            spread: self.spread_now(needs, class, pod.pinned.is_some()),
            is_first: is_alone && needs.affinity.as_ref().is_some_and(|it| self.crowd.is_met(class, it.matcher)),
            near,
            anti: needs.anti.iter().filter_map(counted).collect(),
            against: added_up(self.crowd.held(class, Held::Against)),
        })
    }

    /// By constraint, the label, the counts and the most that a domain may have before the pod comes.
    fn spread_now(&self, needs: &Needs<'a>, class: u32, is_pinned: bool) -> Vec<(Name, Option<&Counts>, i64)> {
        let of = needs.spread.iter().map(|it| {
            let counts = it.counter.and_then(|it| self.crowd.counted(it)).map(|it| it.1);
            let least =
                if it.domains < it.min_domains { 0 } else { counts.map_or(0, |counts| counts.least(it.domains)) };
            let labels = self.crowd.labels(class);
            let itself = it.selector.as_ref().is_some_and(|it| meets(it, labels, &self.names));
            // Of a DaemonSet's pod only its own node counts, which is then the least.
            let most = if is_pinned && it.honors_affinity { i64::MAX } else { it.max_skew - i64::from(itself) + least };
            (it.key, counts, most)
        });
        of.collect()
    }

    /// What one node says. `gone` are pods whose volumes count as free.
    pub(super) fn look(
        &self,
        asking: &Asking<'_, 'a>,
        node: NodeId,
        gone: &[PodId],
        reasons: &mut Vec<Reason>,
    ) -> Answer {
        reasons.clear();
        let needs = asking.needs;
        let Some(state) = self.state(node) else { return Answer::No };
        if let Some(reason) = self.fixed.known(needs.fixed).and_then(|it| it.reason(node)) {
            reasons.push(reason);
            return Answer::No;
        }
        if !needs.ports.iter().all(|it| state.has_free(*it, self.known.empty)) {
            reasons.push(Reason::HostPort);
            return Answer::No;
        }
        let splits = self.version.minor() >= EXCEEDS_SINCE;
        let is_unsure = state.fits(&needs.requests, (self.known, &self.devices), splits, reasons);
        if !reasons.is_empty() {
            return Answer::No;
        }
        if let (Some(volumes), Some(of)) = (asking.volumes, self.nodes.get(node.0 as usize)) {
            reasons.extend(self.volumes.filter(volumes, of, node, gone).into_iter().map(Reason::Volume));
            if !reasons.is_empty() {
                return Answer::No;
            }
        }
        let mut is_unsure = is_unsure || asking.is_unsure;
        let reason = (asking.reason(&state.labels))
            .or_else(|| self.devices_reason(asking, node, &mut is_unsure))
            .or_else(|| match features::has_all(&needs.features, state.features.as_deref()) {
                Some(has_all) => (!has_all).then_some(Reason::Features),
                None => {
                    is_unsure = true;
                    None
                }
            });
        match reason {
            Some(reason) => {
                reasons.push(reason);
                Answer::No
            }
            None if is_unsure => Answer::Unsure,
            None => Answer::Fits,
        }
    }

    /// What the claims of a pod on devices have against a node.
    fn devices_reason(&self, asking: &Asking<'_, 'a>, node: NodeId, is_unsure: &mut bool) -> Option<Reason> {
        let (devices, of) = asking.devices.zip(self.nodes.get(node.0 as usize))?;
        match self.claimed.filter(devices, (node, of)) {
            devices::Answer::Fits => None,
            devices::Answer::Unsure => {
                *is_unsure = true;
                None
            }
            devices::Answer::Lacks | devices::Answer::Failed => Some(Reason::NoDevices),
            devices::Answer::WrongPools => Some(Reason::WrongPools),
            devices::Answer::Elsewhere => Some(Reason::DevicesElsewhere),
        }
    }
}

impl Asking<'_, '_> {
    /// What spread and the other pods have against a node.
    fn reason(&self, labels: &[(Name, Name)]) -> Option<Reason> {
        for (key, counts, most) in &self.spread {
            let Some(domain) = value(labels, *key) else { return Some(Reason::SpreadLabel) };
            if counts.map_or(0, |it| it.get(domain)) > *most {
                return Some(Reason::Spread);
            }
        }
        let mut are_near = true;
        for (key, counts) in &self.near {
            let Some(domain) = value(labels, *key) else { return Some(Reason::PodAffinity) };
            are_near &= counts.get(domain) > 0;
        }
        if !are_near && !self.is_first {
            return Some(Reason::PodAffinity);
        }
        let runs = |key: &Name, counts: &Counts| value(labels, *key).is_some_and(|it| counts.get(it) > 0);
        if self.anti.iter().any(|(key, counts)| runs(key, counts)) {
            return Some(Reason::PodAntiAffinity);
        }
        let is_kept_away = self.against.iter().any(|(key, counts, _)| runs(key, counts));
        is_kept_away.then_some(Reason::ExistingAntiAffinity)
    }
}
