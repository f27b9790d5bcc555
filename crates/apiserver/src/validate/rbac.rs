//! Roles and their bindings (k8s.io/kubernetes, pkg/apis/rbac/validation).

use super::Validate;
use super::meta;
use super::names::Form;
use super::value::Value;

const GROUP: &str = "rbac.authorization.k8s.io";

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "ClusterRole" => cluster_role,
        "ClusterRoleBinding" => cluster_role_binding,
        "Role" => role,
        "RoleBinding" => role_binding,
        _ => return None,
    })
}

/// `ValidateRole`.
fn role(object: Value<'_>) {
    meta::object_meta(object, Form::PathSegment);
    object.items_of("rules").for_each(|rule| judge_rule(rule, true));
}

/// `ValidateClusterRole`.
fn cluster_role(object: Value<'_>) {
    meta::object_meta(object, Form::PathSegment);
    object.items_of("rules").for_each(|rule| judge_rule(rule, false));
    let aggregation = object.get("aggregationRule");
    if !aggregation.is_present() {
        return;
    }
    let selectors = aggregation.get("clusterRoleSelectors");
    if selectors.is_empty() {
        selectors.required("at least one clusterRoleSelector required if aggregationRule is non-nil");
    }
    for selector in selectors.items() {
        let said = selector.run().said();
        meta::label_selector(selector);
        // What has a fault makes no selector either, which is said once more.
        if selector.run().said() > said {
            selector.invalid_shown("null", "invalid label selector.");
        }
    }
}

/// `ValidatePolicyRule`.
fn judge_rule(rule: Value<'_>, namespaced: bool) {
    let (verbs, urls) = (rule.get("verbs"), rule.get("nonResourceURLs"));
    let (groups, resources) = (rule.get("apiGroups"), rule.get("resources"));
    if verbs.is_empty() {
        verbs.required(if verbs.since(37) { "" } else { "verbs must contain at least one value" });
    }
    if !urls.is_empty() {
        if namespaced {
            urls.invalid("namespaced rules cannot apply to non-resource URLs");
        }
        if !groups.is_empty() || !resources.is_empty() || !rule.get("resourceNames").is_empty() {
            urls.invalid("rules cannot apply to both regular resources and non-resource URLs");
        }
        return;
    }
    if groups.is_empty() {
        groups.required("resource rules must supply at least one api group");
    }
    if resources.is_empty() {
        resources.required("resource rules must supply at least one resource");
    }
}

/// `ValidateRoleBinding`.
fn role_binding(object: Value<'_>) {
    judge_binding(object, &["Role", "ClusterRole"], true);
}

/// `ValidateClusterRoleBinding`.
fn cluster_role_binding(object: Value<'_>) {
    judge_binding(object, &["ClusterRole"], false);
}

fn judge_binding(object: Value<'_>, kinds: &[&str], namespaced: bool) {
    meta::object_meta(object, Form::PathSegment);
    let role = object.get("roleRef");
    let (group, kind, name) = (role.get("apiGroup"), role.get("kind"), role.get("name"));
    if group.str_or(GROUP) != GROUP {
        group.not_supported(&[GROUP]);
    }
    if !kinds.contains(&kind.str()) {
        kind.not_supported(kinds);
    }
    if name.is_empty() {
        name.required("");
    } else {
        name.invalid_each(Form::PathSegment.faults(name.str()));
    }
    object.items_of("subjects").for_each(|subject| judge_subject(subject, namespaced));
}

/// `ValidateRoleBindingSubject`.
fn judge_subject(subject: Value<'_>, namespaced: bool) {
    let (group, kind, name) = (subject.get("apiGroup"), subject.get("kind"), subject.get("name"));
    if name.is_empty() {
        name.required("");
    }
    match kind.str() {
        "ServiceAccount" => {
            if !name.is_empty() {
                name.invalid_each(Form::Subdomain.faults(name.str()));
            }
            if !group.is_empty() {
                group.not_supported(&[""]);
            }
            let namespace = subject.get("namespace");
            if !namespaced && namespace.is_empty() {
                namespace.required("");
            }
        }
        "User" | "Group" => {
            if group.str_or(GROUP) != GROUP {
                group.not_supported(&[GROUP]);
            }
        }
        _ => kind.not_supported(&["ServiceAccount", "User", "Group"]),
    }
}
