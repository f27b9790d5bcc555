//! One object on its way into a cluster.

use foldhash::HashSet;
use seaworthy_diagnostic::{Diagnostic, Report};
use seaworthy_document::Document;
use seaworthy_fleet::{Facts, Fleet, Given};
use seaworthy_object::{Content, Object, only_object};
use seaworthy_source::Source;

use crate::check;
use crate::discretion::Discretion;
use crate::former::Former;
use crate::kustomize::Kustomized;
use crate::snapshot::Snapshot;
use crate::understanding::{Understanding, limits, objects_of, source_id};
use crate::{Level, Validator};

impl Validator {
    /// Checks one object that somebody asks a cluster to take, in a namespace; empty for what lives in none. The text
    /// is the object, whatever it looks like: no list, no template, no Fleet document.
    ///
    /// Of the other objects `known` are taken to be there. They are not judged, and the report does not say what they
    /// are called or hold: whoever sends the object may not be allowed to read them. What is wrong only on account of
    /// them is at most a warning, as the next request may set it right, unless the policy states the level of the rule.
    /// One object is never a complete set, whatever is declared.
    #[must_use]
    pub fn check_incoming(&self, object: Source, namespace: &str, known: &Snapshot) -> Report {
        self.check_arriving(object, namespace, known, Arrives::New)
    }

    /// The same for an object that the cluster has and somebody changes: what servers ask of new objects alone is not
    /// asked. What must not change they have compared before they ask anybody else.
    #[must_use]
    pub fn check_changed(&self, object: Source, namespace: &str, known: &Snapshot) -> Report {
        self.check_arriving(object, namespace, known, Arrives::Again)
    }

    fn check_arriving(&self, object: Source, namespace: &str, known: &Snapshot, arrives: Arrives) -> Report {
        let rules = self.rules();
        let sources = [object];
        let documents = sources.each_ref().map(|it| seaworthy_document::read_with(it, limits(rules)));
        let object = |it| only_object(it, &self.catalog, namespace);
        let contents = documents.each_ref().map(|it| it.iter().map(object).collect::<Vec<_>>());
        let mut facts = self.facts.clone();
        self.overrides.apply(&mut facts);
        (facts.complete, facts.is_part) = (false, true);
        namespace.clone_into(&mut facts.namespace);
        let request = Request {
            validator: self,
            sources: &sources,
            documents: &documents,
            contents: &contents,
            kustomized: &Kustomized::default(),
            // In its own place it changes nothing.
            former: &match arrives {
                Arrives::New => Former::default(),
                Arrives::Again => Former::of(&contents),
            },
        };
        request.judge(&facts, namespace, known)
    }

    /// True if the policy chose how loud a rule is, be it as loud as usual.
    #[must_use]
    pub fn states_level(&self, rule: &str) -> bool {
        self.rules().iter().any(|(it, _)| it.meta().id == rule && self.policy.states_level(it.meta()))
    }

    /// What is due to other objects may be gone with the next request: it denies only where a policy says so.
    fn soften(&self, finding: &mut Diagnostic) {
        if !self.states_level(finding.rule) {
            finding.level = finding.level.min(Level::Warning);
        }
    }
}

/// Whether the cluster has the object.
#[derive(Clone, Copy)]
enum Arrives {
    New,
    Again,
}

/// An object that was sent, as it was read.
struct Request<'a> {
    validator: &'a Validator,
    sources: &'a [Source],
    documents: &'a [Vec<Document>],
    contents: &'a [Vec<Content<'a>>],
    kustomized: &'a Kustomized,
    former: &'a Former<'a>,
}

impl<'a> Request<'a> {
    fn judge(&self, facts: &Facts, namespace: &str, known: &Snapshot) -> Report {
        let sent: Vec<&Object<'_>> = self.contents.iter().flatten().flat_map(objects_of).collect();
        let alone = self.understood(facts, sent.clone());
        let Some(object) = sent.first().filter(|_| !known.is_empty()) else { return check::report(&alone) };
        let catalog = &self.validator.catalog;
        let others: Vec<Object<'_>> =
            known.around(object).filter_map(|it| Object::new(it.root()?, catalog, namespace)).collect();
        let facts = Facts { listed: known.listed().clone(), ..facts.clone() };
        let among = self.understood(&facts, others.iter().chain(sent.iter().copied()).collect());
        let discretion = Discretion::new(object, &others);
        check::report_among(&alone, &among, |finding| {
            discretion.apply(finding, self.validator.rules());
            self.validator.soften(finding);
        })
    }

    /// What the request says, among objects of which it may be the only one.
    fn understood<'b>(&self, facts: &'b Facts, objects: Vec<&'b Object<'b>>) -> Understanding<'b>
    where
        'a: 'b,
    {
        let catalog = &self.validator.catalog;
        let files = self.sources.iter().enumerate().map(|(at, it)| (source_id(at), it.name())).collect();
        Understanding {
            catalog,
            policy: &self.validator.policy,
            rules: self.validator.rules(),
            sources: self.sources,
            documents: self.documents,
            contents: self.contents,
            facts,
            kustomized: self.kustomized,
            former: Some(self.former),
            definitions: self.validator.definitions(),
            fleet: Fleet::new(Given { objects, files, ..Given::default() }, facts, catalog),
            unread_facts: Vec::new(),
            of_cluster: HashSet::default(),
        }
    }
}
