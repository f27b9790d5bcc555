//! Which fields move when an API goes: in the words of the deprecated API migration guide of kubernetes.io.

/// apiVersion, kind, and what changes besides the apiVersion.
const MOVES: &[(&str, &str, &str)] = &[
    ("extensions/v1beta1", "Ingress", INGRESS),
    ("networking.k8s.io/v1beta1", "Ingress", INGRESS),
    ("extensions/v1beta1", "Deployment", SELECTOR),
    ("extensions/v1beta1", "DaemonSet", SELECTOR),
    ("extensions/v1beta1", "ReplicaSet", SELECTOR),
    ("apps/v1beta1", "Deployment", SELECTOR),
    ("apps/v1beta1", "StatefulSet", SELECTOR),
    ("apps/v1beta2", "Deployment", SELECTOR),
    ("apps/v1beta2", "StatefulSet", SELECTOR),
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler", AUTOSCALER),
    ("policy/v1beta1", "PodDisruptionBudget", "an empty `spec.selector` selects every pod of the namespace, not none"),
    ("policy/v1beta1", "PodSecurityPolicy", POLICY),
    ("extensions/v1beta1", "PodSecurityPolicy", POLICY),
    ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", CRD),
    ("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration", WEBHOOK),
    ("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", WEBHOOK),
    ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", "`spec.signerName` and `spec.usages` are required"),
    ("discovery.k8s.io/v1beta1", "EndpointSlice", "`topology` is now `nodeName`, `zone` and `deprecatedTopology`"),
    ("events.k8s.io/v1beta1", "Event", "`type`, `action`, `reason` and `reportingController` are required"),
];

const INGRESS: &str = "`backend.serviceName` is now `backend.service.name`, `backend.servicePort` is \
    `backend.service.port.number` or `.name`, `spec.backend` is `spec.defaultBackend`, and each path needs a `pathType`";
const SELECTOR: &str = "`spec.selector` is required and immutable, and must match the labels of the template";
const AUTOSCALER: &str =
    "`targetAverageUtilization` is now `target.averageUtilization` with `target.type: Utilization`";
const POLICY: &str = "PodSecurityPolicy has no successor: label the namespace for Pod Security admission \
    (`pod-security.kubernetes.io/enforce`), or use a policy engine";
const CRD: &str = "`spec.version`, `validation`, `subresources` and `additionalPrinterColumns` move into \
    `spec.versions[]`, and each version needs a structural schema";
const WEBHOOK: &str = "`sideEffects` (None or NoneOnDryRun) and `admissionReviewVersions` are required, and `failurePolicy` \
    and `timeoutSeconds` default to Fail and 10";

/// What changes besides the apiVersion.
pub(super) fn of(api_version: &str, kind: &str) -> Option<&'static str> {
    MOVES.iter().find(|it| (it.0, it.1) == (api_version, kind)).map(|it| it.2)
}
