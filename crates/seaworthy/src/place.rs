//! A fleet placed on its cluster, as people and programs read it.

use seaworthy_fleet::{Fleet, NodeFacts, Taint, nearest};
use seaworthy_object::{Pod, Quantity};
use seaworthy_placement::{
    Binding, Bindings, Fate, Groups, Node, NodeId, Outcome, Placement as Placed, PodGroup, Question, Reason, Scale,
    Verdict, Without, count_own_pods, knows_nodes,
};
use seaworthy_source::order;
use serde::Serialize;

use crate::understanding::Understanding;

/// A fleet on its cluster. Serialises as the JSON of `place`.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Placement {
    /// The version of this shape.
    pub schema: u32,
    /// The Kubernetes version whose scheduler is meant: the newest of those asked for.
    pub kubernetes_version: String,
    /// The pods, in the order of their objects; those of a workload that nobody can tell apart stand together.
    pub pods: Vec<PodPlacement>,
    /// The claims: those that stand in the set, then those that controllers make.
    pub claims: Vec<ClaimPlacement>,
    /// The nodes.
    pub nodes: Vec<NodePlacement>,
    /// All in numbers.
    pub summary: PlacementSummary,
}

/// What becomes of pods.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodPlacement {
    /// `namespace/name`; `*` stands for what only the cluster knows.
    pub pod: String,
    /// What makes it: `StatefulSet/web`; none for a pod that stands for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// How many there are.
    pub replicas: u64,
    /// `placed`, `pending` or `unknown`.
    pub verdict: &'static str,
    /// The nodes they run on.
    pub on: Vec<PodsOnNode>,
    /// Every node that passes the scheduler's filters, for the first of them; none if there were too many to list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Vec<String>>,
    /// The scheduler's text for a pending pod, word for word, or why the scheduler is not asked; for an unknown one why
    /// nobody knows.
    pub message: String,
    /// Where the scheduler would evict pods of a lower priority to make room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evicts: Option<PodsOnNode>,
    /// Why the first of them cannot run on other nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes: Option<Vec<NodeReasons>>,
}

/// So many pods on a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PodsOnNode {
    /// The node.
    pub node: String,
    /// How many.
    pub pods: u64,
}

/// Why a node is none for a pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NodeReasons {
    /// The node.
    pub node: String,
    /// The reasons in the scheduler's words.
    pub reasons: Vec<String>,
}

/// What becomes of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimPlacement {
    /// `namespace/name`.
    pub claim: String,
    /// `bound`, `waits`, `provisioned`, `pending` or `unknown`.
    pub verdict: &'static str,
    /// The volume it binds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
    /// True if it may come otherwise: claims are served in any order, and of volumes that are alike any is taken.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ambiguous: bool,
    /// The verdict in words.
    pub message: String,
}

/// A node and what its pods request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NodePlacement {
    /// Its name.
    pub node: String,
    /// Its zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// What it has and what is requested of it: cpu, memory, ephemeral storage, pods, then others.
    pub resources: Vec<ResourcePlacement>,
}

/// A resource of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourcePlacement {
    /// Its name: `cpu`, `memory`, `pods`, …
    pub resource: String,
    /// What pods can have; none if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocatable: Option<String>,
    /// What they request.
    pub requested: String,
    /// The share that is requested, in per cent; none if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<u64>,
}

/// Why nothing can be placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotPlaced {
    /// No node is known.
    NoNodes {
        /// What was given of a cluster and cannot be used, with the reason.
        unread: Vec<String>,
    },
    /// What is to fail is not there.
    NoSuch {
        /// What was asked for: `node=node-a`.
        what: String,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
}

/// All in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacementSummary {
    /// The nodes.
    pub nodes: usize,
    /// True if there are more nodes than were looked at.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub nodes_cut: bool,
    /// The pods.
    pub pods: u64,
    /// Those that run.
    pub placed: u64,
    /// Those that wait.
    pub pending: u64,
    /// Those of which nobody knows.
    pub unknown: u64,
    /// The claims that never bind.
    pub claims_pending: usize,
    /// What the platform runs itself, which is none of `pods` and takes room too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_pods: Option<OwnPods>,
    /// The same with every autoscaler at its maximum, where that makes a difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hpa_max: Option<PodsPending>,
    /// The same with every group of nodes at its maximum, where something waits and a group can grow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_groups_max: Option<PodsPending>,
    /// What each single failure leaves without a place, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failures: Option<Vec<Failure>>,
}

/// How many pods a platform runs itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnPods {
    /// On each node, those of the control plane aside.
    pub each_node: u64,
    /// Beside these, in the whole cluster.
    pub cluster: u64,
}

