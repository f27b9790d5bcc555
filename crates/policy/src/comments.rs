//! Suppressions that stand beside what they are about: in comments, and in annotations where comments do not travel.

use seaworthy_diagnostic::{Location, Silencer};
use seaworthy_document::{Document, Node};
use seaworthy_object::Object;
use seaworthy_source::{Source, Span};

use crate::suppress::{Scope, Suppress};

/// What begins such a comment, after its `#`, or the `//` of Terraform.
const MARK: &str = "seaworthy:";
/// The annotation that says the same.
const ANNOTATION: &str = "seaworthy/allow";

/// The suppressions in the comments of a source. A comment that ends a line is about the line; one that stands alone
/// is about the node below it, and one above the first node of a document is about the document.
pub(crate) fn in_comments(source: &Source, documents: &[Document], found: &mut Vec<Suppress>) {
    if !source.text().contains(MARK) {
        return;
    }
    let mut take = |document: &Document, span: Span| {
        let Some((text, start)) = after_mark(source, span) else { return };
        let scope = scope(source.text(), document, span);
        read(text, start, &mut |entry| found.push(entry.suppress(start_of(document), &scope, cut(source, span))));
    };
    let mut gap = 0;
    for document in documents {
        let above = comments_in(source, Span::new(gap, document.span().start));
        let within = document.comments().iter().map(|it| it.span);
        above.chain(within).for_each(|span| take(document, span));
        gap = document.span().end;
    }
    // Below the last document stands what is about nothing; it is said to be unused.
    if let Some(last) = documents.last() {
        let below = Span::new(gap, u32::try_from(source.text().len()).unwrap_or(u32::MAX));
        comments_in(source, below).for_each(|span| take(last, span));
    }
}

/// The suppressions in the annotation of an object.
pub(crate) fn in_annotation(object: &Object<'_>, found: &mut Vec<Suppress>) {
    let annotations = object.at("metadata.annotations");
    let Some(value) = annotations.and_then(|it| it.get(ANNOTATION)) else { return };
    let document = object.document();
    let place = value.place().location();
    let scope = Scope::Bytes(document.source(), document.index(), object.root().span());
    // Escapes and folded lines move bytes, so that the whole value is marked.
    for line in value.text().split([';', '\n']).filter(|it| !it.trim().is_empty()) {
        read(&format!("allow {line}"), 0, &mut |entry| {
            found.push(Suppress { at: Some(place.clone()), ..entry.suppress(place.clone(), &scope, None) });
        });
    }
}

/// One rule that a comment names.
struct Entry<'t> {
    rule: &'t str,
    span: Span,
    reason: Option<&'t str>,
    readable: bool,
}

impl Entry<'_> {
    fn suppress(&self, at: Location, scope: &Scope, cut: Option<Span>) -> Suppress {
        Suppress {
            rule: self.rule.to_owned(),
            scope: scope.clone(),
            reason: self.reason.map(str::to_owned),
            until: None,
            at: Some(Location { span: self.span, ..at }),
            by: Silencer::InSource,
            cut,
            readable: self.readable,
        }
    }
}

