//! Custom resources, judged by the definition beside them.

use std::time::{Duration, Instant};

use seaworthy_document::read;
use seaworthy_object::{Catalog, Object, Version, Versions};
use seaworthy_source::Source;

use super::dice::Dice;
use crate::{Definitions, Servers};

/// A definition whose `spec` has this schema.
fn definition(spec: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: ships.sea.example}}\n\
         spec:\n  group: sea.example\n  scope: Namespaced\n  names: {{plural: ships, kind: Ship}}\n  versions:\n  \
         - name: v1\n    served: true\n    storage: true\n    subresources: {{status: {{}}}}\n    schema:\n      \
         openAPIV3Schema:\n        type: object\n        properties:\n          spec: {spec}\n          \
         status: {{type: object, properties: {{ready: {{type: boolean}}}}}}\n"
    )
}

/// What servers of a version say of a ship, by a definition.
fn said_in(version: u8, spec: &str, ship: &str) -> Vec<String> {
    said_of(version, &format!("{}---\napiVersion: sea.example/v1\nkind: Ship\n{ship}\n", definition(spec)))
}

/// What servers of a version say of objects, by the definitions among them.
fn said_of(version: u8, text: &str) -> Vec<String> {
    let catalog = Catalog::built_in();
    let documents = read(&Source::new("test.yaml", text));
    let objects: Vec<_> = documents.iter().filter_map(|it| Object::new(it.root()?, &catalog, "default")).collect();
    let definitions = Definitions::of(&objects);
    let versions = Versions::one(Version::minor_of(version));
    let mut said = Vec::new();
    for object in &objects {
        let servers = Servers { catalog: &catalog, versions, definitions: Some(&definitions) };
        for answer in servers.judge(object) {
            assert!(text.get(answer.at.span.range()).is_some(), "a span of the text");
            said.push(format!("{}: {}", answer.cause.field.unwrap_or_default(), answer.cause.detail));
        }
    }
    said
}

fn said(spec: &str, ship: &str) -> Vec<String> {
    said_in(37, spec, ship)
}

#[test]
fn no_definition_takes_a_kind_from_servers() {
    let definitions = definition("{type: object}")
        .replace("sea.example", "apiextensions.k8s.io")
        .replace("{plural: ships, kind: Ship}", "{plural: ships, kind: CustomResourceDefinition}");
    let said = said_of(37, &definitions);
    assert!(said.iter().all(|it| !it.contains("unknown field")), "{said:?}");
}

#[test]
fn what_the_schema_says_holds() {
    let spec = "{type: object, required: [crew], properties: {crew: {type: integer, minimum: 1, format: int32}, \
                name: {type: string, maxLength: 3, pattern: '^[a-z]+$'}, kind: {type: string, enum: [tug, ferry]}, \
                port: {x-kubernetes-int-or-string: true}, mail: {type: string, format: email}, \
                cargo: {type: array, maxItems: 1, items: {type: string}}}}";
    for (ship, expected) in [
        ("metadata: {name: a}\nspec: {crew: 1, name: abc, port: 80}", vec![]),
        ("metadata: {name: a}\nspec: {}", vec!["spec.crew: Required value"]),
        (
            "metadata: {name: a}\nspec: {crew: 0}",
            vec!["spec.crew: Invalid value: 0: spec.crew in body should be greater than or equal to 1"],
        ),
        (
            "metadata: {name: a}\nspec: {crew: many}",
            vec!["spec.crew: Invalid value: \"string\": spec.crew in body must be of type integer: \"string\""],
        ),
        ("metadata: {name: a}\nspec: {crew: 1, name: abcd}", vec!["spec.name: Too long: may not be more than 3 bytes"]),
        (
            "metadata: {name: a}\nspec: {crew: 1, name: '1'}",
            vec!["spec.name: Invalid value: \"1\": spec.name in body should match '^[a-z]+$'"],
        ),
        (
            "metadata: {name: a}\nspec: {crew: 1, kind: raft}",
            vec!["spec.kind: Unsupported value: \"raft\": supported values: \"tug\", \"ferry\""],
        ),
        (
            "metadata: {name: a}\nspec: {crew: 1, mail: x}",
            vec!["spec.mail: Invalid value: \"x\": spec.mail in body must be of type email: \"x\""],
        ),
        (
            "metadata: {name: a}\nspec: {crew: 1, cargo: [a, b]}",
            vec!["spec.cargo: Too many: 2: must have at most 1 item"],
        ),
        (
            "metadata: {name: A_}\nspec: {crew: 1, port: true}",
            vec![
                "metadata.name: Invalid value: \"A_\": a lowercase RFC 1123 subdomain must consist of lower case \
             alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. \
             'example.com', regex used for validation is \
             '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
                "spec.port: Invalid value: \"boolean\": spec.port in body must be of type integer,string: \"boolean\"",
            ],
        ),
    ] {
        assert_eq!(said(spec, ship), expected, "{ship}");
    }
}

