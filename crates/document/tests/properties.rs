//! What holds for every source.

use std::fmt::Write as _;

use proptest::prelude::*;
use seaworthy_document::{Document, FieldPath, Node, Segment, read, to_json};
use seaworthy_source::Source;
use serde_json::Value;

/// Lines that are YAML more often than not.
fn yaml_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b",
        "key",
        ":",
        ": ",
        "- ",
        "? ",
        " ",
        "  ",
        "    ",
        "\n",
        "\n",
        "\n  ",
        "\n    ",
        "\r\n",
        "\t",
        "[",
        "]",
        "{",
        "}",
        ",",
        ", ",
        "\"",
        "'",
        "\"x\"",
        "'y'",
        "|\n",
        ">-\n",
        "|+\n  ",
        "#",
        " # c\n",
        "&x ",
        "*x",
        "*x\n",
        "<<: ",
        "!!str ",
        "!!int ",
        "! ",
        "!!binary ",
        "---\n",
        "--- # c\n",
        "--- d\n",
        "...\n",
        "%YAML 1.2\n",
        "1",
        "017",
        "1e3",
        "yes",
        "null",
        "~",
        ".inf",
        "0x1F",
        "é",
        "\u{1F600}",
        "\u{feff}",
        "\u{2028}",
        "\u{85}",
        "\u{7}",
        "\\",
        "\\n",
        "\\/",
        "\\u0041",
        "{{ x }}",
        "key: value\n",
        "- item\n",
        "a: {b: c}\n",
        "@",
        "`",
        "%",
        "''",
        "\"\"",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// A tree and one of the ways to write it.
fn written_value() -> impl Strategy<Value = (Value, bool)> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1_000_000..1_000_000i32).prop_map(|it| Value::from(f64::from(it) / 64.0)),
        "[ -~]{0,12}".prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        "([a-z]{1,4}\n){1,4}".prop_map(Value::from),
    ];
    let tree = scalar.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z0-9_./-]{0,8}", inner, 0..5)
                .prop_map(|map| Value::from(map.into_iter().collect::<serde_json::Map<_, _>>())),
        ]
    });
    (tree, any::<bool>())
}

/// Writes a value as block YAML with JSON scalars, or with `flow` as JSON.
fn write(value: &Value, flow: bool, indent: usize, out: &mut String) {
    match value {
        Value::Array(items) if !flow && !items.is_empty() => {
            for item in items {
                let _ = write!(out, "\n{:indent$}- ", "");
                write(item, flow, indent + 2, out);
            }
        }
        Value::Object(map) if !flow && !map.is_empty() => {
            for (key, value) in map {
                let _ = write!(out, "\n{:indent$}{}: ", "", Value::from(key.as_str()));
                write(value, flow, indent + 2, out);
            }
        }
        Value::String(text) if !flow && text.ends_with('\n') && indent > 0 => {
            out.push('|');
            text.lines().for_each(|line| {
                let _ = write!(out, "\n{:indent$}{line}", "");
            });
        }
        other => out.push_str(&other.to_string()),
    }
}

fn nodes<'a>(root: Node<'a>, out: &mut Vec<Node<'a>>) {
    out.push(root);
    root.items().for_each(|item| nodes(item, out));
    root.entries().for_each(|entry| nodes(entry.value, out));
}

fn all_nodes(document: &Document) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    document.root().into_iter().for_each(|root| nodes(root, &mut found));
    found
}

fn values(text: &str) -> Vec<Result<String, String>> {
    let documents = read(&Source::new("test.yaml", text));
    documents
        .iter()
        .map(|document| match document.error() {
            Some(error) => Err(error.message.clone()),
            None => Ok(document.root().map(to_json).unwrap_or_default()),
        })
        .collect()
}

