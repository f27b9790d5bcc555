//! Schemas as servers print them since 1.34: as JSON of the internal struct, all its fields by their names in Go.

use seaworthy_source::order;

use super::super::custom::item::Item;
use super::super::print;
use super::super::value::Value;
use super::structural::is_schema;

/// What a field is, for its printing.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Truth,
    /// A pointer, or a list of something plain.
    Plain,
    Schema,
    Schemas,
    SchemaMap,
    /// `JSONSchemaPropsOrArray`
    OrArray,
    /// `JSONSchemaPropsOrBool`
    OrBool,
    Docs,
    Rules,
}

/// The fields of `JSONSchemaProps` in Go's order.
const FIELDS: &[(&str, &str, Kind)] = &[
    ("ID", "id", Kind::Text),
    ("Schema", "$schema", Kind::Text),
    ("Ref", "$ref", Kind::Plain),
    ("Description", "description", Kind::Text),
    ("Type", "type", Kind::Text),
    ("Nullable", "nullable", Kind::Truth),
    ("Format", "format", Kind::Text),
    ("Title", "title", Kind::Text),
    ("Default", "default", Kind::Plain),
    ("Maximum", "maximum", Kind::Plain),
    ("ExclusiveMaximum", "exclusiveMaximum", Kind::Truth),
    ("Minimum", "minimum", Kind::Plain),
    ("ExclusiveMinimum", "exclusiveMinimum", Kind::Truth),
    ("MaxLength", "maxLength", Kind::Plain),
    ("MinLength", "minLength", Kind::Plain),
    ("Pattern", "pattern", Kind::Text),
    ("MaxItems", "maxItems", Kind::Plain),
    ("MinItems", "minItems", Kind::Plain),
    ("UniqueItems", "uniqueItems", Kind::Truth),
    ("MultipleOf", "multipleOf", Kind::Plain),
    ("Enum", "enum", Kind::Plain),
    ("MaxProperties", "maxProperties", Kind::Plain),
    ("MinProperties", "minProperties", Kind::Plain),
    ("Required", "required", Kind::Plain),
    ("Items", "items", Kind::OrArray),
    ("AllOf", "allOf", Kind::Schemas),
    ("OneOf", "oneOf", Kind::Schemas),
    ("AnyOf", "anyOf", Kind::Schemas),
    ("Not", "not", Kind::Schema),
    ("Properties", "properties", Kind::SchemaMap),
    ("AdditionalProperties", "additionalProperties", Kind::OrBool),
    ("PatternProperties", "patternProperties", Kind::SchemaMap),
    ("Dependencies", "dependencies", Kind::Plain),
    ("AdditionalItems", "additionalItems", Kind::OrBool),
    ("Definitions", "definitions", Kind::SchemaMap),
    ("ExternalDocs", "externalDocs", Kind::Docs),
    ("Example", "example", Kind::Plain),
    ("XPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields", Kind::Plain),
    ("XEmbeddedResource", "x-kubernetes-embedded-resource", Kind::Truth),
    ("XIntOrString", "x-kubernetes-int-or-string", Kind::Truth),
    ("XListMapKeys", "x-kubernetes-list-map-keys", Kind::Plain),
    ("XListType", "x-kubernetes-list-type", Kind::Plain),
    ("XMapType", "x-kubernetes-map-type", Kind::Plain),
    ("XValidations", "x-kubernetes-validations", Kind::Rules),
];

/// A CustomResourceValidation.
pub(super) fn validation(validation: Value<'_>) -> String {
    let mut out = "{\"OpenAPIV3Schema\":".to_owned();
    pointer(validation.get("openAPIV3Schema"), &mut out);
    out.push('}');
    out
}

/// A schema.
pub(super) fn schema(value: Value<'_>) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(schema: Value<'_>, out: &mut String) {
    for (at, (name, key, kind)) in FIELDS.iter().enumerate() {
        out.push(if at == 0 { '{' } else { ',' });
        print::json_text(name, out);
        out.push(':');
        field(schema.get(key), *kind, out);
    }
    out.push('}');
}

fn field(value: Value<'_>, kind: Kind, out: &mut String) {
    match kind {
        Kind::Text => print::json_text(value.str(), out),
        Kind::Truth => out.push_str(if value.bool() { "true" } else { "false" }),
        Kind::Schema => pointer(value, out),
        _ if !value.is_present() => out.push_str("null"),
        Kind::Plain => out.push_str(&value.node().map(|it| Item::read(it).json()).unwrap_or_default()),
        Kind::Schemas => list(value, out, write),
        Kind::SchemaMap => {
            let mut entries: Vec<_> = value.entries().collect();
            order::sort_by_key(&mut entries, |(name, _)| *name);
            out.push('{');
            for (at, (name, value)) in entries.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                print::json_text(name, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        Kind::OrArray => {
            out.push_str("{\"Schema\":");
            pointer(value, out);
            out.push_str(",\"JSONSchemas\":");
            if value.node().is_some_and(|node| node.is_sequence()) {
                list(value, out, write);
            } else {
                out.push_str("null");
            }
            out.push('}');
        }
        Kind::OrBool => {
            let allows = value.opt_bool().unwrap_or(true);
            out.push_str(if allows { "{\"Allows\":true,\"Schema\":" } else { "{\"Allows\":false,\"Schema\":" });
            pointer(value, out);
            out.push('}');
        }
        Kind::Docs => {
            out.push_str("{\"Description\":");
            print::json_text(value.str_of("description"), out);
            out.push_str(",\"URL\":");
            print::json_text(value.str_of("url"), out);
            out.push('}');
        }
        Kind::Rules => list(value, out, |rule, out| out.push_str(&print::shown(rule))),
    }
}

fn pointer(value: Value<'_>, out: &mut String) {
    if is_schema(value) { write(value, out) } else { out.push_str("null") }
}

fn list(value: Value<'_>, out: &mut String, write: fn(Value<'_>, &mut String)) {
    out.push('[');
    for (at, item) in value.items().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

/// `JSONSchemaPropsOrArray` that is neither.
pub(super) fn neither(since_json: bool) -> &'static str {
    if since_json {
        "{\"Schema\":null,\"JSONSchemas\":null}"
    } else {
        "apiextensions.JSONSchemaPropsOrArray{Schema:(*apiextensions.JSONSchemaProps)(nil), \
         JSONSchemas:[]apiextensions.JSONSchemaProps(nil)}"
    }
}
