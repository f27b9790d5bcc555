//! What a ResourceQuota counts (`pkg/quota/v1/evaluator/core`). All sums are the least that a set will ask for: what
//! is not certain counts as nothing.

use foldhash::HashSet;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Field, Object, Pod, QosClass, Quantity};
use seaworthy_placement::List;

use super::replicas::at_least;

#[cfg(test)]
mod tests;

/// A ResourceQuota.
#[derive(Clone, Copy)]
pub(super) struct Quota<'a> {
    object: &'a Object<'a>,
}

/// What of the set counts against one line of a quota.
pub(super) struct Share<'a> {
    pub(super) at: Field<'a>,
    pub(super) amount: Quantity,
}

/// Objects that are counted by their kind: the name in a quota, before `.group`, the group and the kind.
const COUNTED: &[(&str, &str, &str)] = &[
    ("configmaps", "", "ConfigMap"),
    ("persistentvolumeclaims", "", "PersistentVolumeClaim"),
    ("replicationcontrollers", "", "ReplicationController"),
    ("resourcequotas", "", "ResourceQuota"),
    ("secrets", "", "Secret"),
    ("services", "", "Service"),
    ("serviceaccounts", "", "ServiceAccount"),
    ("daemonsets", "apps", "DaemonSet"),
    ("deployments", "apps", "Deployment"),
    ("replicasets", "apps", "ReplicaSet"),
    ("statefulsets", "apps", "StatefulSet"),
    ("cronjobs", "batch", "CronJob"),
    ("jobs", "batch", "Job"),
    ("horizontalpodautoscalers", "autoscaling", "HorizontalPodAutoscaler"),
    ("ingresses", "networking.k8s.io", "Ingress"),
    ("networkpolicies", "networking.k8s.io", "NetworkPolicy"),
    ("poddisruptionbudgets", "policy", "PodDisruptionBudget"),
];

const PER_CLASS: &str = ".storageclass.storage.k8s.io/";
const BETA_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

impl<'a> Quota<'a> {
    /// The object as a quota, if it is one.
    pub(super) fn of(object: &'a Object<'a>) -> Option<Self> {
        object.is("", "ResourceQuota").then_some(Self { object })
    }

