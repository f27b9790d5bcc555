//! All pods of a fleet placed on a cluster, one after the other, as its scheduler would.

use std::borrow::Cow;

use seaworthy_fleet::Fleet;
use seaworthy_object::{Pod, Selector, Version};
use seaworthy_source::order;

use crate::admission::Admission;
use crate::expand::{Batch, Naming, batches};
use crate::nodes::Nodes;
use crate::question::Question;
use crate::scheduler::{Fill, Filtered, NeedsId, Node, NodeId, PodToPlace, Preemption, Reason, Scheduler};
use crate::storage::{Bindings, Volumes};

/// So many pods are placed: what one cluster may have. The others are unknown.
pub(crate) const MOST_PODS: u64 = 150_000;

/// So many nodes are kept of all lists together: which a pod may run on, and why not on the others.
const MOST_KEPT: usize = 2_000_000;

/// What becomes of pods.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// They run on these nodes, so many on each.
    Placed(Vec<(NodeId, u64)>),
    /// They wait.
    Pending {
        /// What the scheduler says, word for word.
        message: String,
        /// The node it would make room on, and how many pods it would evict there.
        evicts: Option<(NodeId, usize)>,
    },
    /// Nobody knows.
    Unknown(Cow<'static, str>),
}

/// Pods of one workload of which the same is to be said.
#[derive(Debug, Clone)]
pub struct PodGroup<'a> {
    /// The pod, or the template of the pods.
    pub pod: Pod<'a>,
    /// What they are called; `*` stands for what only the cluster knows.
    pub name: String,
    /// How many there are.
    pub count: u64,
    /// What becomes of them.
    pub outcome: Outcome,
    /// The nodes that the first of them may run on.
    pub candidates: Vec<NodeId>,
    /// Why the first of them may not run on others; a node is there once for each reason.
    pub rejected: Vec<(NodeId, Reason)>,
    /// False if there were too many nodes to keep in all.
    pub is_listed: bool,
}

/// A fleet on its cluster.
pub struct Placement<'a> {
    groups: Vec<PodGroup<'a>>,
    scheduler: Scheduler<'a>,
    version: Version,
    is_cut: bool,
}

impl<'a> Placement<'a> {
    /// Places all pods of a fleet.
    #[must_use]
    pub fn of(fleet: &Fleet<'a>, bindings: &Bindings<'a>, question: &Question) -> Self {
        Self::of_batches(fleet, bindings, question, batches(fleet, question.scale))
    }

    /// Places some pods of a fleet.
    pub(crate) fn of_batches(
        fleet: &Fleet<'a>,
        bindings: &Bindings<'a>,
        question: &Question,
        batches: Vec<Batch<'a>>,
    ) -> Self {
        let mut placer = Placer::on(fleet, bindings, question);
        placer.place(batches);
        placer.placement()
    }

    /// The pods, in the order of their objects.
    #[must_use]
    pub fn pods(&self) -> &[PodGroup<'a>] {
        &self.groups
    }

    /// The pods of one workload.
    pub fn pods_of<'p>(&'p self, pod: Pod<'a>) -> impl Iterator<Item = &'p PodGroup<'a>> {
        self.groups.iter().filter(move |it| it.pod.object().root() == pod.object().root())
    }

    /// The nodes.
    #[must_use]
    pub fn nodes(&self) -> &[Node<'a>] {
        self.scheduler.nodes()
    }

    /// A node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&Node<'a>> {
        self.nodes().get(id.0 as usize)
    }

    /// What a node has and what its pods request, resource by resource.
    #[must_use]
    pub fn fills(&self, node: NodeId) -> Vec<Fill<'_>> {
        self.scheduler.free(node)
    }

    /// A reason in the scheduler's words.
    #[must_use]
    pub fn words(&self, reason: Reason) -> Cow<'_, str> {
        self.scheduler.words(reason)
    }

    /// The version of the scheduler: the newest of those asked for.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// True if there are more nodes than were looked at.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// How many pods there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.sum(|_| true)
    }

    /// How many wait.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.sum(|it| matches!(it, Outcome::Pending { .. }))
    }

    /// Of how many nobody knows.
    #[must_use]
    pub fn unknown(&self) -> u64 {
        self.sum(|it| matches!(it, Outcome::Unknown(_)))
    }

    fn sum(&self, which: fn(&Outcome) -> bool) -> u64 {
        self.groups.iter().filter(|it| which(&it.outcome)).fold(0, |sum, it| sum.saturating_add(it.count))
    }
}

