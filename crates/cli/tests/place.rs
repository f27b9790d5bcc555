//! What `place` promises: verdicts, what-ifs, exit codes, the JSON, bounds.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod seaworthy;

use std::fs;
use std::path::Path;

use serde_json::Value;

use seaworthy::{Answer, folder, run_with};

fn node(name: &str, zone: &str, cpu: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Node\nmetadata: {{name: {name}, labels: {{topology.kubernetes.io/zone: {zone}}}}}\nstatus: \
         {{allocatable: {{cpu: \"{cpu}\", memory: 4Gi, pods: \"10\"}}}}\n"
    )
}

fn workload(kind: &str, name: &str, spec: &str, cpu: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n  {spec}\n  selector: {{matchLabels: \
         {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec: {{containers: [{{name: c, \
         image: c, resources: {{requests: {{cpu: {cpu}}}}}}}]}}\n"
    )
}

fn place(folder: &Path, documents: &[String], arguments: &[&str]) -> Answer {
    fs::write(folder.join("a.yaml"), documents.join("---\n")).unwrap();
    run_with(&[&["place", "."], arguments].concat(), "", folder)
}

fn json(folder: &Path, documents: &[String], arguments: &[&str]) -> (i32, Value) {
    let answer = place(folder, documents, &[&["--format", "json"], arguments].concat());
    assert!(answer.code < 2, "{}", answer.err);
    (answer.code, serde_json::from_str(&answer.out).unwrap())
}

fn nodes() -> Vec<String> {
    vec![node("node-a", "a", "2"), node("node-b", "b", "2")]
}

/// Names, counts and verdicts of the pods.
fn pods(placed: &Value) -> Vec<(String, u64, String)> {
    let pods = placed["pods"].as_array().unwrap().iter();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    pods.map(|it| (text(&it["pod"]), it["replicas"].as_u64().unwrap(), text(&it["verdict"]))).collect()
}

#[test]
fn what_fits_is_placed_and_the_rest_hears_the_scheduler() {
    let folder = folder();
    let set = [nodes(), vec![workload("Deployment", "web", "replicas: 5", "900m")]].concat();
    let (code, placed) = json(folder.path(), &set, &[]);
    assert_eq!(code, 1);
    let got = pods(&placed);
    assert_eq!(got, [("default/web-*".into(), 4, "placed".into()), ("default/web-*".into(), 1, "pending".into())]);
    let message = placed["pods"][1]["message"].as_str().unwrap();
    assert!(message.starts_with("0/2 nodes are available: 2 Insufficient cpu."), "{message}");
    assert_eq!(placed["pods"][0]["candidates"], serde_json::json!(["node-a", "node-b"]));
    assert_eq!(placed["pods"][1]["nodes"][1]["reasons"], serde_json::json!(["Insufficient cpu"]));
    assert_eq!(placed["pods"][0]["on"][0], serde_json::json!({"node": "node-a", "pods": 2}));
    let cpu = &placed["nodes"][0]["resources"][0];
    assert_eq!((cpu["allocatable"].as_str(), cpu["requested"].as_str()), (Some("2"), Some("1800m")));
    assert_eq!((placed["summary"]["pods"].as_u64(), placed["summary"]["pending"].as_u64()), (Some(5), Some(1)));
}

#[test]
fn ordinals_come_one_after_the_other() {
    let folder = folder();
    let ordered = workload("StatefulSet", "db", "replicas: 1000000000\n  ordinals: {start: 3}", "1500m");
    let set = [nodes(), vec![ordered]].concat();
    let (_, placed) = json(folder.path(), &set, &[]);
    let got = pods(&placed);
    assert_eq!(got[0], ("default/db-3".into(), 1, "placed".into()));
    assert_eq!(got[2], ("default/db-5".into(), 1, "pending".into()));
    assert_eq!(got[3], ("default/db-6 … db-1000000002".into(), 999_999_997, "pending".into()));
    assert_eq!(placed["pods"][3]["message"], "waits until db-5 runs");
}

#[test]
fn a_daemon_runs_on_each_node_that_it_means() {
    let folder = folder();
    let tainted =
        node("node-c", "a", "2").replace("status:", "spec: {taints: [{key: own, effect: NoSchedule}]}\nstatus:");
    let agent = workload("DaemonSet", "agent", "minReadySeconds: 0", "100m");
    let set = [nodes(), vec![tainted, agent]].concat();
    let (code, placed) = json(folder.path(), &set, &[]);
    assert_eq!((code, pods(&placed)), (0, vec![("default/agent-*".into(), 2, "placed".into())]));
}

#[test]
fn an_autoscaler_at_its_maximum_and_a_rollout() {
    let folder = folder();
    let scaler = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec: {scaleTargetRef: \
                  {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 12}\n";
    let web = workload("Deployment", "web", "replicas: 4", "900m");
    let set = [nodes(), vec![web, scaler.to_owned()]].concat();
    let answer = place(folder.path(), &set, &[]);
    assert_eq!(answer.code, 0);
    assert!(answer.out.ends_with("All of 4 pods can be placed. At HPA maximum (web 12): 8 of 12.\n"), "{}", answer.out);
    let pending = |arguments: &[&str]| json(folder.path(), &set, arguments).1["summary"]["pending"].as_u64().unwrap();
    assert_eq!(pending(&["--at", "hpa-max"]), 8);
    assert_eq!(pending(&["--at", "hpa-min"]), 0);
    assert_eq!(pending(&["--at", "surge"]), 1);
    assert_eq!(pending(&["--at", "surge", "--add-node", "cpu=1,memory=1Gi"]), 0);
}

#[test]
fn what_stays_stays_where_it_is_when_a_node_fails() {
    let folder = folder();
    let bare = "apiVersion: v1\nkind: Pod\nmetadata: {name: one}\nspec: {nodeName: node-b, containers: [{name: c, image: \
                c}]}\n";
    let set = [nodes(), vec![workload("Deployment", "web", "replicas: 3", "600m"), bare.to_owned()]].concat();
    let (code, placed) = json(folder.path(), &set, &["--without", "node=node-b"]);
    assert_eq!(code, 1);
    assert_eq!(placed["summary"]["nodes"], 1);
    assert_eq!(placed["summary"]["pending"], 1);
    let one = placed["pods"].as_array().unwrap().iter().find(|it| it["pod"] == "default/one").unwrap();
    assert_eq!(one["message"], "its node is gone, and no controller makes it again");
    let answer = place(folder.path(), &set, &["--without", "node=node-x"]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("--without node=node-x: no node is there: did you mean `node-a`?"), "{}", answer.err);
    let (code, placed) = json(folder.path(), &set, &["--failures"]);
    assert_eq!(code, 0);
    let failures = placed["summary"]["failures"].as_array().unwrap();
    let without: Vec<_> = failures.iter().map(|it| (it["without"].as_str().unwrap(), it["pending"].as_u64())).collect();
    assert_eq!(without, [("node=node-a", Some(0)), ("node=node-b", Some(1)), ("zone=a", Some(0)), ("zone=b", Some(1))]);
    assert_eq!(failures[1]["of"], serde_json::json!(["Pod/one"]));
}

#[test]
fn a_claim_keeps_its_volume_when_its_node_fails() {
    let folder = folder();
    let class = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: local}\nprovisioner: \
                 kubernetes.io/no-provisioner\nvolumeBindingMode: WaitForFirstConsumer\n";
    let volume = |name: &str, node: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: {name}}}\nspec: {{capacity: {{storage: 1Gi}}, \
             accessModes: [ReadWriteOnce], storageClassName: local, local: {{path: /d}}, nodeAffinity: {{required: \
             {{nodeSelectorTerms: [{{matchExpressions: [{{key: topology.kubernetes.io/zone, operator: In, values: \
             [{node}]}}]}}]}}}}}}\n"
        )
    };
    let claims = "volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], storageClassName: \
                  local, resources: {requests: {storage: 1Gi}}}}]";
    let db = workload("StatefulSet", "db", &format!("replicas: 1\n  {claims}"), "100m");
    let set = [nodes(), vec![class.to_owned(), volume("pv-a", "a"), volume("pv-b", "b"), db]].concat();
    let (code, placed) = json(folder.path(), &set, &["--complete"]);
    assert_eq!(code, 0);
    let claim = &placed["claims"][0];
    assert_eq!((claim["claim"].as_str(), claim["verdict"].as_str()), (Some("default/data-db-0"), Some("bound")));
    let home = placed["pods"][0]["on"][0]["node"].as_str().unwrap();
    let (code, placed) = json(folder.path(), &set, &["--complete", "--without", &format!("node={home}")]);
    assert_eq!(code, 1);
    let message = placed["pods"][0]["message"].as_str().unwrap();
    assert!(message.contains("didn't match PersistentVolume's node affinity"), "{message}");
}

#[test]
fn without_nodes_it_says_what_to_give() {
    let folder = folder();
    let set = vec![workload("Deployment", "web", "replicas: 1", "100m")];
    let answer = place(folder.path(), &set, &[]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("no node is known: give Node manifests"), "{}", answer.err);
    let answer = place(folder.path(), &set, &["--add-node", "cpu=1,memory=1Gi,count=2", "--quiet"]);
    assert_eq!((answer.code, answer.out.as_str()), (0, "The pod can be placed.\n"));
    for (flag, value, said) in [
        ("--without", "rack=3", "expected node=NAME or zone=NAME"),
        ("--add-node", "cpu", "`cpu` is not KEY=VALUE"),
        ("--add-node", "cpu=much", "cpu=much: quantities must match"),
        ("--add-node", "count=-1", "`-1` is no number of nodes"),
        ("--add-node", "cpus=4", "`cpus` is no resource of nodes"),
        ("--add-node", "taint=a:Never", "`Never` is no effect of a taint"),
    ] {
        let answer = place(folder.path(), &set, &[flag, value]);
        assert_eq!(answer.code, 2);
        assert!(answer.err.contains(said), "{}", answer.err);
    }
}

#[test]
fn what_nobody_knows_is_no_verdict() {
    let folder = folder();
    let set = vec![workload("Deployment", "web", "replicas: 2", "100m")];
    let (code, placed) = json(folder.path(), &set, &["--add-node", "type=no.such.type"]);
    assert_eq!((code, pods(&placed)), (0, vec![("default/web-*".into(), 2, "unknown".into())]));
    let message = placed["pods"][0]["message"].as_str().unwrap();
    assert!(message.contains("nobody says how much room"), "{message}");
}

#[test]
fn a_dump_of_a_cluster_counts_its_pods_once() {
    let folder = folder();
    let replica_set = workload("ReplicaSet", "web-1", "replicas: 2", "500m").replace(
        "{name: web-1}\nspec",
        "{name: web-1, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, controller: true}]}\nspec",
    );
    let pod = |name: &str, phase: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, \
             name: web-1, controller: true}}]}}\nspec: {{nodeName: node-a, containers: [{{name: c, image: c}}]}}\nstatus: \
             {{phase: {phase}}}\n"
        )
    };
    let web = workload("Deployment", "web", "replicas: 2", "500m");
    let set = [nodes(), vec![web, replica_set, pod("web-1-x", "Running"), pod("web-1-y", "Failed")]].concat();
    let (_, placed) = json(folder.path(), &set, &[]);
    let got = pods(&placed);
    assert_eq!(got, [("default/web-*".into(), 1, "placed".into()), ("default/web-1-x".into(), 1, "placed".into())]);
}