    pub(super) fn namespace(self) -> &'a str {
        self.object.namespace().unwrap_or("default")
    }

    /// What it allows: resource and amount.
    pub(super) fn hard(self) -> impl Iterator<Item = (&'a str, Field<'a>)> {
        self.object.at("spec.hard").into_iter().flat_map(|it| it.entries())
    }

    /// The scopes a pod must be in: name, operator and values.
    fn scopes(self) -> impl Iterator<Item = Scope<'a>> {
        let plain = self.object.field().items_at("spec.scopes");
        let plain = plain.map(|it| Scope { name: it.text(), operator: "Exists", values: None });
        let selected = self.object.field().items_at("spec.scopeSelector.matchExpressions");
        plain.chain(selected.map(|it| Scope {
            name: it.str_at("scopeName").unwrap_or(""),
            operator: it.str_at("operator").unwrap_or(""),
            values: it.get("values"),
        }))
    }

    /// True if the pods of a workload certainly count.
    pub(super) fn covers(self, fleet: &Fleet<'a>, pod: Pod<'a>) -> bool {
        self.scopes().all(|scope| scope.holds(fleet, pod))
    }

    /// What of the set counts against one line.
    pub(super) fn shares(self, fleet: &Fleet<'a>, resource: &str) -> Vec<Share<'a>> {
        if let Some(amount) = of_pods(resource) {
            let mut pods: Vec<Pod<'a>> = fleet.pods_in(self.namespace()).collect();
            pods.retain(|pod| fleet.is_last_definition(pod.object()) && self.covers(fleet, *pod));
            return pods.into_iter().filter_map(|pod| share_of_pods(fleet, pod, amount)).collect();
        }
        // Scopes are about pods: with any, nothing else counts.
        if self.scopes().next().is_some() {
            return Vec::new();
        }
        let amount: &dyn Fn(&'a Object<'a>) -> Quantity = match resource {
            "services.loadbalancers" => &|it| is_of_type(it, "LoadBalancer"),
            "services.nodeports" => &node_ports,
            _ => return self.claims(fleet, resource).unwrap_or_else(|| self.counted(fleet, resource)),
        };
        self.each(fleet, "", "Service", amount)
    }

    /// Objects of a kind.
    fn counted(self, fleet: &Fleet<'a>, resource: &str) -> Vec<Share<'a>> {
        let (name, group) = match resource.strip_prefix("count/") {
            Some(name) => name.split_once('.').unwrap_or((name, "")),
            None => (resource, ""),
        };
        let kind = COUNTED.iter().find(|(it, of, _)| *it == name && *of == group);
        kind.map_or_else(Vec::new, |(_, group, kind)| self.each(fleet, group, kind, &|_| Quantity::from_units(1)))
    }

    /// Claims by number and size, of all classes or of one; none for another resource.
    fn claims(self, fleet: &Fleet<'a>, resource: &str) -> Option<Vec<Share<'a>>> {
        let (class, what) = match resource.split_once(PER_CLASS) {
            Some((class, what)) => (Some(class), what),
            None => (None, resource),
        };
        let is_size = match what {
            "requests.storage" => true,
            "persistentvolumeclaims" | "count/persistentvolumeclaims" => false,
            _ => return None,
        };
        let amount = |claim: Field<'a>| {
            let size = || claim.at("spec.resources.requests")?.get("storage").and_then(Quantity::of);
            let amount = if is_size { size() } else { Some(Quantity::from_units(1)) };
            amount.filter(|_| class.is_none() || class == class_of(claim)).unwrap_or_else(Quantity::zero)
        };
        let mut shares = self.each(fleet, "", "PersistentVolumeClaim", &|it| amount(it.field()));
        let (mut of_sets, mut made) = (Vec::new(), HashSet::default());
        let sets = fleet.of_kind_in("apps", "StatefulSet", Some(self.namespace()));
        for set in sets.filter(|it| fleet.is_last_definition(it)) {
            let Some(pod) = set.pod() else { continue };
            for template in set.field().items_at("spec.volumeClaimTemplates") {
                made.insert(format!("{}-{}-", template.str_at("metadata.name").unwrap_or(""), set.name()));
                of_sets.push(Share { at: template, amount: times(&amount(template), at_least(fleet, pod)) });
            }
        }
        // A claim that is given under the name of one that a set would make is that one.
        let is_of_set = |name: &str| {
            let starts = name.match_indices('-').filter_map(|(at, dash)| name.get(..at + dash.len()));
            starts.into_iter().any(|it| made.contains(it))
        };
        shares.retain(|it| !is_of_set(it.at.object().name()));
        shares.extend(of_sets);
        shares.retain(|it| !it.amount.is_zero());
        Some(shares)
    }

    fn each(
        self,
        fleet: &Fleet<'a>,
        group: &str,
        kind: &str,
        amount: &dyn Fn(&'a Object<'a>) -> Quantity,
    ) -> Vec<Share<'a>> {
        let objects = fleet.of_kind_in(group, kind, Some(self.namespace())).filter(|it| fleet.is_last_definition(it));
        let shares = objects.map(|it| Share { at: it.field(), amount: amount(it) });
        shares.filter(|it| !it.amount.is_zero()).collect()
    }
}

/// A scope of a quota.
struct Scope<'a> {
    name: &'a str,
    operator: &'a str,
    values: Option<Field<'a>>,
}

impl Scope<'_> {
    /// True if a pod is certainly in it (`podMatchesScopeFunc`).
    fn holds<'a>(&self, fleet: &Fleet<'a>, pod: Pod<'a>) -> bool {
        let ends = || pod.spec().at("activeDeadlineSeconds").is_some();
        let asks =
            || pod.qos().class != QosClass::BestEffort || CPU_AND_MEMORY.iter().any(|it| is_filled_in(fleet, pod, it));
        match self.name {
            "Terminating" => ends(),
            "NotTerminating" => !ends(),
            "NotBestEffort" => asks(),
            "BestEffort" => !asks() && fleet.facts().lists("", "LimitRange"),
            "PriorityClass" => self.holds_class(fleet, pod),
            "CrossNamespacePodAffinity" => looks_elsewhere(pod),
            _ => false,
        }
    }

    fn holds_class<'a>(&self, fleet: &Fleet<'a>, pod: Pod<'a>) -> bool {
        let named = pod.spec().field().str_at("priorityClassName").filter(|it| !it.is_empty());
        let default = || {
            let mut classes = fleet.of_kind("scheduling.k8s.io", "PriorityClass");
            classes.find(|it| it.at("globalDefault").is_some_and(|it| it.is_true())).map(Object::name)
        };
        let lists = |name: &str| self.values.is_some_and(|it| it.items().any(|it| it.text() == name));
        match (self.operator, named.or_else(default)) {
            ("Exists", class) => class.is_some(),
            ("In", class) => class.is_some_and(lists),
            ("NotIn", Some(class)) => !lists(class),
            // Without a class in the set, the cluster may have a default.
            ("NotIn" | "DoesNotExist", None) => fleet.facts().lists("scheduling.k8s.io", "PriorityClass"),
            _ => false,
        }
    }
}

