//! The findings of one day, so that later days hear of new ones alone.

use seaworthy_source::order;
use std::collections::BTreeSet;

use seaworthy_diagnostic::{Report, Silencer, Suppressed};
use serde::{Deserialize, Serialize};

/// Findings that were there when the baseline was written: a JSON file that people review and commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    schema: u32,
    findings: Vec<Entry>,
}

/// One finding. The fingerprint counts; the rest is for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Entry {
    file: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    rule: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    path: String,
    fingerprint: String,
}

/// A text that is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum NoBaseline {
    /// It has another form.
    #[error("not a baseline: {0}")]
    Form(#[from] serde_json::Error),
    /// A later version wrote it.
    #[error("a baseline of schema {0}; this version reads schema 1")]
    Schema(u32),
}

impl Baseline {
    /// The findings of a report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let entry = |(finding, fingerprint): (&seaworthy_diagnostic::Diagnostic, String)| Entry {
            file: report.file(&finding.at).to_owned(),
            object: finding.at.object.as_ref().map(|it| match &it.namespace {
                Some(namespace) => format!("{}/{namespace}/{}", it.kind, it.name),
                None => format!("{}/{}", it.kind, it.name),
            }),
            rule: finding.rule.to_owned(),
            path: finding.at.path.clone(),
            fingerprint,
        };
        let mut findings: Vec<Entry> = report.diagnostics.iter().zip(report.fingerprints()).map(entry).collect();
        order::sort(&mut findings);
        Self { schema: 1, findings }
    }

    /// Reads one.
    ///
    /// # Errors
    /// The text is no baseline, or one of a later schema.
    pub fn parse(text: &str) -> Result<Self, NoBaseline> {
        let baseline: Baseline = serde_json::from_str(text)?;
        if baseline.schema == 1 { Ok(baseline) } else { Err(NoBaseline::Schema(baseline.schema)) }
    }

    /// How many findings it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// True if it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Moves the findings that it holds out of the way; gives how many of them are not there any more.
    pub fn apply(&self, report: &mut Report) -> usize {
        let mut left: BTreeSet<&str> = self.findings.iter().map(|it| it.fingerprint.as_str()).collect();
        let fingerprints = report.fingerprints();
        for (diagnostic, fingerprint) in std::mem::take(&mut report.diagnostics).into_iter().zip(fingerprints) {
            if left.remove(fingerprint.as_str()) {
                report.suppressed.push(Suppressed { diagnostic, by: Silencer::Baseline, reason: None });
            } else {
                report.diagnostics.push(diagnostic);
            }
        }
        left.len()
    }
}

/// As the file is written: one finding a line, so that a review shows what came and went.
impl std::fmt::Display for Baseline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{{\"schema\": {}, \"findings\": [", self.schema)?;
        for (at, entry) in self.findings.iter().enumerate() {
            let line = serde_json::to_string(entry).map_err(|_| std::fmt::Error)?;
            write!(f, "{}\n  {line}", if at == 0 { "" } else { "," })?;
        }
        write!(f, "\n]}}\n")
    }
}
