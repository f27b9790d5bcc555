//! The JSON contract of `check`, schema 1.

use std::fmt;

use seaworthy_diagnostic::{
    ApiCause, Diagnostic, Edit, Fix, Level, Location, ObjectRef, Report, Safety, Silencer, Skipped, Suppressed, Unknown,
};
use seaworthy_source::Span;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

/// A report as JSON, on one line.
pub struct Json<'r>(pub &'r Report);

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(&self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema", &1)?;
        map.serialize_entry("kubernetesVersions", &report.kubernetes_versions)?;
        let fingerprints = report.fingerprints();
        let named: Vec<_> = report.diagnostics.iter().zip(fingerprints.iter().map(String::as_str).map(Some)).collect();
        let finding = |&(it, fingerprint)| Finding { report, it, fingerprint };
        map.serialize_entry("diagnostics", &List(&named, finding))?;
        map.serialize_entry("suppressed", &List(&report.suppressed, |it| Accepted { report, it }))?;
        map.serialize_entry("unknown", &List(&report.unknown, |it| UnknownReference { report, it }))?;
        map.serialize_entry("skipped", &List(&report.skipped, SkippedInput))?;
        map.serialize_entry("summary", &Totals(report))?;
        map.end()
    }
}

/// A slice, each item wrapped in what writes it.
pub(crate) struct List<'r, T, F>(pub(crate) &'r [T], pub(crate) F);

impl<'r, T, W: Serialize, F: Fn(&'r T) -> W> Serialize for List<'r, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            list.serialize_element(&(self.1)(item))?;
        }
        list.end()
    }
}

/// A finding that somebody accepted.
struct Accepted<'r> {
    report: &'r Report,
    it: &'r Suppressed,
}

impl Serialize for Accepted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Suppressed { diagnostic, by, reason } = self.it;
        let by = match by {
            Silencer::InSource => "source",
            Silencer::Policy => "policy",
            Silencer::Baseline => "baseline",
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("by", by)?;
        if let Some(reason) = reason {
            map.serialize_entry("reason", reason)?;
        }
        map.serialize_entry("finding", &Finding { report: self.report, it: diagnostic, fingerprint: None })?;
        map.end()
    }
}

struct Finding<'r> {
    report: &'r Report,
    it: &'r Diagnostic,
    fingerprint: Option<&'r str>,
}

impl Serialize for Finding<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Finding { report, it, fingerprint } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("rule", it.rule)?;
        map.serialize_entry("category", it.category)?;
        map.serialize_entry("level", it.level.as_str())?;
        map.serialize_entry("message", &it.message)?;
        if let Some(help) = &it.help {
            map.serialize_entry("help", help)?;
        }
        map.serialize_entry("file", report.file(&it.at))?;
        map.serialize_entry("document", &it.at.document)?;
        map.serialize_entry("span", &Range { report, at: &it.at, span: it.at.span })?;
        if let Some(object) = &it.at.object {
            map.serialize_entry("object", &Object(object))?;
        }
        map.serialize_entry("path", &it.at.path)?;
        let versions =
            if it.kubernetes_versions.is_empty() { &report.kubernetes_versions } else { &it.kubernetes_versions };
        map.serialize_entry("kubernetesVersions", versions)?;
        if let Some(cause) = &it.api {
            map.serialize_entry("api", &Cause(cause))?;
        }
        map.serialize_entry("related", &List(&it.related, |it| Related { report, it }))?;
        if let Some(fix) = &it.fix {
            map.serialize_entry("fix", &Change { report, fix })?;
        }
        if let Some(fingerprint) = fingerprint {
            map.serialize_entry("fingerprint", fingerprint)?;
        }
        map.end()
    }
}

struct Range<'r> {
    report: &'r Report,
    at: &'r Location,
    span: Span,
}

impl Serialize for Range<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("start", &self.end_of(self.span.start))?;
        map.serialize_entry("end", &self.end_of(self.span.end))?;
        map.end()
    }
}

