//! `placement-not-allowed`.

use seaworthy_object::{Field, Pod};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct PlacementNotAllowed {
    /// Ways to choose nodes that pods may not use.
    node_selection: Vec<Way>,
    /// Keys of taints that pods may not tolerate.
    tolerations: Vec<String>,
    /// Priority classes that pods may name: an empty name stands for none, `*` for any.
    priority_classes: Vec<String>,
    /// So many pods of a workload may be bound to one node.
    pods_per_node: Option<i64>,
}

/// A way to choose nodes.
#[derive(Debug, Clone, Copy, Deserialize)]
enum Way {
    #[serde(rename = "nodeName")]
    Name,
    #[serde(rename = "nodeSelector")]
    Selector,
    #[serde(rename = "nodeAffinity")]
    Affinity,
}

impl Rule for PlacementNotAllowed {
    const META: Meta = Meta {
        id: "placement-not-allowed",
        category: Category::Scheduling,
        level: None,
        packs: &[],
        since: "0.1.0",
        page: page!("placement_not_allowed.md"),
    };
    const CHECK: Check<Self> = Check::Pod(Self::check);
}

impl PlacementNotAllowed {
    fn check(&self, pod: Pod<'_>, report: &mut Reporter<'_>) {
        for way in &self.node_selection {
            let path = way.path();
            if let Some(at) = pod.spec().at(path).filter(|_| !(path == NODE_NAME && is_scheduled(pod))) {
                let name = path.rsplit('.').next().unwrap_or(path);
                report.say(at, format!("{} chooses its node by `{name}`, which the policy forbids", called(pod)));
            }
        }
        for toleration in pod.spec().field().items_at("tolerations") {
            self.toleration(pod, toleration, report);
        }
        self.priority_class(pod, report);
        self.pods_per_node(pod, report);
    }

    /// A toleration without a key bears every taint.
    fn toleration(&self, pod: Pod<'_>, toleration: Field<'_>, report: &mut Reporter<'_>) {
        let key = toleration.get("key").filter(|it| !it.text().is_empty());
        let Some(forbidden) = self.tolerations.iter().find(|it| key.is_none_or(|key| key.text() == **it)) else {
            return;
        };
        let all = if key.is_none() { ", as it tolerates every taint" } else { "" };
        let message = format!("{} tolerates the taint `{forbidden}`, which the policy forbids{all}", called(pod));
        report.say(key.unwrap_or(toleration), message);
    }

    fn priority_class(&self, pod: Pod<'_>, report: &mut Reporter<'_>) {
        let may_be = |name: &str| self.priority_classes.iter().any(|it| it == name || it == "*" && !name.is_empty());
        let named = pod.spec().at("priorityClassName").filter(|it| !it.text().is_empty());
        if self.priority_classes.is_empty() || may_be(named.map_or("", |it| it.text())) {
            return;
        }
        let names: Vec<&str> = self.priority_classes.iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
        match named {
            Some(at) => {
                let message =
                    format!("{} has the priority class `{}`, which the policy forbids", called(pod), at.text());
                report.say(at, message).help(format!("the policy allows: {}", names.join(", ")));
            }
            None => {
                let place = pod.spec().field().missing("priorityClassName");
                report.say(place, format!("{} names no priority class, and the policy asks for one", called(pod)));
            }
        }
    }

    fn pods_per_node(&self, pod: Pod<'_>, report: &mut Reporter<'_>) {
        let Some(most) = self.pods_per_node else { return };
        let hostname = || pod.spec().at("nodeSelector").and_then(|it| it.get("kubernetes.io/hostname"));
        let node = pod.spec().at(NODE_NAME).or_else(hostname);
        if let (Some(node), Some(replicas)) = (node, pod.replicas().filter(|it| *it > most)) {
            let message = format!(
                "{} binds {replicas} pods to node `{}`, and the policy allows {most}",
                called(pod),
                node.text()
            );
            report.say(node, message);
        }
    }
}

const NODE_NAME: &str = "nodeName";

impl Way {
    fn path(self) -> &'static str {
        match self {
            Way::Name => NODE_NAME,
            Way::Selector => "nodeSelector",
            Way::Affinity => "affinity.nodeAffinity",
        }
    }
}

/// True for a pod as a server gives it out: the scheduler wrote its node.
fn is_scheduled(pod: Pod<'_>) -> bool {
    pod.is_bare() && ["metadata.uid", "status.phase"].iter().any(|it| pod.object().at(it).is_some())
}

fn called(pod: Pod<'_>) -> String {
    pod.object().reference().to_string()
}

#[cfg(test)]
mod tests {
    use super::PlacementNotAllowed;
    use crate::trial::messages;

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web}]\n";

    fn said(options: &str, spec: &str) -> Vec<String> {
        messages::<PlacementNotAllowed>(options, &format!("{POD}{spec}"))
    }

    #[test]
    fn nothing_is_forbidden_where_no_option_is_set() {
        let spec = "  nodeName: a\n  nodeSelector: {a: b}\n  tolerations: [{operator: Exists}]\n";
        assert!(said("{}", spec).is_empty());
    }

    #[test]
    fn ways_to_choose_nodes() {
        let options = r#"{"node-selection": ["nodeName", "nodeAffinity"]}"#;
        assert_eq!(
            said(options, "  nodeName: a\n  nodeSelector: {a: b}\n"),
            ["Pod `web` chooses its node by `nodeName`, which the policy forbids"]
        );
        assert_eq!(said(options, "  affinity: {nodeAffinity: {}}\n").len(), 1);
        // The scheduler wrote it.
        assert!(said(options, "  nodeName: a\nstatus: {phase: Running}\n").is_empty());
        assert!(serde_json::from_str::<PlacementNotAllowed>(r#"{"node-selection": ["nodename"]}"#).is_err());
    }

    #[test]
    fn a_toleration_without_a_key_bears_what_is_forbidden() {
        let options = r#"{"tolerations": ["node-role.kubernetes.io/control-plane"]}"#;
        let key = "  tolerations: [{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}]\n";
        assert_eq!(said(options, key).len(), 1);
        assert_eq!(said(options, "  tolerations: [{operator: Exists}]\n").len(), 1);
        assert!(said(options, "  tolerations: [{key: dedicated, operator: Exists}]\n").is_empty());
    }

    #[test]
    fn priority_classes_are_asked_for_or_left_out() {
        assert_eq!(said(r#"{"priority-classes": ["*"]}"#, "").len(), 1);
        assert!(said(r#"{"priority-classes": ["*"]}"#, "  priorityClassName: high\n").is_empty());
        let listed = r#"{"priority-classes": ["", "low"]}"#;
        assert!(said(listed, "").is_empty());
        assert!(said(listed, "  priorityClassName: low\n").is_empty());
        assert_eq!(
            said(listed, "  priorityClassName: high\n"),
            ["Pod `web` has the priority class `high`, which the policy forbids"]
        );
    }

    #[test]
    fn pods_bound_to_one_node_are_counted() {
        let set = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 12
  template:
    spec:
      nodeSelector: {kubernetes.io/hostname: a}
      containers: [{name: web}]
";
        let said = |options: &str| messages::<PlacementNotAllowed>(options, set);
        assert_eq!(
            said(r#"{"pods-per-node": 10}"#),
            ["Deployment `web` binds 12 pods to node `a`, and the policy allows 10"]
        );
        assert!(said(r#"{"pods-per-node": 12}"#).is_empty());
    }
}
