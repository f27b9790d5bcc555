//! `Validator::check`: the whole path, once.

use rayon::prelude::*;
use seaworthy_apiserver::judge;
use seaworthy_diagnostic::{Diagnostic, Level, Report, Skipped, Summary, Unknown};
use seaworthy_document::Document;
use seaworthy_fleet::{Declaration, Facts, Fleet, Overrides};
use seaworthy_object::{Catalog, Content, Object, Other, contents};
use seaworthy_policy::Policy;
use seaworthy_rules::{AnyRule, Reporter, Sheet, Subject};
use seaworthy_source::{Source, SourceId, Span};

/// Checks sources: built once, shared, `Send + Sync`.
#[derive(Debug)]
pub struct Validator {
    catalog: Catalog,
    overrides: Overrides,
    rules: Vec<(AnyRule, Level)>,
}

impl Default for Validator {
    fn default() -> Self {
        Self::new(Overrides::default(), &Policy::default())
    }
}

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

    /// The report, in an order that does not depend on threads.
    fn into_report(mut self, sources: Vec<Source>, skipped: Vec<Skipped>, summary: Summary, facts: &Facts) -> Report {
        self.diagnostics.sort_by(|left, right| order(left).cmp(&order(right)));
        self.diagnostics.dedup();
        self.unknown.sort_by(|left, right| {
            (left.at.source, left.at.span, &left.refers_to).cmp(&(right.at.source, right.at.span, &right.refers_to))
        });
        self.unknown.dedup();
        Report {
            sources,
            diagnostics: self.diagnostics,
            unknown: self.unknown,
            skipped,
            kubernetes_versions: facts.versions.iter().map(|version| version.to_string()).collect(),
            summary,
        }
    }
}

fn order(finding: &Diagnostic) -> (SourceId, Span, &'static str, &str) {
    (finding.at.source, finding.at.span, finding.rule, &finding.message)
}

impl Validator {
    /// A validator with the rules that `policy` lets speak; `overrides` beat what a Fleet document declares.
    #[must_use]
    pub fn new(overrides: Overrides, policy: &Policy) -> Self {
        Self { catalog: Catalog::built_in(), overrides, rules: policy.active() }
    }

    /// Checks sources, in the order in which they would be applied. A Fleet document among them is obeyed.
    #[must_use]
    pub fn check(&self, sources: Vec<Source>) -> Report {
        let documents = read(&sources);
        let namespace = self.overrides.namespace.as_deref().unwrap_or("default");
        let contents: Vec<Vec<Content<'_>>> = (&documents, &sources)
            .into_par_iter()
            .map(|(documents, source)| self.contents(documents, source.name(), namespace))
            .collect();
        let declaration = contents.iter().flatten().find_map(|content| match content {
            Content::Fleet(object) => Some(Declaration::read(object)),
            _ => None,
        });
        let facts = self.facts(declaration.as_ref());
        let run = Run { catalog: &self.catalog, rules: &self.rules, facts: &facts };
        let mut said: Said = (&documents, &contents, &sources)
            .into_par_iter()
            .map(|(documents, contents, source)| run.check_source(documents, contents, source.name()))
            .reduce(Said::default, Said::and);
        let objects: Vec<&Object<'_>> = contents.iter().flatten().flat_map(objects_of).collect();
        let summary = Summary {
            files: sources.len(),
            documents: documents.iter().map(Vec::len).sum(),
            objects: objects.len(),
        };
        let unread = unread(&documents, &contents);
        let fleet = Fleet::new(objects, unread, declaration.as_ref(), &facts, &self.catalog);
        said = said.and(run.check_fleet(&fleet));
        let skipped = skipped(&sources, &contents);
        drop(fleet);
        drop(declaration);
        drop(contents);
        drop(documents);
        said.into_report(sources, skipped, summary, &facts)
    }

    fn facts(&self, declaration: Option<&Declaration<'_>>) -> Facts {
        let mut facts = Facts::default();
        if let Some(declaration) = declaration {
            declaration.apply(&mut facts);
        }
        self.overrides.apply(&mut facts);
        facts
    }

    fn contents<'a>(&self, documents: &'a [Document], file: &str, namespace: &'a str) -> Vec<Content<'a>> {
        documents.iter().map(|document| contents(document, file, &self.catalog, namespace)).collect()
    }
}

/// One check on its way.
#[derive(Clone, Copy)]
struct Run<'r> {
    catalog: &'r Catalog,
    rules: &'r [(AnyRule, Level)],
    facts: &'r Facts,
}

impl Run<'_> {
    /// Runs the rules that look at one document or one object.
    fn check_source<'a>(&self, documents: &'a [Document], contents: &'a [Content<'a>], file: &'a str) -> Said {
        let mut said = Said::default();
        for (document, content) in documents.iter().zip(contents) {
            self.run(Subject::Document(Sheet { document, content, file }), &mut said);
            for object in objects_of(content) {
                for answer in judge(object, self.catalog, self.facts.versions) {
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

    fn check_fleet(&self, fleet: &Fleet<'_>) -> Said {
        self.rules
            .par_iter()
            .map(|(rule, level)| {
                let mut said = Said::default();
                self.run_one(rule, *level, Subject::Fleet(fleet), &mut said);
                said
            })
            .reduce(Said::default, Said::and)
    }

    fn run(&self, subject: Subject<'_, '_>, said: &mut Said) {
        for (rule, level) in self.rules {
            self.run_one(rule, *level, subject, said);
        }
    }

    fn run_one(&self, rule: &AnyRule, level: Level, subject: Subject<'_, '_>, said: &mut Said) {
        let mut reporter =
            Reporter::new(rule.meta(), level, self.facts, &mut said.diagnostics, &mut said.unknown);
        rule.check(subject, &mut reporter);
    }
}

fn read(sources: &[Source]) -> Vec<Vec<Document>> {
    sources
        .par_iter()
        .enumerate()
        .map(|(at, source)| {
            let id = SourceId(u32::try_from(at).unwrap_or(u32::MAX));
            seaworthy_document::read(source).into_iter().map(|document| document.in_source(id)).collect()
        })
        .collect()
}

fn objects_of<'c, 'a>(content: &'c Content<'a>) -> &'c [Object<'a>] {
    match content {
        Content::Manifest(manifest) => &manifest.objects,
        Content::Fleet(_) | Content::Other(_) => &[],
    }
}

/// Documents that may hold objects nobody can read.
fn unread<'a>(documents: &'a [Vec<Document>], contents: &[Vec<Content<'_>>]) -> Vec<&'a Document> {
    let pairs = documents.iter().flatten().zip(contents.iter().flatten());
    pairs
        .filter(|(_, content)| matches!(content, Content::Other(Other::Broken | Other::Template)))
        .map(|(document, _)| document)
        .collect()
}

fn skipped(sources: &[Source], contents: &[Vec<Content<'_>>]) -> Vec<Skipped> {
    let mut skipped = Vec::new();
    for (source, contents) in sources.iter().zip(contents) {
        for (at, content) in contents.iter().enumerate() {
            if let Content::Other(other) = content {
                let document = (contents.len() > 1).then(|| u32::try_from(at).unwrap_or(u32::MAX));
                skipped.push(Skipped { file: source.name().to_owned(), document, why: other.why().to_owned() });
            }
        }
        if contents.is_empty() {
            let why = "nothing but blanks and comments".to_owned();
            skipped.push(Skipped { file: source.name().to_owned(), document: None, why });
        }
    }
    skipped
}
