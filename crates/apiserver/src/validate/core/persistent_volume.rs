//! Volumes of the cluster (`ValidatePersistentVolume`).

use super::super::meta;
use super::super::names::Form;
use super::super::value::Value;
use super::persistent_volume_claim::{self as claim, ATTRIBUTES_CLASS, CLASS_ANNOTATION};
use super::volume::source::{self, Source, free};
use super::{affinity, node_label};

/// The sources of PersistentVolumes, in the order in which the server looks for them.
const SOURCES: &[Source] = &[
    Source::new("hostPath", &["path"], source::host_path),
    Source::new("gcePersistentDisk", &["pdName"], source::disk),
    Source::new("awsElasticBlockStore", &["volumeID"], source::disk),
    Source::new("glusterfs", &["endpoints", "path"], source::glusterfs_persistent),
    Source::new("flocker", &[], source::flocker),
    Source::new("nfs", &["server", "path"], source::nfs),
    Source::new("rbd", &["monitors", "image"], free),
    Source::new("quobyte", &[], source::quobyte),
    Source::new("cephfs", &["monitors"], free).surplus("cephFS"),
    Source::new("iscsi", &["targetPortal", "iqn"], source::iscsi_persistent),
    Source::new("cinder", &["volumeID"], source::placed_secret),
    Source::new("fc", &[], source::fc),
    Source::new("flexVolume", &["driver"], source::flex_volume).surplus(""),
    Source::new("azureFile", &["secretName", "shareName"], source::azure_file_persistent),
    Source::new("vsphereVolume", &["volumePath"], free),
    Source::new("photonPersistentDisk", &["pdID"], free),
    Source::new("portworxVolume", &["volumeID"], free),
    Source::new("azureDisk", &["diskName", "diskURI"], source::azure_disk),
    Source::new("scaleIO", &["gateway", "system", "volumeName"], free),
    Source::new("local", &["path"], local),
    Source::new("storageos", &["volumeName"], source::storage_os_persistent),
    Source::new("csi", &[], source::csi_persistent),
];
/// The sources that take mount options by annotation (pkg/volume/validation, `checkMountOption`).
const TAKE_MOUNT_OPTIONS: &[&str] = &[
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "nfs",
    "rbd",
    "quobyte",
    "iscsi",
    "cinder",
    "cephfs",
    "azureFile",
    "vsphereVolume",
    "azureDisk",
    "photonPersistentDisk",
];
const MOUNT_OPTIONS: &str = "volume.beta.kubernetes.io/mount-options";
const RECLAIM_POLICIES: &[&str] = &["Delete", "Recycle", "Retain"];
/// The version whose node affinity takes label values only.
const VALUES_OF_NODES: u8 = 33;
/// Sources that do nothing any more: the field, the server's name of it, and its words.
const DEAD: &[(&str, &str, &str)] = &[
    ("cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"),
];

/// `ValidatePersistentVolume`.
pub(super) fn persistent_volume(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    volume_spec(spec, false);
    mount_options(object.at("metadata.annotations"), spec);
    if !object.run().refuses() {
        warnings(object.at("metadata.annotations"), spec);
    }
}

/// `ValidatePersistentVolumeSpec`; `inline` of one that stands in a VolumeAttachment.
pub(in crate::validate) fn volume_spec(spec: Value<'_>, inline: bool) {
    if inline {
        inlined(spec);
    }
    let (modes, affinity, policy) =
        (spec.get("accessModes"), spec.get("nodeAffinity"), spec.get("persistentVolumeReclaimPolicy"));
    if modes.is_empty() {
        modes.required("");
    }
    claim::access_modes(modes);
    if !inline {
        capacity(spec.get("capacity"));
        if !policy.is_empty() && !RECLAIM_POLICIES.contains(&policy.str()) {
            policy.not_supported(RECLAIM_POLICIES);
        }
        node_affinity(affinity);
        claim::class(spec.get("storageClassName"));
        claim::volume_mode(spec.get("volumeMode"));
    }
    let source = source::one_of(spec, SOURCES);
    if source == Some("local") && (inline || !affinity.is_present()) {
        affinity.required("Local volume requires node affinity");
    }
    if policy.str() == "Recycle" && is_root(spec.at("hostPath.path").str()) {
        policy.forbidden("may not be 'recycle' for a hostPath mount of '/'");
    }
    if !inline {
        attributes_class(spec);
    }
}

