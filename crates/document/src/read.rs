//! A source becomes documents.

use std::sync::Arc;

use seaworthy_source::{EncodingError, Source, Span};

use crate::build::Builder;
use crate::split::{Chunk, Form, split};
#[cfg(not(feature = "terraform"))]
use crate::tree::Style;
use crate::tree::{Document, Kind};
use crate::{Limits, SyntaxError, SyntaxErrorKind, text};

/// Reads a source within the usual limits.
#[must_use]
pub fn read(source: &Source) -> Vec<Document> {
    read_with(source, Limits::default())
}

/// Reads a source. Documents that hold nothing but comments are left out; those that cannot be read carry the reason.
#[must_use]
pub fn read_with(source: &Source, limits: Limits) -> Vec<Document> {
    let mut documents = read_any(source, limits);
    if is_terraform(source.name()) {
        documents.iter_mut().for_each(|it| it.is_terraform = true);
    }
    documents
}

fn read_any(source: &Source, limits: Limits) -> Vec<Document> {
    let text = source.text();
    let shared = source.shared_text();
    let size = u32::try_from(text.len()).unwrap_or(u32::MAX);
    if let Some(why) = source.why_unread() {
        return vec![broken(&shared, Span::default(), SyntaxErrorKind::Unread, Span::default(), why.to_owned())];
    }
    if text.len() > limits.file_size {
        let message = format!("{} bytes, more than {} (limit `file_size`)", text.len(), limits.file_size);
        return vec![broken(&shared, Span::new(0, size), SyntaxErrorKind::Limit, Span::default(), message)];
    }
    let mut documents: Vec<Document> = Vec::new();
    if is_terraform(source.name()) && !source.name().ends_with(".json") {
        return terraform(source, limits);
    }
    let (mut spent, mut faults_left) = (0, source.faults());
    for chunk in split(text) {
        let index = u32::try_from(documents.len()).unwrap_or(u32::MAX);
        if documents.len() >= limits.documents {
            let message = format!("more than {} documents in one file (limit `documents`)", limits.documents);
            documents.push(broken(&shared, chunk.span, SyntaxErrorKind::Limit, chunk.span, message));
            break;
        }
        let in_chunk = faults_left.partition_point(|fault| fault.offset() < chunk.span.end);
        let faults;
        (faults, faults_left) = faults_left.split_at_checked(in_chunk).unwrap_or((&[], &[]));
        let mut document = match encoding_error(&shared, chunk, faults) {
            Some(document) => document,
            None => read_chunk(text, &shared, chunk, limits, spent),
        };
        spent += document.node_count();
        if !is_nothing(&document) {
            document.index = index;
            documents.push(document);
        }
    }
    if documents.is_empty()
        && let Some(fault) = source.fault()
    {
        let span = Span::at(fault.offset().min(size));
        documents.push(broken(&shared, Span::new(0, size), SyntaxErrorKind::Encoding, span, fault.to_string()));
    }
    documents
}

/// True for files of Terraform, by their names: in its own language, or in JSON.
fn is_terraform(file: &str) -> bool {
    let name = file.strip_suffix(".json").unwrap_or(file);
    name.ends_with(".tf") || name.ends_with(".tfvars")
}

/// A file of Terraform is one document.
fn terraform(source: &Source, limits: Limits) -> Vec<Document> {
    let (text, shared) = (source.text(), source.shared_text());
    let span = Span::of(0..text.len());
    if let Some(document) = encoding_error(&shared, Chunk { span, form: Form::Yaml }, source.faults()) {
        return vec![document];
    }
    let document = in_terraform(text, &shared, limits);
    if is_nothing(&document) { Vec::new() } else { vec![document] }
}

#[cfg(feature = "terraform")]
fn in_terraform(text: &str, shared: &Arc<str>, limits: Limits) -> Document {
    crate::hcl::read(text, shared, limits)
}

/// A build without that reader has a null in the place of the tree.
#[cfg(not(feature = "terraform"))]
fn in_terraform(text: &str, shared: &Arc<str>, _limits: Limits) -> Document {
    let span = Span::of(0..text.len());
    let mut document = Document::empty(shared, span);
    document.add(Kind::Null, Style::Plain, span);
    document
}

/// Nothing but comments and blanks.
fn is_nothing(document: &Document) -> bool {
    document.error().is_none()
        && match document.nodes.as_slice() {
            [] => true,
            [root] => root.span.is_empty() && root.kind == Kind::Null,
            _ => false,
        }
}

fn read_chunk(text: &str, shared: &Arc<str>, chunk: Chunk, limits: Limits, spent: usize) -> Document {
    match chunk.form {
        Form::BadSeparator(span) => {
            let rest = text.get(span.range()).unwrap_or("");
            let message = format!("invalid Yaml document separator: only a comment may follow `---`, not `{rest}`");
            broken(shared, chunk.span, SyntaxErrorKind::Syntax, span, message)
        }
        Form::AfterJson => {
            let start = text::first_content(text, chunk.span);
            let message = "only JSON can follow after several JSON values";
            broken(shared, chunk.span, SyntaxErrorKind::Syntax, Span::at(start), message.to_owned())
        }
        Form::Yaml | Form::Json => Builder::build(text, shared, chunk, limits, spent),
    }
}

/// A document that holds bytes which are no text: each line's first is an error.
fn encoding_error(shared: &Arc<str>, chunk: Chunk, faults: &[EncodingError]) -> Option<Document> {
    let mut document = Document::empty(shared, chunk.span);
    for fault in faults.iter().filter(|fault| fault.offset() >= chunk.span.start) {
        let span = Span::at(fault.offset());
        document.errors.push(SyntaxError::new(SyntaxErrorKind::Encoding, span, fault.to_string()));
    }
    (!document.errors.is_empty()).then_some(document)
}

fn broken(shared: &Arc<str>, span: Span, kind: SyntaxErrorKind, at: Span, message: String) -> Document {
    let mut document = Document::empty(shared, span);
    document.errors.push(SyntaxError::new(kind, at, message));
    document
}
