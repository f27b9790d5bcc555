//! Nodes (`ValidateNodeUpdate`).

use super::super::value::Value;

pub(super) fn node(new: Value<'_>, old: Value<'_>) {
    let (spec, was) = (new.get("spec"), old.get("spec"));
    let given = networks(was);
    if !given.is_empty() && given != networks(spec) {
        let words = "node updates may not change podCIDR except from \"\" to valid";
        spec.get("podCIDRs").named("spec.podCIDRs").forbidden(words);
    }
    let (provider, before) = (spec.get("providerID"), was.get("providerID"));
    if !before.is_empty() && before.str() != provider.str() {
        match (provider.since(37), provider.is_empty()) {
            (true, true) => provider.invalid_shown("null", "field cannot be cleared once set"),
            (true, false) => provider.invalid_shown("null", "field cannot be modified once set"),
            (false, _) => provider.forbidden("node updates may not change providerID except from \"\" to valid"),
        }
    }
    let external = spec.get("externalID");
    if external.str() != was.str_of("externalID") {
        external.forbidden("may not be updated");
    }
}

/// The networks of a node's pods as the server holds them: `podCIDR` is the first, and the only one if it says
/// otherwise.
fn networks<'r>(spec: Value<'r>) -> Vec<&'r str> {
    let (one, list) = (spec.str_of("podCIDR"), spec.get("podCIDRs"));
    let all: Vec<&str> = list.items().map(Value::str).collect();
    if one.is_empty() || all.first() == Some(&one) { all } else { vec![one] }
}
