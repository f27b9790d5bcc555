//! Volumes, claims and drivers.

use std::collections::BTreeMap;

use seaworthy_source::order::filled;

use seaworthy_object::Quantity;

use super::super::core::persistent_volume_claim::{CLASS_ANNOTATION, has_source, sources};
use super::super::print;
use super::super::same::{same, same_but};
use super::super::value::Value;

/// The fields of a volume that are not where its data lies.
const ABOUT: [&str; 9] = [
    "accessModes",
    "capacity",
    "claimRef",
    "mountOptions",
    "nodeAffinity",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "volumeAttributesClassName",
    "volumeMode",
];

/// `ValidatePersistentVolumeUpdate`.
pub(super) fn volume(new: Value<'_>, old: Value<'_>) {
    let (spec, was) = (new.get("spec"), old.get("spec"));
    let secret_added = !was.at("csi.controllerExpandSecretRef").is_present();
    let may_differ = |ty: &str, field: &str| match ty {
        "PersistentVolumeSpec" => ABOUT.contains(&field),
        "CSIPersistentVolumeSource" => field == "controllerExpandSecretRef" && secret_added,
        _ => false,
    };
    if !same_but(spec, was, &may_differ) {
        let source = spec.named("spec.persistentvolumesource");
        source.forbidden("spec.persistentvolumesource is immutable after creation");
    }
    mode(spec, was);
    let (affinity, affinity_was) = (spec.get("nodeAffinity"), was.get("nodeAffinity"));
    if affinity_was.is_present() && !same_affinity(affinity, affinity_was) {
        let field = affinity.named("nodeAffinity");
        field.invalid("field is immutable, except for updating from beta label to GA");
    }
    let attributes = spec.get("volumeAttributesClassName");
    if was.get("volumeAttributesClassName").is_present() && !attributes.is_present() && attributes.since(34) {
        attributes.forbidden("update from non-nil value to nil is forbidden");
    }
}

/// Labels of nodes that have another name since they are stable (`betaToGALabel`).
const RENAMED: &[(&str, &str)] = &[
    ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    ("beta.kubernetes.io/os", "kubernetes.io/os"),
    ("beta.kubernetes.io/arch", "kubernetes.io/arch"),
    ("beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"),
];

/// `validatePvNodeAffinity`: the same, but for labels under their new names. To have none passes too.
fn same_affinity(now: Value<'_>, before: Value<'_>) -> bool {
    let terms = "required.nodeSelectorTerms";
    let (required, terms, were) = (now.get("required").is_present(), now.at(terms), before.at(terms));
    let alike = |(now, before): (Value<'_>, Value<'_>)| {
        let (key, was) = (now.get("key").str(), before.get("key").str());
        let renamed = RENAMED.iter().find(|(old, _)| *old == was).map_or("", |(_, name)| *name);
        (key == was || key == renamed) && same_but(now, before, &|_, field| field == "key")
    };
    let same_list =
        |now: Value<'_>, before: Value<'_>| now.len() == before.len() && now.items().zip(before.items()).all(alike);
    let same_term = |(now, before): (Value<'_>, Value<'_>)| {
        ["matchExpressions", "matchFields"].into_iter().all(|name| same_list(now.get(name), before.get(name)))
    };
    now.is_present()
        && required == before.get("required").is_present()
        && terms.len() == were.len()
        && terms.items().zip(were.items()).all(same_term)
}

