//! Bytes become text with positions.
//!
//! *Architecture invariant:* this crate knows neither files nor YAML. A [`Source`] is a name and a text; a [`Span`] is
//! a range of bytes in it; only [`LineIndex`] turns bytes into lines and columns, and only a door asks it to.

mod encoding;
mod line_index;
pub mod order;
mod span;

use std::sync::{Arc, OnceLock};

pub use encoding::{Encoding, EncodingError};
pub use line_index::{LineIndex, Position, Unit};
pub use span::Span;

/// Which source of a report a place lies in: the index in the order the sources were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

impl SourceId {
    /// The index into the list of sources.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The name of a file without its folders.
#[must_use]
pub fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// A named text, as it was given: nothing is normalised, so that every span is an offset a reader can check.
#[derive(Debug, Clone)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
    encoding: Encoding,
    faults: Vec<EncodingError>,
    unread: Option<Arc<str>>,
    lines: OnceLock<Arc<LineIndex>>,
}

impl Source {
    /// A source from text that is UTF-8 already. `name` is what findings show, usually the path as walked.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
            encoding: Encoding::Utf8,
            faults: Vec::new(),
            unread: None,
            lines: OnceLock::new(),
        }
    }

    /// A source from raw bytes. UTF-16 with a byte order mark is decoded, as `sigs.k8s.io/yaml` does (offsets then
    /// count the decoded text). Bytes that are no text leave [`Source::faults`] and U+FFFD in their place; of what is
    /// plainly binary no text is left.
    #[must_use]
    pub fn from_bytes(name: impl Into<Arc<str>>, bytes: Vec<u8>) -> Self {
        let decoded = encoding::decode(bytes);
        Self {
            name: name.into(),
            text: decoded.text.into(),
            encoding: decoded.encoding,
            faults: decoded.faults,
            unread: None,
            lines: OnceLock::new(),
        }
    }

    /// A source that exists but was not read, with the reason: too large, no permission. It has no text, and a report
    /// names it.
    #[must_use]
    pub fn unread(name: impl Into<Arc<str>>, why: impl Into<Arc<str>>) -> Self {
        Self { unread: Some(why.into()), ..Self::new(name, "") }
    }

    /// The same source under another name.
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Why the source was not read, if it was not.
    #[must_use]
    pub fn why_unread(&self) -> Option<&str> {
        self.unread.as_deref()
    }

    /// What findings call this source.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole text, shared.
    #[must_use]
    pub fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// How the bytes were encoded.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Where and why the bytes are no text, if they are not: the first of [`Source::faults`].
    #[must_use]
    pub fn fault(&self) -> Option<&EncodingError> {
        self.faults.first()
    }

    /// The places where the bytes are no text, in order, at most one a line.
    #[must_use]
    pub fn faults(&self) -> &[EncodingError] {
        &self.faults
    }

    /// The text under a span; empty where the span does not lie on character boundaries of this source.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Lines and columns of this source, made on first use.
    #[must_use]
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| Arc::new(LineIndex::new(&self.text)))
    }

    /// Line and column of a byte offset, in code points.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        self.lines().position(&self.text, offset, Unit::CodePoints)
    }
}
