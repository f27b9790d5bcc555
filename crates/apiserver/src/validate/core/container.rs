//! Containers of all kinds (`validateContainers`, `validateInitContainers`, `validateEphemeralContainers`).

use super::super::value::Value;
use super::volume::Volumes;

/// What a pod's spec holds of containers. `volumes` are those of the pod, for what mounts them.
pub(in crate::validate) fn containers(spec: Value<'_>, volumes: &Volumes<'_>) {
    let _ = (spec, volumes);
}
