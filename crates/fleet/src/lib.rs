//! Objects become a fleet: an index, relations, and references with three outcomes.
//!
//! *Architecture invariant:* this crate knows no rule. It says what is there, what refers to what, and whether the
//! other end is resolved, broken or unknown; whether that is worth a finding is for a rule to say.

mod autoscalers;
mod change;
mod cluster_parts;
mod day;
mod declared;
mod dns;
mod effort;
mod exposure;
mod hosts;
mod index;
mod kept;
mod keys;
mod limit_ranges;
mod mentions;
mod modelled;
mod nearest;
mod ordered;
mod part;
mod pods;
mod producers;
mod reads;
mod reference;
mod relations;
mod selected;
mod unread;

pub use autoscalers::{Autoscaler, AutoscalerKind, Target};
pub use change::Part;
pub use day::{day, day_text};
pub use declared::{
    Declaration, DeclaredService, Environment, Exposure, Fault, Link, Scale, Stated, Stateful, check_policy,
    policy_schema, schema,
};
pub use dns::{Dns, Host, Nowhere, Spelling, declares};
pub use exposure::{Exposed, is_internal};
pub use hosts::{HostName, hosts_in};
pub use mentions::Mention;
pub use modelled::ModelledService;
pub use nearest::{is_near, nearest, nearest_sorted};
pub use part::{is_part, parts};
pub use pods::{Match, Workload, controllers_add, service_selector};
pub use producers::is_certified;
pub use reads::{Changes, Read};
pub use reference::{Resolution, Why};
pub use relations::{Reference, Relation, Selection, Use, references, selections};
pub use seaworthy_facts::{
    ClusterDocument, DefaultClass, External, Facts, NodeFacts, Overrides, Site, Taint, brings_storage_class, clusters,
    is_built_in, sites, states_cluster,
};
pub use selected::{Ports, Selected};

use std::sync::{Arc, OnceLock};

use foldhash::{HashMap, HashSet};
use seaworthy_document::Document;
use seaworthy_object::{Catalog, Object};
use seaworthy_source::SourceId;

use index::Index;
use nearest::Names;
use ordered::Placed;
use pods::Pods;
use producers::Producers;
use reads::{Key, Reads};
use unread::Unread;

/// Everything that was given, joined.
pub struct Fleet<'a> {
    catalog: &'a Catalog,
    facts: &'a Facts,
    objects: Vec<&'a Object<'a>>,
    /// True if the objects stand in the order of their sources.
    is_ordered: bool,
    custom: Vec<&'a Object<'a>>,
    index: Index<'a>,
    pods: Pods<'a>,
    unread: Unread<'a>,
    configurations: Vec<&'a Document>,
    clusters: OnceLock<Vec<ClusterDocument<'a>>>,
    sites: OnceLock<Vec<Site<'a>>>,
    producers: OnceLock<Producers<'a>>,
    relations: relations::Cell<'a>,
    names: OnceLock<Names<'a>>,
    last_services: OnceLock<Vec<&'a Object<'a>>>,
    modelled: OnceLock<Vec<ModelledService<'a>>>,
    routes: OnceLock<exposure::Routes<'a>>,
    scalers: OnceLock<autoscalers::Scalers<'a>>,
    limit_ranges: OnceLock<limit_ranges::Given<'a>>,
    /// The names near others, where many were looked at.
    near: kept::Kept<Option<&'a str>>,
    /// The keys of ConfigMaps and Secrets that have many.
    keys: kept::Kept<Arc<[&'a str]>>,
    declaration: Option<&'a Declaration<'a>>,
    faults: Vec<Fault<'a>>,
    files: HashMap<SourceId, &'a str>,
    /// Another number with each change: what was kept before is of another fleet.
    revision: u64,
    reads: Reads,
}

/// What a fleet is made of.
#[derive(Default)]
pub struct Given<'a> {
    /// The objects, in the order they would be applied.
    pub objects: Vec<&'a Object<'a>>,
    /// Documents that may hold more objects but could not be read: broken ones and templates.
    pub unread: Vec<&'a Document>,
    /// Documents that tools read and that may make objects: kustomizations, eksctl's.
    pub configurations: Vec<&'a Document>,
    /// What the sources are called.
    pub files: HashMap<SourceId, &'a str>,
    /// The Fleet document.
    pub declaration: Option<&'a Declaration<'a>>,
    /// What is wrong with our own documents.
    pub faults: Vec<Fault<'a>>,
}

