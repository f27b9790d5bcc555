//! Volumes, claims and drivers.

use std::collections::BTreeMap;

use seaworthy_source::order::filled;

use super::super::print;
use super::super::same::{same, same_but};
use super::super::value::Value;
use super::{IMMUTABLE, difference};

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
        let words = "spec.persistentvolumesource is immutable after creation";
        // A reference that may be added is not in the difference.
        let difference = spec.since(print::JSON).then(|| {
            let held = |spec: Value<'_>| print::held(spec, "core.PersistentVolumeSource");
            difference::of(&held(was), &held(spec))
        });
        let source = spec.named("spec.persistentvolumesource");
        source.forbidden(&difference::after(words, difference));
    }
    mode(spec, was);
    let (affinity, affinity_was) = (spec.get("nodeAffinity"), was.get("nodeAffinity"));
    if affinity_was.is_present() && !same_affinity(affinity, affinity_was) {
        let field = affinity.named("nodeAffinity");
        field.invalid("field is immutable, except for updating from beta label to GA");
    }
    let attributes = spec.get("volumeAttributesClassName");
    if was.has("volumeAttributesClassName") && !attributes.is_present() && attributes.since(34) {
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
    let (required, terms, were) = (now.has("required"), now.at(terms), before.at(terms));
    let alike = |(now, before): (Value<'_>, Value<'_>)| {
        let (key, was) = (now.str_of("key"), before.str_of("key"));
        let renamed = RENAMED.iter().find(|(old, _)| *old == was).map_or("", |(_, name)| *name);
        (key == was || key == renamed) && same_but(now, before, &|_, field| field == "key")
    };
    let same_list =
        |now: Value<'_>, before: Value<'_>| now.len() == before.len() && now.items().zip(before.items()).all(alike);
    let same_term = |(now, before): (Value<'_>, Value<'_>)| {
        ["matchExpressions", "matchFields"].into_iter().all(|name| same_list(now.get(name), before.get(name)))
    };
    now.is_present()
        && required == before.has("required")
        && terms.len() == were.len()
        && terms.items().zip(were.items()).all(same_term)
}

pub(super) fn mode(spec: Value<'_>, was: Value<'_>) {
    let held = |spec: Value<'_>| spec.get("volumeMode").opt_str().unwrap_or("Filesystem").to_owned();
    let mode = spec.get("volumeMode");
    if held(spec) != held(was) {
        mode.named("volumeMode").invalid(IMMUTABLE);
    }
}

/// `ValidateCSIDriverUpdate`, whose paths are not those of the fields.
pub(super) fn driver(new: Value<'_>, old: Value<'_>) {
    let (spec, was) = (new.get("spec"), old.get("spec"));
    let attach = spec.get("attachRequired");
    if !same(attach, was.get("attachRequired")) {
        attach.named("spec.attachedRequired").invalid(IMMUTABLE);
    }
    if lifecycle_modes(spec) == lifecycle_modes(was) {
        return;
    }
    let modes = spec.get("volumeLifecycleModes").named("spec.volumeLifecycleModes");
    match (modes.is_empty(), modes.since(print::JSON)) {
        (false, _) => modes.invalid(IMMUTABLE),
        (true, true) => modes.invalid_shown("[\"Persistent\"]", IMMUTABLE),
        (true, false) => modes.invalid_shown("[]storage.VolumeLifecycleMode{\"Persistent\"}", IMMUTABLE),
    }
}

/// Without any there is one (`SetDefaults_CSIDriver`).
fn lifecycle_modes<'r>(driver: Value<'r>) -> Vec<&'r str> {
    let given: Vec<&str> = driver.items_of("volumeLifecycleModes").map(Value::str).collect();
    if given.is_empty() { vec!["Persistent"] } else { given }
}

const COUNTS: &str = "\"Allocatable\":";

/// `ValidateCSINodeUpdate`: what a driver says of itself, but for how many volumes it takes since 1.35.
pub(super) fn node(new: Value<'_>, old: Value<'_>) {
    let before: BTreeMap<&str, Value<'_>> =
        filled(old.at("spec.drivers").items().map(|driver| (driver.str_of("name"), driver)));
    if before.len() < old.at("spec.drivers").len() {
        // No server holds a driver twice: what the old object had is refused as it stands in the new one.
        return;
    }
    let drivers = new.at("spec.drivers");
    for driver in drivers.items() {
        let Some(was) = before.get(driver.str_of("name")) else { continue };
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
        driver.named(path).invalid_shown(&shown, IMMUTABLE);
    }
}
