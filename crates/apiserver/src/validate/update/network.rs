//! Addresses, ranges of them, bindings of roles and slices of devices.

use super::super::same::same;
use super::super::value::Value;
use super::IMMUTABLE;
use seaworthy_cel::quoted;

/// `ValidateIPAddressUpdate`, which 1.37 declares.
pub(super) fn address(new: Value<'_>, old: Value<'_>) {
    let parent = new.at("spec.parentRef");
    if !same(parent, old.at("spec.parentRef")) && !parent.since(37) {
        let fields = [("Group", "group"), ("Resource", "resource"), ("Namespace", "namespace"), ("Name", "name")];
        parent.invalid_shown(&printed(parent, &fields), IMMUTABLE);
    }
}

/// `ValidateServiceCIDRUpdate`: a range may gain one of the other family.
pub(super) fn ranges(new: Value<'_>, old: Value<'_>) {
    let ranges = new.at("spec.cidrs");
    let was: Vec<&str> = old.at("spec.cidrs").items().map(Value::str).collect();
    if ranges.len() == was.len() || (ranges.len() == 2 && was.len() == 1) {
        for (range, _) in ranges.items().zip(was).filter(|(range, was)| range.str() != *was) {
            range.invalid(IMMUTABLE);
        }
    } else {
        ranges.invalid(IMMUTABLE);
    }
}

/// `ValidateRoleBindingUpdate`, `ValidateClusterRoleBindingUpdate`.
pub(super) fn role(new: Value<'_>, old: Value<'_>) {
    let role = new.get("roleRef");
    if !same(role, old.get("roleRef")) {
        let shown = printed(role, &[("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")]);
        role.invalid_shown(&shown, if role.since(37) { IMMUTABLE } else { "cannot change roleRef" });
    }
}

/// `validateResourceSliceSpec`.
pub(super) fn devices(new: Value<'_>, old: Value<'_>) {
    for field in ["spec.pool.name", "spec.driver", "spec.nodeName"] {
        if !same(new.at(field), old.at(field)) {
            new.at(field).invalid_or_null(IMMUTABLE);
        }
    }
}

/// A struct of texts as the server prints it: under Go's names, absent ones too.
fn printed(value: Value<'_>, fields: &[(&str, &'static str)]) -> String {
    let texts = fields.iter().map(|(shown, field)| {
        let default = if *field == "apiGroup" { "rbac.authorization.k8s.io" } else { "" };
        format!("{}:{}", quoted(shown), quoted(value.get(field).str_or(default)))
    });
    format!("{{{}}}", texts.collect::<Vec<_>>().join(","))
}
