//! PriorityLevelConfigurations (`ValidatePriorityLevelConfiguration`).

use super::super::meta;
use super::super::names::Form;
use super::super::value::Value;

/// What v1beta3 says of shares with an annotation, and v1 by itself.
const PRESERVE: &str = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares";
/// The server's own rules in the types are asked as well since then.
const DECLARED: u8 = 37;
/// `priorityLevelConfigurationQueuingMaxQueues`.
const QUEUES_LIMIT: i64 = 10_000_000;
/// The bits of a hash that hands are dealt by (`MaxHashBits`).
const HASH_BITS: i64 = 60;

pub(super) fn priority_level(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let annotations = object.at("metadata.annotations");
    if object.run().kind.version == "v1" && annotations.entries().any(|(key, _)| key == PRESERVE) {
        annotations.forbidden(&format!("annotation '{PRESERVE}' is forbidden"));
    }
    let (spec, name) = (object.get("spec"), object.at("metadata.name").str());
    judge_spec(spec, name);
    match name {
        "exempt" if spec.str_of("type") != "Exempt" || spec.has("limited") => {
            spec.invalid("spec of 'exempt' except the 'spec.exempt' field must equal the fixed value");
        }
        "catch-all" if !is_catch_all(spec) => spec.invalid("spec of 'catch-all' must equal the fixed value"),
        _ => {}
    }
}

/// Whether it is as servers make it (apiserver, pkg/apis/flowcontrol/bootstrap).
fn is_catch_all(spec: Value<'_>) -> bool {
    let limited = spec.get("limited");
    spec.str_of("type") == "Limited"
        && !spec.has("exempt")
        && limited.int_of("nominalConcurrencyShares") == 5
        && limited.int_of("lendablePercent") == 0
        && !limited.has("borrowingLimitPercent")
        && limited.at("limitResponse.type").str() == "Reject"
        && !limited.at("limitResponse.queuing").is_present()
}

/// What servers add to a refusal of their own rules, which those in the types leave out.
fn words(field: Value<'_>, words: &'static str) -> &'static str {
    if field.since(DECLARED) { "" } else { words }
}

/// `ValidatePriorityLevelConfigurationSpec`.
fn judge_spec(spec: Value<'_>, name: &str) {
    let (kind, exempt, limited) = (spec.get("type"), spec.get("exempt"), spec.get("limited"));
    if (name == "exempt") != (kind.str() == "Exempt") {
        kind.invalid(if kind.since(34) {
            "must be 'Exempt' if and only if `name` is 'exempt'"
        } else {
            "type must be 'Exempt' if and only if name is 'exempt'"
        });
    }
    match kind.str() {
        "Exempt" => {
            if limited.is_present() {
                limited.forbidden(words(limited, "must be nil if the type is not Limited"));
            }
            if exempt.is_present() {
                judge_shares(exempt);
            }
        }
        "Limited" => {
            if exempt.is_present() {
                exempt.forbidden(words(exempt, "must be nil if the type is Limited"));
            }
            if limited.is_present() {
                judge_shares(limited);
                judge_response(limited.get("limitResponse"));
                let borrows = limited.get("borrowingLimitPercent");
                if borrows.int() < 0 {
                    borrows.invalid("if specified, must be a non-negative integer");
                }
            } else {
                limited.required(words(limited, "must not be empty when type is Limited"));
            }
        }
        "" if kind.since(36) => kind.required(""),
        _ => kind.not_supported(&["Exempt", "Limited"]),
    }
    let (is_exempt, is_limited) = (kind.str() == "Exempt", kind.str() == "Limited");
    if !is_exempt && !is_limited {
        for field in [exempt, limited].into_iter().filter(|field| field.is_present() && field.since(DECLARED)) {
            field.forbidden("");
        }
    }
    if !is_limited && limited.is_present() && limited.since(DECLARED) {
        declared_response(limited.get("limitResponse"));
    }
}

fn judge_shares(level: Value<'_>) {
    let (shares, lends) = (level.get("nominalConcurrencyShares"), level.get("lendablePercent"));
    if shares.int() < 0 {
        shares.invalid("must be a non-negative integer");
    }
    if !(0..=100).contains(&lends.int()) {
        lends.invalid("must be between 0 and 100, inclusive");
    }
}

/// `ValidateLimitResponse`.
fn judge_response(response: Value<'_>) {
    let (kind, queuing) = (response.get("type"), response.get("queuing"));
    match (kind.str(), queuing.is_present()) {
        ("Reject", true) => {
            queuing.forbidden(words(queuing, "must be nil if limited.limitResponse.type is not Limited"));
        }
        ("Reject", false) => {}
        ("Queue", true) => judge_queues(queuing),
        ("Queue", false) => {
            queuing.required(words(queuing, "must not be empty if limited.limitResponse.type is Limited"));
        }
        (other, is_given) => {
            if other.is_empty() && kind.since(36) {
                kind.required("");
            } else {
                kind.not_supported(&["Queue", "Reject"]);
            }
            if is_given && queuing.since(DECLARED) {
                queuing.forbidden("");
            }
        }
    }
}

/// `Validate_LimitResponse`: the rules in the types alone.
fn declared_response(response: Value<'_>) {
    let (kind, queuing) = (response.get("type"), response.get("queuing"));
    match (kind.str() == "Queue", queuing.is_present()) {
        (true, false) => queuing.required(""),
        (false, true) => queuing.forbidden(""),
        _ => {}
    }
    if kind.is_empty() {
        kind.required("");
    }
}

/// `ValidatePriorityLevelQueuingConfiguration`.
fn judge_queues(queuing: Value<'_>) {
    let or = |name: &'static str, default: i64| {
        let field = queuing.get(name);
        (field, field.opt_int().filter(|it| *it != 0).unwrap_or(default))
    };
    let ((length, limit), (queues, count), (hand, size)) =
        (or("queueLengthLimit", 50), or("queues", 64), or("handSize", 8));
    if limit <= 0 {
        length.invalid("must be positive");
    }
    if count <= 0 {
        queues.invalid("must be positive");
    } else if count > QUEUES_LIMIT {
        queues.invalid(&format!("must not be greater than {QUEUES_LIMIT}"));
    }
    let fault = if size <= 0 {
        "must be positive".to_owned()
    } else if size > count {
        format!("should not be greater than queues ({count})")
    } else if entropy(count, size) > HASH_BITS as f64 {
        format!("required entropy bits of deckSize {count} and handSize {size} should not be greater than {HASH_BITS}")
    } else {
        return;
    };
    hand.invalid_shown(&size.to_string(), &fault);
}

/// `RequiredEntropyBits`: of dealing a hand from a deck.
fn entropy(deck: i64, hand: i64) -> f64 {
    ((deck as f64).log2() * hand as f64).ceil()
}
