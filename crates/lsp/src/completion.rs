//! What may be written here: fields, values, and the names that the fleet knows.
//!
//! A text that is being written is seldom a document that can be read. So a word that stands for what is to come is put
//! in the cursor's place, in a copy, and what the reader makes of the copy says where the cursor is.

mod names;
mod patch;
pub(crate) mod schema;

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, MarkupContent, MarkupKind, TextEdit,
};
use seaworthy::source::Span;
use seaworthy::{Descriptions, Source, Versions, View};
use seaworthy_document::Node;
use seaworthy_object::catalog::{Catalog, Shape, Type};
use seaworthy_object::{Object, contents};
use serde_json::json;

use crate::cursor::{is_inside, objects_of};
use crate::hover;
use crate::rpc::{Answer, result};
use crate::server::{At, Server};
use patch::Patch;

/// So many proposals at once; more letters leave fewer.
const MOST: usize = 1_000;

/// One proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proposal {
    /// What is written.
    pub(crate) text: String,
    kind: CompletionItemKind,
    /// A few words beside it.
    detail: Option<String>,
    /// All that is to be said of it.
    words: Option<String>,
    /// True if it comes before the others.
    first: bool,
    /// True for a number or a truth value, which is never in quotes.
    is_plain: bool,
}

impl Proposal {
    pub(crate) fn new(text: impl Into<String>, kind: CompletionItemKind) -> Self {
        Self { text: text.into(), kind, detail: None, words: None, first: false, is_plain: false }
    }

    pub(crate) fn value(text: impl Into<String>) -> Self {
        Self::new(text, CompletionItemKind::VALUE)
    }

    /// A number or a truth value.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self { is_plain: true, ..Self::new(text, CompletionItemKind::VALUE) }
    }

    pub(crate) fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    pub(crate) fn words(self, words: Option<String>) -> Self {
        Self { words, ..self }
    }
}

impl Server {
    pub(crate) fn completion(&mut self, at: &At) -> Answer {
        self.refresh();
        let nothing = || Ok(json!({"isIncomplete": false, "items": []}));
        let Some(cursor) = self.cursor(&at.text_document, at.position) else { return nothing() };
        let text = cursor.file.text();
        let Some(patches) = patch::patches(text, cursor.offset as usize) else { return nothing() };
        let name = cursor.file.name.as_str();
        let words = self.descriptions.as_ref();
        let found = cursor.workspace().read(|view| {
            patches.iter().find_map(|patch| {
                let proposals = proposals(view, name, patch, words)?;
                Some((patch.typed, patch.needs_colon, proposals))
            })
        });
        let Some((typed, needs_colon, mut proposals)) = found else { return nothing() };
        let written = text.get(typed.start as usize..cursor.offset as usize).unwrap_or("").to_lowercase();
        if proposals.len() > MOST {
            proposals.retain(|it| it.text.to_lowercase().contains(&written));
        }
        let is_incomplete = proposals.len() > MOST;
        let range = cursor.places(self).range(name, typed).unwrap_or_default();
        let items: Vec<CompletionItem> =
            proposals.into_iter().take(MOST).map(|it| item(it, range, needs_colon)).collect();
        result(json!({"isIncomplete": is_incomplete, "items": items}))
    }
}

fn item(proposal: Proposal, range: lsp_types::Range, needs_colon: bool) -> CompletionItem {
    let Proposal { text, kind, detail, words, first, is_plain } = proposal;
    let is_key = kind == CompletionItemKind::FIELD || kind == CompletionItemKind::MODULE;
    let colon = match () {
        () if !(is_key && needs_colon) => "",
        () if kind == CompletionItemKind::MODULE => ":",
        () => ": ",
    };
    let new_text = match () {
        () if is_key => format!("{text}{colon}"),
        () if is_plain => text.clone(),
        () => quoted(&text),
    };
    CompletionItem {
        sort_text: Some(format!("{}{text}", if first { '0' } else { '1' })),
        filter_text: Some(text.clone()),
        label: text,
        kind: Some(kind),
        detail,
        documentation: words
            .map(|value| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text })),
        ..CompletionItem::default()
    }
}

/// A string as a plain scalar, or in quotes where a plain one would be something else.
pub(crate) fn quoted(text: &str) -> String {
    let documents = seaworthy_document::read(&Source::new("", format!("a: {text}\n")));
    let value = documents.first().and_then(|it| it.root()?.get("a"));
    let is_plain = value.is_some_and(|it| it.as_str() == Some(text));
    if is_plain { text.to_owned() } else { format!("{text:?}") }
}

