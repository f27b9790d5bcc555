//! What the model understood: workloads, claims, Services and how they hang together.

mod budgets;
mod evictions;
#[cfg(test)]
mod tests;

pub use budgets::BudgetDescription;
pub use evictions::EvictionDescription;

use foldhash::HashMap;
use seaworthy_diagnostic::ObjectRef;
use seaworthy_fleet::{Exposure, Fleet};
use seaworthy_object::{Field, Object, Pod};
use seaworthy_placement::{Binding, Bindings, Eviction, Origin};
use seaworthy_source::{SourceId, Span};
use serde::Serialize;

use budgets::Budgets;

/// A fleet as people and programs read it. Serialises as the JSON of `describe`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// The version of this shape.
    pub schema: u32,
    /// The Kubernetes versions that were asked for, oldest first.
    pub kubernetes_versions: Vec<String>,
    /// What makes pods, in the order they would be applied.
    pub workloads: Vec<WorkloadDescription>,
    /// Services, in the same order.
    pub services: Vec<ServiceDescription>,
    /// Claims: those that stand in the set, then those that controllers make.
    pub claims: Vec<ClaimDescription>,
    /// PodDisruptionBudgets, in the order they would be applied.
    pub disruption_budgets: Vec<BudgetDescription>,
}

/// Something that makes pods, or a bare pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadDescription {
    /// Its name.
    pub object: ObjectName,
    /// How many pods, where the manifest decides it.
    pub replicas: Option<i64>,
    /// `Guaranteed`, `Burstable` or `BestEffort`.
    pub qos_class: String,
    /// What keeps the class from being Guaranteed; empty if it is.
    pub why: String,
    /// The Services that select its pods, and from how far out each can be reached.
    pub reached_by: Vec<Reach>,
    /// Where its pods keep data: claims by name, and volumes that live as long as a pod or a node.
    pub state: Vec<String>,
    /// When its pods are evicted from a node that runs out of memory.
    pub eviction: EvictionDescription,
    /// The PodDisruptionBudgets over its pods, by name.
    pub disruption_budgets: Vec<String>,
}

/// A way in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reach {
    /// The Service.
    pub service: String,
    /// Its ports, node ports behind a colon: `8161:30010`.
    pub ports: Vec<String>,
    /// `cluster`, `node`, `internal` or `public`.
    pub exposure: &'static str,
    /// What makes it so: `headless`, `NodePort`, `LoadBalancer`, the Ingress that leads there.
    pub by: String,
}

/// A Service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceDescription {
    /// Its name.
    pub object: ObjectName,
    /// `spec.type` after the server's default; `headless` for `clusterIP: None`.
    pub kind: String,
    /// Its ports, node ports behind a colon.
    pub ports: Vec<String>,
    /// The workloads whose pods it selects.
    pub selects: Vec<String>,
    /// From how far out it can be reached.
    pub exposure: &'static str,
}

/// A claim and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimDescription {
    /// `namespace/name`.
    pub claim: String,
    /// The StatefulSet or pod it is made for, if it is made.
    pub owner: Option<String>,
    /// What it asks for: size, modes, class.
    pub asks: String,
    /// `bound`, `waits`, `provisioned`, `pending` or `unknown`.
    pub verdict: &'static str,
    /// The volume it binds.
    pub volume: Option<String>,
    /// The verdict in words.
    pub message: String,
}

/// The name of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectName {
    /// `apps/v1`.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// The effective namespace; none for cluster-scoped kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// `metadata.name`.
    pub name: String,
}

impl From<&ObjectRef> for ObjectName {
    fn from(reference: &ObjectRef) -> Self {
        Self {
            api_version: reference.api_version.clone(),
            kind: reference.kind.clone(),
            namespace: reference.namespace.clone(),
            name: reference.name.clone(),
        }
    }
}

impl Description {
    pub(crate) fn of(fleet: &Fleet<'_>) -> Self {
        let bindings = Bindings::of(fleet);
        let claims = Claims::of(&bindings);
        let budgets = Budgets::of(fleet);
        Self {
            schema: 1,
            kubernetes_versions: fleet.facts().versions.iter().map(|version| version.to_string()).collect(),
            workloads: Eviction::all(fleet).iter().map(|it| workload(fleet, &claims, &budgets, it)).collect(),
            services: fleet.of_kind("", "Service").map(|service| describe_service(fleet, service)).collect(),
            claims: bindings.all().iter().map(|it| claim(&bindings, it)).collect(),
            disruption_budgets: budgets.describe(),
        }
    }
}

fn workload<'a>(
    fleet: &Fleet<'a>,
    claims: &Claims<'_, 'a>,
    budgets: &Budgets<'a>,
    eviction: &Eviction<'a>,
) -> WorkloadDescription {
    let pod = eviction.pod;
    let qos = pod.qos();
    WorkloadDescription {
        object: (&**pod.object().reference()).into(),
        replicas: pod.replicas(),
        qos_class: qos.class.to_string(),
        why: qos.why,
        reached_by: fleet.services_of(pod).iter().map(|service| reach(fleet, service)).collect(),
        state: state(claims, pod),
        eviction: EvictionDescription::of(eviction),
        disruption_budgets: budgets.over(pod).map(str::to_owned).collect(),
    }
}

