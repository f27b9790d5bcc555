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
use seaworthy_document::{Document, read, to_json};
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
fn explained(text: &str, theirs: &Answer) -> Option<&'static str> {
    let after_name = |sign: char, what: fn(char) -> bool| {
        text.match_indices(sign).any(|(at, _)| {
            let name = text[at + 1..].trim_start_matches(|it: char| it.is_alphanumeric() || matches!(it, '-' | '_'));
            name.starts_with(what)
        })
    };
    Some(if text.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
        "line-separators"
    } else if text.char_indices().skip(1).any(|(_, character)| character == '\u{feff}') {
        "byte-order-mark"
    } else if text.contains("\\'") {
        "apostrophe-escape"
    } else if text.starts_with('{') && text.contains("\\ud8") {
        "half-surrogate"
    } else if text.contains("!!timestamp") {
        "timestamp-tag"
    } else if text.starts_with('{') && text.trim_end().rfind('}').is_some_and(|at| text.len() - at < 6) {
        "after-json"
    } else if text.split("---").any(|it| first_content(it).starts_with("...")) {
        "end-before-start"
    } else if ["\"#", "'#", "]#", "}#", "[#", "{#", ",#"].iter().any(|it| text.contains(it)) {
        "touching-comment"
    } else if after_name('*', |it| it == ':') {
        "alias-colon"
    } else if after_name('&', |it| !it.is_whitespace()) || after_name('*', |it| !it.is_whitespace()) {
        "anchor-characters"
    } else if text.lines().any(|it| it.trim_start().starts_with(['|', '>']))
        || text.split("---").any(|it| begins_with(it, &['|', '>']))
    {
        "root-block-scalar"
    } else if text.contains("! ") {
        "tag-on-merge"
    } else if is_after_root(text, theirs) {
        "after-the-root"
    } else {
        return None;
    })
}

fn first_content(text: &str) -> &str {
    text.lines().map(str::trim_start).find(|it| !it.is_empty() && !it.starts_with('#')).unwrap_or("")
}

/// True if Go's value of a document that we refuse is what we read of it up to some place before the error.
fn is_after_root(text: &str, theirs: &Answer) -> bool {
    let source = Source::new("test.yaml", text);
    let documents = read(&source);
    if documents.iter().any(|it| it.unread().is_some()) || theirs.documents.contains(&Ok(Value::Null)) {
        return true;
    }
    let is_null = |it: &Document| it.root().is_some_and(|root| root.is_null());
    let full = documents.iter().filter(|it| !is_null(it));
    full.zip(&theirs.documents).any(|(document, theirs)| {
        let (true, Ok(theirs)) = (document.error().is_some(), theirs) else { return false };
        let mut cuts = document.text().char_indices().filter_map(|(cut, _)| document.text().get(..cut));
        cuts.any(|cut| {
            ours(cut.as_bytes()).documents.first().is_some_and(|it| it.as_ref().is_ok_and(|it| same(it, theirs)))
        })
    })
}

/// What a document begins with, comments, anchors and tags passed over.
fn begins_with(text: &str, what: &[char]) -> bool {
    let words = text.lines().filter(|it| !it.trim_start().starts_with('#')).flat_map(|it| it.split([' ', '\t']));
    words.filter(|it| !it.is_empty()).find(|it| !it.starts_with(['&', '!'])).is_some_and(|it| it.starts_with(what))
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
        match explained(&String::from_utf8_lossy(text), &oracle.ask(text)) {
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
        if explained(&text, &oracle.ask(text.as_bytes())).is_none_or(|row| !rows.contains_key(row)) {
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
        match explained(&text, &oracle.ask(text.as_bytes())) {
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