/// What a volume in a VolumeAttachment may not say.
fn inlined(spec: Value<'_>) {
    const WORDS: &str = "may not be specified in the context of inline volumes";
    for name in ["claimRef", "nodeAffinity"] {
        if spec.has(name) {
            spec.get(name).forbidden(WORDS);
        }
    }
    for name in ["capacity", "storageClassName"] {
        if !spec.get(name).is_empty() {
            spec.get(name).forbidden(WORDS);
        }
    }
    if !spec.has("csi") {
        spec.get("csi").required("has to be specified in the context of inline volumes");
    }
    let (policy, mode) = (spec.get("persistentVolumeReclaimPolicy"), spec.get("volumeMode"));
    if !matches!(policy.str(), "" | "Retain") {
        policy.forbidden("may only be Retain in the context of inline volumes");
    }
    if mode.is_present() && mode.str() != "Filesystem" {
        mode.forbidden("may not specify volumeMode other than Filesystem in the context of inline volumes");
    }
}

fn capacity(map: Value<'_>) {
    if map.is_empty() {
        map.required("");
    }
    if map.len() != 1 || map.entries().all(|(key, _)| key != "storage") {
        map.not_supported(&["storage"]);
    }
    for (_, quantity) in map.entries() {
        if let Some(negative) = quantity.amount().map(|it| it.value_in_64_bits()).filter(|it| *it < 0) {
            quantity.invalid_shown(&negative.to_string(), "must be a valid resource quantity");
        }
        if !claim::is_positive(quantity) {
            claim::not_positive(quantity);
        }
    }
}

/// `validateVolumeNodeAffinity`.
fn node_affinity(affinity: Value<'_>) {
    let required = affinity.get("required");
    if required.is_present() {
        affinity::node_selector(required, Some(VALUES_OF_NODES));
    } else if affinity.is_present() {
        required.required("must specify required node constraints");
    }
}

/// `validateLocalVolumeSource`.
fn local(source: Value<'_>) {
    super::local_path::no_backsteps(source.get("path"));
}

/// Whether `path.Clean` makes `/` of a path.
fn is_root(path: &str) -> bool {
    let mut depth = 0_usize;
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => depth = depth.saturating_sub(1),
            _ => depth += 1,
        }
    }
    path.starts_with('/') && depth == 0
}

fn attributes_class(spec: Value<'_>) {
    let class = spec.get("volumeAttributesClassName");
    if !class.is_present() || !class.since(ATTRIBUTES_CLASS) {
        return;
    }
    if class.is_empty() {
        class.required("an empty string is disallowed");
    }
    claim::class(class);
    if !spec.has("csi") {
        spec.get("csi").required("has to be specified when using volumeAttributesClassName");
    }
}

/// `checkMountOption`.
fn mount_options(annotations: Value<'_>, spec: Value<'_>) {
    let options = annotations.entries().find(|(key, _)| *key == MOUNT_OPTIONS);
    if let Some((_, options)) = options
        && TAKE_MOUNT_OPTIONS.iter().all(|source| !spec.get(source).is_present())
    {
        let field = options.named(format!("metadata.annotations.{MOUNT_OPTIONS}"));
        field.forbidden("may not specify mount options for this volume type");
    }
}

/// `GetWarningsForPersistentVolume`.
fn warnings(annotations: Value<'_>, spec: Value<'_>) {
    for (key, value) in annotations.entries() {
        let words = match key {
            CLASS_ANNOTATION => "deprecated since v1.8; use \"storageClassName\" attribute instead",
            MOUNT_OPTIONS if value.since(31) => "deprecated since v1.31; use \"mountOptions\" attribute instead",
            _ => continue,
        };
        value.warn(format!("metadata.annotations[{key}]: {words}"));
    }
    let policy = spec.get("persistentVolumeReclaimPolicy");
    if policy.str() == "Recycle" {
        policy.warn(
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended \
             approach is to use dynamic provisioning.",
        );
    }
    spec.at("nodeAffinity.required.nodeSelectorTerms").items().for_each(node_label::warn_expressions);
    for (name, called, words) in DEAD {
        if let Some(source) = spec.entry(name).filter(|it| it.is_present()) {
            source.warn(format!("spec.{called}: {words}"));
        }
    }
}
