//! In which order a kubelet that runs out of memory evicts pods (`rankMemoryPressure`: those that use more than they
//! request, then the lower priority, then the larger excess), as far as manifests decide it.

use seaworthy_fleet::Fleet;
use seaworthy_object::{Container, Pod, Quantity, Role};
use seaworthy_source::order;

use crate::admission::Admission;
use crate::amounts::List;

/// From this priority on the kubelet evicts no pod (`SystemCriticalPriority`).
const CRITICAL: i32 = 2_000_000_000;

const MEMORY: &str = "memory";

/// What a pod may use of the memory it requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Memory {
    /// It requests none, so that whatever it uses is more.
    None,
    /// It requests some and may use more: up to a limit, if it has one.
    More {
        /// What it requests.
        request: Quantity,
        /// What it can use at most, if each container has a limit.
        limit: Option<Quantity>,
    },
    /// Its limits are what it requests.
    Within(Quantity),
}

/// When pods are evicted.
#[derive(Debug, Clone)]
pub struct Eviction<'a> {
    /// The pod, or the template of the pods.
    pub pod: Pod<'a>,
    /// The priority; none where its class is not in the set.
    pub priority: Option<i32>,
    /// What it may use of its request.
    pub memory: Memory,
    /// When it is its turn, beside the other pods of the set on one node: 1 for the first, the same for those of which
    /// nothing tells who is first. None for pods that are never evicted, and where the priority is unknown.
    pub turn: Option<usize>,
}

impl<'a> Eviction<'a> {
    /// All pods of a fleet, in the order of their objects.
    #[must_use]
    pub fn all(fleet: &Fleet<'a>) -> Vec<Self> {
        let admission = Admission::of(fleet);
        let of_pod = |&pod: &Pod<'a>| {
            let is_known = admission.knows_class(pod) || pod.spec().at("priority").is_some();
            let priority = is_known.then(|| admission.priority(pod));
            Self { pod, priority, memory: Memory::of(fleet, pod), turn: None }
        };
        let mut all: Vec<Self> = fleet.pods().iter().map(of_pod).collect();
        let mut keys: Vec<_> = all.iter().filter_map(Self::key).collect();
        order::sort(&mut keys);
        keys.dedup();
        for it in &mut all {
            it.turn = it.key().and_then(|key| keys.binary_search(&key).ok()).map(|at| at + 1);
        }
        all
    }

    /// True for pods that the kubelet evicts for no other.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        self.priority.is_some_and(|it| it >= CRITICAL)
    }

    /// What decides: whether it may exceed its request, its priority, and whether it is sure to exceed it.
    fn key(&self) -> Option<(bool, i32, bool)> {
        let priority = self.priority.filter(|_| !self.is_critical())?;
        let within = matches!(self.memory, Memory::Within(_));
        Some((within, priority, !matches!(self.memory, Memory::None)))
    }
}

impl Memory {
    fn of<'a>(fleet: &Fleet<'a>, pod: Pod<'a>) -> Self {
        let request = List::Requests.of_pod(fleet, pod, MEMORY);
        if request.is_zero() {
            return Memory::None;
        }
        let is_limited =
            |it: Container<'a>| List::Limits.of_container(fleet, pod, it, MEMORY).and_then(Quantity::of).is_some();
        let whole = pod.spec().pod_level(List::Limits.as_str(), MEMORY).is_some();
        let all = whole || pod.containers().filter(|it| it.role() != Role::Ephemeral).all(is_limited);
        let limit = all.then(|| List::Limits.of_pod(fleet, pod, MEMORY));
        match limit {
            Some(limit) if limit <= request => Memory::Within(request),
            limit => Memory::More { request, limit },
        }
    }
}