/// Places pods.
pub(crate) struct Placer<'f, 'a> {
    fleet: &'f Fleet<'a>,
    scheduler: Scheduler<'a>,
    version: Version,
    is_cut: bool,
    groups: Vec<Slot<'a>>,
    placed: u64,
    kept: usize,
}

/// A group, and the place of its batch among all.
struct Slot<'a> {
    order: usize,
    group: PodGroup<'a>,
}

/// A batch that is to be placed.
#[derive(Clone)]
struct Queued<'a> {
    order: usize,
    batch: Batch<'a>,
    needs: NeedsId,
    priority: i32,
    /// How many of it are done.
    next: u64,
}

impl<'f, 'a> Placer<'f, 'a> {
    pub(crate) fn on(fleet: &'f Fleet<'a>, bindings: &Bindings<'a>, question: &Question) -> Self {
        let Nodes { nodes, is_cut } = Nodes::of(fleet, question);
        let version = fleet.facts().versions.iter().last().unwrap_or(Version::NEWEST);
        let mut scheduler = Scheduler::new(version, nodes, Volumes::of(fleet, bindings, version));
        for namespace in fleet.of_kind("", "Namespace").filter(|it| fleet.is_last_definition(it)) {
            let labels = namespace.labels().iter().map(|(key, value)| (Cow::Borrowed(key), Cow::Borrowed(value)));
            scheduler.add_namespace(Cow::Borrowed(namespace.name()), labels.collect());
        }
        for budget in fleet.of_kind("policy", "PodDisruptionBudget").filter(|it| fleet.is_last_definition(it)) {
            let allowed = budget.at("status.disruptionsAllowed").and_then(|it| it.as_int()).unwrap_or(0);
            if let Some(selector) = budget.at("spec.selector").map(Selector::from_label_selector) {
                scheduler.add_budget(budget.namespace().unwrap_or("default"), &selector, allowed);
            }
        }
        Self { fleet, scheduler, version, is_cut, groups: Vec::new(), placed: 0, kept: 0 }
    }

    /// Places batches: first what names its node, then by priority, of one priority first what runs on every node, and
    /// then as they stand. Where a workload makes its pods one after the other, the next one comes after all others.
    pub(crate) fn place(&mut self, batches: Vec<Batch<'a>>) {
        let admission = Admission::of(self.fleet);
        let mut queue = Vec::new();
        for (order, batch) in batches.into_iter().enumerate() {
            let admitted = admission.admit(batch.pod);
            let priority = Admission::priority(batch.pod, &admitted);
            let needs = self.scheduler.needs(batch.pod, &admitted);
            let queued = Queued { order, batch, needs, priority, next: 0 };
            match batch.pod.spec().field().str_at("nodeName").filter(|it| !it.is_empty()) {
                Some(name) => self.run(&queued, name),
                None => queue.push(queued),
            }
        }
        order::sort_by_key(&mut queue, |it| {
            (std::cmp::Reverse(it.priority), it.batch.naming != Naming::Nodes, it.order)
        });
        let mut rest = queue.into_iter().peekable();
        while let Some(first) = rest.next() {
            let mut round = vec![first];
            let priority = round.iter().map(|it| it.priority).next();
            while let Some(next) = rest.next_if(|it| Some(it.priority) == priority) {
                round.push(next);
            }
            while !round.is_empty() {
                round.retain_mut(|it| self.advance(it));
            }
        }
    }

    /// Places what is there of a batch at a time; true if more of it comes later.
    fn advance(&mut self, queued: &mut Queued<'a>) -> bool {
        let batch = queued.batch;
        if let Some(scheduler) = other_scheduler(batch.pod) {
            self.rest(queued, Outcome::Unknown(format!("the scheduler `{scheduler}` decides").into()));
            return false;
        }
        if batch.naming == Naming::Nodes {
            self.place_daemons(queued);
            return false;
        }
        while queued.next < batch.count {
            let stops = self.place_next(queued);
            if stops || batch.in_order {
                return !stops && queued.next < batch.count;
            }
        }
        false
    }

