//! Is a schema structural? (k8s.io/apiextensions-apiserver, pkg/apiserver/schema/validation.go and complete.go)

use super::super::custom::pattern_fault;
use super::super::keys::Keys;
use super::super::value::Value;

/// Where a schema stands, for the words about its type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Item,
    Field,
}

/// Why no structural schema can be made of it, if none can (`NewStructural`).
pub(super) fn unsupported(schema: Value<'_>) -> Option<&'static str> {
    if !schema.is_present() {
        return None;
    }
    for (name, words) in [
        ("id", "OpenAPIV3Schema 'id' is not supported"),
        ("$schema", "OpenAPIV3Schema 'schema' is not supported"),
        ("$ref", "OpenAPIV3Schema '$ref' is not supported"),
        ("patternProperties", "OpenAPIV3Schema 'patternProperties' is not supported"),
        ("dependencies", "OpenAPIV3Schema 'dependencies' is not supported"),
        ("definitions", "OpenAPIV3Schema 'definitions' is not supported"),
    ] {
        if !schema.get(name).is_empty() {
            return Some(words);
        }
    }
    if schema.has("additionalItems") {
        return Some("OpenAPIV3Schema 'additionalItems' is not supported");
    }
    if schema.get("x-kubernetes-preserve-unknown-fields").opt_bool() == Some(false) {
        return Some("internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined");
    }
    let items = schema.get("items");
    if items.items().next().is_some() {
        return Some("OpenAPIV3Schema 'items' must be a schema, but is an array");
    }
    parts(schema).into_iter().find_map(unsupported)
}

/// Whether it is a schema where none need be.
pub(super) fn is_schema(value: Value<'_>) -> bool {
    value.node().is_some_and(|node| node.is_mapping())
}

/// The schemas in a schema.
pub(super) fn parts(schema: Value<'_>) -> Vec<Value<'_>> {
    let mut parts = vec![schema.get("not"), schema.get("items")];
    for list in ["allOf", "anyOf", "oneOf"] {
        parts.extend(schema.items_of(list));
    }
    parts.extend(schema.entries_of("properties").map(|(_, it)| it));
    parts.extend(others(schema));
    parts.retain(|it| is_schema(*it));
    parts
}

/// The schema under `additionalProperties`, where it is no boolean.
pub(super) fn others(schema: Value<'_>) -> Option<Value<'_>> {
    Some(schema.get("additionalProperties")).filter(|it| is_schema(*it))
}

/// `ValidateStructural`
pub(super) fn validate(schema: Value<'_>) {
    invariants(schema, Level::Root);
    completeness(schema, schema);
}

/// `validateStructuralInvariants`; a property that is null is an empty schema.
fn invariants(schema: Value<'_>, level: Level) {
    let (ty, items, properties) = (schema.get("type"), schema.get("items"), schema.get("properties"));
    if is_schema(items) {
        invariants(items, Level::Item);
    } else if ty.str() == "array" {
        items.required("must be specified");
    }
    for (_, property) in properties.entries() {
        invariants(property, Level::Field);
    }
    let additional = schema.get("additionalProperties");
    if additional.is_present() && level == Level::Root {
        additional.forbidden("must not be used at the root");
    }
    if let Some(others) = others(schema) {
        invariants(others, Level::Field);
    }
    extensions(schema);
    let first = schema.items_of("allOf").next();
    let skip_all = first.is_some_and(|it| is_int_or_string(it.get("anyOf")));
    values(schema, is_int_or_string(schema.get("anyOf")), skip_all);
    type_of(schema, level);
    if schema.get("x-kubernetes-embedded-resource").bool() {
        if additional.is_present() {
            additional.forbidden("must not be used if x-kubernetes-embedded-resource is set");
        }
        if !schema.get("x-kubernetes-preserve-unknown-fields").bool() && properties.is_empty() {
            properties.required(
                "must not be empty if x-kubernetes-embedded-resource is true without \
                 x-kubernetes-preserve-unknown-fields",
            );
        }
    }
    metadata(schema, level);
}

fn type_of(schema: Value<'_>, level: Level) {
    let ty = schema.get("type");
    let is = |name: &'static str| schema.bool_of(name);
    if is("x-kubernetes-embedded-resource") && ty.str() != "object" {
        let words = "must be object if x-kubernetes-embedded-resource is true";
        if ty.is_empty() { ty.required(words) } else { ty.invalid(words) }
    } else if ty.is_empty() && !is("x-kubernetes-int-or-string") && !is("x-kubernetes-preserve-unknown-fields") {
        ty.required(match level {
            Level::Root => "must not be empty at the root",
            Level::Item => "must not be empty for specified array items",
            Level::Field => "must not be empty for specified object fields",
        });
    }
    if level == Level::Root && !ty.is_empty() && ty.str() != "object" {
        ty.invalid("must be object at the root");
    }
}

/// What may be said of type and metadata of an object.
fn metadata(schema: Value<'_>, level: Level) {
    let checked = level == Level::Root || schema.get("x-kubernetes-embedded-resource").bool();
    let property = |name: &str| schema.get("properties").entry(name);
    for name in ["kind", "apiVersion"].into_iter().filter(|_| checked) {
        if let Some(ty) = property(name).map(|it| it.get("type")).filter(|it| it.str() != "string") {
            ty.invalid_text(ty.str(), "must be string");
        }
    }
    let Some(metadata) = property("metadata") else { return };
    let ty = metadata.get("type");
    if checked && ty.str() != "object" {
        ty.invalid_text(ty.str(), "must be object");
    }
    let says = |name: &str, value: Value<'_>| match name {
        "type" | "default" => false,
        "properties" => !value.entries().all(|(name, _)| matches!(name, "name" | "generateName")),
        // Pointers, and lists that are taken as they are.
        "items"
        | "not"
        | "additionalProperties"
        | "externalDocs"
        | "required"
        | "x-kubernetes-list-map-keys"
        | "x-kubernetes-list-type"
        | "x-kubernetes-map-type"
        | "x-kubernetes-validations" => value.is_present(),
        _ => !(value.is_empty() || value.opt_bool() == Some(false)),
    };
    if level == Level::Root && metadata.entries().any(|(name, value)| says(name, value)) {
        metadata.forbidden(
            "must not specify anything other than name and generateName, but metadata is implicitly specified",
        );
    }
}

/// `validateExtensions`
fn extensions(schema: Value<'_>) {
    if !schema.get("x-kubernetes-int-or-string").bool() {
        return;
    }
    for name in ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] {
        if schema.bool_of(name) {
            schema.get(name).invalid("must be false if x-kubernetes-int-or-string is true");
        }
    }
}

const DOCUMENTED: u8 = 36;

/// Whether it is the list that int-or-string may have: of an integer and a string.
fn is_int_or_string(list: Value<'_>) -> bool {
    // What documents a schema is in its structure since 1.36.
    let says_nothing = |(name, value): (&str, Value<'_>)| {
        let documents = matches!(name, "example" | "externalDocs");
        name == "type" || value.is_empty() || value.opt_bool() == Some(false) || documents && !value.since(DOCUMENTED)
    };
    let is = |item: Value<'_>, ty: &str| item.str_of("type") == ty && item.entries().all(says_nothing);
    list.len() == 2 && list.items().zip(["integer", "string"]).all(|(item, ty)| is(item, ty))
}

/// `validateValueValidation`
fn values(schema: Value<'_>, skip_any_of: bool, skip_all_of: bool) {
    if !skip_any_of {
        schema.items_of("anyOf").for_each(|it| nested(it, false));
    }
    for (at, item) in schema.items_of("allOf").enumerate() {
        nested(item, skip_all_of && at == 0);
    }
    schema.items_of("oneOf").for_each(|it| nested(it, false));
    if is_schema(schema.get("not")) {
        nested(schema.get("not"), false);
    }
    let pattern = schema.get("pattern");
    if let Some(fault) = pattern.opt_str().filter(|it| !it.is_empty()).and_then(pattern_fault) {
        pattern.invalid(&format!("must be a valid regular expression, but isn't: {fault}"));
    }
}

/// `validateNestedValueValidation`
fn nested(schema: Value<'_>, skip_any_of: bool) {
    values(schema, skip_any_of, false);
    if is_schema(schema.get("items")) {
        nested(schema.get("items"), false);
    }
    for (_, property) in schema.entries_of("properties") {
        nested(property, false);
    }
    let forbid = |name: &'static str, given: bool, words: &str| {
        if given {
            schema.get(name).forbidden(words);
        }
    };
    let text = |name: &'static str| !schema.get(name).is_empty();
    let truth = |name: &'static str| schema.bool_of(name);
    let there = |name: &'static str| schema.has(name);
    forbid("type", text("type"), "must be empty to be structural");
    let additional = schema.get("additionalProperties");
    let given = others(schema).is_some() || additional.bool();
    forbid("additionalProperties", given, "must be undefined to be structural");
    forbid("default", there("default"), "must be undefined to be structural");
    forbid("title", text("title"), "must be empty to be structural");
    forbid("description", text("description"), "must be empty to be structural");
    for name in [
        "nullable",
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string",
    ] {
        forbid(name, truth(name), "must be false to be structural");
    }
    forbid("x-kubernetes-list-map-keys", text("x-kubernetes-list-map-keys"), "must be empty to be structural");
    for name in ["x-kubernetes-list-type", "x-kubernetes-map-type"] {
        forbid(name, there(name), "must be undefined to be structural");
    }
    forbid("x-kubernetes-validations", text("x-kubernetes-validations"), "must be empty to be structural");
    if let Some((_, metadata)) = schema.entries_of("properties").find(|(name, _)| *name == "metadata") {
        metadata.forbidden("must not be specified in a nested context");
    }
}

/// `validateStructuralCompleteness`: what is said of a value under `allOf` and its like is said of one that the schema
/// has.
fn completeness(values: Value<'_>, schema: Value<'_>) {
    if is_schema(values.get("not")) {
        nested_completeness(values.get("not"), schema);
    }
    for list in ["allOf", "anyOf", "oneOf"] {
        values.items_of(list).for_each(|it| nested_completeness(it, schema));
    }
}

fn nested_completeness(values: Value<'_>, schema: Value<'_>) {
    completeness(values, schema);
    let (items, theirs) = (values.get("items"), schema.get("items"));
    match (is_schema(items), is_schema(theirs)) {
        (true, true) => nested_completeness(items, theirs),
        (true, false) => theirs.required(&format!("because it is defined in {}", items.path())),
        (false, _) => {}
    }
    let properties = schema.get("properties");
    let known = Keys::of(properties);
    for (name, value) in values.entries_of("properties") {
        match known.get(name) {
            Some(property) => nested_completeness(value, property),
            None => {
                let words = format!("because it is defined in {}", value.path());
                value.named(format!("{}[{name}]", properties.path())).required(&words);
            }
        }
    }
}
