//! `crates/README.md` is the law: a crate depends only on crates above it in the table.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Crates that may see less than what stands above them.
const NARROW: &[(&str, &[&str])] = &[
    ("render", &["source", "diagnostic"]),
    ("admission", &["seaworthy"]),
    ("lsp", &["seaworthy", "document", "object", "fleet"]),
    ("serve", &["seaworthy", "admission"]),
    ("cli", &["seaworthy", "admission", "lsp", "serve"]),
];

/// Doors that read files, know the time and talk to the system.
const DOORS: &[&str] = &["serve", "cli"];

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("crates")
}

/// The crates of the table, in its order.
fn table() -> Vec<String> {
    let text = std::fs::read_to_string(crates().join("README.md")).unwrap();
    text.lines()
        .filter(|line| line.starts_with("| ") && line.chars().nth(2).is_some_and(|it| it.is_ascii_digit()))
        .map(|line| line.split('`').nth(1).unwrap().to_owned())
        .collect()
}

/// What each crate depends on, of ours; development dependencies count too.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(crates()).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(manifest) = std::fs::read_to_string(folder.join("Cargo.toml")) else { continue };
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let ours = manifest.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
        let ours = ours.filter_map(|name| match name {
            "seaworthy" => Some("seaworthy"),
            name => name.strip_prefix("seaworthy-"),
        });
        all.insert(name.clone(), ours.filter(|it| *it != name).map(str::to_owned).collect());
    }
    all
}

#[test]
fn a_crate_depends_only_on_earlier_stages() {
    let order = table();
    assert!(order.len() > 5, "the table of crates/README.md was not found");
    for (name, dependencies) in dependencies() {
        let own = order.iter().position(|it| *it == name);
        let own = own.unwrap_or_else(|| panic!("crates/README.md does not list `{name}`"));
        for dependency in dependencies {
            let other = order.iter().position(|it| *it == dependency).unwrap();
            assert!(other < own, "`{name}` depends on `{dependency}`, which stands below it in crates/README.md");
            if let Some((_, allowed)) = NARROW.iter().find(|(of, _)| *of == name) {
                assert!(allowed.contains(&dependency.as_str()), "`{name}` may not see `{dependency}`");
            }
        }
    }
}

#[test]
fn the_table_lists_no_crate_that_is_not_there() {
    let there = dependencies();
    for name in table() {
        assert!(there.contains_key(&name), "crates/README.md lists `{name}`, which is not there");
    }
}

#[test]
fn the_core_does_no_io() {
    // What reads files, the clock or the environment belongs to a door.
    let forbidden = ["std::fs", "std::env", "std::net", "std::process", "SystemTime", "Instant::now"];
    for name in table().iter().filter(|name| !DOORS.contains(&name.as_str())) {
        let is_test = |file: &Path| file.strip_prefix(crates()).unwrap_or(file).iter().any(|part| part == "tests");
        for file in rust_files(&crates().join(name).join("src")).iter().filter(|file| !is_test(file)) {
            let text = std::fs::read_to_string(file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for word in forbidden {
                assert!(!code.contains(word), "{} uses {word}", file.display());
            }
        }
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    files
}
