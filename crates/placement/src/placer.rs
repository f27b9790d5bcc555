//! Places pods one after the other, as a scheduler takes them out of its queue.

use std::borrow::Cow;
use std::cmp::Reverse;

use seaworthy_fleet::Fleet;
use seaworthy_object::{Pod, Selector, Version};
use seaworthy_source::order;

use crate::admission::Admission;
use crate::devices::Devices;
use crate::expand::{Batch, Naming, surge_of_daemons};
use crate::nodes::{Nodes, Unsaid};
use crate::own_pods;
use crate::place::{Outcome, Placement, PodGroup, Run, version_of};
use crate::scheduler::{Filtered, NeedsId, NodeId, PodToPlace, Preemption, Reason, Scheduler, Whole};
use crate::storage::{VolumePod, Volumes};

/// So many pods are looked at: what one cluster may have. The others are unknown.
pub(crate) const MOST_PODS: u64 = 150_000;

/// After so many pods of a workload in a row that have no place, those after them are taken to have none either.
const MOST_REFUSED: u64 = 1000;

/// So many nodes are kept of all lists together: which a pod may run on, and why not on the others.
const MOST_KEPT: usize = 500_000;

/// Places pods.
pub(crate) struct Placer<'f, 'a> {
    fleet: &'f Fleet<'a>,
    pub(crate) scheduler: Scheduler<'a>,
    version: Version,
    is_cut: bool,
    unsaid: Unsaid,
    groups: Vec<Slot<'a>>,
    runs: Vec<Run>,
    looked: u64,
    kept: usize,
    goes_on: &'f dyn Fn() -> bool,
}

/// A group, and the place of its batch among all.
struct Slot<'a> {
    order: usize,
    group: PodGroup<'a>,
}

/// A batch that is to be placed, from one of its pods on.
#[derive(Clone)]
pub(crate) struct Queued<'a> {
    /// The place of the batch among all.
    pub(crate) order: usize,
    pub(crate) batch: Batch<'a>,
    pub(crate) needs: NeedsId,
    pub(crate) priority: i32,
    /// How many of it are done.
    pub(crate) next: u64,
    /// How many in a row had no place.
    pub(crate) refused: u64,
    /// The nodes on which a DaemonSet has its pod already, in order.
    pub(crate) has: Vec<NodeId>,
}

impl<'a> Queued<'a> {
    /// The node that its pods name.
    pub(crate) fn bound_to(&self) -> Option<&'a str> {
        self.batch.pod.spec().field().str_at("nodeName").filter(|it| !it.is_empty())
    }

    /// What one of its pods is called.
    pub(crate) fn name(&self, at: u64) -> String {
        self.batch.naming.name(self.batch.pod.object().name(), at)
    }

    /// One of its pods as the scheduler gets it.
    pub(crate) fn pod(&self, at: u64) -> PodToPlace<'a> {
        let name = match self.batch.naming {
            Naming::Own => Cow::Borrowed(self.batch.pod.object().name()),
            _ => Cow::Owned(self.name(at)),
        };
        let ordinal = self.batch.naming.ordinal(at);
        let labels = match self.batch.naming {
            Naming::Ordinals(_) => vec![
                (Cow::Borrowed("statefulset.kubernetes.io/pod-name"), name.clone()),
                (Cow::Borrowed("apps.kubernetes.io/pod-index"), Cow::Owned(ordinal.unwrap_or(0).to_string())),
            ],
            Naming::Indexes => {
                vec![(Cow::Borrowed("batch.kubernetes.io/job-completion-index"), Cow::Owned(at.to_string()))]
            }
            _ => Vec::new(),
        };
        PodToPlace { name, needs: self.needs, labels, pinned: None, ordinal }
    }
}

impl<'f, 'a> Placer<'f, 'a> {
    /// A cluster of these nodes on which nothing runs.
    pub(crate) fn on(fleet: &'f Fleet<'a>, nodes: Nodes<'a>, volumes: Volumes<'a>) -> Self {
        let version = version_of(fleet);
        let is_cut = nodes.is_cut;
        let (nodes, unsaid) = nodes.into_parts();
        let mut scheduler = Scheduler::new(version, nodes, volumes);
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
        for class in fleet.of_kind("resource.k8s.io", "DeviceClass").filter(|it| fleet.is_last_definition(it)) {
            scheduler.add_device_class(class.name(), class.str_at("spec.extendedResourceName"));
        }
        scheduler.set_devices(Devices::of(fleet, version));
        own_pods::run(fleet, &mut scheduler);
        let (groups, runs) = (Vec::new(), Vec::new());
        Self { fleet, scheduler, version, is_cut, unsaid, groups, runs, looked: 0, kept: 0, goes_on: &|| true }
    }

