//! The policy of a Fleet document: packs, levels and options count, and what is wrong in it is said with a caret.

use seaworthy::policy::Selection;
use seaworthy::rules::Pack;
use seaworthy::{Overrides, Policy, Report, Source, Validator};

const POD: &str =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web:edge}]}\n";

fn check(policy: &str, flags: Policy) -> Report {
    let fleet =
        format!("apiVersion: seaworthy/v1alpha1\nkind: Fleet\nmetadata: {{name: f}}\nspec:\n  policy:\n{policy}");
    let sources = vec![Source::new("fleet.yaml", fleet), Source::new("web.yaml", POD)];
    Validator::new(Overrides::default(), flags).check(sources)
}

/// `rule level marked text` of the findings of some rules.
fn said(report: &Report, rules: &[&str]) -> Vec<String> {
    let findings = report.diagnostics.iter().filter(|it| rules.contains(&it.rule));
    findings
        .map(|it| {
            format!("{} {} {}", it.rule, it.level.as_str(), report.sources[it.at.source.index()].slice(it.at.span))
        })
        .collect()
}

#[test]
fn options_reach_rules() {
    let without = check("    levels: {}\n", Policy::default());
    assert_eq!(said(&without, &["image-latest"]), Vec::<String>::new());
    let with = check("    options: {image-latest: {tags: [edge]}}\n", Policy::default());
    assert_eq!(said(&with, &["image-latest"]), ["image-latest warning web:edge"]);
}

#[test]
fn levels_are_set() {
    let report = check("    levels: {bare-pod: error, qos-best-effort: off}\n", Policy::default());
    assert_eq!(said(&report, &["bare-pod", "qos-best-effort"]), ["bare-pod error Pod"]);
}

#[test]
fn packs_add_levels() {
    let rules = ["qos-best-effort"];
    assert_eq!(said(&check("    packs: []\n", Policy::default()), &rules), ["qos-best-effort info web"]);
    let report = check("    packs: [recommended]\n", Policy::default());
    assert_eq!(said(&report, &rules), ["qos-best-effort warning web"]);
}

/// An agent of a node, for which some rules are milder by default.
const AGENT: &str = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent}\nspec:\n  \
    selector: {matchLabels: {app: agent}}\n  template:\n    metadata: {labels: {app: agent}}\n    \
    spec: {containers: [{name: agent, image: 'agent:1', securityContext: \
    {privileged: true, capabilities: {add: [SYS_TIME]}}}]}\n";

#[test]
fn pod_security_packs_know_no_milder_case() {
    let rules = ["privileged-container", "capability-added"];
    let heard = |policy: Policy| {
        let report = Validator::new(Overrides::default(), policy).check(vec![Source::new("agent.yaml", AGENT)]);
        said(&report, &rules)
    };
    let levels = |privileged, capability| {
        [format!("privileged-container {privileged} true"), format!("capability-added {capability} SYS_TIME")]
    };
    assert_eq!(heard(Policy::default()), ["privileged-container info true"]);
    for pack in [Pack::PssBaseline, Pack::PssRestricted] {
        assert_eq!(heard(Policy::default().with_packs([pack])), levels("error", "error"));
    }
    // A level or a name asks for every case, and milder ones stay milder.
    let named = Policy::default().with_only(rules.map(|it| Selection::named(it).unwrap()));
    assert_eq!(heard(named), levels("info", "warning"));
}

#[test]
fn the_command_line_beats_it() {
    let skip = Policy::default().with_skip([Selection::named("bare-pod").unwrap()]);
    assert_eq!(said(&check("    levels: {bare-pod: error}\n", skip), &["bare-pod"]), Vec::<String>::new());
}

#[test]
fn mistakes_in_it_have_carets() {
    let policy = "    packs: [recomended]\n    levels: {bare-pods: error}\n    options:\n      \
                  image-latest: {tag: [edge]}\n      resources-unset: {require: 3}\n      bare-pod: {x: 1}\n";
    let report = check(policy, Policy::default());
    let said = said(&report, &["fleet-document-invalid"]);
    let marked: Vec<_> = said.iter().map(|it| it.rsplit(' ').next().unwrap()).collect();
    assert_eq!(marked, ["recomended", "bare-pods", "tag", "require", "x"], "{said:?}");
    let messages: Vec<_> = report.diagnostics.iter().filter(|it| it.rule == "fleet-document-invalid").collect();
    assert!(messages[0].message.contains("`recommended`"), "{}", messages[0].message);
    assert_eq!(messages[2].message, "rule `image-latest` has no option `tag`");
    assert_eq!(messages[2].help.as_deref(), Some("did you mean `tags`?"));
}

#[test]
fn options_limit_what_is_read() {
    let report = check("    options: {input-skipped: {max-size: 20}}\n", Policy::default());
    assert_eq!(report.summary.objects, 0);
    assert!(report.diagnostics.iter().any(|it| it.rule == "input-skipped"), "{:?}", report.diagnostics);
}
