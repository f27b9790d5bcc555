//! Names that exist in the fleet, where a manifest refers to them.

use std::collections::BTreeSet;

use lsp_types::CompletionItemKind;
use seaworthy_document::Node;
use seaworthy_fleet::{Fleet, Reference, parts, references, selections, service_selector};
use seaworthy_object::{Field, Object, Pod};

use super::Proposal;
use crate::cursor::is_inside;

/// What a value at a node may name: an object, a part of one, a label, a port, a volume.
pub(super) fn values(fleet: &Fleet<'_>, object: &Object<'_>, node: Node<'_>) -> Vec<Proposal> {
    let mut found: Vec<Proposal> = Vec::new();
    for reference in references(object) {
        if reference.field.node() == node {
            found.extend(objects(fleet, &reference));
        } else if let Some(part) = reference.parts.iter().find(|it| it.node() == node) {
            found.extend(parts_of(fleet, &reference, *part));
        }
    }
    found.extend(label_values(fleet, object, node));
    found.extend(of_pod(object, node));
    let path = node.field_path_from(Some(object.root())).to_string();
    if path == "metadata.namespace" {
        let namespaces = fleet.of_kind("", "Namespace").map(Object::name);
        found.extend(namespaces.map(|it| Proposal::new(it, CompletionItemKind::REFERENCE)));
    }
    if object.is("", "Service") && path.starts_with("spec.ports[") && path.ends_with("].targetPort") {
        found.extend(target_ports(fleet, object));
    }
    let mut seen = BTreeSet::new();
    found.retain(|it| !it.text.is_empty() && seen.insert(it.text.clone()));
    found
}

/// The objects that a reference may mean.
fn objects(fleet: &Fleet<'_>, reference: &Reference<'_>) -> Vec<Proposal> {
    let there = fleet.of_kind(reference.group, reference.kind).filter(|it| it.namespace() == reference.namespace);
    there.map(|it| Proposal::new(it.name(), CompletionItemKind::REFERENCE).detail(fleet.file_of(it))).collect()
}

/// The keys or ports of what a reference names.
fn parts_of(fleet: &Fleet<'_>, reference: &Reference<'_>, at: Field<'_>) -> Vec<Proposal> {
    let Reference { group, kind, namespace, name, .. } = *reference;
    let asked = at.node().key().map_or("", |it| it.text());
    let objects = fleet.definitions(group, kind, namespace, name);
    let names = objects.flat_map(parts).flat_map(|part| match part.node().key() {
        Some(key) => vec![Proposal::value(key.text())],
        None => {
            let name = part.get("name").filter(|_| asked != "number").map(|it| Proposal::value(it.text()));
            let number = part.get("port").filter(|_| asked != "name").map(|it| Proposal::plain(it.text()));
            name.into_iter().chain(number).collect()
        }
    });
    names.collect()
}

/// The values that pods have under the label that a selector asks for at a node.
fn label_values(fleet: &Fleet<'_>, object: &Object<'_>, node: Node<'_>) -> Vec<Proposal> {
    let Some(namespace) = selecting(object, node) else { return Vec::new() };
    let Some(key) = node.key().map(|it| it.text()) else { return Vec::new() };
    let labels = fleet.pods_in(namespace).filter_map(|it| it.labels().get(key));
    labels.map(Proposal::value).collect()
}

/// The labels of the pods that a selector may ask for, where a key of it is at a node.
pub(super) fn label_keys(fleet: &Fleet<'_>, object: &Object<'_>, node: Node<'_>) -> Vec<Proposal> {
    let Some(namespace) = selecting(object, node) else { return Vec::new() };
    let is_there = |key: &str| node.parent().is_some_and(|it| it.entries().any(|it| it.name() == key));
    let keys: BTreeSet<&str> = fleet.pods_in(namespace).flat_map(|it| it.labels().iter()).map(|(key, _)| key).collect();
    let keys = keys.into_iter().filter(|it| !is_there(it));
    keys.map(|it| Proposal::new(it, CompletionItemKind::FIELD)).collect()
}

/// The namespace whose pods a selector of the object asks for, if the node is a label in it.
fn selecting<'a>(object: &'a Object<'a>, node: Node<'a>) -> Option<&'a str> {
    let parent = node.parent()?;
    let is_label = |selector: Node<'a>| parent == selector || selector.get("matchLabels") == Some(parent);
    let all = selections(object);
    all.into_iter().find(|it| is_label(it.selector.field().node()))?.namespace
}

/// What a pod names in itself: its volumes and its ports.
fn of_pod(object: &Object<'_>, node: Node<'_>) -> Vec<Proposal> {
    let Some(pod) = object.pod() else { return Vec::new() };
    let key = node.key().map_or("", |it| it.text());
    let list = node.parent().and_then(|it| it.parent()).and_then(|it| it.key()).map_or("", |it| it.text());
    if key == "name" && matches!(list, "volumeMounts" | "volumeDevices") {
        return pod.spec().volumes().map(|it| Proposal::new(it.name(), CompletionItemKind::REFERENCE)).collect();
    }
    let probe = node.parent().and_then(|it| it.key()).map_or("", |it| it.text());
    if key == "port" && matches!(probe, "httpGet" | "tcpSocket") {
        let container = pod.containers().find(|it| is_inside(node, it.field().node()));
        return container.into_iter().flat_map(|it| it.ports().collect::<Vec<_>>()).flat_map(port_names).collect();
    }
    Vec::new()
}

/// The ports of the pods that a Service selects.
fn target_ports(fleet: &Fleet<'_>, service: &Object<'_>) -> Vec<Proposal> {
    let Some(selector) = service_selector(service) else { return Vec::new() };
    let pods = fleet.selected(service.namespace().unwrap_or("default"), &selector);
    let containers = pods.iter().flat_map(Pod::containers).collect::<Vec<_>>();
    containers.iter().flat_map(|it| it.ports().collect::<Vec<_>>()).flat_map(port_names).collect()
}

fn port_names(port: seaworthy_object::Port<'_>) -> Vec<Proposal> {
    let number = port.field().get("containerPort").map(|it| Proposal::plain(it.text()));
    port.name().map(Proposal::value).into_iter().chain(number).collect()
}
