//! Small fleets on small clusters: which pods there are, in which order they are placed, and what nobody knows.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod given;

use std::cell::Cell;

use seaworthy_facts::{NodeFacts, Open};
use seaworthy_fleet::{Facts, Fleet};
use seaworthy_placement::{
    Bindings, Cluster, Groups, Outcome, Placement, PodGroup, Question, Scale, Without, knows_nodes,
};

use given::given;

fn on_cluster<R>(text: &str, facts: &Facts, look: impl for<'a> FnOnce(&Fleet<'a>, &Bindings<'a>) -> R) -> R {
    given(text, facts, |fleet| look(fleet, &Bindings::of(fleet)))
}

/// What becomes of the pods: `web-* 3 placed`.
fn words(placement: &Placement<'_>) -> Vec<String> {
    let word = |it: &Outcome| match it {
        Outcome::Placed(_) => "placed",
        Outcome::Pending { .. } => "pending",
        Outcome::Unknown(_) => "unknown",
    };
    placement.pods().iter().map(|it| format!("{} {} {}", it.name, it.count, word(&it.outcome))).collect()
}

fn place(text: &str, facts: &Facts, question: &Question) -> Vec<String> {
    on_cluster(text, facts, |fleet, bindings| words(&Placement::of(fleet, bindings, question)))
}

/// Nodes of 1 processor.
fn group(count: u32) -> NodeFacts {
    let allocatable = [("cpu", "1"), ("memory", "1Gi")].map(|it| (it.0.to_owned(), it.1.to_owned())).to_vec();
    NodeFacts { name: Some("pool".to_owned()), count, allocatable, ..NodeFacts::default() }
}

fn facts(groups: Vec<NodeFacts>) -> Facts {
    Facts { nodes: groups, complete: true, ..Facts::default() }
}

fn nodes(count: u32) -> Facts {
    facts(vec![group(count)])
}

fn pod(name: &str, cpu: &str, rest: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{{rest}containers: [{{name: c, image: c, \
         resources: {{requests: {{cpu: {cpu}}}}}}}]}}\n"
    )
}

fn workload(api: &str, kind: &str, name: &str, spec: &str, cpu: &str) -> String {
    format!(
        "---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{{spec}, template: {{metadata: {{labels: \
         {{app: {name}}}}}, spec: {{containers: [{{name: c, image: c, resources: {{requests: {{cpu: {cpu}}}}}}}]}}}}}}\n"
    )
}

#[test]
fn a_higher_priority_is_placed_first_and_then_what_comes_first() {
    let class = |name: &str, rest: &str| {
        format!("---\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {{name: {name}}}\n{rest}\n")
    };
    let text = pod("first", "1", "")
        + &pod("urgent", "1", "priorityClassName: high, ")
        + &pod("system", "1", "priorityClassName: system-node-critical, ")
        + &class("high", "value: 10");
    let none = Question::default();
    assert_eq!(place(&text, &nodes(2), &none), ["first 1 pending", "urgent 1 placed", "system 1 placed"]);
    assert_eq!(place(&text, &nodes(1), &none), ["first 1 pending", "urgent 1 pending", "system 1 placed"]);
    let text = text + &class("usual", "value: 20\nglobalDefault: true");
    assert_eq!(place(&text, &nodes(2), &none), ["first 1 placed", "urgent 1 pending", "system 1 placed"]);
}

#[test]
fn admission_adds_what_the_scheduler_counts() {
    let range = "---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: r}\nspec: {limits: [{type: Container, default: {cpu: \
                 700m}}]}\n";
    let bare = |name: &str| pod(name, "1", "").replace("cpu: 1", "memory: 1Mi");
    let text = bare("a") + &bare("b");
    let none = Question::default();
    assert_eq!(place(&text, &nodes(1), &none), ["a 1 placed", "b 1 placed"]);
    assert_eq!(place(&(text + range), &nodes(1), &none), ["a 1 placed", "b 1 pending"]);
    let class = "---\napiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: vm}\nhandler: vm\noverhead: {podFixed: \
                 {cpu: 600m}}\n";
    let text = pod("a", "500m", "runtimeClassName: vm, ") + &pod("b", "400m", "runtimeClassName: vm, ") + class;
    assert_eq!(place(&text, &nodes(1), &none), ["a 1 pending", "b 1 placed"]);
}

