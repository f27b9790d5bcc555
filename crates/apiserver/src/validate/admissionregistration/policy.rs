//! ValidatingAdmissionPolicies, MutatingAdmissionPolicies, and their bindings.

use super::super::meta;
use super::super::names::{self, BYTES, Form};
use super::super::seen::Seen;
use super::super::value::Value;
use super::expression::{self, Variables};
use super::rule::{self, one_of};
use super::webhook::{FAILURE_POLICIES, REINVOCATION_POLICIES};

const ACTIONS: &[&str] = &["Audit", "Deny", "Warn"];
const REASONS: &[&str] = &["Forbidden", "Invalid", "RequestEntityTooLarge"];
const MUTATED: &[&str] = &["*", "CONNECT", "CREATE", "UPDATE"];
/// `maxAuditAnnotations`
const AUDIT_LIMIT: usize = 20;
/// `maxAuditAnnotationValueExpressionLength`
const AUDIT_EXPRESSION_LIMIT: usize = 5 * 1024;

/// `ValidateValidatingAdmissionPolicy`
pub(super) fn validating(object: Value<'_>) {
    super::metadata(object);
    let spec = object.get("spec");
    let mut variables = common(spec, !spec.get("variables").is_empty());
    let (validations, annotations) = (spec.get("validations"), spec.get("auditAnnotations"));
    if validations.is_empty() && annotations.is_empty() {
        for field in [validations, annotations] {
            field.required("validations or auditAnnotations must contain at least one item");
        }
    } else {
        validations.items().for_each(|it| validation(it, &mut variables));
        audit_annotations(object, annotations, &mut variables);
    }
    super::warnings(object);
}

/// What both kinds of policy have.
fn common(spec: Value<'_>, composed: bool) -> Variables {
    one_of(spec.get("failurePolicy"), FAILURE_POLICIES);
    let params = spec.get("paramKind");
    if params.is_present() {
        param_kind(params);
    }
    let constraints = spec.get("matchConstraints");
    if constraints.is_present() {
        rule::match_resources(constraints);
        if constraints.get("resourceRules").is_empty() {
            constraints.get("resourceRules").required("");
        }
    } else {
        constraints.required("");
    }
    let mut variables = Variables::of_policy(params.is_present(), composed);
    expression::match_conditions(spec.get("matchConditions"), Variables::of_policy(params.is_present(), false));
    for variable in spec.items_of("variables") {
        variable_of(variable, &mut variables);
    }
    variables
}

/// `validateParamKind`
fn param_kind(params: Value<'_>) {
    let (version, kind) = (params.get("apiVersion"), params.get("kind"));
    let (group, short) = version.str().split_once('/').unwrap_or(("", version.str()));
    if version.is_empty() {
        version.required("");
    } else if short.contains('/') {
        version.invalid(&format!("unexpected GroupVersion string: {}", version.str()));
    } else {
        let faults = Form::Subdomain.faults(group);
        if !group.is_empty() && !faults.is_empty() {
            version.invalid_text(group, &faults.join(","));
        }
        let faults = Form::Label1035.faults(short);
        if short.is_empty() {
            version.invalid("version must be specified");
        } else if !faults.is_empty() {
            version.invalid_text(short, &faults.join(","));
        }
    }
    let faults = Form::Label1035.faults(&kind.str().to_lowercase());
    if kind.is_empty() {
        kind.required("");
    } else if !faults.is_empty() {
        kind.invalid(&format!("may have mixed case, but should otherwise match: {}", faults.join(",")));
    }
}

/// `validateVariable`
fn variable_of(variable: Value<'_>, variables: &mut Variables) {
    let (name, expression) = (variable.get("name"), variable.get("expression"));
    let plain = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
    if name.str().trim().is_empty() {
        name.required("name is not specified");
    } else if !name.str().bytes().all(plain)
        || name.str().starts_with(|first: char| first.is_ascii_digit())
        || seaworthy_cel::is_keyword(name.str())
    {
        let words = "must be a valid CEL identifier";
        name.invalid(if name.since(34) { words } else { "name is not a valid CEL identifier" });
    }
    if expression.str().trim().is_empty() {
        expression.required("expression is not specified");
    } else {
        variables.declare(name.str(), expression);
    }
}

/// `validateValidation`
fn validation(validation: Value<'_>, variables: &mut Variables) {
    let (expression, message) = (validation.get("expression"), validation.get("message"));
    if expression.str().trim().is_empty() {
        expression.required("expression is not specified");
    } else {
        variables.check(expression, expression.str(), expression::Kind::Truth);
    }
    let computed = validation.get("messageExpression");
    if !computed.is_empty() && computed.str().trim().is_empty() {
        computed.invalid("must be non-empty if specified");
    } else if !computed.is_empty() {
        variables.check(computed, computed.str(), expression::Kind::Message);
    }
    let words = |field: Value<'_>, words: &str| {
        if field.since(34) { words.to_owned() } else { format!("message {words}") }
    };
    if !message.is_empty() && message.str().trim().is_empty() {
        message.invalid(&words(message, "must be non-empty if specified"));
    } else if message.str().trim().contains(['\n', '\r']) {
        message.invalid(&words(message, "must not contain line breaks"));
    }
    one_of(validation.get("reason"), REASONS);
}

