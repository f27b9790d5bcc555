//! Objects by group-kind, namespace and name.

use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use foldhash::fast::FoldHasher;
use foldhash::{HashMap, SharedSeed};
use seaworthy_object::Object;
use seaworthy_source::order;

use crate::Fleet;
use crate::nearest::siblings;
use crate::ordered::{Placed, insert, remove_under};
use crate::reads::Key;

type Table<'a> = HashMap<u64, Vec<&'a Object<'a>>>;

/// The objects of an identity or of a kind, by hash; who looks them up compares what he finds.
#[derive(Default)]
pub(crate) struct Index<'a> {
    by_identity: Table<'a>,
    by_kind: Table<'a>,
    /// How many definitions there are beside the first ones of their objects.
    repeated: usize,
    /// By group, kind and name, whatever the namespace; made when it is first asked for.
    by_name: OnceLock<Table<'a>>,
    /// By group, kind and namespace; made when it is first asked for.
    by_namespace: OnceLock<Table<'a>>,
    /// By kind, whatever the group; made when it is first asked for.
    by_any_group: OnceLock<Table<'a>>,
    /// By the namespace they live in; made when it is first asked for.
    within: OnceLock<HashMap<&'a str, Vec<&'a Object<'a>>>>,
}

impl<'a> Index<'a> {
    pub(crate) fn of(objects: &[&'a Object<'a>]) -> Self {
        let mut index = Self::default();
        for &object in objects {
            let definitions = index.by_identity.entry(identity(object)).or_default();
            index.repeated += usize::from(!definitions.is_empty());
            definitions.push(object);
            index.by_kind.entry(kind(object)).or_default().push(object);
        }
        index
    }

    /// True if there is a definition of an object of this identity.
    pub(crate) fn has(&self, object: &Object<'_>) -> bool {
        self.by_identity.contains_key(&identity(object))
    }

    /// Those of all objects of whose identity there is another definition.
    pub(crate) fn repeated<'i>(&'i self, objects: &'i [&'a Object<'a>]) -> impl Iterator<Item = &'a Object<'a>> {
        let is_repeated = |it: &&Object<'_>| self.by_identity.get(&identity(it)).is_some_and(|it| it.len() > 1);
        let objects = if self.repeated == 0 { &[][..] } else { objects };
        objects.iter().copied().filter(is_repeated)
    }

    pub(crate) fn insert(&mut self, object: &'a Object<'a>) {
        let definitions = self.by_identity.entry(identity(object)).or_default();
        self.repeated += usize::from(!definitions.is_empty());
        insert(definitions, object);
        insert(self.by_kind.entry(kind(object)).or_default(), object);
        if let Some(by_name) = self.by_name.get_mut() {
            insert(by_name.entry(name(object)).or_default(), object);
        }
        if let Some(by_namespace) = self.by_namespace.get_mut() {
            insert(by_namespace.entry(siblings(object)).or_default(), object);
        }
        if let Some(by_any_group) = self.by_any_group.get_mut() {
            insert(by_any_group.entry(hash(object.kind())).or_default(), object);
        }
        if let (Some(within), Some(namespace)) = (self.within.get_mut(), object.namespace()) {
            insert(within.entry(namespace).or_default(), object);
        }
    }

    pub(crate) fn remove(&mut self, object: &'a Object<'a>) {
        let order = object.order();
        remove_under(&mut self.by_identity, &identity(object), order);
        self.repeated = self.repeated.saturating_sub(usize::from(self.has(object)));
        remove_under(&mut self.by_kind, &kind(object), order);
        if let Some(by_name) = self.by_name.get_mut() {
            remove_under(by_name, &name(object), order);
        }
        if let Some(by_namespace) = self.by_namespace.get_mut() {
            remove_under(by_namespace, &siblings(object), order);
        }
        if let Some(by_any_group) = self.by_any_group.get_mut() {
            remove_under(by_any_group, &hash(object.kind()), order);
        }
        if let (Some(within), Some(namespace)) = (self.within.get_mut(), object.namespace()) {
            remove_under(within, &namespace, order);
        }
    }
}

fn identity(object: &Object<'_>) -> u64 {
    let of = object.group_kind();
    hash((of.group, of.kind, object.namespace(), object.name()))
}

fn kind(object: &Object<'_>) -> u64 {
    let of = object.group_kind();
    hash((of.group, of.kind))
}

fn name(object: &Object<'_>) -> u64 {
    let of = object.group_kind();
    hash((of.group, of.kind, object.name()))
}

/// The objects of a group and kind, of one hash.
///
/// A type of its own: loops over them are many, and would have adapters of their own each.
#[derive(Clone)]
pub struct OfKind<'q, 'a> {
    rest: std::slice::Iter<'q, &'a Object<'a>>,
    group: &'q str,
    kind: &'q str,
}

impl<'a> Iterator for OfKind<'_, 'a> {
    type Item = &'a Object<'a>;

    #[inline(never)]
    fn next(&mut self) -> Option<&'a Object<'a>> {
        let (group, kind) = (self.group, self.kind);
        self.rest.by_ref().copied().find(|object| object.is(group, kind))
    }
}

