//! Reads one property of a definition: its shape, its values, its default, its list type.

use serde_json::Value;

use super::sources::Definitions;
use crate::Result;

/// What the JSON of a field must look like.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    Scalar(Scalar),
    Object(String),
    List(Box<Shape>),
    Map(Box<Shape>),
}

/// Shapes without parts; the discriminant is the tag in the packed table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Scalar {
    Boolean = 0,
    Int32 = 1,
    Int64 = 2,
    Number = 3,
    String = 4,
    Bytes = 5,
    Quantity = 6,
    IntOrString = 7,
    Time = 8,
    MicroTime = 9,
    Any = 10,
    RawExtension = 11,
    SchemaOrBool = 12,
    SchemaOrArray = 13,
    SchemaOrStrings = 14,
}

/// How a list merges: `x-kubernetes-list-type` and `x-kubernetes-list-map-keys`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListType {
    Atomic,
    Set,
    Map(Vec<String>),
}

/// One property as one version has it.
pub(crate) struct Property {
    pub(crate) shape: Shape,
    pub(crate) values: Vec<String>,
    pub(crate) default: Option<String>,
    pub(crate) list_type: Option<ListType>,
}

impl Property {
    pub(crate) fn read(schema: &Value, definitions: &Definitions) -> Result<Self> {
        let values = schema.get("enum").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let shape = shape(schema, definitions)?;
        // `""`, 0 and false only say that Go has a zero value there; `{}` tells a struct from a pointer.
        let says_much = |default: &&Value| matches!(shape, Shape::Object(_)) || !is_zero(default);
        let default = schema.get("default").filter(says_much).map(Value::to_string);
        Ok(Self {
            shape,
            values: values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            default,
            list_type: list_type(schema),
        })
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(it) => !it,
        Value::Number(it) => it.as_f64() == Some(0.0),
        Value::String(it) => it.is_empty(),
        Value::Array(it) => it.is_empty(),
        Value::Object(it) => it.is_empty(),
    }
}

fn list_type(schema: &Value) -> Option<ListType> {
    Some(match schema.get("x-kubernetes-list-type")?.as_str()? {
        "set" => ListType::Set,
        "map" => {
            let keys = schema.get("x-kubernetes-list-map-keys")?.as_array()?;
            ListType::Map(keys.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        }
        _ => ListType::Atomic,
    })
}

fn shape(schema: &Value, definitions: &Definitions) -> Result<Shape> {
    let one = schema.get("allOf").and_then(Value::as_array).and_then(|all| all.first());
    if let Some(name) = reference(one.unwrap_or(schema)) {
        return named(name, definitions);
    }
    let kind = match schema.get("type") {
        // Newer files write the type of an optional field as `["string", "null"]`.
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        Some(kind) => kind.as_str(),
        None => None,
    };
    let format = schema.get("format").and_then(Value::as_str);
    Ok(match (kind, format) {
        (Some("boolean"), _) => Shape::Scalar(Scalar::Boolean),
        (Some("integer"), Some("int32")) => Shape::Scalar(Scalar::Int32),
        (Some("integer"), _) => Shape::Scalar(Scalar::Int64),
        (Some("number"), _) => Shape::Scalar(Scalar::Number),
        (Some("string"), Some("byte")) => Shape::Scalar(Scalar::Bytes),
        (Some("string"), Some("date-time")) => Shape::Scalar(Scalar::Time),
        (Some("string"), _) => Shape::Scalar(Scalar::String),
        (Some("array"), _) => {
            let items = schema.get("items").ok_or("an array without items")?;
            Shape::List(Box::new(shape(items, definitions)?))
        }
        (Some("object"), _) => match schema.get("additionalProperties") {
            Some(values) => Shape::Map(Box::new(shape(values, definitions)?)),
            None => Shape::Scalar(Scalar::Any),
        },
        (None, _) => Shape::Scalar(Scalar::Any),
        (Some(other), _) => return Err(format!("unknown type {other}").into()),
    })
}

/// The definition name a `$ref` points to, in the words of OpenAPI v2 and v3.
pub(crate) fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}

/// The shape of a named definition: Kubernetes reads some types in ways of their own.
fn named(name: &str, definitions: &Definitions) -> Result<Shape> {
    let definition = definitions.get(name).ok_or_else(|| format!("no definition of {name}"))?;
    if let Some(alias) = reference(definition) {
        return named(alias, definitions);
    }
    let scalar = match name.rsplit('.').next().unwrap_or(name) {
        "Quantity" => Scalar::Quantity,
        "IntOrString" => Scalar::IntOrString,
        "Time" => Scalar::Time,
        "MicroTime" => Scalar::MicroTime,
        "RawExtension" => Scalar::RawExtension,
        "JSON" | "Patch" | "FieldsV1" | "Fields" => Scalar::Any,
        "JSONSchemaPropsOrBool" => Scalar::SchemaOrBool,
        "JSONSchemaPropsOrArray" => Scalar::SchemaOrArray,
        "JSONSchemaPropsOrStringArray" => Scalar::SchemaOrStrings,
        _ => return Ok(Shape::Object(name.to_owned())),
    };
    Ok(Shape::Scalar(scalar))
}
