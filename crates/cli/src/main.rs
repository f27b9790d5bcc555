//! The command line.

use std::io::Write;
use std::process::ExitCode;

use seaworthy::render::Json;
use seaworthy::{Overrides, Policy, Source, Validator, policy};

fn main() -> ExitCode {
    let mut paths = Vec::new();
    let mut facts = Overrides::default();
    let mut only = Vec::new();
    let mut packs = Vec::new();
    let mut args = std::env::args().skip(2);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--complete" => facts.complete = Some(true),
            "--fleet" => paths.extend(args.next()),
            "--format" | "--cluster" => { args.next(); }
            "--kubernetes-version" => facts.versions = Some(args.next().unwrap_or_default().split(',').filter_map(|it| it.parse().ok()).collect()),
            "--only" => only.extend(args.next().unwrap_or_default().split(',').filter_map(|it| policy::Selection::named(it).ok())),
            "--pack" => packs.extend(policy::pack(&args.next().unwrap_or_default())),
            _ => paths.push(arg),
        }
    }
    let mut files = Vec::new();
    for path in paths { walk(std::path::Path::new(&path), &mut files); }
    files.sort();
    let sources = files.into_iter().filter_map(|path| Some(Source::from_bytes(path.to_string_lossy().into_owned(), std::fs::read(&path).ok()?))).collect();
    let policy = Policy::default().with_only(only).with_packs(packs);
    let report = Validator::new(facts, &policy).check(sources);
    let _ = writeln!(std::io::stdout(), "{}", Json(&report));
    ExitCode::from(u8::from(!report.is_clean()))
}

fn walk(path: &std::path::Path, files: &mut Vec<std::path::PathBuf>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() { walk(&entry.path(), files); }
    } else if path.starts_with("/tmp") || path.extension().is_some_and(|it| it == "yaml" || it == "yml" || it == "json" ) { files.push(path.to_owned()); }
}
