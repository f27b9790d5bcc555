//! Asks rules about subjects.

use std::borrow::Borrow;

use foldhash::HashSet;
use seaworthy_apiserver::{Answer, Definitions, Servers};
use seaworthy_diagnostic::{Diagnostic, Level, Location, Unknown};
use seaworthy_document::Document;
use seaworthy_fleet::{Facts, Fleet};
use seaworthy_object::{Catalog, Content, Object};
use seaworthy_placement::{Bindings, Cluster, knows_nodes};
use seaworthy_rules::{AnyRule, Category, Reporter, Sheet, Subject};
use seaworthy_source::{SourceId, Span, order};

use crate::former::Former;
use crate::kustomize::Kustomized;
use crate::understanding::objects_of;

/// What rules said about some subjects.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Said {
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) unknown: Vec<Unknown>,
}

impl Said {
    pub(crate) fn and(mut self, other: Said) -> Said {
        self.diagnostics.extend(other.diagnostics);
        self.unknown.extend(other.unknown);
        self
    }

    /// The order of a report does not depend on threads.
    pub(crate) fn sort(&mut self) {
        sort(&mut self.diagnostics);
        order::sort_by(&mut self.unknown, &mut |left, right| order_of_unknown(left).cmp(&order_of_unknown(right)));
        self.unknown.dedup();
    }
}

/// Findings in the order of a report, each once.
pub(crate) fn sort<D: Borrow<Diagnostic> + PartialEq>(findings: &mut Vec<D>) {
    order::sort_by(findings, &mut |left, right| order(left.borrow()).cmp(&order(right.borrow())));
    findings.dedup();
}

fn order_of_unknown(it: &Unknown) -> (SourceId, Span, &str, &str) {
    (it.at.source, it.at.span, &it.refers_to, &it.why)
}

/// What a report is sorted by.
pub(crate) fn order(finding: &Diagnostic) -> (SourceId, Span, &'static str, &str) {
    (finding.at.source, finding.at.span, finding.rule, &finding.message)
}

/// The rules that speak, with what they know besides their subjects.
#[derive(Clone, Copy)]
pub(crate) struct Speakers<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) facts: &'a Facts,
    pub(crate) rules: &'a [(AnyRule, Level)],
    pub(crate) kustomized: &'a Kustomized,
    /// What was applied before, where that is known.
    pub(crate) former: Option<&'a Former<'a>>,
    pub(crate) definitions: &'a Definitions,
    /// The sources of objects that the cluster holds.
    pub(crate) of_cluster: &'a HashSet<SourceId>,
}

impl<'a> Speakers<'a> {
    /// Asks those that look at one document or one object about all of a source.
    pub(crate) fn on_source(&self, documents: &'a [Document], contents: &'a [Content<'a>], file: &'a str) -> Said {
        let mut said = Said::default();
        for (document, content) in documents.iter().zip(contents) {
            self.on(Subject::Document(Sheet { document, content, contents, file }), &mut said);
            for object in objects_of(content) {
                for answer in self.answers(object) {
                    if self.kustomized.labels_selectors_of(file) && is_about_labels(&answer) {
                        continue;
                    }
                    self.on(Subject::Answer(&answer), &mut said);
                }
                self.on(Subject::Object(object), &mut said);
                if let Some(pod) = object.pod() {
                    self.on(Subject::Pod(pod), &mut said);
                    for container in pod.containers() {
                        self.on(Subject::Container(pod, container), &mut said);
                    }
                }
            }
        }
        said
    }

    /// What API servers answer to an object, in the place of the one it follows if there is one.
    fn answers(&self, object: &'a Object<'a>) -> Vec<Answer<'a>> {
        let Speakers { catalog, facts, definitions, .. } = *self;
        let servers = Servers { catalog, versions: facts.versions, definitions: Some(definitions) };
        match self.former.and_then(|it| it.before(object)) {
            Some(old) => servers.judge_update(old, object),
            None => servers.judge(object),
        }
    }

