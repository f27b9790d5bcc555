//! Strict decoding against the `jsonschema` crate: the same verdict on the objects of the corpus and mutations of them.
//!
//! The schemas are those of the PyPI package `kubernetes-validate` 1.37.0, unpacked: `SEAWORTHY_SCHEMAS` is the folder
//! `kubernetes_validate/kubernetes-json-schema/v1.37.0-local-strict`. A schema says less than the Go types, and says
//! some things otherwise; [`Reason`] lists every difference, and none other is allowed.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail where it stands")]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use seaworthy_apiserver::{Answer, Class, Servers};
use seaworthy_document::{read, to_json};
use seaworthy_object::{Catalog, Object, Version, Versions};
use seaworthy_source::Source;
use seaworthy_tests::corpus;
use serde_json::{Map, Value, json};

/// How many mutations of each object are compared.
const MUTATIONS: usize = 8;

/// Why the two verdicts may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// A format the schema only names: int32, quantity, time, base64.
    Format,
    /// JSON schemas in a CustomResourceDefinition: their alternatives have no schema there.
    SchemaInSchema,
    /// An unknown field that is null: strict decoding sees its key, while the schema is asked without nulls.
    Null,
    /// Bytes as a list of numbers: Go reads them, the schema wants a string.
    Bytes,
}

/// The schemas by `group/version kind`, compiled when they are first asked for.
struct Schemas {
    definitions: Value,
    names: HashMap<String, String>,
    compiled: HashMap<String, Validator>,
}

impl Schemas {
    fn open(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join("_definitions.json")).expect("`_definitions.json`");
        let mut file: Value = serde_json::from_str(&text).expect("the definitions are JSON");
        let mut definitions = file["$defs"].take();
        let mut names = HashMap::new();
        for (name, definition) in definitions.as_object_mut().expect("an object") {
            for known in definition["x-kubernetes-group-version-kind"].as_array().into_iter().flatten() {
                let part = |key: &str| known[key].as_str().unwrap_or_default().to_owned();
                let (group, version, kind) = (part("group"), part("version"), part("kind"));
                let separator = if group.is_empty() { "" } else { "/" };
                names.insert(format!("{group}{separator}{version} {kind}"), name.clone());
            }
        }
        loosen(&mut definitions);
        Self { definitions, names, compiled: HashMap::new() }
    }

    fn of(&mut self, kind: &str) -> Option<&Validator> {
        let name = self.names.get(kind)?.clone();
        let definitions = &self.definitions;
        let compile = || {
            let schema = json!({"$defs": definitions, "$ref": format!("#/$defs/{name}")});
            jsonschema::options().build(&schema).expect("a schema")
        };
        Some(self.compiled.entry(name.clone()).or_insert_with(compile))
    }
}

/// Takes out what no server enforces while it decodes: required fields, values, formats.
fn loosen(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("required").is_some_and(Value::is_array) {
                fields.remove("required");
            }
            if fields.get("enum").is_some_and(Value::is_array) {
                fields.remove("enum");
            }
            if fields.get("format").is_some_and(Value::is_string) {
                fields.remove("format");
            }
            fields.values_mut().for_each(loosen);
        }
        Value::Array(items) => items.iter_mut().for_each(loosen),
        _ => {}
    }
}

/// `null` is absent to Go; the schemas allow it in some places only.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let given = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(given.map(|(key, value)| (key, without_nulls(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().filter(|it| !it.is_null()).map(without_nulls).collect()),
        // Go's JSON writes a float without a fraction as a whole number.
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15 =>
            {
                #[allow(clippy::cast_possible_truncation, reason = "it has no fraction and fits")]
                Value::from(float as i64)
            }
            _ => Value::Number(number),
        },
        other => other,
    }
}

/// What we say while decoding.
fn decoding<'a>(answers: &'a [Answer<'a>]) -> Vec<&'a Answer<'a>> {
    answers.iter().filter(|it| matches!(it.class, Class::UnknownField | Class::WrongType)).collect()
}

/// Why the difference is one, if there is a reason.
fn reason(kind: &str, text: &str, ours: &[&Answer<'_>], theirs: &[String]) -> Option<Reason> {
    let words = |it: &&&Answer<'_>| {
        let detail = &it.cause.detail;
        ["quantit", "parsing time", "base64"].iter().any(|word| detail.contains(word))
            || detail.contains("unmarshal number") && detail.contains("of type int")
    };
    let null = |it: &&&Answer<'_>| text.get(it.at.span.end as usize..).is_some_and(|rest| rest.starts_with(":null"));
    if kind.ends_with("CustomResourceDefinition") {
        Some(Reason::SchemaInSchema)
    } else if !ours.is_empty() && theirs.is_empty() && ours.iter().all(|it| words(&it)) {
        Some(Reason::Format)
    } else if theirs.is_empty() && ours.iter().all(|it| null(&it)) {
        Some(Reason::Null)
    } else if ours.is_empty() && kind == "v1 Secret" && theirs.iter().all(|it| it.starts_with('[')) {
        Some(Reason::Bytes)
    } else {
        None
    }
}