#[test]
fn workloads_make_as_many_pods_as_their_controllers_would() {
    let text = workload("batch/v1", "Job", "all", "parallelism: 5, completions: 3", "1m")
        + &workload("batch/v1", "Job", "indexed", "parallelism: 2, completions: 9, completionMode: Indexed", "1m")
        + &workload("batch/v1", "Job", "held", "suspend: true", "1m")
        + &workload("apps/v1", "Deployment", "none", "replicas: 0", "1m")
        + &workload("v1", "ReplicationController", "old", "replicas: 2", "1m")
        + &workload("argoproj.io/v1alpha1", "Rollout", "custom", "replicas: 4", "1m")
        + &workload("batch/v1", "CronJob", "nightly", "schedule: '@daily', jobTemplate: {spec: {x: 1", "1m")
            .replace("x: 1, template", "parallelism: 2, template")
            .replace("]}}}\n", "]}}}}}\n");
    let want = [
        "all-* 3 placed",
        "indexed-0-* 1 placed",
        "indexed-1-* 1 placed",
        "old-* 2 placed",
        "custom-* 4 placed",
        "nightly-* 2 placed",
    ];
    assert_eq!(place(&text, &nodes(3), &Question::default()), want);
}

#[test]
fn a_rollout_makes_more_pods_for_a_while() {
    let surge = |strategy: &str| {
        let spec = format!("replicas: 4{strategy}");
        let text = workload("apps/v1", "Deployment", "web", &spec, "1m");
        place(&text, &nodes(1), &Question { scale: Scale::Surge, ..Question::default() })
    };
    assert_eq!(surge(""), ["web-* 5 placed"]);
    assert_eq!(surge(", strategy: {type: Recreate}"), ["web-* 4 placed"]);
    assert_eq!(surge(", strategy: {rollingUpdate: {maxSurge: 30%}}"), ["web-* 6 placed"]);
}

#[test]
fn groups_shrink_and_grow_and_their_zones_take_turns() {
    let zones = ["a", "b"].map(str::to_owned).to_vec();
    let group = NodeFacts { min: Some(1), max: Some(4), zones, ..group(2) };
    let text = workload("apps/v1", "Deployment", "web", "replicas: 4", "1");
    let placed =
        |groups: Groups| place(&text, &facts(vec![group.clone()]), &Question { groups, ..Question::default() });
    assert_eq!(placed(Groups::Min), ["web-* 1 placed", "web-* 3 pending"]);
    assert_eq!(placed(Groups::Now), ["web-* 2 placed", "web-* 2 pending"]);
    assert_eq!(placed(Groups::Max), ["web-* 4 placed"]);
    let without = vec![Without::Zone("b".to_owned())];
    let question = Question { without, groups: Groups::Max, ..Question::default() };
    assert_eq!(place(&text, &facts(vec![group]), &question), ["web-* 2 placed", "web-* 2 pending"]);
}

#[test]
fn what_is_not_said_of_nodes_is_no_verdict() {
    let text = pod("large", "2", "");
    let asked = |group: NodeFacts, text: &str| place(text, &facts(vec![group]), &Question::default());
    assert_eq!(asked(group(1), &text), ["large 1 pending"]);
    let open = |open: Open| NodeFacts { open, ..group(1) };
    assert_eq!(asked(open(Open { count: true, ..Open::default() }), &text), ["large 1 unknown"]);
    let small = pod("small", "1m", "");
    assert_eq!(asked(open(Open { taints: true, ..Open::default() }), &small), ["small 1 unknown"]);
    let on = |label: &str| pod("small", "1m", &format!("nodeSelector: {{{label}}}, "));
    assert_eq!(asked(group(1), &on("kubernetes.io/arch: arm64")), ["small 1 unknown"]);
    assert_eq!(asked(group(1), &on("disk: ssd")), ["small 1 pending"]);
    assert_eq!(asked(open(Open { labels: true, ..Open::default() }), &on("disk: ssd")), ["small 1 unknown"]);
    // What its kubelet can do nobody lists.
    let special = pod("special", "1m", "hostNetwork: true, hostUsers: false, ");
    assert_eq!(asked(group(1), &special), ["special 1 unknown"]);
    let unmeasured = NodeFacts { allocatable: Vec::new(), instance_types: vec!["none.such".to_owned()], ..group(1) };
    assert_eq!(asked(unmeasured, &small), ["small 1 unknown"]);
    assert_eq!(asked(group(1), &pod("own", "1m", "schedulerName: mine, ")), ["own 1 unknown"]);
}

