//! Annotations that mean something to pods (`ValidatePodSpecificAnnotations`), and whether they agree with the fields
//! that came after them.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_source::order::filled;

use super::super::names;
use super::super::value::Value;
use super::local_path;
use super::pod::{containers_of, is_pod};

/// `MirrorPodAnnotationKey`.
pub(super) const MIRROR: &str = "kubernetes.io/config.mirror";
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
pub(super) const SECCOMP_OF_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
pub(super) const SECCOMP_OF_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
pub(super) const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
const LOCALHOST: &str = "localhost/";

/// `ValidatePodSpecificAnnotations`; `path` is where the server says they are.
pub(super) fn of_pod(annotations: Value<'_>, spec: Value<'_>, path: &dyn Fn() -> String) {
    let containers = if has_profiles(annotations) { names_of(spec) } else { BTreeSet::new() };
    for (key, value) in annotations.entries() {
        let keyed = || value.named(format!("{}[{key}]", path()));
        if key == MIRROR && spec.get("nodeName").is_empty() {
            keyed().invalid("must set spec.nodeName if mirror pod annotation is set");
        } else if key == DELETION_COST && !is_cost(value.str()) {
            keyed().invalid("must be a 32bit integer");
        } else if key == SECCOMP_OF_POD || key.starts_with(SECCOMP_OF_CONTAINER) {
            seccomp(value, &|| format!("{}.{key}", path()));
        } else if let Some(name) = key.strip_prefix(APP_ARMOR) {
            if !containers.contains(name) {
                keyed().invalid_text(name, "container not found");
            }
            if !is_app_armor(value.str()) {
                keyed().invalid(&format!("invalid AppArmor profile name: {}", seaworthy_cel::quoted(value.str())));
            }
        }
    }
}

/// The names of all containers (`podSpecHasContainer`).
fn names_of(spec: Value<'_>) -> BTreeSet<&str> {
    filled(containers_of(spec).map(|container| container.str_of("name")))
}

/// `GetDeletionCostFromPodAnnotations`.
fn is_cost(text: &str) -> bool {
    (text == "0" || text.starts_with(|first| matches!(first, '-' | '1'..='9'))) && text.parse::<i32>().is_ok()
}

/// `ValidateSeccompProfile`.
fn seccomp(value: Value<'_>, path: &dyn Fn() -> String) {
    match value.str() {
        "runtime/default" | "docker/default" | "unconfined" => {}
        text => match text.strip_prefix(LOCALHOST) {
            Some(local) => local_path::part_descending(value.named(path()), local),
            None => value.named(path()).invalid("must be a valid seccomp profile"),
        },
    }
}

/// `ValidateAppArmorProfileFormat`.
fn is_app_armor(profile: &str) -> bool {
    matches!(profile, "" | "runtime/default" | "unconfined") || profile.starts_with(LOCALHOST)
}

/// What an annotation says of AppArmor, if it is a profile at all (`ApparmorFieldForAnnotation`): its type and path.
pub(super) fn app_armor_of(annotation: &str) -> Option<(&'static str, &str)> {
    match annotation {
        "unconfined" => Some(("Unconfined", "")),
        "runtime/default" => Some(("RuntimeDefault", "")),
        _ => annotation.strip_prefix(LOCALHOST).filter(|path| !path.is_empty()).map(|path| ("Localhost", path)),
    }
}

/// Whether `ValidateAppArmorProfileField` would take what an annotation says.
pub(super) fn is_valid_app_armor((_, path): (&str, &str)) -> bool {
    path.trim() == path && path.len() <= 4095
}

