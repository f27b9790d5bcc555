use super::super::quota_exceeded::QuotaExceeded;
use crate::trial::messages;

/// What is said of a quota with these lines over the objects of its namespace.
fn said(spec: &str, objects: &[&str]) -> Vec<String> {
    let quota = format!("apiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: team}}\nspec: {spec}\n");
    messages::<QuotaExceeded>("{}", &[&[quota.as_str()], objects].concat().join("\n---\n"))
}

/// A Deployment of three pods with these containers and more of a pod.
fn three(containers: &str, more: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: 3\n  template:\n    \
         spec: {{containers: {containers}{more}}}"
    )
}

const WEB: &str = "[{name: web, resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: '1', memory: 1Gi}}}]";

#[test]
fn requests_and_limits_are_summed_over_replicas() {
    let web = three(WEB, "");
    assert!(said("{hard: {requests.cpu: 1500m, limits.cpu: '3', memory: 3Gi, pods: 3}}", &[&web]).is_empty());
    assert_eq!(
        said("{hard: {requests.cpu: 1400m, limits.memory: 2Gi}}", &[&web]),
        [
            "quota `team` allows requests.cpu of 1400m, and the set alone asks for 1500m",
            "quota `team` allows limits.memory of 2Gi, and the set alone asks for 3Gi",
        ]
    );
}

#[test]
fn an_init_container_counts_where_it_is_the_most() {
    let init = ", initContainers: [{name: init, resources: {requests: {cpu: '2'}}}]";
    let web = three(WEB, init);
    assert_eq!(said("{hard: {cpu: '5'}}", &[&web]), ["quota `team` allows cpu of 5, and the set alone asks for 6"]);
}

#[test]
fn a_scope_leaves_out_pods_of_another() {
    let web = three(WEB, "");
    let of = |scope: &str| said(&format!("{{hard: {{pods: 1}}, scopes: [{scope}]}}"), &[&web]).len();
    assert_eq!([of("NotBestEffort"), of("NotTerminating")], [1, 1]);
    assert_eq!([of("BestEffort"), of("Terminating"), of("PriorityClass"), of("Unheard")], [0, 0, 0, 0]);
    let urgent = three(WEB, ", priorityClassName: urgent, activeDeadlineSeconds: 60");
    let of = |expression: &str| {
        let spec = format!("{{hard: {{pods: 1}}, scopeSelector: {{matchExpressions: [{{scopeName: {expression}}}]}}}}");
        said(&spec, &[&urgent]).len()
    };
    assert_eq!(of("PriorityClass, operator: In, values: [urgent]"), 1);
    assert_eq!(of("PriorityClass, operator: NotIn, values: [urgent]"), 0);
    assert_eq!(of("PriorityClass, operator: DoesNotExist"), 0);
    assert_eq!(of("Terminating, operator: Exists"), 1);
}

#[test]
fn what_a_limit_range_gives_is_stated() {
    let web = three("[{name: web}]", "");
    let quota = "{hard: {limits.memory: 1Gi}}";
    let range = "apiVersion: v1\nkind: LimitRange\nmetadata: {name: a}\nspec: {limits: [{type: Container, default: \
                 {memory: 512Mi}}]}";
    assert_eq!(
        said(quota, &[&web]),
        ["Deployment `web` gets no pods: quota `team` obliges containers to state limits.memory, which `web` does not"]
    );
    assert_eq!(
        said(quota, &[&web, range]),
        ["quota `team` allows limits.memory of 1Gi, and the set alone asks for 1536Mi"]
    );
    let whole = three("[{name: web}]", ", resources: {limits: {memory: 256Mi}}");
    assert!(said(quota, &[&whole]).is_empty());
}

#[test]
fn claims_count_by_class_and_with_those_that_a_set_makes() {
    let set = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  replicas: 2\n  template: {spec: \
               {containers: [{name: db}]}}\n  volumeClaimTemplates:\n  - metadata: {name: data}\n    spec: \
               {storageClassName: fast, resources: {requests: {storage: 10Gi}}}";
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data-db-0}\nspec: {storageClassName: \
                 fast, resources: {requests: {storage: 10Gi}}}";
    let key = "fast.storageclass.storage.k8s.io/requests.storage";
    assert_eq!(
        said(&format!("{{hard: {{{key}: 15Gi, persistentvolumeclaims: 2}}}}"), &[set, claim]),
        [format!("quota `team` allows {key} of 15Gi, and the set alone asks for 20Gi")]
    );
    assert!(said("{hard: {slow.storageclass.storage.k8s.io/requests.storage: 0}}", &[set]).is_empty());
}

#[test]
fn objects_are_counted_by_kind() {
    let map = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}");
    let maps = [map("a"), map("b"), map("a")];
    let maps: Vec<&str> = maps.iter().map(String::as_str).collect();
    assert_eq!(said("{hard: {count/configmaps: 1, configmaps: 2}}", &maps).len(), 1);
    assert!(said("{hard: {count/widgets.example.com: 0, nonsense: x, requests.storage: }}", &maps).is_empty());
}

#[test]
fn absurd_numbers_have_an_answer() {
    let web = three("[{name: web, resources: {requests: {cpu: 9E18}}}]", "")
        .replace("replicas: 3", "replicas: 9223372036854775807");
    assert_eq!(said("{hard: {cpu: '1', pods: -1}}", &[&web]).len(), 2);
}
