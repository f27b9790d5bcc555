//! What a finding means, and what a field is.

use std::collections::BTreeSet;

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind};
use seaworthy::source::Span;
use seaworthy::{Descriptions, Diagnostic, Versions, View, rules};
use seaworthy_document::Node;
use seaworthy_object::Object;
use seaworthy_object::catalog::{Catalog, Field, Kind, Shape, Type};

use crate::cursor::Under;
use crate::rpc::{self, Answer};
use crate::server::{At, Server};

impl Server {
    pub(crate) fn hover(&mut self, at: &At) -> Answer {
        self.check();
        let Some(cursor) = self.cursor(&at.text_document, at.position) else { return rpc::result(()) };
        let holds = |it: &&Diagnostic| it.at.span.start <= cursor.offset && cursor.offset <= it.at.span.end;
        let found: Vec<&Diagnostic> = cursor.workspace().findings(&cursor.file.name).iter().filter(holds).collect();
        let rules: BTreeSet<&str> = found.iter().map(|it| it.rule).collect();
        let mut parts: Vec<String> = rules.into_iter().filter_map(page_of).map(str::to_owned).collect();
        let mut span = found.first().map(|it| it.at.span);
        let described = cursor.workspace().read(|view| {
            let under = cursor.under(view)?;
            describe(view, &under, self.descriptions.as_ref())
        });
        if let Some((own, words)) = described {
            span = span.or(Some(own));
            parts.push(words);
        }
        let Some(span) = span else { return rpc::result(()) };
        let value = parts.join("\n\n---\n\n");
        rpc::result(Hover {
            contents: HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value }),
            range: cursor.places(self).range(&cursor.file.name, span),
        })
    }
}

/// The page of a rule. What the finding says is shown beside it by the client, which has it as a diagnostic.
fn page_of(rule: &str) -> Option<&'static str> {
    rules::all().into_iter().find(|it| it.meta().id == rule).map(|it| it.meta().page.trim_end())
}

/// What stands under the cursor: a kind, or a field.
fn describe(view: &View<'_, '_>, under: &Under<'_>, words: Option<&Descriptions>) -> Option<(Span, String)> {
    let object = under.object?;
    let node = under.spot.node;
    let span = if under.spot.on_key { node.key()?.span() } else { node.span() };
    if !under.is_manifest {
        return crate::completion::schema::describe(object, node).map(|it| (span, it));
    }
    let is_scalar = !node.is_mapping() && !node.is_sequence();
    if !under.spot.on_key && !is_scalar {
        return None;
    }
    let catalog = view.fleet().catalog();
    let is_kind = node.parent() == Some(object.root()) && node.key().is_some_and(|it| it.text() == "kind");
    let described = if is_kind && !under.spot.on_key {
        let kind = catalog.kind(object.group(), object.version(), object.kind())?;
        kind_words(kind, catalog.type_of(kind), words)
    } else {
        field_words(catalog, object, node, words)?
    };
    Some((span, described))
}

fn kind_words(kind: &Kind, ty: &Type, words: Option<&Descriptions>) -> String {
    let served = if kind.served.is_empty() {
        "no version serves it by default".to_owned()
    } else {
        format!("served by default: {}", kind.served)
    };
    let mut text = format!("`{}` · {served}", kind.name());
    text.extend(kind.deprecation_warning().map(|it| format!("\n\n{it}")));
    text.extend(words.and_then(|it| it.of_type(ty)).map(|it| format!("\n\n{it}")));
    text
}

fn field_words(catalog: &Catalog, object: &Object<'_>, node: Node<'_>, words: Option<&Descriptions>) -> Option<String> {
    // An item of a list is explained by the list.
    let holder = std::iter::successors(Some(node), Node::parent).find(|it| it.key().is_some())?;
    let fields = catalog.fields_at(object, holder);
    let ty = catalog.type_at(object, holder.parent()?)?;
    let field = newest(fields)?;
    let path = holder.field_path_from(Some(object.root()));
    Some(of_field(catalog, ty, field, &path.to_string(), words))
}

/// A field in words: its type, since when it is there, what it may be, and what it is for.
pub(crate) fn of_field(
    catalog: &Catalog,
    ty: &Type,
    field: &Field,
    path: &str,
    words: Option<&Descriptions>,
) -> String {
    let mut text = format!("`{path}` · {}", type_words(catalog, &field.shape));
    text.extend(since_until(ty.versions_with(field.name)).map(|it| format!(" · {it}")));
    if !field.required.is_empty() {
        text.push_str(" · required");
    }
    text.extend(words.and_then(|it| it.of_field(ty, field.name)).map(|it| format!("\n\n{it}")));
    let values = field.values.iter();
    let values: Vec<String> = values
        .map(|it| match since_until(it.versions) {
            Some(when) => format!("`{}` ({when})", it.value),
            None => format!("`{}`", it.value),
        })
        .collect();
    if !values.is_empty() {
        text.push_str(&format!("\n\nOne of {}.", values.join(", ")));
    }
    let stated = || words.and_then(|it| it.default_of(ty, field.name));
    let default = field.default.filter(|it| *it != "{}").or_else(stated);
    text.extend(default.map(|it| format!("\n\nDefault: `{it}`.")));
    text
}

pub(crate) fn newest(fields: &[Field]) -> Option<&Field> {
    fields.iter().max_by_key(|it| it.versions.newest())
}

/// The type of a value, as people call it.
pub(crate) fn type_words(catalog: &Catalog, shape: &Shape) -> String {
    match shape {
        Shape::Boolean => "boolean".to_owned(),
        Shape::Int32 | Shape::Int64 => "integer".to_owned(),
        Shape::Number => "number".to_owned(),
        Shape::String => "string".to_owned(),
        Shape::Bytes => "string in base64".to_owned(),
        Shape::Quantity => "quantity".to_owned(),
        Shape::IntOrString => "integer or string".to_owned(),
        Shape::Time | Shape::MicroTime => "time".to_owned(),
        Shape::Any | Shape::RawExtension => "anything".to_owned(),
        Shape::SchemaOrBool | Shape::SchemaOrArray | Shape::SchemaOrStrings => "JSON Schema".to_owned(),
        Shape::Object(id) => catalog.ty(*id).short_name().to_owned(),
        Shape::List(inner) => format!("list of {}", type_words(catalog, inner)),
        Shape::Map(inner) => format!("map of {}", type_words(catalog, inner)),
    }
}

/// `since 1.28`, `until 1.24`; nothing where all versions have it.
fn since_until(versions: Versions) -> Option<String> {
    let all = Versions::ALL;
    let since = versions.oldest().filter(|_| versions.oldest() != all.oldest()).map(|it| format!("since {it}"));
    let until = versions.newest().filter(|_| versions.newest() != all.newest()).map(|it| format!("until {it}"));
    let words: Vec<String> = since.into_iter().chain(until).collect();
    (!words.is_empty()).then(|| words.join(", "))
}
