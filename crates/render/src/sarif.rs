//! SARIF 2.1.0, the OASIS format of static analysis.
//!
//! Nothing is collected: each result is made when it is written, so that a long report needs no memory of its own.

mod parts;

use std::collections::HashMap;
use std::fmt;

use seaworthy_diagnostic::{Diagnostic, Edit, Fix, Level, Location, Report, Safety, Silencer, Skipped, Suppressed};
use seaworthy_source::{Encoding, Source, SourceId, Span};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::RuleDescription;
use crate::json::{List, Object};
use crate::place::{Extent, uri};
use parts::{
    ArtifactChange, ArtifactLocation, BaseIds, Driver, Fingerprints, FixBag, PhysicalLocation, Place, Region,
    Replacement, ReportingDescriptor, ResultBag, RunBag, SarifFix, SarifResult, Suppression, SuppressionBag, Text,
};

/// The schema that the output is valid against.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Of longer marked texts only the place is given, in bytes.
const SNIPPET: usize = 1000;

/// A report as SARIF, on one line: the findings, then those that somebody accepted.
pub struct Sarif<'r> {
    report: &'r Report,
    rules: &'r [RuleDescription],
}

impl<'r> Sarif<'r> {
    /// A report, with the rules that can have spoken; a result of a rule that is not among them names it by its id
    /// alone.
    #[must_use]
    pub fn new(report: &'r Report, rules: &'r [RuleDescription]) -> Self {
        Self { report, rules }
    }
}

impl fmt::Display for Sarif<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Sarif<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let run = Run {
            report: self.report,
            rules: self.rules,
            index: self.rules.iter().enumerate().map(|(at, rule)| (rule.id, at)).collect(),
            uris: self.report.sources.iter().map(|source| uri(source.name())).collect(),
        };
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("version", "2.1.0")?;
        map.serialize_entry("$schema", SCHEMA)?;
        map.serialize_entry("runs", &[run])?;
        map.end()
    }
}

/// One run: the report with what is looked up for every result.
struct Run<'r> {
    report: &'r Report,
    rules: &'r [RuleDescription],
    /// Where a rule stands in `rules`.
    index: HashMap<&'r str, usize>,
    /// The URI of each source, and whether it is relative.
    uris: Vec<(String, bool)>,
}

impl Serialize for Run<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.report;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("tool", &Tool(self))?;
        map.serialize_entry("invocations", &[Invocation(report)])?;
        map.serialize_entry("originalUriBaseIds", &BaseIds::new("The folder that seaworthy was run in."))?;
        map.serialize_entry("artifacts", &List(&self.uris, artifact))?;
        map.serialize_entry("columnKind", "unicodeCodePoints")?;
        map.serialize_entry("results", &Results(self))?;
        map.serialize_entry("properties", &RunBag { kubernetes_versions: &report.kubernetes_versions })?;
        map.end()
    }
}

/// A file that was read.
fn artifact((uri, is_relative): &(String, bool)) -> impl Serialize {
    #[derive(Serialize)]
    struct Artifact<'r> {
        location: ArtifactLocation<'r>,
        roles: [&'static str; 1],
    }
    Artifact { location: ArtifactLocation::new(uri, *is_relative, None), roles: ["analysisTarget"] }
}

struct Tool<'r>(&'r Run<'r>);

impl Serialize for Tool<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rules: Vec<_> = self.0.rules.iter().map(ReportingDescriptor::of).collect();
        let driver = Driver {
            name: "Seaworthy",
            full_name: concat!("Seaworthy ", env!("CARGO_PKG_VERSION")),
            version: env!("CARGO_PKG_VERSION"),
            semantic_version: env!("CARGO_PKG_VERSION"),
            rules,
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("driver", &driver)?;
        map.end()
    }
}

/// The run of the program: it did its work, and names what it left out.
struct Invocation<'r>(&'r Report);

impl Serialize for Invocation<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("executionSuccessful", &true)?;
        map.serialize_entry("toolExecutionNotifications", &List(&self.0.skipped, Notification))?;
        map.end()
    }
}

struct Notification<'r>(&'r Skipped);

impl Serialize for Notification<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Skipped { file, document, why } = self.0;
        let (uri, is_relative) = uri(file);
        let text = match document {
            Some(document) => format!("document {} was not checked: {why}", document + 1),
            None => format!("not checked: {why}"),
        };
        let physical_location =
            PhysicalLocation { artifact_location: ArtifactLocation::new(&uri, is_relative, None), region: None };
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("level", "note")?;
        map.serialize_entry("message", &Text { text })?;
        map.serialize_entry("locations", &[Place::new(physical_location)])?;
        map.end()
    }
}

