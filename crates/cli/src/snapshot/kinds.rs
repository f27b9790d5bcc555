//! The kinds of a snapshot, and what is kept of each: what places pods and binds claims, and nothing that could be a
//! secret.

use serde_json::{Map, Value};

/// A kind that is read.
pub(super) struct Kind {
    pub(super) group: &'static str,
    pub(super) version: &'static str,
    pub(super) kind: &'static str,
    pub(super) plural: &'static str,
    /// What is kept: keys, one in another, with blanks between them; lists are looked through.
    keep: &'static [&'static str],
}

/// Neither Secrets nor ConfigMaps are asked for. Of annotations only those stay that Kubernetes itself gives a meaning
/// to here: others may hold a whole manifest.
pub(super) const KINDS: &[Kind] = &[
    of("", "v1", "Namespace", "namespaces", &["metadata labels"]),
    of(
        "",
        "v1",
        "Node",
        "nodes",
        &[
            "metadata labels",
            "spec taints",
            "spec unschedulable",
            "spec providerID",
            "status capacity",
            "status allocatable",
            "status conditions type",
            "status conditions status",
            "status conditions reason",
            "status declaredFeatures",
            "status nodeInfo architecture",
            "status nodeInfo containerRuntimeVersion",
            "status nodeInfo kernelVersion",
            "status nodeInfo kubeletVersion",
            "status nodeInfo operatingSystem",
            "status nodeInfo osImage",
        ],
    ),
    of(
        "storage.k8s.io",
        "v1",
        "StorageClass",
        "storageclasses",
        &[
            "metadata annotations storageclass.kubernetes.io/is-default-class",
            "metadata annotations storageclass.beta.kubernetes.io/is-default-class",
            "metadata creationTimestamp",
            "provisioner",
            "parameters",
            "reclaimPolicy",
            "mountOptions",
            "allowVolumeExpansion",
            "volumeBindingMode",
            "allowedTopologies",
        ],
    ),
    of("storage.k8s.io", "v1", "CSIDriver", "csidrivers", &["spec"]),
    of("storage.k8s.io", "v1", "CSINode", "csinodes", &["spec"]),
    of(
        "storage.k8s.io",
        "v1",
        "CSIStorageCapacity",
        "csistoragecapacities",
        &["metadata namespace", "storageClassName", "nodeTopology", "capacity", "maximumVolumeSize"],
    ),
    of(
        "",
        "v1",
        "PersistentVolume",
        "persistentvolumes",
        &[
            "metadata labels",
            "metadata annotations pv.kubernetes.io/provisioned-by",
            "metadata annotations pv.kubernetes.io/bound-by-controller",
            "spec capacity",
            "spec accessModes",
            "spec claimRef namespace",
            "spec claimRef name",
            "spec claimRef uid",
            "spec persistentVolumeReclaimPolicy",
            "spec storageClassName",
            "spec volumeMode",
            "spec volumeAttributesClassName",
            "spec nodeAffinity",
            "spec mountOptions",
            "spec csi driver",
            "spec csi volumeHandle",
            "spec hostPath",
            "spec local",
            "spec nfs",
            "spec awsElasticBlockStore",
            "spec gcePersistentDisk",
            "spec azureDisk",
            "spec azureFile shareName",
            "spec vsphereVolume",
            "spec cinder volumeID",
            "spec fc",
            "spec iscsi targetPortal",
            "spec iscsi iqn",
            "spec iscsi lun",
            "spec rbd monitors",
            "spec rbd pool",
            "spec rbd image",
            "status phase",
        ],
    ),
    of(
        "",
        "v1",
        "PersistentVolumeClaim",
        "persistentvolumeclaims",
        &[
            "metadata namespace",
            "metadata labels",
            "metadata uid",
            "metadata annotations pv.kubernetes.io/bind-completed",
            "metadata annotations pv.kubernetes.io/bound-by-controller",
            "metadata annotations volume.kubernetes.io/selected-node",
            "metadata annotations volume.kubernetes.io/storage-provisioner",
            "metadata annotations volume.beta.kubernetes.io/storage-class",
            "spec",
            "status phase",
            "status capacity",
            "status accessModes",
            "status conditions type",
            "status conditions status",
        ],
    ),
    of("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", &["value", "globalDefault", "preemptionPolicy"]),
    of("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", &["handler", "overhead", "scheduling"]),
    of(
        "networking.k8s.io",
        "v1",
        "IngressClass",
        "ingressclasses",
        &["metadata annotations ingressclass.kubernetes.io/is-default-class", "spec controller"],
    ),
    of("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", &["spec"]),
    of("resource.k8s.io", "v1", "DeviceClass", "deviceclasses", &["spec selectors", "spec extendedResourceName"]),
    of("resource.k8s.io", "v1", "ResourceSlice", "resourceslices", &["spec"]),
    of(
        "resource.k8s.io",
        "v1",
        "ResourceClaim",
        "resourceclaims",
        &[
            "metadata namespace",
            "metadata ownerReferences",
            "spec devices requests",
            "spec devices constraints",
            "status allocation nodeSelector",
            "status allocation devices results",
            "status reservedFor",
        ],
    ),
    of(
        "",
        "v1",
        "Pod",
        "pods",
        &[
            "metadata namespace",
            "metadata labels",
            "metadata ownerReferences",
            "spec nodeName",
            "spec schedulerName",
            "spec priority",
            "spec priorityClassName",
            "spec preemptionPolicy",
            "spec runtimeClassName",
            "spec overhead",
            "spec resources",
            "spec nodeSelector",
            "spec affinity",
            "spec tolerations",
            "spec topologySpreadConstraints",
            "spec schedulingGates",
            "spec hostNetwork",
            "spec resourceClaims",
            "spec volumes name",
            "spec volumes persistentVolumeClaim",
            "spec volumes ephemeral",
            "spec containers name",
            "spec containers resources",
            "spec containers ports",
            "spec initContainers name",
            "spec initContainers resources",
            "spec initContainers ports",
            "spec initContainers restartPolicy",
            "status phase",
            "status resourceClaimStatuses",
            "status conditions type",
            "status conditions status",
            "status conditions reason",
            "status containerStatuses name",
            "status containerStatuses ready",
            "status containerStatuses restartCount",
        ],
    ),
];

