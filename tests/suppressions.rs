//! Findings that somebody accepted: where comments reach, what a policy accepts, what runs out, what is locked; and
//! baselines, which let old findings be.

use seaworthy::diagnostic::Silencer;
use seaworthy::policy::{Baseline, Selection};
use seaworthy::{Overrides, Policy, Report, Source, Validator};

fn check_on(day: Option<&str>, sources: &[(&str, &str)]) -> Report {
    let overrides = Overrides { today: day.map(|it| it.parse().unwrap()), ..Overrides::default() };
    let names = ["api", "image-latest", "suppression-unused", "suppression-without-reason", "policy-document-invalid"];
    let policy = Policy::default().with_only(names.map(|name| Selection::named(name).unwrap()));
    let sources = sources.iter().map(|(name, text)| Source::new(*name, *text)).collect();
    Validator::new(overrides, policy).check(sources)
}

/// `rule line` of each finding.
fn said(report: &Report) -> Vec<String> {
    let line = |it: &seaworthy::Diagnostic| report.source(it.at.source).unwrap().position(it.at.span.start).line;
    report.diagnostics.iter().map(|it| format!("{} {}", it.rule, line(it))).collect()
}

fn accepted(report: &Report) -> Vec<&str> {
    report.suppressed.iter().map(|it| it.diagnostic.rule).collect()
}

/// A manifest with three unknown fields: of the pod, of the first container, of the second.
fn pod(above_document: &str, above_pod: &str, above_container: &str, on_line: &str) -> String {
    format!(
        "{above_document}apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n{above_pod}  colour: blue\n  \
         containers:\n{above_container}    - name: a\n      image: web:1.0\n      size: 1{on_line}\n    - name: b\n      \
         image: web:1.0\n      size: 2\n"
    )
}

#[test]
fn a_comment_reaches_its_line_its_node_or_its_document() {
    const ALLOW: &str = "# seaworthy: allow unknown-field -- our webhook takes it out\n";
    let said_of = |text: &str| said(&check_on(None, &[("web.yaml", text)]));
    assert_eq!(said_of(&pod("", "", "", "")), ["unknown-field 5", "unknown-field 9", "unknown-field 12"]);
    assert_eq!(said_of(&pod(ALLOW, "", "", "")), Vec::<String>::new());
    assert_eq!(said_of(&pod(&format!("{ALLOW}---\n"), "", "", "")), Vec::<String>::new(), "above the first `---`");
    assert_eq!(said_of(&pod("", &format!("  {ALLOW}"), "", "")), ["unknown-field 10", "unknown-field 13"]);
    assert_eq!(said_of(&pod("", "", &format!("    {ALLOW}"), "")), ["unknown-field 5", "unknown-field 13"]);
    let on_line = format!(" {}", ALLOW.trim_end());
    assert_eq!(said_of(&pod("", "", "", &on_line)), ["unknown-field 5", "unknown-field 12"]);
    let two = format!("{}---\n{}", pod(ALLOW, "", "", ""), pod("", "", "", ""));
    assert_eq!(
        said_of(&two),
        ["unknown-field 19", "unknown-field 23", "unknown-field 26"],
        "one document, not its file"
    );
}

#[test]
fn a_comment_above_a_list_reaches_all_its_items() {
    let text = pod("", "", "", "").replace("  containers:", "  # seaworthy: allow unknown-field -- why\n  containers:");
    assert_eq!(said(&check_on(None, &[("web.yaml", &text)])), ["unknown-field 5"]);
}

#[test]
fn what_a_string_says_is_no_comment() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  run.sh: |\n    # seaworthy: allow unknown-field -- no\n    x\nextra: 1\n";
    assert_eq!(said(&check_on(None, &[("a.yaml", text)])), ["unknown-field 8"]);
}

#[test]
fn several_rules_in_one_comment_and_several_comments_above_a_node() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  # seaworthy: allow unknown-field, image-latest -- both\n  # seaworthy: allow wrong-type -- a third\n  - {name: a, image: web, size: 1, stdin: 7}\n";
    let report = check_on(None, &[("web.yaml", text)]);
    assert_eq!(said(&report), Vec::<String>::new());
    let mut rules = accepted(&report);
    rules.sort_unstable();
    rules.dedup();
    assert_eq!(rules, ["image-latest", "unknown-field", "wrong-type"]);
}

#[test]
fn an_annotation_says_what_a_comment_says() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations:\n    seaworthy/allow: \"unknown-field -- taken out; image-latest -- pinned later\"\nspec: {colour: blue, containers: [{name: a, image: web}]}\n";
    let report = check_on(None, &[("web.yaml", text)]);
    assert_eq!(said(&report), Vec::<String>::new());
    assert!(report.suppressed.iter().all(|it| it.by == Silencer::InSource && it.reason.is_some()));
}

fn policy(spec: &str) -> String {
    format!("apiVersion: seaworthy/v1alpha1\nkind: Policy\nmetadata: {{name: p}}\nspec:\n{spec}")
}

