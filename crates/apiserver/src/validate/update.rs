//! May an object take the place of another? What the server validates of an update beyond the new object itself.
//!
//! k8s.io/kubernetes, pkg/apis/*/validation, `Validate…Update`. What depends on the state of the cluster (a bound claim,
//! an established definition) is judged as it is once the old object runs: claims count as bound.

mod claim;
mod difference;
mod network;
mod node;
mod pods;
mod service;
mod storage;

use seaworthy_object::catalog::{Kind, Shape};
use seaworthy_source::order;

use super::core::secret;
use super::same::{default_of, same};
use super::value::Value;

/// What the server says of a change of a field that must not change.
enum Says {
    /// `ValidateImmutableField`.
    Immutable,
    /// The same, declared of the type: the value is not shown.
    Declared,
    /// `field.Forbidden` in these words.
    Forbidden(&'static str),
}

use Says::{Declared, Forbidden, Immutable};

/// Fields that must not change: group, kinds, path, what the server says, and the first version that does (0 for all)
/// and that does not any more.
type Line = (&'static str, &'static [&'static str], &'static str, Says, u8, u8);

const LINES: &[Line] = &[
    ("", &["Secret"], "type", Immutable, 0, 99),
    ("apps", &["ControllerRevision"], "data", Immutable, 0, 99),
    ("apps", &["DaemonSet", "Deployment", "ReplicaSet"], "spec.selector", Immutable, 0, 99),
    ("apps", &["StatefulSet"], "spec.selector", Immutable, 37, 99),
    ("apps", &["StatefulSet"], "spec.volumeClaimTemplates", Immutable, 37, 99),
    ("apps", &["StatefulSet"], "spec.serviceName", Immutable, 37, 99),
    ("apps", &["StatefulSet"], "spec.podManagementPolicy", Immutable, 37, 99),
    ("batch", &["Job"], "spec.completionMode", Immutable, 0, 99),
    ("batch", &["Job"], "spec.podFailurePolicy", Immutable, 0, 99),
    ("batch", &["Job"], "spec.backoffLimitPerIndex", Immutable, 0, 99),
    ("batch", &["Job"], "spec.managedBy", Immutable, 32, 99),
    ("batch", &["Job"], "spec.successPolicy", Immutable, 31, 99),
    ("certificates.k8s.io", &["ClusterTrustBundle"], "spec.signerName", Immutable, 0, 99),
    ("certificates.k8s.io", &["PodCertificateRequest"], "spec", Immutable, 0, 99),
    ("coordination.k8s.io", &["LeaseCandidate"], "spec.leaseName", Immutable, 0, 99),
    ("discovery.k8s.io", &["EndpointSlice"], "addressType", Immutable, 0, 37),
    ("discovery.k8s.io", &["EndpointSlice"], "addressType", Declared, 37, 99),
    ("networking.k8s.io", &["IngressClass"], "spec.controller", Immutable, 0, 99),
    ("networking.k8s.io", &["IPAddress"], "spec.parentRef", Declared, 37, 99),
    ("node.k8s.io", &["RuntimeClass"], "handler", Immutable, 0, 37),
    ("node.k8s.io", &["RuntimeClass"], "handler", Declared, 37, 99),
    ("resource.k8s.io", &["ResourceClaim"], "spec", Immutable, 0, 37),
    ("resource.k8s.io", &["ResourceClaim"], "spec", Declared, 37, 99),
    ("resource.k8s.io", &["ResourceClaimTemplate"], "spec", Immutable, 0, 99),
    ("scheduling.k8s.io", &["PriorityClass"], "value", Forbidden("may not be changed in an update."), 0, 99),
    ("scheduling.k8s.io", &["PriorityClass"], "preemptionPolicy", Immutable, 0, 99),
    ("storage.k8s.io", &["StorageClass"], "parameters", Forbidden("updates to parameters are forbidden."), 0, 36),
    ("storage.k8s.io", &["StorageClass"], "provisioner", Forbidden("updates to provisioner are forbidden."), 0, 36),
    ("storage.k8s.io", &["StorageClass"], "reclaimPolicy", Forbidden("updates to reclaimPolicy are forbidden."), 0, 36),
    ("storage.k8s.io", &["StorageClass"], "parameters", Immutable, 36, 37),
    ("storage.k8s.io", &["StorageClass"], "parameters", Declared, 37, 99),
    ("storage.k8s.io", &["StorageClass"], "provisioner", Immutable, 36, 37),
    ("storage.k8s.io", &["StorageClass"], "provisioner", Declared, 37, 99),
    ("storage.k8s.io", &["StorageClass"], "reclaimPolicy", Immutable, 36, 37),
    ("storage.k8s.io", &["StorageClass"], "reclaimPolicy", Declared, 37, 99),
    ("storage.k8s.io", &["StorageClass"], "volumeBindingMode", Immutable, 0, 37),
    ("storage.k8s.io", &["StorageClass"], "volumeBindingMode", Declared, 37, 99),
    ("storage.k8s.io", &["VolumeAttachment"], "spec", Immutable, 0, 37),
    ("storage.k8s.io", &["VolumeAttachment"], "spec", Declared, 37, 99),
    ("storage.k8s.io", &["CSIStorageCapacity"], "nodeTopology", Immutable, 0, 99),
    ("storage.k8s.io", &["CSIStorageCapacity"], "storageClassName", Immutable, 0, 99),
    ("storage.k8s.io", CLASSES, "driverName", Forbidden("updates to driverName are forbidden."), 0, 99),
    ("storage.k8s.io", CLASSES, "parameters", Forbidden("updates to parameters are forbidden."), 0, 99),
    ("storagemigration.k8s.io", &["StorageVersionMigration"], "spec", Immutable, 0, 99),
    ("apiextensions.k8s.io", DEFINITION, "spec.group", Immutable, 0, 99),
    ("apiextensions.k8s.io", DEFINITION, "spec.names.plural", Immutable, 0, 99),
    ("apiextensions.k8s.io", DEFINITION, "spec.scope", Immutable, 0, 99),
    ("apiextensions.k8s.io", DEFINITION, "spec.names.kind", Immutable, 0, 99),
];

const IMMUTABLE: &str = "field is immutable";

/// The text that servers put where nothing stands.
fn default_given(value: Value<'_>) -> Option<&'static str> {
    let (ty, field) = value.owner().filter(|_| value.is_empty() && matches!(value.shape(), Some(Shape::String)))?;
    default_of(ty, field)
}

const CLASSES: &[&str] = &["VolumeAttributesClass"];
/// Of an established definition, as one is that was applied before.
const DEFINITION: &[&str] = &["CustomResourceDefinition"];

/// Judges what the new object changes.
pub(super) fn judge(kind: &Kind, new: Value<'_>, old: Value<'_>) {
    for (.., path, says, since, until) in LINES.iter().filter(|it| it.0 == kind.group && it.1.contains(&kind.kind)) {
        let (changed, was) = (new.at(path), old.at(path));
        if !same(changed, was) && changed.since(*since) && !(*until < 99 && changed.since(*until)) {
            match says {
                Immutable => match default_given(changed) {
                    Some(default) => changed.invalid_text(default, IMMUTABLE),
                    None => changed.invalid(IMMUTABLE),
                },
                Declared => changed.invalid_shown("null", IMMUTABLE),
                Forbidden(words) => changed.forbidden(words),
            }
        }
    }
    match (kind.group, kind.kind) {
        ("", "ConfigMap" | "Secret") => frozen_data(new, old),
        ("", "PersistentVolume") => storage::volume(new, old),
        ("", "PersistentVolumeClaim") => claim::claim(new, old),
        ("", "Node") => node::node(new, old),
        ("", "Pod") => pods::pod(new, old),
        ("", "ResourceQuota") => quota(new, old),
        ("", "Service") => service::service(new, old),
        ("apps", "StatefulSet") => pods::stateful_set(new, old),
        ("batch", "Job") => pods::job(new, old),
        ("events.k8s.io", "Event") => event(new, old),
        ("networking.k8s.io", "IPAddress") => network::address(new, old),
        ("networking.k8s.io", "ServiceCIDR") => network::ranges(new, old),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding" | "RoleBinding") => network::role(new, old),
        ("resource.k8s.io", "ResourceSlice") => network::devices(new, old),
        ("storage.k8s.io", "CSINode") => storage::node(new, old),
        ("storage.k8s.io", "CSIDriver") => storage::driver(new, old),
        _ => {}
    }
}

/// `ValidateConfigMapUpdate`, `ValidateSecretUpdate`. A map without entries is not no map (`reflect.DeepEqual`).
fn frozen_data(new: Value<'_>, old: Value<'_>) {
    if !old.bool_of("immutable") {
        return;
    }
    if !new.bool_of("immutable") {
        new.get("immutable").forbidden(FROZEN);
    }
    if new.run().kind.kind == "Secret" {
        if secret::contents(new) != secret::contents(old) {
            let [data, texts] = ["data", "stringData"].map(|field| new.get(field));
            let field = if data.is_present() || !texts.is_present() { data } else { texts.named("data") };
            field.forbidden(FROZEN);
        }
        return;
    }
    for field in ["data", "binaryData"] {
        let (now, was) = (new.get(field), old.get(field));
        if now.is_present() != was.is_present() || !same(now, was) {
            now.forbidden(FROZEN);
        }
    }
}

const FROZEN: &str = "field is immutable when `immutable` is set";

/// `ValidateResourceQuotaUpdate`: the scopes as a set.
fn quota(new: Value<'_>, old: Value<'_>) {
    let scopes = |quota: Value<'_>| {
        let mut list: Vec<&str> = quota.at("spec.scopes").items().map(Value::str).collect();
        order::sort(&mut list);
        list.dedup();
        list.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    if scopes(new) != scopes(old) {
        new.at("spec.scopes").invalid(IMMUTABLE);
    }
}

/// The fields of an event, and the server's names of them.
const EVENT: &[(&str, &str)] = &[
    ("regarding", "involvedObject"),
    ("reason", "reason"),
    ("note", "message"),
    ("deprecatedSource", "source"),
    ("deprecatedFirstTimestamp", "firstTimestamp"),
    ("deprecatedLastTimestamp", "lastTimestamp"),
    ("deprecatedCount", "count"),
    ("type", "type"),
    ("eventTime", "eventTime"),
    ("action", "action"),
    ("related", "related"),
    ("reportingController", "reportingController"),
    ("reportingInstance", "reportingInstance"),
];

/// `ValidateEventUpdate`.
fn event(new: Value<'_>, old: Value<'_>) {
    if !same(new.get("series"), old.get("series")) {
        super::events::series(new.get("series"));
    }
    for (field, path) in EVENT {
        let changed = new.get(field);
        if !same(changed, old.get(field)) {
            changed.named(*path).invalid(IMMUTABLE);
        }
    }
}
