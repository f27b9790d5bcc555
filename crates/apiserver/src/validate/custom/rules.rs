//! Rules in CEL: `x-kubernetes-validations`.
//!
//! k8s.io/apiextensions-apiserver, pkg/apiserver/schema/cel: compilation.go and validation.go.

use std::sync::{Arc, Mutex, PoisonError};

use seaworthy_cel::{
    Bindings, CALL_LIMIT, Declared, Environment, ListKind, Program, Timestamp, Type as CelType, Value as CelValue,
    compile, escape, evaluate,
};
use seaworthy_object::Version;

use super::super::run::{Fault, Run};
use super::super::words::{self, Reason};
use super::correlated::{Correlated, Former, Ratchet};
use super::item::{Data, Item};
use super::schema::{ListType, Rule, Schema, SchemaId, Schemas, Type};

/// What all rules of one object may cost (`RuntimeCELCostBudget`).
const BUDGET: u64 = 10_000_000;
/// A computed message may have so many bytes (`MaxEvaluatedMessageExpressionSizeBytes`).
const MESSAGE_LIMIT: usize = 5 * 1024;
/// The version that shows values where a rule says no; earlier ones show types.
const VALUES: u8 = 35;
const SPENT: &str = "validation failed due to running out of cost budget, no further validation rules will be run";

/// A schema as CEL looks at it.
pub(in super::super) struct View<'s> {
    pub(in super::super) schemas: &'s Schemas,
    pub(in super::super) schema: &'s Schema,
}

impl View<'_> {
    fn of(&self, id: Option<SchemaId>) -> Option<Box<dyn seaworthy_cel::Schema + '_>> {
        Some(Box::new(View { schemas: self.schemas, schema: self.schemas.get(id?)? }))
    }
}

impl seaworthy_cel::Schema for View<'_> {
    fn ty(&self) -> &str {
        self.schema.ty.map_or("", Type::name)
    }

    fn format(&self) -> &str {
        self.schema.limits().format.as_deref().unwrap_or("")
    }

    fn is_int_or_string(&self) -> bool {
        self.schema.int_or_string
    }

    fn is_embedded_resource(&self) -> bool {
        self.schema.embedded
    }

    fn items(&self) -> Option<Box<dyn seaworthy_cel::Schema + '_>> {
        self.of(self.schema.items)
    }

    fn additional_properties(&self) -> Option<Box<dyn seaworthy_cel::Schema + '_>> {
        self.of(self.schema.other_property())
    }

    fn properties(&self, visit: &mut dyn FnMut(&str, &dyn seaworthy_cel::Schema, bool)) {
        let required = &self.schema.limits().required;
        for (name, id) in &self.schema.properties {
            if let Some(schema) = self.schemas.get(*id) {
                visit(name, &View { schemas: self.schemas, schema }, required.contains(name));
            }
        }
    }

    fn most(&self) -> Option<u64> {
        let limits = self.schema.limits();
        let most = match self.schema.ty {
            _ if self.schema.int_or_string => limits.max_length,
            Some(Type::Array) => limits.max_items,
            Some(Type::Object) => limits.max_properties,
            _ => limits.max_length,
        };
        most.map(|it| u64::try_from(it).unwrap_or(0))
    }

    fn longest_enum(&self) -> Option<u64> {
        let allowed = &self.schema.limits().allowed;
        let longest = allowed.iter().filter_map(Item::as_str).map(str::len).max().unwrap_or(0);
        (!allowed.is_empty()).then_some(longest as u64)
    }

    fn has_default(&self) -> bool {
        self.schema.limits().default.is_some()
    }
}

/// Compiles the rules of one schema.
pub(in super::super) struct Compiler {
    plain: Environment,
    /// Where `oldSelf` may be absent.
    optional: Environment,
    pub(in super::super) declared: Declared,
}

/// A rule, compiled.
#[derive(Debug)]
pub(in super::super) struct Compiled {
    pub(in super::super) program: Result<Program, String>,
    pub(in super::super) uses_old_self: bool,
    pub(in super::super) message: Option<Result<Program, String>>,
}

impl Compiler {
    /// In an environment, for a schema; none if expressions cannot see its values.
    pub(in super::super) fn new(environment: Environment, view: &View<'_>, root: bool) -> Option<Self> {
        let declared = Declared::of_schema(environment.dialect().server, view, root)?;
        let plain = environment.with_declared("self", "selfType", &declared);
        let ty = plain.variable("self").cloned().unwrap_or(CelType::Dyn);
        let optional = plain.clone().with("oldSelf", CelType::optional(ty.clone()));
        Some(Self { plain: plain.with("oldSelf", ty), optional, declared })
    }