fn reach<'a>(fleet: &Fleet<'a>, service: &'a Object<'a>) -> Reach {
    let exposures = fleet.exposures(&[], &[service]);
    let farthest = exposures.iter().max_by_key(|exposed| exposed.to);
    Reach {
        service: service.name().to_owned(),
        ports: ports(service),
        exposure: farthest.map_or(Exposure::Cluster, |exposed| exposed.to).as_str(),
        by: match farthest {
            Some(exposed) if exposed.at.object().kind() != "Service" => exposed.at.object().reference().to_string(),
            _ => kind(service).to_owned(),
        },
    }
}

fn describe_service<'a>(fleet: &Fleet<'a>, service: &'a Object<'a>) -> ServiceDescription {
    let selected = fleet.pods_of(service).iter().map(|pod| short(pod.object())).collect();
    ServiceDescription {
        object: (&**service.reference()).into(),
        kind: kind(service).to_owned(),
        ports: ports(service),
        selects: selected,
        exposure: reach(fleet, service).exposure,
    }
}

fn kind<'a>(service: &'a Object<'a>) -> &'a str {
    if service.str_at("spec.clusterIP") == Some("None") {
        return "headless";
    }
    service.str_at("spec.type").unwrap_or("ClusterIP")
}

fn ports<'a>(service: &'a Object<'a>) -> Vec<String> {
    let text = |field: Field<'_>| {
        let port = field.get("port").map_or("", |it| it.text());
        let node_port = field.get("nodePort").and_then(|it| it.as_int()).filter(|&it| it > 0);
        node_port.map_or_else(|| port.to_owned(), |node_port| format!("{port}:{node_port}"))
    };
    service.field().items_at("spec.ports").map(text).collect()
}

/// The claims of a fleet, and which are made or adopted for which workload.
struct Claims<'b, 'a> {
    bindings: &'b Bindings<'a>,
    made: HashMap<(SourceId, Span), Vec<&'b Binding<'a>>>,
}

impl<'b, 'a> Claims<'b, 'a> {
    fn of(bindings: &'b Bindings<'a>) -> Self {
        let mut made: HashMap<_, Vec<&Binding<'a>>> = HashMap::default();
        for binding in bindings.all() {
            let maker = match binding.claim.origin {
                Origin::Ephemeral { pod, .. } => Some(pod.object()),
                _ => binding.template().map(|template| template.object()),
            };
            if let Some(maker) = maker {
                made.entry(key(maker)).or_default().push(binding);
            }
        }
        Self { bindings, made }
    }
}

/// Where the pods of a workload keep data.
fn state<'a>(claims: &Claims<'_, 'a>, pod: Pod<'a>) -> Vec<String> {
    let made = claims.made.get(&key(pod.object())).into_iter().flatten();
    let mut state: Vec<String> = made.map(|binding| format!("{} {}", binding.claim.name, binding.verdict)).collect();
    for volume in pod.spec().volumes() {
        match volume.source() {
            Some(("persistentVolumeClaim", _)) => {
                let name = volume.claim_name().map_or("", |it| it.text());
                let known = claims.bindings.get(pod.namespace(), name);
                let verdict = known.map_or_else(|| "is not in the set".to_owned(), |it| it.verdict.to_string());
                state.push(format!("{name} {verdict}"));
            }
            Some(("emptyDir", _)) => state.push(format!("{} is lost with its pod", volume.name())),
            Some(("hostPath", path)) => {
                let path = path.get("path").map_or("", |it| it.text());
                state.push(format!("{} lies on its node ({path})", volume.name()));
            }
            _ => {}
        }
    }
    state
}

fn claim<'a>(bindings: &Bindings<'a>, binding: &Binding<'a>) -> ClaimDescription {
    let claim = &binding.claim;
    let modes: Vec<_> = claim.field.items_at("spec.accessModes").map(|mode| mode.text()).collect();
    let class = binding.supply.name().map(|class| format!(", class {class}")).unwrap_or_default();
    let size = claim.request.as_ref().map_or_else(|| "no size".to_owned(), ToString::to_string);
    ClaimDescription {
        claim: format!("{}/{}", claim.namespace, claim.name),
        owner: match claim.origin {
            Origin::Object(_) => None,
            Origin::Template { .. } | Origin::Ephemeral { .. } => Some(short(claim.object())),
        },
        asks: format!("{size} {}{class}", modes.join(", ")),
        verdict: binding.verdict.as_str(),
        volume: binding.volume().map(|volume| volume.name().to_owned()),
        message: bindings.words(binding),
    }
}

/// What an object is known by.
fn key(object: &Object<'_>) -> (SourceId, Span) {
    (object.source(), object.root().span())
}

/// `Deployment/web`.
fn short(object: &Object<'_>) -> String {
    format!("{}/{}", object.kind(), object.name())
}
