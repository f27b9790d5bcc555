//! Objects in objects: `x-kubernetes-embedded-resource`.
//!
//! k8s.io/apiextensions-apiserver, pkg/apiserver/schema/objectmeta.

use super::super::meta;
use super::super::names::Form;
use super::super::value::Value;
use super::item::{Data, Item};
use super::schema::{Schema, SchemaId, Schemas};

/// Validates type and metadata of each embedded object.
pub(super) fn validate(object: Value<'_>, item: &Item<'_>, schema: SchemaId, schemas: &Schemas) {
    if let Some(schema) = schemas.get(schema) {
        Embedded { object, schemas }.value(item, schema, "");
    }
}

struct Embedded<'s, 'r> {
    object: Value<'r>,
    schemas: &'s Schemas,
}

impl Embedded<'_, '_> {
    fn value(&self, item: &Item<'_>, schema: &Schema, path: &str) {
        match &item.data {
            Data::Map(entries) => {
                if schema.embedded {
                    self.resource(item, path);
                }
                for (key, value) in entries {
                    let (id, dot) = match (schema.property(key), schema.other_property()) {
                        (Some(id), _) => (id, true),
                        (None, Some(id)) => (id, false),
                        (None, None) => continue,
                    };
                    if matches!(value.data, Data::Map(_) | Data::List(_))
                        && let Some(inner) = self.schemas.get(id)
                    {
                        let path = match (dot, path.is_empty()) {
                            (true, true) => key.to_string(),
                            (true, false) => format!("{path}.{key}"),
                            (false, _) => format!("{path}[{key}]"),
                        };
                        self.value(value, inner, &path);
                    }
                }
            }
            Data::List(items) => {
                let Some(inner) = schema.items.and_then(|id| self.schemas.get(id)) else { return };
                for (index, value) in items.iter().enumerate() {
                    self.value(value, inner, &format!("{path}[{index}]"));
                }
            }
            _ => {}
        }
    }

    /// `validateEmbeddedResource`
    fn resource(&self, item: &Item<'_>, path: &str) {
        let Some(embedded) = self.object.value_at(item.node) else { return };
        let at = |key: &'static str| {
            let address = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            embedded.get(key).named(address)
        };
        for key in ["apiVersion", "kind"] {
            let field = at(key);
            match item.get(key) {
                None => field.required(""),
                Some(value) if value.as_str().is_none() => {
                    field.invalid_shown(&value.shown(field.run()), "must be a string")
                }
                Some(value) if value.as_str() == Some("") => field.invalid_text("", "must not be empty"),
                Some(_) => {}
            }
        }
        let version = item.get("apiVersion").and_then(Item::as_str).unwrap_or("");
        if version.matches('/').count() > 1 {
            at("apiVersion").invalid_text(version, &format!("unexpected GroupVersion string: {version}"));
        }
        let kind = item.get("kind").and_then(Item::as_str).unwrap_or("");
        let faults = Form::Label1035.faults(&kind.to_lowercase());
        if !kind.is_empty() && !faults.is_empty() {
            let detail = format!("may have mixed case, but should otherwise match: {}", faults.join(","));
            at("kind").invalid_text(kind, &detail);
        }
        if item.get("metadata").is_some() {
            meta::embedded(embedded);
        }
    }
}
