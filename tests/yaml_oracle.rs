//! Our documents against those of `sigs.k8s.io/yaml`: the same values, the same texts refused.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::string_slice,
    reason = "a helper of a test may do what the test may"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use seaworthy_document::{read, to_json};
use seaworthy_source::Source;
use seaworthy_tests::corpus;
use seaworthy_tests::oracle::{Answer, YamlOracle};
use serde_json::Value;

/// What we read, in the oracle's shape.
fn ours(bytes: &[u8]) -> Answer {
    let source = Source::from_bytes("test.yaml", bytes.to_vec());
    let documents = read(&source)
        .iter()
        .map(|document| match (document.error(), document.root()) {
            (Some(error), _) => {
                let at = source.position(error.span.start);
                Err(format!("{}:{}: {}", at.line, at.column, error.message))
            }
            (None, Some(root)) => Ok(serde_json::from_str(&to_json(root)).expect("`to_json` writes JSON")),
            (None, None) => Ok(Value::Null),
        })
        .collect();
    Answer { documents, separator: None }
}

/// Numbers may differ in spelling (`1.0`, `1`), and in the last bit where `serde_json` parses them.
fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(ours), Value::Number(theirs)) => {
            ours == theirs
                || match (ours.as_f64(), theirs.as_f64()) {
                    (Some(ours), Some(theirs)) => (ours - theirs).abs() <= theirs.abs() * 4.0 * f64::EPSILON,
                    _ => false,
                }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(key, value)| theirs.get(key).is_some_and(|theirs| same(value, theirs)))
        }
        _ => ours == theirs,
    }
}

/// None if both agree, else the difference in a line.
fn difference(oracle: &mut YamlOracle, bytes: &[u8]) -> Option<String> {
    let (ours, theirs) = (ours(bytes), oracle.ask(bytes));
    if let Some(separator) = &theirs.separator {
        let ours_refuses = ours.documents.iter().any(|it| it.as_ref().is_err_and(|error| error.contains("separator")));
        return (!ours_refuses).then(|| format!("only Go refuses: {separator}"));
    }
    // kubectl passes over documents that are null.
    let full = |answer: Answer| answer.documents.into_iter().filter(|it| *it != Ok(Value::Null)).collect::<Vec<_>>();
    let (ours, theirs) = (full(ours), full(theirs));
    for (at, theirs) in theirs.iter().enumerate() {
        match (ours.get(at), theirs) {
            (Some(Ok(ours)), Ok(theirs)) if same(ours, theirs) => {}
            (Some(Err(_)), Err(_)) => {}
            (Some(Ok(ours)), Ok(theirs)) => {
                return Some(format!("values differ in document {at}: {ours} but Go {theirs}"));
            }
            (Some(Ok(ours)), Err(error)) => {
                return Some(format!("only Go refuses document {at}: {error}; ours {ours}"));
            }
            (Some(Err(error)), Ok(theirs)) => {
                return Some(format!("only we refuse document {at}: {error}; Go {theirs}"));
            }
            (None, theirs) => return Some(format!("no document {at}, but Go {theirs:?}")),
        }
    }
    (ours.len() > theirs.len()).then(|| format!("{} documents, but Go has {}", ours.len(), theirs.len()))
}

fn short(text: &str) -> String {
    text.chars().take(300).collect()
}

/// The row of `DIFFERENCES.md` that explains a difference on this text.
fn explained(text: &str, difference: &str) -> Option<&'static str> {
    let source = Source::new("test.yaml", text);
    let documents = read(&source);
    // Of what stands in `{{` too, we say more than that it comes after the root.
    let says = |words| documents.iter().any(|it| it.error().is_some_and(|error| error.message.contains(words)));
    let is_refused = says("another value begins here") || says("`{{` is a template");
    let is_unread = documents.iter().any(|it| it.unread().is_some());
    Some(if is_refused && !difference.starts_with("only Go") || is_unread && !difference.starts_with("values differ") {
        "after-the-root"
    } else if says("a list or an object cannot be a key") && ["[]", "{}"].iter().any(|it| text.contains(it)) {
        "empty-brackets-as-key"
    } else if text.char_indices().skip(1).any(|(_, character)| character == '\u{feff}') {
        "byte-order-mark"
    } else if text.contains("!!timestamp") {
        "timestamp-tag"
    } else if text.starts_with('{')
        && (text.starts_with("{}") || text.trim_end().rfind('}').is_some_and(|at| text.len() - at < 6))
    {
        "after-json"
    } else {
        return None;
    })
}

