//! Everything one check says.

use seaworthy_source::{Source, SourceId};

use crate::{Diagnostic, Level, Location};

/// The answer of a check. It carries its sources, so that any renderer can show a line without asking anybody.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The sources in the order they were given.
    pub sources: Vec<Source>,
    /// The findings, sorted by source, place and rule.
    pub diagnostics: Vec<Diagnostic>,
    /// The findings that somebody accepted, in the same order.
    pub suppressed: Vec<Suppressed>,
    /// References whose other end may live outside the given set.
    pub unknown: Vec<Unknown>,
    /// Input that was not checked.
    pub skipped: Vec<Skipped>,
    /// The Kubernetes versions that were asked for, oldest first.
    pub kubernetes_versions: Vec<String>,
    /// Counts of what was read.
    pub summary: Summary,
}

/// How much was read and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Sources read, whether or not they held a manifest.
    pub files: usize,
    /// Documents in them, broken ones included, empty ones not.
    pub documents: usize,
    /// Kubernetes objects checked; the items of a `List` count each.
    pub objects: usize,
    /// Documents that hold no object, and are read for what they say of a cluster or do with it.
    pub configurations: usize,
}

/// A finding that somebody accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// The finding.
    pub diagnostic: Diagnostic,
    /// Where it was accepted.
    pub by: Silencer,
    /// Why, in the words of who did.
    pub reason: Option<String>,
}

/// Where a finding was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Silencer {
    /// By a comment or an annotation, beside what it is about.
    InSource,
    /// By a policy.
    Policy,
    /// By a baseline: it was there when the baseline was written.
    Baseline,
}

/// A reference that is neither resolved nor broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The place that refers.
    pub at: Location,
    /// What it refers to, such as `Secret default/db-creds`.
    pub refers_to: String,
    /// Why nothing can be said, such as `not in the given set`.
    pub why: String,
}

/// Input that was not checked, with the reason: every byte is validated or listed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The file as walked.
    pub file: String,
    /// The document in it; none for the whole file.
    pub document: Option<u32>,
    /// Why.
    pub why: String,
}

impl Report {
    /// How many findings have exactly this level.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.diagnostics.iter().filter(|it| it.level == level).count()
    }

    /// True if no finding is an error.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.count(Level::Error) == 0
    }

    /// The source of a place.
    #[must_use]
    pub fn source(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.index())
    }

    /// The name of a place's source; empty if the report lost it.
    #[must_use]
    pub fn file(&self, at: &Location) -> &str {
        self.source(at.source).map_or("", Source::name)
    }
}
