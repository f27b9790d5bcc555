//! The schemas of CustomResourceDefinitions, read once into an arena.

use std::sync::{LazyLock, OnceLock};

use seaworthy_cel::Regex;
use seaworthy_document::{Node, Value as Json};
use seaworthy_source::order;

use super::item::Item;

/// A schema of an arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SchemaId(u32);

/// Schemas that refer to each other.
#[derive(Debug, Default)]
pub(crate) struct Schemas(Vec<Schema>);

/// `apiextensions.JSONSchemaProps`: what nearly all schemas have; the rest stands in [`Limits`].
#[derive(Debug, Default)]
pub(crate) struct Schema {
    /// The type; none where it is not given.
    pub(crate) ty: Option<Type>,
    /// `nullable`
    pub(crate) nullable: bool,
    /// `x-kubernetes-int-or-string`
    pub(crate) int_or_string: bool,
    /// `x-kubernetes-preserve-unknown-fields`
    pub(crate) preserve: bool,
    /// `x-kubernetes-embedded-resource`
    pub(crate) embedded: bool,
    /// Whether there are rules in CEL for it or for what is in it; those of `allOf` and its like have none.
    pub(crate) ruled: bool,
    /// `properties`, sorted by name.
    pub(crate) properties: Vec<(Box<str>, SchemaId)>,
    /// `additionalProperties`
    pub(crate) additional: Additional,
    /// `items`
    pub(crate) items: Option<SchemaId>,
    /// What few schemas have.
    pub(crate) limits: Option<Box<Limits>>,
}

/// The keywords that few schemas have.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    pub(crate) format: Option<Box<str>>,
    pub(crate) pattern: Option<Pattern>,
    pub(crate) allowed: Vec<Item<'static>>,
    pub(crate) default: Option<Item<'static>>,
    pub(crate) required: Vec<Box<str>>,
    pub(crate) maximum: Option<f64>,
    pub(crate) minimum: Option<f64>,
    pub(crate) exclusive_maximum: bool,
    pub(crate) exclusive_minimum: bool,
    pub(crate) multiple_of: Option<f64>,
    pub(crate) max_length: Option<i64>,
    pub(crate) min_length: Option<i64>,
    pub(crate) max_items: Option<i64>,
    pub(crate) min_items: Option<i64>,
    pub(crate) max_properties: Option<i64>,
    pub(crate) min_properties: Option<i64>,
    pub(crate) unique_items: bool,
    pub(crate) all_of: Vec<SchemaId>,
    pub(crate) any_of: Vec<SchemaId>,
    pub(crate) one_of: Vec<SchemaId>,
    pub(crate) not: Option<SchemaId>,
    pub(crate) list_type: ListType,
    pub(crate) list_keys: Vec<Box<str>>,
    /// `x-kubernetes-map-type: atomic`
    pub(crate) atomic_map: bool,
    pub(crate) rules: Vec<Rule>,
    /// The name of a type that is none.
    pub(crate) odd_type: Box<str>,
}

/// What schemas without limits have of them.
static UNLIMITED: LazyLock<Limits> = LazyLock::new(Limits::default);

/// `type`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Object,
    Array,
    String,
    Integer,
    Number,
    Boolean,
    /// No structural schema has another.
    Other,
}

impl Type {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Type::Object => "object",
            Type::Array => "array",
            Type::String => "string",
            Type::Integer => "integer",
            Type::Number => "number",
            Type::Boolean => "boolean",
            Type::Other => "",
        }
    }

    fn of(name: &str) -> Self {
        match name {
            "object" => Type::Object,
            "array" => Type::Array,
            "string" => Type::String,
            "integer" => Type::Integer,
            "number" => Type::Number,
            "boolean" => Type::Boolean,
            _ => Type::Other,
        }
    }
}

/// `additionalProperties`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Additional {
    /// It is not given.
    #[default]
    Unsaid,
    /// A boolean.
    Allowed(bool),
    /// A schema for all of them.
    Like(SchemaId),
}

/// `x-kubernetes-list-type`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ListType {
    #[default]
    Atomic,
    Set,
    Map,
}

/// `pattern`, compiled when it is first asked for.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// As written.
    pub(crate) text: Box<str>,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    fn new(text: &str) -> Self {
        Self { text: text.into(), compiled: OnceLock::new() }
    }

    /// Whether it occurs in a text; none where it is none that we can read.
    pub(crate) fn is_in(&self, text: &str) -> Option<bool> {
        let compiled = self.compiled.get_or_init(|| Regex::new(&self.text).ok());
        compiled.as_ref()?.is_match(text).ok()
    }
}

/// One of `x-kubernetes-validations`.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) rule: Box<str>,
    pub(crate) message: Box<str>,
    pub(crate) message_expression: Box<str>,
    pub(crate) reason: Box<str>,
    pub(crate) field_path: Box<str>,
    pub(crate) optional_old_self: bool,
}

impl Schema {
    /// Its limits, if only that there are none.
    pub(crate) fn limits(&self) -> &Limits {
        self.limits.as_deref().unwrap_or_else(|| &UNLIMITED)
    }

    /// The schema of a property that is listed.
    pub(crate) fn property(&self, name: &str) -> Option<SchemaId> {
        let at = self.properties.binary_search_by(|(it, _)| (**it).cmp(name)).ok()?;
        self.properties.get(at).map(|(_, id)| *id)
    }

    /// The schema for properties that are not listed.
    pub(crate) fn other_property(&self) -> Option<SchemaId> {
        if let Additional::Like(id) = self.additional { Some(id) } else { None }
    }

    /// The schema of whatever stands under a key (`getSchemaForField`).
    pub(crate) fn under(&self, name: &str) -> Option<SchemaId> {
        self.property(name).or_else(|| self.other_property())
    }
}

