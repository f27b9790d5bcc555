//! Nodes with what runs on them.

use super::names::{Labels, Name, Names};
use super::needs::{HostPort, Needs};
use super::request::{Known, Requests, SCORED, is_counted, narrow};
use super::table::{Table, hash};
use super::{Node, PodId, Reason, ResourceId, TaintId};

/// What a taint does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Effect {
    NoSchedule,
    Prefer,
    NoExecute,
}

/// A taint by its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct TaintKey {
    pub(super) key: Name,
    pub(super) value: Name,
    pub(super) effect: Effect,
}

/// A node with what runs on it.
pub(super) struct NodeState {
    pub(super) name: Name,
    pub(super) labels: Labels,
    pub(super) taints: Vec<TaintId>,
    pub(super) is_unschedulable: bool,
    is_unmeasured: bool,
    /// The images it has, sorted.
    pub(super) images: Vec<Name>,
    /// What its kubelet declares.
    pub(super) features: Option<Vec<Name>>,
    /// Thousandths of processors, bytes of memory and of ephemeral storage; nothing for what is not known.
    pub(super) base: [Option<i64>; 3],
    pub(super) most_pods: Option<i64>,
    /// Other resources, sorted.
    pub(super) extra: Vec<Extra>,
    pub(super) used: [i64; 3],
    /// What is requested where every container counts for something: processors and memory.
    pub(super) scored: [i64; 2],
    /// In the order in which they came.
    pub(super) pods: Vec<PodId>,
    /// How many run besides, which nothing evicts.
    fixed_pods: i64,
    /// The ports that are taken, sorted.
    ports: Vec<HostPort>,
}

/// Another resource of a node.
pub(super) struct Extra {
    pub(super) resource: Name,
    pub(super) allocatable: Option<i64>,
    pub(super) used: i64,
}

impl Effect {
    pub(super) fn of(text: &str) -> Option<Self> {
        match text {
            "NoSchedule" => Some(Effect::NoSchedule),
            "PreferNoSchedule" => Some(Effect::Prefer),
            "NoExecute" => Some(Effect::NoExecute),
            _ => None,
        }
    }
}

