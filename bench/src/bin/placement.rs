//! How long a cluster takes to be filled, on one core, everything included: reading, joining, placing, what is said of
//! pods that wait. Half as many pods beside it, for the ratio: twice the pods should take about twice the time.
//! `cargo run --release -p seaworthy-bench --bin placement`

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use seaworthy_bench::processor::took;
use seaworthy_document::Document;
use seaworthy_fleet::{Facts, Fleet, Given};
use seaworthy_object::{Catalog, Object};
use seaworthy_placement::{Bindings, Placement, Question};
use seaworthy_source::Source;

const NODES: usize = 1_000;
const REPLICAS: usize = 20;

/// A kind of fleet: its name, how many pods, and the text of so many.
type Shape = (&'static str, usize, fn(usize) -> String);

fn main() -> std::io::Result<()> {
    let shapes: [Shape; 9] = [
        ("Deployments of 20, Services", 10_000, deployments),
        ("each with another spread", 10_000, spread),
        ("each far from its like", 10_000, apart),
        ("StatefulSets of 20", 10_000, sets),
        ("bare pods", 10_000, bare),
        ("bare pods that do not fit", 10_000, too_large),
        ("that would evict one", 2_000, evicting),
        ("that would evict in vain", 2_000, in_vain),
        ("Deployments of 20, Services", 100_000, deployments),
    ];
    let mut out = std::io::stdout().lock();
    writeln!(out, "{NODES} nodes{:>36} {:>9} {:>7} {:>8} {:>8}", "pods", "time", "ratio", "placed", "waiting")?;
    for (name, pods, text) in shapes {
        let (half, ..) = filled(&text(pods / 2));
        let (whole, placed, waiting) = filled(&text(pods));
        let ratio = whole.as_secs_f64() / half.as_secs_f64();
        let time = whole.as_secs_f64();
        writeln!(out, "{name:<40} {pods:>6} {time:>7.2} s {ratio:>6.2}x {placed:>8} {waiting:>8}")?;
    }
    Ok(())
}

/// How long it takes, how many pods run, and how many wait.
fn filled(pods: &str) -> (Duration, u64, u64) {
    let source = Source::new("fleet.yaml", nodes() + pods);
    let catalog = Catalog::built_in();
    let (mut placed, mut waiting) = (0, 0);
    let time = took(|| {
        let documents: Vec<Document> = seaworthy_document::read(&source);
        let roots = documents.iter().filter_map(Document::root);
        let objects: Vec<Object<'_>> = roots.filter_map(|root| Object::new(root, &catalog, "default")).collect();
        let facts = Facts { complete: true, ..Facts::default() };
        let fleet = Fleet::new(Given { objects: objects.iter().collect(), ..Given::default() }, &facts, &catalog);
        let bindings = Bindings::of(&fleet);
        let placement = Placement::of(&fleet, &bindings, &Question::default());
        waiting = placement.pending();
        placed = placement.count() - waiting - placement.unknown();
    });
    assert!(placed + waiting > 0, "a text that cannot be read");
    (time, placed, waiting)
}

/// One of many nodes alike.
const NODE: &str = r#"---
apiVersion: v1
kind: Node
metadata:
  name: node-NUMBER
  labels:
    kubernetes.io/hostname: node-NUMBER
    topology.kubernetes.io/zone: ZONE
    kubernetes.io/os: linux
    kubernetes.io/arch: amd64
spec: {taints: [TAINT]}
status: {allocatable: {cpu: "16", memory: 64Gi, pods: "110", ephemeral-storage: 100Gi}}
"#;

/// A workload and its Service.
const WORKLOAD: &str = r#"---
apiVersion: apps/v1
kind: KIND
metadata: {name: APP}
spec:
  replicas: REPLICAS
  serviceName: APP
  selector: {matchLabels: {app: APP}}
  template:
    metadata: {labels: {app: APP}}
    spec:
      containers:
      - name: app
        image: example.com/app:1
        resources: {requests: {cpu: CPU, memory: 128Mi}}
REST
---
apiVersion: v1
kind: Service
metadata: {name: APP}
spec: {selector: {app: APP}, ports: [{port: 80}]}
"#;

/// What spreads the pods of a workload over zones and over nodes.
const SPREAD: &str = r#"      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: topology.kubernetes.io/zone
        whenUnsatisfiable: DoNotSchedule
        labelSelector: {matchLabels: {app: APP}}
      - maxSkew: 1
        topologyKey: kubernetes.io/hostname
        whenUnsatisfiable: DoNotSchedule
        labelSelector: {matchLabels: {app: APP}}"#;

/// What keeps the pods of a workload on nodes of their own, and best in zones of their own.
const APART: &str = r#"      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - topologyKey: kubernetes.io/hostname
            labelSelector: {matchLabels: {app: APP}}
          preferredDuringSchedulingIgnoredDuringExecution:
          - weight: 50
            podAffinityTerm:
              topologyKey: topology.kubernetes.io/zone
              labelSelector: {matchLabels: {app: APP}}"#;

/// Nodes in three zones, one in ten with a taint.
fn nodes() -> String {
    let node = |at: usize| {
        let zone = ["a", "b", "c"].get(at % 3).copied().unwrap_or_default();
        let taint = if at.is_multiple_of(10) { "{key: gpu, effect: NoSchedule}" } else { "" };
        NODE.replace("NUMBER", &at.to_string()).replace("ZONE", zone).replace("TAINT", taint)
    };
    (0..NODES).map(node).collect()
}

fn workloads(pods: usize, kind: &str, rest: &str) -> String {
    let workload = |at: usize| {
        let cpu = ["50m", "100m", "250m", "500m"].get(at % 4).copied().unwrap_or("50m");
        let text = WORKLOAD.replace("REST", rest).replace("APP", &format!("app-{at}"));
        text.replace("KIND", kind).replace("REPLICAS", &REPLICAS.to_string()).replace("CPU", cpu)
    };
    (0..pods / REPLICAS).map(workload).collect()
}

fn deployments(pods: usize) -> String {
    workloads(pods, "Deployment", "")
}

fn sets(pods: usize) -> String {
    workloads(pods, "StatefulSet", "")
}

fn spread(pods: usize) -> String {
    workloads(pods, "Deployment", SPREAD)
}

fn apart(pods: usize) -> String {
    workloads(pods, "Deployment", APART)
}

fn bare(pods: usize) -> String {
    pods_of(pods, "100m")
}

fn too_large(pods: usize) -> String {
    pods_of(pods, "64")
}

/// Pods that matter more than those that fill the cluster.
fn evicting(pods: usize) -> String {
    full("1500m", "2", pods)
}

/// The same, where too little room would come of it.
fn in_vain(pods: usize) -> String {
    full("100m", "12", pods)
}

/// Ten pods of low priority on each node, and one as important as those that come, which ask for too much beside it.
fn full(low: &str, wanted: &str, pods: usize) -> String {
    let mut text = String::new();
    let mut add = |name: String, on: &str, cpu: &str, priority: u32| {
        let written = writeln!(
            text,
            "---\n{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, labels: {{app: {name}}}}}, spec: \
             {{{on}priority: \
             {priority}, containers: [{{name: app, image: \"example.com/app:1\", resources: {{requests: {{cpu: \
             \"{cpu}\"}}}}}}]}}}}"
        );
        written.unwrap_or_default();
    };
    for node in 0..NODES {
        let on = format!("nodeName: node-{node}, ");
        (0..10).for_each(|at| add(format!("low-{node}-{at}"), &on, low, 1));
        add(format!("high-{node}"), &on, "5", 100);
    }
    (0..pods).for_each(|at| add(format!("pod-{at}"), "", wanted, 100));
    text
}

fn pods_of(pods: usize, cpu: &str) -> String {
    let mut text = String::new();
    for at in 0..pods {
        let written = writeln!(
            text,
            "---\n{{apiVersion: v1, kind: Pod, metadata: {{name: pod-{at}, labels: {{app: app-{at}}}}}, spec: \
             {{containers: \
             [{{name: app, image: \"example.com/app:1\", resources: {{requests: {{cpu: \"{cpu}\", memory: \
             64Mi}}}}}}]}}}}"
        );
        written.unwrap_or_default();
    }
    text
}