const fn of(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
    keep: &'static [&'static str],
) -> Kind {
    Kind { group, version, kind, plural, keep }
}

impl Kind {
    /// `storage.k8s.io/v1`.
    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `StorageClass.storage.k8s.io`; the kind alone for the core group.
    pub(super) fn title(&self) -> String {
        if self.group.is_empty() { self.kind.to_owned() } else { format!("{}.{}", self.kind, self.group) }
    }
}

/// What is kept of an object.
pub(super) fn kept(kind: &Kind, object: &Value) -> Value {
    let mut paths = vec!["metadata name"];
    paths.extend(kind.keep);
    let mut kept = Map::new();
    kept.insert("apiVersion".to_owned(), Value::String(kind.api_version()));
    kept.insert("kind".to_owned(), Value::String(kind.kind.to_owned()));
    if let Some(Value::Object(picked)) = pick(object, &paths) {
        kept.extend(picked);
    }
    if let Some(Value::Object(parameters)) = kept.get_mut("parameters") {
        parameters.retain(|name, _| !may_be_secret(name));
    }
    Value::Object(kept)
}

/// What lies under the paths; nothing if there is nothing.
fn pick(value: &Value, paths: &[&str]) -> Option<Value> {
    match value {
        Value::Array(items) => Some(items.iter().filter_map(|it| pick(it, paths)).collect()),
        Value::Object(entries) => {
            let mut picked = Map::new();
            for (key, value) in entries {
                let under: Vec<Option<&str>> = paths.iter().filter_map(|it| rest_of(it, key)).collect();
                if under.contains(&None) {
                    picked.insert(key.clone(), value.clone());
                    continue;
                }
                let under: Vec<&str> = under.into_iter().flatten().collect();
                if !under.is_empty()
                    && let Some(value) = pick(value, &under)
                {
                    picked.insert(key.clone(), value);
                }
            }
            (!picked.is_empty()).then_some(Value::Object(picked))
        }
        _ => None,
    }
}

/// What follows a key at the start of a path: nothing where the path ends with it.
fn rest_of<'p>(path: &'p str, key: &str) -> Option<Option<&'p str>> {
    let rest = path.strip_prefix(key)?;
    if rest.is_empty() { Some(None) } else { rest.strip_prefix(' ').map(Some) }
}

/// True for the name of a parameter whose value may be a key: `restuserkey`, `password`, `adminSecret`. What names a
/// Secret stays.
fn may_be_secret(parameter: &str) -> bool {
    let name = parameter.to_lowercase();
    let is_reference = ["name", "namespace"].iter().any(|it| name.ends_with(it));
    !is_reference && ["key", "password", "passwd", "secret", "token", "credential"].iter().any(|it| name.contains(it))
}
