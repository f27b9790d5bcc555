//! Who sends an object is not told what others are called or hold, whatever rule speaks.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy::rules::Pack;
use seaworthy::{Level, Overrides, Policy, Report, Snapshot, Source, Validator};
use seaworthy_tests::examples::{self, Sent};
use serde_json::Value;

/// The objects of an example, and a snapshot of all but one of them.
fn snapshot(objects: &[&Sent], but: usize) -> Snapshot {
    let mut snapshot = Snapshot::default();
    for (at, object) in objects.iter().enumerate() {
        let mut value: Value = serde_json::from_str(object.source.text()).unwrap();
        if !object.namespace.is_empty() {
            value["metadata"]["namespace"] = Value::from(object.namespace.as_str());
        }
        let api_version = value["apiVersion"].as_str().unwrap();
        let group = api_version.rsplit_once('/').map_or("", |it| it.0);
        snapshot.set_listed(group, value["kind"].as_str().unwrap(), true);
        if at != but {
            snapshot.insert(&value.to_string());
        }
    }
    for (group, kind) in [("", "ConfigMap"), ("", "Secret"), ("", "Service"), ("", "PersistentVolumeClaim")] {
        snapshot.set_listed(group, kind, true);
    }
    snapshot
}

/// Every text a report could show.
fn texts(report: &Report) -> Vec<&str> {
    let mut texts = Vec::new();
    for finding in &report.diagnostics {
        texts.extend([Some(finding.message.as_str()), finding.help.as_deref(), finding.label.as_deref()]);
        texts.extend(finding.related.iter().map(|(_, words)| Some(words.as_str())));
        let edits =
            finding.fix.iter().flat_map(|it| std::iter::once(&it.title).chain(it.edits.iter().map(|it| &it.text)));
        texts.extend(edits.map(|it| Some(it.as_str())));
    }
    texts.into_iter().flatten().collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it: char| !it.is_alphanumeric() && !matches!(it, '-' | '.')).map(|it| it.trim_matches('.'))
}

#[test]
fn no_answer_names_what_was_not_sent() {
    let validator = Validator::new(Overrides::default(), Policy::default().with_packs(Pack::ALL));
    let all = examples::objects();
    let mut examples: BTreeMap<&str, Vec<&Sent>> = BTreeMap::new();
    all.iter().for_each(|it| examples.entry(&it.example).or_default().push(it));
    let (mut leaks, mut rules) = (Vec::new(), BTreeSet::new());
    for (example, objects) in examples.iter().filter(|(_, it)| it.len() > 1) {
        let name = |it: &Sent| {
            let value: Value = serde_json::from_str(it.source.text()).unwrap();
            value["metadata"]["name"].as_str().unwrap_or("").to_owned()
        };
        let names: Vec<String> = objects.iter().map(|it| name(it)).collect();
        for (at, sent) in objects.iter().enumerate() {
            let text = sent.source.text();
            let alone = validator.check_incoming(sent.source.clone(), &sent.namespace, &Snapshot::default());
            let mut report = validator.check_incoming(sent.source.clone(), &sent.namespace, &snapshot(objects, at));
            // What is said without knowing others says nothing of them.
            report.diagnostics.retain(|it| !alone.diagnostics.contains(it));
            rules.extend(report.diagnostics.iter().map(|it| it.rule));
            let hidden: BTreeSet<&str> =
                names.iter().map(String::as_str).filter(|it| !it.is_empty() && !text.contains(it)).collect();
            for said in texts(&report) {
                leaks.extend(
                    words(said).filter(|it| hidden.contains(it)).map(|it| format!("{example}: `{it}` in: {said}")),
                );
            }
        }
    }
    assert!(leaks.is_empty(), "\n{}", leaks.join("\n"));
    assert!(rules.len() > 12, "too few rules spoke for this to mean something: {rules:?}");
}

const DEPLOYMENT: &str = r#"{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "tracker"}, "spec": {
    "selector": {"matchLabels": {"app": "tracker"}}, "template": {"metadata": {"labels": {"app": "tracker"}}, "spec": {
        "containers": [{"name": "web", "image": "registry.example.com/web:1", "env": [
            {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "DATABASE_URI"}}}]}]}}}}"#;

fn check(text: &str, others: &[&str], listed: &[(&str, &str)], policy: Policy) -> Report {
    let mut snapshot = Snapshot::default();
    others.iter().for_each(|it| assert!(snapshot.insert(it)));
    listed.iter().for_each(|(group, kind)| snapshot.set_listed(group, kind, true));
    Validator::new(Overrides::default(), policy).check_incoming(Source::new("object.json", text), "shop", &snapshot)
}

/// `rule level message` of what rules of this category say.
fn said(report: &Report, category: &str) -> Vec<String> {
    let of_category = report.diagnostics.iter().filter(|it| it.category == category);
    of_category.map(|it| format!("{} {} {}", it.rule, it.level.as_str(), it.message)).collect()
}