impl Schemas {
    /// The schema of an id of this arena.
    pub(crate) fn get(&self, id: SchemaId) -> Option<&Schema> {
        self.0.get(id.0 as usize)
    }

    /// Reads a schema and all in it. What is not of the type a keyword takes counts as absent: the definition itself is
    /// refused for it.
    pub(crate) fn read(&mut self, node: Node<'_>) -> SchemaId {
        let mut schema = Schema::default();
        let mut limits = Limits::default();
        let mut limited = false;
        for entry in node.entries() {
            limited |= self.keyword(entry.name(), entry.value, &mut schema, &mut limits);
        }
        if schema.ty == Some(Type::Other) {
            limits.odd_type = node.get("type").and_then(|it| it.as_str()).map(Box::from).unwrap_or_default();
            limited = true;
        }
        order::sort_by(&mut schema.properties, &mut |(left, _), (right, _)| left.cmp(right));
        let inner = schema.properties.iter().map(|(_, id)| *id).chain(schema.other_property()).chain(schema.items);
        schema.ruled = !limits.rules.is_empty() || inner.into_iter().any(|id| self.get(id).is_some_and(|it| it.ruled));
        schema.limits = limited.then(|| Box::new(limits));
        self.0.push(schema);
        SchemaId(u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX))
    }

    /// Takes a keyword; true if it is one of the limits.
    fn keyword(&mut self, name: &str, value: Node<'_>, schema: &mut Schema, limits: &mut Limits) -> bool {
        let is_true = value.as_bool() == Some(true);
        match name {
            "type" => schema.ty = value.as_str().filter(|it| !it.is_empty()).map(Type::of),
            "nullable" => schema.nullable = is_true,
            "x-kubernetes-int-or-string" => schema.int_or_string = is_true,
            "x-kubernetes-preserve-unknown-fields" => schema.preserve = is_true,
            "x-kubernetes-embedded-resource" => schema.embedded = is_true,
            "properties" => {
                let entries = value.entries().map(|it| (Box::from(it.name()), self.read(it.value)));
                schema.properties = entries.collect();
            }
            "additionalProperties" => {
                schema.additional = match value.as_bool() {
                    Some(allowed) => Additional::Allowed(allowed),
                    None if value.is_mapping() => Additional::Like(self.read(value)),
                    None => Additional::Unsaid,
                }
            }
            "items" if value.is_mapping() => schema.items = Some(self.read(value)),
            _ => return self.limit(name, value, limits),
        }
        false
    }

    fn limit(&mut self, name: &str, value: Node<'_>, limits: &mut Limits) -> bool {
        match name {
            "format" => limits.format = value.as_str().filter(|it| !it.is_empty()).map(Box::from),
            "pattern" => limits.pattern = value.as_str().filter(|it| !it.is_empty()).map(Pattern::new),
            "enum" => limits.allowed = value.items().map(|it| Item::read(it).owned()).collect(),
            "default" => limits.default = (!value.is_null()).then(|| Item::read(value).owned()),
            "required" => limits.required = texts(value),
            "maximum" => limits.maximum = number(value),
            "minimum" => limits.minimum = number(value),
            "exclusiveMaximum" => limits.exclusive_maximum = value.as_bool() == Some(true),
            "exclusiveMinimum" => limits.exclusive_minimum = value.as_bool() == Some(true),
            "multipleOf" => limits.multiple_of = number(value),
            "maxLength" => limits.max_length = count(value),
            "minLength" => limits.min_length = count(value),
            "maxItems" => limits.max_items = count(value),
            "minItems" => limits.min_items = count(value),
            "maxProperties" => limits.max_properties = count(value),
            "minProperties" => limits.min_properties = count(value),
            "uniqueItems" => limits.unique_items = value.as_bool() == Some(true),
            "allOf" => limits.all_of = self.list(value),
            "anyOf" => limits.any_of = self.list(value),
            "oneOf" => limits.one_of = self.list(value),
            "not" if value.is_mapping() => limits.not = Some(self.read(value)),
            "x-kubernetes-list-type" => {
                limits.list_type = match value.as_str() {
                    Some("set") => ListType::Set,
                    Some("map") => ListType::Map,
                    _ => ListType::Atomic,
                }
            }
            "x-kubernetes-map-type" => limits.atomic_map = value.as_str() == Some("atomic"),
            "x-kubernetes-list-map-keys" => limits.list_keys = texts(value),
            "x-kubernetes-validations" => limits.rules = value.items().map(rule).collect(),
            _ => return false,
        }
        true
    }

    fn list(&mut self, value: Node<'_>) -> Vec<SchemaId> {
        value.items().map(|it| self.read(it)).collect()
    }
}

fn texts(value: Node<'_>) -> Vec<Box<str>> {
    value.items().filter_map(|it| it.as_str()).map(Box::from).collect()
}

#[allow(clippy::cast_precision_loss, reason = "Go keeps these as float64")]
fn number(value: Node<'_>) -> Option<f64> {
    match value.value() {
        Json::Int(number) => Some(number as f64),
        Json::Float(number) => Some(number),
        _ => None,
    }
}

fn count(value: Node<'_>) -> Option<i64> {
    i64::try_from(value.as_int()?).ok()
}

fn rule(value: Node<'_>) -> Rule {
    let text = |key: &str| Box::from(value.get(key).and_then(|it| it.as_str()).unwrap_or(""));
    Rule {
        rule: text("rule"),
        message: text("message"),
        message_expression: text("messageExpression"),
        reason: text("reason"),
        field_path: text("fieldPath"),
        optional_old_self: value.get("optionalOldSelf").and_then(|it| it.as_bool()) == Some(true),
    }
}
