//! What API servers of a version answer to the objects of files, as JSON.
//!
//! `cargo run -p seaworthy-apiserver --example answers -- 1.37 pod.yaml manifests/`

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::path::{Path, PathBuf};

use seaworthy_apiserver::{Definitions, Servers};
use seaworthy_document::read;
use seaworthy_object::{Catalog, Object, Version, Versions};
use seaworthy_source::Source;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    // The options of `seaworthy check` that a comparison with real servers gives.
    if arguments.first().is_some_and(|it| it == "check") {
        arguments = vec![
            arguments.iter().skip_while(|it| *it != "--kubernetes-version").nth(1).cloned().unwrap_or_default(),
            arguments.last().cloned().unwrap_or_default(),
        ];
    }
    let versions = Versions::one(arguments.first().ok_or("a version and files are wanted")?.parse::<Version>()?);
    let catalog = Catalog::built_in();
    let mut files = Vec::new();
    arguments.iter().skip(1).try_for_each(|path| collect(Path::new(path), &mut files))?;
    let mut found = Vec::new();
    let mut read_files = Vec::new();
    for file in files {
        let Ok(text) = String::from_utf8(std::fs::read(&file)?) else { continue };
        let documents = read(&Source::new(file.to_string_lossy(), text.as_str()));
        read_files.push((file, documents));
    }
    let roots = read_files.iter().flat_map(|(_, documents)| documents.iter().filter_map(|it| it.root()));
    let objects: Vec<Object<'_>> = roots.filter_map(|it| Object::new(it, &catalog, "default")).collect();
    let definitions = Definitions::of(&objects);
    let servers = Servers { catalog: &catalog, versions, definitions: Some(&definitions) };
    for (file, documents) in &read_files {
        for document in documents {
            let Some(root) = document.root() else {
                found.push(
                    serde_json::json!({"file": file, "level": "error", "message": "syntax", "category": "syntax"}),
                );
                continue;
            };
            // What `seaworthy check` says under the category of syntax.
            if !document.duplicates().is_empty() {
                found.push(serde_json::json!({"file": file, "level": "error", "message": "a key stands twice", "category": "syntax"}));
            }
            let Some(object) = Object::new(root, &catalog, "default") else {
                if root.is_mapping() {
                    found.push(
                        serde_json::json!({"file": file, "level": "error", "message": "no object", "category": "api"}),
                    );
                }
                continue;
            };
            for answer in servers.judge(&object) {
                let level = if answer.cause.reason.is_some() { "error" } else { "warning" };
                found.push(serde_json::json!({
                    "file": file, "level": level, "category": "api", "message": answer.cause.detail,
                    "api": {"field": answer.cause.field, "reason": answer.cause.reason, "detail": answer.cause.detail},
                }));
            }
        }
    }
    println!("{}", serde_json::json!({ "diagnostics": found }));
    Ok(())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}