/// `ValidatePersistentVolumeClaimUpdate` of a bound claim.
pub(super) fn claim(new: Value<'_>, old: Value<'_>) {
    let (spec, was) = (new.get("spec"), old.get("spec"));
    let annotation =
        |claim: Value<'_>| claim.at("metadata.annotations").entry(CLASS_ANNOTATION).map(|it| it.str().to_owned());
    let (noted, noted_before) = (annotation(new), annotation(old));
    let (class, class_before) = (spec.get("storageClassName").opt_str(), was.get("storageClassName").opt_str());
    // The class may move from the annotation to the field, and to where there was none.
    let moves = noted_before.is_some() && class_before.is_none() && class == noted_before.as_deref();
    let moves = moves && (noted.is_none() || noted == noted_before);
    if !moves && noted.as_deref().unwrap_or("") != noted_before.as_deref().unwrap_or("") {
        let field = new.named(format!("metadata.annotations.{CLASS_ANNOTATION}"));
        field.invalid_text(noted.as_deref().unwrap_or(""), "field is immutable");
    }
    let appears = class_before.is_none() && (noted_before.is_none() || class == noted_before.as_deref());
    let unnamed = was.get("volumeName").is_empty();
    let may_differ = |ty: &str, field: &str| match (ty, field) {
        ("PersistentVolumeClaimSpec", "volumeAttributesClassName" | "dataSource" | "dataSourceRef") => true,
        ("VolumeResourceRequirements", "requests") => true,
        // The controller has named a volume, and defaulted the class, which no manifest tells.
        ("PersistentVolumeClaimSpec", "volumeName") => unnamed,
        ("PersistentVolumeClaimSpec", "storageClassName") => appears,
        _ => false,
    };
    let same_sources = sources(spec, has_source(was)) == sources(was, false);
    if !same_sources || !same_requests(spec, was) || !same_but(spec, was, &may_differ) {
        // The server adds a difference of the two.
        spec.forbidden(
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
        );
    }
    let size = spec.at("resources.requests").get("storage");
    let asked = |spec: Value<'_>| spec.at("resources.requests").get("storage").amount().unwrap_or_else(Quantity::zero);
    if asked(spec) < asked(was) {
        size.named("spec.resources.requests.storage").forbidden(if spec.since(32) {
            "field can not be less than status.capacity"
        } else {
            "field can not be less than previous value"
        });
    }
    mode(spec, was);
}

/// What is requested but for storage, which may grow; not to request anything is something else.
fn same_requests(spec: Value<'_>, was: Value<'_>) -> bool {
    let (now, before) = (spec.at("resources.requests"), was.at("resources.requests"));
    let kept = |one: Value<'_>, other: Value<'_>| {
        let mut amounts = one.entries().filter(|(key, _)| *key != "storage");
        amounts.all(|(key, it)| other.entry(key).is_some_and(|other| other.amount() == it.amount()))
    };
    (now.is_present() || before.is_empty()) && kept(now, before) && kept(before, now)
}

fn mode(spec: Value<'_>, was: Value<'_>) {
    let held = |spec: Value<'_>| spec.get("volumeMode").opt_str().unwrap_or("Filesystem").to_owned();
    let mode = spec.get("volumeMode");
    if held(spec) != held(was) {
        mode.named("volumeMode").invalid("field is immutable");
    }
}

/// `ValidateCSIDriverUpdate`, whose paths are not those of the fields.
pub(super) fn driver(new: Value<'_>, old: Value<'_>) {
    for (field, path) in
        [("attachRequired", "spec.attachedRequired"), ("volumeLifecycleModes", "spec.volumeLifecycleModes")]
    {
        let changed = new.get("spec").get(field);
        if !same(changed, old.get("spec").get(field)) {
            changed.named(path).invalid("field is immutable");
        }
    }
}

const COUNTS: &str = "\"Allocatable\":";

/// `ValidateCSINodeUpdate`: what a driver says of itself, but for how many volumes it takes since 1.35.
pub(super) fn node(new: Value<'_>, old: Value<'_>) {
    let before: BTreeMap<&str, Value<'_>> =
        filled(old.at("spec.drivers").items().map(|driver| (driver.get("name").str(), driver)));
    let drivers = new.at("spec.drivers");
    for driver in drivers.items() {
        let Some(was) = before.get(driver.get("name").str()) else { continue };
        let counts = |ty: &str, field: &str| ty == "CSINodeDriver" && field == "allocatable";
        if same(driver, *was) || same_but(driver, *was, &counts) && driver.since(35) {
            continue;
        }
        let path = if driver.since(33) { drivers.path() } else { "CSINodeDriver".to_owned() };
        let mut shown = print::shown(driver);
        if driver.since(35) {
            // What may change is left out of it, which is its last field.
            let end = shown.rfind(COUNTS).unwrap_or(shown.len());
            shown.replace_range(end.., "\"Allocatable\":null}");
        }
        driver.named(path).invalid_shown(&shown, "field is immutable");
    }
}
