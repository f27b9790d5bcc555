//! `colon-without-space`.

use seaworthy_diagnostic::{Edit, Level};
use seaworthy_document::{Node, Style};
use seaworthy_object::catalog::Shape;
use seaworthy_object::{Catalog, Other, structure_lines};
use seaworthy_source::Span;
use serde::Deserialize;

use crate::mending;
use crate::{Category, Check, Meta, Reporter, Rule, Sheet};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ColonWithoutSpace {}

impl Rule for ColonWithoutSpace {
    const META: Meta = Meta {
        id: "colon-without-space",
        category: Category::Syntax,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("colon_without_space.md"),
    };
    const CHECK: Check<Self> = Check::Document(Self::check);
}

/// Keys that hold entries, never one text: for kinds without a schema.
const HOLD_ENTRIES: &[&str] = &[
    "annotations",
    "data",
    "labels",
    "limits",
    "matchLabels",
    "metadata",
    "nodeSelector",
    "requests",
    "resources",
    "securityContext",
    "selector",
    "spec",
    "stringData",
    "template",
];

/// Maps whose values may be any text, with colons too.
const FREE: &[&str] = &["annotations", "data", "stringData"];

/// `key:value` at an offset of the source.
#[derive(Clone, Copy)]
struct Pair<'t> {
    start: usize,
    key: &'t str,
    value: &'t str,
}

impl ColonWithoutSpace {
    fn check(&self, sheet: Sheet<'_>, report: &mut Reporter<'_>) {
        if matches!(sheet.other(), Some(Other::Foreign(_) | Other::Template)) {
            return;
        }
        let catalog = report.catalog();
        let base = sheet.document.span().range().start;
        let lines: Vec<(usize, &str)> = structure_lines(sheet.document.text()).collect();
        for (at, &(offset, line)) in lines.iter().enumerate() {
            for pair in pairs(line, base + offset) {
                let is_entry = match sheet.document.root() {
                    Some(root) => is_meant_as_entry(sheet, root, pair, catalog),
                    None => is_among_entries(&lines, at) && !is_where_reading_stopped(sheet, base + offset, line),
                };
                if is_entry {
                    say(sheet, pair, report);
                }
            }
        }
    }
}

fn say(sheet: Sheet<'_>, pair: Pair<'_>, report: &mut Reporter<'_>) {
    let Pair { start, key, value } = pair;
    let span = Span::of(start..start + key.len() + 1 + value.len());
    let message = format!("`{key}:{value}` is one text, not key and value: a blank is missing after the colon");
    let node = sheet.document.root().and_then(|root| node_at(root, span.start));
    let finding = match node {
        Some(node) => report.say_node(sheet, node, message).at_span(span),
        None => report.say_in(sheet.document, span, message),
    };
    let after = start + key.len() + 1;
    let edit = Edit { source: sheet.document.source(), span: Span::of(after..after), text: " ".to_owned() };
    let title = format!("write `{key}: {value}`");
    finding.help(title.clone()).fix(mending::by(edit, title));
}

/// The line as a pair, or the pairs of the flow mappings in it.
fn pairs(line: &str, offset: usize) -> Vec<Pair<'_>> {
    let content = line.trim_start().trim_start_matches("- ").trim_start();
    let at = |part: &str| offset + (part.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
    let of = |text: &'_ str| {
        let (key, value) = pair(text)?;
        Some((at(text), key.len(), value.len()))
    };
    let flow = || content.split(['{', ',', '}']).skip(1).map(str::trim);
    let whole = of(content).into_iter();
    let parts = if content.contains('{') { flow().filter_map(of).collect() } else { Vec::new() };
    whole
        .chain(parts)
        .filter_map(|(start, key, value)| {
            let from = start - offset;
            Some(Pair {
                start,
                key: line.get(from..from + key)?,
                value: line.get(from + key + 1..from + key + 1 + value)?,
            })
        })
        .collect()
}

