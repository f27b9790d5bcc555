//! What refers to what: one list of typed references that rules, tables and the editor read alike.
//!
//! A [`Reference`] names its other end, a [`Selection`] asks for it by labels. Where they stand in a manifest is a
//! table (`relations/tables.rs`); nothing else in the program walks a manifest to find them.

mod tables;
mod walk;

use std::fmt;
use std::sync::OnceLock;

use foldhash::HashMap;
use seaworthy_document::Node;
use seaworthy_object::{Field, Object, Selector};

use crate::Fleet;
use crate::index::hash;
use crate::ordered::{Placed, insert, remove_under};
use crate::reads::Key;

pub use walk::{references, selections};

/// How one thing leans on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Asks for pods by their labels: a Service, a budget, a policy.
    Selects,
    /// Puts it into a pod's file system.
    Mounts,
    /// Names it.
    Refers,
    /// Makes it, and takes it along when it goes.
    Owns,
    /// Sets its size.
    Scales,
    /// Sends traffic to it.
    RoutesTo,
}

/// What the other end is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// A value of one environment variable.
    Variable,
    /// Environment variables from all its keys.
    Variables,
    /// Files or a disk in a pod.
    Volume,
    /// What a volume driver logs in with.
    VolumeLogin,
    /// What an image is pulled with.
    PullSecret,
    /// A Secret a service account's pods may use.
    AccountSecret,
    /// The account a pod runs under.
    Account,
    /// The account a token Secret is for.
    Token,
    /// Who is granted a role.
    Subject,
    /// The role that is granted.
    Role,
    /// The class of a pod, volume or Ingress.
    Class,
    /// A volume a claim is to be bound to, or a claim a volume is kept for.
    Binding,
    /// What a new volume is filled from.
    DataSource,
    /// The Service that names a StatefulSet's pods.
    Governing,
    /// Where traffic goes.
    Backend,
    /// A certificate.
    Certificate,
    /// Passwords that visitors give.
    Login,
    /// What is scaled.
    ScaleTarget,
    /// The Service behind a webhook or an aggregated API.
    Webhook,
    /// What a policy binding binds, or its parameters.
    Policy,
    /// Where a pod must run.
    Node,
    /// A device a pod asks for.
    Device,
    /// What owns an object.
    Owner,
    /// Parameters of a class.
    Parameters,
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Use::Variable => "environment variable",
            Use::Variables => "environment",
            Use::Volume => "volume",
            Use::VolumeLogin => "login of a volume",
            Use::PullSecret => "pull secret",
            Use::AccountSecret => "secret of a service account",
            Use::Account => "service account",
            Use::Token => "token",
            Use::Subject => "subject",
            Use::Role => "role",
            Use::Class => "class",
            Use::Binding => "binding",
            Use::DataSource => "data source",
            Use::Governing => "governing Service",
            Use::Backend => "backend",
            Use::Certificate => "certificate",
            Use::Login => "login",
            Use::ScaleTarget => "scale target",
            Use::Webhook => "webhook",
            Use::Policy => "policy",
            Use::Node => "node",
            Use::Device => "device",
            Use::Owner => "owner",
            Use::Parameters => "parameters",
        })
    }
}

/// An object named by another.
#[derive(Debug, Clone)]
pub struct Reference<'a> {
    /// How it leans on it.
    pub relation: Relation,
    /// What for.
    pub role: Use,
    /// Where the name is written.
    pub field: Field<'a>,
    /// The group of the other end.
    pub group: &'a str,
    /// The kind of the other end.
    pub kind: &'a str,
    /// The namespace of the other end; none if it is cluster-scoped.
    pub namespace: Option<&'a str>,
    /// The name of the other end.
    pub name: &'a str,
    /// Keys or ports of the other end that are named too.
    pub parts: Vec<Field<'a>>,
    /// True if things go on without it.
    pub optional: bool,
}

/// Pods asked for by their labels.
#[derive(Debug, Clone)]
pub struct Selection<'a> {
    /// Whether it owns them or only selects them.
    pub relation: Relation,
    /// What it asks; where it is written is the selector's own field.
    pub selector: Selector<'a>,
    /// Where it looks.
    pub namespace: Option<&'a str>,
}

impl<'a> Reference<'a> {
    /// The object that refers.
    #[must_use]
    pub fn object(&self) -> &'a Object<'a> {
        self.field.object()
    }

    /// True if it refers to this kind.
    #[must_use]
    pub fn is_to(&self, group: &str, kind: &str) -> bool {
        self.group == group && self.kind == kind
    }
}

