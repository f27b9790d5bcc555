//! The catalog of built-in kinds: what Kubernetes 1.11 to 1.37 serve, and the shapes of their objects.
//!
//! All versions are one model: a field carries the set of versions that have it, so an object is
//! judged once for any number of versions. The packed table is `data/schemas.bin`; its README names
//! the sources. Opening it reads the directory only, a type is decoded when it is first asked for.

mod descriptions;
mod index;
mod kind;
mod shape;
mod table;

use std::sync::OnceLock;

use seaworthy_document::{Mark, Node};

pub use descriptions::{Descriptions, DescriptionsError};
pub use kind::{GroupVersionKind, Kind, Role};
pub use shape::{Field, KnownValue, ListType, Shape, Type, TypeId};
pub use table::TableError;

use crate::object::split_api_version;
use index::Index;
use table::Table;

use crate::object::Object;

/// The schemas that come with the program.
static SCHEMAS: &[u8] = include_bytes!("../data/schemas.bin");

/// All built-in kinds and their types.
///
/// Immutable to its users: types are decoded behind a [`OnceLock`] each, so threads share one catalog.
#[derive(Debug)]
pub struct Catalog {
    table: Table,
    /// Sorted by group, version, kind.
    kinds: Vec<Kind>,
    /// The kinds by group, version and kind.
    index: Index,
    types: Vec<OnceLock<Type>>,
    /// Stands in for a type the table does not hold: it takes anything.
    unknown: Type,
}

impl Catalog {
    /// The catalog of the schemas that come with the program.
    ///
    /// A test opens the committed table and decodes all of it. Were it broken all the same, the
    /// catalog would be empty: every kind unknown, nothing refused.
    pub fn built_in() -> Self {
        Self::open(SCHEMAS).unwrap_or_else(|_| Self::of(Table::default(), Vec::new()))
    }

    /// Opens a packed table.
    ///
    /// # Errors
    /// The bytes are not a table of this format, or are damaged.
    pub fn open(bytes: &'static [u8]) -> Result<Self, TableError> {
        let (table, kinds) = Table::open(bytes)?;
        Ok(Self::of(table, kinds))
    }

    fn of(table: Table, kinds: Vec<Kind>) -> Self {
        let types = (0..table.type_count()).map(|_| OnceLock::new()).collect();
        let index = Index::of(kinds.iter().map(|it| hash(it.group, it.version, it.kind)));
        Self { table, kinds, index, types, unknown: Type::unknown() }
    }

    /// The kind of that name, if any version of Kubernetes defines it.
    pub fn kind(&self, group: &str, version: &str, kind: &str) -> Option<&Kind> {
        let mut candidates = self.index.candidates(hash(group, version, kind)).filter_map(|at| self.kinds.get(at));
        candidates.find(|it| it.kind == kind && it.version == version && it.group == group)
    }

    /// The kind of an `apiVersion` (`v1`, `apps/v1`) and a `kind` as they stand in a document.
    pub fn kind_of(&self, api_version: &str, kind: &str) -> Option<&Kind> {
        let (group, version) = split_api_version(api_version);
        self.kind(group, version, kind)
    }

    /// All kinds, sorted by group, version, kind.
    pub fn kinds(&self) -> impl ExactSizeIterator<Item = &Kind> {
        self.kinds.iter()
    }

    /// The kinds of that name in any group and version.
    pub fn kinds_named(&self, kind: &str) -> impl Iterator<Item = &Kind> {
        self.kinds.iter().filter(move |it| it.kind == kind)
    }

