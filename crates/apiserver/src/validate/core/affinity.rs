//! Where a pod may run by labels of nodes and of other pods (`validateAffinity`, `ValidateNodeSelector`, topology
//! spread constraints).

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use seaworthy_source::order::filled;

use super::super::meta;
use super::super::names::{self, BYTES, Form};
use super::super::value::Value;
use super::pod::is_pod;

/// The version whose required node affinity takes label values only.
const VALUES_OF_PODS: u8 = 33;
/// The version since which the server adds the pod's own labels to a selector (`MatchLabelKeysInPodAffinity`).
const KEYS_IN_AFFINITY: u8 = 31;
/// The same for spread constraints (`MatchLabelKeysInPodTopologySpreadSelectorMerge`).
const KEYS_IN_SPREAD: u8 = 34;

/// `validateAffinity`.
pub(super) fn affinity(affinity: Value<'_>) {
    let own = Own::new(affinity);
    let node = affinity.get("nodeAffinity");
    let required = node.get("requiredDuringSchedulingIgnoredDuringExecution");
    if required.is_present() {
        node_selector(required, Some(VALUES_OF_PODS));
    }
    for preferred in node.items_of("preferredDuringSchedulingIgnoredDuringExecution") {
        weight(preferred);
        node_selector_term(preferred.get("preference"), None);
    }
    for pods in [affinity.get("podAffinity"), affinity.get("podAntiAffinity")] {
        for required in pods.items_of("requiredDuringSchedulingIgnoredDuringExecution") {
            pod_affinity_term(required, &own);
        }
        for weighted in pods.items_of("preferredDuringSchedulingIgnoredDuringExecution") {
            weight(weighted);
            pod_affinity_term(weighted.get("podAffinityTerm"), &own);
        }
    }
}

fn weight(term: Value<'_>) {
    let weight = term.get("weight");
    if !(1..=100).contains(&weight.int()) {
        weight.invalid("must be in the range 1-100");
    }
}

/// `ValidateNodeSelector`, of a selector that is there. Values must be those of labels since `values_since`.
pub(in crate::validate) fn node_selector(selector: Value<'_>, values_since: Option<u8>) {
    let terms = selector.get("nodeSelectorTerms");
    if terms.is_empty() {
        terms.required("must have at least one node selector term");
    }
    terms.items().for_each(|term| node_selector_term(term, values_since));
}

/// `ValidateNodeSelectorTerm`.
pub(in crate::validate) fn node_selector_term(term: Value<'_>, values_since: Option<u8>) {
    term.items_of("matchExpressions").for_each(|requirement| expression(requirement, values_since));
    term.items_of("matchFields").for_each(field_requirement);
}

