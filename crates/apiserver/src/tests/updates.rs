//! What must not change.

use seaworthy_object::{Catalog, Object, Version, Versions};

use super::documents;
use crate::judge_update;

/// The answers to the second document taking the place of the first: field and words, in 1.`minor`.
fn after(text: &str, minor: u8) -> Vec<String> {
    let catalog = Catalog::built_in();
    let documents = documents(text);
    let objects: Vec<Object<'_>> =
        documents.iter().filter_map(|document| Object::new(document.root()?, &catalog, "default")).collect();
    let [old, new] = objects.as_slice() else { panic!("two objects") };
    judge_update(old, new, &catalog, Versions::one(Version::minor_of(minor)))
        .into_iter()
        .map(|it| format!("{}: {}", it.cause.field.unwrap_or_default(), it.cause.detail))
        .collect()
}

#[test]
fn a_default_that_is_written_out_changes_nothing() {
    let old = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec:\n  accessModes: [ReadWriteOnce]\n  \
               resources: {requests: {storage: 1Gi}}\n";
    let new = old.replace("1Gi", "1024Mi") + "  volumeMode: Filesystem\n";
    assert_eq!(after(&format!("{old}---\n{new}"), 37), Vec::<String>::new());
    let smaller = old.replace("1Gi", "1Mi");
    assert_eq!(
        after(&format!("{old}---\n{smaller}"), 37),
        ["spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"]
    );
    let block = new.replace("Filesystem", "Block");
    assert_eq!(after(&format!("{old}---\n{block}"), 37)[1], "volumeMode: Invalid value: \"Block\": field is immutable");
}

#[test]
fn data_that_is_frozen() {
    let old = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nimmutable: true\ndata: {a: b}\n";
    let new = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: c}\n";
    assert_eq!(
        after(&format!("{old}---\n{new}"), 37),
        [
            "immutable: Forbidden: field is immutable when `immutable` is set",
            "data: Forbidden: field is immutable when `immutable` is set"
        ]
    );
    assert_eq!(after(&format!("{new}---\n{old}"), 37), Vec::<String>::new());
}

#[test]
fn words_follow_the_version() {
    let class = |provisioner: &str| {
        format!(
            "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: a}}\nprovisioner: {provisioner}\n"
        )
    };
    let both = format!("{}---\n{}", class("a.example/x"), class("b.example/x"));
    assert_eq!(after(&both, 35), ["provisioner: Forbidden: updates to provisioner are forbidden."]);
    assert_eq!(after(&both, 36), ["provisioner: Invalid value: \"b.example/x\": field is immutable"]);
}

#[test]
fn another_name_is_another_object() {
    let of = |name: &str, kind: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: {name}}}\nroleRef: \
             {{apiGroup: rbac.authorization.k8s.io, kind: {kind}, name: r}}\n"
        )
    };
    let changed = after(&format!("{}---\n{}", of("a", "Role"), of("a", "ClusterRole")), 37);
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert!(changed[0].starts_with("roleRef: Invalid value: {"), "{changed:?}");
    assert_eq!(after(&format!("{}---\n{}", of("a", "Role"), of("b", "ClusterRole")), 37), Vec::<String>::new());
}

#[test]
fn a_pod_that_waits_may_be_held_to_more() {
    let pod = |lines: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers: [{{name: a, image: 'b:1'}}]\n  \
             serviceAccountName: x\n  {lines}\n"
        )
    };
    let gated = |labels: &str| pod(&format!("schedulingGates: [{{name: g}}]\n  nodeSelector: {labels}"));
    let old = gated("{a: b}");
    assert_eq!(after(&format!("{old}---\n{}", gated("{a: b, c: d}")), 37), Vec::<String>::new());
    assert_eq!(
        after(&format!("{old}---\n{}", gated("{a: c}")), 37),
        [
            "spec.nodeSelector: Invalid value: {\"a\":\"c\"}: only additions to spec.nodeSelector are allowed (no mutations \
             or deletions)"
        ]
    );
    let said = after(&format!("{}---\n{}", pod("nodeSelector: {a: b}"), pod("nodeSelector: {a: b, c: d}")), 37);
    assert!(said[0].starts_with("spec: Forbidden: pod updates may not change fields other than"), "{said:?}");
    // What is asked of a new pod alone, and what it would be warned of.
    let scheduled = pod("schedulingGates: [{name: g}]\n  nodeName: b\n  hostAliases: [{ip: 1.1.1.1}, {ip: 1.1.1.1}]");
    assert_eq!(after(&format!("{scheduled}---\n{scheduled}"), 37), Vec::<String>::new());
}

#[test]
fn completions_follow_parallelism() {
    let job = |completions: u8, parallelism: u8| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: a}}\nspec:\n  completionMode: Indexed\n  completions: \
             {completions}\n  parallelism: {parallelism}\n  template: {{spec: {{restartPolicy: Never, containers: [{{name: \
             a, image: b}}]}}}}\n"
        )
    };
    assert_eq!(after(&format!("{}---\n{}", job(3, 3), job(4, 4)), 37), Vec::<String>::new());
    assert_eq!(
        after(&format!("{}---\n{}", job(3, 3), job(4, 3)), 37),
        ["spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism"]
    );
}
