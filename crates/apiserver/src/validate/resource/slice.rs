//! ResourceSlices (`ValidateResourceSlice`).

use super::super::core::affinity::node_selector;
use super::super::core::volume::source::csi_driver_name;
use super::super::meta;
use super::super::names::{self, Form};
use super::super::print;
use super::super::seen::Seen;
use super::super::value::Value;
use super::{BETA, DECLARED, Twice, judge_attribute, judge_list, judge_pool, judge_set, label, taint};

mod capacity;

const DEVICES: usize = 128;
/// Of a slice whose devices have taints or take from counters.
const ADVANCED_DEVICES: usize = 64;
const COUNTER_SETS: usize = 8;
const COUNTERS: usize = 32;
const CONSUMED_SETS: usize = 2;
const TAINTS: usize = 16;
const CONDITIONS: usize = 4;
const ATTRIBUTES: usize = 32;
const VALUE: usize = 64;

pub(super) fn slice(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    csi_driver_name(spec.get("driver"));
    let pool = spec.get("pool");
    judge_pool(pool.get("name"));
    if pool.int_of("resourceSliceCount") <= 0 {
        pool.get("resourceSliceCount").invalid("must be greater than zero");
    }
    if pool.int_of("generation") < 0 {
        pool.get("generation").invalid("must be greater than or equal to zero");
    }
    judge_nodes(spec);
    let (devices, counters) = (spec.get("devices"), spec.get("sharedCounters"));
    // Alpha before 1.36: a server drops the counters.
    let counts = counters.is_present() && counters.since(BETA);
    if counts && devices.is_present() {
        spec.invalid_text("", "only one of `sharedCounters` or `devices` is allowed");
    }
    let advanced = |device: Value<'_>| !device.get("taints").is_empty() || !device.get("consumesCounters").is_empty();
    let limit = match devices.len() > ADVANCED_DEVICES && devices.items().any(advanced) && devices.since(BETA) {
        true => ADVANCED_DEVICES,
        false => DEVICES,
    };
    let selects = spec.bool_of("perDeviceNodeSelection") && spec.since(BETA);
    judge_set(devices, limit, "name", Twice::Name, &|device| judge_device(device, selects));
    if counts {
        judge_set(counters, COUNTER_SETS, "name", Twice::Whole, &|set| judge_counters(set, "name"));
    }
}

/// On which nodes the devices are: one field of four.
fn judge_nodes(spec: Value<'_>) {
    let (name, selector) = (spec.get("nodeName"), spec.get("nodeSelector"));
    let mut given: Vec<&str> = Vec::new();
    if !name.is_empty() {
        given.push("`nodeName`");
        name.invalid_each(Form::Subdomain.faults(name.str()));
    } else if name.is_present() {
        name.invalid("must be either unset or set to a non-empty string");
    }
    if selector.is_present() {
        given.push("`nodeSelector`");
        node_selector(selector, None);
        let terms = selector.get("nodeSelectorTerms");
        if terms.len() != 1 {
            terms.invalid("must have exactly one node selector term");
        }
    }
    for (field, words) in [("allNodes", "`allNodes`"), ("perDeviceNodeSelection", "`perDeviceNodeSelection`")] {
        let value = spec.get(field);
        if !value.is_present() || field != "allNodes" && !value.since(BETA) {
            continue;
        }
        if value.bool() {
            given.push(words);
        } else {
            value.invalid("must be either unset or set to true");
        }
    }
    let words = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
    match given.len() {
        0 => spec.required(words),
        1 => {}
        _ => {
            let given = format!("{{{}}}", given.join(", "));
            spec.invalid_text(&given, &format!("{words}, but multiple fields are set"));
        }
    }
}

/// `validateDevice`.
fn judge_device(device: Value<'_>, selects: bool) {
    label(device.get("name"));
    let (attributes, capacity) = (device.get("attributes"), device.get("capacity"));
    let count = attributes.len() + capacity.len();
    if count > ATTRIBUTES {
        let words = format!("the total number of attributes and capacities must not exceed {ATTRIBUTES}");
        device.invalid_shown(&count.to_string(), &words);
    }
    for (key, value) in attributes.entries() {
        judge_key(key, value, attributes);
        judge_value(value);
    }
    let shared = device.bool_of("allowMultipleAllocations");
    for (key, value) in capacity.entries() {
        judge_key(key, value, capacity);
        let policy = value.get("requestPolicy");
        if policy.is_present() && policy.since(BETA) {
            if shared {
                capacity::judge_policy(policy, value.get("value"));
            } else {
                policy.forbidden("allowMultipleAllocations must be true");
            }
        }
    }
    if !device.since(BETA) {
        // What is alpha there, a server drops.
        return;
    }
    judge_list(device.get("taints"), TAINTS, &taint::judge_taint);
    let consumed = device.get("consumesCounters");
    judge_set(consumed, CONSUMED_SETS, "counterSet", Twice::Whole, &|set| judge_counters(set, "counterSet"));
    judge_device_nodes(device, selects);
    judge_conditions(device);
}

/// Keys are said at the map since 1.36, before at their own place.
fn judge_key(key: &str, value: Value<'_>, map: Value<'_>) {
    let parts: Vec<&str> = key.split('/').take(3).collect();
    let plain = match parts.as_slice() {
        [name] => names::identifier_fault(name).is_none(),
        _ => false,
    };
    if !plain {
        let path = if value.since(BETA) { map.path() } else { value.path() };
        judge_attribute(value.named(path), key, false);
    }
}