#[test]
fn absurd_numbers_get_an_answer() {
    let folder = folder();
    let boundless = node("node-a", "a", "2").replace("\"10\"", "1e15");
    let set = vec![
        boundless,
        workload("Deployment", "many", "replicas: 2147483647", "\"0\""),
        workload("StatefulSet", "parallel", "podManagementPolicy: Parallel\n  replicas: 2147483647", "3"),
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: empty}\nspec: {selector: {}}\n".to_owned(),
    ];
    let (code, placed) = json(folder.path(), &set, &[]);
    assert_eq!(code, 0);
    let got = pods(&placed);
    assert_eq!(got[0], ("default/many-*".into(), 150_000, "placed".into()));
    assert_eq!(got[1], ("default/many-*".into(), 2_147_333_647, "unknown".into()));
    assert_eq!(placed["pods"][1]["message"], "more than 150000 pods: those after them are not looked at");
}

#[test]
fn a_cluster_is_what_one_document_of_a_tool_states() {
    let folder = folder();
    let cluster = |name: &str, count: u32| {
        format!(
            "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {{name: {name}, region: eu-west-1}}\n\
             managedNodeGroups: [{{name: pool, instanceType: m5.large, desiredCapacity: {count}, minSize: 1, maxSize: 4}}]\n"
        )
    };
    let web = workload("Deployment", "web", "replicas: 3", "1500m");
    let set = vec![web.clone(), cluster("c", 2)];
    let answer = place(folder.path(), &set, &[]);
    assert_eq!(answer.code, 1, "{}", answer.err);
    assert!(answer.out.contains("pool-0  -     4/29  [##########]"), "{}", answer.out);
    assert!(
        answer.out.ends_with(
            "1 of 3 pods cannot be placed. At the groups' maximum (pool 4): 0 of 3. The platform's own pods take room too: \
             2 on each node, 2 more.\n"
        ),
        "{}",
        answer.out
    );
    let pending = |groups: &str| json(folder.path(), &set, &["--groups", groups]).1["summary"]["pending"].as_u64();
    assert_eq!((pending("min"), pending("max")), (Some(2), Some(0)));
    // Its group stands for the nodes that are given, and does not grow beside them.
    let (_, placed) = json(folder.path(), &[nodes(), set.clone()].concat(), &[]);
    assert_eq!((placed["summary"]["pending"].as_u64(), placed["summary"].get("atGroupsMax")), (Some(1), None));
    let answer = place(folder.path(), &[web.clone(), cluster("c", 2), cluster("d", 3)], &[]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("several clusters are described, and --cluster says which is meant"), "{}", answer.err);
    fs::write(folder.path().join("nodes.yml"), nodes().join("---\n")).unwrap();
    let (code, placed) = json(folder.path(), &[web], &["--cluster", "nodes.yml"]);
    assert_eq!((code, placed["summary"]["nodes"].as_u64()), (1, Some(2)));
}
