//! How much a namespace may have (`ValidateResourceQuota`).

use seaworthy_object::Quantity;

use super::super::meta;
use super::super::names::Form;
use super::super::seen::Seen;
use super::super::value::Value;
use super::resources;

/// What pods have, that scopes of pods may count (`podComputeQuotaResources` and pods).
const OF_PODS: &[&str] = &["pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];
/// The version that counts claims by the class of their attributes.
const ATTRIBUTES_CLASS: u8 = 33;
/// Scopes that have no values, only `Exists`.
const ONLY_EXIST: &[&str] =
    &["BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"];
const CONFLICTS: &[[&str; 2]] = &[["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]];
/// What is counted twice, as request and as limit (`knownResourceNames`).
const REQUESTED: &[&str] = &["cpu", "memory", "storage", "ephemeral-storage"];

pub(super) fn resource_quota(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    for (name, amount) in spec.entries_of("hard") {
        resources::resource_name(amount);
        if !name.contains('/') && !is_standard(name) {
            resources::invalid_name(amount, "must be a standard resource for quota");
        }
        resources::amount(amount);
    }
    scopes(spec);
    scope_selector(spec);
    if !object.run().refuses() {
        warnings(spec.get("hard"));
    }
}

/// `IsStandardQuotaResourceName`: all but the one that is a claim's.
fn is_standard(name: &str) -> bool {
    name != "storage" && resources::is_standard(name)
}

/// `validateResourceQuotaScopes`: the server names and shows the list.
fn scopes(spec: Value<'_>) {
    let list = spec.get("scopes");
    let mut seen = Seen::default();
    for scope in list.items() {
        if !seen.insert(scope.str()) {
            continue;
        }
        if !is_scope(scope) {
            list.invalid("unsupported scope");
        }
        if counts_others(scope, spec) {
            list.invalid("unsupported scope applied to resource");
        }
    }
    conflicts(&seen, list);
}

/// `validateScopedResourceSelectorRequirement`: the server's paths leave the index out.
fn scope_selector(spec: Value<'_>) {
    let selector = spec.get("scopeSelector");
    let list = selector.get("matchExpressions");
    let mut seen = Seen::default();
    for requirement in list.items() {
        let requirement = requirement.called(list, "");
        let (scope, operator, values) =
            (requirement.get("scopeName"), requirement.get("operator"), requirement.get("values"));
        if !is_scope(scope) {
            scope.invalid("unsupported scope");
        }
        if seen.insert(scope.str()) && counts_others(scope, spec) {
            selector.named(list.path()).invalid("unsupported scope applied to resource");
        }
        if ONLY_EXIST.contains(&scope.str()) && operator.str() != "Exists" {
            let exists = if operator.since(31) { "Exists" } else { "Exist" };
            operator.invalid(&format!(
                "must be '{exists}' when scope is any of ResourceQuotaScopeTerminating, \
                 ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or \
                 ResourceQuotaScopeCrossNamespacePodAffinity"
            ));
        }
        match operator.str() {
            "In" | "NotIn" if values.is_empty() => {
                values.required("must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                values.invalid("must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => operator.invalid("not a valid selector operator"),
        }
    }
    conflicts(&seen, spec.get("scopes").named(list.path()));
}

fn conflicts(seen: &Seen<'_>, field: Value<'_>) {
    for [one, other] in CONFLICTS {
        if seen.has(one) && seen.has(other) {
            field.invalid("conflicting scopes");
        }
    }
}

/// `IsStandardResourceQuotaScope`.
fn is_scope(scope: Value<'_>) -> bool {
    match scope.str() {
        "VolumeAttributesClass" => scope.since(ATTRIBUTES_CLASS),
        "PriorityClass" => true,
        name => ONLY_EXIST.contains(&name),
    }
}

/// Whether the quota counts something that the scope has not (`IsResourceQuotaScopeValidForResource`).
fn counts_others(scope: Value<'_>, spec: Value<'_>) -> bool {
    let fits: &dyn Fn(&str) -> bool = match scope.str() {
        "BestEffort" => &|name| name == "pods",
        "VolumeAttributesClass" if scope.since(ATTRIBUTES_CLASS) => {
            &|name| matches!(name, "persistentvolumeclaims" | "requests.storage")
        }
        name if ONLY_EXIST.contains(&name) || name == "PriorityClass" => &|name| OF_PODS.contains(&name),
        _ => return false,
    };
    spec.entries_of("hard").any(|(name, _)| is_standard(name) && !fits(name))
}

/// `WarningsOnCreate`: requests that are more than the limits.
fn warnings(hard: Value<'_>) {
    for resource in REQUESTED {
        let get = |prefix: &str| hard.entries().find(|(name, _)| name.strip_prefix(prefix) == Some(resource));
        let bare = || get("").filter(|_| matches!(*resource, "cpu" | "memory"));
        let (Some((asked, request)), Some((limited, limit))) = (get("requests.").or_else(bare), get("limits.")) else {
            continue;
        };
        let number = |amount: Value<'_>| amount.amount().unwrap_or_else(Quantity::zero);
        let (most, least) = (number(request), number(limit));
        if most > least && request.since(35) {
            request.warn(format!("ResourceQuota {asked} ({most}) should be less than {limited} ({least})"));
        }
    }
}
