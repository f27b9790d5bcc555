//! What a container has of its pod's volumes (`ValidateVolumeMounts`, `ValidateVolumeDevices`).

use super::super::super::seen::Seen;
use super::super::super::value::Value;
use super::super::local_path;
use super::super::volume::Volumes;

const PROPAGATIONS: &[&str] = &["Bidirectional", "HostToContainer", "None"];
const RECURSIVE: &[&str] = &["Disabled", "Enabled", "IfPossible"];
/// Since here mounts are read-only with all below them (`RecursiveReadOnlyMounts`); before, the field is dropped.
const RECURSIVE_READ_ONLY: u8 = 31;

/// `ValidateVolumeMounts`.
pub(super) fn volumes(container: Value<'_>, of_pod: &Volumes<'_>) {
    let list = container.get("volumeMounts");
    if list.is_empty() {
        return;
    }
    let (names, paths) = others(container.get("volumeDevices"), "devicePath");
    let mut seen = Seen::default();
    let kept = list.items().filter(|mount| !of_pod.is_dropped(mount.str_of("name")));
    for (place, mount) in kept.enumerate() {
        if place != mount.index() {
            mount.counted(container, "volumeMounts", place);
        }
        let (name, path) = (mount.get("name"), mount.get("mountPath"));
        if name.is_empty() {
            name.required("");
        }
        if of_pod.get(name.str()).is_none() {
            name.not_found();
        }
        if path.is_empty() {
            path.required("");
        }
        if !seen.insert(path.str()) {
            path.invalid("must be unique");
        }
        if names.has(name.str()) {
            name.invalid("must not already exist in volumeDevices");
        }
        if paths.has(path.str()) {
            path.invalid("must not already exist as a path in volumeDevices");
        }
        details(mount, list, container);
    }
}

/// What of a mount the server has at the list's address, as if there were but one.
fn details<'r>(mount: Value<'r>, list: Value<'r>, container: Value<'_>) {
    let (path, expression) = (mount.get("subPath"), mount.get("subPathExpr"));
    if !expression.is_empty() && !path.is_empty() {
        expression.invalid("subPathExpr and subPath are mutually exclusive");
    }
    for path in [path, expression] {
        if path.str().starts_with('/') || path.str().contains("..") {
            local_path::descending(in_list(path, list));
        }
    }
    let propagation = mount.get("mountPropagation");
    if propagation.is_present() {
        if !PROPAGATIONS.contains(&propagation.str()) {
            in_list(propagation, list).not_supported(PROPAGATIONS);
        }
        if propagation.str() == "Bidirectional" && !container.at("securityContext.privileged").bool() {
            in_list(propagation, list)
                .forbidden("Bidirectional mount propagation is available only to privileged containers");
        }
    }
    recursive(mount, list);
}

/// `validateMountRecursiveReadOnly`.
fn recursive<'r>(mount: Value<'r>, list: Value<'r>) {
    let recursive = mount.get("recursiveReadOnly");
    if !recursive.is_present() || !recursive.since(RECURSIVE_READ_ONLY) {
        return;
    }
    match recursive.str() {
        "Disabled" => {}
        "Enabled" | "IfPossible" => {
            if !mount.bool_of("readOnly") {
                in_list(recursive, list).forbidden("may only be specified when readOnly is true");
            }
            if mount.get("mountPropagation").opt_str().is_some_and(|it| it != "None") {
                in_list(recursive, list)
                    .forbidden("may only be specified when mountPropagation is None or not specified");
            }
        }
        _ => in_list(recursive, list).not_supported(RECURSIVE),
    }
}

fn in_list<'r>(field: Value<'r>, list: Value<'r>) -> Value<'r> {
    field.named(format!("{}.{}", list.path(), field.key()))
}

/// `ValidateVolumeDevices`.
pub(super) fn devices(container: Value<'_>, of_pod: &Volumes<'_>) {
    let list = container.get("volumeDevices");
    if list.is_empty() {
        return;
    }
    let (mounted, paths) = others(container.get("volumeMounts"), "mountPath");
    let (mut names, mut devices) = (Seen::default(), Seen::default());
    for device in list.items() {
        let (name, path) = (device.get("name"), device.get("devicePath"));
        if name.is_empty() {
            name.required("");
        } else if !names.insert(name.str()) {
            name.invalid("must be unique");
        }
        match of_pod.get(name.str()) {
            None => name.not_found(),
            Some(volume) if !Volumes::is_claim(volume) => {
                name.invalid("can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
            }
            Some(_) => {}
        }
        if path.is_empty() {
            path.required("");
        }
        if devices.has(path.str()) {
            path.invalid("must be unique");
        }
        if path.str().split('/').any(|part| part == "..") {
            path.invalid("can not contain backsteps ('..')");
        } else {
            devices.insert(path.str());
        }
        if mounted.has(name.str()) {
            name.invalid("must not already exist in volumeMounts");
        }
        if paths.has(path.str()) {
            path.invalid("must not already exist as a path in volumeMounts");
        }
    }
}

/// Names and paths of the other list, which the server keeps as a map: of items of one name, the last.
fn others<'r>(list: Value<'r>, path: &'static str) -> (Seen<'r>, Seen<'r>) {
    let (mut names, mut paths) = (Seen::default(), Seen::default());
    let items: Vec<_> = list.items().collect();
    for item in items.into_iter().rev() {
        if names.insert(item.str_of("name")) {
            paths.insert(item.get(path).str());
        }
    }
    (names, paths)
}
