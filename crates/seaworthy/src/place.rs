//! A fleet placed on its cluster, as people and programs read it.

use seaworthy_fleet::{Fleet, NodeFacts, Taint};
use seaworthy_object::Quantity;
use seaworthy_placement::{
    Binding, Bindings, NodeId, Outcome, Placement as Placed, PodGroup, Question, Reason, Scale, Verdict,
};
use serde::Serialize;

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
    /// The scheduler's text for a pending pod, word for word; for an unknown one why nobody knows.
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

/// All in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacementSummary {
    /// The nodes.
    pub nodes: usize,
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
    /// The same with every autoscaler at its maximum, where that makes a difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hpa_max: Option<PodsPending>,
    /// What each single failure leaves without a place, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failures: Option<Vec<Failure>>,
}

/// How many pods wait, of how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PodsPending {
    /// The pods.
    pub pods: u64,
    /// Those that wait.
    pub pending: u64,
    /// The autoscalers' targets that grow, with their maximum: `web 12`.
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

impl Placement {
    /// Places a fleet; none if no node is known.
    pub(crate) fn of(fleet: &Fleet<'_>, question: &Question) -> Option<Self> {
        let bindings = Bindings::of(fleet);
        let placed = Placed::of(fleet, &bindings, question);
        if placed.nodes().is_empty() {
            return None;
        }
        let claims: Vec<_> = bindings.all().iter().map(claim).collect();
        let (pods, pending, unknown) = (placed.count(), placed.pending(), placed.unknown());
        Some(Self {
            schema: 1,
            kubernetes_version: placed.version().to_string(),
            pods: placed.pods().iter().map(|it| pod(&placed, it)).collect(),
            nodes: (0..).zip(placed.nodes()).map(|(at, _)| node(&placed, NodeId(at))).collect(),
            summary: PlacementSummary {
                nodes: placed.nodes().len(),
                pods,
                placed: pods.saturating_sub(pending).saturating_sub(unknown),
                pending,
                unknown,
                claims_pending: claims.iter().filter(|it| it.verdict == "pending").count(),
                at_hpa_max: at_hpa_max(fleet, &bindings, question, pods),
                failures: None,
            },
            claims,
        })
    }
}

/// The fleet with every autoscaler at its maximum; none if that is no larger.
fn at_hpa_max<'a>(fleet: &Fleet<'a>, bindings: &Bindings<'a>, question: &Question, pods: u64) -> Option<PodsPending> {
    if question.scale != Scale::Declared {
        return None;
    }
    let of_workload = |it: &seaworthy_object::Pod<'a>| {
        let scalers = fleet.autoscalers_of(it.object()).filter(|it| it.sets_replicas());
        let max = scalers.filter_map(|it| it.bounds()).map(|it| it.1).next()?;
        Some(format!("{} {max}", it.object().name()))
    };
    let of: Vec<String> = fleet.pods().iter().filter_map(of_workload).collect();
    if of.is_empty() {
        return None;
    }
    let placed = Placed::of(fleet, bindings, &Question { scale: Scale::HpaMax, ..question.clone() });
    (placed.count() > pods).then(|| PodsPending { pods: placed.count(), pending: placed.pending(), of })
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

fn claim(binding: &Binding<'_>) -> ClaimPlacement {
    let claim = &binding.claim;
    ClaimPlacement {
        claim: format!("{}/{}", claim.namespace, claim.name),
        verdict: match binding.verdict {
            Verdict::Bound(_) => "bound",
            Verdict::WaitsForPod { .. } => "waits",
            Verdict::Provisioned { .. } => "provisioned",
            Verdict::Pending(_) => "pending",
            Verdict::Unknown(_) => "unknown",
        },
        volume: binding.volume().map(|volume| volume.name().to_owned()),
        message: binding.verdict.to_string(),
    }
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
                let (key, of) = key.split_once(':').map_or((key, None), |(key, of)| (key, Some(of.to_owned())));
                facts.taints.push(Taint { key: key.to_owned(), value: of, effect: effect.to_owned() });
            }
            resource => {
                value.parse::<Quantity>().map_err(|error| format!("{resource}={value}: {error}"))?;
                facts.allocatable.push((resource.to_owned(), value.to_owned()));
            }
        }
    }
    Ok(facts)
}
