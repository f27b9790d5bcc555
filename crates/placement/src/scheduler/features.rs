//! What a pod needs of the kubelet, and what nodes say that theirs has (`NodeDeclaredFeatures`).

use seaworthy_object::{Pod, Role};

use super::names::{Name, Names};

/// Nodes are asked from here on.
pub(super) const SINCE: u8 = 36;

/// The features that pods ask for by what they say (`component-helpers/nodedeclaredfeatures`).
pub(super) fn needed<'a>(pod: Pod<'a>, names: &mut Names<'a>) -> Vec<Name> {
    let spec = pod.spec();
    let containers = pod.containers().filter(|it| it.role() != Role::Ephemeral);
    let mut actions = containers.flat_map(|it| it.field().items_at("restartPolicyRules"));
    let restarts_all = actions.any(|it| it.str_at("action") == Some("RestartAllContainers"));
    let is_on = |path: &str, wanted: bool| spec.at(path).and_then(|it| it.as_bool()) == Some(wanted);
    let asked = [
        ("RestartAllContainersOnContainerExits", restarts_all),
        ("UserNamespacesHostNetworkSupport", is_on("hostNetwork", true) && is_on("hostUsers", false)),
    ];
    asked.into_iter().filter(|it| it.1).map(|it| names.of(it.0)).collect()
}

/// True if a node has all that is needed; nothing if nobody lists what it has.
pub(super) fn has_all(needed: &[Name], declared: Option<&[Name]>) -> Option<bool> {
    if needed.is_empty() {
        return Some(true);
    }
    declared.map(|declared| needed.iter().all(|it| declared.contains(it)))
}