#[test]
fn nodes_given_one_by_one_are_those_of_the_groups() {
    let node = "---\napiVersion: v1\nkind: Node\nmetadata: {name: one}\nstatus: {allocatable: {cpu: 1, memory: 1Gi, pods: 9}}\n";
    let text = workload("apps/v1", "Deployment", "web", "replicas: 2", "1") + node;
    assert_eq!(place(&text, &nodes(2), &Question::default()), ["web-* 1 placed", "web-* 1 pending"]);
}

#[test]
fn a_cluster_says_what_runs_alone_and_how_many_fit() {
    let text = workload("apps/v1", "Deployment", "web", "replicas: 1", "400m") + &pod("other", "900m", "");
    on_cluster(&text, &nodes(2), |fleet, bindings| {
        let cluster = Cluster::of(fleet, bindings);
        assert!(knows_nodes(fleet));
        let web = fleet.pods()[0];
        assert!(matches!(&*cluster.alone(web), [PodGroup { count: 1, outcome: Outcome::Placed(_), .. }]));
        let most = cluster.most(web, 10, &Question::default());
        assert_eq!(most.fit, 2);
        let Outcome::Pending { message, .. } = most.then else { panic!("the others wait") };
        assert!(message.starts_with("0/2 nodes are available: 2 Insufficient cpu."), "{message}");
    });
    on_cluster(&text, &Facts::default(), |fleet, _| assert!(!knows_nodes(fleet)));
}

#[test]
fn who_loses_interest_waits_for_no_more_pods() {
    let text = workload("apps/v1", "Deployment", "web", "replicas: 9", "100m") + &pod("other", "100m", "");
    on_cluster(&text, &nodes(2), |fleet, bindings| {
        let asked = Cell::new(0);
        let few = || asked.replace(asked.get() + 1) < 3;
        let cluster = Cluster::of(fleet, bindings).while_wanted(&few);
        assert!(!cluster.is_over());
        assert_eq!(cluster.placement().unknown(), 7);
        assert!(cluster.is_over());
        // Nobody asks him again.
        assert_eq!(cluster.grown().unknown(), 10);
        assert_eq!(asked.get(), 4);
    });
}

#[test]
fn daemons_and_lone_pods_do_not_move_when_a_node_fails() {
    let text = workload("apps/v1", "DaemonSet", "agent", "selector: {}", "100m")
        + &workload("apps/v1", "StatefulSet", "db", "replicas: 3", "400m")
        + &pod("lone", "100m", "");
    on_cluster(&text, &nodes(3), |fleet, bindings| {
        let placement = Placement::of(fleet, bindings, &Question::default());
        assert_eq!(
            words(&placement),
            ["agent-* 3 placed", "db-0 1 placed", "db-1 1 placed", "db-2 1 placed", "lone 1 placed"]
        );
        for failing in placement.nodes() {
            let gone = Without::Node(failing.name.to_string());
            let after = placement.after(fleet, bindings, &Question::default().without(gone));
            assert_eq!((after.nodes().len(), after.count()), (2, 6), "{}", failing.name);
            let lone_is_lost = words(&after).contains(&"lone 1 pending".to_owned());
            assert_eq!(after.pending(), u64::from(lone_is_lost), "{:?}", words(&after));
        }
    });
}