/// `validateDeviceAttribute`.
fn judge_value(value: Value<'_>) {
    let given: Vec<Value<'_>> =
        FIELDS.into_iter().map(|(name, _)| value.get(name)).filter(|field| field.is_present()).collect();
    for field in &given {
        if field.key() == "version" && !is_semantic_version(field.str()) {
            field.invalid("must be a string compatible with semver.org spec 2.0.0");
        }
        if field.len() > VALUE {
            field.too_long(VALUE);
        }
    }
    if given.len() == 1 {
        return;
    }
    if value.since(DECLARED) {
        let fields = "`int`, `bool`, `string`, `version`, `ints`, `bools`, `strings`, `versions`";
        if given.is_empty() {
            value.invalid_text("", &format!("must specify one of: {fields}"));
        } else {
            let given: Vec<&str> = given.iter().map(|field| field.key()).collect();
            let given = format!("{{{}}}", given.join(", "));
            value.invalid_text(&given, &format!("must specify exactly one of: {fields}"));
        }
        return;
    }
    let words = "exactly one value must be specified";
    match given.is_empty() {
        true if value.since(35) => value.invalid_text("", words),
        true => value.required(words),
        false => value.invalid_shown(&shown(value), words),
    }
}

/// Fields of an attribute, and their names in the server.
const FIELDS: [(&str, &str); 4] =
    [("int", "IntValue"), ("bool", "BoolValue"), ("string", "StringValue"), ("version", "VersionValue")];

/// An attribute as the server prints it.
fn shown(attribute: Value<'_>) -> String {
    let mut fields: Vec<String> = FIELDS
        .into_iter()
        .map(|(name, internal)| (attribute.get(name), internal))
        .map(|(field, internal)| match field.is_present() {
            true => format!("\"{internal}\":{}", print::shown(field)),
            false => format!("\"{internal}\":null"),
        })
        .collect();
    if attribute.since(BETA) {
        fields.extend(FIELDS.into_iter().map(|(_, internal)| format!("\"{internal}s\":null")));
    }
    format!("{{{}}}", fields.join(","))
}

/// Of semver.org's version 2.0.0.
fn is_semantic_version(text: &str) -> bool {
    let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
    let (core, release) = rest.split_once('-').map_or((rest, None), |(core, release)| (core, Some(release)));
    let number = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'))
    };
    let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let release_part = |part: &str| word(part) && (number(part) || part.bytes().any(|byte| !byte.is_ascii_digit()));
    core.split('.').count() == 3
        && core.split('.').all(number)
        && release.is_none_or(|release| release.split('.').all(release_part))
        && build.is_none_or(|build| build.split('.').all(word))
}

/// `validateCounterSet`, `validateDeviceCounterConsumption`.
fn judge_counters(set: Value<'_>, name: &'static str) {
    let (name, counters) = (set.get(name), set.get("counters"));
    if name.is_empty() {
        name.required("");
    } else {
        label(name);
    }
    if counters.is_empty() {
        counters.required("");
    } else if counters.len() > COUNTERS {
        counters.too_many(counters.len(), COUNTERS);
    } else {
        for (key, counter) in counters.entries() {
            for fault in Form::Label.faults(key) {
                counter.invalid_key_at(&counters.path(), &fault);
            }
        }
    }
}

fn judge_device_nodes(device: Value<'_>, selects: bool) {
    let (name, selector, all) = (device.get("nodeName"), device.get("nodeSelector"), device.get("allNodes"));
    if !selects {
        if [name, selector, all].iter().any(|field| field.is_present()) {
            let words = "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set \
                to true in the ResourceSlice spec";
            device.invalid_shown("null", words);
        }
        return;
    }
    let mut given: Vec<&str> = Vec::new();
    if !name.is_empty() {
        given.push("`nodeName`");
        name.invalid_each(Form::Subdomain.faults(name.str()));
    } else if name.is_present() {
        name.invalid("must not be empty");
    }
    if selector.is_present() {
        given.push("`nodeSelector`");
        node_selector(selector, None);
    }
    if all.bool() {
        given.push("`allNodes`");
    } else if all.is_present() {
        all.invalid("must be either unset or set to true");
    }
    let words = "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is \
        set to true in the ResourceSlice spec";
    match given.len() {
        0 => device.required(words),
        1 => {}
        _ => device.invalid_text(&format!("{{{}}}", given.join(", ")), words),
    }
}

/// `validateDeviceBindingParameters`.
fn judge_conditions(device: Value<'_>) {
    let (binds, fails) = (device.get("bindingConditions"), device.get("bindingFailureConditions"));
    for list in [binds, fails] {
        judge_list(list, CONDITIONS, &meta::label_name);
        let mut seen = Seen::default();
        for condition in list.items() {
            if !seen.insert(condition.str()) {
                condition.duplicate();
            }
        }
    }
    let mut bound = Seen::default();
    for condition in binds.items() {
        bound.insert(condition.str());
    }
    for condition in fails.items().filter(|condition| bound.has(condition.str())) {
        condition.invalid("bindingFailureConditions must not overlap with bindingConditions");
    }
    if binds.is_empty() && !fails.is_empty() {
        binds.invalid("bindingConditions are required to use bindingFailureConditions");
    }
    if fails.is_empty() && !binds.is_empty() {
        fails.invalid("bindingFailureConditions are required to use bindingConditions");
    }
}
