//! What admission adds to a pod before the scheduler sees it.

use foldhash::HashMap;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Field, Object, Pod};

/// What built-in admission adds to a pod, beside what it says itself.
#[derive(Debug, Clone, Default)]
pub struct Admitted<'a> {
    /// `spec.priority` (plugin `Priority`).
    pub priority: i32,
    /// True if it never evicts others: `preemptionPolicy: Never`.
    pub never_preempts: bool,
    /// `overhead.podFixed` of its RuntimeClass, added to what it asks for (plugin `RuntimeClass`).
    pub overhead: Option<Field<'a>>,
    /// `scheduling.nodeSelector` of its RuntimeClass: the labels beside its own.
    pub node_selector: Option<Field<'a>>,
    /// `scheduling.tolerations` of its RuntimeClass: the list beside its own.
    pub tolerations: Option<Field<'a>>,
    /// What a container asks for that says nothing of a resource (plugin `LimitRanger`): resource and amount.
    pub requests: Vec<(&'a str, Field<'a>)>,
}

/// The priorities of classes that every cluster has (`pkg/apis/scheduling/types.go`).
const SYSTEM: &[(&str, i32)] = &[("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000)];

/// What is needed to admit the pods of a fleet.
pub(crate) struct Admission<'f, 'a> {
    fleet: &'f Fleet<'a>,
    default_class: Option<&'a Object<'a>>,
    /// By namespace.
    requests: HashMap<&'a str, Vec<(&'a str, Field<'a>)>>,
}

impl<'f, 'a> Admission<'f, 'a> {
    pub(crate) fn of(fleet: &'f Fleet<'a>) -> Self {
        // Of several defaults the one of the lowest value counts.
        let classes = fleet.of_kind("scheduling.k8s.io", "PriorityClass").filter(|it| fleet.is_last_definition(it));
        let defaults = classes.filter(|it| it.at("globalDefault").is_some_and(|it| it.is_true()));
        Self { fleet, default_class: defaults.min_by_key(|it| value(it)), requests: default_requests(fleet) }
    }

    /// What is added to a pod.
    pub(crate) fn admit(&self, pod: Pod<'a>) -> Admitted<'a> {
        let spec = pod.spec().field();
        let class = spec.str_at("priorityClassName").unwrap_or("");
        let system = SYSTEM.iter().find(|it| it.0 == class);
        let object = match class {
            "" => self.default_class,
            class => self.fleet.object("scheduling.k8s.io", "PriorityClass", None, class),
        };
        let stated = spec.get("priority").and_then(|it| it.as_int()).and_then(|it| i32::try_from(it).ok());
        let priority = system.map(|it| it.1).or_else(|| object.map(value)).or(stated).unwrap_or(0);
        let policy = spec.str_at("preemptionPolicy").or_else(|| object?.str_at("preemptionPolicy"));
        let runtime = spec
            .str_at("runtimeClassName")
            .filter(|name| !name.is_empty())
            .and_then(|name| self.fleet.object("node.k8s.io", "RuntimeClass", None, name));
        let of_runtime = |path: &str| runtime.and_then(|it| it.at(path));
        Admitted {
            priority,
            never_preempts: policy == Some("Never"),
            overhead: spec.get("overhead").or_else(|| of_runtime("overhead.podFixed")),
            node_selector: of_runtime("scheduling.nodeSelector"),
            tolerations: of_runtime("scheduling.tolerations"),
            requests: self.requests.get(pod.namespace()).cloned().unwrap_or_default(),
        }
    }
}

fn value<'a>(class: &'a Object<'a>) -> i32 {
    class.at("value").and_then(|it| it.as_int()).and_then(|it| i32::try_from(it).ok()).unwrap_or(0)
}

/// What the LimitRanges of each namespace give to containers that ask for nothing.
fn default_requests<'a>(fleet: &Fleet<'a>) -> HashMap<&'a str, Vec<(&'a str, Field<'a>)>> {
    let mut by_namespace: HashMap<&'a str, Vec<(&'a str, Field<'a>)>> = HashMap::default();
    for range in fleet.of_kind("", "LimitRange").filter(|it| fleet.is_last_definition(it)) {
        let Some(namespace) = range.namespace() else { continue };
        let items = range.field().items_at("spec.limits").filter(|it| it.str_at("type") == Some("Container"));
        let lists = items.flat_map(|it| ["defaultRequest", "default", "max", "min"].map(|key| it.get(key)));
        for (resource, _) in lists.flatten().flat_map(|it| it.entries()) {
            let requests = by_namespace.entry(namespace).or_default();
            if !requests.iter().any(|it| it.0 == resource) {
                requests.extend(fleet.default_request(namespace, resource).map(|it| (resource, it)));
            }
        }
    }
    by_namespace
}
