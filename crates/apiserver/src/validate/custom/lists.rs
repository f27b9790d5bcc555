//! Lists whose items must differ: `x-kubernetes-list-type` `set` and `map`.
//!
//! k8s.io/apiextensions-apiserver, pkg/apiserver/schema/listtype.

use seaworthy_source::order;

use std::borrow::Cow;
use std::collections::HashMap;

use super::item::{Data, Item};
use super::schema::{ListType, Schema, SchemaId, Schemas};

/// What is said of an item: its address, and its words.
pub(super) struct Said<'i> {
    pub(super) item: &'i Item<'i>,
    pub(super) path: String,
    /// What stands twice; none for an item that is no object.
    pub(super) twice: Option<Item<'i>>,
}

/// `ValidateListSetsAndMaps`
pub(super) fn validate<'i>(item: &'i Item<'i>, schema: SchemaId, schemas: &Schemas) -> Vec<Said<'i>> {
    let mut lists = Lists { schemas, path: String::new(), said: Vec::new() };
    lists.value(item, schemas.get(schema));
    lists.said
}

struct Lists<'s, 'i> {
    schemas: &'s Schemas,
    path: String,
    said: Vec<Said<'i>>,
}

impl<'i> Lists<'_, 'i> {
    fn value(&mut self, item: &'i Item<'i>, schema: Option<&Schema>) {
        let Some(schema) = schema else { return };
        let length = self.path.len();
        match &item.data {
            Data::Map(entries) => {
                for (key, value) in entries {
                    // A property that is listed and others alike have two schemas.
                    for (id, bracket) in [(schema.other_property(), true), (schema.property(key), false)] {
                        let Some(id) = id else { continue };
                        match (bracket, self.path.is_empty()) {
                            (true, _) => self.path.push_str(&format!("[{key}]")),
                            (false, true) => self.path.push_str(key),
                            (false, false) => self.path.push_str(&format!(".{key}")),
                        }
                        self.value(value, self.schemas.get(id));
                        self.path.truncate(length);
                    }
                }
            }
            Data::List(items) => {
                match schema.limits().list_type {
                    ListType::Atomic => {}
                    ListType::Set => self.set(items),
                    ListType::Map => self.map(items, &schema.limits().list_keys),
                }
                if let Some(id) = schema.items {
                    for (index, value) in items.iter().enumerate() {
                        self.path.push_str(&format!("[{index}]"));
                        self.value(value, self.schemas.get(id));
                        self.path.truncate(length);
                    }
                }
            }
            _ => {}
        }
    }

    fn set(&mut self, items: &'i [Item<'i>]) {
        let mut seen = HashMap::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            self.again(&mut seen, item, item, index);
        }
    }

    fn map(&mut self, items: &'i [Item<'i>], keys: &[Box<str>]) {
        let no_object = |it: &&Item<'_>| !matches!(it.data, Data::Map(_) | Data::Null);
        if let Some((index, item)) = items.iter().enumerate().find(|(_, it)| no_object(it)) {
            self.said.push(Said { item, path: format!("{}[{index}]", self.path), twice: None });
            return;
        }
        let mut seen = HashMap::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let given = keys.iter().filter_map(|key| Some((Cow::Owned(key.to_string()), item.get(key)?.clone())));
            let mut given: Vec<(Cow<'i, str>, Item<'i>)> = given.collect();
            order::sort_by(&mut given, &mut |(left, _), (right, _)| left.cmp(right));
            let key = Item { node: item.node, data: Data::Map(given) };
            self.again(&mut seen, &key, item, index);
        }
    }

    /// The second of equal ones is told, not those after it.
    fn again(&mut self, seen: &mut HashMap<String, usize>, key: &Item<'i>, item: &'i Item<'i>, index: usize) {
        let times = seen.entry(key.json()).or_default();
        *times += 1;
        if *times == 2 {
            self.said.push(Said { item, path: format!("{}[{index}]", self.path), twice: Some(key.clone()) });
        }
    }
}