#[test]
fn a_number_is_looked_at_by_its_format_since_1_37() {
    let spec = "{type: object, properties: {crew: {type: integer, format: int32}}}";
    let ship = "metadata: {name: a}\nspec: {crew: 2147483648}";
    assert_eq!(
        said_in(37, spec, ship),
        ["<nil>: Invalid value: \"\": Checked value must be of type integer with format int32 in spec.crew"]
    );
    assert_eq!(said_in(36, spec, ship), Vec::<String>::new());
}

#[test]
fn fields_that_the_schema_does_not_have_are_refused_unless_it_keeps_them() {
    let spec = "{type: object, properties: {crew: {type: integer}, extra: {type: object, \
                x-kubernetes-preserve-unknown-fields: true, properties: {known: {type: object}}}}}";
    for (ship, expected) in [
        ("metadata: {name: a}\nspec: {crw: 1}", vec!["spec.crw: unknown field \"spec.crw\""]),
        ("metadata: {name: a, nmae: b}\nspec: {}", vec!["metadata.nmae: unknown field \"metadata.nmae\""]),
        ("metadata: {name: a}\nspec: {extra: {a: {b: 1}}}", vec![]),
        (
            "metadata: {name: a}\nspec: {extra: {known: {b: 1}}}",
            vec!["spec.extra.known.b: unknown field \"spec.extra.known.b\""],
        ),
        ("metadata: {name: a}\nmore: 1", vec!["more: unknown field \"more\""]),
        // It is dropped before it is looked at.
        ("metadata: {name: a}\nstatus: {ready: soon}", vec![]),
    ] {
        assert_eq!(said(spec, ship), expected, "{ship}");
    }
}

#[test]
fn schemas_are_combined_as_go_openapi_does() {
    let spec = "{type: object, properties: {a: {x-kubernetes-int-or-string: true}, b: {type: integer}, \
                c: {type: object, properties: {x: {type: string}, z: {type: string}}, \
                oneOf: [{required: [x]}, {required: [z]}]}}, not: {required: [a, b]}}";
    for (ship, expected) in [
        ("metadata: {name: a}\nspec: {c: {x: a}}", vec![]),
        (
            "metadata: {name: a}\nspec: {c: {}}",
            vec![
                "<nil>: Invalid value: \"\": \"spec.c\" must validate one and only one schema (oneOf). Found none \
                 valid",
                "spec.c.x: Required value",
            ],
        ),
        (
            "metadata: {name: a}\nspec: {c: {x: a, z: b}}",
            vec![
                "<nil>: Invalid value: \"\": \"spec.c\" must validate one and only one schema (oneOf). Found 2 valid \
                 alternatives",
            ],
        ),
        (
            "metadata: {name: a}\nspec: {a: 1, b: 1}",
            vec!["<nil>: Invalid value: \"\": \"spec\" must not validate the schema (not)"],
        ),
    ] {
        assert_eq!(said(spec, ship), expected, "{ship}");
    }
}

#[test]
fn lists_name_what_stands_twice() {
    let spec = "{type: object, properties: {set: {type: array, x-kubernetes-list-type: set, items: {type: string}}, \
                map: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], items: \
                {type: object, required: [name], properties: {name: {type: string}}}}}}";
    let ship = "metadata: {name: a}\nspec: {set: [a, b, a, a], map: [{name: a}, {name: a}]}";
    assert_eq!(
        said(spec, ship),
        ["spec.map[1]: Duplicate value: {\"name\":\"a\"}", "spec.set[2]: Duplicate value: \"a\""]
    );
    assert_eq!(said_in(33, spec, ship)[0], "spec.map[1]: Duplicate value: map[string]interface {}{\"name\":\"a\"}");
}