/// The findings with their fingerprints, then the accepted ones.
struct Results<'r>(&'r Run<'r>);

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Report { diagnostics, suppressed, .. } = self.0.report;
        let mut list = serializer.serialize_seq(Some(diagnostics.len() + suppressed.len()))?;
        for (finding, fingerprint) in diagnostics.iter().zip(self.0.report.fingerprints()) {
            let partial_fingerprints = Some(Fingerprints { fingerprint });
            list.serialize_element(&SarifResult { partial_fingerprints, ..self.0.result(finding) })?;
        }
        for accepted in suppressed {
            let suppressions = Some([suppression(accepted)]);
            list.serialize_element(&SarifResult { suppressions, ..self.0.result(&accepted.diagnostic) })?;
        }
        list.end()
    }
}

fn suppression(accepted: &Suppressed) -> Suppression<'_> {
    let (kind, by) = match accepted.by {
        Silencer::InSource => ("inSource", "source"),
        Silencer::Policy => ("external", "policy"),
        Silencer::Baseline => ("external", "baseline"),
    };
    Suppression {
        kind,
        status: "accepted",
        justification: accepted.reason.as_deref(),
        properties: SuppressionBag { by },
    }
}

impl<'r> Run<'r> {
    fn result(&'r self, finding: &'r Diagnostic) -> SarifResult<'r> {
        let text = match &finding.help {
            Some(help) => format!("{}\n{help}", finding.message),
            None => finding.message.clone(),
        };
        let related = finding
            .related
            .iter()
            .enumerate()
            .map(|(at, (place, words))| Place::new(self.physical_location(place, true)).related(at + 1, words));
        SarifResult {
            rule_id: finding.rule,
            rule_index: self.index.get(finding.rule).copied(),
            level: level(finding.level),
            message: Text { text },
            locations: [Place::new(self.physical_location(&finding.at, finding.conceal)).in_object(&finding.at)],
            related_locations: related.collect(),
            fixes: finding.fix.iter().map(|fix| self.fix(fix)).collect(),
            partial_fingerprints: None,
            suppressions: None,
            properties: ResultBag {
                kubernetes_versions: &finding.kubernetes_versions,
                object: finding.at.object.as_deref().map(Object),
                path: &finding.at.path,
            },
        }
    }

    fn physical_location(&'r self, at: &Location, conceal: bool) -> PhysicalLocation<'r> {
        let source = self.report.source(at.source);
        let mut region = Region::new(source, at.span);
        if !conceal {
            region.snippet = source.map(|it| it.slice(at.span)).and_then(snippet);
        }
        PhysicalLocation { artifact_location: self.artifact_location(at.source), region: Some(region) }
    }

    fn artifact_location(&'r self, source: SourceId) -> ArtifactLocation<'r> {
        match self.uris.get(source.index()) {
            Some((uri, is_relative)) => ArtifactLocation::new(uri, *is_relative, Some(source.index())),
            None => ArtifactLocation::new("", true, None),
        }
    }

    /// A fix, with its edits by file. What is deleted is a place alone: it may be a secret.
    fn fix(&'r self, fix: &'r Fix) -> SarifFix<'r> {
        let mut by_source: Vec<(SourceId, Vec<&Edit>)> = Vec::new();
        for edit in &fix.edits {
            match by_source.iter_mut().find(|(source, _)| *source == edit.source) {
                Some((_, edits)) => edits.push(edit),
                None => by_source.push((edit.source, vec![edit])),
            }
        }
        let change = |(source, edits): (SourceId, Vec<&'r Edit>)| ArtifactChange {
            artifact_location: self.artifact_location(source),
            replacements: edits.into_iter().map(|edit| self.replacement(edit)).collect(),
        };
        let safety = match fix.safety {
            Safety::Safe => "safe",
            Safety::Unsafe => "unsafe",
        };
        SarifFix {
            description: Text { text: &fix.title },
            artifact_changes: by_source.into_iter().map(change).collect(),
            properties: FixBag { safety },
        }
    }

    fn replacement(&self, edit: &'r Edit) -> Replacement<'r> {
        Replacement {
            deleted_region: Region::new(self.report.source(edit.source), edit.span),
            inserted_content: (!edit.text.is_empty()).then_some(Text { text: &edit.text }),
        }
    }
}

impl Region<'_> {
    /// A span. Bytes are those of the file only if the file is UTF-8 through and through.
    fn new(source: Option<&Source>, span: Span) -> Self {
        let Extent { start, end } = Extent::of(source, span);
        let has_bytes = source.is_some_and(|it| it.encoding() == Encoding::Utf8 && it.fault().is_none());
        Self {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
            byte_offset: has_bytes.then_some(span.start),
            byte_length: has_bytes.then_some(span.end - span.start),
            snippet: None,
        }
    }
}

/// The marked text, if it is one line: in a whole block may stand what another finding conceals. An empty one would be
/// `{"text": ""}`, which breaks readers.
fn snippet(marked: &str) -> Option<Text<&str>> {
    let is_shown = !marked.trim().is_empty() && !marked.contains('\n') && marked.len() <= SNIPPET;
    is_shown.then_some(Text { text: marked })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}
