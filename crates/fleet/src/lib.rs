//! Objects become a fleet: an index, relations, and references with three outcomes.
//!
//! *Architecture invariant:* this crate knows no rule. It says what is there, what refers to what, and whether the
//! other end is resolved, broken or unknown; whether that is worth a finding is for a rule to say.

mod autoscalers;
mod brought;
mod day;
mod declared;
mod dns;
mod exposure;
mod facts;
mod hosts;
mod index;
mod limit_ranges;
mod modelled;
mod nearest;
mod nodes;
mod pods;
mod producers;
mod reference;
mod relations;
mod unread;

pub use autoscalers::{Autoscaler, AutoscalerKind, Target};
pub use brought::{DefaultClass, brings_storage_class, is_built_in};
pub use day::{day, day_text};
pub use declared::{
    Declaration, DeclaredService, Environment, Exposure, Fault, Link, Scale, Stated, Stateful, check_policy,
    policy_schema, schema,
};
pub use dns::{Dns, Host, Nowhere, Spelling, declares};
pub use exposure::{Exposed, is_internal};
pub use facts::{External, Facts, NodeFacts, Overrides, Taint};
pub use hosts::{HostName, hosts_in};
pub use modelled::ModelledService;
pub use nearest::{is_near, nearest};
pub use pods::{Match, Workload, service_selector};
pub use producers::is_certified;
pub use reference::{Resolution, Why};
pub use relations::{Reference, Relation, Selection, Use, references, selections};

use std::sync::OnceLock;

use foldhash::HashMap;
use seaworthy_document::{Document, Node};
use seaworthy_object::{Catalog, Object, Pod};

use index::Index;
use nearest::Names;
use producers::Producers;
use unread::Unread;

/// Everything that was given, joined.
pub struct Fleet<'a> {
    catalog: &'a Catalog,
    facts: &'a Facts,
    objects: Vec<&'a Object<'a>>,
    index: Index,
    pods: Vec<Pod<'a>>,
    pods_by_label: HashMap<(&'a str, &'a str, &'a str), Vec<u32>>,
    pods_by_namespace: HashMap<&'a str, Vec<u32>>,
    services_by_pod: OnceLock<HashMap<Node<'a>, Vec<&'a Object<'a>>>>,
    unread: Unread<'a>,
    configurations: Vec<&'a Document>,
    producers: OnceLock<Producers<'a>>,
    relations: relations::Cell<'a>,
    names: OnceLock<Names<'a>>,
    last_services: OnceLock<Vec<&'a Object<'a>>>,
    modelled: OnceLock<Vec<ModelledService<'a>>>,
    routes: OnceLock<exposure::Routes<'a>>,
    declaration: Option<&'a Declaration<'a>>,
    faults: Vec<Fault<'a>>,
    files: Vec<&'a str>,
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
    /// What the sources are called, in their order.
    pub files: Vec<&'a str>,
    /// The Fleet document.
    pub declaration: Option<&'a Declaration<'a>>,
    /// What is wrong with our own documents.
    pub faults: Vec<Fault<'a>>,
}

impl<'a> Fleet<'a> {
    /// Joins what was given.
    #[must_use]
    pub fn new(given: Given<'a>, facts: &'a Facts, catalog: &'a Catalog) -> Self {
        let mut fleet = Self {
            catalog,
            facts,
            index: Index::default(),
            services_by_pod: OnceLock::new(),
            last_services: OnceLock::new(),
            modelled: OnceLock::new(),
            routes: OnceLock::new(),
            pods: given.objects.iter().filter_map(|object| object.pod()).collect(),
            pods_by_label: HashMap::default(),
            pods_by_namespace: HashMap::default(),
            objects: given.objects,
            unread: Unread::of(given.unread),
            configurations: given.configurations,
            producers: OnceLock::new(),
            relations: OnceLock::new(),
            names: OnceLock::new(),
            declaration: given.declaration,
            faults: given.faults,
            files: given.files,
        };
        fleet.index_objects();
        fleet.index_pods();
        fleet
    }

    /// The file an object lies in; empty if nobody said.
    #[must_use]
    pub fn file_of(&self, object: &Object<'_>) -> &'a str {
        self.files.get(object.source().index()).copied().unwrap_or("")
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
        &self.objects
    }

    /// All pods: those of every workload, and bare ones.
    #[must_use]
    pub fn pods(&self) -> &[Pod<'a>] {
        &self.pods
    }

    /// Documents that may hold objects nobody could read.
    #[must_use]
    pub fn unread(&self) -> &[&'a Document] {
        self.unread.documents()
    }
}