    /// `compileRule`
    pub(in super::super) fn compile(&self, rule: &Rule) -> Compiled {
        let environment = if rule.optional_old_self { &self.optional } else { &self.plain };
        let mut compiled = Compiled { program: Err(String::new()), uses_old_self: false, message: None };
        let program = match compile(environment, &rule.rule) {
            Ok(program) => program,
            Err(issues) => {
                compiled.program = Err(format!("compilation failed: {}", issues.text));
                return compiled;
            }
        };
        if *program.result_type() != CelType::Bool {
            compiled.program = Err("cel expression must evaluate to a bool".to_owned());
            return compiled;
        }
        compiled.uses_old_self = program.uses("oldSelf");
        if let Some(fault) = program.instantiation_error() {
            compiled.program = Err(format!("program instantiation failed: {fault}"));
            return compiled;
        }
        compiled.program = Ok(program);
        if !rule.message_expression.is_empty() {
            compiled.message = Some(message(environment, &rule.message_expression));
        }
        compiled
    }
}

fn message(environment: &Environment, expression: &str) -> Result<Program, String> {
    let program = compile(environment, expression)
        .map_err(|issues| format!("messageExpression compilation failed: {}", issues.text))?;
    if *program.result_type() != CelType::String {
        return Err("messageExpression must evaluate to a string".to_owned());
    }
    match program.instantiation_error() {
        Some(fault) => Err(format!("messageExpression instantiation failed: {fault}")),
        None => Ok(program),
    }
}

/// Rules that are compiled once for each version of servers.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Vec<Cached>>);

/// The rules of a schema, for servers of a version.
type Cached = (SchemaId, Version, Arc<[Compiled]>);

impl Cache {
    fn get(&self, schemas: &Schemas, id: SchemaId, version: Version, root: bool) -> Arc<[Compiled]> {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = cached.binary_search_by(|it| (it.0, it.1).cmp(&(id, version)));
        match found {
            Ok(at) => cached.get(at).map(|it| Arc::clone(&it.2)).unwrap_or_default(),
            Err(at) => {
                let compiled: Arc<[Compiled]> = Self::compiled(schemas, id, version, root).into();
                cached.insert(at, (id, version, Arc::clone(&compiled)));
                compiled
            }
        }
    }

    fn compiled(schemas: &Schemas, id: SchemaId, version: Version, root: bool) -> Vec<Compiled> {
        let Some(schema) = schemas.get(id) else { return Vec::new() };
        let compiler = Compiler::new(Environment::stored(version), &View { schemas, schema }, root || schema.embedded);
        compiler.map_or_else(Vec::new, |it| schema.limits().rules.iter().map(|rule| it.compile(rule)).collect())
    }
}

/// One object before the rules of its schema (`Validator`).
pub(super) struct Rules<'s, 'r> {
    pub(super) schemas: &'s Schemas,
    pub(super) cache: &'s Cache,
    pub(super) run: &'r Run<'r>,
    /// The servers' version, once it matters.
    version: Option<Version>,
    pub(super) left: u64,
}

/// No further rule is run.
struct Spent;

/// What a value was before.
#[derive(Clone, Copy, Default)]
struct Before<'w, 'c> {
    /// What rules see as `oldSelf`.
    old: Option<&'c Item<'c>>,
    ratchet: Ratchet<'w, 'c>,
}

impl<'s, 'r> Rules<'s, 'r> {
    pub(super) fn new(schemas: &'s Schemas, cache: &'s Cache, run: &'r Run<'r>) -> Self {
        Self { schemas, cache, run, version: None, left: BUDGET }
    }