/// `ValidateNodeSelectorRequirement`.
fn expression(requirement: Value<'_>, values_since: Option<u8>) {
    let (operator, values) = (requirement.get("operator"), requirement.get("values"));
    match operator.str() {
        "In" | "NotIn" if values.is_empty() => {
            values.required("must be specified when `operator` is 'In' or 'NotIn'");
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        "Gt" | "Lt" if values.len() != 1 => {
            values.required("must be specified single value when `operator` is 'Lt' or 'Gt'");
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
        _ => operator.invalid("not a valid selector operator"),
    }
    meta::label_name(requirement.get("key"));
    for value in values.items() {
        if !names::is_label_value(value.str()) && values_since.is_some_and(|minor| value.since(minor)) {
            value.invalid_each(names::value_faults(value.str(), value.since(BYTES)));
        }
    }
}

/// `ValidateNodeFieldSelectorRequirement`.
fn field_requirement(requirement: Value<'_>) {
    let (operator, values) = (requirement.get("operator"), requirement.get("values"));
    match operator.str() {
        "In" | "NotIn" if values.len() != 1 => {
            values.required("must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
        }
        "In" | "NotIn" => {}
        _ => operator.invalid("not a valid selector operator"),
    }
    let key = requirement.get("key");
    if key.str() == "metadata.name" {
        values.items().for_each(|value| value.invalid_each(Form::Subdomain.faults(value.str())));
    } else {
        key.invalid("not a valid field selector key");
    }
}

/// `validatePodAffinityTerm`.
fn pod_affinity_term(term: Value<'_>, own: &Own<'_>) {
    meta::label_selector(term.get("labelSelector"));
    meta::label_selector(term.get("namespaceSelector"));
    for name in term.items_of("namespaces") {
        let faults = Form::Label.faults(name.str());
        if !faults.is_empty() {
            name.named(format!("{}.namespace", term.path())).invalid_each(faults);
        }
    }
    let keys = [term.get("matchLabelKeys"), term.get("mismatchLabelKeys")];
    if keys.iter().any(|keys| !keys.is_empty()) && term.since(KEYS_IN_AFFINITY) {
        label_keys(term, keys, own);
    }
    let topology = term.get("topologyKey");
    if topology.is_empty() {
        topology.required("can not be empty");
    }
    meta::label_name(topology);
}

/// `ValidateMatchLabelKeysAndMismatchLabelKeys`: of the keys to match, and those not to match.
fn label_keys<'r>(around: Value<'r>, [matched, mismatched]: [Value<'r>; 2], own: &Own<'_>) {
    let selector = around.get("labelSelector");
    for keys in [matched, mismatched].into_iter().filter(|keys| !keys.is_empty()) {
        if selector.is_present() {
            keys.items().for_each(meta::label_name);
        } else {
            keys.forbidden("must not be specified when labelSelector is not set");
        }
    }
    if selector.is_present() {
        let places: BTreeMap<&str, usize> = filled(matched.items().map(|key| (key.str(), key.index())));
        let mut seen: BTreeSet<&str> = filled(selector.entries_of("matchLabels").map(|(key, _)| key));
        let expressions = selector.items_of("matchExpressions").map(|it| it.str_of("key"));
        let merged = matched.items().chain(mismatched.items()).map(Value::str).filter(|key| own.has(key));
        for key in expressions.chain(merged) {
            if let Some(index) = places.get(key).filter(|_| seen.contains(key)) {
                let at = around.named(format!("{}[{index}]", around.path()));
                at.invalid_text(key, "exists in both matchLabelKeys and labelSelector");
            }
            seen.insert(key);
        }
    }
    let not: BTreeSet<&str> = filled(mismatched.items().map(Value::str));
    for key in matched.items().filter(|key| not.contains(key.str())) {
        key.invalid("exists in both matchLabelKeys and mismatchLabelKeys");
    }
}

/// The keys of a pod's own labels: the server adds those that are named to the selector, if the object is a pod
/// (`applyMatchLabelKeysAndMismatchLabelKeys`).
struct Own<'r> {
    labels: Option<Value<'r>>,
    keys: OnceCell<BTreeSet<&'r str>>,
}

impl<'r> Own<'r> {
    fn new(value: Value<'r>) -> Self {
        let labels = is_pod(value).then(|| value.run().root().at("metadata.labels"));
        Self { labels, keys: OnceCell::new() }
    }

    fn has(&self, key: &str) -> bool {
        let keys = || filled(self.labels.into_iter().flat_map(Value::entries).map(|(key, _)| key));
        self.keys.get_or_init(keys).contains(key)
    }
}

/// `validateTopologySpreadConstraints`: of each kind, a topology key and an action, the last one counts.
pub(super) fn topology_spread(constraints: Value<'_>) {
    let last: BTreeMap<(&str, &str), usize> = filled(constraints.items().map(|it| (kind_of(it), it.index())));
    let own = Own::new(constraints);
    for constraint in constraints.items() {
        spread_constraint(constraint, &own);
        let (topology, action) = kind_of(constraint);
        if last.get(&(topology, action)).is_some_and(|at| *at != constraint.index()) {
            let at = constraint.named(format!("{}.{{topologyKey, whenUnsatisfiable}}", constraint.path()));
            at.duplicate_shown(&seaworthy_cel::quoted(&format!("{{{topology}, {action}}}")));
        }
    }
}

fn kind_of<'r>(constraint: Value<'r>) -> (&'r str, &'r str) {
    (constraint.str_of("topologyKey"), constraint.str_of("whenUnsatisfiable"))
}

fn spread_constraint(constraint: Value<'_>, own: &Own<'_>) {
    let (skew, domains) = (constraint.get("maxSkew"), constraint.get("minDomains"));
    for number in [skew, domains] {
        if number.int() <= 0 && (number.key() == "maxSkew" || number.is_present()) {
            number.invalid("must be greater than zero");
        }
    }
    let topology = constraint.get("topologyKey");
    if topology.is_empty() {
        topology.required("can not be empty");
    }
    let action = constraint.get("whenUnsatisfiable");
    if !matches!(action.str(), "DoNotSchedule" | "ScheduleAnyway") {
        action.not_supported(&["DoNotSchedule", "ScheduleAnyway"]);
    }
    if domains.is_present() && action.str() != "DoNotSchedule" {
        let words = "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ";
        domains.invalid(&format!("{words}{}", action.str()));
    }
    for policy in [constraint.get("nodeAffinityPolicy"), constraint.get("nodeTaintsPolicy")] {
        if policy.is_present() && !matches!(policy.str(), "Honor" | "Ignore") {
            policy.not_supported(&["Honor", "Ignore"]);
        }
    }
    let keys = constraint.get("matchLabelKeys");
    if !keys.is_empty() {
        if constraint.since(KEYS_IN_SPREAD) {
            label_keys(constraint, [keys, constraint.get("mismatchLabelKeys")], own);
        } else {
            label_keys_alone(constraint.get("labelSelector"), keys);
        }
    }
    meta::label_selector(constraint.get("labelSelector"));
}

/// `ValidateMatchLabelKeysInTopologySpread`: keys that are not added to the selector.
fn label_keys_alone(selector: Value<'_>, keys: Value<'_>) {
    if !selector.is_present() {
        keys.forbidden("must not be specified when labelSelector is not set");
    }
    let labels = selector.entries_of("matchLabels").map(|(key, _)| key);
    let expressions = selector.items_of("matchExpressions").map(|it| it.str_of("key"));
    let selected: BTreeSet<&str> = filled(labels.chain(expressions));
    for key in keys.items() {
        meta::label_name(key);
        if selected.contains(key.str()) {
            key.invalid("exists in both matchLabelKeys and labelSelector");
        }
    }
}
