//! What the server warns of in a pod that it accepts (pkg/api/pod, `warningsForPodSpecAndMeta`; pkg/api/node).

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_source::order::filled;

use super::super::meta;
use super::super::names::{self, BYTES, Form};
use super::super::net;
use super::super::same::same;
use super::super::value::{Items, Value};
use super::pod::{containers_of, is_pod};
use super::{annotations, container, volume};
use seaworthy_cel::quoted;

/// Labels of nodes that have other names now (`deprecatedNodeLabels`).
const NODE_LABELS: &[(&str, &str)] = &[
    ("beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"),
    ("beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"),
    (
        "failure-domain.beta.kubernetes.io/region",
        "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    ),
    ("failure-domain.beta.kubernetes.io/zone", "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"),
    ("beta.kubernetes.io/instance-type", "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"),
];
/// Those that the server knows of since 1.31.
const LATER_NODE_LABELS: &[(&str, &str)] = &[
    ("app.kubernetes.io/created-by", "deprecated since v1.9"),
    ("scheduler.alpha.kubernetes.io/preferAvoidPods", "deprecated since v1.22; use Taints and Tolerations instead"),
    ("node-role.kubernetes.io/master", "use \"node-role.kubernetes.io/control-plane\" instead"),
];
/// Annotations that do nothing any more (`deprecatedAnnotations`).
const ANNOTATIONS: &[(&str, &str)] = &[
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        "non-functional in v1.16+; use the \"priorityClassName\" field instead",
    ),
    ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    ("security.alpha.kubernetes.io/unsafe-sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
];
const SECCOMP: &str = "non-functional in v1.27+; use the \"seccompProfile\" field instead";
const APP_ARMOR: &str = "deprecated since v1.30; use the \"appArmorProfile\" field instead";
const NO_SELECTOR: &str = "a null labelSelector results in matching no pod";
const USED_IN_PODS: &str = "this is used in Pod names and hostnames";
const USED_IN_POD: &str = "this is used in the Pod's hostname";

/// Of a new pod (`WarningsOnCreate` of pods).
pub(super) fn of_pod(object: Value<'_>) {
    if object.run().refuses() || object.run().updates() {
        return;
    }
    name(object, USED_IN_POD);
    spec_and_metadata(object);
}

/// Of the template of a controller (`GetWarningsForPodTemplate`).
pub(in crate::validate) fn of_template(template: Value<'_>) {
    if !template.run().refuses() && is_new(template) {
        spec_and_metadata(template);
    }
}

/// Of a controller whose pods are named after it.
pub(in crate::validate) fn of_controller(object: Value<'_>, template: Value<'_>) {
    if !object.run().refuses() {
        if !object.run().updates() {
            name(object, USED_IN_PODS);
        }
        if is_new(template) {
            spec_and_metadata(template);
        }
    }
}

/// Whether the object counts as another than the one whose place it takes (its generation).
fn is_new(value: Value<'_>) -> bool {
    let Some(before) = value.run().before else { return true };
    let (now, before) = (value.run().root(), before.root());
    let changed = |path: &'static str| !same(now.at(path), before.at(path));
    match value.run().kind.kind {
        "DaemonSet" => changed("spec.template"),
        "Deployment" => changed("spec") || changed("metadata.annotations"),
        "PodTemplate" => changed("template"),
        // The server warns of the template before; where that is this one, here too.
        "ReplicationController" => changed("spec") && !changed("spec.template"),
        _ => changed("spec"),
    }
}

fn name(object: Value<'_>, used: &str) {
    let faults = Form::Label.faults(&meta::name_of(object.get("metadata")));
    if !faults.is_empty() {
        object.at("metadata.name").warn(format!(
            "metadata.name: {used}, which can result in surprising behavior; a DNS label is recommended: [{}]",
            faults.join(" ")
        ));
    }
}

/// `warningsForPodSpecAndMeta`.
fn spec_and_metadata(holder: Value<'_>) {
    let (spec, noted) = (holder.get("spec"), holder.at("metadata.annotations"));
    for (key, value) in spec.entries_of("nodeSelector") {
        if let Some(words) = deprecated_label(value, key) {
            say(value, words);
        }
    }
    let affinity = spec.given("affinity");
    affinity.and_then(|it| it.given("nodeAffinity")).into_iter().for_each(node_affinity);
    for constraint in spec.items_of("topologySpreadConstraints") {
        node_label(constraint.get("topologyKey"));
        selector_of(constraint);
    }
    for (key, value) in noted.entries() {
        if let Some(words) = found(ANNOTATIONS, key) {
            say(value, words);
        }
    }
    volume::warnings::volumes(spec.get("volumes"));
    repeated(spec.items_of("hostAliases"), "ip");
    repeated(spec.items_of("imagePullSecrets"), "name");
    for secret in spec.items_of("imagePullSecrets").filter(|secret| secret.get("name").is_empty()) {
        say(secret.get("name"), "invalid empty name \"\"");
    }
    spec.given("overhead").into_iter().for_each(fractional);
    old_annotations(holder);
    container::warnings(spec);
    let negative = |it: &Value<'_>| it.int() < 0 && !is_pod(*it);
    if let Some(grace) = spec.given("terminationGracePeriodSeconds").filter(negative) {
        say(grace, "must be >= 0; negative values are invalid and will be treated as 1");
    }
    for pods in ["podAffinity", "podAntiAffinity"].into_iter().filter_map(|name| affinity?.given(name)) {
        pods.items_of("requiredDuringSchedulingIgnoredDuringExecution").for_each(selector_of);
        for weighted in pods.items_of("preferredDuringSchedulingIgnoredDuringExecution") {
            selector_of(weighted.get("podAffinityTerm"));
        }
    }
    let addresses = spec.items_of("hostAliases").map(|alias| alias.get("ip"));
    for ip in spec.given("dnsConfig").into_iter().flat_map(|it| it.items_of("nameservers")).chain(addresses) {
        net::warn_ip(ip);
    }
}

fn say(value: Value<'_>, words: &str) {
    value.warn(format!("{}: {words}", value.path()));
}

fn found(table: &[(&str, &'static str)], key: &str) -> Option<&'static str> {
    table.iter().find(|(own, _)| *own == key).map(|(_, words)| *words)
}

/// `GetNodeLabelDeprecatedMessage`.
pub(in crate::validate) fn deprecated_label(value: Value<'_>, key: &str) -> Option<&'static str> {
    found(NODE_LABELS, key).or_else(|| found(LATER_NODE_LABELS, key).filter(|_| value.since(31)))
}

/// A key of a selector of nodes.
fn node_label(key: Value<'_>) {
    if let Some(words) = deprecated_label(key, key.str()) {
        say(key, &format!("{} is {words}", key.str()));
    }
}

fn selector_of(term: Value<'_>) {
    let selector = term.get("labelSelector");
    if !selector.is_present() {
        say(selector, NO_SELECTOR);
    }
}

/// `GetWarningsForNodeSelectorTerm`, of each term.
fn node_affinity(affinity: Value<'_>) {
    for term in affinity.at("requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms").items() {
        term.items_of("matchExpressions").for_each(|expression| node_label(expression.get("key")));
    }
    for term in affinity.items_of("preferredDuringSchedulingIgnoredDuringExecution") {
        for expression in term.at("preference.matchExpressions").items() {
            node_label(expression.get("key"));
            for value in expression.items_of("values") {
                if !names::is_label_value(value.str()) && value.since(33) {
                    for fault in names::value_faults(value.str(), value.since(BYTES)) {
                        say(value, &format!("{} is invalid, {fault}", value.str()));
                    }
                }
            }
        }
    }
}

/// Items of a list that have the same text as an earlier one.
fn repeated(list: Items<'_>, name: &'static str) {
    let mut seen = BTreeSet::new();
    for field in list.map(|item| item.get(name)) {
        if !seen.insert(field.str()) {
            say(field, &format!("duplicate {name} {}", quoted(field.str())));
        }
    }
}

/// Bytes are whole: of memory and storage in a list of resources.
pub(in crate::validate) fn fractional(resources: Value<'_>) {
    for (_, value) in resources.entries().filter(|(name, _)| matches!(*name, "memory" | "ephemeral-storage")) {
        if let Some(quantity) = value.quantity().filter(|quantity| quantity.milli_value() % 1000 != 0) {
            let words =
                format!("fractional byte value {} is invalid, must be an integer", quoted(&quantity.canonical()));
            say(value, &words);
        }
    }
}

/// Annotations that became fields.
fn old_annotations(holder: Value<'_>) {
    let (spec, noted) = (holder.get("spec"), holder.at("metadata.annotations"));
    if !annotations::has_profiles(noted) {
        return;
    }
    let all: BTreeMap<&str, Value<'_>> = filled(noted.entries());
    let of = |key: &str| all.get(key).copied();
    let has = |holder: Value<'_>, name: &'static str| holder.get("securityContext").has(name);
    if let Some(value) = of(annotations::SECCOMP_OF_POD).filter(|_| !has(spec, "seccompProfile")) {
        say(value, SECCOMP);
    }
    for container in containers_of(spec) {
        let name = container.str_of("name");
        let seccomp = of(&format!("{}{name}", annotations::SECCOMP_OF_CONTAINER));
        if let Some(value) = seccomp.filter(|_| !has(container, "seccompProfile")) {
            say(value, SECCOMP);
        }
        let app_armor = of(&format!("{}{name}", annotations::APP_ARMOR));
        if let Some(value) = app_armor.filter(|_| !has(container, "appArmorProfile")) {
            old_app_armor(spec, value);
        }
    }
}

/// An annotation of AppArmor without a field of its container: does it say more than the field of the pod?
fn old_app_armor(spec: Value<'_>, annotation: Value<'_>) {
    let field = spec.at("securityContext.appArmorProfile");
    let said = annotations::app_armor_of(annotation.str());
    let own = (field.str_of("type"), field.get("localhostProfile").opt_str());
    let same = field.is_present()
        && said.is_some_and(|(kind, path)| own == (kind, Some(path).filter(|_| kind == "Localhost")));
    let warned = if is_pod(spec) {
        spec.at("os.name").str() != "windows" && (!said.is_some_and(annotations::is_valid_app_armor) || !same)
    } else if field.is_present() {
        annotation.since(34) && !same
    } else {
        true
    };
    if warned {
        say(annotation, APP_ARMOR);
    }
}