#[test]
fn rules_see_defaults_and_say_their_message() {
    let spec = "{type: object, default: {min: 2}, properties: {min: {type: integer, default: 2}, \
                max: {type: integer}}, x-kubernetes-validations: [{rule: '!has(self.max) || self.min <= self.max', \
                messageExpression: \"self.min == 2 ? 'at least 2' : 'more'\", fieldPath: .max, \
                reason: FieldValueForbidden}, {rule: 'self.min == oldSelf.min'}]}";
    for (ship, expected) in [
        ("metadata: {name: a}", vec![]),
        ("metadata: {name: a}\nspec: {max: 1}", vec!["spec.max: Forbidden: at least 2"]),
        ("metadata: {name: a}\nspec: {max: 1, min: 1}", vec![]),
        (
            "metadata: {name: a}\nspec: {max: x}",
            vec![
                "spec.max: Invalid value: \"string\": spec.max in body must be of type integer: \"string\"",
                "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; \
                 correct the existing errors to complete validation",
            ],
        ),
    ] {
        assert_eq!(said(spec, ship), expected, "{ship}");
    }
    let rule = "{type: object, properties: {x: {type: object, additionalProperties: {type: string}}}, \
                x-kubernetes-validations: [{rule: \"self.x['a'] == 'b'\"}]}";
    assert_eq!(
        said(rule, "metadata: {name: a}\nspec: {x: {}}"),
        ["spec: Invalid value: \"object\": no such key: a evaluating rule: self.x['a'] == 'b'"]
    );
}

#[test]
fn rules_see_what_was_there_before() {
    let spec = "{type: object, properties: {a: {type: integer, x-kubernetes-validations: [{rule: self == oldSelf, \
                message: is fixed}]}, list: {type: array, x-kubernetes-list-type: map, \
                x-kubernetes-list-map-keys: [k], maxItems: 9, items: {type: object, required: [k], \
                properties: {k: {type: string}, v: {type: integer}}, \
                x-kubernetes-validations: [{rule: self.v >= oldSelf.v}]}}, b: {type: string, maxLength: 5, \
                x-kubernetes-validations: [{rule: oldSelf.hasValue() || self == 'new', optionalOldSelf: true}]}}}";
    let catalog = Catalog::built_in();
    let changed = |old: &str, new: &str| -> Vec<String> {
        let ship = |it: &str| format!("apiVersion: sea.example/v1\nkind: Ship\nmetadata: {{name: a}}\nspec: {it}\n");
        let text = format!("{}---\n{}---\n{}", definition(spec), ship(old), ship(new));
        let documents = read(&Source::new("test.yaml", text.as_str()));
        let objects: Vec<_> = documents.iter().filter_map(|it| Object::new(it.root()?, &catalog, "default")).collect();
        let definitions = Definitions::of(&objects);
        let newest = Versions::one(Version::NEWEST);
        let said = Servers { catalog: &catalog, versions: newest, definitions: Some(&definitions) }
            .judge_update(&objects[1], &objects[2]);
        said.into_iter().map(|it| format!("{}: {}", it.cause.field.unwrap_or_default(), it.cause.detail)).collect()
    };
    let none = Vec::<String>::new();
    assert_eq!(changed("{a: 1}", "{a: 1}"), none);
    assert_eq!(changed("{a: 1}", "{a: 2}"), ["spec.a: Invalid value: 2: is fixed"]);
    assert_eq!(changed("{}", "{a: 2}"), none);
    assert_eq!(
        changed("{list: [{k: a, v: 1}, {k: b, v: 5}]}", "{list: [{k: b, v: 5}, {k: a, v: 1}, {k: c, v: 0}]}"),
        none
    );
    assert_eq!(
        changed("{list: [{k: a, v: 1}, {k: b, v: 5}]}", "{list: [{k: b, v: 4}]}"),
        ["spec.list[0]: Invalid value: failed rule: self.v >= oldSelf.v"]
    );
    assert_eq!(changed("{b: x}", "{b: 'y'}"), none);
    assert_eq!(
        changed("{}", "{b: 'y'}"),
        ["spec.b: Invalid value: \"y\": failed rule: oldSelf.hasValue() || self == 'new'"]
    );
}

#[test]
fn an_object_in_an_object_has_a_type_and_metadata() {
    let spec = "{type: object, properties: {inner: {type: object, x-kubernetes-embedded-resource: true, \
                x-kubernetes-preserve-unknown-fields: true}}}";
    let ship = "metadata: {name: a}\nspec: {inner: {kind: a_b, metadata: {labels: {'-': a}}}}";
    let said = said(spec, ship);
    assert_eq!(said.len(), 3, "{said:#?}");
    assert_eq!(said[0], "spec.inner.apiVersion: Required value");
    assert!(said[1].starts_with("spec.inner.kind: Invalid value: \"a_b\": may have mixed case"));
    assert!(said[2].starts_with("spec.inner.metadata.labels: Invalid value: \"-\": name part must"));
}

