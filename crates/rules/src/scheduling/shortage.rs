//! The pods that find no node, and whether an empty cluster would help them.

use seaworthy_fleet::{Fleet, Match};
use seaworthy_object::{Field, Object, Place, Pod, Selector};
use seaworthy_placement::{Cluster, Outcome, Placement, PodGroup, Reason};

use super::nodes::{are_all, known};

/// So many workloads are tried alone; where more are left over, the cluster is too small for all of them.
const TRIED: usize = 64;

/// A workload some of whose pods find no node, with all groups of nodes as large as they may get.
pub(super) struct LeftOver<'a> {
    pub(super) pod: Pod<'a>,
    /// How many pods of it find none.
    pub(super) count: u64,
    /// How many it has.
    pub(super) of: u64,
    /// What the scheduler says of the first.
    pub(super) message: String,
    /// Why it runs on none of the nodes.
    reasons: Vec<Reason>,
    /// True if an eviction would make room.
    pub(super) may_evict: bool,
}

/// The fleet on its cluster, as large as it may get.
pub(super) struct Shortage<'c, 'a> {
    pub(super) left_over: Vec<LeftOver<'a>>,
    /// The whole placement, where the cluster can grow.
    pub(super) grown: Option<&'c Placement<'a>>,
}

impl<'c, 'a> Shortage<'c, 'a> {
    /// What is left over; none where all pods have a node, or nobody knows.
    pub(super) fn of(fleet: &Fleet<'a>, cluster: &'c Cluster<'_, 'a>) -> Option<Self> {
        let nodes = known(fleet);
        let now = cluster.placement();
        if !are_all(fleet, &nodes) || now.pending() == 0 {
            return None;
        }
        let can_grow = nodes.iter().any(|it| it.max.is_some_and(|max| max > it.count));
        let grown = can_grow.then(|| cluster.grown());
        let left_over = left_over(grown.unwrap_or(now).pods());
        (!left_over.is_empty()).then_some(Self { left_over, grown })
    }
}

fn left_over<'a>(groups: &[PodGroup<'a>]) -> Vec<LeftOver<'a>> {
    let mut all: Vec<LeftOver<'a>> = Vec::new();
    for of_one in groups.chunk_by(|a, b| a.pod.object().root() == b.pod.object().root()) {
        let total = of_one.iter().fold(0, |sum, it| it.count.saturating_add(sum));
        let mut found: Option<LeftOver<'a>> = None;
        for group in of_one {
            let (message, evicts) = match &group.outcome {
                Outcome::Placed(_) => continue,
                Outcome::Pending { message, evicts } => (message, evicts),
                // Those that wait for it may well run.
                Outcome::Unknown(_) => break,
            };
            let count = group.count;
            match &mut found {
                Some(it) => it.count = it.count.saturating_add(count),
                None => {
                    found = Some(LeftOver {
                        pod: group.pod,
                        count,
                        of: total,
                        message: message.clone(),
                        reasons: group.rejected.iter().map(|it| it.1).collect(),
                        may_evict: evicts.is_some(),
                    });
                }
            }
        }
        all.extend(found);
    }
    all
}

/// What an empty cluster does for a workload that is left over.
pub(super) enum Alone<'a> {
    /// Pods of it are left over there too, for a reason that no room helps against.
    Unfit(LeftOver<'a>),
    /// They run there, or would if there were more room.
    Crowded,
    /// Its claims hold it back, of which the rules of storage speak.
    Held,
    /// Nobody knows: not all labels of nodes are stated, or another pod has to run beside it.
    Unknown(&'static str),
}

impl<'a> Shortage<'_, 'a> {
    /// Each workload that is left over, with what an empty cluster does for it.
    pub(super) fn alone(&self, fleet: &Fleet<'a>, cluster: &Cluster<'_, 'a>) -> Vec<(&LeftOver<'a>, Alone<'a>)> {
        let all_given = known(fleet).iter().all(|it| it.is_node);
        let may_grow = known(fleet).iter().any(|it| it.open.count);
        let each = self.left_over.iter().enumerate();
        let each = each.map(|(at, it)| {
            let alone = match at {
                ..TRIED if !it.may_evict => try_alone(it, fleet, cluster, all_given, may_grow),
                _ => Alone::Crowded,
            };
            (it, alone)
        });
        each.collect()
    }
}