/// The rows of `DIFFERENCES.md` with their counts on the corpus.
fn known() -> BTreeMap<String, usize> {
    let rows = include_str!("oracles/yaml/DIFFERENCES.md").lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let (name, rest) = row.split_once("` | ").expect("a name in backticks");
        let (count, _) = rest.split_once(" |").expect("a count");
        (name.to_owned(), count.parse().expect("a count"))
    })
    .collect()
}

#[test]
fn corpus_reads_as_in_go() {
    let Some(folder) = corpus::folder() else { return };
    let Some(mut oracle) = YamlOracle::start() else { return };
    let mut sources: Vec<(String, Vec<u8>)> = Vec::new();
    for path in corpus::files(&folder, &["yaml", "yml", "json"]) {
        sources.push((name(&path, &folder), std::fs::read(&path).expect("a file of the corpus")));
    }
    for path in corpus::files(&folder, &["jsonl"]) {
        for line in std::fs::read_to_string(&path).expect("a file of the corpus").lines() {
            let case: Value = serde_json::from_str(line).expect("a line of JSON");
            if let Some(text) = case.get("yaml").and_then(Value::as_str) {
                sources.push((format!("{} {}", name(&path, &folder), case["id"]), text.into()));
            }
        }
    }
    let mut counts: BTreeMap<String, usize> = known().into_keys().map(|row| (row, 0)).collect();
    let mut found = Vec::new();
    for (name, text) in &sources {
        let Some(difference) = difference(&mut oracle, text) else { continue };
        match explained(&String::from_utf8_lossy(text), &difference) {
            Some(row) => *counts.entry(row.to_owned()).or_default() += 1,
            None => found.push(format!("{name}: {}", short(&difference))),
        }
    }
    println!("{} sources, {} bytes", sources.len(), sources.iter().map(|it| it.1.len()).sum::<usize>());
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
    assert_eq!(counts, known(), "the counts in tests/oracles/yaml/DIFFERENCES.md are not those of this corpus");
}

/// Odd spellings, each of which once was or could be a difference.
#[test]
fn odd_texts_read_as_in_go() {
    let Some(mut oracle) = YamlOracle::start() else { return };
    let rows = known();
    let mut found = Vec::new();
    for line in include_str!("oracles/yaml/texts.jsonl").lines() {
        let text: String = serde_json::from_str(line).expect("a line is a JSON string");
        let Some(difference) = difference(&mut oracle, text.as_bytes()) else { continue };
        if explained(&text, &difference).is_none_or(|row| !rows.contains_key(row)) {
            found.push(format!("{text:?}: {}", short(&difference)));
        }
    }
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

/// Text that is YAML about half the time.
fn yaml_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b",
        "key",
        ":",
        ": ",
        ":\n",
        "- ",
        "-\n",
        "? ",
        " ",
        "  ",
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
        "\"p\n q\"",
        "|\n",
        ">-\n",
        "|+\n  ",
        ">2\n  ",
        "# c\n",
        " # c\n",
        "&x ",
        "*x ",
        "*x\n",
        "<<: *x\n",
        "<<: ",
        "!!str ",
        "!!int ",
        "! ",
        "!!binary ",
        "!t ",
        "---\n",
        "--- # c\n",
        "...\n",
        "1",
        "017",
        "1e3",
        "yes",
        "null",
        "~",
        ".inf",
        "0x1F",
        "1_0",
        "é",
        "\\n",
        "\\u0041",
        "{{ x }}",
        "k: v\n",
        "- i\n",
        "a: {b: c}\n",
        "  l:\n",
        "  - m: n\n",
        "    o: p\n",
        "@",
        "%",
        "''",
        "\"\"",
        "<<",
        "=",
        "-",
        "word word",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

#[test]
fn generated_text_reads_as_in_go() {
    let Some(oracle) = YamlOracle::start() else { return };
    let oracle = RefCell::new(oracle);
    let rows = known();
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(20_000);
    let mut runner = TestRunner::new_with_rng(
        Config { cases, failure_persistence: None, ..Config::default() },
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    );
    let result = runner.run(&yaml_like(), |text| {
        let mut oracle = oracle.borrow_mut();
        let Some(difference) = difference(&mut oracle, text.as_bytes()) else { return Ok(()) };
        match explained(&text, &difference) {
            Some(row) if rows.contains_key(row) => Ok(()),
            _ => Err(TestCaseError::fail(short(&difference))),
        }
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

fn name(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}