impl OwnPods {
    fn of(fleet: &Fleet<'_>) -> Option<Self> {
        let (cluster, each_node) = count_own_pods(fleet);
        (cluster + each_node > 0).then_some(Self { each_node, cluster })
    }
}

/// How many pods wait, of how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PodsPending {
    /// The pods.
    pub pods: u64,
    /// Those that wait.
    pub pending: u64,
    /// What grows, with its maximum: `web 12`.
    pub of: Vec<String>,
}

/// A failure, and what it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// `node=node-a` or `zone=us-east-1a`.
    pub without: String,
    /// How many pods then wait that ran before.
    pub pending: u64,
    /// Which, by the names of their workloads: `Deployment/web`.
    pub of: Vec<String>,
}

/// For more nodes than this, nobody asks what each single failure leaves.
const MOST_FAILURES: usize = 200;

impl Placement {
    /// Places a fleet; with `failures` also tells what each single failure leaves.
    pub(crate) fn of(
        understanding: &Understanding<'_>,
        question: &Question,
        failures: bool,
    ) -> Result<Self, NotPlaced> {
        let fleet = &understanding.fleet;
        let bindings = Bindings::of(fleet);
        if !knows_nodes(fleet) && question.add.is_empty() {
            return Err(NotPlaced::NoNodes { unread: unread(understanding) });
        }
        let mut placed = Placed::of(fleet, &bindings, &Question { without: Vec::new(), ..question.clone() });
        question.without.iter().try_for_each(|gone| is_there(&placed, gone))?;
        if !question.without.is_empty() {
            placed = placed.after(fleet, &bindings, question);
        }
        let claims: Vec<_> =
            bindings.all().iter().enumerate().map(|(at, it)| claim(&bindings, &placed, at, it)).collect();
        let (pods, pending, unknown) = (placed.count(), placed.pending(), placed.unknown());
        let summary = PlacementSummary {
            nodes: placed.nodes().len(),
            nodes_cut: placed.is_cut(),
            pods,
            placed: pods.saturating_sub(pending).saturating_sub(unknown),
            pending,
            unknown,
            claims_pending: claims.iter().filter(|it| it.verdict == "pending").count(),
            own_pods: OwnPods::of(fleet),
            at_hpa_max: scaled(fleet, question).and_then(|of| {
                let larger = Placed::of(fleet, &bindings, &Question { scale: Scale::HpaMax, ..question.clone() });
                (larger.count() > pods).then(|| PodsPending::of(&larger, of))
            }),
            at_groups_max: Some(growing(fleet)).filter(|of| !of.is_empty() && pending > 0).and_then(|of| {
                let larger = Placed::of(fleet, &bindings, &Question { groups: Groups::Max, ..question.clone() });
                // Groups count for nothing where nodes are given one by one.
                (larger.nodes().len() > placed.nodes().len()).then(|| PodsPending::of(&larger, of))
            }),
            failures: (failures && placed.nodes().len() <= MOST_FAILURES)
                .then(|| self::failures(fleet, &bindings, question, &placed)),
        };
        Ok(Self {
            schema: 1,
            kubernetes_version: placed.version().to_string(),
            pods: placed.pods().iter().map(|it| pod(&placed, it)).collect(),
            nodes: (0..).zip(placed.nodes()).map(|(at, _)| node(&placed, NodeId(at))).collect(),
            summary,
            claims,
        })
    }
}

impl PodsPending {
    fn of(placed: &Placed<'_>, of: Vec<String>) -> Self {
        Self { pods: placed.count(), pending: placed.pending(), of }
    }
}

/// Refuses a failure of what is not there.
fn is_there(placed: &Placed<'_>, gone: &Without) -> Result<(), NotPlaced> {
    if placed.nodes().iter().any(|it| gone.takes(it)) {
        return Ok(());
    }
    let (name, of): (&str, fn(&Node<'_>) -> Option<String>) = match gone {
        Without::Node(name) => (name, |it| Some(it.name.to_string())),
        Without::Zone(zone) => (zone, |it| it.zone().map(str::to_owned)),
    };
    let names: Vec<String> = placed.nodes().iter().filter_map(of).collect();
    let nearest = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
    Err(NotPlaced::NoSuch { what: words(gone), nearest })
}

/// As the command line says it: `node=node-a`.
fn words(gone: &Without) -> String {
    match gone {
        Without::Node(name) => format!("node={name}"),
        Without::Zone(name) => format!("zone={name}"),
    }
}

/// What was given of a cluster and cannot be used.
fn unread(understanding: &Understanding<'_>) -> Vec<String> {
    let Understanding { fleet, unread_facts, sources, .. } = understanding;
    let mut unread: Vec<String> = unread_facts.iter().map(|it| format!("{}: {}", it.refers_to, it.why)).collect();
    let files: Vec<&str> = (fleet.clusters().iter())
        .filter_map(|it| Some(sources.get(it.root()?.document().source().index())?.name()))
        .collect();
    if files.len() > 1 {
        unread.push(format!("several clusters are described, and --cluster says which is meant: {}", files.join(", ")));
    }
    unread
}

/// The workloads that autoscalers drive, each with the most pods it may have; none if the question is about another
/// size already.
fn scaled<'a>(fleet: &Fleet<'a>, question: &Question) -> Option<Vec<String>> {
    let of_workload = |it: &Pod<'a>| {
        let scalers = fleet.autoscalers_of(it.object()).filter(|it| it.sets_replicas());
        let max = scalers.filter_map(|it| it.bounds()).map(|it| it.1).next()?;
        Some(format!("{} {max}", it.object().name()))
    };
    let of: Vec<String> = fleet.pods().iter().filter_map(of_workload).collect();
    (question.scale == Scale::Declared && question.without.is_empty() && !of.is_empty()).then_some(of)
}