const CPU_AND_MEMORY: [&str; 2] = ["cpu", "memory"];

/// True if a LimitRange gives the containers of a pod some of a resource.
fn is_filled_in<'a>(fleet: &Fleet<'a>, pod: Pod<'a>, resource: &str) -> bool {
    fleet.default_request(pod.namespace(), resource).and_then(Quantity::of).is_some_and(|it| !it.is_zero())
}

fn looks_elsewhere(pod: Pod<'_>) -> bool {
    ["podAffinity", "podAntiAffinity"].iter().any(|kind| {
        let of = |list: &str| pod.spec().field().items_at(&format!("affinity.{kind}.{list}"));
        let required = of("requiredDuringSchedulingIgnoredDuringExecution");
        let preferred =
            of("preferredDuringSchedulingIgnoredDuringExecution").filter_map(|it| it.get("podAffinityTerm"));
        let names = |it: Field<'_>| it.items_at("namespaces").next().is_some() || it.get("namespaceSelector").is_some();
        required.chain(preferred).any(names)
    })
}

/// What of a pod a line is about.
#[derive(Clone, Copy)]
enum OfPods<'r> {
    Number,
    Amount(List, &'r str),
}

/// What a line is about, if it is about pods (`podComputeUsageHelper`).
fn of_pods(resource: &str) -> Option<OfPods<'_>> {
    let native = |it: &str| matches!(it, "cpu" | "memory" | "ephemeral-storage") || it.starts_with("hugepages-");
    match (resource.split_once('.'), resource) {
        (_, "pods" | "count/pods") => Some(OfPods::Number),
        (Some(("requests", "storage")), _) => None,
        (Some(("requests", it)), _) if native(it) || it.contains('/') => Some(OfPods::Amount(List::Requests, it)),
        (Some(("limits", it)), _) if native(it) => Some(OfPods::Amount(List::Limits, it)),
        _ => native(resource).then_some(OfPods::Amount(List::Requests, resource)),
    }
}

fn share_of_pods<'a>(fleet: &Fleet<'a>, pod: Pod<'a>, what: OfPods<'_>) -> Option<Share<'a>> {
    let replicas = at_least(fleet, pod);
    let one = match what {
        OfPods::Number => Quantity::from_units(1),
        OfPods::Amount(list, resource) => list.of_pod(fleet, pod, resource),
    };
    let amount = times(&one, replicas);
    (!amount.is_zero()).then(|| Share { at: pod.object().field(), amount })
}

/// The resources that a container must state where a quota counts them (`validationSet`).
pub(super) fn asked_of_containers(resource: &str) -> Option<(List, &'static str)> {
    match resource {
        "cpu" | "requests.cpu" => Some((List::Requests, "cpu")),
        "memory" | "requests.memory" => Some((List::Requests, "memory")),
        "limits.cpu" => Some((List::Limits, "cpu")),
        "limits.memory" => Some((List::Limits, "memory")),
        _ => None,
    }
}

pub(super) fn times(quantity: &Quantity, times: i64) -> Quantity {
    quantity.percent(times.saturating_mul(100))
}

fn class_of(claim: Field<'_>) -> Option<&str> {
    let annotated = claim.at("metadata.annotations").and_then(|it| it.get(BETA_CLASS));
    annotated.or_else(|| claim.at("spec.storageClassName")).map(|it| it.text())
}

fn is_of_type<'a>(service: &'a Object<'a>, of_type: &str) -> Quantity {
    Quantity::from_units((service.str_at("spec.type") == Some(of_type)).into())
}

/// The node ports a Service takes.
fn node_ports<'a>(service: &'a Object<'a>) -> Quantity {
    let ports = service.field().items_at("spec.ports");
    let allocates = service.at("spec.allocateLoadBalancerNodePorts").is_none_or(|it| it.as_bool() != Some(false));
    let count = match service.str_at("spec.type") {
        Some("NodePort") => ports.count(),
        Some("LoadBalancer") if allocates => ports.count(),
        Some("LoadBalancer") => ports.filter(|it| it.get("nodePort").is_some_and(|it| it.as_int() != Some(0))).count(),
        _ => 0,
    };
    Quantity::from_units(i64::try_from(count).unwrap_or(i64::MAX))
}
