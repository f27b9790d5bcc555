//! Renaming, where what is renamed and all that names it are known; elsewhere the reason why not.

use std::collections::BTreeSet;

use seaworthy::View;
use seaworthy::source::{SourceId, Span};
use seaworthy_document::{Node, Style};
use seaworthy_fleet::{Fleet, Mention, Reference, Relation};
use seaworthy_object::{Field, Object, Requirement};
use serde::Deserialize;
use serde_json::json;

use crate::completion::quoted;
use crate::cursor::{Cursor, is_inside, objects_of};
use crate::navigation::{Label, Subject, asked, label_of, subject};
use crate::rpc::{self, Answer, Failure};
use crate::server::{At, Document, Server};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rename {
    text_document: Document,
    position: lsp_types::Position,
    new_name: String,
}

/// Kinds whose objects cannot change their name for others than a new one: group, kind and why.
const BOUND: &[(&str, &str, &str)] = &[
    ("", "Namespace", "everything in a namespace names it"),
    ("", "Node", "a node's name is that of its machine"),
    ("", "PersistentVolume", "under another name it is another volume, without the data"),
    ("", "PersistentVolumeClaim", "under another name it is another claim, without the data"),
    ("apps", "StatefulSet", "its pods and their claims are named after it, and the data would stay behind"),
    ("apiextensions.k8s.io", "CustomResourceDefinition", "its name is made of its group and its plural"),
    ("apiregistration.k8s.io", "APIService", "its name is made of its group and its version"),
];

/// What is renamed.
struct Renaming<'v> {
    old: &'v str,
    /// The value under the cursor.
    own: Node<'v>,
    /// Everything that is to be written anew.
    places: Vec<Field<'v>>,
}

impl Server {
    pub(crate) fn prepare_rename(&mut self, at: &At) -> Answer {
        self.refresh();
        let Some(cursor) = self.cursor(&at.text_document, at.position) else { return rpc::result(()) };
        let found = cursor.workspace().read(|view| {
            let renaming = renaming(view, &cursor)?;
            Ok::<_, Failure>((renaming.own.span(), renaming.old.to_owned()))
        });
        let (span, old) = found?;
        let range = cursor.places(self).range(&cursor.file.name, span);
        Ok(json!({"range": range, "placeholder": old}))
    }

    pub(crate) fn rename(&mut self, params: &Rename) -> Answer {
        self.refresh();
        let Some(cursor) = self.cursor(&params.text_document, params.position) else {
            return Err(Failure::refused("the document is not open, or not one that is checked"));
        };
        let new = params.new_name.as_str();
        let edits = cursor.workspace().read(|view| {
            let renaming = renaming(view, &cursor)?;
            check_new(view, &cursor, &renaming, new)?;
            let source = |id: SourceId| view.source(id).map(|it| it.name().to_owned());
            let mut seen = BTreeSet::new();
            let mut edits = Vec::new();
            for field in renaming.places.iter().filter(|_| new != renaming.old) {
                let id = field.object().source();
                let (span, text) = rewritten(*field, new)?;
                if seen.insert((id, span)) {
                    let name =
                        source(id).ok_or_else(|| Failure::refused("a file that is not in the workspace names it"))?;
                    edits.push((name, span, text));
                }
            }
            Ok::<_, Failure>(edits)
        })?;
        Ok(cursor.places(self).edit(&edits, self.client.document_changes))
    }
}

/// What the cursor is on, if it may be renamed.
fn renaming<'v>(view: &View<'_, 'v>, cursor: &Cursor<'_>) -> Result<Renaming<'v>, Failure> {
    let nothing = || Failure::refused("there is nothing to rename here: names of objects and labels of pods can be");
    let under = cursor.under(view).ok_or_else(nothing)?;
    match subject(view.fleet(), &under, cursor.offset).ok_or_else(nothing)? {
        Subject::Object(object) => of_object(view, object, under.spot.node),
        Subject::Reference(reference) => {
            let Reference { group, kind, namespace, name, .. } = reference;
            let object = view.fleet().object(group, kind, namespace, name);
            let object = object.ok_or_else(|| Failure::refused(format!("{reference} is not in the workspace")))?;
            of_object(view, object, under.spot.node)
        }
        Subject::Label(label) if !under.spot.on_key => of_label(view, &label),
        Subject::Label(_) => Err(Failure::refused("of labels the values can be renamed, the keys cannot")),
        _ => Err(nothing()),
    }
}