/// Reads `allow RULE[, RULE] -- reason`, which begins at byte `start`; what stands after ` # ` is another comment.
fn read<'t>(text: &'t str, start: u32, found: &mut impl FnMut(Entry<'t>)) {
    let text = text.split(" # ").next().unwrap_or(text);
    let span_of = |part: &str| {
        let offset = start as usize + (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        Span::of(offset..offset + part.len())
    };
    let (names, reason) = match text.split_once(" --") {
        Some((names, reason)) => (names, Some(reason.trim()).filter(|it| !it.is_empty())),
        None => (text, None),
    };
    let Some(names) = names.trim().strip_prefix("allow ").filter(|it| !it.trim().is_empty()) else {
        let all = text.trim();
        return found(Entry { rule: all, span: span_of(all), reason, readable: false });
    };
    for rule in names.split(',').map(str::trim).filter(|it| !it.is_empty()) {
        let readable = !rule.contains(char::is_whitespace);
        found(Entry { rule, span: span_of(rule), reason, readable });
    }
}

/// The text of a comment after the mark, and where it begins.
fn after_mark(source: &Source, comment: Span) -> Option<(&str, u32)> {
    let text = source.slice(comment);
    let after = text.trim_start_matches(['#', '/']).trim_start().strip_prefix(MARK)?;
    let start = comment.end - u32::try_from(after.len()).ok()?;
    Some((after, start))
}

/// The comments of a stretch of text that is no document: what stands above the first `---`.
fn comments_in(source: &Source, span: Span) -> impl Iterator<Item = Span> {
    let lines = source.slice(span).split_inclusive('\n');
    let mut start = span.start as usize;
    lines.filter_map(move |line| {
        let from = start + (line.len() - line.trim_start().len());
        start += line.len();
        line.trim_start().starts_with('#').then(|| Span::of(from..from + line.trim().len()))
    })
}

/// What a comment is about.
fn scope(text: &str, document: &Document, comment: Span) -> Scope {
    let (source, index) = (document.source(), document.index());
    let line_start = text.get(..comment.start as usize).map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
    let alone = text.get(line_start..comment.start as usize).is_some_and(|it| it.trim().is_empty());
    let Some(root) = document.root() else { return Scope::Document(source, index) };
    if alone && comment.start < root.span().start.max(document.span().start) {
        return Scope::Document(source, index);
    }
    if !alone {
        let end = text.get(comment.end as usize..).and_then(|it| it.find('\n')).unwrap_or(0);
        return Scope::Bytes(source, index, Span::of(line_start..comment.end as usize + end + 1));
    }
    let below = next_content(text, comment.end as usize);
    let span = below.and_then(|below| node_at(root, below)).unwrap_or(Span::at(comment.end));
    Scope::Bytes(source, index, span)
}

/// The first byte after a comment that is neither blank nor of another comment.
fn next_content(text: &str, from: usize) -> Option<u32> {
    let mut at = from;
    for line in text.get(from..)?.split_inclusive('\n') {
        let content = line.trim_start();
        if !content.is_empty() && !content.starts_with('#') {
            return u32::try_from(at + line.len() - content.len()).ok();
        }
        at += line.len();
    }
    None
}

/// The bytes of the largest node that begins at `offset`: an entry with its key, or an item with its dash.
fn node_at(node: Node<'_>, offset: u32) -> Option<Span> {
    for entry in node.all_entries().filter(|it| !it.is_merged()) {
        let start = entry.key.span().start;
        if start == offset {
            return Some(Span::new(start, last_byte(entry.value).max(entry.key.span().end)));
        }
    }
    let text = node.document().source_text();
    for item in node.items() {
        let start = item.alias_span().unwrap_or(item.span()).start;
        let dashes = text.get(offset as usize..start as usize).unwrap_or("x");
        if dashes.chars().all(|it| it == '-' || it.is_whitespace()) {
            return Some(Span::new(offset, last_byte(item)));
        }
    }
    let children = node.all_entries().map(|it| it.value).chain(node.items());
    children.filter(|it| it.alias_span().is_none()).find_map(|child| node_at(child, offset))
}

/// The byte after the last scalar of a node: parsers let a block end where the next token begins.
fn last_byte(node: Node<'_>) -> u32 {
    let inner = node.all_entries().map(|it| last_byte(it.value).max(it.key.span().end));
    let inner = inner.chain(node.items().map(last_byte)).max();
    inner.unwrap_or(node.span().end).max(node.span().start)
}

/// The whole comment, with its line if nothing else stands on it.
fn cut(source: &Source, comment: Span) -> Option<Span> {
    let text = source.text();
    let before = text.get(..comment.start as usize)?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let kept = before.get(line_start..)?.trim_end();
    if !kept.is_empty() {
        return Some(Span::of(line_start + kept.len()..comment.end as usize));
    }
    let rest = text.get(comment.end as usize..)?;
    let after = rest.find('\n').map_or(rest.len(), |at| at + 1);
    Some(Span::of(line_start..comment.end as usize + after))
}

fn start_of(document: &Document) -> Location {
    Location {
        source: document.source(),
        document: document.index(),
        span: Span::default(),
        path: String::new(),
        object: None,
    }
}
