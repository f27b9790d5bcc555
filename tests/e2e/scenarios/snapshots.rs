//! What is read of a cluster.

use seaworthy_e2e::installation::token;
use serde_json::{Value, json};

use super::Stage;

const CLASSES: &str = "/apis/storage.k8s.io/v1/storageclasses";
const MAPS: &str = "/api/v1/namespaces/shop/configmaps";
const SECRETS: &str = "/api/v1/namespaces/shop/secrets";
const ROLES: &str = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
const BINDINGS: &str = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";

/// Of what is there stands in it what places pods and binds claims, and nothing that is secret.
pub async fn written(stage: &mut Stage) {
    let class = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "deep"},
        "provisioner": "sea.example/disk", "parameters": {"restuserkey": "hunter2", "type": "deep"},
    });
    stage.api.post(CLASSES, &class).await.expect(&[201]);
    let data = json!({"key": "hunter2"});
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "s"}, "data": data});
    stage.api.post(MAPS, &map).await.expect(&[201]);
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": data});
    stage.api.post(SECRETS, &secret).await.expect(&[201]);

    let (code, text, said) = snapshot(stage, None).await;
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert!(!text.contains("hunter2") && !text.contains("\"kind\":\"Secret\""), "{text}");
    let objects: Vec<Value> =
        text.lines().filter(|it| *it != "---").map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!((&objects[0]["kind"], &objects[0]["apiVersion"]), (&json!("Snapshot"), &json!("seaworthy/v1alpha1")));
    let has = |kind: &str, name: &str| objects.iter().any(|it| it["kind"] == kind && it["metadata"]["name"] == name);
    assert!(has("StorageClass", "deep") && has("Namespace", "shop") && has("PriorityClass", "system-node-critical"));

    for path in [format!("{CLASSES}/deep"), format!("{MAPS}/s"), format!("{SECRETS}/s")] {
        stage.api.delete(&path).await.accepted();
    }
}

/// What an account may not list is said and left out; an account that may list nothing gets no snapshot.
pub async fn as_far_as_allowed(stage: &mut Stage) {
    let account = token(&stage.api, "shop", "default").await;
    let (code, text, said) = snapshot(stage, Some(&account)).await;
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(said.starts_with("seaworthy: nothing of the cluster may be read: namespaces is forbidden"), "{said}");

    let name = json!({"name": "snapshot-nodes"});
    let rule = json!({"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]});
    let role =
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": name, "rules": [rule]});
    stage.api.post(ROLES, &role).await.expect(&[201]);
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": name,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "snapshot-nodes"},
        "subjects": [{"kind": "ServiceAccount", "namespace": "shop", "name": "default"}],
    });
    stage.api.post(BINDINGS, &binding).await.expect(&[201]);
    stage.until("the account may list nodes", || async { snapshot(stage, Some(&account)).await.0 == Some(0) }).await;
    let (_, text, said) = snapshot(stage, Some(&account)).await;
    let head: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(head["spec"]["listed"], json!(["Node"]));
    assert!(
        said.contains("seaworthy: no StorageClass in the snapshot: storageclasses.storage.k8s.io is forbidden"),
        "{said}"
    );
    for path in [format!("{ROLES}/snapshot-nodes"), format!("{BINDINGS}/snapshot-nodes")] {
        stage.api.delete(&path).await.accepted();
    }
}

/// Runs the command as whoever has a token, the administrator without one: code, what it printed, what it complained of.
async fn snapshot(stage: &Stage, token: Option<&str>) -> (Option<i32>, String, String) {
    let config = stage.plane.kubeconfig(token);
    let mut command = tokio::process::Command::new(&stage.program);
    let output = command.arg("snapshot").env("KUBECONFIG", config.path()).output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}