    /// The groups Kubernetes itself serves or served; the core group is the empty name.
    pub fn groups(&self) -> impl Iterator<Item = &'static str> {
        self.kinds.chunk_by(|left, right| left.group == right.group).filter_map(|kinds| Some(kinds.first()?.group))
    }

    /// Whether the group is one of Kubernetes' own, so that a kind it lacks does not exist.
    pub fn group_is_built_in(&self, group: &str) -> bool {
        self.kinds.binary_search_by(|it| it.group.cmp(group)).is_ok()
    }

    /// The type an id stands for.
    pub fn ty(&self, id: TypeId) -> &Type {
        let Some(slot) = self.types.get(id.index()) else { return &self.unknown };
        slot.get_or_init(|| self.table.read_type(id).unwrap_or_else(|_| Type::unknown()))
    }

    /// All types, sorted by name.
    pub fn types(&self) -> impl Iterator<Item = &Type> {
        (0..self.types.len()).filter_map(|index| Some(self.ty(TypeId(u16::try_from(index).ok()?))))
    }

    /// The type of a kind's objects.
    pub fn type_of(&self, kind: &Kind) -> &Type {
        self.ty(kind.ty)
    }

    /// What a value of an object of a built-in kind should look like, in the newest version that has its field.
    pub fn shape_at(&self, object: &Object<'_>, node: Node<'_>) -> Option<&Shape> {
        let mut shape: Option<&Shape> = None;
        for step in way(object, node) {
            let key = step.key().map(|it| it.text());
            shape = match shape {
                None => Some(&newest(self.root_type(object)?.fields(key?))?.shape),
                Some(Shape::Object(id)) => Some(&newest(self.ty(*id).fields(key?))?.shape),
                Some(Shape::List(inner) | Shape::Map(inner)) => Some(inner.as_ref()),
                Some(_) => return None,
            };
        }
        shape
    }

    /// The type of an object of a built-in kind, or of a mapping in it; none where its keys are free.
    pub fn type_at(&self, object: &Object<'_>, node: Node<'_>) -> Option<&Type> {
        if node == object.root() {
            return self.root_type(object);
        }
        match self.shape_at(object, node)? {
            Shape::Object(id) => Some(self.ty(*id)),
            _ => None,
        }
    }

    /// The field that a value of an object of a built-in kind stands under, or the list that it is an item of: its
    /// variants, one for each shape it had. Empty where there is no such field, and for free keys.
    pub fn fields_at(&self, object: &Object<'_>, node: Node<'_>) -> &[Field] {
        let (Some(parent), Some(key)) = (node.parent(), node.key()) else {
            let list = node.parent().filter(|it| it.is_sequence() && node != object.root());
            return list.map_or(&[], |list| self.fields_at(object, list));
        };
        self.type_at(object, parent).map_or(&[], |it| it.fields(key.text()))
    }

    fn root_type(&self, object: &Object<'_>) -> Option<&Type> {
        self.kind(object.group(), object.version(), object.kind()).map(|it| self.type_of(it))
    }

    /// Whether what is written for the type `old` reads as well as one of the type `new`: it has every field of the
    /// old one with the same shape, and wants none that the old one does not want.
    pub fn has_shape_of(&self, new: TypeId, old: TypeId) -> bool {
        let mut seen = Vec::new();
        self.is_shape(new, old, &mut seen)
    }

    fn is_shape(&self, new: TypeId, old: TypeId, seen: &mut Vec<(TypeId, TypeId)>) -> bool {
        if new == old || seen.contains(&(new, old)) {
            return true;
        }
        seen.push((new, old));
        let (newer, older) = (self.ty(new), self.ty(old));
        let wants_more = newer.all_fields().any(|field| {
            !field.required.is_empty() && older.fields(field.name).iter().all(|it| it.required.is_empty())
        });
        !wants_more
            && older
                .all_fields()
                .all(|field| newer.fields(field.name).iter().any(|it| self.is_same(&it.shape, &field.shape, seen)))
    }

    fn is_same(&self, new: &Shape, old: &Shape, seen: &mut Vec<(TypeId, TypeId)>) -> bool {
        match (new, old) {
            (Shape::Object(new), Shape::Object(old)) => self.is_shape(*new, *old, seen),
            (Shape::List(new), Shape::List(old)) | (Shape::Map(new), Shape::Map(old)) => self.is_same(new, old, seen),
            _ => new == old,
        }
    }

    /// The id of a definition by its full name, such as `io.k8s.api.core.v1.PodSpec`.
    pub fn type_named(&self, name: &str) -> Option<TypeId> {
        self.table.type_named(name)
    }
}

/// By what the index of kinds knows one.
fn hash(group: &str, version: &str, kind: &str) -> u32 {
    let [group, version, kind] = [group, version, kind].map(|it| Mark::of(it).number());
    kind ^ version.rotate_left(8) ^ group.rotate_left(16)
}

/// The nodes from an object to a value in it, without the object itself.
fn way<'a>(object: &Object<'a>, node: Node<'a>) -> impl Iterator<Item = Node<'a>> {
    let is_inside = |it: &Node<'_>| *it != object.root();
    let way: Vec<Node<'_>> = std::iter::successors(Some(node), Node::parent).take_while(is_inside).collect();
    way.into_iter().rev()
}

/// The variant of a field that the newest version has.
fn newest(variants: &[Field]) -> Option<&Field> {
    variants.iter().max_by_key(|it| it.versions.newest())
}

impl Default for Catalog {
    fn default() -> Self {
        Self::built_in()
    }
}

#[cfg(test)]
mod tests;
