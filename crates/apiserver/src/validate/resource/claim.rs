//! ResourceClaims and their templates (`ValidateResourceClaim`, `ValidateResourceClaimTemplate`).

use super::super::core::persistent_volume_claim::template_metadata;
use super::super::meta;
use super::super::names::Form;
use super::super::value::Value;
use super::selector::judge_selectors;
use super::{BETA, CONFIGS, DECLARED, SELECTORS, Twice, declared, judge_attribute, judge_config, judge_list};
use super::{judge_names, judge_set, judge_texts, label, taint};

const REQUESTS: usize = 32;
const CONSTRAINTS: usize = 32;
const ALTERNATIVES: usize = 8;
const NOT_A_REQUEST: &str = "must be the name of a request in the claim or the name of a request and a subrequest \
    separated by '/'";

pub(super) fn claim(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    judge_spec(object.get("spec"));
}

pub(super) fn template(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    template_metadata(spec.get("metadata"));
    judge_spec(spec.get("spec"));
}

/// The version that asks of a change only whether it is one, as a spec stays as it is. Of a template the rules in the
/// types are asked all the same.
const STAYS: u8 = 35;

/// `validateDeviceClaim`. Whether a namespace may ask for the access of an administrator, the cluster alone knows.
fn judge_spec(spec: Value<'_>) {
    let template = spec.run().kind.kind == "ResourceClaimTemplate";
    if spec.run().updates() && spec.since(STAYS) && !(template && spec.since(DECLARED)) {
        return;
    }
    let devices = spec.get("devices");
    let requests = devices.get("requests");
    judge_set(requests, REQUESTS, "name", Twice::Whole, &judge_request);
    judge_list(devices.get("constraints"), CONSTRAINTS, &|constraint| judge_constraint(constraint, requests));
    judge_list(devices.get("config"), CONFIGS, &|config| {
        judge_texts(config.get("requests"), REQUESTS, &|name| judge_reference(name, requests));
        judge_config(config);
    });
}

/// `validateDeviceRequest`.
fn judge_request(request: Value<'_>) {
    label(request.get("name"));
    let (exactly, first) = (request.get("exactly"), request.get("firstAvailable"));
    match (exactly.is_present(), !first.is_empty()) {
        (false, false) => request.required("exactly one of `exactly` or `firstAvailable` is required"),
        (false, true) => judge_set(first, ALTERNATIVES, "name", Twice::Whole, &judge_alternative),
        (true, false) => judge_exactly(exactly),
        (true, true) => {
            let words = "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set";
            request.invalid_shown("null", words);
            if !request.since(35) {
                judge_set(first, ALTERNATIVES, "name", Twice::Whole, &judge_alternative);
                judge_exactly(exactly);
            } else if request.since(DECLARED) {
                if judge_list(first, ALTERNATIVES, &|request| declared_request(request, true)) {
                    judge_names(first, "name", Twice::Whole);
                }
                declared_request(exactly, false);
            }
        }
    }
}

/// `validateDeviceSubRequest`.
fn judge_alternative(request: Value<'_>) {
    label(request.get("name"));
    judge_exactly(request);
}

/// `validateExactDeviceRequest`.
fn judge_exactly(request: Value<'_>) {
    judge_class(request.get("deviceClassName"));
    judge_selectors(request.get("selectors"));
    let count = request.get("count");
    match request.get("allocationMode").str_or("ExactCount") {
        "All" if count.int() != 0 => count.invalid("must not be specified when allocationMode is 'All'"),
        "ExactCount" if count.int() < 0 => count.invalid("must be greater than zero"),
        _ => judge_mode(request),
    }
    request.items_of("tolerations").for_each(taint::judge_toleration);
}

fn judge_class(class: Value<'_>) {
    if class.is_empty() {
        class.required("");
    } else {
        class.invalid_each(Form::Subdomain.faults(class.str()));
    }
}

fn judge_mode(request: Value<'_>) {
    let mode = request.get("allocationMode");
    if !matches!(mode.str_or("ExactCount"), "All" | "ExactCount") {
        mode.not_supported(&["All", "ExactCount"]);
    }
}

/// What the rules in the types alone say of a request.
fn declared_request(request: Value<'_>, alternative: bool) {
    if alternative {
        judge_class(request.get("deviceClassName"));
    }
    let selectors = request.get("selectors");
    if selectors.len() > SELECTORS {
        selectors.too_many(selectors.len(), SELECTORS);
    }
    judge_mode(request);
    request.items_of("tolerations").for_each(taint::declared_toleration);
}

/// `validateDeviceConstraint`.
fn judge_constraint(constraint: Value<'_>, requests: Value<'_>) {
    judge_texts(constraint.get("requests"), REQUESTS, &|name| judge_reference(name, requests));
    let (matches, distinct) = (constraint.get("matchAttribute"), constraint.get("distinctAttribute"));
    let is_given = |field: Value<'_>| field.is_present();
    if constraint.since(DECLARED) && (is_given(matches) || is_given(distinct)) {
        [matches, distinct].into_iter().filter(|field| is_given(*field)).for_each(declared::attribute);
    } else if is_given(matches) {
        judge_attribute(matches, matches.str(), true);
    } else if is_given(distinct) {
        judge_attribute(distinct, distinct.str(), true);
    } else if !constraint.since(BETA) {
        matches.required("");
    } else {
        let words =
            "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple fields are set";
        constraint.required(words);
    }
}

/// `validateRequestNameRef`.
fn judge_reference(name: Value<'_>, requests: Value<'_>) {
    let text = name.str();
    let (first, second) = text.split_once('/').map_or((text, None), |(first, second)| (first, Some(second)));
    if second.is_some_and(|second| second.contains('/')) {
        return name.invalid(NOT_A_REQUEST);
    }
    for part in std::iter::once(first).chain(second) {
        for fault in Form::Label.faults(part) {
            name.invalid_text(part, &fault);
        }
    }
    // Of requests of the same name, the last counts.
    let request = requests.items().filter(|request| request.str_of("name") == first).last();
    let has = |request: Value<'_>| {
        second.is_none_or(|second| request.items_of("firstAvailable").any(|it| it.str_of("name") == second))
    };
    if !request.is_some_and(has) {
        name.invalid(NOT_A_REQUEST);
    }
}