/// `key:value`, where the key is a name and the value neither blank nor the rest of a URL.
fn pair(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once(':')?;
    let is_name = key.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && key.chars().all(|it| it.is_ascii_alphanumeric() || "_-./".contains(it));
    let value = value.split(" #").next().unwrap_or(value).trim_end();
    let is_text = !value.is_empty() && !value.starts_with([' ', '\t', '/', ':']) && !value.contains(": ");
    (is_name && is_text && !value.ends_with(':')).then_some((key, value))
}

/// In a tree: the text stands where entries belong, or goes on from a line above with a key of that place.
fn is_meant_as_entry(sheet: Sheet<'_>, root: Node<'_>, pair: Pair<'_>, catalog: &Catalog) -> bool {
    let Ok(offset) = u32::try_from(pair.start) else { return false };
    let Some(node) = node_at(root, offset).filter(|node| node.style() == Style::Plain) else { return false };
    let Some(around) = node.parent() else { return sheet.other() == Some(Other::TypeMissing) };
    if node.span().start == offset && around.entries().any(|entry| entry.key == node) {
        return around.entry(node.text()).is_some_and(|entry| entry.value.is_null());
    }
    let shape = sheet.object_of(node).and_then(|object| catalog.shape_at(object, node));
    if node.span().start == offset {
        return match shape {
            Some(Shape::Object(_) | Shape::Map(_)) => true,
            Some(Shape::List(inner)) => matches!(**inner, Shape::Object(_) | Shape::Map(_)),
            Some(_) => false,
            None => node.key().is_some_and(|key| HOLD_ENTRIES.contains(&key.text())),
        };
    }
    let owner = sheet.object_of(around).and_then(|object| catalog.shape_at(object, around));
    match owner {
        Some(Shape::Object(id)) => !catalog.ty(*id).fields(pair.key).is_empty() && around.entry(pair.key).is_none(),
        Some(Shape::Map(_)) => !pair.value.contains(' ') && !around.key().is_some_and(|key| FREE.contains(&key.text())),
        _ => false,
    }
}

/// In a document that is no YAML: the line stands beside entries, at their indentation.
fn is_among_entries(lines: &[(usize, &str)], at: usize) -> bool {
    let Some(&(_, line)) = lines.get(at) else { return false };
    let column = column(line);
    let before = lines.get(..at).unwrap_or(&[]).iter().rev().take_while(|(_, it)| self::column(it) >= column);
    let after = lines.get(at + 1..).unwrap_or(&[]).iter().take_while(|(_, it)| indent(it) >= column);
    let is_entry = |(_, it): &&(usize, &str)| self::column(it) == column && has_key(it);
    before.take(200).any(|it| is_entry(&it)) || after.take(200).any(|it| is_entry(&it))
}

/// The error of the document says it already.
fn is_where_reading_stopped(sheet: Sheet<'_>, start: usize, line: &str) -> bool {
    sheet.document.errors().iter().any(|error| (start..start + line.len()).contains(&error.span.range().start))
}

/// `key: value` or `key:`.
fn has_key(line: &str) -> bool {
    let content = line.trim_start().trim_start_matches("- ");
    let Some((key, rest)) = content.split_once(':') else { return false };
    !key.is_empty() && !key.contains([' ', '{', '[']) && (rest.is_empty() || rest.starts_with(' '))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Where a line's content begins, after the dashes of lists.
fn column(line: &str) -> usize {
    line.len() - line.trim_start().trim_start_matches("- ").trim_start().len()
}

/// The innermost node at an offset.
fn node_at(root: Node<'_>, offset: u32) -> Option<Node<'_>> {
    let holds = |node: &Node<'_>| node.span().start <= offset && offset < node.span().end;
    let mut node = root;
    loop {
        let keys = node.entries().map(|entry| entry.key).filter(holds);
        let inner = keys.chain(node.entries().map(|entry| entry.value)).chain(node.items()).find(holds);
        match inner {
            Some(inner) => node = inner,
            None => return (!node.is_mapping() && !node.is_sequence() && holds(&node)).then_some(node),
        }
    }
}
