//! Findings that somebody accepted: which they are, and what became of each suppression.

use std::collections::BTreeMap;

use fast_glob::glob_match;
use jiff::civil::Date;
use seaworthy_diagnostic::{Diagnostic, Location, ObjectRef, Silencer, Suppressed};
use seaworthy_document::Document;
use seaworthy_fleet::nearest;
use seaworthy_object::Object;
use seaworthy_rules::{AnyRule, Outcome, Suppression};
use seaworthy_source::{Source, SourceId, Span};

use crate::{Policy, comments};

/// One rule that is not to be heard of some things.
#[derive(Debug, Clone)]
pub(crate) struct Suppress {
    pub(crate) rule: String,
    pub(crate) scope: Scope,
    pub(crate) reason: Option<String>,
    /// The day from which it does not count.
    pub(crate) until: Option<Date>,
    /// Where the rule is named; none for a policy that is not among the sources.
    pub(crate) at: Option<Location>,
    pub(crate) by: Silencer,
    /// What to cut to take it out.
    pub(crate) cut: Option<Span>,
    /// False for what begins as a suppression and is none.
    pub(crate) readable: bool,
}

/// What a suppression is about.
#[derive(Debug, Clone)]
pub(crate) enum Scope {
    /// Findings that begin in these bytes of a document.
    Bytes(SourceId, u32, Span),
    /// Findings in a document.
    Document(SourceId, u32),
    /// Findings about objects and in files that match; without a pattern all do.
    Matching {
        /// `Kind/namespace/name` or `Kind/name`.
        object: Option<String>,
        /// A path, or the end of one.
        file: Option<String>,
    },
}

impl Scope {
    /// The document it is about; none if it may be any.
    fn document(&self) -> Option<(SourceId, u32)> {
        match *self {
            Scope::Bytes(source, document, _) | Scope::Document(source, document) => Some((source, document)),
            Scope::Matching { .. } => None,
        }
    }

    fn holds(&self, at: &Location, file: &str) -> bool {
        match self {
            Scope::Bytes(source, document, span) => {
                (at.source, at.document) == (*source, *document) && span.contains(at.span.start)
            }
            Scope::Document(source, document) => (at.source, at.document) == (*source, *document),
            Scope::Matching { object, file: pattern } => {
                object.as_ref().is_none_or(|it| at.object.as_ref().is_some_and(|object| is_object(it, object)))
                    && pattern.as_ref().is_none_or(|it| is_file(it, file))
            }
        }
    }
}

/// True if a pattern of three parts, or of two without the namespace, matches an object.
fn is_object(pattern: &str, object: &ObjectRef) -> bool {
    let namespace = object.namespace.as_deref().unwrap_or("");
    let parts: Vec<&str> = pattern.split('/').collect();
    match parts.as_slice() {
        [kind, name] => glob_match(kind, &object.kind) && glob_match(name, &object.name),
        [kind, within, name] => {
            glob_match(kind, &object.kind) && glob_match(within, namespace) && glob_match(name, &object.name)
        }
        _ => false,
    }
}

/// True if a pattern matches a path, or its end from some folder on.
fn is_file(pattern: &str, file: &str) -> bool {
    let file = file.replace('\\', "/");
    let file = file.trim_start_matches("./");
    glob_match(pattern, file) || glob_match(format!("**/{pattern}"), file)
}

/// Findings after suppressions were applied.
#[derive(Debug, Default)]
pub struct Applied {
    /// Those that nobody accepted.
    pub findings: Vec<Diagnostic>,
    /// Those that somebody accepted.
    pub suppressed: Vec<Suppressed>,
    /// What became of the suppressions that stand in a source: first those of the policy, as many as
    /// [`Policy::suppressions`] says, whatever the findings are.
    pub became: Vec<Suppression>,
}

/// What became of findings and of suppressions.
#[derive(Debug, Default)]
pub struct Accepted {
    /// Who accepted each finding and why, in their order; nothing if there are no suppressions.
    pub by: Vec<Option<(Silencer, Option<String>)>>,
    /// As [`Applied::became`].
    pub became: Vec<Suppression>,
}

/// The suppressions that hold for some sources.
#[derive(Debug, Default)]
pub struct Suppressions(Vec<Suppress>);

