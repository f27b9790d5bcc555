//! Devices that are claimed (k8s.io/kubernetes, pkg/apis/resource/validation).
//!
//! Since 1.37 rules in the types stand beside those, and say some things in their own words and places: a list with an
//! item twice shows the item, where it was its name before, in 1.34 at the name.

mod claim;
mod declared;
mod device_class;
mod selector;
mod slice;
mod taint;

use super::Validate;
use super::core::volume::source::csi_driver_name;
use super::names::Form;
use super::seen::Seen;
use super::value::Value;
use super::words::Reason;
use seaworthy_cel::quoted;

/// Where the rules in the types are asked.
const DECLARED: u8 = 37;
/// Where most of what was alpha is on.
const BETA: u8 = 36;
const SELECTORS: usize = 32;
const CONFIGS: usize = 32;
/// The longest name of a driver (`DriverNameMaxLength`) and of an attribute (`DeviceMaxIDLength`).
const DRIVER: usize = 63;
const ATTRIBUTE: usize = 32;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "DeviceClass" => device_class::device_class,
        "DeviceTaintRule" => taint::taint_rule,
        "ResourceClaim" => claim::claim,
        "ResourceClaimTemplate" => claim::template,
        "ResourceSlice" => slice::slice,
        _ => return None,
    })
}

/// `validateSlice`: whether there are no more than so many, of which each is judged.
fn judge_list(list: Value<'_>, limit: usize, judge: &dyn Fn(Value<'_>)) -> bool {
    if list.len() > limit {
        list.too_many(list.len(), limit);
        return false;
    }
    list.items().for_each(judge);
    true
}

/// How an item that stands there twice is shown since 1.37: by its name, or whole where the types have the rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Twice {
    Name,
    Whole,
}

/// `validateSet`: of items each judged, with a name that no other has.
fn judge_set(list: Value<'_>, limit: usize, name: &'static str, twice: Twice, judge: &dyn Fn(Value<'_>)) {
    if judge_list(list, limit, judge) {
        judge_names(list, name, twice);
    }
}

fn judge_names(list: Value<'_>, name: &'static str, twice: Twice) {
    let mut seen = Seen::default();
    for item in list.items() {
        let key = item.get(name);
        if seen.insert(key.str()) {
            continue;
        }
        if !item.since(35) {
            key.duplicate();
        } else if twice == Twice::Whole && item.since(DECLARED) {
            item.duplicate_shown(&declared::shown(item));
        } else {
            item.duplicate_shown(&quoted(key.str()));
        }
    }
}

/// The same of texts.
fn judge_texts(list: Value<'_>, limit: usize, judge: &dyn Fn(Value<'_>)) {
    if judge_list(list, limit, judge) {
        let mut seen = Seen::default();
        for item in list.items().filter(|item| !seen.insert(item.str())) {
            item.duplicate();
        }
    }
}

fn label(field: Value<'_>) {
    field.invalid_each(Form::Label.faults(field.str()));
}

/// `validateDeviceConfiguration`.
fn judge_config(config: Value<'_>) {
    let opaque = config.get("opaque");
    if !opaque.is_present() {
        return opaque.required("");
    }
    let (driver, parameters) = (opaque.get("driver"), opaque.get("parameters"));
    if driver.is_empty() || !driver.since(DECLARED) {
        csi_driver_name(driver);
    } else {
        if driver.str().chars().count() > DRIVER {
            driver.say(Reason::TooLong, None, "may not be more than 63 characters", None);
        }
        declared::caseless_subdomain(driver);
    }
    match parameters.node() {
        None => parameters.required(""),
        Some(node) if !node.is_mapping() => {
            parameters.invalid_text("<value omitted>", "must be a valid JSON object");
        }
        Some(_) => {}
    }
}

/// `validateQualifiedName`, and with a domain before it (`validateFullyQualifiedName`).
fn judge_attribute(field: Value<'_>, name: &str, full: bool) {
    let domain_missing = |field: Value<'_>, words: &str| {
        if field.since(35) {
            field.invalid_text("", words);
        } else {
            field.required(words);
        }
    };
    if name.is_empty() && !field.since(35) {
        return field.required("name required");
    }
    let parts: Vec<&str> = name.split('/').take(3).collect();
    match parts.as_slice() {
        [name] => judge_identifier(field, name),
        [domain, name] => {
            if domain.is_empty() {
                domain_missing(field, "the domain must not be empty");
            } else {
                if domain.len() > DRIVER {
                    field.too_long(DRIVER);
                }
                for fault in Form::Subdomain.faults(&domain.to_lowercase()) {
                    field.invalid_text(domain, &fault);
                }
            }
            if name.is_empty() {
                domain_missing(field, "the name must not be empty");
            } else {
                judge_identifier(field, name);
            }
        }
        _ => {}
    }
    if full && !name.contains('/') {
        field.invalid_text(
            name,
            if field.since(35) {
                "a fully qualified name must be a domain and a name separated by a slash"
            } else {
                "must include a domain"
            },
        );
    }
}

fn judge_identifier(field: Value<'_>, name: &str) {
    if name.len() > ATTRIBUTE {
        field.too_long(ATTRIBUTE);
    }
    if let Some(fault) = super::names::identifier_fault(name) {
        field.invalid_text(name, fault);
    }
}

/// `validatePoolName`.
fn judge_pool(field: Value<'_>) {
    if field.is_empty() {
        return field.required("");
    }
    if field.len() > 253 {
        field.too_long(253);
    }
    for part in field.str().split('/') {
        for fault in Form::Subdomain.faults(part) {
            field.invalid_text(part, &fault);
        }
    }
}