impl NodeState {
    pub(super) fn of<'a>(
        node: &Node<'a>,
        known: Known,
        names: &mut Names<'a>,
        taints: &mut Vec<TaintKey>,
        taint_of: &mut Table,
    ) -> Self {
        let mut of_taints = Vec::new();
        for taint in &node.taints {
            let Some(effect) = Effect::of(&taint.effect) else { continue };
            let (key, value) = (names.of(taint.key.clone()), names.of(taint.value.clone()));
            let key = TaintKey { key, value, effect };
            let known = taint_of.find(hash(key), &|at| taints.get(at) == Some(&key));
            of_taints.push(TaintId(known.unwrap_or_else(|| {
                let number = u32::try_from(taints.len()).unwrap_or(u32::MAX - TAINTS);
                taint_of.put(hash(key), number);
                taints.push(key);
                number
            })));
        }
        let missing = if node.is_unmeasured { None } else { Some(0) };
        let mut state = Self {
            name: names.of(node.name.clone()),
            labels: names.labels(node.labels.iter().cloned()),
            taints: of_taints,
            is_unschedulable: node.is_unschedulable,
            is_unmeasured: node.is_unmeasured,
            images: Vec::new(),
            features: node.features.as_ref().map(|of| of.iter().map(|it| names.of(it.clone())).collect()),
            base: [missing; 3],
            most_pods: missing,
            extra: Vec::new(),
            used: [0; 3],
            scored: [0; 2],
            pods: Vec::new(),
            fixed_pods: 0,
            ports: Vec::new(),
        };
        for (resource, amount) in &node.allocatable {
            let name = names.of(resource.clone());
            let units = amount.as_ref().map(|it| narrow(it.value()));
            match name {
                it if it == known.cpu => state.set(0, amount.as_ref().map(|it| narrow(it.milli_value()))),
                it if it == known.memory => state.set(1, units),
                it if it == known.storage => state.set(2, units),
                it if it == known.pods => state.most_pods = units,
                it if is_counted(resource) => state.slot(it).into_iter().for_each(|it| it.allocatable = units),
                _ => {}
            }
        }
        state
    }

    fn set(&mut self, at: usize, amount: Option<i64>) {
        self.base.get_mut(at).into_iter().for_each(|it| *it = amount);
    }

    fn slot(&mut self, resource: Name) -> Option<&mut Extra> {
        let allocatable = if self.is_unmeasured { None } else { Some(0) };
        let at = self.extra.binary_search_by_key(&resource, |it| it.resource).unwrap_or_else(|at| {
            self.extra.insert(at, Extra { resource, allocatable, used: 0 });
            at
        });
        self.extra.get_mut(at)
    }

    /// A pod comes, or leaves.
    pub(super) fn count(&mut self, needs: &Needs<'_>, pod: PodId, comes: bool) {
        let sign = if comes { 1 } else { -1 };
        let add = |to: &mut i64, amount: i64| *to = to.saturating_add(amount.saturating_mul(sign));
        self.used.iter_mut().zip(needs.requests.base).for_each(|(to, it)| add(to, it));
        self.scored.iter_mut().zip(needs.requests.scored).for_each(|(to, it)| add(to, it));
        for &(resource, amount) in &needs.requests.extra {
            self.slot(resource).into_iter().for_each(|it| add(&mut it.used, amount));
        }
        for port in &needs.ports {
            let at = self.ports.partition_point(|it| it < port);
            if comes {
                self.ports.insert(at, *port);
            } else if self.ports.get(at) == Some(port) {
                self.ports.remove(at);
            }
        }
        if comes {
            self.pods.push(pod);
        } else if let Some(at) = self.pods.iter().rposition(|it| *it == pod) {
            // Those that came last are the first to go while an eviction is tried.
            self.pods.remove(at);
        }
    }

    /// A pod comes for good, with what it requests.
    pub(super) fn occupy(&mut self, cpu: i64, memory: i64) {
        self.fixed_pods += 1;
        for (to, amount) in self.used.iter_mut().zip([cpu, memory]) {
            *to = to.saturating_add(amount);
        }
        for (to, (amount, least)) in self.scored.iter_mut().zip([cpu, memory].into_iter().zip(SCORED)) {
            *to = to.saturating_add(if amount == 0 { least } else { amount });
        }
    }

    /// How many pods run.
    pub(super) fn count_pods(&self) -> i64 {
        i64::try_from(self.pods.len()).unwrap_or(i64::MAX).saturating_add(self.fixed_pods)
    }

    /// True if a host port is free, on all addresses or on one.
    pub(super) fn has_free(&self, port: HostPort, all: Name) -> bool {
        let start = self.ports.partition_point(|it| it.0 < port.0);
        let taken = self.ports.iter().skip(start).take_while(|it| it.0 == port.0);
        !taken.into_iter().any(|it| it.1 == port.1 || it.1 == all || port.1 == all)
    }

    /// `NodeResourcesFit`: what is missing; true if what is not known decides. `devices` are resources that a node may
    /// have without saying so.
    pub(super) fn fits(
        &self,
        requests: &Requests,
        (known, devices): (Known, &[Name]),
        splits: bool,
        missing: &mut Vec<Reason>,
    ) -> bool {
        let mut is_unsure = requests.is_unread;
        let count = self.count_pods();
        match self.most_pods {
            None => is_unsure = true,
            Some(most) if count.saturating_add(1) > most => missing.push(Reason::TooManyPods),
            Some(_) => {}
        }
        if requests.is_nothing() {
            return is_unsure;
        }
        let mut look = |resource: Name, asked: i64, allocatable: Option<i64>, used: i64| {
            let Some(allocatable) = allocatable else {
                is_unsure |= asked > 0;
                return;
            };
            if asked > 0 && asked > allocatable.saturating_sub(used) {
                let resource = ResourceId(resource.0);
                let exceeds = splits && asked > allocatable;
                missing.push(if exceeds { Reason::Exceeds(resource) } else { Reason::Insufficient(resource) });
            }
        };
        let base = self.base.iter().zip(self.used).zip(requests.base);
        for (((allocatable, used), asked), resource) in base.zip([known.cpu, known.memory, known.storage]) {
            look(resource, asked, *allocatable, used);
        }
        for &(resource, asked) in &requests.extra {
            let at = self.extra.binary_search_by_key(&resource, |it| it.resource).ok();
            let missing = if self.is_unmeasured { None } else { Some(0) };
            let (mut allocatable, used) =
                at.and_then(|it| self.extra.get(it)).map_or((missing, 0), |it| (it.allocatable, it.used));
            if allocatable == Some(0) && devices.contains(&resource) {
                allocatable = None;
            }
            look(resource, asked, allocatable, used);
        }
        is_unsure
    }
}

/// The numbers that codes leave free for taints end so far before the last.
const TAINTS: u32 = 16;