    /// Places the next pod of a batch; true if with it all others are done.
    fn place_next(&mut self, queued: &mut Queued<'a>) -> bool {
        if self.placed >= MOST_PODS {
            let why = format!("more than {MOST_PODS} pods: those after them are not looked at");
            self.rest(queued, Outcome::Unknown(why.into()));
            return true;
        }
        let pod = to_place(queued, queued.next);
        let filtered = self.scheduler.filter(&pod);
        let Some(node) = self.scheduler.choose(&pod, &filtered) else {
            let outcome = self.refusal(&pod, &filtered);
            let batch = queued.batch;
            // The others are alike: nothing changes before they are looked at. A claim of its own makes a difference.
            let is_alike = matches!(batch.naming, Naming::Random | Naming::Indexes);
            let name = batch.naming.name(batch.pod.object().name(), queued.next);
            let count = if is_alike { batch.count - queued.next } else { 1 };
            self.say(queued, name, count, outcome, Some(filtered));
            queued.next += count;
            if batch.in_order && queued.next < batch.count {
                let before = batch.naming.name(batch.pod.object().name(), queued.next - 1);
                self.rest(queued, Outcome::Pending { message: format!("waits until {before} runs"), evicts: None });
            }
            return batch.in_order || is_alike;
        };
        self.scheduler.assign(&pod, node);
        self.placed += 1;
        let name = pod.name.into_owned();
        self.say_placed(queued, name, node, filtered);
        queued.next += 1;
        false
    }

    /// Places a pod on each node that a DaemonSet means (`NodeShouldRunDaemonPod`): its selector and affinity match, and
    /// its pods tolerate the taints.
    fn place_daemons(&mut self, queued: &Queued<'a>) {
        let anywhere = to_place(queued, 0);
        let filtered = self.scheduler.filter(&anywhere);
        let is_left_out =
            |it: &Reason| matches!(it, Reason::Narrowed | Reason::NodeName | Reason::Taint(_) | Reason::Affinity);
        let mut nodes: Vec<NodeId> = filtered.candidates.iter().chain(&filtered.unsure).copied().collect();
        nodes.extend(filtered.rejected.iter().filter(|it| !is_left_out(&it.1)).map(|it| it.0));
        if filtered.whole.is_some() {
            nodes = (0..).zip(self.scheduler.nodes()).map(|(at, _)| NodeId(at)).collect();
        }
        order::sort(&mut nodes);
        nodes.dedup();
        for node in nodes {
            let pod = PodToPlace { pinned: Some(node), ..anywhere.clone() };
            let filtered = self.scheduler.filter(&pod);
            let name = pod.name.clone().into_owned();
            if self.scheduler.choose(&pod, &filtered).is_some() {
                self.scheduler.assign(&pod, node);
                self.placed += 1;
                self.say_placed(queued, name, node, filtered);
            } else {
                let outcome = self.refusal(&pod, &filtered);
                self.say(queued, name, 1, outcome, Some(filtered));
            }
        }
    }

    /// Pods that name their node run there, whatever the scheduler thinks of it.
    fn run(&mut self, queued: &Queued<'a>, node: &str) {
        let batch = queued.batch;
        let name = batch.naming.name(batch.pod.object().name(), 0);
        let Some(node) = self.scheduler.node_named(node) else {
            let message = format!("node `{node}` is not there");
            return self.say(queued, name, batch.count, Outcome::Pending { message, evicts: None }, None);
        };
        let count = batch.count.min(MOST_PODS.saturating_sub(self.placed));
        for at in 0..count {
            let pod = to_place(queued, at);
            self.scheduler.assign(&pod, node);
        }
        self.placed += count;
        let here = Filtered { candidates: vec![node], ..Filtered::default() };
        self.say(queued, name, batch.count, Outcome::Placed(vec![(node, batch.count)]), Some(here));
    }

