//! What is judged, and what is let pass.

use crate::request::{Metadata, Request};

/// Whether a request is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Its object is judged.
    Judged,
    /// It is let pass unread: why.
    Exempt(&'static str),
}

/// Subresources whose requests carry the whole object, as people change it: resource and subresource.
/// `pkg/registry/core/pod/rest/subresources.go` and `pod/storage`: both take a Pod.
const WHOLE: &[(&str, &str)] = &[("pods", "ephemeralcontainers"), ("pods", "resize")];

/// Other subresources, and what their requests carry.
const PARTS: &[(&str, &str)] = &[
    ("status", "only controllers write `status`"),
    ("scale", "a Scale says how many, and nothing else"),
    ("binding", "a Binding places a pod that was judged when it was made"),
    ("eviction", "an eviction takes a pod away"),
    ("token", "a token request makes no object"),
    ("approval", "an approval changes the status of a request for a certificate"),
    ("finalize", "finalizers of a namespace are taken off"),
    ("log", "a connection to a pod, not an object"),
    ("exec", "a connection to a pod, not an object"),
    ("attach", "a connection to a pod, not an object"),
    ("portforward", "a connection to a pod, not an object"),
    ("proxy", "a connection, not an object"),
];

/// Resources that machines write by the minute and nobody by hand: group, resource.
const BY_MACHINES: &[(&str, &str)] = &[
    ("", "events"),
    ("events.k8s.io", "events"),
    ("coordination.k8s.io", "leases"),
    ("apps", "controllerrevisions"),
    ("storage.k8s.io", "csinodes"),
    ("storage.k8s.io", "volumeattachments"),
];

/// The controllers of the control plane, which make objects from others that were judged: by their accounts in
/// `kube-system` (`plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go`). Exact names: others that end
/// in `-controller` live there too, and make what people tell them to.
const CONTROLLERS: &[&str] = &[
    "attachdetach-controller",
    "certificate-controller",
    "clusterrole-aggregation-controller",
    "cronjob-controller",
    "daemon-set-controller",
    "deployment-controller",
    "device-taint-eviction-controller",
    "disruption-controller",
    "endpoint-controller",
    "endpointslice-controller",
    "endpointslicemirroring-controller",
    "ephemeral-volume-controller",
    "expand-controller",
    "generic-garbage-collector",
    "horizontal-pod-autoscaler",
    "job-controller",
    "legacy-service-account-token-cleaner",
    "namespace-controller",
    "node-controller",
    "persistent-volume-binder",
    "pod-garbage-collector",
    "pv-protection-controller",
    "pvc-protection-controller",
    "replicaset-controller",
    "replication-controller",
    "resource-claim-controller",
    "resourcequota-controller",
    "root-ca-cert-publisher",
    "selinux-warning-controller",
    "service-account-controller",
    "service-cidrs-controller",
    "statefulset-controller",
    "ttl-after-finished-controller",
    "ttl-controller",
    "vac-protection-controller",
    "validatingadmissionpolicy-status-controller",
];
const ACCOUNTS: &str = "system:serviceaccount:kube-system:";

/// All of them, where they have no accounts of their own.
const CONTROLLER_MANAGER: &str = "system:kube-controller-manager";

/// The group of the kubelets.
const NODES: &str = "system:nodes";

impl Scope {
    /// Whether a request is judged, and if not, why.
    pub(crate) fn of(request: &Request<'_>, metadata: &Metadata) -> Scope {
        match request.operation.as_deref().unwrap_or("") {
            "CREATE" | "UPDATE" => {}
            "DELETE" => return Scope::Exempt("what is deleted is not judged"),
            "CONNECT" => return Scope::Exempt("a connection, not an object"),
            _ => return Scope::Exempt("an operation that changes no object"),
        }
        let resource = request.resource.as_ref();
        let of = resource.map_or(("", ""), |it| (it.group.as_str(), it.resource.as_str()));
        let part = request.sub_resource.as_deref().unwrap_or("");
        let is_whole = part.is_empty() || of.0.is_empty() && WHOLE.contains(&(of.1, part));
        if !is_whole {
            let known = PARTS.iter().find(|(name, _)| *name == part);
            return Scope::Exempt(known.map_or("a subresource that is no whole object", |&(_, why)| why));
        }
        if request.object().is_none() {
            return Scope::Exempt("the request carries no object");
        }
        if BY_MACHINES.contains(&of) {
            return Scope::Exempt("machines write it, not people");
        }
        Self::of_object(request, metadata)
    }

    fn of_object(request: &Request<'_>, metadata: &Metadata) -> Scope {
        let user = request.user_info.as_ref();
        let name = user.and_then(|it| it.username.as_deref()).unwrap_or("");
        let groups = user.and_then(|it| it.groups.as_deref()).unwrap_or(&[]);
        // Whoever takes the last finalizer off must not be held up. Of a new object the field is cleared before it is
        // sent here (`k8s.io/apiserver/pkg/registry/rest/create.go`, `BeforeCreate`).
        if metadata.deletion_timestamp.is_some() && request.operation.as_deref() == Some("UPDATE") {
            return Scope::Exempt("it is being deleted");
        }
        // An owner in the object can be made up, the user cannot.
        let account = name.strip_prefix(ACCOUNTS).unwrap_or("");
        if name == CONTROLLER_MANAGER || CONTROLLERS.binary_search(&account).is_ok() {
            return Scope::Exempt("a controller of the cluster makes it from what was judged");
        }
        if groups.iter().any(|it| it == NODES) {
            return Scope::Exempt("a node writes it: what it runs already, or its own state");
        }
        Scope::Judged
    }
}

#[cfg(test)]
mod tests {
    use super::CONTROLLERS;

    #[test]
    fn controllers_can_be_searched() {
        assert!(CONTROLLERS.is_sorted());
    }
}
