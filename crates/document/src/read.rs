//! A source becomes documents.

use std::sync::Arc;

use seaworthy_source::{Source, SourceId, Span};

use crate::build::Builder;
use crate::split::{Chunk, split};
use crate::tree::Document;
use crate::{Limits, SyntaxError, SyntaxErrorKind};

/// Reads a source within the usual limits.
#[must_use]
pub fn read(source: &Source) -> Vec<Document> {
    read_with(source, Limits::default())
}

/// Reads a source. Documents that hold nothing but comments are left out; those that cannot be read carry the reason.
#[must_use]
pub fn read_with(source: &Source, limits: Limits) -> Vec<Document> {
    let text = source.text();
    let shared = source.shared_text();
    if let Some(fault) = source.fault() {
        let error = SyntaxError::new(SyntaxErrorKind::Encoding, Span::default(), fault.to_string());
        return vec![broken(&shared, Span::default(), 0, error)];
    }
    if text.len() > limits.file_size {
        let message = format!("{} bytes, more than {} (limit `file_size`)", text.len(), limits.file_size);
        let error = SyntaxError::new(SyntaxErrorKind::Limit, Span::default(), message);
        return vec![broken(&shared, Span::default(), 0, error)];
    }
    let mut documents: Vec<Document> = Vec::new();
    let mut spent = 0;
    for chunk in split(text) {
        let index = u32::try_from(documents.len()).unwrap_or(u32::MAX);
        if documents.len() >= limits.documents {
            let message = format!("more than {} documents in one file (limit `documents`)", limits.documents);
            documents.push(broken(&shared, chunk.span, index, SyntaxError::new(SyntaxErrorKind::Limit, chunk.span, message)));
            break;
        }
        let mut document = read_chunk(text, &shared, chunk, limits, spent);
        spent += document.node_count();
        if document.error.is_none() && document.nodes.first().is_none_or(|root| root.span.is_empty() && document.nodes.len() == 1)
        {
            continue;
        }
        document.index = index;
        documents.push(document);
    }
    documents
}

fn read_chunk(text: &str, shared: &Arc<str>, chunk: Chunk, limits: Limits, spent: usize) -> Document {
    if let Some(span) = chunk.bad_separator {
        let rest = text.get(span.range()).unwrap_or("");
        let message = format!("invalid Yaml document separator: {rest}");
        return broken(shared, chunk.span, 0, SyntaxError::new(SyntaxErrorKind::Syntax, span, message));
    }
    Builder::new(text, shared, chunk, limits, spent).build()
}

fn broken(shared: &Arc<str>, span: Span, index: u32, error: SyntaxError) -> Document {
    Document {
        source: SourceId(0),
        index,
        span,
        text: Arc::clone(shared),
        owned: String::new(),
        nodes: Vec::new(),
        comments: Vec::new(),
        duplicates: Vec::new(),
        aliases: Vec::new(),
        anchors: Vec::new(),
        error: Some(error),
        unread: None,
    }
}
