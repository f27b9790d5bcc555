//! FlowSchemas (`ValidateFlowSchema`).

use super::super::meta;
use super::super::names::Form;
use super::super::print;
use super::super::value::Value;

/// Where a schema stands that says nothing of it (`FlowSchemaDefaultMatchingPrecedence`), and the last place.
const PRECEDENCE: i64 = 1000;
const LAST: i64 = 10_000;
/// `supportedVerbs`, sorted.
const VERBS: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];
const VERBS_MISSING: &str = "verbs must contain at least one value";

pub(super) fn flow_schema(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let (spec, name) = (object.get("spec"), object.at("metadata.name").str());
    judge_spec(spec, name);
    let fixed = match name {
        "exempt" => is_fixed(spec, name, 1, "", &["system:masters"]),
        "catch-all" => is_fixed(spec, name, LAST, "ByUser", &["system:unauthenticated", "system:authenticated"]),
        _ => true,
    };
    if !fixed {
        spec.invalid(&format!("spec of '{name}' must equal the fixed value"));
    }
}

fn precedence(spec: Value<'_>) -> i64 {
    spec.get("matchingPrecedence").opt_int().filter(|it| *it != 0).unwrap_or(PRECEDENCE)
}

/// `ValidateFlowSchemaSpec`.
fn judge_spec(spec: Value<'_>, name: &str) {
    let place = spec.get("matchingPrecedence");
    match precedence(spec) {
        ..=0 => place.invalid("must be a positive value"),
        1 if name != "exempt" => place.invalid("only the schema named 'exempt' may have matchingPrecedence 1"),
        1..=LAST => {}
        _ => place.invalid(&format!("must not be greater than {LAST}")),
    }
    let method = spec.get("distinguisherMethod");
    if method.is_present() && !matches!(method.str_of("type"), "ByNamespace" | "ByUser") {
        method.get("type").not_supported_shown(&print::shown(method), &["ByNamespace", "ByUser"]);
    }
    let level = spec.at("priorityLevelConfiguration.name");
    if level.is_empty() {
        level.required("must reference a priority level");
    } else {
        level.invalid_each(Form::Subdomain.faults(level.str()));
    }
    for rule in spec.items_of("rules") {
        let (subjects, resources, urls) =
            (rule.get("subjects"), rule.get("resourceRules"), rule.get("nonResourceRules"));
        if subjects.is_empty() {
            subjects.required("subjects must contain at least one value");
        }
        subjects.items().for_each(judge_subject);
        if resources.is_empty() && urls.is_empty() {
            rule.required("at least one of resourceRules and nonResourceRules has to be non-empty");
        }
        resources.items().for_each(judge_resources);
        urls.items().for_each(judge_urls);
    }
}

/// Kinds of subjects: of each the field, and what is said where the field belongs to another.
const SUBJECTS: [(&str, &str, &str); 3] = [
    ("ServiceAccount", "serviceAccount", "serviceAccount is forbidden when subject kind is not 'ServiceAccount'"),
    ("User", "user", "user is forbidden when subject kind is not 'User'"),
    ("Group", "group", "group is forbidden when subject kind is not 'Group'"),
];

/// `ValidateFlowSchemaSubject`.
fn judge_subject(subject: Value<'_>) {
    let kind = subject.get("kind");
    if !SUBJECTS.iter().any(|(name, ..)| *name == kind.str()) {
        return kind.not_supported(&["Group", "ServiceAccount", "User"]);
    }
    for (name, field, forbidden) in SUBJECTS {
        let value = subject.get(field);
        match (name == kind.str(), value.is_present()) {
            (true, true) if name == "ServiceAccount" => judge_account(value),
            (true, true) if value.get("name").is_empty() => value.get("name").required(""),
            (true, false) => value.required(&format!("{field} is required when subject kind is '{name}'")),
            (false, true) => value.forbidden(forbidden),
            _ => {}
        }
    }
}

/// `ValidateServiceAccountSubject`.
fn judge_account(account: Value<'_>) {
    let (name, namespace) = (account.get("name"), account.get("namespace"));
    if name.is_empty() {
        name.required("");
    } else if name.str() != "*" {
        name.invalid_each(Form::Subdomain.faults(name.str()));
    }
    if namespace.is_empty() {
        namespace.required("must specify namespace for service account");
    } else {
        namespace.invalid_each(Form::Label.faults(namespace.str()));
    }
}

