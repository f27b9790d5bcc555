//! What every cluster, a platform or an add-on brings, so that nobody needs to apply it.

/// Objects every cluster has: kind, namespace (none: any or cluster-scoped), name; a trailing `*` stands for any rest.
const EVERY_CLUSTER: &[(&str, Option<&str>, &str)] = &[
    ("Namespace", None, "default"),
    ("Namespace", None, "kube-system"),
    ("Namespace", None, "kube-public"),
    ("Namespace", None, "kube-node-lease"),
    ("ServiceAccount", None, "default"),
    ("ServiceAccount", Some("kube-system"), "*"),
    ("ConfigMap", None, "kube-root-ca.crt"),
    ("ConfigMap", Some("kube-system"), "extension-apiserver-authentication"),
    ("ConfigMap", Some("kube-system"), "coredns"),
    ("ConfigMap", Some("kube-system"), "kube-proxy"),
    ("Service", Some("default"), "kubernetes"),
    ("Service", Some("kube-system"), "kube-dns"),
    ("PriorityClass", None, "system-node-critical"),
    ("PriorityClass", None, "system-cluster-critical"),
    ("ClusterRole", None, "cluster-admin"),
    ("ClusterRole", None, "admin"),
    ("ClusterRole", None, "edit"),
    ("ClusterRole", None, "view"),
    ("ClusterRole", None, "system:*"),
    ("Role", Some("kube-system"), "system:*"),
    ("Role", Some("kube-system"), "extension-apiserver-authentication-reader"),
    ("Role", Some("kube-public"), "system:*"),
];

/// Storage classes that come with a platform (its documentation, current and earlier defaults).
const STORAGE_CLASSES: &[(&str, &[&str])] = &[
    ("eks", &["gp2"]),
    ("kops", &["default", "gp2", "kops-ssd-1-17", "kops-csi-1-21"]),
    ("gke", &["standard", "premium-rwo", "standard-rwo"]),
    (
        "aks",
        &[
            "default",
            "managed",
            "managed-csi",
            "managed-csi-premium",
            "managed-premium",
            "azurefile",
            "azurefile-csi",
            "azurefile-csi-premium",
            "azurefile-premium",
        ],
    ),
    ("minikube", &["standard"]),
    ("kind", &["standard"]),
    ("k3s", &["local-path"]),
    ("microk8s", &["microk8s-hostpath"]),
    ("docker-desktop", &["hostpath"]),
    ("digitalocean", &["do-block-storage", "do-block-storage-retain", "do-block-storage-xfs"]),
];

/// True if every cluster has this object.
#[must_use]
pub fn is_built_in(kind: &str, namespace: Option<&str>, name: &str) -> bool {
    EVERY_CLUSTER.iter().any(|&(of_kind, within, named)| {
        of_kind == kind
            && within.is_none_or(|within| namespace == Some(within))
            && named.strip_suffix('*').map_or(named == name, |start| name.starts_with(start))
    })
}

/// True if a platform comes with a storage class of this name.
#[must_use]
pub fn brings_storage_class(platform: &str, name: &str) -> bool {
    STORAGE_CLASSES.iter().any(|&(of, names)| of == platform && names.contains(&name))
}
