//! Reviews as servers send them, and what is answered: `fixtures/admission`.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};

use seaworthy::Validator;
use seaworthy_admission::Reviewer;

/// The reviews, by name.
fn reviews() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/admission");
    let files = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|it| it.extension().is_some_and(|it| it == "json")).collect();
    files.sort();
    files
}

/// `UPDATE=1` rewrites the answers; read them before committing.
#[test]
fn reviews_are_answered_as_expected() {
    let reviewer = Reviewer::new(Validator::default());
    let mut wrong = Vec::new();
    for review in reviews() {
        let name = review.file_stem().unwrap().to_str().unwrap().to_owned();
        let answer = reviewer.review(&std::fs::read(&review).unwrap()).unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let path = review.parent().unwrap().join("answers").join(format!("{name}.json"));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, format!("{answer:#}\n")).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if serde_json::from_str(&expected).ok() != Some(answer.clone()) {
            wrong.push(format!("{name}: {answer:#}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
