//! What the README shows is what the program prints.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod seaworthy;

use std::path::Path;

#[test]
fn the_readme_shows_a_real_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let (_, rest) = readme.split_once("cargo run --release -- ").unwrap();
    let (command, rest) = rest.split_once('\n').unwrap();
    let (_, rest) = rest.split_once("```text\n").unwrap();
    let (shown, _) = rest.split_once("\n```").unwrap();
    let arguments: Vec<_> = command.split(' ').collect();
    let answer = seaworthy::run_with(&arguments, "", root);
    for finding in shown.split("\n\n") {
        assert!(answer.out.contains(finding), "the README shows what is not printed:\n{finding}\n\n{}", answer.out);
    }
}
