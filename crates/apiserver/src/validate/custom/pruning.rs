//! What becomes of an object before it is validated: fields its schema does not have, nulls, defaults.
//!
//! k8s.io/apiextensions-apiserver, pkg/apiserver/schema/pruning and pkg/apiserver/schema/defaulting.

use std::borrow::Cow;

use seaworthy_document::Node;

use super::item::{Data, Item};
use super::schema::{Additional, Schema, SchemaId, Schemas};

/// What the server judges as metadata, whatever the schema says.
fn is_meta(key: &str) -> bool {
    matches!(key, "apiVersion" | "kind" | "metadata")
}

/// The fields an object has that its schema does not: strict decoding refuses them (`PruneWithOptions`).
pub(super) fn unknown_fields<'a>(root: Node<'a>, schemas: &Schemas, schema: SchemaId) -> Vec<Node<'a>> {
    unknown(root, schemas, schema, true)
}

/// The same of any value; `is_resource` is whether it has type and metadata.
pub(super) fn unknown<'a>(node: Node<'a>, schemas: &Schemas, schema: SchemaId, is_resource: bool) -> Vec<Node<'a>> {
    let mut found = Vec::new();
    Pruner { schemas }.prune(node, schemas.get(schema), is_resource, &mut found);
    found
}

/// The objects in an object that have type and metadata of their own (`objectmeta.Coerce`).
pub(super) fn embedded<'a>(root: Node<'a>, schemas: &Schemas, schema: SchemaId) -> Vec<Node<'a>> {
    let mut found = Vec::new();
    Pruner { schemas }.embedded(root, schema, &mut found);
    found
}

struct Pruner<'s> {
    schemas: &'s Schemas,
}

impl Pruner<'_> {
    fn of(&self, id: Option<SchemaId>) -> Option<&Schema> {
        self.schemas.get(id?)
    }

    fn prune<'a>(&self, node: Node<'a>, schema: Option<&Schema>, root: bool, found: &mut Vec<Node<'a>>) {
        let Some(schema) = schema else {
            found.extend(node.entries().map(|it| it.value));
            return node.items().for_each(|it| self.prune(it, None, false, found));
        };
        if schema.preserve {
            return self.preserved(node, schema, root, found);
        }
        for entry in node.entries() {
            let name = entry.name();
            if (root || schema.embedded) && is_meta(name) {
                continue;
            }
            match schema.property(name) {
                Some(id) => self.prune(entry.value, self.of(Some(id)), false, found),
                None if schema.additional == Additional::Unsaid => found.push(entry.value),
                None => self.prune(entry.value, self.of(schema.other_property()), false, found),
            }
        }
        let items = self.of(schema.items);
        node.items().for_each(|it| self.prune(it, items, false, found));
    }

    fn embedded<'a>(&self, node: Node<'a>, id: SchemaId, found: &mut Vec<Node<'a>>) {
        let Some(schema) = self.schemas.get(id) else { return };
        if schema.embedded && node.is_mapping() {
            found.push(node);
        }
        for entry in node.entries().filter(|it| it.value.is_mapping() || it.value.is_sequence()) {
            if let Some(id) = schema.under(entry.name()) {
                self.embedded(entry.value, id, found);
            }
        }
        if let Some(id) = schema.items {
            node.items().for_each(|it| self.embedded(it, id, found));
        }
    }

    /// What a schema keeps is looked at where it says more of it (`skipPrune`).
    fn preserved<'a>(&self, node: Node<'a>, schema: &Schema, root: bool, found: &mut Vec<Node<'a>>) {
        for entry in node.entries() {
            let name = entry.name();
            if (root || schema.embedded) && is_meta(name) {
                continue;
            }
            match schema.property(name) {
                Some(id) => self.prune(entry.value, self.of(Some(id)), false, found),
                None if schema.additional == Additional::Unsaid => {}
                None => self.prune(entry.value, self.of(schema.other_property()), false, found),
            }
        }
        if let Some(items) = self.of(schema.items) {
            node.items().for_each(|it| self.preserved(it, items, false, found));
        }
    }
}

/// The schema of a value under a schema.
fn of(schemas: &Schemas, id: Option<SchemaId>) -> Option<&Schema> {
    schemas.get(id?)
}

/// Takes out nulls where the schema has no null and no default (`PruneNonNullableNullsWithoutDefaults`).
pub(super) fn drop_nulls(item: &mut Item<'_>, schema: &Schema, schemas: &Schemas) {
    match &mut item.data {
        Data::Map(entries) => {
            entries.retain(|(key, value)| {
                let under = of(schemas, schema.under(key));
                !(value.is_null() && under.is_some_and(|it| !it.nullable && it.limits().default.is_none()))
            });
            for (key, value) in entries {
                if let Some(under) = of(schemas, schema.under(key)) {
                    drop_nulls(value, under, schemas);
                }
            }
        }
        Data::List(items) => {
            if let Some(under) = of(schemas, schema.items) {
                items.iter_mut().for_each(|it| drop_nulls(it, under, schemas));
            }
        }
        _ => {}
    }
}

/// Puts in the defaults of what is absent, or null where that is not allowed (`Default`).
pub(super) fn set_defaults<'i>(item: &mut Item<'i>, schema: &'i Schema, schemas: &'i Schemas) {
    let node = item.node;
    let is_bare = |item: &Item<'_>, schema: &Schema| item.is_null() && !schema.nullable;
    match &mut item.data {
        Data::Map(entries) => {
            for (name, id) in &schema.properties {
                let Some(under) = schemas.get(*id) else { continue };
                let Some(default) = &under.limits().default else { continue };
                match entries.binary_search_by(|(it, _)| (**it).cmp(&**name)) {
                    Ok(at) => {
                        if let Some((_, value)) = entries.get_mut(at).filter(|(_, it)| is_bare(it, under)) {
                            *value = default.placed(value.node);
                        }
                    }
                    Err(at) => entries.insert(at, (Cow::Borrowed(&**name), default.placed(node))),
                }
            }
            for (key, value) in entries {
                let Some(under) = of(schemas, schema.under(key)) else { continue };
                if schema.property(key).is_none() {
                    set_bare(value, under);
                }
                set_defaults(value, under, schemas);
            }
        }
        Data::List(items) => {
            let Some(under) = of(schemas, schema.items) else { return };
            for value in items {
                set_bare(value, under);
                set_defaults(value, under, schemas);
            }
        }
        _ => {}
    }
}

/// A null that is not allowed becomes the default, where there is one.
fn set_bare<'i>(value: &mut Item<'i>, schema: &'i Schema) {
    if value.is_null()
        && !schema.nullable
        && let Some(default) = &schema.limits().default
    {
        *value = default.placed(value.node);
    }
}