#[test]
fn groups_of_one_name_go_on_counting() {
    let named = |name: &str, count| NodeFacts { name: Some(name.to_owned()), ..group(count) };
    let mut groups: Vec<NodeFacts> = (0..40_000).map(|at| named(&format!("pool-{at}"), 1)).collect();
    groups.splice(..0, [named("web", 2), named("web-0", 1), named("web", 1)]);
    let question = Question { add: vec![named("web", 1)], ..Question::default() };
    on_cluster("", &facts(groups), |fleet, bindings| {
        let placement = Placement::of(fleet, bindings, &question);
        let names: Vec<&str> = placement.nodes().iter().map(|it| &*it.name).take(5).collect();
        assert_eq!(names, ["web-0", "web-1", "web-0-0", "web-2", "pool-0-0"]);
        assert!(placement.is_cut());
    });
}

#[test]
fn a_crowd_on_one_node_is_no_burden() {
    let text = "---\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 9\n---\n\
                apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: share}\nspec: {accessModes: [ReadWriteMany], \
                volumeName: share, storageClassName: '', resources: {requests: {storage: 1Gi}}}\n---\napiVersion: v1\n\
                kind: PersistentVolume\nmetadata: {name: share}\nspec: {accessModes: [ReadWriteMany], capacity: {storage: \
                1Gi}, nfs: {server: a, path: /}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: crowd}\n\
                spec: {replicas: 40000, selector: {}, template: {spec: {nodeName: pool-0, volumes: [{name: share, \
                persistentVolumeClaim: {claimName: share}}], containers: [{name: c, image: c, resources: {requests: {cpu: \
                1m}}}]}}}\n"
        .to_owned()
        + &pod("late", "1", "priorityClassName: high, ");
    on_cluster(&text, &nodes(1), |fleet, bindings| {
        let placement = Placement::of(fleet, bindings, &Question::default());
        assert_eq!(words(&placement), ["crowd-* 40000 placed", "late 1 pending"]);
        let gone = Question::default().without(Without::Node("pool-0".to_owned()));
        assert_eq!(placement.after(fleet, bindings, &gone).pending(), 40_001);
    });
}

#[test]
fn a_daemon_set_rolls_out_from_node_to_node() {
    let daemons = |strategy: &str, cpu: &str| workload("apps/v1", "DaemonSet", "agent", strategy, cpu);
    let surge =
        |text: &str, count: u32| place(text, &nodes(count), &Question { scale: Scale::Surge, ..Question::default() });
    let rolls = "updateStrategy: {rollingUpdate: {maxSurge: 30%, maxUnavailable: 0}}";
    assert_eq!(surge(&daemons(rolls, "100m"), 4), ["agent-* 4 placed", "agent-* 2 placed"]);
    assert_eq!(surge(&daemons("updateStrategy: {type: OnDelete}", "100m"), 4), ["agent-* 4 placed"]);
    assert_eq!(surge(&daemons("selector: {}", "100m"), 4), ["agent-* 4 placed"]);
    assert_eq!(place(&daemons(rolls, "100m"), &nodes(4), &Question::default()), ["agent-* 4 placed"]);
    // Each node has its turn: one without room for both stops the rollout, whoever is first.
    let pinned = pod("large", "500m", "nodeName: pool-1, ");
    let said = surge(&(daemons(rolls, "300m") + &pinned), 2);
    assert_eq!(said, ["agent-* 2 placed", "agent-* 1 placed", "agent-* 1 pending", "large 1 placed"]);
}

#[test]
fn what_a_platform_runs_itself_takes_room() {
    let eks = |count: u32| Facts { platform: Some("eks".to_owned()), ..nodes(count) };
    let none = Question::default();
    // 50m and 100m on every node, and two of 100m somewhere.
    assert_eq!(place(&pod("all", "900m", ""), &eks(3), &none), ["all 1 pending"]);
    assert_eq!(place(&pod("most", "850m", ""), &eks(3), &none), ["most 1 placed"]);
    assert_eq!(place(&pod("most", "850m", ""), &eks(2), &none), ["most 1 pending"]);
    assert_eq!(place(&pod("all", "900m", ""), &nodes(3), &none), ["all 1 placed"]);
    // What is in the set is counted once, as it is there.
    let given = workload("apps/v1", "DaemonSet", "aws-node", "selector: {}", "10m")
        .replace("name: aws-node}", "name: aws-node, namespace: kube-system}");
    let with = |text: &str| place(&(given.clone() + text), &eks(3), &none)[1..].to_vec();
    assert_eq!(with(&pod("all", "890m", "")), ["all 1 placed"]);
    // Another network plug-in takes the place of theirs.
    let cilium = Facts { installed: vec!["cilium".to_owned()], ..eks(3) };
    assert_eq!(place(&pod("all", "900m", ""), &cilium, &none), ["all 1 placed"]);
}

