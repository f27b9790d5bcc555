//! One cluster, one pod after the other: what the scheduler promises beside what the real one was asked
//! (`tests/scheduler`).

use std::fmt::Write;

use seaworthy_document::Document;
use seaworthy_fleet::{Facts, Fleet, Given};
use seaworthy_object::{Catalog, Object, Version};
use seaworthy_source::Source;

use super::{Admitted, Filtered, Node, NodeId, PodId, PodToPlace, Preemption, Scheduler};
use crate::storage::{Bindings, Volumes};

/// Looks at a cluster of the nodes of a text, with its pods in order.
fn with<R>(text: &str, look: impl for<'a> FnOnce(&mut Scheduler<'a>, &[PodToPlace<'a>]) -> R) -> R {
    at(Version::NEWEST, text, look)
}

fn at<R>(version: Version, text: &str, look: impl for<'a> FnOnce(&mut Scheduler<'a>, &[PodToPlace<'a>]) -> R) -> R {
    let catalog = Catalog::built_in();
    let source = Source::new("cluster.yaml", text);
    let documents: Vec<Document> = seaworthy_document::read(&source);
    let roots = documents.iter().filter_map(Document::root);
    let objects: Vec<Object<'_>> = roots.filter_map(|root| Object::new(root, &catalog, "default")).collect();
    let facts = Facts { complete: true, ..Facts::default() };
    let fleet = Fleet::new(Given { objects: objects.iter().collect(), ..Given::default() }, &facts, &catalog);
    let nodes = fleet.of_kind("", "Node").map(Node::of).collect();
    let volumes = Volumes::of(&fleet, &Bindings::of(&fleet), version);
    let mut scheduler = Scheduler::new(version, nodes, volumes);
    let pods: Vec<PodToPlace<'_>> = (fleet.pods().iter())
        .map(|pod| PodToPlace {
            name: pod.object().name().into(),
            needs: scheduler.needs(*pod, &Admitted::default()),
            labels: Vec::new(),
            pinned: None,
            ordinal: None,
        })
        .collect();
    look(&mut scheduler, &pods)
}

fn node(name: &str, rest: &str) -> String {
    format!(
        "---\n{{apiVersion: v1, kind: Node, metadata: {{name: {name}, labels: {{kubernetes.io/hostname: {name}}}}}, \
         {rest}}}\n"
    )
}

const ROOM: &str = "status: {allocatable: {cpu: '2', memory: 4Gi, pods: '10'}}";

fn pod(name: &str, spec: &str) -> String {
    format!(
        "---\n{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, labels: {{app: {name}}}}}, spec: {{containers: \
         [{{name: app, \
         image: 'example.com/app:1', resources: {{requests: {{cpu: '1'}}}}}}], {spec}}}}}\n"
    )
}

/// What is said of the first pod.
fn said(text: &str) -> String {
    with(text, |scheduler, pods| {
        let filtered = scheduler.filter(&pods[0]);
        scheduler.message(&pods[0], &filtered)
    })
}

#[test]
fn a_node_fills_up_and_empties_again() {
    let text = node("a", ROOM) + &node("b", ROOM) + &pod("p", "");
    with(&text, |scheduler, pods| {
        let mut running: Vec<PodId> = Vec::new();
        for wanted in ["a", "b", "a", "b"] {
            let filtered = scheduler.filter(&pods[0]);
            let node = scheduler.choose(&pods[0], &filtered).unwrap();
            assert_eq!(scheduler.nodes()[node.0 as usize].name, wanted);
            running.push(scheduler.assign(&pods[0], node));
        }
        assert!(scheduler.filter(&pods[0]).candidates.is_empty());
        scheduler.remove(running[1]);
        assert_eq!(scheduler.filter(&pods[0]).candidates, [NodeId(1)]);
        let processors = |scheduler: &Scheduler<'_>| scheduler.free(NodeId(1))[0].requested.to_string();
        assert_eq!(processors(scheduler), "1");
        // Twice is once.
        scheduler.remove(running[1]);
        assert_eq!(processors(scheduler), "1");
    });
}

#[test]
fn what_is_not_known_of_a_node_is_not_guessed() {
    let unsure = |filtered: &Filtered| (filtered.candidates.len(), filtered.unsure.len());
    let text = node("a", "spec: {}") + &pod("p", "");
    with(&text, |scheduler, pods| assert_eq!(unsure(&scheduler.filter(&pods[0])), (0, 1)));
    // What it says of itself it says.
    let text = node("a", "spec: {unschedulable: true}") + &pod("p", "");
    with(&text, |scheduler, pods| assert_eq!(unsure(&scheduler.filter(&pods[0])), (0, 0)));
    // A request that cannot be read.
    let text = node("a", ROOM) + &pod("p", "resources: {requests: {cpu: '{{ cpu }}'}}");
    with(&text, |scheduler, pods| assert_eq!(unsure(&scheduler.filter(&pods[0])), (0, 1)));
    // Devices are claimed from who knows what.
    let text = node("a", ROOM) + &pod("p", "resourceClaims: [{name: gpu, resourceClaimName: gpu}]");
    with(&text, |scheduler, pods| assert_eq!(unsure(&scheduler.filter(&pods[0])), (0, 1)));
}

#[test]
fn absurd_amounts_neither_wrap_nor_panic() {
    let huge = "status: {allocatable: {cpu: 9e99, memory: 8Ei, pods: '-3', example.com/x: '-1'}}";
    let text = node("a", huge)
        + &node("b", "status: {allocatable: {cpu: -1, memory: x, pods: 99999999999999999999}}")
        + &pod("p", "overhead: {cpu: 9e99, memory: 8Ei}")
        + &pod("q", "overhead: {cpu: -9e99, memory: -8Ei, example.com/x: -1}");
    with(&text, |scheduler, pods| {
        for pod in pods {
            for node in [NodeId(0), NodeId(1)] {
                let filtered = scheduler.filter(pod);
                scheduler.message(pod, &filtered);
                scheduler.choose(pod, &filtered);
                let id = scheduler.assign(pod, node);
                scheduler.assign(pod, node);
                assert!(!scheduler.free(node).is_empty());
                scheduler.remove(id);
            }
        }
    });
}

#[test]
fn ten_thousand_of_everything_takes_no_time() {
    let many = |of: &dyn Fn(usize) -> String| (0..10_000).map(of).collect::<Vec<_>>().join(", ");
    let labels = many(&|at| format!("l{at}: v{at}"));
    let taints = many(&|at| format!("{{key: t{at}, effect: NoSchedule}}"));
    let tolerations = many(&|at| format!("{{key: t{at}, operator: Exists}}"));
    let ports = many(&|at| format!("{{containerPort: {port}, hostPort: {port}}}", port = at + 1));
    let rest = format!("spec: {{taints: [{taints}]}}, {ROOM}");
    let mut text =
        format!("---\n{{apiVersion: v1, kind: Node, metadata: {{name: a, labels: {{{labels}}}}}, {rest}}}\n");
    for at in 0..3 {
        text += &node(&format!("n{at}"), &rest);
    }
    let required = format!("nodeSelector: {{{labels}}}, tolerations: [{tolerations}]");
    text += &pod("p", &required);
    writeln!(
        text,
        "---\n{{apiVersion: v1, kind: Pod, metadata: {{name: q}}, spec: {{tolerations: [{tolerations}], \
    containers: [{{name: app, ports: [{ports}]}}]}}}}"
    )
    .unwrap();
    let start = std::time::Instant::now();
    with(&text, |scheduler, pods| {
        assert_eq!(scheduler.filter(&pods[0]).candidates, [NodeId(0)]);
        scheduler.assign(&pods[1], NodeId(0));
        assert_eq!(scheduler.filter(&pods[1]).candidates.len(), 3);
    });
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}

#[test]
fn two_containers_of_one_pod_may_name_one_port_but_two_pods_may_not() {
    let port = "hostNetwork: true, containers: [{name: a, ports: [{containerPort: 80}]}, {name: b, ports: \
    [{containerPort: 80}]}]";
    let text =
        node("a", ROOM) + &format!("---\n{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{{port}}}}}\n");
    with(&text, |scheduler, pods| {
        assert_eq!(scheduler.filter(&pods[0]).candidates.len(), 1);
        let running = scheduler.assign(&pods[0], NodeId(0));
        assert_eq!(scheduler.filter(&pods[0]).candidates.len(), 0);
        scheduler.remove(running);
        assert_eq!(scheduler.filter(&pods[0]).candidates.len(), 1);
    });
}

#[test]
fn labels_of_one_pod_alone_count() {
    let far = "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: \
               kubernetes.io/hostname, labelSelector: {matchLabels: {ordinal: '0'}}}]}}";
    let text = node("a", ROOM) + &pod("p", far);
    with(&text, |scheduler, pods| {
        let ordinal = |it: &'static str| PodToPlace { labels: vec![("ordinal".into(), it.into())], ..pods[0].clone() };
        scheduler.assign(&ordinal("1"), NodeId(0));
        assert_eq!(scheduler.filter(&ordinal("0")).rejected.len(), 1, "what runs keeps it away");
        assert_eq!(scheduler.filter(&ordinal("2")).candidates.len(), 1);
        scheduler.assign(&ordinal("0"), NodeId(0));
        assert_eq!(scheduler.filter(&ordinal("2")).rejected.len(), 1, "it keeps away from what runs");
    });
}

#[test]
fn a_dry_run_leaves_everything_as_it_was() {
    let port = "priority: 1, hostNetwork: true";
    let text = node("a", ROOM)
        + &pod(
            "p",
            "priority: 100, affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: \
             [{topologyKey: \
                kubernetes.io/hostname, labelSelector: {}}]}}",
        )
        + &pod("q", port)
        + &pod("r", port);
    with(&text, |scheduler, pods| {
        let q = scheduler.assign(&pods[1], NodeId(0));
        let r = scheduler.assign(&pods[2], NodeId(0));
        let before = scheduler.free(NodeId(0)).into_iter().map(|it| it.requested).collect::<Vec<_>>();
        for _ in 0..2 {
            let filtered = scheduler.filter(&pods[0]);
            assert_eq!(scheduler.preempt(&pods[0], &filtered), Preemption::Victims(NodeId(0), vec![q, r]));
        }
        let after = scheduler.free(NodeId(0)).into_iter().map(|it| it.requested).collect::<Vec<_>>();
        assert_eq!(before, after);
    });
}

#[test]
fn versions_speak_differently() {
    let text = node("a", &format!("spec: {{taints: [{{key: gpu, value: big, effect: NoSchedule}}]}}, {ROOM}"))
        + &pod(
            "p",
            "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: \
             [{matchFields: [{key: metadata.name, operator: In, values: [a]}]}]}}}",
        );
    let said = |minor: u8| {
        at(Version::minor_of(minor), &text, |scheduler, pods| {
            let filtered = scheduler.filter(&pods[0]);
            scheduler.message(&pods[0], &filtered)
        })
    };
    let then = "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
    assert_eq!(said(33), format!("0/1 nodes are available: 1 node(s) had untolerated taint {{gpu: big}}. {then}"));
    let no_claims = "no new claims to deallocate, ";
    assert_eq!(said(34), format!("0/1 nodes are available: 1 node(s) had untolerated taint(s). {no_claims}{then}"));
    assert_eq!(said(37), format!("0/1 nodes are available: 1 node(s) had untolerated taint(s). {then}"));
}

#[test]
fn without_nodes_nothing_runs() {
    assert_eq!(said(&pod("p", "")), "no nodes available to schedule pods");
    let gated = pod("p", "schedulingGates: [{name: example.com/quota}]");
    assert_eq!(said(&gated), "Scheduling is blocked due to non-empty scheduling gates");
}

#[test]
fn a_pod_of_a_daemon_set_is_for_its_node_alone() {
    let text = node("a", ROOM) + &node("b", ROOM) + &node("c", ROOM) + &pod("p", "overhead: {cpu: '2'}");
    with(&text, |scheduler, pods| {
        let pinned = PodToPlace { pinned: Some(NodeId(1)), ..pods[0].clone() };
        let filtered = scheduler.filter(&pinned);
        assert_eq!(
            scheduler.message(&pinned, &filtered),
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. \
             preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
        );
    });
}

#[test]
fn many_pods_that_keep_everybody_away_are_added_up() {
    let mut text: String = (0..40).map(|at| node(&format!("n{at}"), ROOM)).collect();
    for at in 0..1_000 {
        let other = format!("labelSelector: {{matchExpressions: [{{key: app, operator: NotIn, values: [x{at}]}}]}}");
        let far = format!(
            "affinity: {{podAntiAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: [{{topologyKey: \
             kubernetes.io/hostname, {other}}}]}}}}"
        );
        text += &pod(&format!("p{at}"), &far);
    }
    let start = std::time::Instant::now();
    with(&text, |scheduler, pods| {
        let mut placed = 0;
        for pod in pods {
            let filtered = scheduler.filter(pod);
            if let Some(node) = scheduler.choose(pod, &filtered) {
                scheduler.assign(pod, node);
                placed += 1;
            }
        }
        assert_eq!(placed, 40, "one on each node");
        let filtered = scheduler.filter(&pods[999]);
        assert!(filtered.rejected.iter().all(|it| it.1 == super::Reason::PodAntiAffinity));
    });
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}
