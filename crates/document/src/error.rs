//! Why a document is not YAML as Kubernetes reads it.

use seaworthy_source::Span;

/// One error: what and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What kind of error.
    pub kind: SyntaxErrorKind,
    /// One line, no full stop.
    pub message: String,
    /// Where, in bytes of the source.
    pub span: Span,
}

/// The kinds of errors that a reader treats differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyntaxErrorKind {
    /// The source was not read at all: too large, no permission.
    Unread,
    /// The bytes are no text.
    Encoding,
    /// The text is no YAML.
    Syntax,
    /// It is YAML, but `sigs.k8s.io/yaml` refuses it (a null key, `.nan`, a merge of a scalar).
    Value,
    /// Aliases repeat more than go-yaml, or [`crate::Limits`], lets them.
    Aliases,
    /// Levels in levels, more than [`crate::Limits`] lets them: no manifest has so many.
    Nesting,
    /// Another of [`crate::Limits`] is exceeded.
    Limit,
}

impl SyntaxError {
    pub(crate) fn new(kind: SyntaxErrorKind, span: Span, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), span }
    }

    /// More levels than [`crate::Limits`] lets them.
    pub(crate) fn too_deep(limit: usize, span: Span) -> Self {
        Self::new(SyntaxErrorKind::Nesting, span, format!("more than {limit} levels of nesting (limit `nesting`)"))
    }

    /// More values than [`crate::Limits`] lets a file have.
    pub(crate) fn too_many_values(limit: usize, span: Span) -> Self {
        Self::new(SyntaxErrorKind::Limit, span, format!("more than {limit} values in one file (limit `nodes`)"))
    }
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SyntaxError {}
