//! Our documents against those of `sigs.k8s.io/yaml`: the same values, the same texts refused.

use std::path::Path;

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

#[test]
fn corpus_reads_as_in_go() {
    let Some(folder) = corpus::folder() else { return };
    let Some(mut oracle) = YamlOracle::start() else { return };
    let (mut count, mut bytes) = (0, 0);
    let mut found = Vec::new();
    for path in corpus::files(&folder, &["yaml", "yml", "json"]) {
        let text = std::fs::read(&path).expect("a file of the corpus");
        count += 1;
        bytes += text.len();
        if let Some(difference) = difference(&mut oracle, &text) {
            found.push(format!("{}: {}", name(&path, &folder), short(&difference)));
        }
    }
    for path in corpus::files(&folder, &["jsonl"]) {
        for line in std::fs::read_to_string(&path).expect("a file of the corpus").lines() {
            let case: Value = serde_json::from_str(line).expect("a line of JSON");
            let Some(text) = case.get("yaml").and_then(Value::as_str) else { continue };
            count += 1;
            bytes += text.len();
            if let Some(difference) = difference(&mut oracle, text.as_bytes()) {
                found.push(format!("{} {}: {}", name(&path, &folder), case["id"], short(&difference)));
            }
        }
    }
    println!("{count} sources, {bytes} bytes");
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

/// Odd spellings, each of which once was or could be a difference.
#[test]
fn odd_texts_read_as_in_go() {
    let Some(mut oracle) = YamlOracle::start() else { return };
    let mut found = Vec::new();
    for line in include_str!("oracles/yaml/texts.jsonl").lines() {
        let text: String = serde_json::from_str(line).expect("a line is a JSON string");
        if let Some(difference) = difference(&mut oracle, text.as_bytes()) {
            found.push(format!("{text:?}: {}", short(&difference)));
        }
    }
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

fn name(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}
