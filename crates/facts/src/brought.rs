//! What every cluster, a platform or an add-on brings, so that nobody needs to apply it.

use crate::Facts;

/// Objects every cluster has: kind, namespace (none: any or cluster-scoped), name; a `*` at its start or end stands for
/// any text.
const EVERY_CLUSTER: &[(&str, Option<&str>, &str)] = &[
    ("Namespace", None, "default"),
    ("Namespace", None, "kube-system"),
    ("Namespace", None, "kube-public"),
    ("Namespace", None, "kube-node-lease"),
    ("ServiceAccount", None, "default"),
    // kube-controller-manager runs each of its loops under an account of its own (cmd/kube-controller-manager/names).
    ("ServiceAccount", Some("kube-system"), "*-controller"),
    ("ServiceAccount", Some("kube-system"), "bootstrap-signer"),
    ("ServiceAccount", Some("kube-system"), "generic-garbage-collector"),
    ("ServiceAccount", Some("kube-system"), "horizontal-pod-autoscaler"),
    ("ServiceAccount", Some("kube-system"), "persistent-volume-binder"),
    ("ServiceAccount", Some("kube-system"), "pod-garbage-collector"),
    ("ServiceAccount", Some("kube-system"), "pvc-protection-controller"),
    ("ServiceAccount", Some("kube-system"), "root-ca-cert-publisher"),
    ("ServiceAccount", Some("kube-system"), "token-cleaner"),
    ("ServiceAccount", Some("kube-system"), "coredns"),
    ("ServiceAccount", Some("kube-system"), "kube-dns"),
    ("ServiceAccount", Some("kube-system"), "kube-proxy"),
    ("ConfigMap", None, "kube-root-ca.crt"),
    ("ConfigMap", Some("kube-public"), "cluster-info"),
    ("ConfigMap", Some("kube-system"), "coredns"),
    ("ConfigMap", Some("kube-system"), "extension-apiserver-authentication"),
    ("ConfigMap", Some("kube-system"), "kube-proxy"),
    ("ConfigMap", Some("kube-system"), "kubeadm-config"),
    ("ConfigMap", Some("kube-system"), "kubelet-config*"),
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

/// Objects that a platform or an add-on brings (their documentation and charts): who, kind, namespace, name.
const BROUGHT: &[(&str, &str, Option<&str>, &str)] = &[
    ("eks", "ConfigMap", Some("kube-system"), "aws-auth"),
    ("eks", "ConfigMap", Some("kube-system"), "amazon-vpc-cni"),
    ("eks", "ServiceAccount", Some("kube-system"), "aws-node"),
    ("eks", "Namespace", None, "amazon-guardduty"),
    ("gke", "Namespace", None, "gke-*"),
    ("gke", "Namespace", None, "gmp-*"),
    ("gke", "PriorityClass", None, "gmp-critical"),
    ("gke", "RuntimeClass", None, "gvisor"),
    ("gke", "Service", Some("kube-system"), "default-http-backend"),
    ("gke", "IngressClass", None, "gce*"),
    ("aks", "RuntimeClass", None, "kata-*"),
    ("aks", "RuntimeClass", None, "runc"),
    ("aks", "Namespace", None, "aks-*"),
    ("aks", "Namespace", None, "app-routing-system"),
    ("aks", "IngressClass", None, "webapprouting.kubernetes.azure.com"),
    ("openshift", "Namespace", None, "openshift*"),
    ("openshift", "ConfigMap", None, "openshift-service-ca.crt"),
    ("openshift", "PriorityClass", None, "openshift-user-critical"),
    ("openshift", "IngressClass", None, "openshift-default"),
    ("openshift", "ServiceAccount", None, "builder"),
    ("openshift", "ServiceAccount", None, "deployer"),
    ("k3s", "IngressClass", None, "traefik"),
    ("k3s", "RuntimeClass", None, "nvidia*"),
    ("k3s", "RuntimeClass", None, "crun"),
    ("minikube", "IngressClass", None, "nginx"),
    ("microk8s", "IngressClass", None, "public"),
    ("microk8s", "IngressClass", None, "nginx"),
    ("microk8s", "RuntimeClass", None, "nvidia"),
    ("aws-ebs-csi-driver", "StorageClass", None, "ebs-csi-default-sc"),
    ("aws-load-balancer-controller", "IngressClass", None, "alb"),
    ("cilium", "IngressClass", None, "cilium"),
    ("contour", "IngressClass", None, "contour"),
    ("gatekeeper", "Namespace", None, "gatekeeper-system"),
    ("gpu-operator", "RuntimeClass", None, "nvidia*"),
    ("gvisor", "RuntimeClass", None, "gvisor"),
    ("haproxy-ingress", "IngressClass", None, "haproxy"),
    ("hcloud-csi", "StorageClass", None, "hcloud-volumes"),
    ("ingress-nginx", "IngressClass", None, "nginx*"),
    ("istio", "ConfigMap", None, "istio-ca-root-cert"),
    ("istio", "IngressClass", None, "istio"),
    ("istio", "GatewayClass", None, "istio*"),
    ("kata", "RuntimeClass", None, "kata*"),
    ("keda", "ServiceAccount", Some("keda"), "*"),
    ("kong", "IngressClass", None, "kong"),
    ("linkerd", "ConfigMap", None, "linkerd-identity-trust-roots"),
    ("local-path-provisioner", "StorageClass", None, "local-path"),
    ("longhorn", "StorageClass", None, "longhorn*"),
    ("nfs-subdir-external-provisioner", "StorageClass", None, "nfs-client"),
    ("openebs", "StorageClass", None, "openebs-*"),
    ("tailscale", "IngressClass", None, "tailscale"),
    ("traefik", "IngressClass", None, "traefik*"),
];

/// Groups of custom resources whose definitions a platform or an add-on brings; a `*` as above.
const GROUPS: &[(&str, &[&str])] = &[
    ("eks", &["crd.k8s.amazonaws.com", "vpcresources.k8s.aws", "networking.k8s.aws", "eks.amazonaws.com"]),
    (
        "gke",
        &[
            "cloud.google.com",
            "networking.gke.io",
            "*.gke.io",
            "snapshot.storage.k8s.io",
            "internal.autoscaling.gke.io",
        ],
    ),
    ("aks", &["*.azure.com", "snapshot.storage.k8s.io"]),
    ("openshift", &["*.openshift.io", "operators.coreos.com", "monitoring.coreos.com", "snapshot.storage.k8s.io"]),
    ("k3s", &["helm.cattle.io", "k3s.cattle.io", "traefik.io", "traefik.containo.us", "hub.traefik.io"]),
    ("argo-cd", &["argoproj.io"]),
    ("argo-rollouts", &["argoproj.io"]),
    ("argo-workflows", &["argoproj.io"]),
    ("aws-load-balancer-controller", &["elbv2.k8s.aws"]),
    ("calico", &["crd.projectcalico.org", "projectcalico.org", "operator.tigera.io"]),
    ("cert-manager", &["cert-manager.io", "acme.cert-manager.io", "certmanager.k8s.io"]),
    ("cilium", &["cilium.io"]),
    ("cloudnative-pg", &["postgresql.cnpg.io"]),
    ("contour", &["projectcontour.io"]),
    ("crossplane", &["*.crossplane.io"]),
    ("external-dns", &["externaldns.k8s.io"]),
    ("external-secrets", &["external-secrets.io", "generators.external-secrets.io"]),
    ("flux", &["*.toolkit.fluxcd.io"]),
    ("gatekeeper", &["*.gatekeeper.sh"]),
    ("gateway-api", &["gateway.networking.k8s.io"]),
    ("istio", &["*.istio.io"]),
    ("karpenter", &["karpenter.sh", "karpenter.k8s.aws", "karpenter.azure.com"]),
    ("keda", &["keda.sh"]),
    ("knative", &["*.knative.dev"]),
    ("kong", &["configuration.konghq.com"]),
    ("kyverno", &["kyverno.io", "policies.kyverno.io"]),
    ("linkerd", &["linkerd.io", "*.linkerd.io"]),
    ("longhorn", &["longhorn.io"]),
    ("metallb", &["metallb.io"]),
    ("prometheus-operator", &["monitoring.coreos.com"]),
    ("rook", &["ceph.rook.io", "objectbucket.io"]),
    ("sealed-secrets", &["bitnami.com"]),
    ("secrets-store-csi-driver", &["secrets-store.csi.x-k8s.io"]),
    ("snapshot-controller", &["snapshot.storage.k8s.io", "groupsnapshot.storage.k8s.io"]),
    ("strimzi", &["kafka.strimzi.io", "core.strimzi.io"]),
    ("tekton", &["tekton.dev", "triggers.tekton.dev"]),
    ("traefik", &["traefik.io", "traefik.containo.us"]),
    ("velero", &["velero.io"]),
    ("vertical-pod-autoscaler", &["autoscaling.k8s.io"]),
];

/// Namespaces that add-ons make and fill by default.
const NAMESPACES: &[(&str, &[&str])] = &[
    ("argo-cd", &["argocd"]),
    ("argo-rollouts", &["argo-rollouts"]),
    ("argo-workflows", &["argo"]),
    ("calico", &["calico-system", "calico-apiserver", "tigera-operator"]),
    ("cert-manager", &["cert-manager"]),
    ("cloudnative-pg", &["cnpg-system"]),
    ("contour", &["projectcontour"]),
    ("crossplane", &["crossplane-system"]),
    ("external-secrets", &["external-secrets"]),
    ("flux", &["flux-system"]),
    ("gatekeeper", &["gatekeeper-system"]),
    ("gpu-operator", &["gpu-operator"]),
    ("ingress-nginx", &["ingress-nginx", "nginx-ingress"]),
    ("istio", &["istio-system", "istio-ingress", "istio-operator"]),
    ("keda", &["keda"]),
    ("knative", &["knative-serving", "knative-eventing"]),
    ("kong", &["kong"]),
    ("kyverno", &["kyverno"]),
    ("linkerd", &["linkerd", "linkerd-viz"]),
    ("longhorn", &["longhorn-system"]),
    ("metallb", &["metallb-system"]),
    ("prometheus-operator", &["monitoring"]),
    ("rook", &["rook-ceph"]),
    ("tekton", &["tekton-pipelines"]),
    ("traefik", &["traefik"]),
    ("velero", &["velero"]),
];

/// Other names under which people declare the same add-on.
const ALIASES: &[(&str, &str)] = &[
    ("alb-ingress-controller", "aws-load-balancer-controller"),
    ("argo", "argo-workflows"),
    ("argocd", "argo-cd"),
    ("cnpg", "cloudnative-pg"),
    ("csi-snapshotter", "snapshot-controller"),
    ("external-secrets-operator", "external-secrets"),
    ("fluxcd", "flux"),
    ("kube-prometheus", "prometheus-operator"),
    ("kube-prometheus-stack", "prometheus-operator"),
    ("nginx-ingress", "ingress-nginx"),
    ("nvidia-gpu-operator", "gpu-operator"),
    ("opa-gatekeeper", "gatekeeper"),
    ("rook-ceph", "rook"),
    ("tigera-operator", "calico"),
    ("vpa", "vertical-pod-autoscaler"),
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

/// The class that a platform marks as the default (its documentation); an empty name for none. What changed from
/// version to version is not said: EKS marks `gp2` below 1.30 only, GKE changed from `standard` to `standard-rwo`.
const DEFAULT_CLASSES: &[(&str, &str)] = &[
    ("aks", "default"),
    ("minikube", "standard"),
    ("kind", "standard"),
    ("k3s", "local-path"),
    ("docker-desktop", "hostpath"),
    ("digitalocean", "do-block-storage"),
    ("gke", "standard-rwo"),
    ("kubeadm", ""),
];

/// The class of claims that name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultClass {
    /// The platform's.
    Brought(&'static str),
    /// The platform brings none.
    None,
    /// The platform is not declared, or brings one or the other.
    Unknown,
}

/// Platforms whose Ingresses need no class: one of theirs is the default, or serves those without any.
const DEFAULT_INGRESS_CLASS: &[&str] = &["gke", "k3s", "microk8s", "minikube", "openshift"];

/// True if every cluster has this object.
#[must_use]
pub fn is_built_in(kind: &str, namespace: Option<&str>, name: &str) -> bool {
    EVERY_CLUSTER.iter().any(|&(of_kind, within, named)| {
        of_kind == kind && within.is_none_or(|within| namespace == Some(within)) && fits(named, name)
    })
}

/// True if some add-on keeps its objects in this namespace.
#[must_use]
pub fn is_add_on_namespace(name: &str) -> bool {
    NAMESPACES.iter().any(|(_, names)| names.contains(&name))
}

/// True if a platform comes with a storage class of this name.
#[must_use]
pub fn brings_storage_class(platform: &str, name: &str) -> bool {
    STORAGE_CLASSES.iter().any(|&(of, names)| of == platform && names.contains(&name))
}

impl Facts {
    /// True if this object comes with every cluster, the declared platform, or a declared add-on.
    #[must_use]
    pub fn brings(&self, kind: &str, namespace: Option<&str>, name: &str) -> bool {
        is_built_in(kind, namespace, name)
            || BROUGHT.iter().any(|&(by, of_kind, within, named)| {
                of_kind == kind
                    && within.is_none_or(|within| namespace == Some(within))
                    && fits(named, name)
                    && self.declares(by)
            })
            || kind == "Namespace" && self.brings_namespace(name)
            || kind == "StorageClass" && self.brings_class(name)
    }

    /// True if the platform comes with a storage class of this name, or the class is declared by its own name.
    fn brings_class(&self, name: &str) -> bool {
        self.platform.as_deref().is_some_and(|platform| brings_storage_class(platform, name))
            || self.has_installed(name)
    }

    /// The class that the platform gives claims that name none.
    #[must_use]
    pub fn default_storage_class(&self) -> DefaultClass {
        let platform = self.platform.as_deref();
        match DEFAULT_CLASSES.iter().find(|&&(of, _)| Some(of) == platform) {
            Some((_, "")) => DefaultClass::None,
            Some((_, name)) => DefaultClass::Brought(name),
            None => DefaultClass::Unknown,
        }
    }

    /// True if the declared platform serves Ingresses that name no class.
    #[must_use]
    pub fn brings_default_ingress_class(&self) -> bool {
        self.platform.as_deref().is_some_and(|it| DEFAULT_INGRESS_CLASS.contains(&it))
    }

    /// True if a declared platform or add-on brings the custom resources of a group.
    #[must_use]
    pub fn brings_group(&self, group: &str) -> bool {
        GROUPS.iter().any(|&(by, groups)| groups.iter().any(|it| fits(it, group)) && self.declares(by))
    }

    /// True if a declared add-on makes this namespace, and fills it with objects of its own.
    #[must_use]
    pub fn brings_namespace(&self, name: &str) -> bool {
        NAMESPACES.iter().any(|&(by, names)| names.contains(&name) && self.declares(by))
    }

    /// The declared add-ons, each under the one name it is known by.
    pub fn add_ons(&self) -> impl Iterator<Item = &str> {
        self.installed.iter().map(|it| current_name(it))
    }

    fn declares(&self, name: &str) -> bool {
        self.platform.as_deref() == Some(name) || self.add_ons().any(|it| it == name)
    }
}

fn current_name(name: &str) -> &str {
    ALIASES.iter().find(|&&(alias, _)| alias == name).map_or(name, |&(_, current)| current)
}

/// True if a name fits a pattern: a `*` at its start or end stands for any text.
fn fits(pattern: &str, name: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => name.ends_with(end),
        (_, Some(start)) => name.starts_with(start),
        _ => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn add_ons_bring_what_they_bring_under_any_of_their_names() {
        let facts = Facts { installed: vec!["nginx-ingress".to_owned()], ..Facts::default() };
        assert!(facts.brings("IngressClass", None, "nginx"));
        assert!(facts.brings("Namespace", None, "ingress-nginx"));
        assert!(!facts.brings("IngressClass", None, "traefik"));
        assert!(!Facts::default().brings("IngressClass", None, "nginx"));
    }

    #[test]
    fn groups_fit_by_their_end() {
        let facts = Facts { installed: vec!["istio".to_owned()], ..Facts::default() };
        assert!(facts.brings_group("networking.istio.io"));
        assert!(!facts.brings_group("monitoring.coreos.com"));
    }
}