/// True if the pod has to run beside pods that are certainly nowhere.
fn seeks_nobody<'a>(fleet: &Fleet<'a>, pod: Pod<'a>) -> bool {
    let mut terms = pod.spec().field().items_at(POD_AFFINITY);
    terms.any(|term| {
        let elsewhere = ["namespaces", "namespaceSelector"].iter().any(|key| term.get(key).is_some());
        let selector = term.get("labelSelector").map(Selector::from_label_selector);
        let nobody = |it: Selector<'_>| matches!(fleet.matched(pod.namespace(), &it), Match::Nothing);
        !elsewhere && selector.is_some_and(nobody)
    })
}

const POD_AFFINITY: &str = "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution";

fn try_alone<'a>(
    of: &LeftOver<'a>,
    fleet: &Fleet<'a>,
    cluster: &Cluster<'_, 'a>,
    all_given: bool,
    may_grow: bool,
) -> Alone<'a> {
    let groups = cluster.alone(of.pod);
    let Some(left) = left_over(&groups).into_iter().next() else { return Alone::Crowded };
    let some_run = groups.iter().any(|it| matches!(it.outcome, Outcome::Placed(_)));
    let by_label = |it: &Reason| {
        matches!(it, Reason::Narrowed | Reason::Affinity | Reason::SpreadLabel | Reason::PodAffinity | Reason::NodeName)
    };
    let by_room = |it: &Reason| matches!(it, Reason::Insufficient(_) | Reason::TooManyPods | Reason::HostPort);
    if left.reasons.contains(&Reason::PodAffinity) && !seeks_nobody(fleet, of.pod) {
        return Alone::Unknown("another pod has to run beside it");
    }
    let names_its_node = of.pod.spec().at("nodeName").is_some();
    let is_gated = of.pod.spec().field().items_at("schedulingGates").next().is_some();
    if left.reasons.is_empty() && !names_its_node && !is_gated {
        return Alone::Held;
    }
    if !all_given && (names_its_node || left.reasons.iter().any(by_label)) {
        return Alone::Unknown("not all labels of the nodes are stated");
    }
    if some_run && (may_grow || left.reasons.iter().any(by_room)) {
        return Alone::Crowded;
    }
    Alone::Unfit(left)
}

/// Where to point at a workload.
pub(super) fn place_of<'a>(pod: Pod<'a>) -> Place<'a> {
    let object: &'a Object<'a> = pod.object();
    object.at("spec.replicas").map_or_else(|| object.place(), |it: Field<'a>| it.place())
}

impl<'a> LeftOver<'a> {
    /// What of the pod keeps it off the nodes, where it is one field. What a node asks for, as taints do, is left out.
    pub(super) fn cause(&self) -> Option<Place<'a>> {
        let mut fields = self.reasons.iter().filter_map(|reason| asks(self.pod, *reason));
        let Some(first) = fields.next() else {
            // Nodes are not looked at for such a pod.
            let spec = self.pod.spec().field();
            return ["schedulingGates", "nodeName"].iter().find_map(|key| spec.get(key)).map(|it| it.place());
        };
        fields.all(|it| it.node() == first.node()).then(|| first.place())
    }
}

/// The field of a pod for which a node is none for it.
fn asks<'a>(pod: Pod<'a>, reason: Reason) -> Option<Field<'a>> {
    let spec = pod.spec().field();
    match reason {
        Reason::Narrowed | Reason::Affinity => spec.get("nodeSelector").or_else(|| spec.at("affinity.nodeAffinity")),
        Reason::NodeName => spec.get("nodeName"),
        Reason::PodAffinity => spec.at("affinity.podAffinity"),
        Reason::PodAntiAffinity => spec.at("affinity.podAntiAffinity"),
        Reason::Spread | Reason::SpreadLabel => spec.get("topologySpreadConstraints"),
        Reason::Insufficient(_) | Reason::Exceeds(_) => {
            let mut requests = spec.items_at("containers").filter_map(|it| it.at("resources.requests"));
            requests.next().filter(|_| requests.next().is_none())
        }
        _ => None,
    }
}

/// `2 of 5 pods of Deployment `web``, or the pod itself.
pub(super) fn called(it: &LeftOver<'_>) -> String {
    match (it.pod.is_bare(), it.count == it.of) {
        (true, _) => it.pod.object().reference().to_string(),
        (false, true) => format!("the pods of {}", it.pod.object().reference()),
        (false, false) => format!("{} of {} pods of {}", it.count, it.of, it.pod.object().reference()),
    }
}
