//! A schema of a definition (`validateCustomResourceDefinitionValidation`).

use std::collections::BTreeSet;

use seaworthy_source::order::filled;

use super::super::keys::Keys;
use super::super::value::Value;
use super::definition::renamed;
use super::rules::{Cardinality, Total};
use super::structural::is_schema;
use super::{defaults, field_path, printed, rules, structural};

const TYPES: &[&str] = &["array", "boolean", "integer", "number", "object", "string"];
const REASONS: &[&str] = &["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

/// The fields of a schema in Go's order, and whether they may stand at the root beside a status subresource.
const FIELDS: &[(&str, bool)] = &[
    ("id", false),
    ("$schema", false),
    ("$ref", false),
    ("description", true),
    ("type", true),
    ("nullable", false),
    ("format", true),
    ("title", true),
    ("default", false),
    ("maximum", true),
    ("exclusiveMaximum", true),
    ("minimum", true),
    ("exclusiveMinimum", true),
    ("maxLength", true),
    ("minLength", true),
    ("pattern", true),
    ("maxItems", true),
    ("minItems", true),
    ("uniqueItems", true),
    ("multipleOf", true),
    ("enum", false),
    ("maxProperties", false),
    ("minProperties", false),
    ("required", true),
    ("items", true),
    ("allOf", false),
    ("oneOf", false),
    ("anyOf", false),
    ("not", false),
    ("properties", true),
    ("additionalProperties", false),
    ("patternProperties", false),
    ("dependencies", false),
    ("additionalItems", false),
    ("definitions", false),
    ("externalDocs", true),
    ("example", true),
    ("x-kubernetes-preserve-unknown-fields", true),
    ("x-kubernetes-embedded-resource", false),
    ("x-kubernetes-int-or-string", false),
    ("x-kubernetes-list-map-keys", false),
    ("x-kubernetes-list-type", false),
    ("x-kubernetes-map-type", false),
    ("x-kubernetes-validations", true),
];

/// `allowedFieldsAtRootSchema`, by their names in Go.
const AT_ROOT: &str = "[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength \
    MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example \
    XPreserveUnknownFields XValidations]";

/// One CustomResourceValidation; `status` is whether a version has that subresource.
pub(super) fn validation(validation: Value<'_>, status: bool) {
    let schema = validation.get("openAPIV3Schema");
    if !schema.is_present() {
        return;
    }
    let before = schema.run().said();
    if status {
        at_root(schema);
    }
    if schema.bool_of("nullable") {
        schema.get("nullable").forbidden("nullable cannot be true at the root");
    }
    let unsupported = structural::unsupported(schema);
    let total = Total::default();
    let mut rules = None;
    if unsupported.is_none() {
        let said = schema.run().said();
        structural::validate(schema);
        if schema.run().said() == said {
            defaults::validate(schema);
            rules = Some(&total).filter(|_| schema.run().said() == said);
        }
    }
    let cardinality = Cardinality::ONE;
    let place = Place {
        root: true,
        meta: false,
        no_defaults: None,
        rules,
        cardinality,
        ruled: false,
        untyped: false,
        uncorrelatable: None,
    };
    open_api(schema, place);
    total.judge(schema);
    if let Some(words) = unsupported.filter(|_| schema.run().said() == before) {
        schema.invalid_text("", words);
    }
}

/// With a status subresource the schema of the status is taken out of the root, which may hold no more than that.
fn at_root(schema: Value<'_>) {
    for (name, allowed) in FIELDS {
        let field = schema.get(name);
        let zero = match field.opt_bool() {
            Some(truth) => !truth && !matches!(*name, "default" | "additionalProperties" | "additionalItems"),
            None => field.opt_str() == Some("") && matches!(*name, "id" | "$schema" | "type"),
        };
        if zero || !field.is_present() {
            continue;
        }
        if *name == "type" && field.str() != "object" {
            return field.invalid(
                "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled",
            );
        }
        if !allowed {
            let words = format!(
                "only {AT_ROOT} fields are allowed at the root of the schema if the status subresource is enabled"
            );
            if schema.since(34) {
                return schema.invalid_shown(&printed::schema(schema), &words);
            }
            return schema.invalid(&words);
        }
    }
}

/// Where a schema stands (`specStandardValidator`).
#[derive(Clone, Copy)]
struct Place<'r, 't> {
    root: bool,
    /// What rules in CEL cost; none where there may be none, or nobody can say of what type their values are.
    rules: Option<&'t Total<'r>>,
    cardinality: Cardinality,
    /// Whether it, or a schema around it, has rules.
    ruled: bool,
    /// Whether of such a schema nobody knows the type of values.
    untyped: bool,
    /// The list or map around of which nobody knows again what is in it after a change.
    uncorrelatable: Option<Value<'r>>,
    /// In type or metadata of an object.
    meta: bool,
    /// Why there may be no defaults, if so.
    no_defaults: Option<&'static str>,
}

impl Place<'_, '_> {
    fn inner(self) -> Self {
        Self { root: false, ..self }
    }

    /// That of a schema which stands here (`CELSchemaContext.TypeInfo`).
    fn at(self, schema: Value<'_>) -> Self {
        let ruled = self.ruled || !schema.get("x-kubernetes-validations").is_empty();
        let untyped = self.untyped || (ruled && self.rules.is_some() && !rules::is_typed(schema));
        Self { ruled, untyped, ..self }
    }
}

/// The schemas in a schema whose rules count for nothing.
fn without_rules<'r>(schema: Value<'r>, place: Place<'r, '_>) {
    if is_schema(schema.get("not")) {
        open_api(schema.get("not"), place);
    }
    for list in ["allOf", "oneOf", "anyOf"] {
        schema.items_of(list).for_each(|it| open_api(it, place));
    }
    schema.entries_of("definitions").for_each(|(_, it)| open_api(it, place));
    for (_, dependency) in schema.entries_of("dependencies").filter(|(_, it)| is_schema(*it)) {
        open_api(dependency, place);
    }
}