impl Range<'_> {
    fn end_of(&self, offset: u32) -> Point {
        let position = self.report.source(self.at.source).map(|source| source.position(offset));
        Point { line: position.map_or(1, |it| it.line), column: position.map_or(1, |it| it.column), offset }
    }
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
    offset: u32,
}

/// An object, by its four names.
pub(crate) struct Object<'r>(pub(crate) &'r ObjectRef);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("apiVersion", &self.0.api_version)?;
        map.serialize_entry("kind", &self.0.kind)?;
        if let Some(namespace) = &self.0.namespace {
            map.serialize_entry("namespace", namespace)?;
        }
        map.serialize_entry("name", &self.0.name)?;
        map.end()
    }
}

struct Cause<'r>(&'r ApiCause);

impl Serialize for Cause<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(reason) = &self.0.reason {
            map.serialize_entry("reason", reason)?;
        }
        if let Some(field) = &self.0.field {
            map.serialize_entry("field", field)?;
        }
        map.serialize_entry("detail", &self.0.detail)?;
        map.end()
    }
}

struct Related<'r> {
    report: &'r Report,
    it: &'r (Location, String),
}

impl Serialize for Related<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        let (at, words) = self.it;
        map.serialize_entry("file", self.report.file(at))?;
        map.serialize_entry("span", &Range { report: self.report, at, span: at.span })?;
        map.serialize_entry("message", words)?;
        map.end()
    }
}

struct Change<'r> {
    report: &'r Report,
    fix: &'r Fix,
}

impl Serialize for Change<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("title", &self.fix.title)?;
        map.serialize_entry(
            "safety",
            match self.fix.safety {
                Safety::Safe => "safe",
                Safety::Unsafe => "unsafe",
            },
        )?;
        map.serialize_entry("edits", &List(&self.fix.edits, |edit| Replacement { report: self.report, edit }))?;
        map.end()
    }
}

struct Replacement<'r> {
    report: &'r Report,
    edit: &'r Edit,
}

impl Serialize for Replacement<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("file", self.report.source(self.edit.source).map_or("", |source| source.name()))?;
        map.serialize_entry("start", &self.edit.span.start)?;
        map.serialize_entry("end", &self.edit.span.end)?;
        map.serialize_entry("text", &self.edit.text)?;
        map.end()
    }
}

struct UnknownReference<'r> {
    report: &'r Report,
    it: &'r Unknown,
}

impl Serialize for UnknownReference<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("file", self.report.file(&self.it.at))?;
        map.serialize_entry("span", &Range { report: self.report, at: &self.it.at, span: self.it.at.span })?;
        map.serialize_entry("path", &self.it.at.path)?;
        map.serialize_entry("refersTo", &self.it.refers_to)?;
        map.serialize_entry("why", &self.it.why)?;
        map.end()
    }
}

struct SkippedInput<'r>(&'r Skipped);

impl Serialize for SkippedInput<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("file", &self.0.file)?;
        if let Some(document) = self.0.document {
            map.serialize_entry("document", &document)?;
        }
        map.serialize_entry("why", &self.0.why)?;
        map.end()
    }
}

struct Totals<'r>(&'r Report);

impl Serialize for Totals<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let mut map = serializer.serialize_map(Some(10))?;
        map.serialize_entry("files", &report.summary.files)?;
        map.serialize_entry("documents", &report.summary.documents)?;
        map.serialize_entry("objects", &report.summary.objects)?;
        map.serialize_entry("configurations", &report.summary.configurations)?;
        map.serialize_entry("skipped", &report.skipped.len())?;
        map.serialize_entry("errors", &report.count(Level::Error))?;
        map.serialize_entry("warnings", &report.count(Level::Warning))?;
        map.serialize_entry("infos", &report.count(Level::Info))?;
        map.serialize_entry("unknown", &report.unknown.len())?;
        map.serialize_entry("suppressed", &report.suppressed.len())?;
        map.end()
    }
}