/// `validateAuditAnnotation` of each.
fn audit_annotations(object: Value<'_>, list: Value<'_>, variables: &mut Variables) {
    if list.len() > AUDIT_LIMIT {
        list.invalid(&format!("must not have more than {AUDIT_LIMIT} auditAnnotations"));
    }
    let name = meta::name_of(object.get("metadata"));
    let mut seen = Seen::default();
    for annotation in list.items() {
        let (key, expression) = (annotation.get("key"), annotation.get("valueExpression"));
        if name.is_empty() {
            key.invalid_text(key.str(), "requires metadata.name be non-empty");
        } else {
            let full = format!("{name}/{}", key.str());
            if !names::is_key(&full) {
                for fault in names::key_faults(&full, key.since(BYTES)) {
                    key.invalid_text(&full, &fault);
                }
            }
        }
        let trimmed = expression.str().trim();
        if trimmed.is_empty() {
            expression.required("valueExpression is not specified");
        } else if trimmed.len() > AUDIT_EXPRESSION_LIMIT {
            expression.required(&format!("must not exceed {AUDIT_EXPRESSION_LIMIT} bytes in length"));
        } else {
            variables.check(expression, trimmed, expression::Kind::Audit);
        }
        if !seen.insert(key.str()) {
            key.duplicate_shown(&seaworthy_cel::quoted(key.str()));
        }
    }
}

/// `ValidateValidatingAdmissionPolicyBinding`
pub(super) fn validating_binding(object: Value<'_>) {
    super::metadata(object);
    let spec = object.get("spec");
    policy_name(spec.get("policyName"));
    param_ref(spec.get("paramRef"));
    match_resources_of(spec);
    let actions = spec.get("validationActions");
    let mut seen = Seen::default();
    for action in actions.items() {
        if !ACTIONS.contains(&action.str()) {
            action.not_supported(ACTIONS);
        }
        if !seen.insert(action.str()) {
            action.duplicate();
        }
    }
    if seen.has("Deny") && seen.has("Warn") {
        actions.invalid(
            "must not contain both Deny and Warn (repeating the same validation failure information in the API \
             response and headers serves no purpose)",
        );
    }
    if actions.is_empty() {
        actions.required(if actions.since(36) { "" } else { "at least one validation action is required" });
    }
    super::warnings(object);
}

/// Before 1.32 the server misspells the field.
fn match_resources_of(spec: Value<'_>) {
    let resources = spec.get("matchResources");
    if resources.is_present() {
        let misspelt = !resources.since(32);
        rule::match_resources(if misspelt { resources.called(spec, "matchResouces") } else { resources });
    }
}

fn policy_name(field: Value<'_>) {
    if field.is_empty() {
        field.required("");
    } else {
        field.invalid_each(Form::Subdomain.faults(field.str()));
    }
}

/// `validateParamRef`
fn param_ref(params: Value<'_>) {
    if !params.is_present() {
        return;
    }
    let (name, selector) = (params.get("name"), params.get("selector"));
    let exclusive = "name and selector are mutually exclusive";
    let both = !name.is_empty() && selector.is_present();
    if !name.is_empty() {
        name.invalid_each(Form::PathSegment.faults(name.str()));
    }
    if both {
        name.forbidden(exclusive);
    }
    meta::label_selector(selector);
    if both {
        selector.forbidden(exclusive);
    }
    if name.is_empty() && !selector.is_present() {
        params.required("one of name or selector must be specified");
    }
    let action = params.get("parameterNotFoundAction");
    if action.is_empty() {
        action.required("");
    } else {
        one_of(action, &["Deny", "Allow"]);
    }
}

/// `ValidateMutatingAdmissionPolicy`
pub(super) fn mutating(object: Value<'_>) {
    super::metadata(object);
    let spec = object.get("spec");
    let mut variables = common(spec, true);
    mutated(spec.get("matchConstraints"));
    let mutations = spec.get("mutations");
    if mutations.is_empty() {
        mutations.required("mutations must contain at least one item");
    }
    mutations.items().for_each(|it| mutation(it, &mut variables));
    let policy = spec.get("reinvocationPolicy");
    if policy.is_empty() {
        policy.required("");
    } else {
        one_of(policy, REINVOCATION_POLICIES);
    }
    super::warnings(object);
}

/// Nothing is changed when something is deleted.
fn mutated(resources: Value<'_>) {
    for rule in resources.items_of("resourceRules") {
        for operation in rule.items_of("operations").filter(|it| !MUTATED.contains(&it.str())) {
            let path = format!("{}.operations", resources.get("resourceRules").path());
            operation.named(path).not_supported_shown(&seaworthy_cel::quoted(operation.str()), MUTATED);
        }
    }
}

/// `validateMutation`
fn mutation(mutation: Value<'_>, variables: &mut Variables) {
    let ty = mutation.get("patchType");
    let (patch, apply) = (mutation.get("jsonPatch"), mutation.get("applyConfiguration"));
    let (own, other, kind) = match ty.str() {
        "" => return ty.required(""),
        "JSONPatch" => (patch, apply, expression::Kind::Patch),
        "ApplyConfiguration" => (apply, patch, expression::Kind::Apply),
        _ => return ty.not_supported(&["ApplyConfiguration", "JSONPatch"]),
    };
    if own.is_present() {
        let expression = own.get("expression");
        let trimmed = expression.str().trim();
        if trimmed.is_empty() {
            expression.required("");
        } else {
            variables.check(expression, trimmed, kind);
        }
    } else {
        own.required(&format!("must be specified when patchType is {}", ty.str()));
    }
    if other.is_present() {
        let shown = format!("{{{}}}", other.key());
        other.invalid_text(&shown, &format!("must not be specified when patchType is {}", ty.str()));
    }
}

/// `ValidateMutatingAdmissionPolicyBinding`
pub(super) fn mutating_binding(object: Value<'_>) {
    super::metadata(object);
    let spec = object.get("spec");
    policy_name(spec.get("policyName"));
    param_ref(spec.get("paramRef"));
    match_resources_of(spec);
    mutated(spec.get("matchResources"));
    super::warnings(object);
}
