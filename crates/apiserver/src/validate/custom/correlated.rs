//! What of a custom resource was there before it changed: of what did not change, servers let faults pass (ratcheting).
//!
//! k8s.io/apiserver, pkg/cel/common/equality.go (`CorrelatedObject`).

use std::cell::Cell;
use std::collections::HashMap;

use super::item::{Data, Item};
use super::schema::{ListType, Schema, SchemaId, Schemas};

/// A value, and the one whose place it takes.
pub(super) struct Correlated<'c> {
    new: &'c Item<'c>,
    pub(super) old: &'c Item<'c>,
    schema: SchemaId,
    /// Whether they are alike, once that was asked.
    alike: Cell<Option<bool>>,
}

impl<'c> Correlated<'c> {
    pub(super) fn new(new: &'c Item<'c>, old: &'c Item<'c>, schema: SchemaId) -> Self {
        Self { new, old, schema, alike: Cell::new(None) }
    }

    /// The value under a key, where both have one and the schema knows it.
    pub(super) fn key(&self, key: &str, new: &'c Item<'c>, schemas: &Schemas) -> Option<Self> {
        let schema = schemas.get(self.schema)?.under(key)?;
        Some(Self::new(new, self.old.get(key)?, schema))
    }

    /// The items of the list that it was.
    pub(super) fn items(&self, schemas: &Schemas) -> Former<'c> {
        schemas.get(self.schema).map_or_else(Former::default, |schema| Former::of(Some(self.old), schema))
    }

    /// An item of the list that it is.
    pub(super) fn item(&self, former: &Former<'c>, new: &'c Item<'c>, schemas: &Schemas) -> Option<Self> {
        let schema = schemas.get(self.schema)?;
        Some(Self::new(new, former.get(new, schema)?, schema.items?))
    }

    /// Whether nothing of it changed (`CachedDeepEqual`).
    pub(super) fn is_unchanged(&self, schemas: &Schemas) -> bool {
        let alike = self.alike.get().unwrap_or_else(|| alike(self.new, self.old, Some(self.schema), schemas));
        self.alike.set(Some(alike));
        alike
    }
}

/// Whether two values are alike to servers, which do not know again what the schema does not name, but know items by
/// their keys in any order.
fn alike(new: &Item<'_>, old: &Item<'_>, schema: Option<SchemaId>, schemas: &Schemas) -> bool {
    let schema = schema.and_then(|id| schemas.get(id));
    match (&new.data, &old.data) {
        (Data::Map(entries), Data::Map(were)) => {
            let is_alike = |key: &str, value: &Item<'_>| {
                let (old, id) = (old.get(key), schema.and_then(|it| it.under(key)));
                old.is_some_and(|old| id.is_some() && alike(value, old, id, schemas))
            };
            entries.len() == were.len() && entries.iter().all(|(key, value)| is_alike(key, value))
        }
        (Data::List(items), Data::List(were)) => match schema {
            Some(schema) if schema.limits().list_type == ListType::Map && !items.is_empty() => {
                let former = Former::of(Some(old), schema);
                let is_alike = |new| former.get(new, schema).is_some_and(|old| alike(new, old, schema.items, schemas));
                items.len() == were.len() && items.iter().all(is_alike)
            }
            _ => new == old,
        },
        _ => new == old,
    }
}

/// The items of a list before it changed, by what tells them apart (`makeMapList`); those of other lists nobody knows
/// again.
#[derive(Default)]
pub(super) struct Former<'o>(HashMap<String, &'o Item<'o>>);

impl<'o> Former<'o> {
    pub(super) fn of(old: Option<&'o Item<'o>>, schema: &Schema) -> Self {
        let mut items = HashMap::new();
        if let Some(Data::List(list)) = old.map(|it| &it.data)
            && schema.limits().list_type == ListType::Map
        {
            items.extend(list.iter().map(|it| (Self::name(it, schema), it)));
        }
        Self(items)
    }

    pub(super) fn get(&self, item: &Item<'_>, schema: &Schema) -> Option<&'o Item<'o>> {
        if self.0.is_empty() { None } else { self.0.get(&Self::name(item, schema)).copied() }
    }

    fn name(item: &Item<'_>, schema: &Schema) -> String {
        let keys = schema.limits().list_keys.iter();
        keys.map(|key| item.get(key).map_or_else(String::new, Item::json) + ",").collect()
    }
}

/// Whose sameness lets a fault pass: that of the value, or where servers do not know it again, that of the nearest one
/// around it that they do (`ratchetingOptions`).
#[derive(Clone, Copy, Default)]
pub(super) struct Ratchet<'w, 'c> {
    pub(super) current: Option<&'w Correlated<'c>>,
    around: Option<&'w Correlated<'c>>,
}

impl<'w, 'c> Ratchet<'w, 'c> {
    /// That of a whole object.
    pub(super) fn of(object: Option<&'w Correlated<'c>>) -> Self {
        Self { current: object, around: None }
    }

    /// That of a value in it, of which this is known.
    pub(super) fn inner<'i>(self, inner: Option<&'i Correlated<'c>>) -> Ratchet<'i, 'c>
    where
        'w: 'i,
    {
        match self.current {
            Some(current) => Ratchet { current: inner, around: Some(current) },
            None => self,
        }
    }

    /// `shouldRatchetError`
    pub(super) fn lets_pass(self, schemas: &Schemas) -> bool {
        self.current.or(self.around).is_some_and(|it| it.is_unchanged(schemas))
    }
}