fn of_object<'v>(view: &View<'_, 'v>, object: &'v Object<'v>, own: Node<'v>) -> Result<Renaming<'v>, Failure> {
    let fleet = view.fleet();
    let what = object.reference();
    if let Some((_, _, why)) = BOUND.iter().find(|(group, kind, _)| object.is(group, kind)) {
        return Err(Failure::refused(format!("{what} cannot be renamed: {why}")));
    }
    let of = object.group_kind();
    let definitions = fleet.definitions(of.group, of.kind, object.namespace(), object.name()).count();
    if definitions != 1 {
        return Err(Failure::refused(format!(
            "{what} is defined {definitions} times: which one is meant is not clear"
        )));
    }
    let name = object.at("metadata.name").ok_or_else(|| Failure::refused("it has no name"))?;
    let referrers: Vec<_> = fleet.referrers(object).map(|it| it.field).collect();
    if let Some(field) = referrers.iter().find(|it| it.text() != object.name()) {
        // An annotation with the namespace before the name.
        return Err(refusal(view, what, field.object().source(), field.span()));
    }
    let ours = own_documents(view);
    let is_ours =
        |it: &Mention<'v>| it.node == Some(name.node()) || referrers.iter().any(|f| Some(f.node()) == it.node);
    if let Some(mention) = fleet.mentions(object, &ours).into_iter().find(|it| !is_ours(it)) {
        return Err(mentioned(view, what, &mention));
    }
    let places = std::iter::once(name).chain(referrers).collect();
    Ok(Renaming { old: object.name(), own, places })
}

fn of_label<'v>(view: &View<'_, 'v>, label: &Label<'v>) -> Result<Renaming<'v>, Failure> {
    let fleet = view.fleet();
    let what = format!("{}={}", label.key, label.value);
    for selection in fleet.selections_in(label.namespace) {
        let field = selection.selector.field();
        let object = field.object();
        let about = selection.selector.requirements().iter().find(|it| is_about(it, label.key));
        if about.is_some_and(|it| !matches!(it, Requirement::In(_, values) if values.len() == 1)) {
            let why = format!("{what} cannot be renamed: {} asks for it by an expression", object.reference());
            return Err(Failure::refused(why));
        }
        let asks = matches!(about, Some(Requirement::In(_, values)) if values.contains(&label.value));
        if asks && selection.relation == Relation::Owns && object.group_kind().group == "apps" {
            let why = format!(
                "{what} cannot be renamed: {} selects its pods by it, and its selector cannot change once it is there",
                object.reference()
            );
            return Err(Failure::refused(why));
        }
    }
    let mut places = asked(fleet, label);
    places.extend(fleet.pods_in(label.namespace).filter_map(|it| label_of(it, label)));
    let is_known = |node: Node<'v>| places.iter().any(|it| it.node() == node) || is_own_label(fleet, node, label);
    let mut others = fleet.label_mentions(label.key, Some(label.value)).into_iter();
    if let Some(mention) = others.find(|it| !it.node.is_some_and(is_known)) {
        return Err(mentioned(view, &what, &mention));
    }
    Ok(Renaming { old: label.value, own: label.field.node(), places })
}

fn is_about(requirement: &Requirement<'_>, label: &str) -> bool {
    match requirement {
        Requirement::In(key, _)
        | Requirement::NotIn(key, _)
        | Requirement::Exists(key)
        | Requirement::DoesNotExist(key) => *key == label,
        Requirement::Unreadable => true,
    }
}

/// True for a label of an object itself, which is not that of its pods; and for pods of other namespaces.
fn is_own_label(fleet: &Fleet<'_>, node: Node<'_>, label: &Label<'_>) -> bool {
    let labels = node.parent();
    let of_object = || {
        fleet
            .objects()
            .iter()
            .any(|it| it.pod().is_none_or(|pod| !pod.is_bare()) && it.labels().field().map(|it| it.node()) == labels)
    };
    let elsewhere = |namespace: &str| namespace != label.namespace;
    let of_others = || {
        let pods = fleet.pods().iter().filter(|it| elsewhere(it.namespace()));
        let selections = fleet.objects().iter().copied().flat_map(seaworthy_fleet::selections);
        pods.filter_map(|it| it.labels().field()).any(|it| Some(it.node()) == labels)
            || selections
                .filter(|it| it.namespace.is_some_and(elsewhere))
                .any(|it| is_inside(node, it.selector.field().node()))
    };
    labels.is_some() && (of_object() || of_others())
}