fn has_wildcard(list: Value<'_>) -> bool {
    list.items().any(|item| item.str() == "*")
}

/// A list that has something in it, and `*` alone if at all.
fn judge_list(list: Value<'_>, missing: &str, others: &str) {
    if list.is_empty() {
        list.required(missing);
    } else if list.len() > 1 && has_wildcard(list) {
        list.invalid(&format!("if '*' is present, must not specify other {others}"));
    }
}

fn judge_verbs(verbs: Value<'_>) {
    judge_list(verbs, VERBS_MISSING, "verbs");
    if !has_wildcard(verbs) && verbs.items().any(|verb| !VERBS.contains(&verb.str())) {
        verbs.not_supported(VERBS);
    }
}

/// `ValidateFlowSchemaResourcePolicyRule`.
fn judge_resources(rule: Value<'_>) {
    judge_verbs(rule.get("verbs"));
    judge_list(rule.get("apiGroups"), "resource rules must supply at least one api group", "api groups");
    judge_list(rule.get("resources"), "resource rules must supply at least one resource", "resources");
    let namespaces = rule.get("namespaces");
    if !namespaces.is_empty() || !rule.bool_of("clusterScope") {
        let missing = "resource rules that are not cluster scoped must supply at least one namespace";
        judge_list(namespaces, missing, "namespaces");
    }
    if !has_wildcard(namespaces) {
        for namespace in namespaces.items() {
            for fault in Form::Label.faults(namespace.str()) {
                namespace.invalid(&format!("each member of this list must be '*' or a DNS-1123 label; {fault}"));
            }
        }
    }
}

/// `ValidateFlowSchemaNonResourcePolicyRule`.
fn judge_urls(rule: Value<'_>) {
    judge_verbs(rule.get("verbs"));
    let urls = rule.get("nonResourceURLs");
    judge_list(urls, "nonResourceURLs must contain at least one value", "non-resource URLs");
    if !has_wildcard(urls) {
        for url in urls.items() {
            if let Some(fault) = url_fault(url.str()) {
                url.invalid(fault);
            }
        }
    }
}

/// `ValidateNonResourceURLPath`.
fn url_fault(path: &str) -> Option<&'static str> {
    let stars = path.bytes().filter(|byte| *byte == b'*').count();
    Some(match path {
        "/" => return None,
        "" => "must not be empty",
        _ if !path.starts_with('/') => "must start with slash",
        _ if path.contains(' ') => "must not contain white-space",
        _ if path.contains("//") => "must not contain double slash",
        _ if stars > 1 || stars == 1 && !path.ends_with("/*") => "wildcard can only do suffix matching",
        _ => return None,
    })
}

/// Whether a schema that servers make themselves is as they make it (apiserver, pkg/apis/flowcontrol/bootstrap).
fn is_fixed(spec: Value<'_>, level: &str, place: i64, method: &str, groups: &[&str]) -> bool {
    let distinguisher = spec.get("distinguisherMethod");
    let all = |list: Value<'_>| list.len() == 1 && has_wildcard(list);
    let rules = spec.get("rules");
    let Some(rule) = rules.items().next().filter(|_| rules.len() == 1) else { return false };
    let (resources, urls) = (rule.get("resourceRules"), rule.get("nonResourceRules"));
    let is_group = |subject: Value<'_>, name: &str| {
        subject.str_of("kind") == "Group" && subject.at("group.name").str() == name && subject.len() == 2
    };
    let subjects = rule.get("subjects");
    precedence(spec) == place
        && spec.at("priorityLevelConfiguration.name").str() == level
        && distinguisher.is_present() != method.is_empty()
        && distinguisher.str_of("type") == method
        && subjects.len() == groups.len()
        && subjects.items().zip(groups).all(|(subject, name)| is_group(subject, name))
        && resources.len() == 1
        && resources.items().all(|rule| {
            let lists = ["verbs", "apiGroups", "resources", "namespaces"];
            lists.into_iter().all(|name| all(rule.get(name))) && rule.bool_of("clusterScope")
        })
        && urls.len() == 1
        && urls.items().all(|rule| all(rule.get("verbs")) && all(rule.get("nonResourceURLs")))
}