/// A slice with so many devices of one node, or of all.
fn slice(name: &str, on: &str, devices: usize, rest: &str) -> String {
    let devices: Vec<String> =
        (0..devices).map(|at| format!("{{name: d{at}, attributes: {{root: {{int: {at}}}}}{rest}}}")).collect();
    format!(
        "---\napiVersion: resource.k8s.io/v1\nkind: ResourceSlice\nmetadata: {{name: {name}}}\nspec: {{driver: dev.example.com, {on}, \
         pool: {{name: {name}, generation: 1, resourceSliceCount: 1}}, devices: [{}]}}\n",
        devices.join(", ")
    )
}

/// A class, and a claim or a template of one.
fn claimed(kind: &str, requests: &str) -> String {
    let spec = format!("{{devices: {{{requests}}}}}");
    let spec = if kind == "ResourceClaim" { spec } else { format!("{{spec: {spec}}}") };
    format!(
        "---\napiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {{name: gpu}}\n---\napiVersion: resource.k8s.io/v1\n\
         kind: {kind}\nmetadata: {{name: gpu}}\nspec: {spec}\n"
    )
}

const ONE: &str = "requests: [{name: r, exactly: {deviceClassName: gpu}}]";

fn with_claim(replicas: &str, key: &str) -> String {
    workload("apps/v1", "Deployment", "web", replicas, "1m")
        .replace("spec: {containers", &format!("spec: {{resourceClaims: [{{name: g, {key}: gpu}}], containers"))
}

#[test]
fn each_pod_of_a_template_has_devices_of_its_own() {
    let of_template = with_claim("replicas: 4", "resourceClaimTemplateName") + &claimed("ResourceClaimTemplate", ONE);
    let none = Question::default();
    let devices = slice("a", "nodeName: pool-0", 2, "") + &slice("b", "nodeName: pool-1", 1, "");
    let said = place(&(of_template.clone() + &devices), &nodes(2), &none);
    assert_eq!(said, ["web-* 3 placed", "web-* 1 pending"]);
    // Nobody lists the devices.
    assert_eq!(place(&of_template, &nodes(2), &none), ["web-* 4 unknown"]);
    let shared = slice("a", "allNodes: true", 1, ", allowMultipleAllocations: true");
    assert_eq!(place(&(of_template + &shared), &nodes(2), &none), ["web-* 4 unknown"]);
    // The pods of one claim share its device, where it is.
    let of_claim = with_claim("replicas: 4", "resourceClaimName") + &claimed("ResourceClaim", ONE) + &devices;
    on_cluster(&of_claim, &nodes(2), |fleet, bindings| {
        let placement = Placement::of(fleet, bindings, &none);
        let Outcome::Placed(on) = &placement.pods()[0].outcome else { panic!("{:?}", placement.pods()[0].outcome) };
        assert_eq!(on.len(), 1, "{on:?}");
        assert_eq!(words(&placement), ["web-* 4 placed"]);
        // When the node fails, a claim of nobody gets another device.
        let gone = Without::Node(placement.nodes()[on[0].0.0 as usize].name.to_string());
        let after = placement.after(fleet, bindings, &none.without(gone));
        assert_eq!(words(&after), ["web-* 4 placed"]);
    });
}

