//! Nodes (`ValidateNode`), which are taken with their status.

use super::super::go_json;
use super::super::meta;
use super::super::names::{self, BYTES, Form};
use super::super::net::{self, Cidr};
use super::super::print;
use super::super::seen::Seen;
use super::super::value::Value;
use super::super::words::Reason;
use super::resources;
use super::toleration::EFFECTS;

/// The version that has features declared by nodes switched on (`NodeDeclaredFeatures`).
const FEATURES: u8 = 36;
/// The version that judges swap, and takes the same network twice.
const SWAP: u8 = 33;

pub(super) fn node(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let (spec, status) = (object.get("spec"), object.get("status"));
    annotations(object.at("metadata.annotations"));
    taints(spec.get("taints"), object);
    let (capacity, allocatable) = (status.get("capacity"), status.get("allocatable"));
    // All is allocatable where nothing is said of it (`SetDefaults_NodeStatus`).
    let allocatable = if allocatable.is_present() { allocatable } else { capacity };
    for (list, amounts) in [("capacity", capacity), ("allocatable", allocatable)] {
        for (name, amount) in amounts.entries() {
            if amount.amount().is_none_or(|it| it.is_negative() || it.milli_value_in_64_bits() % 1000 != 0) {
                // The server has no brackets here.
                resources::amount(amount.named(format!("status.{list}.{name}")));
            }
        }
    }
    let swap = status.at("nodeInfo.swap.capacity");
    if swap.opt_int().is_some_and(|it| it <= 0) && swap.since(SWAP) {
        swap.named("metadata.nodeSwapStatus.capacity").invalid("must be greater than zero");
    }
    declared_features(status.get("declaredFeatures"));
    pod_cidrs(spec);
    if !object.run().refuses() {
        let external = spec.get("externalID");
        if !external.is_empty() {
            external.warn("spec.externalID: this field is deprecated, and is unused by Kubernetes");
        }
    }
}

/// `ValidateNodeSpecificAnnotations`, as far as they are JSON at all.
fn annotations(map: Value<'_>) {
    for (key, value) in map.entries().filter(|(_, value)| !value.is_empty()) {
        let path = match key {
            "scheduler.alpha.kubernetes.io/taints" => "metadata.annotations",
            "scheduler.alpha.kubernetes.io/preferAvoidPods" => "metadata.annotations.AvoidPods",
            _ => continue,
        };
        if let Some(fault) = go_json::syntax_fault(value.str().as_bytes()) {
            value.named(path).invalid_text(key, &fault);
        }
    }
}

/// `validateNodeTaints`: the server has them under the metadata.
fn taints<'r>(list: Value<'r>, object: Value<'r>) {
    let mut seen = Seen::default();
    for (index, taint) in list.items().enumerate() {
        let taint = taint.counted(object, "metadata.taints", index);
        let (key, value, effect) = (taint.get("key"), taint.get("value"), taint.get("effect"));
        meta::label_name(key);
        if !names::is_label_value(value.str()) {
            value.invalid(&names::value_faults(value.str(), value.since(BYTES)).join(";"));
        }
        if effect.is_empty() {
            effect.required("");
        } else if !EFFECTS.contains(&effect.str()) {
            effect.not_supported(EFFECTS);
        }
        if !seen.insert(format!("{}\n{}", effect.str(), key.str())) {
            let shown = print::shown(taint);
            taint.say(Reason::Duplicate, Some(&shown), "taints must be unique by key and effect pair", None);
        }
    }
}

/// `validateNodeDeclaredFeatures`: names in order, each once.
fn declared_features(list: Value<'_>) {
    let mut before: Option<Value<'_>> = None;
    for feature in list.items() {
        let name = feature.str();
        let fault = if name.len() > 253 {
            Some("must be no more than 253 characters")
        } else if !is_feature(name) {
            Some(
                "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature \
                 or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes",
            )
        } else {
            None
        };
        let out_of_order = before.is_some_and(|it| it.str() >= name);
        if (fault.is_some() || out_of_order) && !feature.since(FEATURES) {
            return;
        }
        if let Some(fault) = fault {
            feature.invalid(&format!("invalid feature name {}: {fault}", seaworthy_cel::quoted(name)));
        }
        match before {
            Some(before) if before.str() == name => feature.duplicate(),
            Some(_) if out_of_order => feature.invalid("list must be sorted alphabetically"),
            _ => {}
        }
        before = Some(feature);
    }
}

/// `nodeDeclaredFeatureRegexp`.
fn is_feature(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.split('/').all(|part| {
            part.starts_with(|first: char| first.is_ascii_alphabetic())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// The networks of a node's pods: one of each family. `podCIDR` is the first, and the only one if it says otherwise.
fn pod_cidrs(spec: Value<'_>) {
    let (one, list) = (spec.get("podCIDR"), spec.get("podCIDRs"));
    let first = list.items().next();
    if !one.is_empty() && first.is_none_or(|first| first.str() != one.str()) {
        let field = one.named("spec.podCIDRs[0]");
        net::legacy_cidr(field, one.str());
        if !field.run().refuses() {
            net::warn_cidr(field);
        }
        return;
    }
    for item in list.items() {
        net::legacy_cidr(item, item.str());
    }
    if list.len() > 1 {
        families(list);
    }
    if !list.run().refuses() {
        list.items().for_each(net::warn_cidr);
    }
}

/// `IsDualStackCIDRStrings`, and what was asked of more than one network.
fn families(list: Value<'_>) {
    let wrong = list.items().find(|item| Cidr::parse(item.str()).is_none());
    if let Some(wrong) = wrong {
        let words = format!(
            "invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[{}]: <nil> (invalid CIDR \
             address: {})",
            wrong.index(),
            wrong.str()
        );
        list.say(Reason::Internal, None, &words, None);
    }
    let mut families = list.items().filter_map(|item| Cidr::parse(item.str())).map(|it| it.ip.is_v4());
    let both = families.next().is_some_and(|first| families.any(|other| other != first));
    if wrong.is_some() || !both || list.len() > 2 {
        list.invalid("may specify no more than one CIDR for each IP family");
    }
    let mut seen = Seen::default();
    for item in list.items() {
        if !seen.insert(item.str()) && !item.since(SWAP) {
            item.duplicate();
        }
    }
}
