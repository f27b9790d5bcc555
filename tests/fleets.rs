//! Whole fleets: our own with what they must be told, and any fleet after `init`, of which nothing is to be said.

use std::collections::BTreeSet;
use std::path::PathBuf;

use seaworthy::policy::Selection;
use seaworthy::{Overrides, Policy, Report, Source, Validator};
use seaworthy_tests::corpus;
use seaworthy_tests::examples::{root, sources};

/// What was said, as `expected.txt` has it: level, rule, object.
fn said(report: &Report) -> BTreeSet<String> {
    let line = |it: &seaworthy::Diagnostic| {
        let object = it.at.object.as_ref().map_or_else(String::new, |it| format!(" {}/{}", it.kind, it.name));
        format!("{} {}{object}", it.level.as_str(), it.rule)
    };
    report.diagnostics.iter().map(line).collect()
}

/// Of each fleet of `fixtures/fleets` is said what its `expected.txt` lists, and no more. A line after `?` is of a rule
/// that is not there yet. `UPDATE=1` rewrites the lists; read them before committing.
#[test]
fn our_own_fleets_say_what_is_expected() {
    let rules: BTreeSet<_> = seaworthy::rules::all().iter().map(|it| it.meta().id).collect();
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(root().join("fixtures/fleets")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let report = Validator::default().check(sources(&folder));
        let got = said(&report);
        let list = folder.join("expected.txt");
        let text = std::fs::read_to_string(&list).unwrap_or_default();
        let (mut want, mut later) = (BTreeSet::new(), BTreeSet::new());
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.strip_prefix("? ") {
                Some(line) if !rules.contains(line.split(' ').nth(1).unwrap()) => later.insert(line.to_owned()),
                Some(line) => want.insert(line.to_owned()),
                None => want.insert(line.to_owned()),
            };
        }
        if std::env::var_os("UPDATE").is_some() {
            let comments = text.lines().filter(|line| line.starts_with('#')).map(str::to_owned);
            let later = later.iter().map(|line| format!("? {line}"));
            let lines: Vec<String> = comments.chain(got).chain(later).collect();
            std::fs::write(&list, lines.join("\n") + "\n").unwrap();
            continue;
        }
        wrong.extend(want.difference(&got).map(|line| format!("{name}: not said: {line}")));
        wrong.extend(got.difference(&want).map(|line| format!("{name}: said, but not expected: {line}")));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What the architecture rules say about a fleet that was described by `init`.
fn after_init(sources: &[Source], complete: bool) -> Vec<String> {
    let manifests: Vec<Source> = sources.iter().filter(|it| !it.text().contains("kind: Fleet")).cloned().collect();
    let overrides = Overrides { complete: Some(complete), ..Overrides::default() };
    let policy = Policy::default().with_only([
        Selection::named("architecture").unwrap(),
        Selection::named("stateful-service-without-volume").unwrap(),
    ]);
    let validator = Validator::new(overrides, policy);
    let document = validator.init(&manifests);
    let all: Vec<Source> = std::iter::once(Source::new("fleet.yaml", document.as_str())).chain(manifests).collect();
    let report = validator.check(all);
    let words = |it: &seaworthy::Diagnostic| format!("{}:{} {}", report.file(&it.at), it.rule, it.message);
    let mut said: Vec<String> = report.diagnostics.iter().map(words).collect();
    if !said.is_empty() && std::env::var_os("VERBOSE").is_some() {
        said.push(document);
    }
    said
}

#[test]
fn a_fleet_that_was_just_described_meets_its_description() {
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(root().join("fixtures/fleets")).unwrap().map(|it| it.unwrap().path()).collect();
    if let Some(corpus) = corpus::folder() {
        let fleets = std::fs::read_to_string(corpus.join("seeds/fleets.jsonl")).unwrap();
        for line in fleets.lines() {
            let fleet: serde_json::Value = serde_json::from_str(line).unwrap();
            if let Some(path) = fleet["path"].as_str() {
                folders.push(corpus.join("seeds").join(path));
            }
        }
        folders.extend(std::fs::read_dir(corpus.join("real")).unwrap().map(|it| it.unwrap().path()));
    }
    let mut wrong = Vec::new();
    for folder in folders {
        let sources = sources(&folder);
        for complete in [false, true] {
            let said = after_init(&sources, complete);
            wrong.extend(said.into_iter().map(|it| format!("{} (complete: {complete}): {it}", folder.display())));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The example of the design: every key is read without complaint.
#[test]
fn the_example_of_the_design_is_valid() {
    let example = std::fs::read_to_string(root().join("fixtures/fleet-document.yaml")).unwrap();
    let policy = Policy::default().with_only([Selection::named("fleet-document-invalid").unwrap()]);
    let report = Validator::new(Overrides::default(), policy).check(vec![Source::new("fleet.yaml", example.as_str())]);
    let said: Vec<_> = report.diagnostics.iter().map(|it| &it.message).collect();
    assert!(said.is_empty(), "{said:?}");
}

#[test]
fn of_several_fleet_documents_the_first_counts() {
    let fleet = |version: &str| {
        format!("apiVersion: seaworthy/v1alpha1\nkind: Fleet\nspec: {{kubernetes: \"{version}\", odd: true}}\n")
    };
    let sources = ["a/fleet.yaml", "b/fleet.yaml"].into_iter().zip(["1.33", "1.34"]);
    let report = Validator::default().check(sources.map(|(name, version)| Source::new(name, fleet(version))).collect());
    assert_eq!(report.kubernetes_versions, ["1.33"]);
    assert_eq!(report.diagnostics.len(), 1, "only the one that counts is checked");
    let skipped: Vec<_> = report.skipped.iter().map(|it| (it.file.as_str(), it.why.as_str())).collect();
    assert_eq!(
        skipped,
        [("b/fleet.yaml", "another Fleet document: a/fleet.yaml counts; --fleet names the one that should")]
    );
}

#[test]
fn the_published_schemas_are_those_of_the_reader() {
    for (name, schema) in [("fleet", seaworthy::fleet_schema()), ("policy", seaworthy::policy_schema())] {
        let path = root().join(format!("docs/{name}.schema.json"));
        let schema = format!("{schema:#}\n");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &schema).unwrap();
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(published == schema, "docs/{name}.schema.json is not current: UPDATE=1 cargo test writes it");
    }
}