impl<'a> Fleet<'a> {
    /// Joins what was given.
    #[must_use]
    pub fn new(given: Given<'a>, facts: &'a Facts, catalog: &'a Catalog) -> Self {
        let is_ordered = given.objects.is_sorted_by_key(Placed::order);
        Self {
            catalog,
            facts,
            is_ordered,
            custom: given.objects.iter().copied().filter(|it| !catalog.group_is_built_in(it.group())).collect(),
            index: Index::of(&given.objects),
            pods: Pods::of(&given.objects),
            objects: given.objects,
            unread: Unread::of(given.unread),
            configurations: given.configurations,
            clusters: OnceLock::new(),
            sites: OnceLock::new(),
            producers: OnceLock::new(),
            relations: OnceLock::new(),
            names: OnceLock::new(),
            last_services: OnceLock::new(),
            modelled: OnceLock::new(),
            routes: OnceLock::new(),
            scalers: OnceLock::new(),
            limit_ranges: OnceLock::new(),
            near: kept::Kept::default(),
            keys: kept::Kept::default(),
            declaration: given.declaration,
            faults: given.faults,
            files: given.files,
            revision: 0,
            reads: Reads::default(),
        }
    }

    /// The file an object lies in; empty if nobody said.
    #[must_use]
    pub fn file_of(&self, object: &Object<'_>) -> &'a str {
        self.files.get(&object.source()).copied().unwrap_or("")
    }

    /// What is declared about the fleet: versions, cluster, externals.
    #[must_use]
    pub fn facts(&self) -> &'a Facts {
        self.facts
    }

    /// The Fleet document, if there is one.
    #[must_use]
    pub fn declaration(&self) -> Option<&'a Declaration<'a>> {
        self.declaration
    }

    /// The clusters that documents of tools state, those of the set and those the cluster is known by. A change of one
    /// of these documents is a change of everything, so a look at them is not taken down.
    #[must_use]
    pub fn clusters(&self) -> &[ClusterDocument<'a>] {
        let file = |source: SourceId| self.files.get(&source).copied().unwrap_or("");
        self.clusters.get_or_init(|| {
            // A file of the set may be given as the one that describes the cluster too.
            let mut seen: HashSet<(&str, u32)> = HashSet::default();
            let is_new = |it: &&&Document| file(it.source()).is_empty() || seen.insert((file(it.source()), it.index()));
            let documents: Vec<&Document> = self.configurations.iter().filter(is_new).copied().collect();
            clusters(&documents, &file)
        })
    }

    /// What documents set up around clusters: networks, databases, machines. A change of one of these documents is a
    /// change of everything, too.
    #[must_use]
    pub fn sites(&self) -> &[Site<'a>] {
        // So that what reads them is not compiled in vain.
        if !cfg!(feature = "terraform") {
            return &[];
        }
        self.sites.get_or_init(|| sites(&self.configurations, &|source| self.files.get(&source).copied().unwrap_or("")))
    }

    /// What is wrong with our own documents.
    #[must_use]
    pub fn faults(&self) -> &[Fault<'a>] {
        &self.faults
    }

    /// The built-in kinds.
    #[must_use]
    pub fn catalog(&self) -> &'a Catalog {
        self.catalog
    }

    /// All objects in the order they would be applied; one defined twice is there twice.
    #[must_use]
    pub fn objects(&self) -> &[&'a Object<'a>] {
        self.reads.note(|| Read::All);
        &self.objects
    }

    /// The objects of kinds that are not built in, in the order they would be applied.
    #[must_use]
    pub fn custom_objects(&self) -> &[&'a Object<'a>] {
        self.reads.key(Key::Custom);
        &self.custom
    }

    /// The objects that are defined more than once, each with all its definitions, in the order in which they come
    /// first. Those whose name the server makes are not among them.
    #[must_use]
    pub fn defined_again(&self) -> Vec<Vec<&'a Object<'a>>> {
        self.reads.key(Key::Identities);
        let of = |it: &'a Object<'a>| (it.group_kind(), it.namespace(), it.name());
        let mut at: HashMap<_, usize> = HashMap::default();
        let mut again: Vec<Vec<&'a Object<'a>>> = Vec::new();
        let mut first: HashMap<_, &'a Object<'a>> = HashMap::default();
        for object in self.index.repeated(&self.objects).filter(|it| !it.name().is_empty()) {
            let Some(earlier) = first.insert(of(object), object) else { continue };
            let at = *at.entry(of(object)).or_insert_with(|| {
                again.push(vec![earlier]);
                again.len() - 1
            });
            again.get_mut(at).into_iter().for_each(|it| it.push(object));
        }
        for it in again.iter().filter_map(|it| it.first()) {
            let of = it.group_kind();
            self.reads.key(Key::Identity(of.group, of.kind, it.namespace(), it.name()));
        }
        again
    }

    /// The objects with names, to be asked for which there are, not for what they say.
    pub fn identities(&self) -> impl Iterator<Item = &'a Object<'a>> + use<'a, '_> {
        self.reads.key(Key::Identities);
        self.objects.iter().copied().filter(|it| !it.name().is_empty())
    }
}
