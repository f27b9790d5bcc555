//! We take our own advice: what installs the webhook passes its own check.

use std::path::PathBuf;

use seaworthy::rules::Pack;
use seaworthy::{Overrides, Policy, Source, Validator, Version, Versions, read_policy};

/// The plain manifests, as `kubectl apply --filename deploy/manifests` takes them.
fn manifests() -> Vec<Source> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../deploy/manifests");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    let source = |it: &PathBuf| Source::new(it.display().to_string(), std::fs::read_to_string(it).unwrap());
    files.iter().map(source).collect()
}

#[test]
fn our_check_finds_nothing() {
    for packs in [&[][..], &[Pack::Recommended, Pack::Strict, Pack::PssRestricted]] {
        let versions = Versions::from_iter(["1.30", "1.37"].map(|it| it.parse::<Version>().unwrap()));
        let overrides = Overrides { versions: Some(versions), ..Overrides::default() };
        let policy = Policy::default().with_packs(packs.iter().copied());
        let report = Validator::new(overrides, policy).check(manifests());
        assert!(report.summary.objects >= 16, "{:?}", report.summary);
        assert!(report.diagnostics.is_empty(), "{}", seaworthy::render::Text::new(&report));
        assert!(report.suppressed.is_empty() && report.skipped.is_empty());
    }
}

#[test]
fn the_policy_in_the_config_map_is_one() {
    let manifests = manifests();
    let text = manifests.iter().find_map(|it| it.text().split_once("  policy.yaml: |\n")).unwrap().1;
    let policy: String = text.lines().map_while(|line| line.strip_prefix("    ")).flat_map(|it| [it, "\n"]).collect();
    assert!(policy.contains("kind: Policy"), "{policy}");
    if let Err(error) = read_policy(&Source::new("policy.yaml", policy)) {
        panic!("{error:?}");
    }
}
