//! Every rule's page is its test: what stands under `## Flagged` must be said, on its line, and nothing else; what
//! stands under `## Fine` must be silent. Odd cases lie in `fixtures/rules/<id>.md`, in the same form.

use std::collections::BTreeSet;

use seaworthy::policy::Selection;
use seaworthy::rules::{AnyRule, Pack};
use seaworthy::{Overrides, Policy, Source, Validator};
use seaworthy_tests::examples::{Block, blocks, groups, root};

/// What was or should be said: file, line, level, rule.
type Said = BTreeSet<(String, u32, String, String)>;

#[test]
fn pages_say_what_rules_do() {
    let mut wrong = Vec::new();
    for rule in seaworthy::rules::all() {
        let id = rule.meta().id;
        let page = blocks(rule.meta().page);
        for heading in ["Flagged", "Fine"] {
            if !page.iter().any(|block| block.heading == heading) {
                wrong.push(format!("{id}: the page has no example under `## {heading}`"));
            }
        }
        check(&rule, id, &page, &mut wrong);
        let odd = root().join("fixtures/rules").join(format!("{id}.md"));
        if let Ok(text) = std::fs::read_to_string(&odd) {
            check(&rule, &format!("fixtures/rules/{id}.md"), &blocks(&text), &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn fixtures_belong_to_rules() {
    let ids: BTreeSet<_> = seaworthy::rules::all().iter().map(|rule| rule.meta().id).collect();
    let Ok(folder) = std::fs::read_dir(root().join("fixtures/rules")) else { return };
    for entry in folder {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        assert!(ids.contains(stem), "{} belongs to no rule", path.display());
    }
}

#[test]
fn names_are_symmetric() {
    for rule in seaworthy::rules::all() {
        let meta = rule.meta();
        let file = meta.id.replace('-', "_");
        let category = meta.category.as_str();
        for ending in ["rs", "md"] {
            let path = root().join(format!("crates/rules/src/{category}/{file}.{ending}"));
            assert!(path.exists(), "{} has no {}", meta.id, path.display());
        }
        assert!(meta.page.starts_with(&format!("# {}\n", meta.id)), "{}: the page's title is not the id", meta.id);
    }
}

/// Checks what is said of each example of a page.
fn check(rule: &AnyRule, page: &str, blocks: &[Block], wrong: &mut Vec<String>) {
    for group in groups(blocks) {
        let want: Said = group.iter().flat_map(|block| marks(block)).collect();
        let got = said(rule, &group);
        let at = format!("{page}:{}", group[0].line);
        for (file, line, level, id) in want.difference(&got) {
            wrong.push(format!("{at}: not said: {level} {id} at {file}:{line}"));
        }
        for (file, line, level, id) in got.difference(&want) {
            wrong.push(format!("{at}: said, but not marked: {level} {id} at {file}:{line}"));
        }
        let own = want.iter().filter(|(_, _, _, id)| id == rule.meta().id).count();
        match group[0].heading.as_str() {
            "Flagged" if own == 0 => wrong.push(format!("{at}: a flagged example without a mark of its rule")),
            "Fine" if own > 0 => wrong.push(format!("{at}: a fine example with a mark of its rule")),
            _ => {}
        }
    }
}

/// Runs the rule over a fleet, together with `syntax` and `api`, so that examples are manifests a server would take.
fn said(rule: &AnyRule, files: &[&Block]) -> Said {
    let names = [rule.meta().id, "syntax", "api"];
    let policy = Policy::default()
        .with_only(names.iter().map(|name| Selection::named(name).unwrap()))
        .with_packs(packs_of(rule));
    let sources = files.iter().map(|block| Source::new(block.file.as_str(), block.text.as_str())).collect();
    // A day of its own: what has ended by then has ended for good.
    let overrides = Overrides { today: Some(jiff::civil::date(2026, 11, 30)), ..Overrides::default() };
    let report = Validator::new(overrides, policy).check(sources);
    report
        .diagnostics
        .iter()
        .map(|it| {
            let source = report.source(it.at.source).unwrap();
            let line = source.position(it.at.span.start).line;
            (source.name().to_owned(), line, it.level.as_str().to_owned(), it.rule.to_owned())
        })
        .collect()
}

/// A rule that is off by default is tested in the first pack that turns it on.
fn packs_of(rule: &AnyRule) -> Option<Pack> {
    if rule.meta().level.is_some() { None } else { rule.meta().packs.first().map(|&(pack, _)| pack) }
}

/// `# error: [rule]` at the end of a line; several rules stand side by side in the brackets.
fn marks(block: &Block) -> Vec<(String, u32, String, String)> {
    let mut marks = Vec::new();
    for (at, line) in block.text.lines().enumerate() {
        for level in ["error", "warning", "info"] {
            let mut rest = line;
            while let Some((_, tail)) = rest.split_once(&format!("# {level}: [")) {
                let (ids, after) = tail.split_once(']').unwrap_or((tail, ""));
                for id in ids.split(',') {
                    let line = u32::try_from(at + 1).unwrap();
                    marks.push((block.file.clone(), line, level.to_owned(), id.trim().to_owned()));
                }
                rest = after;
            }
        }
    }
    marks
}