#[test]
fn a_search_for_devices_ends() {
    // Six of forty devices must be alike in what no two have in common.
    let constraint = "constraints: [{matchAttribute: dev.example.com/root}]";
    let requests: Vec<String> =
        (0..6).map(|at| format!("{{name: r{at}, exactly: {{deviceClassName: gpu, count: 1}}}}")).collect();
    let hard = format!("requests: [{}], {constraint}", requests.join(", "));
    let of = |requests: &str| {
        with_claim("replicas: 200", "resourceClaimTemplateName") + &claimed("ResourceClaimTemplate", requests)
    };
    let start = std::time::Instant::now();
    let said = place(&(of(&hard) + &slice("a", "allNodes: true", 40, "")), &nodes(50), &Question::default());
    assert_eq!(said, ["web-* 200 pending"]);
    // Nobody can say how many ways there are to take sixteen of sixty.
    let distinct = "requests: [{name: r, exactly: {deviceClassName: gpu, count: 16}}, {name: s, exactly: {deviceClassName: gpu, \
                    count: 16, selectors: [{cel: {expression: 'device.attributes[device.driver].root > 55'}}]}}]";
    let said = place(&(of(distinct) + &slice("a", "allNodes: true", 60, "")), &nodes(50), &Question::default());
    assert_eq!(said, ["web-* 200 unknown"]);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn a_search_for_devices_goes_no_deeper_than_the_stack() {
    let one = |name: &str, spec: &str| {
        let text = claimed("ResourceClaim", spec);
        text.replace(
            "kind: ResourceClaim\nmetadata: {name: gpu}",
            &format!("kind: ResourceClaim\nmetadata: {{name: {name}}}"),
        )
    };
    let many = |count: usize, spec: &str| {
        let names: Vec<String> = (0..count).map(|at| format!("{{name: g{at}, resourceClaimName: g{at}}}")).collect();
        let claims: String = (0..count).map(|at| one(&format!("g{at}"), spec)).collect();
        let text = pod("web", "1m", &format!("resourceClaims: [{}], ", names.join(", "))) + &claims;
        place(&(text + &slice("a", "allNodes: true", 32, "")), &nodes(1), &Question::default())
    };
    let admin = |count| {
        format!("requests: [{{name: r, exactly: {{deviceClassName: gpu, adminAccess: true, count: {count}}}}}]")
    };
    assert_eq!(many(16, &admin(32)), ["web 1 placed"]);
    assert_eq!(many(250, &admin(32)), ["web 1 unknown"]);
    assert_eq!(many(300, &admin(1)), ["web 1 unknown"]);
}

#[test]
fn a_request_for_no_device_is_one_for_one() {
    let none = "{name: a, deviceClassName: gpu, count: 0}, {name: b, deviceClassName: gpu, count: 0}";
    let some: String = (0..31).map(|at| format!("{{name: r{at}, firstAvailable: [{none}]}}, ")).collect();
    let never = "{name: r, exactly: {deviceClassName: gpu, selectors: [{cel: {expression: 'false'}}]}}";
    let text = with_claim("replicas: 1", "resourceClaimTemplateName")
        + &claimed("ResourceClaimTemplate", &format!("requests: [{some}{never}]"));
    let said =
        |devices| place(&(text.clone() + &slice("a", "allNodes: true", devices, "")), &nodes(1), &Question::default());
    assert_eq!(said(0), ["web-* 1 pending"]);
    assert_eq!(said(40), ["web-* 1 unknown"]);
}

#[test]
fn a_device_of_a_pod_that_may_be_placed_anew_is_no_verdict() {
    let held = "---\napiVersion: resource.k8s.io/v1\nkind: ResourceClaim\nmetadata: {name: web-x-g, ownerReferences: [{apiVersion: \
                v1, kind: Pod, name: web-x, uid: u}]}\nspec: {devices: {requests: [{name: r, exactly: {deviceClassName: gpu}}]}}\n\
                status: {allocation: {devices: {results: [{request: r, driver: dev.example.com, pool: a, device: d0}]}}}\n";
    let text = with_claim("replicas: 2", "resourceClaimTemplateName") + &claimed("ResourceClaimTemplate", ONE);
    let said = |more: &str| {
        place(&(text.clone() + held + &slice("a", "allNodes: true", 2, "") + more), &nodes(2), &Question::default())
    };
    assert_eq!(said(""), ["web-* 1 placed", "web-* 1 unknown"]);
    let there = pod("web-x", "1m", "nodeName: pool-0, ");
    assert_eq!(said(&there)[..2], ["web-* 1 placed", "web-* 1 pending"]);
}