impl Suppressions {
    /// Those of a policy, and those that stand in the sources themselves.
    #[must_use]
    pub fn of<'a>(
        policy: &Policy,
        sources: impl IntoIterator<Item = (&'a Source, &'a [Document])>,
        objects: impl IntoIterator<Item = &'a Object<'a>>,
    ) -> Self {
        Self::in_sources(sources, objects).beside(policy)
    }

    /// Those that stand in the sources themselves.
    #[must_use]
    pub fn in_sources<'a>(
        sources: impl IntoIterator<Item = (&'a Source, &'a [Document])>,
        objects: impl IntoIterator<Item = &'a Object<'a>>,
    ) -> Self {
        let mut found = Vec::new();
        for (source, documents) in sources {
            comments::in_comments(source, documents, &mut found);
        }
        objects.into_iter().for_each(|object| comments::in_annotation(object, &mut found));
        Self(found)
    }

    /// Those of a policy, and these.
    #[must_use]
    pub fn beside(&self, policy: &Policy) -> Self {
        Self(policy.suppress.iter().chain(&self.0).cloned().collect())
    }

    /// Parts findings by whether they are accepted, and says what became of each suppression that stands in a source.
    /// `today` lets suppressions run out; `file` names the file of a place.
    pub fn apply<'f>(
        self,
        policy: &Policy,
        today: Option<Date>,
        findings: Vec<Diagnostic>,
        file: impl Fn(&Location) -> &'f str,
    ) -> Applied {
        let accepted = self.accept(policy, today, &findings.iter().collect::<Vec<_>>(), &file);
        let mut applied = Applied { became: accepted.became, ..Applied::default() };
        let mut by = accepted.by.into_iter();
        for diagnostic in findings {
            match by.next().flatten() {
                Some((by, reason)) => applied.suppressed.push(Suppressed { diagnostic, by, reason }),
                None => applied.findings.push(diagnostic),
            }
        }
        applied
    }

    /// The same for findings that stay where they are.
    pub fn accept<'f>(
        self,
        policy: &Policy,
        today: Option<Date>,
        findings: &[&Diagnostic],
        file: &dyn Fn(&Location) -> &'f str,
    ) -> Accepted {
        if self.0.is_empty() {
            return Accepted::default();
        }
        let rules = seaworthy_rules::all();
        let judged: Vec<(Suppress, Outcome)> = self
            .0
            .into_iter()
            .map(|it| {
                let outcome = judge(&it, policy, &rules, today);
                (it, outcome)
            })
            .collect();
        // Those of any document come first, as they do in `judged`.
        let mut by_rule: BTreeMap<Asked<'_>, Vec<usize>> = BTreeMap::new();
        for (at, (suppress, _)) in judged.iter().enumerate().filter(|(_, (_, outcome))| *outcome == Outcome::Idle) {
            by_rule.entry((&suppress.rule, suppress.scope.document())).or_default().push(at);
        }
        let mut used = vec![false; judged.len()];
        let mut accept = |finding: &Diagnostic, file: &str| {
            let mut first = None;
            let places = [None, Some((finding.at.source, finding.at.document))];
            for &at in places.into_iter().filter_map(|it| by_rule.get(&(finding.rule, it))).flatten() {
                let Some((suppress, _)) = judged.get(at) else { continue };
                if suppress.scope.holds(&finding.at, file) {
                    first = first.or(Some((suppress.by, suppress.reason.clone())));
                    used.get_mut(at).into_iter().for_each(|it| *it = true);
                }
            }
            first
        };
        let by = findings.iter().map(|it| accept(it, file(&it.at))).collect();
        let became = judged.iter().zip(used).filter_map(|((it, outcome), used)| {
            let outcome = if used { Outcome::Used } else { outcome.clone() };
            let (at, rule) = (it.at.clone()?, it.rule.clone());
            Some(Suppression { at, rule, has_reason: it.reason.is_some(), outcome, cut: it.cut })
        });
        Accepted { by, became: became.collect() }
    }
}

/// A rule, and the document in which it says something; any if none.
type Asked<'a> = (&'a str, Option<(SourceId, u32)>);

/// What is known of a suppression before any finding is looked at; idle is one that may yet be used.
fn judge(it: &Suppress, policy: &Policy, rules: &[AnyRule], today: Option<Date>) -> Outcome {
    if !it.readable {
        return Outcome::Unreadable;
    }
    let Some(rule) = rules.iter().find(|rule| rule.meta().id == it.rule) else {
        return Outcome::UnknownRule { nearest: nearest(&it.rule, rules.iter().map(|rule| rule.meta().id)) };
    };
    if it.by == Silencer::InSource && policy.locks(rule.meta()) {
        return Outcome::Locked;
    }
    if let Some(until) = it.until.filter(|until| today.is_some_and(|today| *until <= today)) {
        return Outcome::Expired(seaworthy_fleet::day_text(until));
    }
    if policy.level(rule.meta()).is_none() { Outcome::NotRun } else { Outcome::Idle }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_objects() {
        let object = |namespace: Option<&str>| ObjectRef {
            api_version: "apps/v1".to_owned(),
            kind: "DaemonSet".to_owned(),
            namespace: namespace.map(str::to_owned),
            name: "log-agent".to_owned(),
        };
        for pattern in ["DaemonSet/logging/*", "DaemonSet/*/log-*", "*/log-agent", "*/*/*", "DaemonSet/log-agent"] {
            assert!(is_object(pattern, &object(Some("logging"))), "{pattern}");
        }
        for pattern in ["DaemonSet", "DaemonSet/default/*", "daemonset/logging/*", "DaemonSet/logging/log", "*", ""] {
            assert!(!is_object(pattern, &object(Some("logging"))), "{pattern}");
        }
        assert!(is_object("DaemonSet//*", &object(None)), "cluster-scoped kinds have the empty namespace");
    }

    #[test]
    fn patterns_of_files() {
        for pattern in ["k8s/web.yaml", "web.yaml", "k8s/*.yaml", "deploy/**", "*.yaml", "deploy/k8s/web.yaml"] {
            assert!(is_file(pattern, "./deploy/k8s/web.yaml"), "{pattern}");
        }
        for pattern in ["deploy/*.yaml", "eb.yaml", "k8s", ""] {
            assert!(!is_file(pattern, "./deploy/k8s/web.yaml"), "{pattern}");
        }
    }
}
