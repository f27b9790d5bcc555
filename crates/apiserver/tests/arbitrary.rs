//! Arbitrary objects of every kind, through decoding and validation: no panic, and every answer lies in the text.
//!
//! A second at a time; `SEAWORTHY_FUZZ_SECONDS` sets how long, `SEAWORTHY_FUZZ_SEED` where to begin.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::fmt::Write;
use std::time::{Duration, Instant};

#[path = "../src/tests/dice.rs"]
mod dice;

use dice::Dice;
use seaworthy_apiserver::Servers;
use seaworthy_document::read;
use seaworthy_object::catalog::{Field, Kind, Shape, Type};
use seaworthy_object::{Catalog, Object, Version, Versions};
use seaworthy_source::Source;

/// Text that some field somewhere takes, or nearly takes.
const TEXTS: &[&str] = &[
    "",
    "a",
    "web",
    "A_b",
    "a/b",
    "a.example/b",
    "a/b/c",
    "é",
    "\\u0000",
    "\\n",
    " ",
    "$(X)",
    "-1",
    "1",
    "0",
    "80",
    "1Gi",
    "500m",
    "1e3",
    "-5%",
    "50%",
    "150%",
    "10.0.0.1",
    "010.0.0.1",
    "10.0.0.0/8",
    "10.0.0.0/33",
    "fd00::1",
    "::/0",
    "*/5 * * * *",
    "@hourly",
    "60 * * * *",
    "Europe/Berlin",
    "2024-01-01T00:00:00Z",
    "kubernetes.io/x",
    "http",
    "TCP",
    "/",
    "/a/../b",
    "C:\\\\x",
    "*",
    "*.example.com",
    "ExternalName",
    "LoadBalancer",
    "NodePort",
    "None",
    "Always",
    "Localhost",
    "In",
    "Exists",
    "Gt",
    "cpu",
    "memory",
    "hugepages-2Mi",
    "pods",
    "storage",
    "metadata.name",
    "metadata.labels['a']",
    "limits.cpu",
    "YQ==",
    "^(a+)+$",
    "[",
    "self.x > 1",
    "object.a == 'b'",
    "v1",
    "v1beta1",
];

const NUMBERS: &[i64] = &[0, 1, -1, 2, 30, 100, 420, 1000, 65535, 65536, 2147483647, -2147483648, 9223372036854775807];

/// Writes JSON that decodes, mostly.
struct Writer<'c> {
    catalog: &'c Catalog,
    version: Version,
    dice: Dice,
    out: String,
}

impl<'c> Writer<'c> {
    fn object(&mut self, kind: &Kind) {
        let _ = write!(self.out, "{{\"apiVersion\":\"{}\",\"kind\":\"{}\"", kind.api_version(), kind.kind);
        self.fields(self.catalog.type_of(kind), 0, true);
        self.out.push('}');
    }

    fn fields(&mut self, ty: &'c Type, depth: usize, comma: bool) {
        let mut comma = comma;
        let version = self.version;
        for field in ty.all_fields().filter(|it| it.versions.contains(version)) {
            let skipped = matches!(field.name, "apiVersion" | "kind" | "status") && depth == 0;
            let likely = matches!(field.name, "spec" | "template" | "metadata" | "containers" | "name");
            if skipped || !self.dice.one_in(if likely { 1 } else { 2 + depth }) {
                continue;
            }
            let _ = write!(self.out, "{}\"{}\":", if comma { "," } else { "" }, field.name);
            comma = true;
            self.value(&field.shape, Some(field), depth + 1);
        }
    }

