//! Custom resources: objects of kinds that CustomResourceDefinitions define.
//!
//! k8s.io/apiextensions-apiserver, pkg/registry/customresource/strategy.go and validator.go: metadata, the schema,
//! `scale`, embedded objects, lists of distinct items, and at last the rules in CEL.

mod correlated;
mod definitions;
mod embedded;
mod formats;
pub(super) mod item;
mod lists;
mod pruning;
pub(super) mod rules;
pub(super) mod schema;
mod schema_validation;

use seaworthy_document::Node;
use seaworthy_object::catalog::Kind;
use seaworthy_object::{Catalog, Versions};

use super::apiextensions::path_tokens;
use super::meta;
use super::names::{self, BYTES};
use super::run::{Fault, Run};
use super::value::Value;
use super::words::{self, Reason};
use crate::answer::{Answers, Class, Help};
use crate::{decode, distance};
use correlated::Correlated;
pub use definitions::Definitions;
use definitions::{DefinedVersion, Definition, Scale};
use item::{Data, Item};
use rules::{Cache, Rules};
use schema::{SchemaId, Schemas};
use schema_validation::SchemaValidator;

/// A default of a schema that does not follow it (k8s.io/apiextensions-apiserver, pkg/apiserver/schema/defaulting).
pub(super) fn default_faults(schema: Value<'_>, default: Value<'_>) {
    let (Some(node), Some(value)) = (schema.node(), default.node()) else { return };
    let mut schemas = Schemas::default();
    let id = schemas.read(node);
    let item = Item::read(value);
    let embedded = schemas.get(id).is_some_and(|it| it.embedded);
    if !pruning::unknown(value, &schemas, id, embedded).is_empty() {
        default.invalid_shown(&item.shown(default.run()), "must not have unknown fields");
    }
    let validator = SchemaValidator { schemas: &schemas, run: default.run(), known_formats: false };
    let findings = validator.validate(&item, None, id);
    if findings.is_empty() {
        let cache = Cache::default();
        return Rules::new(&schemas, &cache, default.run()).validate_default(&item, id, &default.path());
    }
    for finding in findings {
        let inner = default.value_at(finding.node).unwrap_or(default);
        let path = finding.path.map_or_else(|| default.path(), |path| format!("{}.{path}", default.path()));
        inner.named(path).say(finding.reason, finding.shown.as_deref(), &finding.detail, None);
    }
}

/// Why it is no regular expression, if it is none.
pub(super) fn pattern_fault(pattern: &str) -> Option<String> {
    seaworthy_cel::Regex::new(pattern).err()
}

/// Whether servers look at a format of strings.
pub(super) fn is_text_format(format: &str, run: &Run<'_>) -> bool {
    formats::is_known(format, &|minor| run.since(minor))
}

/// What `hasBlockingErr` says in the place of the rules in CEL.
const UNCHECKED: &str = "some validation rules were not checked because the object was invalid; correct the existing \
    errors to complete validation";

