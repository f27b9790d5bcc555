//! From paths to the files that are to be read, as ripgrep walks: .gitignore counts, hidden files do not.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use ignore::WalkBuilder;

use crate::failure::{Failure, words};

/// What the walk found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Files to read, sorted, each once. `-` is standard input.
    pub(crate) files: Vec<PathBuf>,
    /// Places that could not be walked, with the reason.
    pub(crate) unread: Vec<(PathBuf, String)>,
}

/// Hidden names that are read all the same: pipelines live there.
const CI: [&str; 3] = [".github", ".circleci", ".gitlab-ci.yml"];

/// Endings of files that are read when a folder is walked. Named files are read whatever they are called.
const ENDINGS: [&str; 6] = ["yaml", "yml", "json", "tpl", "tf", "tfvars"];

/// Names of files that are read whatever their ending: what an etcd member reads.
const NAMES: [&str; 1] = ["etcd.conf"];

/// Finds the files of paths, folders and globs.
pub(crate) fn walk(paths: &[PathBuf]) -> Result<Found, Failure> {
    let mut found = Found::default();
    for path in paths {
        if path.as_os_str() == "-" || path.is_file() {
            found.files.push(path.clone());
        } else if path.is_dir() {
            walk_folder(path, &mut found, is_known);
        } else if let Some(glob) = glob_of(path) {
            walk_glob(&glob, &mut found)?;
        } else {
            std::fs::metadata(path).map_err(|error| Failure::Read { path: path.clone(), error })?;
            // Neither file nor folder: a pipe or a device, which is read like a file.
            found.files.push(path.clone());
        }
    }
    let mut seen = HashSet::new();
    found.files.retain(|path| seen.insert(path.clone()));
    Ok(found)
}

fn walk_folder(folder: &Path, found: &mut Found, takes: impl Fn(&Path) -> bool) {
    let mut files = Vec::new();
    let mut targets = HashSet::new();
    let walker = WalkBuilder::new(folder)
        .hidden(false)
        .follow_links(true)
        .require_git(false)
        .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.path()))
        .build();
    for entry in walker {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|it| it.is_file()) && takes(entry.path()) => {
                // A link to a file of the same walk is the same file.
                if entry.path_is_symlink() || entry.depth() > 1 && !targets.is_empty() {
                    let target = entry.path().canonicalize().unwrap_or_else(|_| entry.path().to_owned());
                    if !targets.insert(target) {
                        continue;
                    }
                }
                files.push(entry.into_path());
            }
            Ok(_) => {}
            Err(error) => found.unread.push(walk_error(folder, &error)),
        }
    }
    files.sort();
    found.files.extend(files);
}

fn walk_error(folder: &Path, error: &ignore::Error) -> (PathBuf, String) {
    match error {
        ignore::Error::WithPath { path, err } => (path.clone(), walk_error(path, err).1),
        ignore::Error::WithDepth { err, .. } => walk_error(folder, err),
        ignore::Error::Loop { child, ancestor } => (child.clone(), format!("a link back to {}", ancestor.display())),
        ignore::Error::Io(error) => (folder.to_owned(), words(error)),
        other => (folder.to_owned(), other.to_string()),
    }
}

fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    name.starts_with('.') && !CI.contains(&name)
}

fn is_known(path: &Path) -> bool {
    let is_named = path.file_name().and_then(|it| it.to_str()).is_some_and(|name| NAMES.contains(&name));
    is_named || path.extension().and_then(|it| it.to_str()).is_some_and(|ending| ENDINGS.contains(&ending))
}

/// The path as a glob, if it has a character of one.
fn glob_of(path: &Path) -> Option<String> {
    let text = path.to_str()?;
    text.contains(['*', '?', '[', '{']).then(|| text.to_owned())
}

fn walk_glob(glob: &str, found: &mut Found) -> Result<(), Failure> {
    let matcher = GlobBuilder::new(glob)
        .literal_separator(true)
        .build()
        .map_err(|error| Failure::Glob { glob: glob.to_owned(), why: error.kind().to_string() })?
        .compile_matcher();
    let base: PathBuf = Path::new(glob)
        .components()
        .take_while(|it| !it.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']))
        .collect();
    let before = found.files.len();
    let folder = if base.as_os_str().is_empty() { Path::new(".") } else { &base };
    walk_folder(folder, found, |path| matcher.is_match(path.strip_prefix("./").unwrap_or(path)));
    if found.files.len() == before {
        return Err(Failure::NothingMatches { glob: glob.to_owned() });
    }
    Ok(())
}
