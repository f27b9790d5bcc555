//! What servers are asked about tokens and access, and store nothing of.
//!
//! k8s.io/kubernetes, pkg/apis/authorization/validation, and what the `Create` of each kind under
//! pkg/registry/authentication and pkg/registry/authorization refuses. Of metadata these look at nothing else.

use super::Validate;
use super::meta;
use super::names::{self, BYTES};
use super::print;
use super::value::Value;
use super::words::Reason;

/// The validation of a kind of these groups.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "LocalSubjectAccessReview" => local_access_review,
        "SelfSubjectAccessReview" => self_access_review,
        "SelfSubjectReview" => self_review,
        "SelfSubjectRulesReview" => rules_review,
        "SubjectAccessReview" => access_review,
        "TokenReview" => token_review,
        _ => return None,
    })
}

fn self_review(object: Value<'_>) {
    object.run().metadata_judged.set(true);
}

fn token_review(object: Value<'_>) {
    self_review(object);
    let token = object.at("spec.token");
    if token.is_empty() {
        token.named("").say(Reason::BadRequest, None, "token is required for TokenReview in authentication", None);
    }
}

fn rules_review(object: Value<'_>) {
    self_review(object);
    let namespace = object.at("spec.namespace");
    if namespace.is_empty() {
        namespace.named("").say(Reason::BadRequest, None, "no namespace on request", None);
    }
}

/// `ValidateSubjectAccessReview`.
fn access_review(object: Value<'_>) {
    judge_subject(object.get("spec"));
    judge_metadata(object, false);
}

/// `ValidateSelfSubjectAccessReview`.
fn self_access_review(object: Value<'_>) {
    judge_attributes(object.get("spec"));
    judge_metadata(object, false);
}

/// `ValidateLocalSubjectAccessReview`.
fn local_access_review(object: Value<'_>) {
    let spec = object.get("spec");
    judge_subject(spec);
    judge_metadata(object, true);
    let (resource, path) = (spec.get("resourceAttributes"), spec.get("nonResourceAttributes"));
    let (own, asked) = (object.at("metadata.namespace"), resource.get("namespace"));
    // Without a namespace of its own, it is in the one that the client is in.
    if resource.is_present() && (asked.is_empty() || !own.is_empty() && own.str() != asked.str()) {
        asked.invalid("must match metadata.namespace");
    }
    if path.is_present() {
        path.invalid("disallowed on this kind of request");
    }
}

/// `ValidateSubjectAccessReviewSpec`.
fn judge_subject(spec: Value<'_>) {
    judge_attributes(spec);
    if spec.get("user").is_empty() && spec.get("groups").is_empty() {
        spec.get("user").invalid_text("", "at least one of user or group must be specified");
    }
}

/// `ValidateSelfSubjectAccessReviewSpec`: of a resource or of a path, and the selectors of what is asked.
fn judge_attributes(spec: Value<'_>) {
    let (resource, path) = (spec.get("resourceAttributes"), spec.get("nonResourceAttributes"));
    let words = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    match (resource.is_present(), path.is_present()) {
        (true, true) if spec.since(37) => spec.invalid_shown(&print::shown(path), words),
        (true, true) => path.invalid("cannot be specified in combination with resourceAttributes"),
        (false, false) => {
            let field = if spec.since(37) { spec } else { resource };
            field.invalid_shown("null", words);
        }
        _ => {}
    }
    for (name, of_labels) in [("fieldSelector", false), ("labelSelector", true)] {
        let selector = resource.get(name);
        // Alpha before 1.32: a server drops it.
        if selector.is_present() && selector.since(32) {
            judge_selector(selector, of_labels);
        }
    }
}

/// `validateFieldSelectorAttributes` and `validateLabelSelectorAttributes`.
fn judge_selector(selector: Value<'_>, of_labels: bool) {
    let (raw, requirements) = (selector.get("rawSelector"), selector.get("requirements"));
    match (raw.is_empty(), requirements.is_empty()) {
        (false, false) => raw.invalid("may not specified at the same time as requirements"),
        (true, true) => requirements
            .required(&format!("when {} is specified, requirements or rawSelector is required", selector.path())),
        _ => {}
    }
    for requirement in requirements.items() {
        let (key, values) = (requirement.get("key"), requirement.get("values"));
        match requirement.str_of("operator") {
            "In" | "NotIn" if values.is_empty() => {
                values.required("must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
            }
            // Newer clients may know more.
            _ => {}
        }
        if of_labels {
            meta::label_name(key);
            for value in values.items().filter(|value| !names::is_label_value(value.str())) {
                value.invalid_each(names::value_faults(value.str(), value.since(BYTES)));
            }
        } else if key.is_empty() {
            key.required("must be specified");
        }
    }
}

/// What a server takes out of metadata before anything else (`WipeObjectMetaSystemFields`), and what it keeps itself.
const OUT: &[&str] = &[
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "managedFields",
    "namespace",
    "selfLink",
    "uid",
];

/// Metadata is empty. The namespace is that of the request, if the kind has one.
fn judge_metadata(object: Value<'_>, namespaced: bool) {
    self_review(object);
    let metadata = object.get("metadata");
    let is_set =
        |(key, value): (&str, Value<'_>)| !OUT.contains(&key) && !value.is_empty() && value.opt_int() != Some(0);
    if metadata.entries().any(is_set) {
        metadata.invalid(if namespaced { "must be empty except for namespace" } else { "must be empty" });
    }
}
