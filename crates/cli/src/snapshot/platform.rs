//! Who runs a cluster, by what its server and its nodes say of themselves.

use serde_json::Value;

/// Words in the server's version.
const VERSIONS: &[(&str, &str)] =
    &[("-eks-", "eks"), ("-gke.", "gke"), ("+k3s", "k3s"), ("+rke2", "rke2"), ("-aliyun", "ack"), ("+IKS", "iks")];

/// Labels of nodes that a platform sets.
const LABELS: &[(&str, &str)] = &[
    ("eks.amazonaws.com/nodegroup", "eks"),
    ("eks.amazonaws.com/compute-type", "eks"),
    ("cloud.google.com/gke-nodepool", "gke"),
    ("kubernetes.azure.com/cluster", "aks"),
    ("kops.k8s.io/instancegroup", "kops"),
    ("node.openshift.io/os_id", "openshift"),
    ("minikube.k8s.io/name", "minikube"),
    ("microk8s.io/cluster", "microk8s"),
    ("doks.digitalocean.com/node-pool", "doks"),
];

/// The platform; none where nothing tells it.
pub(super) fn of<'v>(version: &str, mut nodes: impl Iterator<Item = &'v Value>) -> Option<&'static str> {
    let by_version = VERSIONS.iter().find(|(word, _)| version.contains(word)).map(|it| it.1);
    by_version.or_else(|| nodes.find_map(by_node))
}

fn by_node(node: &Value) -> Option<&'static str> {
    let labels = node.pointer("/metadata/labels").and_then(Value::as_object);
    let by_label = LABELS.iter().find(|(label, _)| labels.is_some_and(|it| it.contains_key(*label)));
    let by_label = by_label.map(|it| it.1);
    by_label.or_else(|| node.pointer("/spec/providerID")?.as_str()?.starts_with("kind://").then_some("kind"))
}
