//! What a webhook or policy is asked about.

use super::super::meta;
use super::super::names::Form;
use super::super::seen::Seen;
use super::super::value::Value;

const OPERATIONS: &[&str] = &["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const SCOPES: &[&str] = &["*", "Cluster", "Namespaced"];
pub(super) const MATCH_POLICIES: &[&str] = &["Equivalent", "Exact"];

/// One of the values, where it is given.
pub(super) fn one_of(field: Value<'_>, values: &[&str]) {
    if field.is_present() && !values.contains(&field.str()) {
        field.not_supported(values);
    }
}

/// `validateMatchResources`
pub(super) fn match_resources(resources: Value<'_>) {
    if !resources.is_present() {
        return;
    }
    one_of(resources.get("matchPolicy"), MATCH_POLICIES);
    for selector in [resources.get("namespaceSelector"), resources.get("objectSelector")] {
        meta::label_selector(selector);
    }
    for list in [resources.get("resourceRules"), resources.get("excludeResourceRules")] {
        for rule in list.items() {
            resource_names(rule.get("resourceNames"));
            with_operations(rule);
        }
    }
}

/// `validateNamedRuleWithOperations`
fn resource_names(list: Value<'_>) {
    let mut seen = Seen::default();
    for name in list.items() {
        name.invalid_each(Form::PathSegment.faults(name.str()));
        if !seen.insert(name.str()) {
            name.duplicate();
        }
    }
}

fn has_wildcard(list: Value<'_>) -> bool {
    list.len() > 1 && list.items().any(|it| it.str() == "*")
}

/// `validateRuleWithOperations`
pub(super) fn with_operations(rule: Value<'_>) {
    let operations = rule.get("operations");
    if operations.is_empty() {
        operations.required("");
    }
    if has_wildcard(operations) {
        operations.invalid("if '*' is present, must not specify other operations");
    }
    for operation in operations.items().filter(|it| !OPERATIONS.contains(&it.str())) {
        operation.not_supported(OPERATIONS);
    }
    let (groups, versions) = (rule.get("apiGroups"), rule.get("apiVersions"));
    if groups.is_empty() {
        groups.required("");
    }
    if has_wildcard(groups) {
        groups.invalid("if '*' is present, must not specify other API groups");
    }
    if versions.is_empty() {
        versions.required("");
    }
    if has_wildcard(versions) {
        versions.invalid("if '*' is present, must not specify other API versions");
    }
    for version in versions.items().filter(|it| it.str().is_empty()) {
        version.required("");
    }
    resources(rule.get("resources"));
    one_of(rule.get("scope"), SCOPES);
}

/// `validateResources`
fn resources(list: Value<'_>) {
    if list.is_empty() {
        list.required("");
    }
    let (mut whole, mut subresources) = (Seen::default(), Seen::default());
    let (mut all, mut any, mut bare) = (false, false, false);
    for resource in list.items() {
        let name = resource.str();
        if name.is_empty() {
            resource.required("");
            continue;
        }
        all |= name == "*/*";
        any |= name == "*";
        let Some((of, sub)) = name.split_once('/') else {
            // The last one without a subresource counts.
            bare = name != "*";
            continue;
        };
        if whole.has(of) {
            resource.invalid(&format!("if '{of}/*' is present, must not specify {name}"));
        }
        if subresources.has(sub) {
            resource.invalid(&format!("if '*/{sub}' is present, must not specify {name}"));
        }
        if sub == "*" {
            whole.insert(of);
        }
        if of == "*" {
            subresources.insert(sub);
        }
    }
    if list.len() > 1 && all {
        list.invalid("if '*/*' is present, must not specify other resources");
    }
    if any && bare {
        list.invalid("if '*' is present, must not specify other resources without subresources");
    }
}