/// The groups that can grow, each with the most nodes it may have.
fn growing(fleet: &Fleet<'_>) -> Vec<String> {
    let grows = |it: &&NodeFacts| it.max.is_some_and(|max| max > it.count);
    let name = |it: &NodeFacts| format!("{} {}", it.name.as_deref().unwrap_or("nodes"), it.max.unwrap_or(0));
    fleet.facts().nodes.iter().filter(grows).map(name).collect()
}

/// What each single failure of a node or a zone leaves without a place.
fn failures<'a>(fleet: &Fleet<'a>, bindings: &Bindings<'a>, question: &Question, placed: &Placed<'a>) -> Vec<Failure> {
    let mut zones: Vec<&str> = placed.nodes().iter().filter_map(|it| it.zone()).collect();
    order::sort(&mut zones);
    zones.dedup();
    let zones = if zones.len() > 1 { zones } else { Vec::new() };
    let zones = zones.into_iter().map(|it| Without::Zone(it.to_owned()));
    let nodes = placed.nodes().iter().map(|it| Without::Node(it.name.to_string()));
    let mut before = pending_by_owner(placed);
    order::sort(&mut before);
    let failure = |gone: Without| {
        let without = words(&gone);
        let after = placed.after(fleet, bindings, &question.without(gone));
        let grown = pending_by_owner(&after);
        let more = |it: &(String, u64)| {
            let at = before.binary_search_by(|before| before.0.cmp(&it.0)).ok();
            it.1.saturating_sub(at.and_then(|at| before.get(at)).map_or(0, |it| it.1))
        };
        Failure {
            without,
            pending: grown.iter().map(more).fold(0, u64::saturating_add),
            of: grown.iter().filter(|it| more(it) > 0).map(|it| it.0.clone()).collect(),
        }
    };
    nodes.chain(zones).map(failure).collect()
}

/// How many pods wait, by who makes them; those without a namespace of their own are in `default`.
fn pending_by_owner(placed: &Placed<'_>) -> Vec<(String, u64)> {
    let mut pending: Vec<(String, u64)> = Vec::new();
    for group in placed.pods().iter().filter(|it| matches!(it.outcome, Outcome::Pending { .. })) {
        let object = group.pod.object();
        let name = match group.pod.namespace() {
            "default" => format!("{}/{}", object.kind(), object.name()),
            namespace => format!("{}/{} ({namespace})", object.kind(), object.name()),
        };
        // The groups of one owner stand together.
        match pending.last_mut().filter(|it| it.0 == name) {
            Some(last) => last.1 = last.1.saturating_add(group.count),
            None => pending.push((name, group.count)),
        }
    }
    pending
}

fn pod(placed: &Placed<'_>, group: &PodGroup<'_>) -> PodPlacement {
    let object = group.pod.object();
    let name = |id: NodeId| placed.node(id).map_or_else(String::new, |it| it.name.to_string());
    let (verdict, on, message, evicts) = match &group.outcome {
        Outcome::Placed(nodes) => ("placed", nodes.as_slice(), "", None),
        Outcome::Pending { message, evicts } => ("pending", &[][..], message.as_str(), *evicts),
        Outcome::Unknown(why) => ("unknown", &[][..], &**why, None),
    };
    let listed = || group.is_listed.then_some(());
    PodPlacement {
        pod: format!("{}/{}", group.pod.namespace(), group.name),
        owner: (!group.pod.is_bare()).then(|| format!("{}/{}", object.kind(), object.name())),
        replicas: group.count,
        verdict,
        on: on.iter().map(|&(id, pods)| PodsOnNode { node: name(id), pods }).collect(),
        candidates: listed().map(|()| group.candidates.iter().map(|&id| name(id)).collect()),
        message: message.to_owned(),
        evicts: evicts.map(|(id, pods)| PodsOnNode { node: name(id), pods: pods as u64 }),
        nodes: listed().map(|()| {
            let reasons = |it: &[(NodeId, Reason)]| NodeReasons {
                node: it.first().map_or_else(String::new, |it| name(it.0)),
                reasons: it.iter().map(|it| placed.words(it.1).into_owned()).collect(),
            };
            group.rejected.chunk_by(|left, right| left.0 == right.0).map(reasons).collect()
        }),
    }
}

