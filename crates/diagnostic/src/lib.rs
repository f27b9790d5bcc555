//! What is said about a fleet, and where: findings, unknowns and skipped input.
//!
//! *Architecture invariant:* plain owned data with public fields. This crate knows neither Kubernetes nor terminals;
//! a report can be kept, sent and rendered long after the documents it speaks of are gone.

mod fingerprint;
mod report;

use std::borrow::Cow;
use std::sync::Arc;

pub use report::{Report, Silencer, Skipped, Summary, Suppressed, Unknown};
use seaworthy_source::{SourceId, Span};

/// How loud a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing, or an opinion nearly everyone shares.
    Info,
    /// It probably hurts.
    Warning,
    /// It will be refused, will not run, or certainly breaks something promised.
    Error,
}

impl Level {
    /// The level as the JSON contract spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }

    /// One step quieter; `Info` stays.
    #[must_use]
    pub fn softer(self) -> Level {
        match self {
            Level::Error => Level::Warning,
            Level::Warning | Level::Info => Level::Info,
        }
    }
}

/// What one finding says, about exactly one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The id of the rule that speaks, such as `service-selects-nothing`.
    pub rule: &'static str,
    /// The category of the rule, such as `reference`.
    pub category: &'static str,
    /// How loud.
    pub level: Level,
    /// What is wrong, naming the offender: one line, no full stop.
    pub message: String,
    /// What to do: nearest names, the field to set.
    pub help: Option<String>,
    /// The place.
    pub at: Location,
    /// A few words under the caret, where the message leaves something to say about the marked text.
    pub label: Option<String>,
    /// True if the marked lines hold a secret: renderers show the place, not what stands there.
    pub conceal: bool,
    /// Other places that belong to it, each with a few words.
    pub related: Vec<(Location, String)>,
    /// A change that mends it.
    pub fix: Option<Fix>,
    /// What the API server would answer; on category `api` only.
    pub api: Option<ApiCause>,
    /// The Kubernetes versions it holds for, oldest first; empty means all that were asked for.
    pub kubernetes_versions: Vec<String>,
}

/// A place: a span in a source, and the same place as an address in an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The source.
    pub source: SourceId,
    /// The document in it, counted from 0.
    pub document: u32,
    /// The bytes.
    pub span: Span,
    /// The field as the API server writes it, `spec.containers[0].image`; empty for the whole object.
    pub path: String,
    /// The object, if the place lies in one.
    pub object: Option<Arc<ObjectRef>>,
}

/// The name of an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// `apps/v1`.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// The effective namespace; none for cluster-scoped kinds.
    pub namespace: Option<String>,
    /// `metadata.name`; empty if the object has none.
    pub name: String,
}

impl std::fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name.as_str() {
            "" => f.write_str(&self.kind),
            name => write!(f, "{} `{name}`", self.kind),
        }
    }
}

/// What the API server would answer: one entry of `details.causes[]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiCause {
    /// `FieldValueRequired`, … or `BadRequest` for a body refused before validation; none for a mere warning.
    pub reason: Option<Cow<'static, str>>,
    /// The field path the server names, if it names one.
    pub field: Option<String>,
    /// The server's words.
    pub detail: String,
}

/// A change that mends a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the change does, as a command: "set `privileged` to false".
    pub title: String,
    /// Whether it keeps the meaning.
    pub safety: Safety,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
}

/// Whether a fix may be applied without a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safety {
    /// It keeps the meaning.
    Safe,
    /// It needs a look.
    Unsafe,
}

/// One replacement of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The source to change.
    pub source: SourceId,
    /// The bytes to replace; empty to insert.
    pub span: Span,
    /// What to put there.
    pub text: String,
}