    fn value(&mut self, shape: &'c Shape, field: Option<&'c Field>, depth: usize) {
        if self.dice.one_in(60) {
            let odd = *self.dice.of(&["null", "true", "1.5", "[]", "{}", "\"x\"", "[null]", "9e99"]);
            return self.out.push_str(odd);
        }
        match shape {
            Shape::Object(_) if depth > 12 => self.out.push_str("{}"),
            Shape::Object(id) => {
                self.out.push('{');
                self.fields(self.catalog.ty(*id), depth, false);
                self.out.push('}');
            }
            Shape::List(inner) => {
                self.out.push('[');
                for at in 0..self.dice.below(4) {
                    self.out.push_str(if at > 0 { "," } else { "" });
                    self.value(inner, field, depth + 1);
                }
                self.out.push(']');
            }
            Shape::Map(inner) => {
                self.out.push('{');
                for at in 0..self.dice.below(4) {
                    let key = *self.dice.of(TEXTS);
                    let _ = write!(self.out, "{}\"{key}\":", if at > 0 { "," } else { "" });
                    self.value(inner, None, depth + 1);
                }
                self.out.push('}');
            }
            Shape::Boolean => self.out.push_str(if self.dice.one_in(2) { "true" } else { "false" }),
            Shape::Int32 | Shape::Int64 | Shape::Number => self.number(),
            Shape::IntOrString if self.dice.one_in(2) => self.number(),
            Shape::Any | Shape::RawExtension | Shape::SchemaOrBool | Shape::SchemaOrArray | Shape::SchemaOrStrings => {
                let any = *self.dice.of(&["{}", "true", "[{}]", "{\"a\":{\"type\":\"string\"}}", "{\"x\":[1,null]}"]);
                self.out.push_str(any);
            }
            _ => self.text(field),
        }
    }

    fn number(&mut self) {
        let number = *self.dice.of(NUMBERS);
        self.out.push_str(&number.to_string());
    }

    fn text(&mut self, field: Option<&'c Field>) {
        let known = field.map(|it| &it.values).filter(|it| !it.is_empty() && !self.dice.one_in(4));
        let text = match known {
            Some(values) => self.dice.of(values).value.to_owned(),
            None if self.dice.one_in(50) => "a".repeat(self.dice.below(400)),
            None => (*self.dice.of(TEXTS)).to_owned(),
        };
        let _ = write!(self.out, "\"{text}\"");
    }
}

fn number_from(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn objects_of_every_kind() {
    let catalog = Catalog::built_in();
    let servers = Servers { catalog: &catalog, versions: Versions::ALL, definitions: None };
    let kinds: Vec<&Kind> = catalog.kinds().filter(|it| it.is_creatable()).collect();
    let end = Instant::now() + Duration::from_secs(number_from("SEAWORTHY_FUZZ_SECONDS", 1));
    let mut seed = number_from("SEAWORTHY_FUZZ_SEED", 1);
    while Instant::now() < end {
        let mut dice = Dice(seed);
        let kind = *dice.of(&kinds);
        let version = kind.served.newest().or_else(|| kind.known.newest()).unwrap_or(Version::NEWEST);
        let mut writer = Writer { catalog: &catalog, version, dice, out: String::new() };
        writer.object(kind);
        let written = writer.out;
        let source = Source::new("arbitrary.json", written.as_str());
        for document in read(&source) {
            let Some(object) = document.root().and_then(|root| Object::new(root, &catalog, "default")) else {
                continue;
            };
            let answers = servers.judge(&object);
            let changes = servers.judge_update(&object, &object);
            // Some rules are those of new objects alone; where they refuse, there is nothing to warn of. At metadata servers
            // look in a change whatever else is wrong.
            let refused = answers.iter().any(|it| it.cause.reason.is_some());
            for change in changes.iter().filter(|it| it.cause.reason.is_some()) {
                let of_all = change.cause.field.as_ref().is_some_and(|it| it.starts_with("metadata."));
                let said = answers.iter().any(|it| it.cause.field == change.cause.field) || refused && of_all;
                assert!(said, "an object changes nothing in its own place, seed {seed}: {change:?} {written}");
            }
            for answer in answers {
                let marked = source.text().get(answer.at.span.range());
                assert!(marked.is_some_and(|it| !it.is_empty()), "seed {seed}: {answer:?}");
                assert!(!answer.versions.is_empty() && !answer.cause.detail.is_empty(), "seed {seed}: {answer:?}");
            }
        }
        seed += 1;
    }
}