/// Judges an object of a kind that is defined; false if none of the definitions is of its kind, or servers have that
/// kind themselves, which no definition takes from them. `old` is the one whose place it takes, where rules speak of that.
#[inline(never)]
pub(crate) fn judge(
    definitions: &Definitions,
    old: Option<Node<'_>>,
    catalog: &Catalog,
    versions: Versions,
    answers: &mut Answers<'_>,
) -> bool {
    let object = answers.object();
    let Some(definition) = definitions.get(object.group(), object.kind()) else { return false };
    let is_served = |it: &Kind| it.group == object.group() && !it.served.intersect(versions).is_empty();
    if catalog.kinds_named(object.kind()).any(is_served) {
        return false;
    }
    // What all kinds share, a ConfigMap has too: its type stands for the one that no catalog has.
    let Some(model) = catalog.kind("", "v1", "ConfigMap") else { return false };
    let kind = Kind { namespaced: definition.namespaced, ..model.clone() };
    let Some(version) = definition.version(object.version()).filter(|it| it.served) else {
        not_served(definition, versions, answers);
        return true;
    };
    let Some(schema) = version.schema else { return true };
    if let Some(warning) = &version.warning {
        let at = answers.field(object.root()).place();
        answers.say(Class::DeprecatedApi, at, None, versions, warning.to_string(), None);
    }
    let unknown = pruning::unknown_fields(object.root(), &definitions.schemas, schema);
    let root = object.root();
    let mut decoded = decode::metadata(root, kind.ty, catalog, versions, answers);
    for inner in pruning::embedded(root, &definitions.schemas, schema) {
        decoded = decoded.intersect(decode::metadata(inner, kind.ty, catalog, versions, answers));
    }
    unknown.iter().for_each(|node| unknown_field(*node, definitions, schema, versions, answers));
    if !unknown.is_empty() {
        return true;
    }
    let mut left = decoded;
    while let Some(newest) = left.newest() {
        let run = Run::new(object, catalog, &kind, newest, left);
        Resource { definitions, version, schema, run: &run }.validate(root, old);
        left = left.minus(run.finish(answers));
    }
    true
}

/// The kind is defined, but not in this version.
fn not_served(definition: &Definition, versions: Versions, answers: &mut Answers<'_>) {
    let object = answers.object();
    let served: Vec<String> =
        definition.versions.iter().filter(|it| it.served).map(|it| format!("{}/{}", object.group(), it.name)).collect();
    let help = (!served.is_empty()).then(|| Help::from(format!("{} is in {}", object.kind(), served.join(", "))));
    let Some(node) = object.root().get("apiVersion") else { return };
    let at = answers.field(node).place();
    let detail = format!("no matches for kind \"{}\" in version \"{}\"", object.kind(), object.api_version());
    answers.say(Class::UnknownKind, at, None, versions, detail, help);
}

/// Strict decoding meets a field that the schema does not have.
fn unknown_field<'a>(
    node: Node<'a>,
    definitions: &Definitions,
    schema: SchemaId,
    versions: Versions,
    answers: &mut Answers<'a>,
) {
    let root = answers.object().root();
    let path = decode::strict_path(node, root);
    let detail = format!("unknown field \"{path}\"");
    let around = around(node, root, definitions, schema).and_then(|id| definitions.schemas.get(id));
    let siblings = around.into_iter().flat_map(|it| it.properties.iter()).map(|(name, _)| &**name);
    let is_free = |it: &str| node.parent().is_none_or(|around| around.entry(it).is_none());
    let near = distance::nearest(node.key().map_or("", |key| key.text()), siblings);
    let help = near.map(|(it, _)| Help::meant(it).instead(is_free(it).then(|| it.to_owned())));
    let at = answers.field(node).key_place();
    answers.say(Class::UnknownField, at, Some(path), versions, detail, help);
}

/// The schema of the object that a node is a field of.
fn around(node: Node<'_>, root: Node<'_>, definitions: &Definitions, schema: SchemaId) -> Option<SchemaId> {
    let parent = node.parent()?;
    let mut way: Vec<Node<'_>> =
        std::iter::successors(Some(parent), Node::parent).take_while(|it| *it != root).collect();
    way.reverse();
    way.into_iter().try_fold(schema, |id, node| {
        let schema = definitions.schemas.get(id)?;
        node.key().map_or(schema.items, |key| schema.under(key.text()))
    })
}

/// One object before servers of one version.
struct Resource<'r> {
    definitions: &'r Definitions,
    version: &'r DefinedVersion,
    schema: SchemaId,
    run: &'r Run<'r>,
}