/// The laws of the tree, for any source whatever.
fn check_laws(source: &Source) -> Result<(), TestCaseError> {
    let text = source.text();
    for document in &read(source) {
        for error in document.errors() {
            prop_assert!(text.get(error.span.range()).is_some(), "{error} at {:?}", error.span);
            prop_assert!(!error.message.is_empty() && !error.message.contains('\n'));
        }
        for span in document.comments().iter().map(|it| it.span).chain(document.anchors().map(|it| it.1)) {
            prop_assert!(text.get(span.range()).is_some_and(|it| it.starts_with(['#', '&'])), "{span:?}");
        }
        let root = document.root();
        for node in all_nodes(document) {
            let span = node.span();
            prop_assert!(text.get(span.range()).is_some(), "{node:?}");
            let is_own = |node: &Node<'_>| {
                node.alias_span().is_none() && node.key().is_none_or(|key| key.alias_span().is_none())
            };
            if let Some(parent) = node.parent().filter(|_| is_own(&node)) {
                let outer = parent.span();
                let is_merged = parent.entries().any(|entry| entry.value == node && entry.is_merged());
                prop_assert!(
                    is_merged || outer.start <= span.start && span.end <= outer.end,
                    "{node:?} is not inside {parent:?}"
                );
                if let Some(key) = node.key().filter(|_| !is_merged) {
                    prop_assert!(outer.start <= key.span().start && key.span().end <= span.start, "{key:?} {node:?}");
                }
            }
            let path = node.field_path();
            prop_assert_eq!(root.and_then(|root| root.resolve(&path)), Some(node), "{}", path);
        }
        if let Some(root) = root {
            let json = to_json(root);
            prop_assert!(serde_json::from_str::<Value>(&json).is_ok(), "{json}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_obey_the_laws(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check_laws(&Source::from_bytes("test.yaml", bytes))?;
    }

    #[test]
    fn any_text_obeys_the_laws(text in "(\\PC|[\n\t :#-]){0,80}") {
        check_laws(&Source::new("test.yaml", text))?;
    }

    #[test]
    fn yaml_like_text_obeys_the_laws(text in yaml_like()) {
        check_laws(&Source::new("test.yaml", text))?;
    }

    #[test]
    fn what_was_written_is_read((value, flow) in written_value()) {
        let mut text = String::new();
        write(&value, flow, 0, &mut text);
        let source = Source::new("test.yaml", text.as_str());
        check_laws(&source)?;
        let documents = read(&source);
        let read = documents.first().and_then(Document::root).map(to_json);
        let read: Value = read.map_or(Value::Null, |json| serde_json::from_str(&json).unwrap());
        prop_assert!(same(&read, &value), "{text}\n{read}\n{value}");
    }

    #[test]
    fn line_ends_and_a_byte_order_mark_change_no_value((value, _) in written_value()) {
        let mut text = String::new();
        write(&value, false, 0, &mut text);
        let text = text.trim_start().to_owned() + "\n";
        let plain = values(&text);
        prop_assert_eq!(&plain, &values(&text.replace('\n', "\r\n")));
        prop_assert_eq!(&plain, &values(&format!("\u{feff}{text}")));
        let (first, second) = (Source::new("", text.as_str()), Source::new("", format!("\u{feff}{text}")));
        let (first, second) = (read(&first), read(&second));
        for (first, second) in first.iter().zip(&second) {
            let shifted: Vec<_> = all_nodes(first).iter().map(|node| node.span().shifted(3)).collect();
            prop_assert_eq!(shifted, all_nodes(second).iter().map(Node::span).collect::<Vec<_>>());
        }
    }

    /// Keys in brackets are written as the API server writes them, without escapes, so a key that holds a bracket or
    /// looks like an index has no spelling of its own.
    #[test]
    fn field_paths_come_back(path in prop::collection::vec(prop_oneof![
        "[a-zA-Z_$][a-zA-Z0-9_$-]{0,6}".prop_map(Segment::Key),
        "[a-z./ ]{1,3}[./][a-z0-9./ ]{0,4}".prop_map(Segment::Key),
        "0[0-9]{1,3}".prop_map(Segment::Key),
        Just(Segment::Key(String::new())),
        (0..1000usize).prop_map(Segment::Index),
    ], 0..6)) {
        let path = FieldPath(path);
        prop_assert_eq!(path.to_string().parse::<FieldPath>(), Ok(path));
    }

    #[test]
    fn any_text_that_is_a_path_comes_back(text in "[a-z0.\\[\\]/]{0,12}") {
        if let Ok(path) = text.parse::<FieldPath>() {
            prop_assert_eq!(path.to_string().parse::<FieldPath>(), Ok(path));
        }
    }

    /// `yaml_serde` reads YAML 1.2 with serde_yaml's scalars, so only texts count where both mean the same: quoted
    /// strings, plain numbers, `true`, `false`, `null`, no tags, no
    /// aliases, a line break at the end of the file. Its trees must then be ours.
    #[test]
    fn a_second_reader_agrees((value, flow) in written_value()) {
        let mut text = String::new();
        write(&value, flow, 0, &mut text);
        text.push('\n');
        let other: Value = yaml_serde::from_str(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let documents = read(&Source::new("test.yaml", text.as_str()));
        let ours = documents.first().and_then(Document::root).map(to_json);
        let ours: Value = ours.map_or(Value::Null, |json| serde_json::from_str(&json).unwrap());
        prop_assert!(same(&ours, &other), "{text}\n{ours}\n{other}");
    }
}

/// Equal but for the spelling of numbers: `1.0` is `1` in Kubernetes.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        _ => left == right,
    }
}
