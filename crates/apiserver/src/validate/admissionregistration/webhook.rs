//! ValidatingWebhookConfigurations and MutatingWebhookConfigurations.

use super::super::meta;
use super::super::names::Form;
use super::super::seen::Seen;
use super::super::value::Value;
use super::super::webhook;
use super::expression::{self, Variables};
use super::rule::{self, MATCH_POLICIES, one_of};

pub(super) const FAILURE_POLICIES: &[&str] = &["Fail", "Ignore"];
pub(super) const REINVOCATION_POLICIES: &[&str] = &["IfNeeded", "Never"];
const SIDE_EFFECTS: &[&str] = &["None", "NoneOnDryRun"];

/// What no webhook is asked about (pkg/kubeapiserver/admission/exclusion): group and resource.
const EXCLUDED: &[(&str, &str)] = &[
    ("authentication.k8s.io", "selfsubjectreviews"),
    ("authentication.k8s.io", "tokenreviews"),
    ("authorization.k8s.io", "localsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ("authorization.k8s.io", "subjectaccessreviews"),
];

/// `ValidateValidatingWebhookConfiguration` and `ValidateMutatingWebhookConfiguration`
pub(super) fn configuration(object: Value<'_>) {
    super::metadata(object);
    let mut seen = Seen::default();
    for hook in object.items_of("webhooks") {
        one(hook);
        review_versions(hook.get("admissionReviewVersions"));
        let name = hook.get("name");
        if !name.is_empty() && !seen.insert(name.str()) {
            name.duplicate();
        }
    }
    super::warnings(object);
    if !object.run().refuses() {
        object.items_of("webhooks").flat_map(|it| it.items_of("rules")).for_each(warn_excluded);
    }
}

/// `validateValidatingWebhook` and `validateMutatingWebhook`
fn one(hook: Value<'_>) {
    name(hook.get("name"));
    hook.items_of("rules").for_each(rule::with_operations);
    one_of(hook.get("failurePolicy"), FAILURE_POLICIES);
    one_of(hook.get("matchPolicy"), MATCH_POLICIES);
    let effects = hook.get("sideEffects");
    if effects.is_present() {
        one_of(effects, SIDE_EFFECTS);
    } else {
        effects.required("must specify one of None, NoneOnDryRun");
    }
    let timeout = hook.get("timeoutSeconds");
    if timeout.opt_int().is_some_and(|it| !(1..=30).contains(&it)) {
        timeout.invalid("the timeout value must be between 1 and 30 seconds");
    }
    for selector in [hook.get("namespaceSelector"), hook.get("objectSelector")] {
        meta::label_selector(selector);
    }
    one_of(hook.get("reinvocationPolicy"), REINVOCATION_POLICIES);
    let client = hook.get("clientConfig");
    let (url, service) = (client.get("url"), client.get("service"));
    match (url.is_present(), service.is_present()) {
        (true, false) => webhook::url(url),
        (false, true) => webhook::service(service),
        _ => client.required("exactly one of url or service is required"),
    }
    expression::match_conditions(hook.get("matchConditions"), Variables::of_requests());
}

/// `IsFullyQualifiedName`
fn name(field: Value<'_>) {
    if field.is_empty() {
        return field.required("");
    }
    let faults = Form::Subdomain.faults(field.str());
    if !faults.is_empty() {
        field.invalid(&faults.join(","));
    } else if field.str().split('.').count() < 3 {
        field.invalid("should be a domain with at least three segments separated by dots");
    }
}

/// `validateAdmissionReviewVersions`
fn review_versions(list: Value<'_>) {
    if list.is_empty() {
        return list.required("must specify one of v1, v1beta1");
    }
    let mut seen = Seen::default();
    for version in list.items() {
        if seen.insert(version.str()) {
            version.invalid_each(Form::Label1035.faults(version.str()));
        } else {
            version.invalid("duplicate version");
        }
    }
    if !seen.has("v1") && !seen.has("v1beta1") {
        list.invalid("must include at least one of v1, v1beta1");
    }
}

/// `warningsForExcludedRules`
fn warn_excluded(rule: Value<'_>) {
    let names = |list: &'static str, name: &str| rule.items_of(list).any(|it| it.str() == name);
    if names("apiGroups", "*") || names("resources", "*") {
        return;
    }
    for (group, resource) in EXCLUDED.iter().filter(|(group, it)| names("apiGroups", group) && names("resources", it)) {
        if rule.since(37) {
            rule.warn(format!(
                "{}: {resource}.{group} is excluded from admission webhooks; this rule will have no effect",
                rule.path()
            ));
        }
    }
}