/// `Secret default/db-creds`: the other end as a list of unknown references has it.
impl fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// All references of a fleet, found once.
#[derive(Default)]
pub(crate) struct Relations<'a> {
    /// By the root of the object that refers; objects that refer to nothing are not in it.
    of: HashMap<Node<'a>, Box<[Reference<'a>]>>,
    /// The objects that refer to a kind, and to an object, each once and in order.
    by_kind: HashMap<u64, Vec<&'a Object<'a>>>,
    by_identity: HashMap<u64, Vec<&'a Object<'a>>>,
}

impl<'a> Relations<'a> {
    fn of(objects: &[&'a Object<'a>]) -> Self {
        let mut relations = Self::default();
        for &object in objects {
            relations.learn(object, |list, object| {
                if list.last().is_none_or(|last| last.root() != object.root()) {
                    list.push(object);
                }
            });
        }
        relations
    }

    fn learn(&mut self, object: &'a Object<'a>, add: fn(&mut Vec<&'a Object<'a>>, &'a Object<'a>)) {
        let references = references(object).into_boxed_slice();
        for it in &references {
            add(self.by_kind.entry(hash((it.group, it.kind))).or_default(), object);
            add(self.by_identity.entry(hash((it.group, it.kind, it.namespace, it.name))).or_default(), object);
        }
        if !references.is_empty() {
            self.of.insert(object.root(), references);
        }
    }

    pub(crate) fn insert(&mut self, object: &'a Object<'a>) {
        self.learn(object, insert);
    }

    pub(crate) fn remove(&mut self, object: &'a Object<'a>) {
        let order = object.order();
        for it in self.of.remove(&object.root()).into_iter().flatten() {
            remove_under(&mut self.by_kind, &hash((it.group, it.kind)), order);
            remove_under(&mut self.by_identity, &hash((it.group, it.kind, it.namespace, it.name)), order);
        }
    }

    fn of_object(&self, object: &Object<'a>) -> &[Reference<'a>] {
        self.of.get(&object.root()).map_or(&[], |it| &**it)
    }

    fn found<'q>(&'q self, objects: Option<&'q Vec<&'a Object<'a>>>) -> impl Iterator<Item = &'q Reference<'a>> {
        objects.into_iter().flatten().flat_map(|it| self.of_object(it))
    }
}

pub(crate) type Cell<'a> = OnceLock<Relations<'a>>;

impl<'a> Fleet<'a> {
    fn relations(&self) -> &Relations<'a> {
        self.relations.get_or_init(|| Relations::of(&self.objects))
    }

    /// All references by name, in the order of the objects that refer.
    pub fn references(&self) -> impl Iterator<Item = &Reference<'a>> {
        self.objects().iter().flat_map(|it| self.relations().of_object(it))
    }

    /// The references of one object of the fleet, its pod's included.
    #[must_use]
    pub fn references_of(&self, object: &Object<'a>) -> &[Reference<'a>] {
        self.relations().of_object(object)
    }

    /// The references to objects of a kind, whether these are there or not.
    pub fn references_to(&self, group: &str, kind: &str) -> impl Iterator<Item = &Reference<'a>> {
        self.reads.key(Key::ReferencesTo(group, kind));
        let relations = self.relations();
        let (group, kind) = (group.to_owned(), kind.to_owned());
        let objects = relations.by_kind.get(&hash((group.as_str(), kind.as_str())));
        relations.found(objects).filter(move |it| it.is_to(&group, &kind))
    }

    /// The references to an object.
    pub fn referrers<'q>(&'q self, object: &'q Object<'q>) -> impl Iterator<Item = &'q Reference<'a>> {
        let of = object.group_kind();
        self.reads.key(Key::Referrers(of.group, of.kind, object.namespace(), object.name()));
        self.references_to_one(object)
    }

    fn references_to_one<'q>(&'q self, object: &'q Object<'q>) -> impl Iterator<Item = &'q Reference<'a>> {
        let of = object.group_kind();
        let relations = self.relations();
        let objects = relations.by_identity.get(&hash((of.group, of.kind, object.namespace(), object.name())));
        relations.found(objects).filter(move |it| {
            it.is_to(of.group, of.kind) && it.namespace == object.namespace() && it.name == object.name()
        })
    }

    /// True if a reference of some sort leads to an object, wherever it stands.
    #[must_use]
    pub fn is_referred_to(&self, object: &Object<'_>, sort: impl Fn(&Reference<'a>) -> bool) -> bool {
        let of = object.group_kind();
        self.reads.key(Key::Referred(of.group, of.kind, object.namespace(), object.name()));
        self.references_to_one(object).any(sort)
    }
}

#[cfg(test)]
mod tests;