/// The Fleet and Policy documents.
fn own_documents<'v>(view: &View<'_, 'v>) -> Vec<&'v Object<'v>> {
    let contents = view.ids().flat_map(|id| view.contents(id));
    contents.map(objects_of).filter(|(_, is_manifest)| !is_manifest).flat_map(|(objects, _)| objects).collect()
}

/// A place names it that cannot be changed with it.
fn mentioned(view: &View<'_, '_>, what: impl std::fmt::Display, mention: &Mention<'_>) -> Failure {
    let start = mention.document.span();
    refusal(view, what, mention.document.source(), mention.node.map_or(Span::at(start.start), |it| it.span()))
}

fn refusal(view: &View<'_, '_>, what: impl std::fmt::Display, source: SourceId, span: Span) -> Failure {
    let place =
        view.source(source).map_or_else(String::new, |it| format!("{}:{}", it.name(), it.position(span.start).line));
    Failure::refused(format!("{what} cannot be renamed: {place} seems to name it, in a way that is not understood"))
}

/// The new name must be one, and not taken.
fn check_new(view: &View<'_, '_>, cursor: &Cursor<'_>, renaming: &Renaming<'_>, new: &str) -> Result<(), Failure> {
    let refuse = |why: String| Err(Failure::refused(why));
    let Some(field) = renaming.places.first().filter(|_| new != renaming.old) else { return Ok(()) };
    let object = field.object();
    if object.at("metadata.name").is_none_or(|it| it != *field) {
        let is_value = new.len() <= 63 && (new.is_empty() || is_name(new, |it| it.is_ascii_alphanumeric(), "-_."));
        return if is_value { Ok(()) } else { refuse(format!("`{new}` is no value of a label")) };
    }
    let (longest, between) = if object.is("", "Service") { (63, "-") } else { (253, "-.") };
    let is_lower = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    let starts = !object.is("", "Service") || new.starts_with(|it: char| it.is_ascii_lowercase());
    // Names of roles may be any text that can stand in a URL.
    let is_role = object.group() == "rbac.authorization.k8s.io" && !new.is_empty() && !new.contains(['/', '%']);
    if !is_role && (new.len() > longest || !starts || !is_name(new, is_lower, between)) {
        return refuse(format!("`{new}` is no name of a {}", object.kind()));
    }
    let of = object.group_kind();
    if let Some(other) = view.fleet().object(of.group, of.kind, object.namespace(), new) {
        let file = view.source(other.source()).map_or(cursor.file.name.as_str(), |it| it.name());
        return refuse(format!("{} is there already, in {file}", other.reference()));
    }
    Ok(())
}

/// True for letters, between which there may be some others.
fn is_name(name: &str, is_letter: impl Fn(char) -> bool, between: &str) -> bool {
    let is_either = |it: char| is_letter(it) || between.contains(it);
    name.starts_with(&is_letter) && name.ends_with(&is_letter) && name.chars().all(is_either)
}

/// The bytes of a scalar and what to put there, in the quotes it has.
fn rewritten(field: Field<'_>, new: &str) -> Result<(Span, String), Failure> {
    let node = field.node();
    let document = node.document();
    let anchored = document.anchors().any(|(it, _)| is_inside(node, it));
    let text = match node.style() {
        _ if node.alias_span().is_some() || anchored => None,
        Style::Plain => Some(quoted(new)),
        Style::SingleQuoted => Some(format!("'{new}'")),
        Style::DoubleQuoted => Some(format!("\"{new}\"")),
        _ => None,
    };
    let text = text.ok_or_else(|| {
        let what = field.object().reference();
        Failure::refused(format!("{what} has it in an anchor, an alias or a text of several lines: change it by hand"))
    })?;
    Ok((node.span(), text))
}
