//! A whole check: everything is read, joined and asked about, once.

use seaworthy_diagnostic::{Diagnostic, Location, Report, Skipped, Summary};
use seaworthy_document::Document;
use seaworthy_object::{Content, Object, Other};
use seaworthy_policy::Suppressions;
use seaworthy_rules::{Outcome, Subject, is_configuration};
use seaworthy_source::Source;

use crate::cores;
use crate::speakers::{Said, Speakers, sort};
use crate::understanding::{Understanding, objects_of};

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

/// So many objects are asked about by one thread at a time.
const PART: usize = 64;

/// For fewer objects than this, waking threads costs more than they save.
const FEW: usize = 16;

impl<'a> Understanding<'a> {
    /// What is said, in order, without what somebody accepted.
    fn report(&self, mut said: Said) -> Report {
        let Understanding { documents, contents, sources, .. } = *self;
        said.unknown.extend(self.unread_facts.iter().cloned());
        said.sort();
        let parts = || sources.iter().zip(documents.iter().map(Vec::as_slice));
        let objects = contents.iter().flatten().flat_map(objects_of);
        let suppressions = Suppressions::of(self.policy, parts(), objects.clone());
        let file = |at: &Location| sources.get(at.source.index()).map_or("", Source::name);
        let mut applied = suppressions.apply(self.policy, self.facts.today, said.diagnostics, file);
        // Where a rule had not all it needs to speak, nobody can say that there is nothing to silence.
        applied.became.retain(|it| !(self.facts.is_part && it.outcome == Outcome::Idle && self.reads_fleet(&it.rule)));
        if !applied.became.is_empty() {
            let mut said = Said::default();
            applied.became.iter().for_each(|it| self.speakers().on(Subject::Suppression(it), &mut said));
            applied.findings.extend(said.diagnostics);
            sort(&mut applied.findings);
        }
        Report {
            sources: sources.to_vec(),
            diagnostics: applied.findings,
            suppressed: applied.suppressed,
            unknown: said.unknown,
            skipped: skipped(parts().zip(contents).map(|((source, read), held)| (source, read, held.as_slice()))),
            kubernetes_versions: self.facts.versions.iter().map(|version| version.to_string()).collect(),
            summary: Summary {
                files: sources.len(),
                documents: documents.iter().map(Vec::len).sum(),
                objects: objects.count(),
                configurations: parts().zip(contents).map(|((_, read), held)| configurations(read, held)).sum(),
            },
        }
    }

    fn speakers(&self) -> Speakers<'_> {
        let Understanding { catalog, facts, rules, kustomized, former, definitions, .. } = *self;
        Speakers { catalog, facts, rules, kustomized, former, definitions, of_cluster: &self.of_cluster }
    }

    fn reads_fleet(&self, rule: &str) -> bool {
        self.rules.iter().any(|(it, _)| it.meta().id == rule && it.reads_fleet())
    }

    fn is_small(&self) -> bool {
        self.fleet.objects().len() < FEW
    }

    fn check_sources(&self) -> Said {
        let Understanding { documents, contents, sources, .. } = *self;
        let speakers = self.speakers();
        let check = |at: usize, source: &Source| match (documents.get(at), contents.get(at)) {
            (Some(documents), Some(contents)) => speakers.on_source(documents, contents, source.name()),
            _ => Said::default(),
        };
        if self.is_small() {
            let said = sources.iter().enumerate().map(|(at, source)| check(at, source));
            return said.fold(Said::default(), Said::and);
        }
        cores::map(sources, check).into_iter().fold(Said::default(), Said::and)
    }

    fn check_fleet(&self) -> Said {
        let (speakers, fleet) = (self.speakers(), &self.fleet);
        let members: Vec<_> = self.rules.iter().filter(|(it, _)| it.reads_members()).collect();
        let member = |mut said: Said, object: &&'a Object<'a>| {
            members.iter().for_each(|it| speakers.on_member(it, fleet, object, &mut said));
            said
        };
        let whole = self.rules.iter().filter(|(it, _)| it.reads_whole());
        if self.is_small() {
            let said =
                fleet.objects().iter().fold(Said::default(), member).and(speakers.on_bindings_and_placement(fleet));
            return whole.map(|it| speakers.on_fleet(it, fleet)).fold(said, Said::and);
        }
        let whole: Vec<_> = whole.collect();
        let parts: Vec<_> = fleet.objects().chunks(PART).collect();
        let (said, of_whole) = cores::join(
            || cores::map(&parts, |_, part| part.iter().fold(Said::default(), member)),
            || (speakers.on_bindings_and_placement(fleet), cores::map(&whole, |_, it| speakers.on_fleet(it, fleet))),
        );
        said.into_iter().chain([of_whole.0]).chain(of_whole.1).fold(Said::default(), Said::and)
    }
}

/// How many documents are no manifests and are read all the same.
pub(crate) fn configurations(documents: &[Document], contents: &[Content<'_>]) -> usize {
    let others = documents.iter().zip(contents);
    others.filter(|(document, it)| matches!(it, Content::Other(other) if is_configuration(document, *other))).count()
}

/// What nothing looked at, with the reason: whole documents, items of lists, text that is never read.
pub(crate) fn skipped<'a>(
    parts: impl IntoIterator<Item = (&'a Source, &'a [Document], &'a [Content<'a>])>,
) -> Vec<Skipped> {
    let mut skipped = Vec::new();
    let mut fleet: Option<&'a str> = None;
    for (source, documents, contents) in parts {
        let mut skip = |document: Option<&Document>, why: String| {
            let document = document.filter(|_| documents.len() > 1).map(Document::index);
            skipped.push(Skipped { file: source.name().to_owned(), document, why });
        };
        for (document, content) in documents.iter().zip(contents) {
            match content {
                Content::Other(Other::Broken | Other::Tool(_)) if document.error().is_some() => {
                    let why = document.error().map(|error| format!("it cannot be read: {error}"));
                    skip(Some(document), why.unwrap_or_else(|| Other::Broken.why().to_owned()));
                }
                Content::Other(other) if is_configuration(document, *other) => {}
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
