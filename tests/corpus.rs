//! The files nobody here wrote, where the environment variable `SEAWORTHY_CORPUS` says they are.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::string_slice,
    reason = "a helper of a test may do what the test may"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the corpus; without it the test says so and passes.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("SEAWORTHY_CORPUS").map(PathBuf::from).filter(|it| it.is_dir());
    if folder.is_none() {
        eprintln!("not run: no corpus");
    }
    folder
}

/// All files below a folder whose name ends with one of `extensions`, in order of their names.
#[must_use]
pub fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if extensions.iter().any(|it| path.extension().is_some_and(|found| found == *it)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