    /// What becomes of a pod that no node can take.
    fn refusal(&mut self, pod: &PodToPlace<'a>, filtered: &Filtered) -> Outcome {
        if filtered.whole.is_none()
            && let Some(node) = filtered.unsure.first().and_then(|it| self.scheduler.nodes().get(it.0 as usize))
        {
            let more = match filtered.unsure.len() {
                1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            return Outcome::Unknown(format!("it is not known how much room {}{more} has", node.name).into());
        }
        let message = self.scheduler.message(pod, filtered);
        let evicts = match self.scheduler.preempt(pod, filtered) {
            Preemption::Victims(node, victims) => Some((node, victims.len())),
            Preemption::Unhelpful(_) => None,
        };
        Outcome::Pending { message, evicts }
    }

    /// Says the same of all that is left of a batch.
    fn rest(&mut self, queued: &mut Queued<'a>, outcome: Outcome) {
        let batch = queued.batch;
        let left = batch.count - queued.next;
        let of = batch.pod.object().name();
        let first = batch.naming.name(of, queued.next);
        let name = match (batch.naming, left) {
            (Naming::Ordinals(start), 2..) => format!("{first} … {}", start.saturating_add(batch.count - 1)),
            _ => first,
        };
        queued.next = batch.count;
        self.say(queued, name, left, outcome, None);
    }

    fn say(&mut self, queued: &Queued<'a>, name: String, count: u64, outcome: Outcome, filtered: Option<Filtered>) {
        let Filtered { candidates, rejected, .. } = filtered.unwrap_or_default();
        let length = candidates.len() + rejected.len();
        let is_listed = self.kept + length <= MOST_KEPT;
        let (candidates, rejected) = if is_listed { (candidates, rejected) } else { (Vec::new(), Vec::new()) };
        self.kept += if is_listed { length } else { 0 };
        let pod = queued.batch.pod;
        let group = PodGroup { pod, name, count, outcome, candidates, rejected, is_listed };
        self.groups.push(Slot { order: queued.order, group });
    }

    /// Says that a pod runs on a node: with those before it, if nobody can tell them apart.
    fn say_placed(&mut self, queued: &Queued<'a>, name: String, node: NodeId, filtered: Filtered) {
        let last = self.groups.last_mut().filter(|it| it.order == queued.order).map(|it| &mut it.group);
        if let Some(PodGroup { outcome: Outcome::Placed(nodes), name: before, count, .. }) = last
            && *before == name
        {
            *count += 1;
            match nodes.iter_mut().find(|it| it.0 == node) {
                Some((_, count)) => *count += 1,
                None => nodes.push((node, 1)),
            }
            return;
        }
        self.say(queued, name, 1, Outcome::Placed(vec![(node, 1)]), Some(filtered));
    }

    pub(crate) fn placement(self) -> Placement<'a> {
        let Self { mut groups, scheduler, version, is_cut, .. } = self;
        order::sort_by_key(&mut groups, |it| it.order);
        Placement { groups: groups.into_iter().map(|it| it.group).collect(), scheduler, version, is_cut }
    }
}

/// The scheduler that a pod asks for, if it is not the default one.
fn other_scheduler(pod: Pod<'_>) -> Option<&str> {
    pod.spec().field().str_at("schedulerName").filter(|it| !matches!(*it, "" | "default-scheduler"))
}

/// One pod of a batch.
fn to_place<'a>(queued: &Queued<'a>, at: u64) -> PodToPlace<'a> {
    let batch = queued.batch;
    let of = batch.pod.object().name();
    let name = match batch.naming {
        Naming::Own => Cow::Borrowed(of),
        naming => Cow::Owned(naming.name(of, at)),
    };
    let ordinal = if let Naming::Ordinals(start) = batch.naming { Some(start.saturating_add(at)) } else { None };
    let labels = match batch.naming {
        Naming::Ordinals(_) => vec![
            (Cow::Borrowed("statefulset.kubernetes.io/pod-name"), name.clone()),
            (Cow::Borrowed("apps.kubernetes.io/pod-index"), Cow::Owned(ordinal.unwrap_or(0).to_string())),
        ],
        Naming::Indexes => {
            vec![(Cow::Borrowed("batch.kubernetes.io/job-completion-index"), Cow::Owned(at.to_string()))]
        }
        _ => Vec::new(),
    };
    let ordinal = ordinal.and_then(|it| i64::try_from(it).ok());
    PodToPlace { name, needs: queued.needs, labels, pinned: None, ordinal }
}
