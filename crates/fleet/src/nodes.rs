//! Nodes as `kubectl get nodes -o yaml` gives them.

use seaworthy_object::Object;

use crate::facts::{NodeFacts, Taint};

const ZONE: [&str; 2] = ["topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"];
const INSTANCE_TYPE: [&str; 2] = ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"];

impl NodeFacts {
    /// The facts of a Node; none for another kind.
    #[must_use]
    pub fn of(node: &Object<'_>) -> Option<Self> {
        if !node.is("", "Node") {
            return None;
        }
        let labels = node.labels();
        let first = |keys: [&str; 2]| keys.iter().find_map(|key| labels.get(key)).map(str::to_owned);
        let taints = node.field().items_at("spec.taints").map(|taint| {
            let text = |key: &str| taint.get(key).map(|it| it.text().to_owned());
            Taint {
                key: text("key").unwrap_or_default(),
                value: text("value"),
                effect: text("effect").unwrap_or_default(),
            }
        });
        let allocatable = |resource: &str| {
            let of = |list: &str| node.at(list)?.get(resource).map(|it| it.text().to_owned());
            of("status.allocatable").or_else(|| of("status.capacity"))
        };
        Some(Self {
            name: Some(node.name().to_owned()),
            count: 1,
            zone: first(ZONE),
            instance_type: first(INSTANCE_TYPE),
            cpu: allocatable("cpu"),
            memory: allocatable("memory"),
            labels: labels.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            taints: taints.collect(),
        })
    }
}
