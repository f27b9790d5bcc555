//! From a name to what it names, and back.

use lsp_types::Location;
use seaworthy::View;
use seaworthy::source::Span;
use seaworthy_document::Node;
use seaworthy_fleet::{Fleet, Host, Reference, Selection, hosts_in, is_part, parts, references, selections};
use seaworthy_object::{Container, Field, IntOrString, Object, Pod, Requirement};
use serde::Deserialize;

use crate::cursor::{Under, is_inside};
use crate::rpc::{self, Answer};
use crate::server::{At, Document, Server};
use crate::targets::Places;

/// What the cursor is on, as far as something refers to it or it refers to something.
pub(crate) enum Subject<'v> {
    /// The name of an object.
    Object(&'v Object<'v>),
    /// The name of another object.
    Reference(Reference<'v>),
    /// A key or a port of another object.
    Part(Reference<'v>, &'v str),
    /// A key of this ConfigMap or Secret, or a port of this Service.
    OwnPart(&'v Object<'v>, Field<'v>),
    /// Pods asked for by labels.
    Selection(Selection<'v>),
    /// A label of pods, at the pods or where somebody asks for it.
    Label(Label<'v>),
    /// The port of its pods that a Service sends to.
    TargetPort(&'v Object<'v>, Field<'v>),
    /// A Service by its host name.
    Host(&'v Object<'v>),
}

/// A label of the pods of a namespace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label<'v> {
    pub(crate) namespace: &'v str,
    pub(crate) key: &'v str,
    pub(crate) value: &'v str,
    /// The value, where the cursor is.
    pub(crate) field: Field<'v>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReferencesOf {
    text_document: Document,
    position: lsp_types::Position,
    context: Context,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    include_declaration: bool,
}

impl Server {
    pub(crate) fn definition(&mut self, at: &At) -> Answer {
        self.refresh();
        self.locations(&at.text_document, at.position, definitions)
    }

    pub(crate) fn references(&mut self, params: &ReferencesOf) -> Answer {
        self.refresh();
        let with_own = params.context.include_declaration;
        self.locations(&params.text_document, params.position, |fleet, subject| {
            let mut found = if with_own { declarations(fleet, subject) } else { Vec::new() };
            found.extend(users(fleet, subject));
            found
        })
    }

    /// The places that `find` names for what is under a position.
    fn locations(
        &self,
        document: &Document,
        position: lsp_types::Position,
        find: impl for<'v> FnOnce(&Fleet<'v>, &Subject<'v>) -> Vec<Place<'v>>,
    ) -> Answer {
        let Some(cursor) = self.cursor(document, position) else { return rpc::result(()) };
        let places = cursor.places(self);
        let found = cursor.workspace().read(|view| {
            let subject = cursor.under(view).and_then(|it| subject(view.fleet(), &it, cursor.offset))?;
            let mut found = find(view.fleet(), &subject);
            // What an anchor repeats stands in one place.
            let mut seen = std::collections::BTreeSet::new();
            found.retain(|it| seen.insert((it.object.source(), it.span)));
            Some(found.iter().filter_map(|it| location(view, &places, it)).collect::<Vec<_>>())
        });
        rpc::result(found)
    }
}

/// A place in an object.
pub(crate) struct Place<'v> {
    pub(crate) object: &'v Object<'v>,
    pub(crate) span: Span,
}

pub(crate) fn location(view: &View<'_, '_>, places: &Places<'_>, place: &Place<'_>) -> Option<Location> {
    places.location(view.source(place.object.source())?.name(), place.span)
}

fn of_object<'v>(object: &'v Object<'v>) -> Place<'v> {
    Place { object, span: object.place().span }
}

fn of_value(field: Field<'_>) -> Place<'_> {
    Place { object: field.object(), span: field.place().span }
}

fn of_key(field: Field<'_>) -> Place<'_> {
    Place { object: field.object(), span: field.key_place().span }
}

/// What is under the cursor.
pub(crate) fn subject<'v>(fleet: &Fleet<'v>, under: &Under<'v>, offset: u32) -> Option<Subject<'v>> {
    let object = under.object.filter(|_| under.is_manifest)?;
    let node = under.spot.node;
    for reference in references(object) {
        if let Some(part) = reference.parts.iter().find(|it| it.node() == node) {
            let name = part.text();
            return Some(Subject::Part(reference, name));
        }
        if reference.field.node() == node {
            return Some(Subject::Reference(reference));
        }
    }
    if object.root().at(["metadata", "name"]) == Some(node) {
        return Some(Subject::Object(object));
    }
    if let Some(part) = parts(object).find(|it| is_inside(node, it.node())) {
        let own = node.key().map(|it| it.text());
        let is_target = part.node().key().is_none() && own == Some("targetPort");
        return Some(match part.get("targetPort") {
            Some(target) if is_target => Subject::TargetPort(object, target),
            _ => Subject::OwnPart(object, part),
        });
    }
    label_or_selection(object, node).or_else(|| host(fleet, object, node, offset))
}

fn label_or_selection<'v>(object: &'v Object<'v>, node: Node<'v>) -> Option<Subject<'v>> {
    let is_scalar = !node.is_mapping() && !node.is_sequence();
    let label = |namespace: &'v str| {
        let key = node.key()?.text();
        let in_map = node.parent()?.key().is_none_or(|it| it.text() != "matchExpressions");
        let field = Field::new(object, node);
        (is_scalar && in_map).then_some(Label { namespace, key, value: node.text(), field })
    };
    for selection in selections(object) {
        let selector = selection.selector.field().node();
        if node == selector || is_inside(node, selector) {
            let is_equality = node.parent() == Some(selector) || node.parent() == selector.get("matchLabels");
            let label = selection.namespace.filter(|_| is_equality).and_then(label);
            return Some(label.map_or(Subject::Selection(selection), Subject::Label));
        }
    }
    let pod = object.pod()?;
    let labels = pod.labels().field()?.node();
    if node.parent() == Some(labels) { label(pod.namespace()).map(Subject::Label) } else { None }
}

/// The Service whose host name stands in a text: the one under the cursor, or the only one.
fn host<'v>(fleet: &Fleet<'v>, object: &'v Object<'v>, node: Node<'v>, offset: u32) -> Option<Subject<'v>> {
    let text = node.as_str()?;
    let namespace = object.namespace()?;
    let lookup = |name: &str| match fleet.dns().lookup(name, namespace) {
        Host::Service(service) | Host::Pod(_, service) => Some(service),
        _ => None,
    };
    let hosts = hosts_in(text);
    let written = node.document().source_text();
    let is_here = |name: &str| {
        let from = (offset as usize).saturating_sub(name.len());
        let around = written.get(from..(offset as usize + name.len()).min(written.len()));
        around.is_some_and(|it| it.contains(name))
    };
    let found: Vec<_> = hosts.iter().filter_map(|it| Some((it.name, lookup(it.name)?))).collect();
    let here = found.iter().find(|it| found.len() == 1 || is_here(it.0));
    here.map(|it| Subject::Host(it.1))
}

fn definitions<'v>(fleet: &Fleet<'v>, subject: &Subject<'v>) -> Vec<Place<'v>> {
    let named = |it: &Reference<'v>| fleet.definitions(it.group, it.kind, it.namespace, it.name).collect::<Vec<_>>();
    match subject {
        Subject::Object(object) => vec![of_object(object)],
        Subject::Host(service) => vec![of_object(service)],
        Subject::Reference(reference) => named(reference).into_iter().map(of_object).collect(),
        Subject::Part(reference, name) => {
            let objects = named(reference);
            let of = |object: &&'v Object<'v>| parts(object).filter(|it| is_part(*it, name)).collect::<Vec<_>>();
            let found: Vec<Place<'v>> = objects.iter().flat_map(of).map(of_key).collect();
            // An object without the part is the next best place to go.
            if found.is_empty() { objects.into_iter().map(of_object).collect() } else { found }
        }
        Subject::OwnPart(_, part) => vec![of_key(*part)],
        Subject::Selection(selection) => {
            let namespace = selection.namespace.unwrap_or("default");
            let pods = fleet.selected(namespace, &selection.selector);
            pods.iter().map(|it| of_object(it.object())).collect()
        }
        Subject::Label(label) => {
            let of_pod = |pod: Pod<'v>| label_of(pod, label).map(of_value);
            fleet.pods_in(label.namespace).filter_map(of_pod).collect()
        }
        Subject::TargetPort(service, target) => {
            let Some(target) = IntOrString::of(*target) else { return Vec::new() };
            let pods = fleet.pods_of(service);
            let containers = pods.iter().flat_map(|it| it.containers().collect::<Vec<_>>());
            let ports = containers.flat_map(|it: Container<'v>| it.ports().collect::<Vec<_>>());
            ports.filter(|it| it.is_target(target, it.protocol())).map(|it| of_value(it.field())).collect()
        }
    }
}

/// Where the thing itself stands, be it under the cursor or not.
fn declarations<'v>(fleet: &Fleet<'v>, subject: &Subject<'v>) -> Vec<Place<'v>> {
    match subject {
        Subject::Object(object) => {
            let of = object.group_kind();
            fleet.definitions(of.group, of.kind, object.namespace(), object.name()).map(of_object).collect()
        }
        _ => definitions(fleet, subject),
    }
}

/// Where it is used.
fn users<'v>(fleet: &Fleet<'v>, subject: &Subject<'v>) -> Vec<Place<'v>> {
    match subject {
        Subject::Object(object) | Subject::Host(object) => users_of(fleet, object),
        Subject::Reference(reference) => same(fleet, reference).iter().map(|it| of_value(it.field)).collect(),
        Subject::Part(reference, name) => {
            let of_part =
                |it: &&Reference<'v>| it.parts.iter().copied().filter(|it| it.text() == *name).collect::<Vec<_>>();
            same(fleet, reference).iter().flat_map(of_part).map(of_value).collect()
        }
        Subject::OwnPart(object, part) => {
            let named = fleet.referrers(object).flat_map(|it| it.parts.iter().copied());
            named.filter(|it| is_part(*part, it.text())).map(of_value).collect()
        }
        Subject::Selection(selection) => {
            let namespace = selection.namespace.unwrap_or("default");
            let pods = fleet.selected(namespace, &selection.selector);
            pods.iter().map(|it| of_object(it.object())).collect()
        }
        Subject::Label(label) => asked(fleet, label).into_iter().map(of_value).collect(),
        Subject::TargetPort(..) => Vec::new(),
    }
}

/// The references to what a reference names, itself among them.
fn same<'f, 'v>(fleet: &'f Fleet<'v>, reference: &Reference<'v>) -> Vec<&'f Reference<'v>> {
    let Reference { group, kind, namespace, name, .. } = *reference;
    fleet.references_to(group, kind).filter(|it| it.namespace == namespace && it.name == name).collect()
}

/// Who refers to an object by name, and who selects its pods.
fn users_of<'v>(fleet: &Fleet<'v>, object: &'v Object<'v>) -> Vec<Place<'v>> {
    let mut found: Vec<Place<'v>> = fleet.referrers(object).map(|it| of_value(it.field)).collect();
    if let Some(pod) = object.pod() {
        let selects = |it: &Selection<'v>| it.selector.field().object().root() != object.root();
        let meets = |it: &Selection<'v>| !it.selector.is_empty() && it.selector.matches(pod.labels());
        let selections = fleet.selections_in(pod.namespace()).filter(|it| selects(it) && meets(it));
        found.extend(selections.map(|it| of_key(it.selector.field())));
    }
    found
}

/// The values of selectors that ask for a label by equality.
pub(crate) fn asked<'v>(fleet: &Fleet<'v>, label: &Label<'v>) -> Vec<Field<'v>> {
    let asks = |it: &Requirement<'v>| matches!(it, Requirement::In(key, values) if *key == label.key && values.contains(&label.value));
    let selections = fleet.selections_in(label.namespace).filter(|it| it.selector.requirements().iter().any(asks));
    let at = |selection: Selection<'v>| {
        let field = selection.selector.field();
        let map = field.get("matchLabels").filter(|_| field.get(label.key).is_none()).unwrap_or(field);
        map.get(label.key).filter(|it| it.text() == label.value)
    };
    selections.filter_map(at).collect()
}

/// The value of a label of a pod, if it has it.
pub(crate) fn label_of<'v>(pod: Pod<'v>, label: &Label<'v>) -> Option<Field<'v>> {
    pod.labels().field()?.get(label.key).filter(|it| it.text() == label.value)
}