impl Resource<'_> {
    /// `customResourceStrategy.Validate`
    fn validate(&self, root: Node<'_>, before: Option<Node<'_>>) {
        let schemas = &self.definitions.schemas;
        let Some(schema) = schemas.get(self.schema) else { return };
        let held = |node| {
            let mut item = Item::read(node);
            self.prepare(&mut item);
            pruning::drop_nulls(&mut item, schema, schemas);
            pruning::set_defaults(&mut item, schema, schemas);
            item
        };
        let (item, old) = (held(root), before.map(held));
        let was = old.as_ref().map(|old| Correlated::new(&item, old, self.schema));
        let object = self.run.root();
        meta::custom(object);
        if let Some(before) = before {
            meta::changed(object, before);
        }
        let validator = SchemaValidator { schemas, run: self.run, known_formats: true };
        for finding in validator.validate(&item, was.as_ref(), self.schema) {
            let path = finding.path.unwrap_or_else(|| "<nil>".to_owned());
            self.say(finding.node, path, finding.reason, finding.shown.as_deref(), &finding.detail);
        }
        if let Some(scale) = &self.version.scale {
            self.scale(&item, scale);
        }
        embedded::validate(object, &item, self.schema, schemas);
        self.distinct_items(&item, old.as_ref());
        if schema.ruled && self.run.blocks() {
            let null = if self.run.since(34) { "null" } else { "\"null\"" };
            self.say(item.node, "<nil>".to_owned(), Reason::Invalid, Some(null), UNCHECKED);
        } else if schema.ruled {
            Rules::new(schemas, &self.definitions.rules, self.run).validate(&item, was.as_ref(), self.schema);
        }
        if !self.run.refuses() {
            self.finalizer_warnings();
        }
    }

    /// Where items were alike before, they may be.
    fn distinct_items(&self, item: &Item<'_>, old: Option<&Item<'_>>) {
        let of = |item| lists::validate(item, self.schema, &self.definitions.schemas);
        let all = of(item);
        if !all.is_empty() && old.is_some_and(|old| !of(old).is_empty()) {
            return;
        }
        for said in all {
            let (reason, shown, detail) = match &said.twice {
                Some(twice) => (Reason::Duplicate, twice, ""),
                None => (Reason::Invalid, said.item, "must be an object for an array of list-type map"),
            };
            self.say(said.item.node, said.path, reason, Some(&shown.shown(self.run)), detail);
        }
    }

    /// What is dropped and filled in before anything else (`PrepareForCreate`, `rest.BeforeCreate`): metadata is there,
    /// and comes out of its Go type without nulls.
    fn prepare(&self, item: &mut Item<'_>) {
        let node = item.node;
        let Data::Map(entries) = &mut item.data else { return };
        entries.retain(|(key, value)| match &**key {
            "status" => !self.version.status,
            "metadata" => !value.is_null(),
            _ => true,
        });
        match entries.binary_search_by(|(key, _)| (**key).cmp("metadata")) {
            Ok(at) => {
                if let Some((_, Item { data: Data::Map(fields), node })) = entries.get_mut(at) {
                    let is_name = |key: &str, value: &Item<'_>| key == "name" && value.as_str() == Some("");
                    fields.retain(|(key, value)| !value.is_null() && !is_name(key, value));
                    let name = meta::name_of(self.run.root().get("metadata"));
                    if let Err(at) = fields.binary_search_by(|(key, _)| (**key).cmp("name"))
                        && !name.is_empty()
                    {
                        let data = Data::Text(name.into_owned().into());
                        fields.insert(at, ("name".into(), Item { node: *node, data }));
                    }
                }
            }
            Err(at) => entries.insert(at, ("metadata".into(), Item { node, data: Data::Map(Vec::new()) })),
        }
    }

    fn say(&self, node: seaworthy_document::NodeId, path: String, reason: Reason, shown: Option<&str>, detail: &str) {
        let detail = words::body(reason, shown, detail);
        self.run.say(Fault {
            class: reason.class(),
            reason: Some(reason),
            node,
            key: false,
            path,
            own: None,
            detail,
            help: None,
        });
    }

    /// `ValidateScaleSpec` and `ValidateScaleStatus`
    fn scale(&self, item: &Item<'_>, scale: &Scale) {
        for path in [&scale.spec_replicas, &scale.status_replicas] {
            let detail = match at_path(item, path, "int64") {
                Err((node, fault)) => Some((node, 0, fault)),
                Ok(Some((node, Data::Int(number)))) if !(0..=i64::from(i32::MAX)).contains(number) => {
                    let small = "should be a non-negative integer".to_owned();
                    let large = || format!("should be less than or equal to {}", i32::MAX);
                    Some((node, *number, if *number < 0 { small } else { large() }))
                }
                Ok(_) => None,
            };
            if let Some((node, number, detail)) = detail {
                self.say(node, path.to_string(), Reason::Invalid, Some(&number.to_string()), &detail);
            }
        }
        if let Some(path) = &scale.label_selector
            && let Err((node, fault)) = at_path(item, path, "string")
        {
            self.say(node, path.to_string(), Reason::Invalid, Some("\"\""), &fault);
        }
    }

    /// `validateKubeFinalizerName`
    fn finalizer_warnings(&self) {
        let list = self.run.root().at("metadata.finalizers");
        for item in list.items() {
            let name = item.str();
            let mut faults = if names::is_key(name) { Vec::new() } else { names::key_faults(name, item.since(BYTES)) };
            if !name.contains('/') && !matches!(name, "kubernetes" | "orphan" | "foregroundDeletion") {
                let path = if name.contains('.') { " including a path (/)" } else { "" };
                faults.push(format!(
                    "prefer a domain-qualified finalizer name{path} to avoid accidental conflicts with other finalizer \
                     writers"
                ));
            }
            for fault in faults {
                item.warn(format!("metadata.finalizers: {}: {fault}", seaworthy_cel::quoted(name)));
            }
        }
    }
}

