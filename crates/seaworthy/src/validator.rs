//! `Validator::check`: the whole path, once.

use rayon::prelude::*;
use seaworthy_apiserver::{Answer, judge};
use seaworthy_diagnostic::{Diagnostic, Level, Report, Skipped, Summary, Unknown};
use seaworthy_document::Document;
use seaworthy_fleet::{Facts, Fleet};
use seaworthy_object::{Catalog, Content, Object, Other, contents};
use seaworthy_policy::Policy;
use seaworthy_rules::{AnyRule, Reporter, Sheet, Subject};
use seaworthy_source::{Source, SourceId};

/// Checks sources: built once, shared, `Send + Sync`.
#[derive(Debug)]
pub struct Validator {
    catalog: Catalog,
    facts: Facts,
    rules: Vec<(AnyRule, Level)>,
}

impl Default for Validator {
    fn default() -> Self {
        Self::new(Facts::default(), &Policy::default())
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
}

impl Validator {
    /// A validator for a fleet about which `facts` are declared, with the rules that `policy` lets speak.
    #[must_use]
    pub fn new(facts: Facts, policy: &Policy) -> Self {
        Self { catalog: Catalog::built_in(), facts, rules: policy.active() }
    }

    /// What is declared about the fleet.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Checks sources, in the order in which they would be applied.
    #[must_use]
    pub fn check(&self, sources: Vec<Source>) -> Report {
        let documents = read(&sources);
        let contents: Vec<Vec<Content<'_>>> = documents
            .par_iter()
            .zip(sources.par_iter())
            .map(|(documents, source)| self.contents(documents, source.name()))
            .collect();
        let mut said: Said = (&documents, &contents, &sources)
            .into_par_iter()
            .map(|(documents, contents, source)| self.check_source(documents, contents, source.name()))
            .reduce(Said::default, Said::and);
        let objects: Vec<&Object<'_>> = contents.iter().flatten().flat_map(objects_of).collect();
        let unread = unread(&documents, &contents);
        let object_count = objects.len();
        {
            let fleet = Fleet::new(objects, unread, &self.facts, &self.catalog);
            said = said.and(self.check_fleet(&fleet));
        }
        let skipped = skipped(&sources, &contents);
        let summary = Summary {
            files: sources.len(),
            documents: documents.iter().map(Vec::len).sum(),
            objects: object_count,
        };
        drop(contents);
        drop(documents);
        self.report(sources, said, skipped, summary)
    }

    fn contents<'a>(&'a self, documents: &'a [Document], file: &str) -> Vec<Content<'a>> {
        documents.iter().map(|document| contents(document, file, &self.catalog, &self.facts.namespace)).collect()
    }

    /// Runs the rules that look at one document or one object.
    fn check_source<'a>(&'a self, documents: &'a [Document], contents: &'a [Content<'a>], file: &'a str) -> Said {
        let mut said = Said::default();
        for (document, content) in documents.iter().zip(contents) {
            self.run(Subject::Document(Sheet { document, content, file }), &mut said);
            for object in objects_of(content) {
                for answer in self.judge(object) {
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

    fn judge<'a>(&'a self, object: &'a Object<'a>) -> Vec<Answer<'a>> {
        judge(object, &self.catalog, self.facts.versions)
    }

    fn check_fleet<'a>(&'a self, fleet: &'a Fleet<'a>) -> Said {
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
        for (rule, level) in &self.rules {
            self.run_one(rule, *level, subject, said);
        }
    }

    fn run_one(&self, rule: &AnyRule, level: Level, subject: Subject<'_, '_>, said: &mut Said) {
        let mut reporter =
            Reporter::new(rule.meta(), level, &self.facts, &mut said.diagnostics, &mut said.unknown);
        rule.check(subject, &mut reporter);
    }

    fn report(&self, sources: Vec<Source>, mut said: Said, skipped: Vec<Skipped>, summary: Summary) -> Report {
        said.diagnostics.sort_by(|left, right| {
            (left.at.source, left.at.span, left.rule, &left.message).cmp(&(
                right.at.source,
                right.at.span,
                right.rule,
                &right.message,
            ))
        });
        said.diagnostics.dedup();
        said.unknown.sort_by(|left, right| {
            (left.at.source, left.at.span, &left.refers_to).cmp(&(right.at.source, right.at.span, &right.refers_to))
        });
        said.unknown.dedup();
        Report {
            sources,
            diagnostics: said.diagnostics,
            unknown: said.unknown,
            skipped,
            kubernetes_versions: self.facts.versions.iter().map(|version| version.to_string()).collect(),
            summary,
        }
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
        Content::Other(_) => &[],
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
            if let Content::Other(other) = content
                && *other != Other::Fleet
            {
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
