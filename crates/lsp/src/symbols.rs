//! What a document holds, as a tree; and the objects of all fleets by name.

use lsp_types::{DocumentSymbol, SymbolKind};
use seaworthy::source::Span;
use seaworthy_document::{Document, Node};
use seaworthy_object::Object;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cursor::objects_of;
use crate::rpc::{self, Answer};
use crate::server::{OfDocument, Server};
use crate::targets::Places;

/// So many symbols of a document are named; nobody looks through more.
const MOST: usize = 5_000;
/// So many objects are found at once; more letters find fewer.
const MOST_OBJECTS: usize = 256;

#[derive(Deserialize)]
pub(crate) struct Query {
    query: String,
}

impl Server {
    pub(crate) fn document_symbols(&mut self, params: &OfDocument) -> Answer {
        self.refresh();
        let start = lsp_types::Position::default();
        let Some(cursor) = self.cursor(&params.text_document, start) else { return Ok(json!([])) };
        let places = cursor.places(self);
        let name = cursor.file.name.as_str();
        let symbols = cursor.workspace().read(|view| {
            let Some(id) = view.id_of(name) else { return Vec::new() };
            let mut tree = Tree { places: &places, name, left: MOST };
            let documents = view.documents(id).iter().zip(view.contents(id));
            let symbols = documents.flat_map(|(document, content)| match objects_of(content).0 {
                [] => tree.of_document(document).into_iter().collect::<Vec<_>>(),
                objects => objects.iter().filter_map(|it| tree.of_object(it)).collect(),
            });
            symbols.collect()
        });
        rpc::result(symbols)
    }

    pub(crate) fn workspace_symbols(&mut self, query: &Query) -> Answer {
        self.refresh();
        let wanted = query.query.to_lowercase();
        let mut found: Vec<Value> = Vec::new();
        for (at, root) in self.files.roots.iter().enumerate() {
            let places = Places::new(&self.files, at, self.client.unit);
            root.workspace.read(|view| {
                let is_wanted = |it: &&&Object<'_>| title(it).to_lowercase().contains(&wanted);
                for object in view.fleet().objects().iter().filter(is_wanted).take(MOST_OBJECTS) {
                    let source = view.source(object.source());
                    let location = source.and_then(|it| places.location(it.name(), object.place().span));
                    found.extend(location.map(|location| {
                        json!({"name": title(object), "kind": kind_of(object.kind()), "location": location,
                            "containerName": object.namespace()})
                    }));
                }
            });
        }
        found.truncate(MOST_OBJECTS);
        Ok(Value::Array(found))
    }
}

/// `Deployment web`.
fn title(object: &Object<'_>) -> String {
    format!("{} {}", object.kind(), object.name()).trim_end().to_owned()
}

fn kind_of(kind: &str) -> SymbolKind {
    match kind {
        "Service" | "Ingress" => SymbolKind::INTERFACE,
        "ConfigMap" | "Secret" => SymbolKind::CONSTANT,
        "Namespace" => SymbolKind::NAMESPACE,
        "Role" | "ClusterRole" | "ServiceAccount" | "RoleBinding" | "ClusterRoleBinding" => SymbolKind::KEY,
        _ => SymbolKind::CLASS,
    }
}

struct Tree<'q> {
    places: &'q Places<'q>,
    name: &'q str,
    left: usize,
}

impl Tree<'_> {
    fn of_object(&mut self, object: &Object<'_>) -> Option<DocumentSymbol> {
        let detail = object.namespace().map(|it| format!("{} in {it}", object.api_version()));
        let detail = detail.or_else(|| Some(object.api_version().to_owned()));
        let place = object.root().at(["metadata", "name"]).or_else(|| object.root().get("kind"));
        let own = place.unwrap_or(object.root());
        let mut symbol = self.symbol(title(object), kind_of(object.kind()), object.root(), own.span())?;
        symbol.detail = detail;
        Some(symbol)
    }

    fn of_document(&mut self, document: &Document) -> Option<DocumentSymbol> {
        let root = document.root()?;
        let first = root.entries().next().map_or(root.span(), |it| it.key.span());
        self.symbol(format!("document {}", document.index() + 1), SymbolKind::FILE, root, first)
    }

    fn symbol(&mut self, name: String, kind: SymbolKind, node: Node<'_>, own: Span) -> Option<DocumentSymbol> {
        self.left = self.left.checked_sub(1)?;
        let whole = own.cover(written(node));
        let entries = node.entries().filter(|it| !it.is_merged() && it.value.alias_span().is_none());
        let of_entries = entries.map(|it| (it.name().to_owned(), it.value, it.key.span()));
        let named = |it: Node<'_>| it.get("name").map(|it| it.text().to_owned());
        let items = node.items().filter(|it| it.alias_span().is_none()).enumerate();
        let of_items = items.map(|(at, it)| (named(it).unwrap_or_else(|| at.to_string()), it, it.span()));
        let children: Vec<_> = of_entries.chain(of_items).collect();
        let children = children
            .into_iter()
            .filter_map(|(name, node, own)| {
                let kind = match () {
                    () if node.is_sequence() => SymbolKind::ARRAY,
                    () if node.is_mapping() => SymbolKind::OBJECT,
                    () => SymbolKind::PROPERTY,
                };
                // Editors refuse a symbol without a name.
                let name = if name.is_empty() { "\"\"".to_owned() } else { name };
                let start = first_line(node.document().source_text(), own);
                self.symbol(name, kind, node, start)
            })
            .collect::<Vec<_>>();
        #[expect(deprecated, reason = "the field has to be given")]
        Some(DocumentSymbol {
            name,
            detail: None,
            kind,
            tags: None,
            deprecated: None,
            range: self.places.range(self.name, whole)?,
            selection_range: self.places.range(self.name, own)?,
            children: Some(children).filter(|it| !it.is_empty()),
        })
    }
}

/// The bytes of a node up to its last scalar: parsers let a block end where the next token begins.
fn written(node: Node<'_>) -> Span {
    let text = node.document().source_text();
    let span = node.span();
    let own = text.get(span.range()).unwrap_or("");
    Span::of(span.start as usize..span.start as usize + own.trim_end().len())
}

/// A span, cut at the end of its first line.
fn first_line(text: &str, span: Span) -> Span {
    let own = text.get(span.range()).unwrap_or("");
    let length = own.find(['\n', '\r']).unwrap_or(own.len());
    Span::of(span.start as usize..span.start as usize + length)
}