/// Before 1.34 the server writes the AppArmor profiles of a pod's fields into its annotations, where names that are
/// none make bad keys (`applyAppArmorVersionSkew`).
pub(super) fn app_armor_of_fields(annotations: Value<'_>, spec: Value<'_>) {
    let keys: BTreeSet<&str> = filled(annotations.entries().map(|(key, _)| key));
    for container in containers_of(spec) {
        let name = container.get("name");
        if names::is_key(name.str()) && !name.str().contains('/') {
            continue;
        }
        let own = container.at("securityContext.appArmorProfile");
        let profile = if own.is_present() { own } else { spec.at("securityContext.appArmorProfile") };
        let noted = match profile.str_of("type") {
            "Unconfined" | "RuntimeDefault" => true,
            "Localhost" => profile.has("localhostProfile"),
            _ => false,
        };
        let key = format!("{APP_ARMOR}{}", name.str());
        let there = keys.contains(key.as_str());
        if noted && !there && spec.at("os.name").str() != "windows" && !name.since(34) {
            let at = name.named(annotations.path());
            names::key_faults(&key.to_lowercase(), false).iter().for_each(|fault| at.invalid_text(&key, fault));
        }
    }
}

/// `validateSeccompAnnotationsAndFields` and `validateAppArmorAnnotationsAndFieldsMatchOnCreate`.
pub(super) fn agree(annotations: Value<'_>, spec: Value<'_>) {
    if !has_profiles(annotations) {
        return;
    }
    let all: BTreeMap<&str, Value<'_>> = filled(annotations.entries());
    let of = |key: &str| all.get(key).map(|value| value.str());
    if let Some(annotation) = of(SECCOMP_OF_POD) {
        seccomp_agrees(annotation, spec.at("securityContext.seccompProfile"));
    }
    for container in containers_of(spec) {
        let name = container.str_of("name");
        if let Some(annotation) = of(&format!("{SECCOMP_OF_CONTAINER}{name}")) {
            seccomp_agrees(annotation, container.at("securityContext.seccompProfile"));
        }
        if let Some(annotation) = of(&format!("{APP_ARMOR}{name}")).filter(|_| spec.at("os.name").str() != "windows") {
            app_armor_agrees(annotation, spec, container.at("securityContext.appArmorProfile"));
        }
    }
}

/// Whether any annotation is of a profile.
pub(super) fn has_profiles(annotations: Value<'_>) -> bool {
    let is_profile =
        |key: &str| key == SECCOMP_OF_POD || key.starts_with(SECCOMP_OF_CONTAINER) || key.starts_with(APP_ARMOR);
    annotations.entries().any(|(key, _)| is_profile(key))
}

fn seccomp_agrees(annotation: &str, profile: Value<'_>) {
    let kind = profile.get("type");
    let same = match kind.str() {
        "Unconfined" => annotation == "unconfined",
        "RuntimeDefault" => matches!(annotation, "runtime/default" | "docker/default"),
        "Localhost" => match annotation.strip_prefix(LOCALHOST) {
            None => false,
            Some(path) => {
                let local = profile.get("localhostProfile");
                if local.opt_str() != Some(path) {
                    local.forbidden("seccomp profile in annotation and field must match");
                }
                true
            }
        },
        _ => true,
    };
    if !same {
        kind.forbidden("seccomp type in annotation and field must match");
    }
}

fn app_armor_agrees<'r>(annotation: &str, spec: Value<'r>, own: Value<'r>) {
    // A pod's container without a profile takes that of the annotation (`applyAppArmorVersionSkew`).
    if is_pod(spec) && !own.is_present() && app_armor_of(annotation).is_some_and(is_valid_app_armor) {
        return;
    }
    let profile = if own.is_present() { own } else { spec.at("securityContext.appArmorProfile") };
    let local = profile.get("localhostProfile").opt_str();
    let (same, profiles) = match profile.str_of("type") {
        "Unconfined" => (annotation == "unconfined", true),
        "RuntimeDefault" => (annotation == "runtime/default", true),
        "Localhost" => match annotation.strip_prefix(LOCALHOST) {
            Some(path) => (true, local == Some(path)),
            None => (false, true),
        },
        _ => (true, true),
    };
    if !same {
        own.get("type").forbidden("apparmor type in annotation and field must match");
    } else if !profiles {
        own.get("localhostProfile").forbidden("apparmor profile in annotation and field must match");
    }
}
