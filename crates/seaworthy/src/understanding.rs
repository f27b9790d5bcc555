//! From sources to a fleet: what checking and describing share.

use foldhash::{HashMap, HashSet};
use seaworthy_apiserver::Definitions;
use seaworthy_diagnostic::{Level, Unknown};
use seaworthy_document::{Document, Limits};
use seaworthy_fleet::{Declaration, Facts, Fault, Fleet, Given, check_policy};
use seaworthy_object::{Catalog, Content, Object, Other, contents};
use seaworthy_policy::Policy;
use seaworthy_rules::AnyRule;
use seaworthy_source::{Source, SourceId};

use crate::Validator;
use crate::cores;
use crate::former::{self, Former};
use crate::kustomize::Kustomized;
use crate::learning::{complete, learn, objects_with, sources_of_cluster};

/// Everything that was read, joined.
pub(crate) struct Understanding<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) policy: &'a Policy,
    /// The rules that it lets speak.
    pub(crate) rules: &'a [(AnyRule, Level)],
    /// The sources that are checked; those behind them are only known of.
    pub(crate) sources: &'a [Source],
    pub(crate) documents: &'a [Vec<Document>],
    pub(crate) contents: &'a [Vec<Content<'a>>],
    pub(crate) facts: &'a Facts,
    pub(crate) kustomized: &'a Kustomized,
    /// What was applied before, where that is known.
    pub(crate) former: Option<&'a Former<'a>>,
    pub(crate) definitions: &'a Definitions,
    pub(crate) fleet: Fleet<'a>,
    /// Facts of the cluster that nothing reads yet.
    pub(crate) unread_facts: Vec<Unknown>,
    /// The sources of objects that the cluster holds.
    pub(crate) of_cluster: HashSet<SourceId>,
}

impl Understanding<'_> {
    /// What is made of sources, of which the first `manifests` are to be checked.
    pub(crate) fn of<T: Default>(
        validator: &Validator,
        sources: &[Source],
        manifests: usize,
        make: impl Fn(&Understanding<'_>) -> T,
    ) -> T {
        let mut made = T::default();
        Self::read(validator, sources, manifests, &mut |it| made = make(it));
        made
    }

    /// Reads sources, and hands what they say to `then`.
    fn read(validator: &Validator, sources: &[Source], manifests: usize, then: &mut dyn FnMut(&Understanding<'_>)) {
        let policy =
            declared_policy(validator, sources.iter().take(manifests).enumerate().map(|(at, it)| (source_id(at), it)));
        let rules = policy.active();
        let documents = read(sources, limits(&rules));
        let namespace = validator.overrides.namespace.as_deref().unwrap_or("default");
        let mut contents: Vec<Vec<Content<'_>>> = cores::map(&documents, |at, documents| {
            let file = sources.get(at).map_or("", Source::name);
            documents.iter().map(|it| contents(it, file, &validator.catalog, namespace)).collect()
        });
        let former_documents = read(&validator.former, limits(&rules));
        let former = former::contents_of(&validator.former, &former_documents, &validator.catalog, namespace);
        let kustomized = Kustomized::of(sources.iter().map(Source::name).zip(documents.iter().map(Vec::as_slice)));
        sources.iter().zip(&mut contents).for_each(|(source, it)| kustomized.turn_patches(source.name(), it));
        let (ours, known) = contents.split_at_checked(manifests).unwrap_or((&contents, &[]));
        let mut faults = Vec::new();
        stated(ours.iter().flatten(), &mut faults);
        let declaration = fleet_document(ours.iter().flatten()).map(|object| Declaration::read(object, &mut faults));
        let files: HashMap<_, _> = sources.iter().enumerate().map(|(at, it)| (source_id(at), it.name())).collect();
        let (mut facts, mut unread_facts) = (Facts::default(), Vec::new());
        let held = || documents.iter().map(Vec::as_slice).zip(contents.iter().map(Vec::as_slice));
        let set = held().take(manifests).collect::<Vec<_>>();
        learn(&set, &held().skip(manifests).collect::<Vec<_>>(), &files, &mut facts, &mut unread_facts);
        if let Some(declaration) = &declaration {
            declaration.apply(&mut facts);
        }
        validator.overrides.apply(&mut facts);
        complete(&mut facts, contents.iter().flatten().flat_map(objects_of));
        let definitions = Definitions::of(ours.iter().chain(known).flatten().flat_map(objects_of));
        let given = || known.iter().flatten().flat_map(objects_of);
        let objects = objects_with(given(), ours.iter().flatten().flat_map(objects_of).collect());
        let of_cluster = sources_of_cluster(given());
        let unread = documents_of(&documents, ours, |it| matches!(it, Other::Broken | Other::Template));
        let configurations = documents_of(&documents, &contents, |it| matches!(it, Other::Tool(_)));
        let given = Given { objects, unread, configurations, files, declaration: declaration.as_ref(), faults };
        then(&Understanding {
            catalog: &validator.catalog,
            policy: &policy,
            rules: &rules,
            sources: sources.get(..manifests).unwrap_or(sources),
            documents: documents.get(..manifests).unwrap_or(&documents),
            contents: ours,
            facts: &facts,
            kustomized: &kustomized,
            former: Some(&Former::of(&former)),
            definitions: &definitions,
            fleet: Fleet::new(given, &facts, &validator.catalog),
            unread_facts,
            of_cluster,
        });
    }
}

