//! The Code Quality report of GitLab.

use std::fmt;

use seaworthy_diagnostic::{Diagnostic, Level, Report};
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use crate::place::{Extent, path};

/// A report as GitLab's Code Quality reads it: an array of findings, empty if there are none.
pub struct Gitlab<'r>(pub &'r Report);

impl fmt::Display for Gitlab<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Gitlab<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let mut list = serializer.serialize_seq(Some(report.diagnostics.len()))?;
        for (finding, fingerprint) in report.diagnostics.iter().zip(report.fingerprints()) {
            list.serialize_element(&Degradation::of(report, finding, fingerprint))?;
        }
        list.end()
    }
}

/// What GitLab calls a finding.
#[derive(Serialize)]
struct Degradation<'r> {
    description: &'r str,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content<'r>>,
}

#[derive(Serialize)]
struct Place {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

#[derive(Serialize)]
struct Content<'r> {
    body: &'r str,
}

impl<'r> Degradation<'r> {
    fn of(report: &'r Report, finding: &'r Diagnostic, fingerprint: String) -> Self {
        let extent = Extent::of(report.source(finding.at.source), finding.at.span);
        Self {
            description: &finding.message,
            check_name: finding.rule,
            fingerprint,
            severity: match finding.level {
                Level::Error => "critical",
                Level::Warning => "major",
                Level::Info => "info",
            },
            location: Place {
                path: path(report.file(&finding.at)),
                lines: Lines { begin: extent.start.line, end: extent.last_line() },
            },
            content: finding.help.as_deref().map(|body| Content { body }),
        }
    }
}
