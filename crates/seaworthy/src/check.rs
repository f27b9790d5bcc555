//! Runs the rules over what was understood.

use seaworthy_apiserver::{Answer, judge};
use seaworthy_diagnostic::{Diagnostic, Level, Location, Report, Skipped, Summary, Unknown};
use seaworthy_document::Document;
use seaworthy_object::{Content, Object, Other};
use seaworthy_policy::Suppressions;
use seaworthy_rules::{AnyRule, Outcome, Reporter, Sheet, Subject};
use seaworthy_source::{Source, SourceId, Span};

use crate::cores;
use crate::understanding::{Understanding, objects_of};

/// What rules said about some subjects.
#[derive(Default)]
struct Said {
    diagnostics: Vec<Diagnostic>,
    unknown: Vec<Unknown>,
}

impl Said {
    fn and(mut self, other: Said) -> Said {
        self.diagnostics.extend(other.diagnostics);
        self.unknown.extend(other.unknown);
        self
    }
}

/// The report, without its sources.
pub(crate) fn report(understanding: &Understanding<'_>) -> Report {
    understanding.report(understanding.check_sources().and(understanding.check_fleet()))
}

/// The report on what `alone` understood of it, without its sources, where `among` is the same together with objects
/// that are only known of. `due_to_others` is asked about each finding that there is only because of those.
pub(crate) fn report_among(
    alone: &Understanding<'_>,
    among: &Understanding<'_>,
    due_to_others: impl FnMut(&mut Diagnostic),
) -> Report {
    let own = alone.check_fleet().diagnostics;
    let mut said = among.check_fleet();
    let is_checked = |at: &Location| at.source.index() < alone.sources.len();
    said.diagnostics.retain(|it| is_checked(&it.at));
    said.unknown.retain(|it| is_checked(&it.at));
    said.diagnostics.iter_mut().filter(|it| !own.contains(it)).for_each(due_to_others);
    alone.report(alone.check_sources().and(said))
}

fn sort(findings: &mut Vec<Diagnostic>) {
    findings.sort_by(|left, right| order(left).cmp(&order(right)));
    findings.dedup();
}

/// The order of a report does not depend on threads.
fn order(finding: &Diagnostic) -> (SourceId, Span, &'static str, &str) {
    (finding.at.source, finding.at.span, finding.rule, &finding.message)
}

/// For fewer objects than this, waking threads costs more than they save.
const FEW: usize = 16;

impl<'a> Understanding<'a> {
    /// What is said, in order, without what somebody accepted.
    fn report(&self, mut said: Said) -> Report {
        let Understanding { documents, contents, sources, .. } = *self;
        said.unknown.extend(self.unread_facts.iter().cloned());
        sort(&mut said.diagnostics);
        said.unknown.sort_by(|left, right| {
            (left.at.source, left.at.span, &left.refers_to).cmp(&(right.at.source, right.at.span, &right.refers_to))
        });
        said.unknown.dedup();
        let mut report = Report {
            sources: sources.to_vec(),
            diagnostics: said.diagnostics,
            suppressed: Vec::new(),
            unknown: said.unknown,
            skipped: skipped(sources, documents, contents),
            kubernetes_versions: self.facts.versions.iter().map(|version| version.to_string()).collect(),
            summary: Summary {
                files: sources.len(),
                documents: documents.iter().map(Vec::len).sum(),
                objects: contents.iter().flatten().map(|content| objects_of(content).len()).sum(),
            },
        };
        let objects = contents.iter().flatten().flat_map(objects_of);
        let suppressions = Suppressions::of(self.policy, sources, documents, objects);
        let mut became = suppressions.apply(self.policy, self.facts.today, &mut report);
        // Where a rule had not all it needs to speak, nobody can say that there is nothing to silence.
        became.retain(|it| !(self.facts.is_part && it.outcome == Outcome::Idle && self.reads_fleet(&it.rule)));
        if !became.is_empty() {
            let mut said = Said::default();
            became.iter().for_each(|it| self.run(Subject::Suppression(it), &mut said));
            report.diagnostics.extend(said.diagnostics);
            sort(&mut report.diagnostics);
        }
        report
    }

    fn reads_fleet(&self, rule: &str) -> bool {
        self.rules.iter().any(|(it, _)| it.meta().id == rule && it.reads_fleet())
    }

    fn is_small(&self) -> bool {
        self.fleet.objects().len() < FEW
    }

    fn check_sources(&self) -> Said {
        let Understanding { documents, contents, sources, .. } = *self;
        let check = |at: usize, source: &Source| match (documents.get(at), contents.get(at)) {
            (Some(documents), Some(contents)) => self.check_source(documents, contents, source.name()),
            _ => Said::default(),
        };
        if self.is_small() {
            let said = sources.iter().enumerate().map(|(at, source)| check(at, source));
            return said.fold(Said::default(), Said::and);
        }
        cores::map(sources, check).into_iter().fold(Said::default(), Said::and)
    }

