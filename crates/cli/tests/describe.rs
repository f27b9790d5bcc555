//! `seaworthy describe`: what budgets let go, and who is evicted first.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod seaworthy;

use std::fs;

use seaworthy::{folder, run_with};

const SET: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: \"web:1\", resources: {limits: {cpu: 1, memory: 1Gi}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: once}
spec:
  containers: [{name: once, image: \"once:1\"}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 100%, selector: {matchLabels: {app: web}}}
";

fn described(arguments: &[&str]) -> String {
    let folder = folder();
    fs::write(folder.path().join("set.yaml"), SET).unwrap();
    run_with(&[&["describe"], arguments].concat(), "", folder.path()).out
}

#[test]
fn tables_are_for_people() {
    let text = described(&[]);
    let tables = "\
BUDGET  ASKS                SELECTS         EXPECTED  AT LEAST  MAY GO  DRAIN
web     minAvailable: 100%  Deployment/web  3         3         0       waits: none of 3 may go: a drain waits without end

EVICTED  WORKLOAD        PRIORITY  WHY
1        Pod/once        0         requests no memory, and whatever it uses is more
2        Deployment/web  0         cannot use more than the 1Gi it requests
";
    assert!(text.ends_with(tables), "{text}");
}

#[test]
fn json_is_for_programs() {
    let json: serde_json::Value = serde_json::from_str(&described(&["--format", "json"])).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["disruptionBudgets"][0]["disruptionsAllowed"], 0);
    assert_eq!(json["workloads"][0]["disruptionBudgets"][0], "web");
    assert_eq!(json["workloads"][0]["eviction"]["turn"], 2);
    assert_eq!(json["workloads"][1]["eviction"]["exceeds"], "always");
}
