//! The table of keys as a JSON Schema, for editors.

use seaworthy_object::Version;
use serde_json::{Map, Value, json};

use super::keys::{FLEET, POLICY_DOCUMENT};
use super::shape::Shape;

/// The JSON Schema of a Fleet document (draft 2020-12).
#[must_use]
pub fn schema() -> Value {
    document(&FLEET, "Fleet document of Seaworthy")
}

/// The JSON Schema of a Policy document (draft 2020-12).
#[must_use]
pub fn policy_schema() -> Value {
    document(&POLICY_DOCUMENT, "Policy document of Seaworthy")
}

fn document(of: &Shape, title: &str) -> Value {
    let mut schema = shape(of);
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        object.insert("title".to_owned(), json!(title));
    }
    schema
}

fn shape(it: &Shape) -> Value {
    match it {
        Shape::Text | Shape::Amount => json!({"type": ["string", "number"]}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Count => json!({"type": "integer", "minimum": 0}),
        Shape::Port => json!({"type": "integer", "minimum": 1, "maximum": 65535}),
        Shape::Date => json!({"type": "string", "format": "date"}),
        Shape::Version => json!({"type": ["string", "number"], "examples": [Version::NEWEST.to_string()]}),
        Shape::Word([word]) => json!({"const": word}),
        Shape::Word(words) => json!({"enum": words}),
        Shape::OpenWord(words) => json!({"type": "string", "examples": words}),
        Shape::List(item) => json!({"type": "array", "items": shape(item)}),
        Shape::Map(value) => json!({"type": "object", "additionalProperties": or_nothing(shape(value))}),
        Shape::OneOf(shapes) => json!({"anyOf": shapes.iter().map(shape).collect::<Vec<_>>()}),
        Shape::Anything => json!({}),
        Shape::Fields(keys) => {
            let mut properties = Map::new();
            for key in *keys {
                let mut property = shape(&key.shape);
                if let Some(object) = property.as_object_mut() {
                    object.insert("description".to_owned(), json!(key.about));
                }
                properties.insert(key.name.to_owned(), property);
            }
            let required: Vec<_> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
            json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
        }
    }
}

/// A name with nothing after it says that the thing is there.
fn or_nothing(mut value: Value) -> Value {
    if let Some(kind) = value.get_mut("type")
        && kind == "object"
    {
        *kind = json!(["object", "null"]);
    }
    value
}