#[test]
fn what_is_listed_and_not_there_is_missing() {
    let unlisted = check(DEPLOYMENT, &[], &[("", "Secret")], Policy::default());
    assert_eq!(said(&unlisted, "reference"), [""; 0], "a ConfigMap may be there");
    let missing = "ConfigMap `settings`, and namespace `shop` has none of that name";
    let listed = check(DEPLOYMENT, &[], &[("", "ConfigMap")], Policy::default());
    assert_eq!(
        said(&listed, "reference"),
        [format!("config-map-missing warning Deployment `tracker` needs {missing}")]
    );
    let elsewhere =
        r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "bank"}}"#;
    let listed = check(DEPLOYMENT, &[elsewhere], &[("", "ConfigMap")], Policy::default());
    assert_eq!(said(&listed, "reference").len(), 1, "other namespaces do not count");
    assert!(!listed.diagnostics.iter().any(|it| format!("{it:?}").contains("bank")), "and are not told of");
}

#[test]
fn a_policy_that_states_the_level_denies() {
    let source = Source::new(
        "policy.yaml",
        "{apiVersion: seaworthy/v1alpha1, kind: Policy, spec: {levels: {config-map-missing: error}}}",
    );
    let policy = seaworthy::read_policy(&source).unwrap();
    let report = check(DEPLOYMENT, &[], &[("", "ConfigMap")], policy);
    assert_eq!(report.count(Level::Error), 1);
}

#[test]
fn what_a_fleet_document_declares_is_known() {
    let class = r#"{"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "ssd"},
        "provisioner": "kubernetes.io/aws-ebs"}"#;
    let known = Snapshot::default();
    let check = |validator: Validator| validator.check_incoming(Source::new("object.json", class), "", &known);
    let fleet = |spec: &str| {
        let text = format!("{{apiVersion: seaworthy/v1alpha1, kind: Fleet, metadata: {{name: f}}, spec: {spec}}}");
        Validator::default().with_facts_of(&Source::new("fleet.yaml", text))
    };
    assert_eq!(check(fleet("{kubernetes: '1.30', complete: true}")).kubernetes_versions, ["1.30"]);
    let complete = check(fleet("{complete: true}"));
    let judged = complete.diagnostics.iter().any(|it| it.rule == "csi-driver-missing");
    assert!(!judged, "one object is never all there is");
}

#[test]
fn near_names_and_keys_are_not_told() {
    let near = r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "setting", "namespace": "shop"}}"#;
    let report = check(DEPLOYMENT, &[near], &[], Policy::default());
    assert_eq!(said(&report, "reference").len(), 1);
    let has = r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "shop"},
        "data": {"DATABASE_URL": "hunter2"}}"#;
    let keys = check(DEPLOYMENT, &[has], &[], Policy::default());
    assert_eq!(
        said(&keys, "reference"),
        ["config-map-missing warning ConfigMap `settings` has no key `DATABASE_URI`, which Deployment `tracker` needs"]
    );
    for report in [report, keys] {
        assert!(texts(&report).iter().all(|it| !words(it).any(|it| matches!(it, "setting" | "DATABASE_URL"))));
    }
}

#[test]
fn the_older_version_of_an_object_does_not_count() {
    let service = |selector: &str| {
        format!(
            r#"{{"apiVersion": "v1", "kind": "Service", "metadata": {{"name": "tracker", "namespace": "shop"}},
                "spec": {{"selector": {{"app": "{selector}"}}, "ports": [{{"port": 80}}]}}}}"#
        )
    };
    let deployment = DEPLOYMENT.replace(r#""name": "tracker"}"#, r#""name": "tracker", "namespace": "shop"}"#);
    let (old, new) = (service("tracker"), service("trackr"));
    let report = check(&new, &[&old, &deployment], &[], Policy::default());
    assert_eq!(said(&report, "reference").len(), 1, "{report:?}");
    assert_eq!(said(&report, "hygiene"), [""; 0]);
    let report = check(&old, &[&new, &deployment], &[], Policy::default());
    assert_eq!(said(&report, "reference"), [""; 0]);
}

#[test]
fn a_suppression_of_what_others_would_show_is_not_idle() {
    let annotated = DEPLOYMENT.replace(
        r#""name": "tracker"}"#,
        r#""name": "tracker", "annotations": {"seaworthy/allow": "config-map-missing -- made by the operator; image-latest -- odd"}}"#,
    );
    let idle = |report: &Report| {
        let rules = report.diagnostics.iter().filter(|it| it.rule.starts_with("suppression-"));
        rules.map(|it| it.message.clone()).collect::<Vec<_>>()
    };
    let alone = idle(&check(&annotated, &[], &[], Policy::default()));
    assert!(alone.len() == 1 && alone[0].contains("image-latest"), "{alone:?}");
}