    /// Runs the rules of an object and of all in it; `was` tells what it was before.
    pub(super) fn validate<'c>(&mut self, item: &'c Item<'c>, was: Option<&Correlated<'c>>, schema: SchemaId) {
        let before = Before { old: was.map(|it| it.old), ratchet: Ratchet::of(was) };
        let _ = self.value(item, before, schema, "", true);
    }

    /// The same for a default of a definition: it may take the place of itself, and of nothing.
    pub(super) fn validate_default(&mut self, item: &Item<'_>, schema: SchemaId, path: &str) {
        let said = self.run.said();
        let before = self.value(item, Before { old: Some(item), ..Before::default() }, schema, path, false);
        if before.is_ok() && self.run.said() == said {
            let _ = self.value(item, Before::default(), schema, path, false);
        }
    }

    fn value<'c>(
        &mut self,
        item: &'c Item<'c>,
        before: Before<'_, 'c>,
        id: SchemaId,
        path: &str,
        root: bool,
    ) -> Result<(), Spent> {
        let schemas = self.schemas;
        let Some(schema) = schemas.get(id).filter(|it| it.ruled) else { return Ok(()) };
        if item.is_null() {
            return Ok(());
        }
        let Before { old, ratchet } = before;
        let old = old.filter(|it| !it.is_null());
        if !schema.limits().rules.is_empty() {
            self.rules(item, Before { old, ratchet }, id, path, root)?;
        }
        match &item.data {
            Data::Map(entries) => {
                for (key, value) in entries {
                    let (id, address) = match (schema.property(key), schema.other_property()) {
                        (Some(id), _) if path.is_empty() => (id, key.to_string()),
                        (Some(id), _) => (id, format!("{path}.{key}")),
                        (None, Some(id)) => (id, format!("{path}[{key}]")),
                        (None, None) => continue,
                    };
                    let known = ratchet.current.and_then(|it| it.key(key, value, schemas));
                    let old = old.filter(|_| !schema.limits().atomic_map).and_then(|it| it.get(key));
                    self.value(value, Before { old, ratchet: ratchet.inner(known.as_ref()) }, id, &address, false)?;
                }
            }
            Data::List(items) => {
                let Some(id) = schema.items else { return Ok(()) };
                let former = Former::of(old, schema);
                let were = Former::of(ratchet.current.map(|it| it.old), schema);
                for (index, value) in items.iter().enumerate() {
                    let known = ratchet.current.and_then(|it| it.item(&were, value, schemas));
                    let before = Before { old: former.get(value, schema), ratchet: ratchet.inner(known.as_ref()) };
                    self.value(value, before, id, &format!("{path}[{index}]"), false)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// `validateExpressions`
    fn rules(
        &mut self,
        item: &Item<'_>,
        was: Before<'_, '_>,
        id: SchemaId,
        path: &str,
        root: bool,
    ) -> Result<(), Spent> {
        let Some(schema) = self.schemas.get(id) else { return Ok(()) };
        let version = *self.version.get_or_insert_with(|| self.run.own_version());
        let compiled = self.cache.get(self.schemas, id, version, root);
        let resource = root || schema.embedded;
        let old = was.old.filter(|_| compiled.iter().any(|it| it.uses_old_self));
        let before = old.map(|it| self.cel_value(it, schema, resource));
        let this = self.cel_value(item, schema, resource);
        let optional = CelValue::Optional(before.clone().map(Arc::new));
        let optional = Bindings::new().with("self", this.clone()).with("oldSelf", optional);
        let plain = Bindings::new().with("self", this);
        let plain = before.into_iter().fold(plain, |bindings, before| bindings.with("oldSelf", before));
        let ty = schema.ty.map_or("", Type::name);
        for (rule, compiled) in schema.limits().rules.iter().zip(&*compiled) {
            let program = match &compiled.program {
                _ if rule.rule.trim().is_empty() => continue,
                Ok(program) => program,
                Err(fault) => {
                    self.about_type(item, path, ty, &format!("rule compile error: {fault}"));
                    continue;
                }
            };
            // Rules about a change have nothing to say of what is new.
            if compiled.uses_old_self && !rule.optional_old_self && old.is_none() {
                continue;
            }
            let bindings = if rule.optional_old_self { &optional } else { &plain };
            let evaluation = evaluate(program, bindings, CALL_LIMIT);
            if evaluation.cost > self.left {
                self.about_type(item, path, ty, SPENT);
                return Err(Spent);
            }
            self.left -= evaluation.cost;
            match evaluation.outcome {
                Ok(CelValue::Bool(true)) => {}
                Ok(_) => {
                    let said = self.run.said();
                    let broken = self.broken(item, schema, path, rule, compiled, bindings);
                    if !compiled.uses_old_self && was.ratchet.lets_pass(self.schemas) {
                        self.run.let_pass(said);
                    }
                    broken?;
                }
                Err(failure) => self.failed(item, path, ty, rule, failure.text())?,
            }
        }
        Ok(())
    }

    /// The rule went wrong when it ran.
    fn failed(&self, item: &Item<'_>, path: &str, ty: &str, rule: &Rule, fault: &str) -> Result<(), Spent> {
        let named = said_of(rule);
        if fault.starts_with("operation cancelled: actual cost limit exceeded") {
            let words = "no further validation rules will be run due to call cost exceeds limit for rule";
            self.about_type(item, path, ty, &format!("'{fault}': {words}: {named}"));
            return Err(Spent);
        }
        let detail = if fault.starts_with("no such overload") {
            let words = "call arguments did not match a supported operator, function or macro signature for rule";
            format!("'{fault}': {words}: {named}")
        } else {
            format!("{fault} evaluating rule: {named}")
        };
        self.about_type(item, path, ty, &detail);
        Ok(())
    }

    /// The rule says no.
    fn broken(
        &mut self,
        item: &Item<'_>,
        schema: &Schema,
        path: &str,
        rule: &Rule,
        compiled: &Compiled,
        bindings: &Bindings,
    ) -> Result<(), Spent> {
        let inner = self.inner_path(schema, &rule.field_path);
        let address = match (path.is_empty(), inner.is_empty()) {
            (_, true) => path.to_owned(),
            (true, false) => inner,
            (false, false) => format!("{path}.{inner}"),
        };
        let mut detail = None;
        if let Some(Ok(program)) = &compiled.message {
            match self.message(program, rule, bindings) {
                Ok(message) => detail = message,
                Err(fault) => {
                    self.about_type(item, &address, schema.ty.map_or("", Type::name), &fault);
                    return Err(Spent);
                }
            }
        }
        let detail = detail.unwrap_or_else(|| match &*rule.message {
            "" => format!("failed rule: {}", said_of(rule)),
            message => message.trim().to_owned(),
        });
        let shown = match schema.ty {
            ty if !self.run.since(VALUES) => Some(seaworthy_cel::quoted(ty.map_or("", Type::name))),
            Some(Type::Object | Type::Array) => None,
            _ => Some(item.shown(self.run)),
        };
        let (reason, shown, detail) = match &*rule.reason {
            "FieldValueForbidden" => (Reason::Forbidden, None, detail),
            "FieldValueRequired" => (Reason::Required, None, detail),
            "FieldValueDuplicate" => (Reason::Duplicate, shown, String::new()),
            _ => (Reason::Invalid, shown, detail),
        };
        self.say(item, &address, reason, shown.as_deref(), &detail);
        Ok(())
    }

    /// `evalMessageExpression`: the message, nothing if it has none, or why no further rule is run.
    fn message(&mut self, program: &Program, rule: &Rule, bindings: &Bindings) -> Result<Option<String>, String> {
        let evaluation = evaluate(program, bindings, CALL_LIMIT);
        if evaluation.cost > self.left {
            return Err(
                "messageExpression evaluation failed due to running out of cost budget, no further validation \
                        rules will be run"
                    .to_owned(),
            );
        }
        let message = match evaluation.outcome {
            Ok(value) => value,
            Err(failure) if failure.text().starts_with("operation cancelled: actual cost limit exceeded") => {
                let words = "no further validation rules will be run due to call cost exceeds limit for \
                             messageExpression";
                return Err(format!("{words}: {}", seaworthy_cel::quoted(&rule.message_expression)));
            }
            Err(_) => CelValue::Null,
        };
        self.left -= evaluation.cost;
        let text = message.as_str().map(str::trim).unwrap_or("");
        let fits = !text.is_empty() && text.len() <= MESSAGE_LIMIT && !text.contains('\n');
        Ok(fits.then(|| text.to_owned()))
    }

    /// `fieldPath` as the server prints it.
    fn inner_path(&self, schema: &Schema, path: &str) -> String {
        let mut out = String::new();
        let mut here = Some(schema);
        for token in super::path_tokens(path) {
            let Some(schema) = here else { return String::new() };
            match (schema.properties.is_empty(), token) {
                (_, "." | "[" | "]") => continue,
                (true, token) => {
                    out.push_str(&format!("[{}]", token.trim_matches('\'')));
                    here = schema.other_property().and_then(|id| self.schemas.get(id));
                }
                (false, token) => {
                    let name = token.trim_matches('\'');
                    if !out.is_empty() {
                        out.push('.');
                    }
                    out.push_str(name);
                    here = schema.property(name).and_then(|id| self.schemas.get(id));
                }
            }
        }
        out
    }

    fn about_type(&self, item: &Item<'_>, path: &str, ty: &str, detail: &str) {
        self.say(item, path, Reason::Invalid, Some(&seaworthy_cel::quoted(ty)), detail);
    }

    fn say(&self, item: &Item<'_>, path: &str, reason: Reason, shown: Option<&str>, detail: &str) {
        let path = if path.is_empty() { "<nil>" } else { path };
        self.run.say(Fault {
            class: reason.class(),
            reason: Some(reason),
            node: item.node,
            key: false,
            path: path.to_owned(),
            own: None,
            detail: words::body(reason, shown, detail),
            help: None,
        });
    }

    /// A value as its schema shows it to expressions (`UnstructuredToVal`).
    fn cel_value(&self, item: &Item<'_>, schema: &Schema, resource: bool) -> CelValue {
        match &item.data {
            Data::Null => CelValue::Null,
            Data::Bool(truth) => CelValue::Bool(*truth),
            #[allow(clippy::cast_precision_loss, reason = "a number of a schema is a double")]
            Data::Int(number) if schema.ty == Some(Type::Number) => CelValue::Double(*number as f64),
            Data::Int(number) => CelValue::Int(*number),
            Data::Float(number) => CelValue::Double(*number),
            Data::Text(text) => cel_text(text, schema),
            Data::List(items) => {
                let inner = schema.items.and_then(|id| self.schemas.get(id));
                let items = items.iter().map(|it| match inner {
                    Some(inner) => self.cel_value(it, inner, inner.embedded),
                    None => CelValue::Null,
                });
                let kind = match schema.limits().list_type {
                    ListType::Atomic => ListKind::Atomic,
                    ListType::Set => ListKind::Set,
                    ListType::Map => {
                        let keys = schema.limits().list_keys.iter();
                        ListKind::Map(
                            keys.map(|key| escape(key).map_or_else(|| (&**key).into(), |it| it.into())).collect(),
                        )
                    }
                };
                CelValue::List(seaworthy_cel::List::of_kind(items.collect(), kind))
            }
            Data::Map(entries) => {
                let mut seen = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    if let Some(entry) = self.cel_entry(key, value, schema, resource) {
                        seen.push(entry);
                    }
                }
                CelValue::map(seen)
            }
        }
    }

    fn cel_entry(&self, key: &str, item: &Item<'_>, schema: &Schema, resource: bool) -> Option<(CelValue, CelValue)> {
        let is_object = resource || !schema.properties.is_empty();
        if !is_object {
            let inner = schema.other_property().and_then(|id| self.schemas.get(id))?;
            return Some((CelValue::string(key), self.cel_value(item, inner, inner.embedded)));
        }
        if item.is_null() {
            return None;
        }
        let value = match key {
            "apiVersion" | "kind" if resource => CelValue::string(item.as_str()?),
            "metadata" if resource => {
                let named = ["name", "generateName"]
                    .into_iter()
                    .filter_map(|name| Some((CelValue::string(name), CelValue::string(item.get(name)?.as_str()?))));
                CelValue::map(named.collect())
            }
            _ => {
                let inner = schema.property(key).and_then(|id| self.schemas.get(id))?;
                self.cel_value(item, inner, inner.embedded)
            }
        };
        Some((CelValue::string(&escape(key)?), value))
    }
}

fn cel_text(text: &str, schema: &Schema) -> CelValue {
    let format = schema.limits().format.as_deref().filter(|_| schema.ty == Some(Type::String) && !schema.int_or_string);
    let value = match format {
        Some("duration") => CelValue::duration(text),
        Some("date") => Timestamp::parse(&format!("{text}T00:00:00Z")).ok().map(CelValue::Timestamp),
        Some("date-time") => Timestamp::parse(text).ok().map(CelValue::Timestamp),
        Some("byte") => seaworthy_object::base64_decode(text).map(|it| CelValue::Bytes(it.into())),
        _ => None,
    };
    value.unwrap_or_else(|| CelValue::string(text))
}

/// `ruleErrorString`
fn said_of(rule: &Rule) -> &str {
    if rule.message.is_empty() { rule.rule.trim() } else { rule.message.trim() }
}