/// The Fleet document that counts: the first.
pub(crate) fn fleet_document<'c, 'a: 'c>(
    contents: impl IntoIterator<Item = &'c Content<'a>>,
) -> Option<&'c Object<'a>> {
    contents.into_iter().find_map(|content| if let Content::Fleet(object) = content { Some(object) } else { None })
}

/// What documents state about rules: the policy of the Fleet document, and the Policy documents on top in their order.
pub(crate) fn stated<'a>(
    contents: impl Iterator<Item = &'a Content<'a>> + Clone,
    faults: &mut Vec<Fault<'a>>,
) -> Policy {
    let of_fleet = fleet_document(contents.clone()).and_then(|object| object.at("spec.policy"));
    let mut policy = of_fleet.map(|spec| Policy::declared(spec, faults)).unwrap_or_default();
    for content in contents {
        let Content::Policy(object) = content else { continue };
        check_policy(object, faults);
        if let Some(spec) = object.at("spec") {
            policy = policy.under(&Policy::declared(spec, faults));
        }
    }
    policy
}

/// The policy that holds: what sources state, and the validator's own on top. Options may limit what is read, so it is
/// needed before anything else is; a glance tells which sources may hold one.
pub(crate) fn declared_policy<'s>(
    validator: &Validator,
    sources: impl Iterator<Item = (SourceId, &'s Source)>,
) -> Policy {
    let documents: Vec<(&str, Document)> = sources
        .filter(|(_, source)| may_be_ours(source))
        .flat_map(|(id, source)| {
            let read = seaworthy_document::read(source).into_iter();
            read.map(move |document| (source.name(), document.in_source(id)))
        })
        .collect();
    let contents: Vec<_> =
        documents.iter().map(|(file, document)| contents(document, file, &validator.catalog, "default")).collect();
    stated(contents.iter(), &mut Vec::new()).under(&validator.policy)
}

/// True if a source may hold one of our own documents.
pub(crate) fn may_be_ours(source: &Source) -> bool {
    source.text().contains("seaworthy/")
}

/// The usual limits of reading, but for those that options of rules state.
pub(crate) fn limits(rules: &[(AnyRule, Level)]) -> Limits {
    let mut limits = Limits::default();
    rules.iter().for_each(|(rule, _)| rule.limit(&mut limits));
    limits
}

fn read(sources: &[Source], limits: Limits) -> Vec<Vec<Document>> {
    cores::map(sources, |at, source| {
        seaworthy_document::read_with(source, limits).into_iter().map(|it| it.in_source(source_id(at))).collect()
    })
}

pub(crate) fn source_id(at: usize) -> SourceId {
    SourceId(u32::try_from(at).unwrap_or(u32::MAX))
}

/// The objects of a document.
pub(crate) fn objects_of<'c, 'a>(content: &'c Content<'a>) -> &'c [Object<'a>] {
    match content {
        Content::Manifest(manifest) => &manifest.objects,
        Content::Fleet(_) | Content::Policy(_) | Content::Other(_) => &[],
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
