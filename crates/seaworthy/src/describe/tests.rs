use super::Description;
use crate::{Overrides, Policy, Source, Validator};

fn described(text: &str) -> Description {
    Validator::new(Overrides::default(), Policy::default()).describe(&[Source::new("a.yaml", text)])
}

/// A workload of three pods, of a kind, with more of its pods.
fn three(kind: &str, name: &str, pod: &str) -> String {
    format!(
        "---
apiVersion: apps/v1
kind: {kind}
metadata: {{name: {name}}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: {name}}}}}
  template: {{metadata: {{labels: {{app: {name}}}}}, spec: {pod}}}
"
    )
}

fn budget(name: &str, asks: &str, app: &str) -> String {
    format!(
        "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: {name}}}\nspec: {{{asks}, selector: \
         {{matchLabels: {{app: {app}}}}}}}\n"
    )
}

const POD: &str = "{containers: [{name: a}]}";

/// `drain`, then `expectedPods`, `desiredHealthy` and `disruptionsAllowed`, of each budget.
fn drains(text: &str) -> Vec<(&'static str, Option<[i64; 3]>)> {
    let numbers =
        |it: &super::BudgetDescription| Some([it.expected_pods?, it.desired_healthy?, it.disruptions_allowed?]);
    described(text).disruption_budgets.iter().map(|it| (it.drain, numbers(it))).collect()
}

#[test]
fn budgets_are_counted_as_the_controller_counts() {
    let web = three("Deployment", "web", POD);
    let of = |asks: &str| drains(&format!("{web}{}", budget("web", asks, "web"))).remove(0);
    assert_eq!(of("minAvailable: 2"), ("passes", Some([3, 2, 1])));
    assert_eq!(of("minAvailable: 3"), ("waits", Some([3, 3, 0])));
    // Half of three is two, rounded up, on either side.
    assert_eq!(of("minAvailable: 50%"), ("passes", Some([3, 2, 1])));
    assert_eq!(of("maxUnavailable: 50%"), ("passes", Some([3, 1, 2])));
    assert_eq!(of("maxUnavailable: 0"), ("waits", Some([3, 3, 0])));
    assert_eq!(of("maxUnavailable: 7"), ("passes", Some([3, 0, 3])));
    assert_eq!(of("maxUnavailable: many"), ("unknown", None));
}

#[test]
fn a_pod_that_nothing_controls_is_healthy_and_has_no_scale() {
    let lone =
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: lone, labels: {app: web}}\nspec: {containers: [{name: a}]}\n";
    let set = |asks: &str| format!("{lone}{}", budget("web", asks, "web"));
    assert_eq!(drains(&set("minAvailable: 1")), [("waits", Some([1, 1, 0]))]);
    assert_eq!(drains(&set("maxUnavailable: 1")), [("waits", Some([0, 0, 0]))]);
}

#[test]
fn a_share_of_pods_without_a_scale_lets_none_go() {
    let agent = three("DaemonSet", "agent", POD);
    let budgets = [budget("agent", "maxUnavailable: 1", "agent"), budget("none", "minAvailable: 1", "nobody")];
    let description = described(&format!("{agent}{}", budgets.concat()));
    let said: Vec<_> = description.disruption_budgets.iter().map(|it| (it.drain, it.message.as_str())).collect();
    let agent = "DaemonSet/agent has no scale to take a share of, so that none may go; a drain leaves the pods of \
                 DaemonSets alone";
    assert_eq!(said, [("passes", agent), ("unknown", "it selects no pod of the set")]);
}

#[test]
fn a_pod_under_two_budgets_is_never_evicted() {
    let set = [
        three("Deployment", "web", POD),
        budget("a", "minAvailable: 1", "web"),
        budget("b", "maxUnavailable: 1", "web"),
    ];
    let description = described(&set.concat());
    assert_eq!(description.workloads.first().map(|it| it.disruption_budgets.join(",")), Some("a,b".to_owned()));
    assert_eq!(description.disruption_budgets.first().map(|it| it.drain), Some("waits"));
    assert_eq!(
        description.disruption_budgets.get(1).map(|it| it.message.as_str()),
        Some("Deployment/web is under `a` too, and a pod under two budgets cannot be evicted")
    );
}

#[test]
fn a_controller_and_the_pods_it_made_are_counted_once() {
    let web = three("ReplicaSet", "web", POD);
    let made = "---
apiVersion: v1
kind: Pod
metadata:
  name: web-x7k2p
  labels: {app: web}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: a, controller: true}]
spec: {containers: [{name: a}]}
";
    assert_eq!(
        drains(&format!("{web}{made}{}", budget("web", "maxUnavailable: 1", "web"))),
        [("passes", Some([3, 2, 1]))]
    );
}

/// Name, turn and whether it exceeds its request, of each workload.
fn turns(text: &str) -> Vec<(String, Option<usize>, &'static str)> {
    let workloads = described(text).workloads;
    workloads.into_iter().map(|it| (it.object.name, it.eviction.turn, it.eviction.exceeds)).collect()
}

#[test]
fn who_exceeds_its_request_goes_first_then_the_lower_priority() {
    let pod = |memory: &str, class: &str| {
        let class = if class.is_empty() { String::new() } else { format!("priorityClassName: {class}, ") };
        format!("{{{class}containers: [{{name: a, resources: {memory}}}]}}")
    };
    let (all, some) = ("{limits: {memory: 1Gi}}", "{requests: {memory: 1Mi}}");
    let class = "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 7\n";
    let set = [
        class.to_owned(),
        three("Deployment", "guarded", &pod(all, "")),
        three("Deployment", "greedy", &pod(some, "")),
        three("Deployment", "greedy-too", &pod(some, "")),
        three("Deployment", "careless", &pod("{}", "")),
        three("Deployment", "careless-high", &pod("{}", "high")),
        three("DaemonSet", "critical", &pod("{}", "system-node-critical")),
        three("Deployment", "unheard", &pod("{}", "unheard")),
    ];
    let want = [
        ("guarded", Some(4), "never"),
        ("greedy", Some(2), "maybe"),
        ("greedy-too", Some(2), "maybe"),
        ("careless", Some(1), "always"),
        ("careless-high", Some(3), "always"),
        ("critical", None, "always"),
        ("unheard", None, "always"),
    ];
    assert_eq!(turns(&set.concat()), want.map(|(name, turn, exceeds)| (name.to_owned(), turn, exceeds)));
}

#[test]
fn a_limit_range_gives_what_a_container_does_not_state() {
    let range = "apiVersion: v1
kind: LimitRange
metadata: {name: a}
spec: {limits: [{type: Container, default: {memory: 1Gi}, defaultRequest: {memory: 1Mi}}]}
";
    let description = described(&[range, &three("Deployment", "web", POD)].concat());
    let why = description.workloads.first().map(|it| it.eviction.why.as_str());
    assert_eq!(why, Some("requests 1Mi and may use 1Gi"));
}