    /// Asks one about an object among all others.
    pub(crate) fn on_member<'b>(
        &self,
        (rule, level): &(AnyRule, Level),
        fleet: &Fleet<'b>,
        object: &'b Object<'b>,
        said: &mut Said,
    ) {
        self.ask(rule, *level, Subject::Member(fleet, object), said);
    }

    /// Asks one about everything at once.
    pub(crate) fn on_fleet(&self, (rule, level): &(AnyRule, Level), fleet: &Fleet<'_>) -> Said {
        let mut said = Said::default();
        self.ask(rule, *level, Subject::Fleet(fleet), &mut said);
        said
    }

    /// Asks those that look at all claims and volumes at once.
    pub(crate) fn on_bindings(&self, fleet: &Fleet<'_>) -> Said {
        let mut said = Said::default();
        if self.rules.iter().any(|(it, _)| it.reads_bindings()) {
            self.on_bindings_of(fleet, &Bindings::of(fleet), &mut said);
        }
        said
    }

    fn on_bindings_of<'b>(&self, fleet: &Fleet<'b>, bindings: &Bindings<'b>, said: &mut Said) {
        for (rule, level) in self.rules.iter().filter(|(it, _)| it.reads_bindings()) {
            self.ask(rule, *level, Subject::Bindings(fleet, bindings), said);
        }
    }

    /// True if somebody looks at all pods on their nodes, and these are known.
    pub(crate) fn look_at_placement(&self, fleet: &Fleet<'_>) -> bool {
        self.rules.iter().any(|(it, _)| it.reads_placement()) && knows_nodes(fleet)
    }

    /// Asks those that look at all pods on their nodes, where these are known, while that is still wanted; else nothing
    /// comes of it.
    pub(crate) fn on_placement(&self, fleet: &Fleet<'_>, goes_on: &dyn Fn() -> bool) -> Option<Said> {
        let mut said = Said::default();
        if self.look_at_placement(fleet) {
            self.on_placement_of(fleet, &Bindings::of(fleet), goes_on, &mut said)?;
        }
        Some(said)
    }

    fn on_placement_of<'b>(
        &self,
        fleet: &Fleet<'b>,
        bindings: &Bindings<'b>,
        goes_on: &dyn Fn() -> bool,
        said: &mut Said,
    ) -> Option<()> {
        let cluster = Cluster::of(fleet, bindings).while_wanted(goes_on);
        for (rule, level) in self.rules.iter().filter(|(it, _)| it.reads_placement()) {
            self.ask(rule, *level, Subject::Placement(fleet, &cluster), said);
            if cluster.is_over() {
                return None;
            }
        }
        Some(())
    }

    /// Asks both at once.
    pub(crate) fn on_bindings_and_placement(&self, fleet: &Fleet<'_>) -> Said {
        let mut said = Said::default();
        let places = self.look_at_placement(fleet);
        if places || self.rules.iter().any(|(it, _)| it.reads_bindings()) {
            let bindings = Bindings::of(fleet);
            self.on_bindings_of(fleet, &bindings, &mut said);
            if places {
                let whole = self.on_placement_of(fleet, &bindings, &|| true, &mut said);
                debug_assert!(whole.is_some(), "nobody stopped it");
            }
        }
        said
    }

    /// Asks all about a subject; it is not for most of them.
    pub(crate) fn on(&self, subject: Subject<'_, '_>, said: &mut Said) {
        for (rule, level) in self.rules {
            self.ask(rule, *level, subject, said);
        }
    }

    fn ask(&self, rule: &AnyRule, level: Level, subject: Subject<'_, '_>, said: &mut Said) {
        let Speakers { facts, catalog, .. } = *self;
        let before = (said.diagnostics.len(), said.unknown.len());
        let mut reporter = Reporter::new(rule.meta(), level, facts, catalog, &mut said.diagnostics, &mut said.unknown)
            .chosen(rule.choice());
        rule.check(subject, &mut reporter);
        // What the cluster holds is not what is judged.
        if !self.of_cluster.is_empty() && rule.meta().category != Category::Cluster {
            let is_ours = |at: &Location| !self.of_cluster.contains(&at.source);
            let (findings, unknown) = (said.diagnostics.split_off(before.0), said.unknown.split_off(before.1));
            said.diagnostics.extend(findings.into_iter().filter(|it| is_ours(&it.at)));
            said.unknown.extend(unknown.into_iter().filter(|it| is_ours(&it.at)));
        }
    }
}

/// A refusal of selectors or labels that a kustomization has yet to complete.
fn is_about_labels(answer: &Answer<'_>) -> bool {
    let field = answer.cause.field.as_deref().unwrap_or("");
    field.starts_with("spec.selector") || field.starts_with("spec.template.metadata.labels")
}
