//! The merged model: every definition once, each field with the versions in which it has its shape.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::definition::{ListType, Property, Shape, reference};
use super::sources::Definitions;
use super::{bit, since};
use crate::Result;

/// All versions, merged.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) types: BTreeMap<String, Type>,
    /// Group, version and kind to the definition and the versions that define it.
    pub(crate) kinds: BTreeMap<(String, String, String), (String, u32)>,
}

/// One definition over all versions.
#[derive(Default)]
pub(crate) struct Type {
    pub(crate) versions: u32,
    /// A field has as many variants as it had shapes.
    pub(crate) fields: BTreeMap<String, Vec<Field>>,
}

/// A field while it has one shape.
pub(crate) struct Field {
    pub(crate) shape: Shape,
    pub(crate) versions: u32,
    /// Versions in which the server refuses an object without it.
    pub(crate) required: u32,
    /// Each value with its versions, in the order the server prints them.
    pub(crate) values: Vec<(String, u32)>,
    pub(crate) default: Option<String>,
    pub(crate) list_type: Option<ListType>,
}

impl Model {
    /// Adds the definitions of a version; versions come oldest first, the newest has the last word
    /// on defaults and list types.
    pub(crate) fn add(&mut self, minor: u8, definitions: &Definitions) -> Result<()> {
        for (name, definition) in definitions.iter().filter(|(_, it)| reference(it).is_none()) {
            self.add_kinds(minor, name, definition);
            let is_kind = definition.get("x-kubernetes-group-version-kind").is_some();
            let ty = self.types.entry(name.clone()).or_default();
            ty.versions |= bit(minor);
            let Some(properties) = definition.get("properties").and_then(Value::as_object) else { continue };
            for (field, schema) in properties {
                let mut property = Property::read(schema, definitions)?;
                if is_kind && matches!(field.as_str(), "apiVersion" | "kind") {
                    // The newest repackaging pins these two to the kind; no server checks them so.
                    property.values.clear();
                }
                ty.add(minor, field, property);
            }
        }
        Ok(())
    }

    fn add_kinds(&mut self, minor: u8, name: &str, definition: &Value) {
        let listed = definition.get("x-kubernetes-group-version-kind").and_then(Value::as_array);
        let kinds = listed.map(Vec::as_slice).unwrap_or_default();
        for kind in kinds {
            let text = |key| kind.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let key = (text("group"), text("version"), text("kind"));
            // DeleteOptions, Status and WatchEvent name every group that uses them.
            if kinds.len() > 1 && (key.0.as_str(), key.1.as_str()) != ("", "v1") {
                continue;
            }
            let entry = self.kinds.entry(key).or_default();
            entry.0 = name.to_owned();
            entry.1 |= bit(minor);
        }
    }

    /// Older schemas have no enums (1.23 alone has some). Their versions are judged by the rules of
    /// 1.30, so they take its values, and those 1.23 had beside.
    pub(crate) fn spread_enumerations(&mut self) {
        let judged_alike = !since(30);
        for field in self.types.values_mut().flat_map(|it| it.fields.values_mut()).flatten() {
            field.values.sort();
            for (_, versions) in &mut field.values {
                if *versions & (bit(23) | bit(30)) != 0 {
                    *versions |= field.versions & judged_alike;
                }
                *versions &= field.versions;
            }
        }
    }

    /// Drops the definitions no kind leads to.
    pub(crate) fn keep_reachable<'a>(&mut self, roots: impl Iterator<Item = &'a str>) {
        let mut kept = BTreeSet::new();
        let mut open: Vec<String> = roots.map(str::to_owned).collect();
        while let Some(name) = open.pop() {
            let Some(ty) = self.types.get(&name) else { continue };
            if kept.insert(name) {
                open.extend(ty.fields.values().flatten().filter_map(|field| field.shape.object()).map(str::to_owned));
            }
        }
        self.types.retain(|name, _| kept.contains(name));
    }
}

impl Shape {
    /// The definition at the bottom of lists and maps.
    fn object(&self) -> Option<&str> {
        match self {
            Self::Scalar(_) => None,
            Self::Object(name) => Some(name),
            Self::List(inner) | Self::Map(inner) => inner.object(),
        }
    }
}

impl Type {
    fn add(&mut self, minor: u8, name: &str, property: Property) {
        let variants = self.fields.entry(name.to_owned()).or_default();
        let index = variants.iter().position(|it| it.shape == property.shape).unwrap_or_else(|| {
            variants.push(Field::of(property.shape.clone()));
            variants.len() - 1
        });
        let Some(field) = variants.get_mut(index) else { return };
        field.versions |= bit(minor);
        for value in property.values {
            *field.value(&value) |= bit(minor);
        }
        field.default = property.default.or(field.default.take());
        field.list_type = property.list_type.or(field.list_type.take());
    }
}

impl Field {
    pub(crate) fn of(shape: Shape) -> Self {
        Self { shape, versions: 0, required: 0, values: Vec::new(), default: None, list_type: None }
    }
    /// The versions of a value.
    #[allow(clippy::indexing_slicing, reason = "the index was just found or made")]
    pub(crate) fn value(&mut self, value: &str) -> &mut u32 {
        let index = self.values.iter().position(|(it, _)| it == value).unwrap_or_else(|| {
            self.values.push((value.to_owned(), 0));
            self.values.len() - 1
        });
        &mut self.values[index].1
    }
}
