//! Objects by group-kind, namespace and name.

use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use foldhash::fast::FoldHasher;
use foldhash::{HashMap, SharedSeed};
use seaworthy_object::Object;

use crate::Fleet;

/// Where the objects of an identity or of a kind are, by hash; who looks them up compares what he finds.
#[derive(Default)]
pub(crate) struct Index {
    by_identity: HashMap<u64, Vec<u32>>,
    by_kind: HashMap<u64, Vec<u32>>,
    /// By group, kind and name, whatever the namespace; made when it is first asked for.
    by_name: OnceLock<HashMap<u64, Vec<u32>>>,
}

impl<'a> Fleet<'a> {
    pub(crate) fn index_objects(&mut self) {
        for (at, object) in self.objects.iter().enumerate() {
            let id = u32::try_from(at).unwrap_or(u32::MAX);
            let of = object.group_kind();
            let identity = hash((of.group, of.kind, object.namespace(), object.name()));
            self.index.by_identity.entry(identity).or_default().push(id);
            self.index.by_kind.entry(hash((of.group, of.kind))).or_default().push(id);
        }
    }

    /// The objects of a group and kind, in the order they would be applied.
    pub fn of_kind<'q>(&'q self, group: &'q str, kind: &'q str) -> impl Iterator<Item = &'a Object<'a>> + use<'a, 'q> {
        self.found(self.index.by_kind.get(&hash((group, kind)))).filter(move |object| object.is(group, kind))
    }

    /// The objects of a group, kind and name in any namespace, in the order they would be applied.
    pub fn of_name<'q>(
        &'q self,
        group: &'q str,
        kind: &'q str,
        name: &'q str,
    ) -> impl Iterator<Item = &'a Object<'a>> + use<'a, 'q> {
        let by_name = self.index.by_name.get_or_init(|| {
            let mut by_name: HashMap<u64, Vec<u32>> = HashMap::default();
            for (id, object) in (0u32..).zip(&self.objects) {
                let of = object.group_kind();
                by_name.entry(hash((of.group, of.kind, object.name()))).or_default().push(id);
            }
            by_name
        });
        self.found(by_name.get(&hash((group, kind, name))))
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
        let ids = self.index.by_identity.get(&hash((group, kind, namespace, name)));
        self.found(ids)
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
        object.name().is_empty()
            || self
                .object(of.group, of.kind, object.namespace(), object.name())
                .is_none_or(|last| last.root() == object.root())
    }

    fn found<'q>(&'q self, ids: Option<&'q Vec<u32>>) -> impl DoubleEndedIterator<Item = &'a Object<'a>> + use<'a, 'q> {
        ids.into_iter().flatten().filter_map(|&id| self.objects.get(id as usize).copied())
    }
}

/// A hash that holds within this process: its seed is drawn when the process starts, so that nobody can choose names
/// that fall together.
pub(crate) fn hash(identity: impl Hash) -> u64 {
    let mut hasher = FoldHasher::with_seed(0, SharedSeed::global_random());
    identity.hash(&mut hasher);
    hasher.finish()
}