/// What may stand in the place of the mark.
fn proposals(view: &View<'_, '_>, name: &str, patch: &Patch, words: Option<&Descriptions>) -> Option<Vec<Proposal>> {
    let fleet = view.fleet();
    let (catalog, versions) = (fleet.catalog(), fleet.facts().versions);
    let source = Source::new(name, patch.text.as_str());
    let documents = seaworthy_document::read(&source);
    let (document, spot) = documents.iter().find_map(|it| Some((it, it.spot(patch.mark)?)))?;
    let node = spot.node;
    if spot.on_key != patch.is_key {
        return None;
    }
    let content = contents(document, name, catalog, &fleet.facts().namespace);
    let (objects, is_manifest) = objects_of(&content);
    let object = objects.iter().find(|it| is_inside(node, it.root()));
    let Some(object) = object else { return Some(of_no_object(catalog, versions, node, spot.on_key)) };
    if !is_manifest {
        return Some(schema::proposals(object, node, spot.on_key));
    }
    let is_top = node.parent() == Some(object.root());
    Some(match spot.on_key {
        true => keys(catalog, versions, object, node, words).unwrap_or_else(|| names::label_keys(fleet, object, node)),
        false if is_top => of_no_object(catalog, versions, node, false),
        false => {
            let mut values = names::values(fleet, object, node);
            values.extend(of_field(catalog, versions, object, node, words));
            values
        }
    })
}

/// The fields of the mapping in which the mark is a key; none where keys are free.
fn keys(
    catalog: &Catalog,
    versions: Versions,
    object: &Object<'_>,
    node: Node<'_>,
    words: Option<&Descriptions>,
) -> Option<Vec<Proposal>> {
    let parent = node.parent()?;
    let ty = catalog.type_at(object, parent)?;
    let is_there = |name: &str| parent.entries().any(|it| it.name() == name);
    let names = ty.names().filter(|name| ty.versions_with(name).intersects(versions) && !is_there(name));
    let path = parent.field_path_from(Some(object.root())).to_string();
    Some(names.filter_map(|name| key(catalog, ty, name, &path, words)).collect())
}

fn key(catalog: &Catalog, ty: &Type, name: &str, path: &str, words: Option<&Descriptions>) -> Option<Proposal> {
    let field = hover::newest(ty.fields(name))?;
    let holds_more = matches!(field.shape, Shape::Object(_) | Shape::List(_) | Shape::Map(_));
    let kind = if holds_more { CompletionItemKind::MODULE } else { CompletionItemKind::FIELD };
    let path = Node::path_of_missing(path, name);
    let proposal = Proposal::new(name, kind)
        .detail(hover::type_words(catalog, &field.shape))
        .words(Some(hover::of_field(catalog, ty, field, &path, words)));
    Some(Proposal { first: !field.required.is_empty(), ..proposal })
}

/// The values that the schema knows.
fn of_field(
    catalog: &Catalog,
    versions: Versions,
    object: &Object<'_>,
    node: Node<'_>,
    words: Option<&Descriptions>,
) -> Vec<Proposal> {
    let ty = node.parent().and_then(|it| catalog.type_at(object, it));
    let fields = catalog.fields_at(object, node);
    let mut values = Vec::new();
    for field in fields.iter().filter(|it| it.versions.intersects(versions)) {
        let known = field.values.iter().filter(|it| it.versions.intersects(versions));
        let meaning = |value| Some(words?.of_value(ty?, field.name, value)?.to_owned());
        let value = |value| Proposal::new(value, CompletionItemKind::ENUM_MEMBER).words(meaning(value));
        values.extend(known.map(|it| value(it.value)));
        if field.shape == Shape::Boolean {
            values.extend(["true", "false"].map(Proposal::plain));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    values.retain(|it| seen.insert(it.text.clone()));
    values
}

/// The keys at the top of a document that says nothing yet, and what makes it an object.
fn of_no_object(catalog: &Catalog, versions: Versions, node: Node<'_>, on_key: bool) -> Vec<Proposal> {
    let Some(root) = node.parent().filter(|it| it.parent().is_none()) else { return Vec::new() };
    let said = |key: &str| root.get(key).filter(|it| *it != node).map(|it| it.text());
    if on_key {
        let keys = ["apiVersion", "kind", "metadata", "spec"].into_iter().filter(|it| root.entry(it).is_none());
        return keys.map(|it| Proposal::new(it, CompletionItemKind::FIELD)).collect();
    }
    let of_either = |it: &&seaworthy_object::catalog::Kind| {
        it.is_creatable()
            && it.served.intersects(versions)
            && said("kind").is_none_or(|kind| kind == it.kind || node.key().is_some_and(|key| key.text() == "kind"))
            && said("apiVersion").is_none_or(|version| version == it.api_version() || key_is(node, "apiVersion"))
    };
    let kinds = catalog.kinds().filter(of_either);
    let mut found: Vec<Proposal> = match node.key().map(|it| it.text()) {
        Some("kind") => kinds.map(|it| Proposal::value(it.kind).detail(it.api_version())).collect(),
        Some("apiVersion") => kinds.map(|it| Proposal::value(it.api_version())).collect(),
        _ => Vec::new(),
    };
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|it| seen.insert((it.text.clone(), it.detail.clone())));
    found
}

fn key_is(node: Node<'_>, key: &str) -> bool {
    node.key().is_some_and(|it| it.text() == key)
}

/// A span of `usize` bytes.
fn span(from: usize, to: usize) -> Span {
    Span::of(from..to)
}