impl<'a> Fleet<'a> {
    /// The objects of a group and kind, in the order they would be applied.
    pub fn of_kind<'q>(&'q self, group: &'q str, kind: &'q str) -> OfKind<'q, 'a> {
        self.reads.key(Key::Kind(group, kind));
        let objects = self.index.by_kind.get(&hash((group, kind)));
        OfKind { rest: objects.map_or(&[] as &[_], Vec::as_slice).iter(), group, kind }
    }

    /// The objects of a group and kind in a namespace, in the order they would be applied.
    pub fn of_kind_in<'q>(
        &'q self,
        group: &'q str,
        kind: &'q str,
        namespace: Option<&'q str>,
    ) -> impl Iterator<Item = &'a Object<'a>> + use<'a, 'q> {
        self.reads.key(Key::KindIn(group, kind, namespace));
        let by_namespace = self.index.by_namespace.get_or_init(|| table(&self.objects, siblings));
        found(by_namespace.get(&hash((group, kind, namespace))))
            .filter(move |object| object.is(group, kind) && object.namespace() == namespace)
    }

    /// The objects of a kind, whatever its group, in the order they would be applied.
    pub fn of_any_group<'q>(&'q self, kind: &'q str) -> impl Iterator<Item = &'a Object<'a>> + use<'a, 'q> {
        self.reads.key(Key::AnyGroup(kind));
        let by_kind = self.index.by_any_group.get_or_init(|| table(&self.objects, |it| hash(it.kind())));
        found(by_kind.get(&hash(kind))).filter(move |object| object.kind() == kind)
    }

    /// The namespaces that objects live in, sorted.
    #[must_use]
    pub fn namespaces(&self) -> Vec<&'a str> {
        self.reads.key(Key::Namespaces);
        let mut namespaces: Vec<&str> = self.within().keys().copied().collect();
        order::sort(&mut namespaces);
        namespaces
    }

    /// The objects that live in a namespace, in the order they would be applied.
    #[must_use]
    pub fn objects_in(&self, namespace: &str) -> &[&'a Object<'a>] {
        self.reads.key(Key::Within(namespace));
        self.within().get(namespace).map_or(&[], Vec::as_slice)
    }

    fn within(&self) -> &HashMap<&'a str, Vec<&'a Object<'a>>> {
        self.index.within.get_or_init(|| {
            let mut within: HashMap<&str, Vec<_>> = HashMap::default();
            for object in &self.objects {
                if let Some(namespace) = object.namespace() {
                    within.entry(namespace).or_default().push(*object);
                }
            }
            within
        })
    }

    /// The objects of a group, kind and name in any namespace, in the order they would be applied.
    pub fn of_name<'q>(
        &'q self,
        group: &'q str,
        kind: &'q str,
        name: &'q str,
    ) -> impl Iterator<Item = &'a Object<'a>> + use<'a, 'q> {
        self.reads.key(Key::Name(group, kind, name));
        let by_name = self.index.by_name.get_or_init(|| table(&self.objects, self::name));
        found(by_name.get(&hash((group, kind, name))))
            .filter(move |object| object.is(group, kind) && object.name() == name)
    }

    /// Every definition of an object, in the order they would be applied; the last one counts.
    pub fn definitions<'q>(
        &'q self,
        group: &'q str,
        kind: &'q str,
        namespace: Option<&'q str>,
        name: &'q str,
    ) -> impl DoubleEndedIterator<Item = &'a Object<'a>> + use<'a, 'q> {
        self.reads.key(Key::Identity(group, kind, namespace, name));
        found(self.index.by_identity.get(&hash((group, kind, namespace, name))))
            .filter(move |object| object.is(group, kind) && object.namespace() == namespace && object.name() == name)
    }

    /// An object by its identity: its last definition.
    #[must_use]
    pub fn object(&self, group: &str, kind: &str, namespace: Option<&str>, name: &str) -> Option<&'a Object<'a>> {
        self.definitions(group, kind, namespace, name).next_back()
    }

    /// True if no later object of the same identity replaces this one. Objects whose name the server makes are all
    /// there.
    #[must_use]
    pub fn is_last_definition(&self, object: &Object<'_>) -> bool {
        let of = object.group_kind();
        if self.index.repeated == 0 {
            self.reads.key(Key::Identity(of.group, of.kind, object.namespace(), object.name()));
            return true;
        }
        object.name().is_empty()
            || self
                .object(of.group, of.kind, object.namespace(), object.name())
                .is_none_or(|last| last.root() == object.root())
    }
}

fn table<'a>(objects: &[&'a Object<'a>], of: fn(&Object<'_>) -> u64) -> Table<'a> {
    let mut table = Table::default();
    for &object in objects {
        table.entry(of(object)).or_default().push(object);
    }
    table
}

fn found<'q, 'a>(
    list: Option<&'q Vec<&'a Object<'a>>>,
) -> impl DoubleEndedIterator<Item = &'a Object<'a>> + use<'a, 'q> {
    list.map_or(&[] as &[_], Vec::as_slice).iter().copied()
}

/// A hash that holds within this process: its seed is drawn when the process starts, so that nobody can choose names
/// that fall together.
pub(crate) fn hash(identity: impl Hash) -> u64 {
    let mut hasher = FoldHasher::with_seed(0, SharedSeed::global_random());
    identity.hash(&mut hasher);
    hasher.finish()
}