    /// The same, asking somebody before each pod whether it is still to be placed.
    pub(crate) fn while_wanted(self, goes_on: &'f dyn Fn() -> bool) -> Self {
        Self { goes_on, ..self }
    }

    /// Why no more pods are looked at, if that is so.
    fn end(&self) -> Option<Outcome> {
        if self.looked >= MOST_PODS {
            return Some(too_many());
        }
        (!(self.goes_on)()).then_some(Outcome::Unknown(Cow::Borrowed("nobody wants to know any more")))
    }

    /// Batches as they wait: what admission adds to them is known.
    pub(crate) fn admit(&mut self, batches: &[Batch<'a>]) -> Vec<Queued<'a>> {
        let admission = Admission::of(self.fleet);
        let mut queue = Vec::with_capacity(batches.len());
        for (order, &batch) in batches.iter().enumerate() {
            let admitted = admission.admit(batch.pod);
            let priority = admission.priority(batch.pod);
            let needs = self.scheduler.needs(batch.pod, &admitted);
            queue.push(Queued { order, batch, needs, priority, next: 0, refused: 0, has: Vec::new() });
        }
        queue
    }

    /// Lets those run that name their node; the others are left.
    pub(crate) fn run_bound(&mut self, mut queue: Vec<Queued<'a>>) -> Vec<Queued<'a>> {
        queue.retain(|it| match it.bound_to() {
            Some(node) => {
                self.run(it, node);
                false
            }
            None => true,
        });
        queue
    }

    /// Places batches by priority, of one priority first what runs on every node, and then as they stand. Where a
    /// workload makes its pods one after the other, the next one comes after all others. What rolls out from node to
    /// node comes last: everything else runs by then.
    pub(crate) fn place(&mut self, mut queue: Vec<Queued<'a>>) {
        order::sort_by_key(&mut queue, |it| {
            let naming = it.batch.naming;
            (naming == Naming::Turns, Reverse(it.priority), naming != Naming::Nodes, it.order)
        });
        let mut rest = queue.into_iter().peekable();
        while let Some(first) = rest.next() {
            let (priority, rolls) = (first.priority, first.batch.naming == Naming::Turns);
            let mut round = vec![first];
            while let Some(next) =
                rest.next_if(|it| it.priority == priority && (it.batch.naming == Naming::Turns) == rolls)
            {
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
        if matches!(batch.naming, Naming::Nodes | Naming::Turns) {
            self.place_daemons(queued);
            return false;
        }
        while queued.next < batch.count {
            let goes_on = self.place_next(queued);
            if !goes_on || batch.in_order {
                return goes_on && queued.next < batch.count;
            }
        }
        false
    }

    /// Places the next pod of a batch; false if with it all others are done.
    fn place_next(&mut self, queued: &mut Queued<'a>) -> bool {
        if let Some(outcome) = self.end() {
            self.rest(queued, outcome);
            return false;
        }
        self.looked += 1;
        let at = queued.next;
        let pod = queued.pod(at);
        let filtered = self.scheduler.filter(&pod);
        let Some(node) = self.choose(&pod, &filtered) else {
            let outcome = self.refusal(queued.batch.pod, &pod, &filtered);
            return self.refuse(queued, outcome, filtered);
        };
        let id = self.scheduler.assign(&pod, node);
        self.runs.push(Run { order: queued.order, at, pod: id, node });
        queued.next += 1;
        queued.refused = 0;
        self.say_placed(queued, pod.name.into_owned(), node, Some(filtered));
        true
    }

    /// Says why the next pod of a batch has no place, and what that means for the others; true if they are looked at.
    fn refuse(&mut self, queued: &mut Queued<'a>, outcome: Outcome, filtered: Filtered) -> bool {
        let batch = queued.batch;
        let name = queued.name(queued.next);
        queued.refused += 1;
        // Those that are alike hear the same: nothing changes before they are looked at.
        let is_alike = match batch.naming {
            Naming::Ordinals(_) => !batch.in_order && batch.pod.object().at("spec.volumeClaimTemplates").is_none(),
            naming => naming != Naming::Own,
        };
        if !is_alike || matches!(batch.naming, Naming::Ordinals(_)) {
            self.say(queued, name.clone(), 1, outcome.clone(), Some(filtered));
            queued.next += 1;
        } else {
            let count = batch.count - queued.next;
            self.say(queued, name.clone(), count, outcome.clone(), Some(filtered));
            queued.next = batch.count;
        }
        if queued.next < batch.count {
            if batch.in_order {
                let message = format!("waits until {name} runs");
                let is_known = matches!(outcome, Outcome::Pending { .. });
                let waits = if is_known {
                    Outcome::Pending { message, evicts: None }
                } else {
                    Outcome::Unknown(message.into())
                };
                self.rest(queued, waits);
            } else if is_alike || queued.refused >= MOST_REFUSED {
                self.rest(queued, outcome);
            } else {
                return true;
            }
        }
        false
    }

    /// Places a pod on each node that a DaemonSet means. In the middle of a rollout as many get a second one as may
    /// have it at a time; the turn of the others comes later, and the rollout stops at a node without room.
    fn place_daemons(&mut self, queued: &Queued<'a>) {
        let anywhere = queued.pod(0);
        let mut nodes = self.nodes_of_daemons(&anywhere);
        let most = match queued.batch.naming {
            Naming::Turns => surge_of_daemons(queued.batch.pod.object(), nodes.len()),
            _ => usize::MAX,
        };
        let mut left = most.saturating_sub(queued.has.len());
        nodes.retain(|it| queued.has.binary_search(it).is_err());
        let all = nodes.len() as u64;
        for (node, done) in nodes.into_iter().zip(0..) {
            if let Some(outcome) = self.end() {
                return self.say(queued, anywhere.name.into_owned(), all - done, outcome, None);
            }
            self.looked += 1;
            let pod = PodToPlace { pinned: Some(node), ..anywhere.clone() };
            let mut filtered = self.scheduler.filter(&pod);
            let name = pod.name.clone().into_owned();
            if self.choose(&pod, &filtered).is_none() {
                let outcome = self.refusal(queued.batch.pod, &pod, &filtered);
                filtered.rejected.retain(|it| it.0 == node);
                self.say(queued, name, 1, outcome, Some(filtered));
            } else if left > 0 {
                left -= 1;
                let id = self.scheduler.assign(&pod, node);
                self.runs.push(Run { order: queued.order, at: 0, pod: id, node });
                self.say_placed(queued, name, node, Some(filtered));
            }
        }
    }

    /// The nodes that a DaemonSet means (`NodeShouldRunDaemonPod`), in order: its selector and affinity match, and its
    /// pods tolerate the taints.
    fn nodes_of_daemons(&mut self, anywhere: &PodToPlace<'a>) -> Vec<NodeId> {
        let filtered = self.scheduler.filter(anywhere);
        let is_left_out =
            |it: &Reason| matches!(it, Reason::Narrowed | Reason::NodeName | Reason::Taint(_) | Reason::Affinity);
        let mut nodes: Vec<NodeId> = filtered.candidates.iter().chain(&filtered.unsure).copied().collect();
        nodes.extend(filtered.rejected.iter().filter(|it| !is_left_out(&it.1)).map(|it| it.0));
        if filtered.whole.is_some() {
            nodes = (0..).zip(self.scheduler.nodes()).map(|(at, _)| NodeId(at)).collect();
        }
        order::sort(&mut nodes);
        nodes.dedup();
        nodes
    }

    /// Pods that name their node run there, whatever the scheduler thinks of it.
    fn run(&mut self, queued: &Queued<'a>, name: &str) {
        let Some(node) = self.scheduler.node_named(name) else {
            let message = format!("node `{name}` is not there");
            let outcome = Outcome::Pending { message, evicts: None };
            return self.say(queued, queued.name(0), queued.batch.count, outcome, None);
        };
        let count = queued.batch.count.min(MOST_PODS.saturating_sub(self.looked));
        self.looked += count;
        (0..count).for_each(|at| self.keep(queued, at, node));
        if count < queued.batch.count {
            self.say(queued, queued.name(count), queued.batch.count - count, too_many(), None);
        }
    }

    /// A pod runs on a node already.
    pub(crate) fn keep(&mut self, queued: &Queued<'a>, at: u64, node: NodeId) {
        let mut pod = queued.pod(at);
        pod.pinned = matches!(queued.batch.naming, Naming::Nodes | Naming::Turns).then_some(node);
        let id = self.scheduler.assign(&pod, node);
        self.runs.push(Run { order: queued.order, at, pod: id, node });
        let here =
            (queued.batch.naming == Naming::Own).then(|| Filtered { candidates: vec![node], ..Filtered::default() });
        self.say_placed(queued, pod.name.into_owned(), node, here);
    }

    /// The node that the scheduler takes; none if there is none, or if it may have taints that nobody lists.
    fn choose(&mut self, pod: &PodToPlace<'a>, filtered: &Filtered) -> Option<NodeId> {
        let node = self.scheduler.choose(pod, filtered)?;
        let is_doubtful = |node: &NodeId| self.unsaid.of(*node).taints;
        if self.unsaid.is_nothing() || !is_doubtful(&node) {
            return Some(node);
        }
        filtered.candidates.iter().copied().find(|it| !is_doubtful(it))
    }

    /// What becomes of a pod that no node can take for sure.
    fn refusal(&mut self, of: Pod<'a>, pod: &PodToPlace<'a>, filtered: &Filtered) -> Outcome {
        let doubt = match filtered.whole {
            None => self.doubt(of, pod, filtered),
            Some(Whole::NoNodes) => self.more_nodes(),
            Some(_) => None,
        };
        if let Some(why) = doubt {
            return Outcome::Unknown(why);
        }
        let message = self.scheduler.message(pod, filtered);
        // The scheduler has just tried it, and keeps what came of it.
        let evicts = match self.scheduler.preempt(pod, filtered) {
            Preemption::Victims(node, victims) => Some((node, victims.len())),
            Preemption::Unhelpful(_) => None,
        };
        Outcome::Pending { message, evicts }
    }

    /// Why nobody can say whether a pod that no node takes for sure has a place.
    fn doubt(&self, of: Pod<'a>, pod: &PodToPlace<'a>, filtered: &Filtered) -> Option<Cow<'static, str>> {
        let named = |id: NodeId| self.scheduler.nodes().get(id.0 as usize).map_or("", |it| &*it.name);
        if let Some(&node) = filtered.candidates.first() {
            return Some(format!("{} may have taints that are not listed", named(node)).into());
        }
        if let Some(&node) = filtered.unsure.first() {
            let asked = VolumePod { pod: of, name: &pod.name, ordinal: pod.ordinal };
            if let Some(why) = self.scheduler.volumes().volumes_of(asked).doubt() {
                let why = if why.contains("claim") { why.into() } else { format!("a claim of it: {why}").into() };
                return Some(why);
            }
            if let Some(why) = self.scheduler.devices_doubt(pod, node) {
                return Some(why.into());
            }
            if self.scheduler.may_lack_features(pod.needs, node) {
                return Some(format!("nobody says what the kubelet of {} can do", named(node)).into());
            }
            let others = filtered.unsure.len() - 1;
            let others = if others == 0 { String::new() } else { format!(" and {others} more") };
            return Some(format!("nobody says how much room {}{others} has", named(node)).into());
        }
        if let Some(why) = self.more_nodes() {
            return Some(why);
        }
        let of_labels = |it: &&(NodeId, Reason)| {
            matches!(it.1, Reason::Narrowed | Reason::Affinity | Reason::SpreadLabel | Reason::Volume(_))
        };
        let mut asked = None;
        filtered.rejected.iter().filter(of_labels).find_map(|it| {
            let hidden = self.unsaid.of(it.0);
            let node = self.scheduler.nodes().get(it.0.0 as usize)?;
            let asked = asked.get_or_insert_with(|| labels_asked(of));
            let mut lacking = asked.iter().filter(|key| node.label(key).is_none());
            if let Some(key) = lacking.clone().find(|key| hidden.system && is_of_system(key)) {
                return Some(format!("nobody lists the label {key} of {}", node.name).into());
            }
            let may_match = hidden.labels && (lacking.next().is_some() || matches!(it.1, Reason::Volume(_)));
            may_match.then(|| format!("{} may have labels that are not listed", node.name).into())
        })
    }

    fn more_nodes(&self) -> Option<Cow<'static, str>> {
        self.unsaid.may_be_more.then_some(Cow::Borrowed("there may be more nodes than are known"))
    }

    /// Says the same of all that is left of a batch.
    pub(crate) fn rest(&mut self, queued: &mut Queued<'a>, outcome: Outcome) {
        let batch = queued.batch;
        let left = batch.count - queued.next;
        let name = match (batch.naming, left) {
            (Naming::Ordinals(_), 2..) => format!("{} … {}", queued.name(queued.next), queued.name(batch.count - 1)),
            _ => queued.name(queued.next),
        };
        queued.next = batch.count;
        self.say(queued, name, left, outcome, None);
    }

    pub(crate) fn say(
        &mut self,
        queued: &Queued<'a>,
        name: String,
        count: u64,
        outcome: Outcome,
        filtered: Option<Filtered>,
    ) {
        let is_given = filtered.is_some();
        let Filtered { candidates, rejected, .. } = filtered.unwrap_or_default();
        let length = candidates.len() + rejected.len();
        let is_listed = is_given && self.kept + length <= MOST_KEPT;
        let (candidates, rejected) = if is_listed { (candidates, rejected) } else { (Vec::new(), Vec::new()) };
        self.kept += if is_listed { length } else { 0 };
        let group = PodGroup { pod: queued.batch.pod, name, count, outcome, candidates, rejected, is_listed };
        self.groups.push(Slot { order: queued.order, group });
    }

    /// Says that a pod runs on a node: with those before it, if nobody can tell them apart.
    fn say_placed(&mut self, queued: &Queued<'a>, name: String, node: NodeId, filtered: Option<Filtered>) {
        let last = self.groups.last_mut().filter(|it| it.order == queued.order).map(|it| &mut it.group);
        if let Some(PodGroup { outcome: Outcome::Placed(nodes), name: before, count, .. }) = last
            && *before == name
        {
            *count += 1;
            match nodes.binary_search_by_key(&node, |it| it.0) {
                Ok(at) => nodes.get_mut(at).into_iter().for_each(|it| it.1 += 1),
                Err(at) => nodes.insert(at, (node, 1)),
            }
            return;
        }
        self.say(queued, name, 1, Outcome::Placed(vec![(node, 1)]), filtered);
    }

    pub(crate) fn placement(self, batches: Vec<Batch<'a>>) -> Placement<'a> {
        let Self { mut groups, scheduler, version, is_cut, runs, .. } = self;
        order::sort_by_key(&mut groups, |it| it.order);
        Placement { groups: groups.into_iter().map(|it| it.group).collect(), scheduler, version, is_cut, batches, runs }
    }
}

/// What is said of pods after the last that is looked at.
fn too_many() -> Outcome {
    Outcome::Unknown(format!("more than {MOST_PODS} pods: those after them are not looked at").into())
}

/// The scheduler that a pod asks for, if it is not the default one.
fn other_scheduler(pod: Pod<'_>) -> Option<&str> {
    pod.spec().field().str_at("schedulerName").filter(|it| !matches!(*it, "" | "default-scheduler"))
}

/// The labels of nodes that a pod asks for by its selector, its affinity and its spread.
fn labels_asked(pod: Pod<'_>) -> Vec<&str> {
    let spec = pod.spec().field();
    let selector = spec.get("nodeSelector").into_iter().flat_map(|it| it.entries()).map(|it| it.0);
    let terms = spec.items_at("affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms");
    let terms = terms.flat_map(|it| it.items_at("matchExpressions")).filter_map(|it| it.str_at("key"));
    let spread = spec.items_at("topologySpreadConstraints").filter_map(|it| it.str_at("topologyKey"));
    selector.chain(terms).chain(spread).collect()
}

/// True for labels that kubelets and clouds give to nodes, so that documents of groups do not list them.
fn is_of_system(key: &str) -> bool {
    const DOMAINS: [&str; 7] =
        ["kubernetes.io", "k8s.io", "eksctl.io", "eks.amazonaws.com", "cloud.google.com", "azure.com", "karpenter.sh"];
    let domain = key.split_once('/').map_or("", |it| it.0);
    DOMAINS.iter().any(|it| domain.strip_suffix(it).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}