/// A cheap generator: the same mutations in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % end.max(1)
    }
}

/// Replaces a value somewhere, or misspells a key.
fn mutate(value: &mut Value, random: &mut Random) {
    let odd =
        [json!("x"), json!(1), json!(true), json!([]), json!({}), json!([1]), json!({"a": 1}), json!(null), json!(1.5)];
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let keys: Vec<String> = fields.keys().cloned().collect();
            let key = &keys[random.below(keys.len())];
            if matches!(key.as_str(), "apiVersion" | "kind") {
                return;
            }
            if random.below(12) == 0 {
                let old = fields.remove(key).unwrap_or_default();
                fields.insert(format!("{key}x"), if old.is_null() { json!(1) } else { old });
            } else if let Some(inner) = fields.get_mut(key) {
                mutate(inner, random);
            }
        }
        Value::Array(items) if !items.is_empty() && random.below(5) > 0 => {
            let at = random.below(items.len());
            mutate(&mut items[at], random);
        }
        other => *other = odd[random.below(odd.len())].clone(),
    }
}

struct Comparison {
    catalog: Catalog,
    schemas: Schemas,
    objects: usize,
    refused: usize,
    explained: BTreeMap<Reason, usize>,
    unexplained: Vec<String>,
}

impl Comparison {
    fn compare(&mut self, name: &str, value: &Value) {
        let source = Source::new(name, value.to_string());
        for document in read(&source) {
            let Some(object) = document.root().and_then(|it| Object::new(it, &self.catalog, "default")) else {
                continue;
            };
            // A list is judged by its items, which are objects of their own.
            if object.kind().ends_with("List") {
                continue;
            }
            let kind = format!("{} {}", object.api_version(), object.kind());
            let Some(schema) = self.schemas.of(&kind) else { continue };
            let seen = serde_json::from_str(&to_json(object.root())).expect("JSON");
            let seen = without_nulls(seen);
            let theirs: Vec<String> =
                schema.iter_errors(&seen).map(|it| format!("{} at {}", it, it.instance_path())).collect();
            let versions = Versions::one(Version::NEWEST);
            let answers = Servers { catalog: &self.catalog, versions, definitions: None }.judge(&object);
            let ours = decoding(&answers);
            self.objects += 1;
            self.refused += usize::from(!ours.is_empty());
            if ours.is_empty() == theirs.is_empty() {
                continue;
            }
            match reason(&kind, source.text(), &ours, &theirs) {
                Some(reason) => *self.explained.entry(reason).or_default() += 1,
                None => {
                    let ours: Vec<_> = ours.iter().map(|it| &it.cause.detail).collect();
                    self.unexplained.push(format!("{name} {kind}: ours {ours:?}, theirs {theirs:.300?}"));
                }
            }
        }
    }
}

#[test]
fn the_verdict_is_that_of_the_schemas() {
    let Some(corpus) = corpus::folder() else { return };
    let folder = std::env::var_os("SEAWORTHY_SCHEMAS").map(PathBuf::from).filter(|it| it.is_dir());
    let Some(folder) = folder else {
        eprintln!("not run: no schemas");
        return;
    };
    let mut comparison = Comparison {
        catalog: Catalog::built_in(),
        schemas: Schemas::open(&folder),
        objects: 0,
        refused: 0,
        explained: BTreeMap::new(),
        unexplained: Vec::new(),
    };
    let mut random = Random(0x5ea);
    for path in corpus::files(&corpus.join("real"), &["yaml", "yml", "json"]) {
        let source = Source::from_bytes("real", std::fs::read(&path).expect("a file of the corpus"));
        for document in read(&source) {
            let Some(root) = document.root() else { continue };
            let value: Value = serde_json::from_str(&to_json(root)).expect("JSON");
            let name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
            comparison.compare(&name, &value);
            for _ in 0..MUTATIONS {
                let mut mutated = value.clone();
                mutate(&mut mutated, &mut random);
                comparison.compare(&name, &mutated);
            }
        }
    }
    let Comparison { objects, refused, explained, unexplained, .. } = &comparison;
    eprintln!("{objects} objects, {refused} of them do not decode; differences with a reason: {explained:?}");
    assert!(*objects > 0, "the corpus has no object of a known kind");
    assert!(unexplained.is_empty(), "{} differences:\n{}", unexplained.len(), unexplained.join("\n"));
}