    /// Runs the rules that look at one document or one object.
    fn check_source(&self, documents: &'a [Document], contents: &'a [Content<'a>], file: &'a str) -> Said {
        let mut said = Said::default();
        for (document, content) in documents.iter().zip(contents) {
            self.run(Subject::Document(Sheet { document, content, contents, file }), &mut said);
            for object in objects_of(content) {
                for answer in judge(object, self.catalog, self.facts.versions) {
                    if self.kustomized.labels_selectors_of(file) && is_about_labels(&answer) {
                        continue;
                    }
                    self.run(Subject::Answer(&answer), &mut said);
                }
                self.run(Subject::Object(object), &mut said);
                if let Some(pod) = object.pod() {
                    self.run(Subject::Pod(pod), &mut said);
                    for container in pod.containers() {
                        self.run(Subject::Container(pod, container), &mut said);
                    }
                }
            }
        }
        said
    }

    fn check_fleet(&self) -> Said {
        let members: Vec<&(AnyRule, Level)> = self.rules.iter().filter(|(it, _)| it.reads_members()).collect();
        let check = |mut said: Said, object: &&'a Object<'a>| {
            self.check_member(&members, object, &mut said);
            said
        };
        let whole = |(rule, level): &(AnyRule, Level)| {
            let mut said = Said::default();
            self.run_one(rule, *level, Subject::Fleet(&self.fleet), &mut said);
            said
        };
        if self.is_small() {
            let said = self.fleet.objects().iter().fold(Said::default(), check);
            return self.rules.iter().map(whole).fold(said, Said::and);
        }
        let said = cores::map(self.fleet.objects(), |_, object| check(Said::default(), object));
        let whole = cores::map(self.rules, |_, rule| whole(rule));
        said.into_iter().chain(whole).fold(Said::default(), Said::and)
    }

    /// Runs rules on one object among all others.
    fn check_member(&self, rules: &[&(AnyRule, Level)], object: &'a Object<'a>, said: &mut Said) {
        for (rule, level) in rules {
            self.run_one(rule, *level, Subject::Member(&self.fleet, object), said);
        }
    }

    fn run(&self, subject: Subject<'_, 'a>, said: &mut Said) {
        for (rule, level) in self.rules {
            self.run_one(rule, *level, subject, said);
        }
    }

    fn run_one(&self, rule: &AnyRule, level: Level, subject: Subject<'_, 'a>, said: &mut Said) {
        let Understanding { facts, catalog, .. } = *self;
        let mut reporter = Reporter::new(rule.meta(), level, facts, catalog, &mut said.diagnostics, &mut said.unknown);
        rule.check(subject, &mut reporter);
    }
}

/// A refusal of selectors or labels that a kustomization has yet to complete.
fn is_about_labels(answer: &Answer<'_>) -> bool {
    let field = answer.cause.field.as_deref().unwrap_or("");
    field.starts_with("spec.selector") || field.starts_with("spec.template.metadata.labels")
}

/// What nothing looked at, with the reason: whole documents, items of lists, text that is never read.
fn skipped(sources: &[Source], documents: &[Vec<Document>], contents: &[Vec<Content<'_>>]) -> Vec<Skipped> {
    let mut skipped = Vec::new();
    let mut fleet: Option<&str> = None;
    for ((source, documents), contents) in sources.iter().zip(documents).zip(contents) {
        let mut skip = |document: Option<&Document>, why: String| {
            let document = document.filter(|_| documents.len() > 1).map(Document::index);
            skipped.push(Skipped { file: source.name().to_owned(), document, why });
        };
        for (document, content) in documents.iter().zip(contents) {
            match content {
                Content::Other(Other::Broken) => {
                    let why = document.error().map(|error| format!("it cannot be read: {error}"));
                    skip(Some(document), why.unwrap_or_else(|| Other::Broken.why().to_owned()));
                }
                Content::Other(other) => skip(Some(document), other.why().to_owned()),
                Content::Manifest(manifest) => {
                    for item in &manifest.untyped {
                        let at = item.index().unwrap_or(0);
                        skip(Some(document), format!("items[{at}]: {}", Other::TypeMissing.why()));
                    }
                }
                Content::Policy(_) => {}
                // A folder of many fleets has many of them; one fleet is checked at a time.
                Content::Fleet(_) => {
                    if let Some(first) = fleet.replace(fleet.unwrap_or(source.name())) {
                        let why = format!("another Fleet document: {first} counts; --fleet names the one that should");
                        skip(Some(document), why);
                    }
                }
            }
            if document.unread().is_some() {
                skip(Some(document), "what stands after `...` is never read".to_owned());
            }
        }
        if documents.is_empty() {
            skip(None, "nothing but blanks and comments".to_owned());
        }
    }
    skipped
}
