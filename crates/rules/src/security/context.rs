//! The security contexts of a pod and its containers, and the pods that Pod Security spares some of its controls.

use std::fmt;

use seaworthy_diagnostic::Fix;
use seaworthy_object::{Container, Field, Place, Pod, Version, Versions};

use crate::{Reporter, mending};

/// From which policy version controls that mean nothing on Windows spare its pods.
const SPARES_WINDOWS: Version = Version::minor_of(25);
/// From which policy version root of a user namespace counts as nobody on the node.
const SPARES_USER_NAMESPACES: Version = Version::minor_of(35);

/// Whose security context it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner<'a> {
    /// The pod's: `spec.securityContext`.
    Pod,
    /// A container's.
    Container(&'a str),
}

impl fmt::Display for Owner<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Pod => out.write_str("the pod"),
            Owner::Container(name) => write!(out, "container `{name}`"),
        }
    }
}

/// What the security contexts of a pod and of all its containers say at keys joined by dots.
pub(super) fn settings<'a>(pod: Pod<'a>, path: &str) -> Vec<(Owner<'a>, Field<'a>)> {
    let mut found = Vec::new();
    if let Some(field) = pod_setting(pod, path) {
        found.push((Owner::Pod, field));
    }
    for container in pod.containers() {
        if let Some(field) = setting(container, path) {
            found.push((Owner::Container(container.name()), field));
        }
    }
    found
}

/// What the security context of a pod says at keys joined by dots.
pub(super) fn pod_setting<'a>(pod: Pod<'a>, path: &str) -> Option<Field<'a>> {
    pod.spec().at("securityContext")?.at(path)
}

/// What the security context of a container says at keys joined by dots.
pub(super) fn setting<'a>(container: Container<'a>, path: &str) -> Option<Field<'a>> {
    container.at("securityContext")?.at(path)
}

/// A field that the security context of a container does not have, or that has no context: the container's name.
pub(super) fn missing<'a>(container: Container<'a>, key: &str) -> Place<'a> {
    let place = container.field().place();
    Place { path: format!("{}.securityContext.{key}", place.path), ..place }
}

/// True for a type of seccomp or AppArmor profile that keeps a process from something.
pub(super) fn confines(profile: &str) -> bool {
    matches!(profile, "RuntimeDefault" | "Localhost")
}

/// The versions asked for in which a control holds that spares pods on Windows.
pub(super) fn versions_for_linux(pod: Pod<'_>, report: &Reporter<'_>) -> Versions {
    let is_spared = pod.spec().field().str_at("os.name") == Some("windows");
    versions_but(is_spared, SPARES_WINDOWS, report)
}

/// The versions asked for in which a control holds that spares pods with user namespaces.
pub(super) fn versions_for_host_users(pod: Pod<'_>, report: &Reporter<'_>) -> Versions {
    versions_but(has_user_namespace(pod), SPARES_USER_NAMESPACES, report)
}

fn versions_but(is_spared: bool, from: Version, report: &Reporter<'_>) -> Versions {
    let held = if is_spared { Versions::before(from) } else { Versions::ALL };
    report.versions().intersect(held)
}

fn has_user_namespace(pod: Pod<'_>) -> bool {
    pod.spec().at("hostUsers").and_then(|it| it.as_bool()) == Some(false)
}

/// The fix that writes a line into a mapping of a container, where it stands in block style.
pub(super) fn insert(container: Container<'_>, path: &str, line: &str) -> Option<Fix> {
    let (_, first) = container.at(path)?.entries().next()?;
    Some(mending::by(mending::before(first, &[line])?, format!("Write `{line}`")))
}