#[test]
fn a_policy_accepts_by_object_and_by_file() {
    let text = pod("", "", "", "");
    for (entry, silent) in [
        ("object: Pod/default/web", true),
        ("object: Pod/*", true),
        ("object: Deployment/*", false),
        ("file: \"k8s/*.yaml\"", true),
        ("file: \"prod/**\"", false),
        ("object: Pod/web, file: other.yaml", false),
    ] {
        let policy = policy(&format!("  suppress:\n  - {{rule: unknown-field, {entry}, reason: known}}\n"));
        let report = check_on(None, &[("policy.yaml", &policy), ("k8s/web.yaml", &text)]);
        let found = said(&report).iter().filter(|it| it.starts_with("unknown-field")).count();
        assert_eq!(found, if silent { 0 } else { 3 }, "{entry}");
        let idle = report.diagnostics.iter().filter(|it| it.rule == "suppression-unused").count();
        assert_eq!(idle, usize::from(!silent), "{entry}");
    }
}

#[test]
fn a_suppression_runs_out_on_its_day() {
    let text = pod("", "", "", "");
    let policy =
        policy("  suppress: [{rule: unknown-field, object: Pod/*, reason: until the move, until: 2027-01-01}]\n");
    let on = |day| said(&check_on(day, &[("policy.yaml", &policy), ("web.yaml", &text)])).len();
    assert_eq!(on(Some("2026-12-31")), 0);
    assert_eq!(on(Some("2027-01-01")), 4, "the findings, and that it ran out");
    assert_eq!(on(None), 0, "without a day nothing expires");
}

#[test]
fn what_a_policy_locks_comments_cannot_accept() {
    let text = pod("# seaworthy: allow unknown-field -- please\n", "", "", "");
    for lock in ["unknown-field", "api", "\"*\""] {
        let policy = policy(&format!("  locked: [{lock}]\n"));
        let report = check_on(None, &[("policy.yaml", &policy), ("web.yaml", &text)]);
        assert_eq!(said(&report).first().map(String::as_str), Some("suppression-unused 1"), "{lock}");
        assert_eq!(report.diagnostics.len(), 4, "{lock}");
    }
    let policy =
        policy("  locked: [unknown-field]\n  suppress: [{rule: unknown-field, object: Pod/*, reason: fine}]\n");
    let report = check_on(None, &[("policy.yaml", &policy), ("web.yaml", &pod("", "", "", ""))]);
    assert_eq!(said(&report), Vec::<String>::new(), "the policy itself can");
}

/// A mistake in a policy costs no check.
#[test]
fn what_is_wrong_in_a_policy_turns_nothing_off() {
    let text = pod("", "", "", "");
    for spec in [
        "  levels: {unknown-field: of}\n",
        "  levels: {unknown-field: [off]}\n",
        "  levels: {unknown-feild: off}\n",
        "  suppress: [{rule: unknown-field, objects: Pod/*}]\n",
        "  suppress: [{rule: unknown-field, object: Pod}]\n",
        "  suppress: [{rule: unknown-field, until: 2027-02-30}]\n",
        "  suppress: [{rule: [unknown-field]}]\n",
        "  suppress: {rule: unknown-field}\n",
        "  supress: [{rule: unknown-field}]\n",
    ] {
        let report = check_on(None, &[("policy.yaml", &policy(spec)), ("web.yaml", &text)]);
        let said = said(&report);
        assert_eq!(said.iter().filter(|it| it.starts_with("unknown-field")).count(), 3, "{spec}{said:?}");
        assert!(said.iter().any(|it| it.starts_with("policy-document-invalid")), "{spec}{said:?}");
    }
}

#[test]
fn to_take_out_an_idle_suppression_leaves_the_rest() {
    let text = "apiVersion: v1\nkind: Pod # seaworthy: allow image-latest -- gone\nmetadata: {name: web}\n# seaworthy: allow unknown-field -- gone\nspec: {containers: [{name: a, image: \"web:1.0\"}]}\n";
    let report = check_on(None, &[("web.yaml", text)]);
    let mut edits: Vec<_> =
        report.diagnostics.iter().filter_map(|it| it.fix.as_ref()).flat_map(|it| &it.edits).collect();
    assert_eq!(edits.len(), 2);
    edits.sort_by_key(|it| std::cmp::Reverse(it.span));
    let mut mended = text.to_owned();
    edits.iter().for_each(|it| mended.replace_range(it.span.range(), &it.text));
    assert_eq!(
        mended,
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: a, image: \"web:1.0\"}]}\n"
    );
}

#[test]
fn a_baseline_lets_old_findings_be_and_new_ones_not() {
    let before = check_on(None, &[("web.yaml", &pod("", "", "", ""))]);
    let baseline = Baseline::parse(&Baseline::of(&before).to_string()).unwrap();
    assert_eq!(baseline.len(), 3);
    // Lines moved, one finding mended, one new.
    let moved = pod("# a comment\n\n", "", "    # another\n", "").replace("  colour: blue", "  shape: round");
    let mut after = check_on(None, &[("web.yaml", &moved)]);
    assert_eq!(baseline.apply(&mut after), 1, "one is mended");
    assert_eq!(said(&after), ["unknown-field 7"]);
    assert_eq!(accepted(&after), ["unknown-field"; 2]);
}

#[test]
fn a_text_that_is_no_baseline_is_refused() {
    for text in ["", "[]", "{\"schema\": 2, \"findings\": []}", "{\"findings\": []}"] {
        assert!(Baseline::parse(text).is_err(), "{text}");
    }
}