fn node(placed: &Placed<'_>, id: NodeId) -> NodePlacement {
    let node = placed.node(id);
    let resources = placed.fills(id).into_iter().map(|it| ResourcePlacement {
        resource: it.resource.to_owned(),
        percent: it.allocatable.as_ref().and_then(|all| percent(&it.requested, all)),
        allocatable: it.allocatable.map(|it| it.canonical()),
        requested: it.requested.canonical(),
    });
    NodePlacement {
        node: node.map_or_else(String::new, |it| it.name.to_string()),
        zone: node.and_then(|it| it.zone()).map(str::to_owned),
        resources: resources.collect(),
    }
}

/// The share in per cent, rounded.
fn percent(part: &Quantity, all: &Quantity) -> Option<u64> {
    let (part, all) = (part.nanos(), all.nanos());
    let share = part.saturating_mul(200).saturating_add(all).checked_div(all.saturating_mul(2))?;
    u64::try_from(share).ok()
}

fn claim<'a>(bindings: &Bindings<'a>, placed: &Placed<'a>, at: usize, binding: &Binding<'a>) -> ClaimPlacement {
    let claim = &binding.claim;
    let named = |verdict, volume: Option<&str>, message| ClaimPlacement {
        claim: format!("{}/{}", claim.namespace, claim.name),
        verdict,
        volume: volume.map(str::to_owned),
        ambiguous: binding.is_open,
        message,
    };
    match (&binding.verdict, placed.fate(at)) {
        (Verdict::WaitsForPod { .. }, Fate::Bound(volume)) => {
            named("bound", Some(volume.name()), format!("binds `{}` with its pod", volume.name()))
        }
        (Verdict::WaitsForPod { class, .. }, Fate::MadeOn(node)) => {
            let node = placed.node(node);
            let place = node.map_or("", |it| it.zone().unwrap_or(&it.name));
            named("provisioned", None, format!("class `{class}` makes a volume in {place}, where its pod runs"))
        }
        (verdict, _) => {
            // A volume that would do is none that is bound.
            let volume = if let Verdict::Bound(volume) = verdict { Some(volume.name()) } else { None };
            named(verdict.as_str(), volume, bindings.words(binding))
        }
    }
}

/// What a taint may do.
const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// True for what a node may have: what every node has, huge pages, and what devices bring.
fn names_resource(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "ephemeral-storage" | "pods")
        || name.starts_with("hugepages-")
        || name.contains('/')
}

/// Nodes as the command line states them: `cpu=4,memory=16Gi,zone=a,count=2`.
///
/// # Errors
/// What is wrong with the text.
pub fn node_facts(text: &str) -> Result<NodeFacts, String> {
    let mut facts = NodeFacts { count: 1, ..NodeFacts::default() };
    for part in text.split(',') {
        let Some((key, value)) = part.split_once('=').filter(|it| !it.1.is_empty()) else {
            return Err(format!("`{part}` is not KEY=VALUE"));
        };
        match key {
            "count" => facts.count = value.parse().map_err(|_| format!("`{value}` is no number of nodes"))?,
            "name" => facts.name = Some(value.to_owned()),
            "zone" => facts.zones.push(value.to_owned()),
            "type" => facts.instance_types.push(value.to_owned()),
            "label" => {
                let (key, value) = value.split_once(':').unwrap_or((value, ""));
                facts.labels.push((key.to_owned(), value.to_owned()));
            }
            "taint" => {
                let (key, effect) = value.rsplit_once(':').ok_or_else(|| format!("`{value}` is not KEY:EFFECT"))?;
                if !EFFECTS.contains(&effect) {
                    return Err(format!("`{effect}` is no effect of a taint: {}", EFFECTS.join(", ")));
                }
                let (key, of) = key.split_once(':').map_or((key, None), |(key, of)| (key, Some(of.to_owned())));
                facts.taints.push(Taint { key: key.to_owned(), value: of, effect: effect.to_owned() });
            }
            resource if !names_resource(resource) => {
                return Err(format!("`{resource}` is no resource of nodes, which are cpu, memory, … and DOMAIN/NAME"));
            }
            resource => {
                value.parse::<Quantity>().map_err(|error| format!("{resource}={value}: {error}"))?;
                facts.allocatable.push((resource.to_owned(), value.to_owned()));
            }
        }
    }
    Ok(facts)
}
