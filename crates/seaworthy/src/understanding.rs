//! From sources to a fleet: what checking and describing share.

use rayon::prelude::*;
use seaworthy_diagnostic::{Level, Location, Unknown};
use seaworthy_document::{Document, Limits};
use seaworthy_fleet::{Declaration, Facts, Fleet, Given, NodeFacts};
use seaworthy_object::{Catalog, Content, Object, Other, contents};
use seaworthy_policy::Policy;
use seaworthy_rules::AnyRule;
use seaworthy_source::{Source, SourceId, Span};

use crate::Validator;
use crate::kustomize::Kustomized;

/// Everything that was read, joined.
pub(crate) struct Understanding<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) rules: &'a [(AnyRule, Level)],
    /// The sources that are checked; those behind them are only known of.
    pub(crate) sources: &'a [Source],
    pub(crate) documents: &'a [Vec<Document>],
    pub(crate) contents: &'a [Vec<Content<'a>>],
    pub(crate) facts: &'a Facts,
    pub(crate) kustomized: &'a Kustomized,
    pub(crate) fleet: Fleet<'a>,
    /// Facts of the cluster that nothing reads yet.
    pub(crate) unread_facts: Vec<Unknown>,
}

impl Understanding<'_> {
    /// Reads sources, of which the first `manifests` are to be checked, and hands what they say to `then`.
    pub(crate) fn of<T>(
        validator: &Validator,
        sources: &[Source],
        manifests: usize,
        then: impl FnOnce(&Understanding<'_>) -> T,
    ) -> T {
        let rules = declared_policy(validator, sources.get(..manifests).unwrap_or(sources)).active();
        let documents = read(sources, limits(&rules));
        let namespace = validator.overrides.namespace.as_deref().unwrap_or("default");
        let mut contents: Vec<Vec<Content<'_>>> = (&documents, sources)
            .into_par_iter()
            .map(|(documents, source)| {
                documents.iter().map(|it| contents(it, source.name(), &validator.catalog, namespace)).collect()
            })
            .collect();
        let kustomized = Kustomized::of(sources, &documents);
        kustomized.turn_patches(sources, &mut contents);
        let (ours, known) = contents.split_at_checked(manifests).unwrap_or((&contents, &[]));
        let declaration = ours.iter().flatten().find_map(|content| match content {
            Content::Fleet(object) => Some(declared(object, &validator.policy)),
            _ => None,
        });
        let mut facts = Facts::default();
        let mut unread_facts = Vec::new();
        if let Some(declaration) = &declaration {
            declaration.apply(&mut facts);
        }
        for (content, document) in known.iter().flatten().zip(documents.iter().skip(manifests).flatten()) {
            learn(content, document, &mut facts, &mut unread_facts);
        }
        let suppressions = declaration.as_ref().and_then(|it| it.policy).and_then(|policy| policy.get("suppress"));
        unread_facts.extend(suppressions.map(|it| Unknown {
            at: it.key_place().location(),
            refers_to: "suppressions".to_owned(),
            why: "suppressions are not obeyed yet".to_owned(),
        }));
        validator.overrides.apply(&mut facts);
        let custom = known.iter().flatten().flat_map(objects_of).filter(|it| it.kind() == "CustomResourceDefinition");
        let objects: Vec<_> = custom.chain(ours.iter().flatten().flat_map(objects_of)).collect();
        let unread = documents_of(&documents, ours, |it| matches!(it, Other::Broken | Other::Template));
        let configurations = documents_of(&documents, &contents, |it| matches!(it, Other::Tool(_)));
        let files = sources.iter().map(Source::name).collect();
        let given = Given { objects, unread, configurations, files, declaration: declaration.as_ref() };
        then(&Understanding {
            catalog: &validator.catalog,
            rules: &rules,
            sources: sources.get(..manifests).unwrap_or(sources),
            documents: documents.get(..manifests).unwrap_or(&documents),
            contents: ours,
            facts: &facts,
            kustomized: &kustomized,
            fleet: Fleet::new(given, &facts, &validator.catalog),
            unread_facts,
        })
    }
}

/// A Fleet document, read together with its policy.
fn declared<'a>(object: &'a Object<'a>, policy: &Policy) -> Declaration<'a> {
    let mut declaration = Declaration::read(object);
    if let Some(declared) = declaration.policy {
        declaration.faults.extend(policy.on_top_of(declared).1);
    }
    declaration
}

/// The policy on top of that of the first Fleet document. Options may limit what is read, so it is needed before
/// anything else is; a glance tells which sources may hold one.
fn declared_policy(validator: &Validator, sources: &[Source]) -> Policy {
    for source in sources.iter().filter(|source| source.text().contains("seaworthy/")) {
        for document in seaworthy_document::read(source) {
            let content = contents(&document, source.name(), &validator.catalog, "default");
            let Content::Fleet(object) = &content else { continue };
            let declared = object.at("spec.policy");
            return declared.map_or_else(|| validator.policy.clone(), |it| validator.policy.on_top_of(it).0);
        }
    }
    validator.policy.clone()
}

/// The usual limits of reading, but for those that options of rules state.
fn limits(rules: &[(AnyRule, Level)]) -> Limits {
    let mut limits = Limits::default();
    rules.iter().for_each(|(rule, _)| rule.limit(&mut limits));
    limits
}

fn read(sources: &[Source], limits: Limits) -> Vec<Vec<Document>> {
    sources
        .par_iter()
        .enumerate()
        .map(|(at, source)| {
            let id = SourceId(u32::try_from(at).unwrap_or(u32::MAX));
            seaworthy_document::read_with(source, limits).into_iter().map(|it| it.in_source(id)).collect()
        })
        .collect()
}

/// The objects of a document.
pub(crate) fn objects_of<'c, 'a>(content: &'c Content<'a>) -> &'c [Object<'a>] {
    match content {
        Content::Manifest(manifest) => &manifest.objects,
        Content::Fleet(_) | Content::Other(_) => &[],
    }
}

/// Takes the facts of a cluster document; what nothing reads yet is listed, so that nobody takes it for read.
fn learn(content: &Content<'_>, document: &Document, facts: &mut Facts, unread: &mut Vec<Unknown>) {
    let mut not_read = |what: String, at: Location| {
        unread.push(Unknown { at, refers_to: what, why: "no reader of this cluster document yet".to_owned() });
    };
    for object in objects_of(content) {
        match NodeFacts::of(object) {
            Some(node) => facts.nodes.push(node),
            None if object.kind() == "CustomResourceDefinition" => {}
            None => not_read(object.reference().to_string(), object.place().location()),
        }
    }
    if let Content::Other(other) = content {
        let at = Location {
            source: document.source(),
            document: document.index(),
            span: Span::at(document.span().start),
            path: String::new(),
            object: None,
        };
        not_read(other.why().to_owned(), at);
    }
}

/// The documents that hold no object, of some sort.
fn documents_of<'a>(
    documents: &'a [Vec<Document>],
    contents: &[Vec<Content<'_>>],
    sort: fn(Other) -> bool,
) -> Vec<&'a Document> {
    let pairs = documents.iter().zip(contents).flat_map(|(documents, contents)| documents.iter().zip(contents));
    pairs
        .filter(|(_, content)| matches!(content, Content::Other(other) if sort(*other)))
        .map(|(document, _)| document)
        .collect()
}
