//! Where references stand, as a table: the fields of the API that hold a name.

use super::{Relation, Use};

/// A place in a manifest that names an object. Lists on the way are walked whole.
pub(super) struct Row {
    /// Keys, joined by dots, to the mapping that holds the name.
    pub(super) holder: &'static str,
    /// The key of the name in it.
    pub(super) name: &'static str,
    /// The keys or ports that are named beside it, joined by dots.
    pub(super) parts: &'static str,
    pub(super) relation: Relation,
    pub(super) role: Use,
    /// Group and kind of the other end; no kind means that the holder says them.
    pub(super) group: &'static str,
    pub(super) kind: &'static str,
    pub(super) scope: Scope,
}

/// Where the other end lives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// In the namespace of the object that refers.
    Own,
    /// In the namespace the holder gives under this key; without it nowhere.
    Given(&'static str),
    /// In the namespace the holder gives under this key, else in the object's own.
    GivenOrOwn(&'static str),
    /// In none.
    Cluster,
}

const fn row(
    holder: &'static str,
    name: &'static str,
    relation: Relation,
    role: Use,
    group: &'static str,
    kind: &'static str,
) -> Row {
    Row { holder, name, parts: "", relation, role, group, kind, scope: Scope::Own }
}

impl Row {
    const fn with(self, parts: &'static str) -> Self {
        Self { parts, ..self }
    }

    const fn in_cluster(self) -> Self {
        Self { scope: Scope::Cluster, ..self }
    }

    const fn within(self, key: &'static str) -> Self {
        Self { scope: Scope::Given(key), ..self }
    }

    const fn within_or_own(self, key: &'static str) -> Self {
        Self { scope: Scope::GivenOrOwn(key), ..self }
    }
}

use Relation::{Mounts, Owns, Refers, RoutesTo, Scales};

/// From a container.
pub(super) const CONTAINER: &[Row] = &[
    row("env.valueFrom.configMapKeyRef", "name", Refers, Use::Variable, "", "ConfigMap").with("key"),
    row("env.valueFrom.secretKeyRef", "name", Refers, Use::Variable, "", "Secret").with("key"),
    row("envFrom.configMapRef", "name", Refers, Use::Variables, "", "ConfigMap"),
    row("envFrom.secretRef", "name", Refers, Use::Variables, "", "Secret"),
];

/// From a pod's spec.
pub(super) const POD: &[Row] = &[
    row("volumes.configMap", "name", Mounts, Use::Volume, "", "ConfigMap").with("items.key"),
    row("volumes.secret", "secretName", Mounts, Use::Volume, "", "Secret").with("items.key"),
    row("volumes.projected.sources.configMap", "name", Mounts, Use::Volume, "", "ConfigMap").with("items.key"),
    row("volumes.projected.sources.secret", "name", Mounts, Use::Volume, "", "Secret").with("items.key"),
    row("volumes.persistentVolumeClaim", "claimName", Mounts, Use::Volume, "", "PersistentVolumeClaim"),
    row("volumes.ephemeral.volumeClaimTemplate.spec", "storageClassName", Refers, Use::Class, STORAGE, "StorageClass")
        .in_cluster(),
    row("volumes.csi.nodePublishSecretRef", "name", Refers, Use::VolumeLogin, "", "Secret"),
    row("volumes.azureFile", "secretName", Refers, Use::VolumeLogin, "", "Secret"),
    row("volumes.cephfs.secretRef", "name", Refers, Use::VolumeLogin, "", "Secret"),
    row("volumes.cinder.secretRef", "name", Refers, Use::VolumeLogin, "", "Secret"),
    row("volumes.flexVolume.secretRef", "name", Refers, Use::VolumeLogin, "", "Secret"),
    row("volumes.iscsi.secretRef", "name", Refers, Use::VolumeLogin, "", "Secret"),
    row("volumes.rbd.secretRef", "name", Refers, Use::VolumeLogin, "", "Secret"),
    row("volumes.scaleIO.secretRef", "name", Refers, Use::VolumeLogin, "", "Secret"),
    row("volumes.storageos.secretRef", "name", Refers, Use::VolumeLogin, "", "Secret"),
    row("imagePullSecrets", "name", Refers, Use::PullSecret, "", "Secret"),
    row("", "serviceAccountName", Refers, Use::Account, "", "ServiceAccount"),
    row("", "priorityClassName", Refers, Use::Class, "scheduling.k8s.io", "PriorityClass").in_cluster(),
    row("", "runtimeClassName", Refers, Use::Class, "node.k8s.io", "RuntimeClass").in_cluster(),
    row("", "nodeName", Refers, Use::Node, "", "Node").in_cluster(),
    row("resourceClaims", "resourceClaimName", Refers, Use::Device, "resource.k8s.io", "ResourceClaim"),
    row("resourceClaims", "resourceClaimTemplateName", Refers, Use::Device, "resource.k8s.io", "ResourceClaimTemplate"),
];

const STORAGE: &str = "storage.k8s.io";
const NETWORKING: &str = "networking.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";
const AUTOSCALING: &str = "autoscaling";
const GATEWAY: &str = "gateway.networking.k8s.io";

/// From objects of other kinds: group, kind, and the place.
pub(super) const OBJECT: &[(&str, &str, Row)] = &[
    ("", "ServiceAccount", row("imagePullSecrets", "name", Refers, Use::PullSecret, "", "Secret")),
    ("", "ServiceAccount", row("secrets", "name", Refers, Use::AccountSecret, "", "Secret")),
    ("", "PersistentVolumeClaim", class("spec", "storageClassName", STORAGE, "StorageClass")),
    ("", "PersistentVolumeClaim", class("spec", "volumeAttributesClassName", STORAGE, "VolumeAttributesClass")),
    ("", "PersistentVolumeClaim", row("spec", "volumeName", Refers, Use::Binding, "", "PersistentVolume").in_cluster()),
    ("", "PersistentVolumeClaim", row("spec.dataSource", "name", Refers, Use::DataSource, "", "")),
    (
        "",
        "PersistentVolumeClaim",
        row("spec.dataSourceRef", "name", Refers, Use::DataSource, "", "").within_or_own("namespace"),
    ),
    ("", "PersistentVolume", class("spec", "storageClassName", STORAGE, "StorageClass")),
    (
        "",
        "PersistentVolume",
        row("spec.claimRef", "name", Refers, Use::Binding, "", "PersistentVolumeClaim").within("namespace"),
    ),
    ("", "PersistentVolume", volume_login("spec.csi.controllerPublishSecretRef")),
    ("", "PersistentVolume", volume_login("spec.csi.nodeStageSecretRef")),
    ("", "PersistentVolume", volume_login("spec.csi.nodePublishSecretRef")),
    ("", "PersistentVolume", volume_login("spec.csi.controllerExpandSecretRef")),
    ("", "PersistentVolume", volume_login("spec.csi.nodeExpandSecretRef")),
    ("apps", "StatefulSet", row("spec", "serviceName", Refers, Use::Governing, "", "Service")),
    ("apps", "StatefulSet", class("spec.volumeClaimTemplates.spec", "storageClassName", STORAGE, "StorageClass")),
    (NETWORKING, "Ingress", class("spec", "ingressClassName", NETWORKING, "IngressClass")),
    (NETWORKING, "Ingress", row("spec.tls", "secretName", Refers, Use::Certificate, "", "Secret")),
    (NETWORKING, "Ingress", backend("spec.defaultBackend.service", "name").with("port.number,port.name")),
    (NETWORKING, "Ingress", backend("spec.rules.http.paths.backend.service", "name").with("port.number,port.name")),
    (NETWORKING, "Ingress", backend("spec.backend", "serviceName").with("servicePort")),
    (NETWORKING, "Ingress", backend("spec.rules.http.paths.backend", "serviceName").with("servicePort")),
    (NETWORKING, "IngressClass", row("spec.parameters", "name", Refers, Use::Parameters, "", "").within("namespace")),
    (RBAC, "RoleBinding", row("roleRef", "name", Refers, Use::Role, RBAC, "")),
    (RBAC, "ClusterRoleBinding", row("roleRef", "name", Refers, Use::Role, RBAC, "")),
    (RBAC, "RoleBinding", row("subjects", "name", Refers, Use::Subject, "", "").within("namespace")),
    (RBAC, "ClusterRoleBinding", row("subjects", "name", Refers, Use::Subject, "", "").within("namespace")),
    (AUTOSCALING, "HorizontalPodAutoscaler", row("spec.scaleTargetRef", "name", Scales, Use::ScaleTarget, "", "")),
    ("autoscaling.k8s.io", "VerticalPodAutoscaler", row("spec.targetRef", "name", Scales, Use::ScaleTarget, "", "")),
    ("keda.sh", "ScaledObject", row("spec.scaleTargetRef", "name", Scales, Use::ScaleTarget, "apps", "Deployment")),
    (ADMISSION, "ValidatingWebhookConfiguration", webhook("webhooks.clientConfig.service")),
    (ADMISSION, "MutatingWebhookConfiguration", webhook("webhooks.clientConfig.service")),
    ("apiregistration.k8s.io", "APIService", webhook("spec.service")),
    ("apiextensions.k8s.io", "CustomResourceDefinition", webhook("spec.conversion.webhook.clientConfig.service")),
    ("apiextensions.k8s.io", "CustomResourceDefinition", webhook("spec.conversion.webhookClientConfig.service")),
    (
        ADMISSION,
        "ValidatingAdmissionPolicyBinding",
        row("spec", "policyName", Refers, Use::Policy, ADMISSION, "ValidatingAdmissionPolicy").in_cluster(),
    ),
    (
        ADMISSION,
        "MutatingAdmissionPolicyBinding",
        row("spec", "policyName", Refers, Use::Policy, ADMISSION, "MutatingAdmissionPolicy").in_cluster(),
    ),
    (GATEWAY, "Gateway", row("spec", "gatewayClassName", Refers, Use::Class, GATEWAY, "GatewayClass").in_cluster()),
    (
        GATEWAY,
        "Gateway",
        row("spec.listeners.tls.certificateRefs", "name", Refers, Use::Certificate, "", "Secret")
            .within_or_own("namespace"),
    ),
    (GATEWAY, "HTTPRoute", route("spec.rules.backendRefs")),
    (GATEWAY, "GRPCRoute", route("spec.rules.backendRefs")),
    (GATEWAY, "TLSRoute", route("spec.rules.backendRefs")),
    (GATEWAY, "TCPRoute", route("spec.rules.backendRefs")),
    (GATEWAY, "UDPRoute", route("spec.rules.backendRefs")),
];

/// What every object may have.
pub(super) const EVERY: &[Row] = &[row("metadata.ownerReferences", "name", Owns, Use::Owner, "", "")];

/// Kinds that a holder may give and that live in no namespace (Kubernetes' own are in the catalog; these are asked for
/// where no catalog is at hand).
pub(super) const CLUSTER_SCOPED: &[&str] = &["ClusterRole", "Node", "Namespace", "PersistentVolume", "User", "Group"];

const fn class(holder: &'static str, name: &'static str, group: &'static str, kind: &'static str) -> Row {
    row(holder, name, Refers, Use::Class, group, kind).in_cluster()
}

const fn backend(holder: &'static str, name: &'static str) -> Row {
    row(holder, name, RoutesTo, Use::Backend, "", "Service")
}

const fn route(holder: &'static str) -> Row {
    row(holder, "name", RoutesTo, Use::Backend, "", "Service").with("port").within_or_own("namespace")
}

const fn webhook(holder: &'static str) -> Row {
    row(holder, "name", RoutesTo, Use::Webhook, "", "Service").with("port").within("namespace")
}

const fn volume_login(holder: &'static str) -> Row {
    row(holder, "name", Refers, Use::VolumeLogin, "", "Secret").within("namespace")
}
