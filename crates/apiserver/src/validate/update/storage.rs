//! Volumes, claims and drivers.

use std::collections::BTreeMap;

use seaworthy_source::order::filled;

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
    let affinity = spec.get("nodeAffinity");
    if was.get("nodeAffinity").is_present() && !same(affinity, was.get("nodeAffinity")) {
        let field = affinity.named("nodeAffinity");
        field.invalid("field is immutable, except for updating from beta label to GA");
    }
}

/// `ValidatePersistentVolumeClaimUpdate` of a bound claim.
pub(super) fn claim(new: Value<'_>, old: Value<'_>) {
    let (spec, was) = (new.get("spec"), old.get("spec"));
    let unnamed = was.get("volumeName").is_empty();
    let may_differ = |ty: &str, field: &str| match (ty, field) {
        ("PersistentVolumeClaimSpec", "volumeAttributesClassName" | "resources") => true,
        // The controller has named a volume, and defaulted the class, which no manifest tells.
        ("PersistentVolumeClaimSpec", "volumeName") => unnamed,
        ("PersistentVolumeClaimSpec", "storageClassName") => !was.get("storageClassName").is_present(),
        _ => false,
    };
    if !same_but(spec, was, &may_differ) {
        // The server adds a difference of the two.
        spec.forbidden(
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
        );
    }
    let size = spec.at("resources.requests").get("storage");
    let asked = |spec: Value<'_>| spec.at("resources.requests").get("storage").quantity();
    if let (Some(now), Some(before)) = (asked(spec), asked(was))
        && now < before
    {
        size.named("spec.resources.requests.storage").forbidden(if spec.since(32) {
            "field can not be less than status.capacity"
        } else {
            "field can not be less than previous value"
        });
    }
    mode(spec, was);
}

fn mode(spec: Value<'_>, was: Value<'_>) {
    let mode = spec.get("volumeMode");
    if !same(mode, was.get("volumeMode")) {
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
        // Of two drivers of one name, which is a fault of its own, the server compares each with each.
        let Some(was) = before.get(driver.get("name").str()).filter(|_| before.len() == drivers.len()) else {
            continue;
        };
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
