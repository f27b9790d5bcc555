use super::*;
use kinds::{KINDS, kept};

fn kind(name: &str) -> &'static kinds::Kind {
    KINDS.iter().find(|it| it.kind == name).unwrap()
}

#[test]
fn what_could_be_a_secret_is_not_kept() {
    assert!(!KINDS.iter().any(|it| matches!(it.kind, "Secret" | "ConfigMap")));
    let class = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "sea.example/disk",
        "metadata": {"name": "deep", "managedFields": [1], "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": "{}",
            "storageclass.kubernetes.io/is-default-class": "true"}},
        "parameters": {"restuserkey": "hunter2", "type": "deep", "csi.storage.k8s.io/provisioner-secret-name": "s"},
    });
    let expected = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "sea.example/disk",
        "metadata": {"name": "deep", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "parameters": {"type": "deep", "csi.storage.k8s.io/provisioner-secret-name": "s"},
    });
    assert_eq!(kept(kind("StorageClass"), &class), expected);
}

#[test]
fn of_pods_is_kept_what_places_them() {
    let pod = json!({
        "metadata": {"name": "web", "namespace": "shop", "annotations": {"a": "b"}},
        "spec": {"nodeName": "a", "volumes": [{"name": "s", "secret": {"secretName": "x"}}], "containers": [
            {"name": "web", "image": "web:1", "env": [{"name": "KEY", "value": "hunter2"}], "args": ["--key=hunter2"],
             "resources": {"requests": {"cpu": "1"}}}]},
    });
    let expected = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"nodeName": "a", "volumes": [{"name": "s"}], "containers": [
            {"name": "web", "resources": {"requests": {"cpu": "1"}}}]},
    });
    assert_eq!(kept(kind("Pod"), &pod), expected);
}

#[test]
fn a_snapshot_says_what_it_is_and_has_an_object_a_line() {
    let node = json!({"metadata": {"name": "a", "labels": {"eks.amazonaws.com/nodegroup": "x"}}});
    let seen = Seen {
        version: Some("v1.34.4-eks-1a2b3c".to_owned()),
        objects: vec![kept(kind("Node"), &node)],
        listed: vec!["Node".to_owned()],
        unread: Vec::new(),
    };
    let text = text(&seen, "2026-11-30");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    let head: Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!((&head["kind"], &head["spec"]["platform"]), (&json!("Snapshot"), &json!("eks")));
    assert_eq!((lines[1], lines[2].contains("\"kind\":\"Node\"")), ("---", true));
}