#[test]
fn a_version_that_is_not_served_is_no_kind() {
    let catalog = Catalog::built_in();
    let text =
        format!("{}---\napiVersion: sea.example/v2\nkind: Ship\nmetadata: {{name: a}}\n", definition("{type: object}"));
    let documents = read(&Source::new("test.yaml", text.as_str()));
    let objects: Vec<_> = documents.iter().filter_map(|it| Object::new(it.root()?, &catalog, "default")).collect();
    let definitions = Definitions::of(&objects);
    let said = Servers { catalog: &catalog, versions: Versions::one(Version::NEWEST), definitions: Some(&definitions) }
        .judge(&objects[1]);
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].cause.detail, "no matches for kind \"Ship\" in version \"sea.example/v2\"");
    assert_eq!(said[0].help.as_deref(), Some("Ship is in sea.example/v1"));
}

/// What is no definition defines nothing, and nothing breaks.
#[test]
fn broken_definitions() {
    for spec in [
        "5",
        "{type: 5, properties: [a], items: 3, required: {a: b}, enum: 5, pattern: '['}",
        "{type: object, properties: {a: {type: array, items: [{type: string}]}}}",
        "{type: object, x-kubernetes-validations: [{rule: '1 +'}, 5, {rule: 'self.a'}]}",
        "{anyOf: [{anyOf: [{anyOf: 5}]}], not: {not: {not: {}}}}",
    ] {
        for ship in ["metadata: {name: a}\nspec: {a: [1, {b: c}]}", "metadata: 5\nspec: 5", "spec: [a]"] {
            said(spec, ship);
        }
    }
}

/// Words that mean something in a schema, and others.
const WORDS: &[&str] = &[
    "type",
    "object",
    "array",
    "string",
    "integer",
    "number",
    "boolean",
    "properties",
    "items",
    "additionalProperties",
    "required",
    "enum",
    "default",
    "format",
    "int32",
    "date-time",
    "byte",
    "pattern",
    "^(a|b)*$",
    "[",
    "minimum",
    "maximum",
    "multipleOf",
    "maxLength",
    "minItems",
    "anyOf",
    "oneOf",
    "allOf",
    "not",
    "nullable",
    "a",
    "b",
    "c",
    "x-kubernetes-int-or-string",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-list-type",
    "map",
    "set",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-validations",
    "rule",
    "self.a == 1",
    "self.all(x, x.a == oldSelf.a)",
    "messageExpression",
    "'a' + self.b",
    "fieldPath",
    ".a",
    "metadata",
    "apiVersion",
    "kind",
    "\u{e9}",
    "",
];

fn anything(dice: &mut Dice, depth: usize, out: &mut String) {
    let width = dice.below(5);
    match dice.below(if depth > 5 { 5 } else { 9 }) {
        0 => out.push_str(dice.of::<&str>(&["null", "true", "false"])),
        1 => out.push_str(dice.of::<&str>(&["0", "1", "-1", "1.5", "1e400", "9223372036854775808"])),
        2..5 => out.push_str(&format!("{:?}", dice.of(WORDS))),
        5 => {
            out.push('[');
            for at in 0..width {
                out.push_str(if at > 0 { "," } else { "" });
                anything(dice, depth + 1, out);
            }
            out.push(']');
        }
        _ => {
            out.push('{');
            for at in 0..width {
                out.push_str(&format!("{}{:?}:", if at > 0 { "," } else { "" }, dice.of(WORDS)));
                anything(dice, depth + 1, out);
            }
            out.push('}');
        }
    }
}

/// Any schema and any object, for a second: no panic, and every answer lies in the text (`said` looks).
#[test]
fn arbitrary_schemas_and_objects() {
    let until = Instant::now() + Duration::from_secs(1);
    let mut dice = Dice(7);
    while Instant::now() < until {
        let (mut schema, mut ship) = (String::new(), String::new());
        anything(&mut dice, 0, &mut schema);
        anything(&mut dice, 1, &mut ship);
        let version = 30 + u8::try_from(dice.below(8)).unwrap_or(0);
        let schema = if dice.one_in(3) { schema } else { format!("{{type: object, properties: {{a: {schema}}}}}") };
        said_in(version, &schema, &format!("metadata: {{name: a}}\nspec: {{a: {ship}}}"));
    }
}