/// `unstructured.NestedInt64` and `NestedString`: the value of a type at a path such as `.spec.replicas`.
#[allow(clippy::type_complexity, reason = "a value with its place, or words with theirs")]
fn at_path<'i>(
    item: &'i Item<'i>,
    path: &str,
    wanted: &str,
) -> Result<Option<(seaworthy_document::NodeId, &'i Data<'i>)>, (seaworthy_document::NodeId, String)> {
    let mut here = item;
    let mut read = String::new();
    for key in path.trim_start_matches('.').split('.') {
        if here.is_null() {
            return Ok(None);
        }
        read.push('.');
        read.push_str(key);
        if !matches!(here.data, Data::Map(_)) {
            let (shown, ty) = go_value(here);
            let fault =
                format!("{read} accessor error: {shown} is of the type {ty}, expected map[string]interface{{}}");
            return Err((here.node, fault));
        }
        let Some(inner) = here.get(key) else { return Ok(None) };
        here = inner;
    }
    let (shown, ty) = go_value(here);
    if ty == wanted {
        return Ok(Some((here.node, &here.data)));
    }
    Err((here.node, format!("{read} accessor error: {shown} is of the type {ty}, expected {wanted}")))
}

/// `%v` and `%T` of a value.
fn go_value(item: &Item<'_>) -> (String, &'static str) {
    match &item.data {
        Data::Null => ("<nil>".to_owned(), "<nil>"),
        Data::Bool(truth) => (truth.to_string(), "bool"),
        Data::Int(number) => (number.to_string(), "int64"),
        Data::Float(number) => (item::plain_number(*number), "float64"),
        Data::Text(text) => (text.to_string(), "string"),
        Data::List(items) => {
            let items: Vec<String> = items.iter().map(|it| go_value(it).0).collect();
            (format!("[{}]", items.join(" ")), "[]interface {}")
        }
        Data::Map(entries) => {
            let entries: Vec<String> = entries.iter().map(|(key, it)| format!("{key}:{}", go_value(it).0)).collect();
            (format!("map[{}]", entries.join(" ")), "map[string]interface {}")
        }
    }
}
