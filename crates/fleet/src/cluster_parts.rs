//! What belongs to the cluster itself or to its add-ons rather than to what runs on it.

use seaworthy_facts::is_add_on_namespace;
use seaworthy_object::Object;

use crate::Fleet;

/// Pods that a cluster runs for itself, by one label and its values (kubeadm's static pods, the add-ons of every
/// distribution).
const CLUSTER_PODS: &[(&str, &[&str])] = &[
    ("k8s-app", &["kube-dns", "coredns", "kube-proxy", "kube-scheduler", "kube-controller-manager", "kubelet", "etcd"]),
    ("component", &["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd", "kube-proxy"]),
    ("app.kubernetes.io/name", &["kube-scheduler", "kube-controller-manager", "kubelet", "coredns", "kube-proxy"]),
];

/// Labels by which an add-on says what it is.
const NAME_LABELS: &[&str] =
    &["app.kubernetes.io/name", "app.kubernetes.io/part-of", "app.kubernetes.io/instance", "k8s-app", "app"];

/// Namespaces of platforms and of add-ons that are not told apart above.
const SYSTEM_NAMESPACES: &[&str] =
    &["cattle-system", "cilium-secrets", "local-path-storage", "observability", "olm", "operators", "prometheus"];

impl Fleet<'_> {
    /// True if one of these programs is declared, or a container of the set runs its image.
    #[must_use]
    pub fn runs_any_of(&self, programs: &[&str]) -> bool {
        programs.iter().any(|program| self.facts().has_installed(program)) || self.runs_image_of(programs)
    }

    /// True for parts of the cluster rather than of what runs on it: they lie where the cluster or an add-on keeps its
    /// own, or are called as a declared add-on.
    #[must_use]
    pub fn is_part_of_cluster(&self, object: &Object<'_>) -> bool {
        let namespace = object.namespace().unwrap_or("");
        let facts = self.facts();
        let is_add_on = |name: &str| facts.has_installed(name) || facts.add_ons().any(|it| it == name);
        let labels = object.root().at(["metadata", "labels"]);
        let label = |key: &&str| labels.and_then(|it| it.get(key)).is_some_and(|it| is_add_on(it.text()));
        namespace.starts_with("kube-")
            || SYSTEM_NAMESPACES.contains(&namespace)
            || is_add_on_namespace(namespace)
            || is_add_on(namespace)
            || is_add_on(object.name())
            || NAME_LABELS.iter().any(label)
    }

    /// True if the pods with this label are those that a cluster runs for itself.
    pub(crate) fn is_cluster_pod(namespace: &str, key: &str, value: &str) -> bool {
        namespace == "kube-system" && CLUSTER_PODS.iter().any(|&(it, values)| it == key && values.contains(&value))
    }
}