/// `ValidateCustomResourceDefinitionOpenAPISchema`
fn open_api<'r>(schema: Value<'r>, place: Place<'r, '_>) {
    let place = place.at(schema);
    let said = |total: Option<&Total<'_>>| schema.run().said() - total.map_or(0, |it| it.said.get());
    let before = said(place.rules);
    standard(schema, place);
    if schema.bool_of("uniqueItems") {
        schema
            .get("uniqueItems")
            .forbidden("uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
    }
    let (additional, properties) = (schema.get("additionalProperties"), schema.get("properties"));
    if additional.is_present() {
        if !properties.is_empty() && additional.opt_bool() != Some(true) {
            additional.forbidden("additionalProperties and properties are mutual exclusive");
        }
        let why = "inside additionalProperties applying to object metadata";
        let no_defaults = if place.meta { Some(why) } else { place.no_defaults };
        let cardinality = place.cardinality.within(schema);
        if is_schema(additional) {
            open_api(additional, Place { no_defaults, cardinality, ..place.inner() });
        }
    }
    let cardinality = place.cardinality.within(schema);
    let whole = schema.get("x-kubernetes-map-type").str() == "atomic";
    let uncorrelatable = place.uncorrelatable.or(whole.then_some(schema));
    for (name, property) in properties.entries() {
        let mut inner = Place { cardinality, uncorrelatable, ..place.inner() };
        if place.root || schema.get("x-kubernetes-embedded-resource").bool() {
            let why = match name {
                "metadata" => Some("in top-level metadata"),
                "kind" => Some("in top-level kind"),
                "apiVersion" => Some("in top-level apiVersion"),
                _ => None,
            };
            inner.meta |= why.is_some();
            if place.root {
                inner.no_defaults = why.or(inner.no_defaults);
            }
        }
        open_api(property, inner);
    }
    without_rules(schema, Place { rules: None, ..place.inner() });
    let known = schema.get("x-kubernetes-list-type").str() == "map";
    let uncorrelatable = place.uncorrelatable.or((!known).then_some(schema));
    let inner = Place { cardinality, uncorrelatable, ..place.inner() };
    if is_schema(schema.get("items")) {
        open_api(schema.get("items"), inner);
    }
    schema.items_of("items").for_each(|it| open_api(it, inner));
    extensions(schema);
    map_keys(schema);
    rule_texts(schema);
    // Of a schema that is wrong nobody knows the types.
    if let Some(total) = place.rules.filter(|_| said(place.rules) == before) {
        if place.untyped && !schema.get("x-kubernetes-validations").is_empty() {
            return rules::untyped(schema, total);
        }
        rules::check(schema, place.root, place.cardinality, place.uncorrelatable, total);
    }
}

/// `specStandardValidatorV3.validate`
fn standard(schema: Value<'_>, place: Place<'_, '_>) {
    let ty = schema.get("type");
    if !ty.is_empty() && !TYPES.contains(&ty.str()) {
        ty.not_supported(TYPES);
    }
    if let Some(why) = place.no_defaults
        && schema.has("default")
    {
        schema.get("default").forbidden(&format!("must not be set {why}"));
    }
    for (name, given, words) in [
        ("id", !schema.get("id").is_empty(), "id is not supported"),
        ("additionalItems", schema.has("additionalItems"), "additionalItems is not supported"),
        ("patternProperties", !schema.get("patternProperties").is_empty(), "patternProperties is not supported"),
        ("definitions", !schema.get("definitions").is_empty(), "definitions is not supported"),
        ("dependencies", schema.has("dependencies"), "dependencies is not supported"),
        ("$ref", schema.get("$ref").is_present(), "$ref is not supported"),
    ] {
        if given {
            schema.get(name).forbidden(words);
        }
    }
    if ty.str() == "null" {
        ty.forbidden("type cannot be set to null, use nullable as an alternative");
    }
    if schema.items_of("items").next().is_some() {
        schema.get("items").forbidden("items must be a schema object and not an array");
    }
    let embedded = schema.get("x-kubernetes-embedded-resource");
    if place.meta && embedded.bool() {
        embedded.forbidden("must not be used inside of resource meta");
    }
}

/// The keywords of Kubernetes' own.
fn extensions(schema: Value<'_>) {
    let preserve = schema.get("x-kubernetes-preserve-unknown-fields");
    if preserve.opt_bool() == Some(false) {
        preserve.invalid("must be true or undefined");
    }
    let (ty, items) = (schema.get("type"), schema.get("items"));
    let (map, list) = (schema.get("x-kubernetes-map-type"), schema.get("x-kubernetes-list-type"));
    let must_be = |words: &str| if ty.is_empty() { ty.required(words) } else { ty.invalid(words) };
    if map.is_present() {
        if ty.str() != "object" {
            must_be("must be object if x-kubernetes-map-type is specified");
        }
        if !matches!(map.str(), "atomic" | "granular") {
            map.not_supported(&["atomic", "granular"]);
        }
    }
    if list.is_present() {
        if ty.str() != "array" {
            must_be("must be array if x-kubernetes-list-type is specified");
        } else if list.str() == "set" {
            atomic_items(items);
        }
        if !matches!(list.str(), "atomic" | "set" | "map") {
            list.not_supported(&["atomic", "set", "map"]);
        }
    }
    let keys = schema.get("x-kubernetes-list-map-keys");
    if !keys.is_empty() && list.str() != "map" {
        let words = "must be map if x-kubernetes-list-map-keys is non-empty";
        if list.is_present() { list.invalid(words) } else { list.required(words) }
    }
    if list.str() == "map" {
        list_map(schema);
    }
}

/// The items of a set are told apart as wholes.
fn atomic_items(items: Value<'_>) {
    let words = "must be atomic as item of a list with x-kubernetes-list-type=set";
    let inner = items.get("x-kubernetes-list-type");
    let nil = || if items.since(34) { "null" } else { "(*string)(nil)" };
    // Of objects too the server shows the type of lists.
    let shown = || inner.opt_str().map_or_else(|| nil().to_owned(), seaworthy_cel::quoted);
    match items.str_of("type") {
        "array" if inner.is_present() && inner.str() != "atomic" => inner.invalid_shown(&shown(), words),
        "object" if items.get("x-kubernetes-map-type").str() != "atomic" => {
            items.get("x-kubernetes-map-type").invalid_shown(&shown(), words);
        }
        _ => {}
    }
}

/// Lists whose items are told apart by some of their fields.
fn list_map(schema: Value<'_>) {
    let (items, keys) = (schema.get("items"), schema.get("x-kubernetes-list-map-keys"));
    if keys.is_empty() {
        keys.required("must not be empty if x-kubernetes-list-type is map");
    }
    if !items.is_present() {
        return items.required("must have a schema if x-kubernetes-list-type is map");
    }
    if !is_schema(items) {
        let words = "must only have a single schema if x-kubernetes-list-type is map";
        return match items.node() {
            Some(node) if node.is_sequence() => items.invalid(words),
            _ => items.invalid_shown(printed::neither(items.since(34)), words),
        };
    }
    let ty = items.get("type");
    if ty.str() != "object" {
        return ty.invalid_text(ty.str(), "must be object if parent array's x-kubernetes-list-type is map");
    }
    let (mut seen, properties) = (BTreeSet::new(), Keys::of(items.get("properties")));
    for key in keys.items() {
        match properties.get(key.str()).map(|it| it.get("type")) {
            // The server shows the type of the item.
            Some(inner) if matches!(inner.str(), "array" | "object") => {
                inner.invalid_text(ty.str(), "must be a scalar type if parent array's x-kubernetes-list-type is map");
            }
            Some(_) => {}
            None => keys.invalid("entries must all be names of item properties"),
        }
        if !seen.insert(key.str()) {
            keys.invalid("must not contain duplicate entries");
        }
    }
}

/// `validateMapListKeysMapSet`
fn map_keys(schema: Value<'_>) {
    let (list, items) = (schema.get("x-kubernetes-list-type").str(), schema.get("items"));
    if !is_schema(items) || !matches!(list, "set" | "map") {
        return;
    }
    if items.bool_of("nullable") {
        items.get("nullable").forbidden(&format!("cannot be nullable when x-kubernetes-list-type is {list}"));
    }
    if list != "map" {
        return;
    }
    let required: BTreeSet<&str> = filled(items.items_of("required").map(Value::str));
    let properties = Keys::of(items.get("properties"));
    for key in schema.get("x-kubernetes-list-map-keys").items() {
        let Some(property) = properties.get(key.str()) else { continue };
        if !required.contains(key.str()) && !property.has("default") {
            property.get("default").required(
                "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
            );
        }
        if property.bool_of("nullable") {
            property
                .get("nullable")
                .forbidden("this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
        }
    }
}

/// The rules in CEL, but for the expressions.
fn rule_texts(schema: Value<'_>) {
    let broken = |text: &str| text.contains(['\n', '\r']);
    for rule in schema.get("x-kubernetes-validations").items() {
        let (expression, message) = (rule.get("rule"), rule.get("message"));
        let said = message.str().trim();
        if expression.str().trim().is_empty() {
            expression.required("rule is not specified");
        } else if !message.is_empty() && said.is_empty() {
            message.invalid(&renamed(message, "must be non-empty if specified", "message "));
        } else if broken(said) {
            message.invalid(&renamed(message, "must not contain line breaks", "message "));
        } else if broken(expression.str().trim()) && said.is_empty() {
            message.required("message must be specified if rule contains line breaks");
        }
        let computed = rule.get("messageExpression");
        if !computed.is_empty() && computed.str().trim().is_empty() {
            computed.required("messageExpression must be non-empty if specified");
        }
        let reason = rule.get("reason");
        if reason.is_present() && !REASONS.contains(&reason.str()) {
            reason.not_supported(REASONS);
        }
        let path = rule.get("fieldPath");
        if path.is_empty() {
            continue;
        }
        if path.str().trim().is_empty() {
            path.invalid(&renamed(path, "must be non-empty if specified", "fieldPath "));
        }
        if broken(path.str()) {
            path.invalid(&renamed(path, "must not contain line breaks", "fieldPath "));
        }
        if structural::unsupported(schema).is_none() && field_path::resolve(path.str(), Some(schema), true).is_err() {
            path.invalid(&renamed(path, "must be a valid path", "fieldPath "));
        }
    }
}

/// Whether there is a default in it.
pub(super) fn has_defaults(schema: Value<'_>) -> bool {
    schema.has("default") || structural::parts(schema).into_iter().any(has_defaults)
}

/// `WarningsOnCreate` and `WarningsOnUpdate`: formats that nothing looks at, sets of what is no scalar, each where it was
/// not there before.
pub(super) fn warnings(spec: Value<'_>) {
    fn all<'r>(spec: Value<'r>) -> (Vec<(Value<'r>, u8)>, BTreeSet<&'r str>) {
        let (mut formats, mut sets) = (Vec::new(), BTreeSet::new());
        for schema in spec.items_of("versions").map(|it| it.at("schema.openAPIV3Schema")) {
            looked_through(schema, &mut formats, &mut sets);
        }
        (formats, sets)
    }
    let (formats, mut sets) = all(spec);
    let mut seen = BTreeSet::new();
    if let Some(before) = spec.run().before {
        let (formats, were) = all(before.root().get("spec"));
        sets.retain(|it| !were.contains(it));
        seen.extend(formats.iter().map(|(format, _)| format.str()));
    }
    for (format, since) in formats {
        if format.since(since) && seen.insert(format.str()) {
            format.warn(format!("unrecognized format {}", seaworthy_cel::quoted(format.str())));
        }
    }
    if !sets.is_empty() && spec.since(37) {
        for ty in sets {
            spec.warn(format!(
                "x-kubernetes-list-type: set for items of type \"{ty}\" is not supported by server-side apply or CEL \
                 validation rules"
            ));
        }
    }
}

fn looked_through<'r>(schema: Value<'r>, formats: &mut Vec<(Value<'r>, u8)>, sets: &mut BTreeSet<&'r str>) {
    let format = schema.get("format");
    if !format.is_empty() {
        let known = match schema.str_of("type") {
            "" | "string" => super::super::custom::is_text_format(format.str(), format.run()),
            "integer" => matches!(format.str(), "int32" | "int64"),
            "number" => matches!(format.str(), "float" | "double"),
            _ => false,
        };
        if !known {
            // Formats of other types are told later.
            formats.push((format, if schema.str_of("type") == "string" { 34 } else { 36 }));
        }
    }
    let item = schema.get("items").str_of("type");
    if schema.get("x-kubernetes-list-type").str() == "set" && matches!(item, "object" | "array") {
        sets.insert(item);
    }
    structural::parts(schema).into_iter().for_each(|it| looked_through(it, formats, sets));
}
