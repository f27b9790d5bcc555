//! What a client sees.

use serde_json::{Value, json};

use super::{CONFIGURATION, DEPLOYMENTS, PODS, PRIVILEGED, Stage, bad, bad_pod, deployment, good, good_pod};

pub async fn bad_is_refused(stage: &mut Stage) {
    let answer = stage.api.post(DEPLOYMENTS, &bad("web")).await.expect(&[422]);
    let said = &answer.body;
    assert_eq!((&said["kind"], &said["status"], &said["code"]), (&json!("Status"), &json!("Failure"), &json!(422)));
    assert_eq!(said["reason"], "Invalid");
    let message = answer.message();
    // These words are the API server's; what follows is ours.
    let prefix = "admission webhook \"validate.seaworthy.internal\" denied the request: ";
    assert!(message.starts_with(prefix) && message.len() > prefix.len(), "{message}");
    assert_eq!((&said["details"]["name"], &said["details"]["kind"]), (&json!("web"), &json!("Deployment")));
    assert_eq!(said["details"]["group"], "apps");
    let causes = said["details"]["causes"].as_array().unwrap();
    let cause = causes.iter().find(|it| it["field"] == PRIVILEGED).unwrap_or_else(|| panic!("{causes:?}"));
    assert!(cause["message"].as_str().unwrap().contains("`web`"), "{cause}");
    assert_eq!(stage.api.get(&format!("{DEPLOYMENTS}/web")).await.code, 404);
}

pub async fn audited(stage: &mut Stage) {
    stage.api.post(DEPLOYMENTS, &bad("audited")).await.expect(&[422]);
    let findings = || {
        let events = stage.plane.audit();
        let event = events.into_iter().find(|it| it["responseStatus"]["details"]["name"] == "audited")?;
        Some(event["annotations"]["validate.seaworthy.internal/findings"].as_str().unwrap_or_default().to_owned())
    };
    // The log is written behind the answer.
    stage.until("the audit log is written", || async { findings().is_some() }).await;
    assert!(findings().unwrap().contains("privileged-container=1"), "{:?}", findings());
}

pub async fn good_passes(stage: &mut Stage) {
    stage.api.post(DEPLOYMENTS, &good("web")).await.accepted();
    // What is deleted is not asked about.
    let asked = stage.server.reviews();
    stage.api.delete(&format!("{DEPLOYMENTS}/web")).await.accepted();
    assert_eq!(stage.server.reviews(), asked);
}

pub async fn warnings_reach_the_client(stage: &mut Stage) {
    let mut pod = good_pod();
    pod["containers"][0]["image"] = json!("registry.example.com/shop/web:latest");
    let answer = stage.api.post(DEPLOYMENTS, &deployment("warned", pod)).await.expect(&[201]);
    let warning = answer.warnings.iter().find(|it| it.contains("image-latest"));
    assert!(warning.is_some_and(|it| it.contains("spec.template.spec.containers[0].image")), "{:?}", answer.warnings);
    stage.api.delete(&format!("{DEPLOYMENTS}/warned")).await.accepted();
}

pub async fn dry_run(stage: &mut Stage) {
    stage.try_bad().await.expect(&[422]);
    stage.api.post(&format!("{DEPLOYMENTS}?dryRun=All"), &good("web")).await.accepted();
    assert_eq!(stage.api.get(&format!("{DEPLOYMENTS}/web")).await.code, 404);
}

pub async fn updates(stage: &mut Stage) {
    stage.api.post(DEPLOYMENTS, &good("web")).await.accepted();
    let path = format!("{DEPLOYMENTS}/web");
    let privileged = json!({"spec": {"template": {"spec": bad_pod()}}});
    stage.api.merge(&path, &privileged).await.expect(&[422]);
    stage.api.put(&path, &bad("web")).await.expect(&[422]);
    stage.api.apply(&bad("web"), "").await.expect(&[422]);
    stage.api.merge(&path, &json!({"spec": {"replicas": 3}})).await.accepted();
    // How many is not asked about.
    let asked = stage.server.reviews();
    stage.api.merge(&format!("{path}/scale"), &json!({"spec": {"replicas": 4}})).await.accepted();
    stage.api.merge(&format!("{path}/status"), &json!({"status": {"replicas": 4}})).await.accepted();
    assert_eq!(stage.server.reviews(), asked);
    stage.api.delete(&path).await.accepted();
}

pub async fn subresources(stage: &mut Stage) {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": good_pod()});
    stage.api.post(PODS, &pod).await.expect(&[201]);
    let debugger = |privileged: bool| {
        let security = json!({"privileged": privileged, "allowPrivilegeEscalation": privileged,
            "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}});
        json!({"spec": {"ephemeralContainers": [{"name": "debugger", "securityContext": security,
            "image": "registry.example.com/shop/tools:1.0.0"}]}})
    };
    let path = format!("{PODS}/web/ephemeralcontainers");
    let strategic = "application/strategic-merge-patch+json";
    let answer = stage.api.call("PATCH", &path, strategic, &debugger(true)).await.expect(&[422]);
    let field = "spec.ephemeralContainers[0].securityContext.privileged";
    let causes = answer.body["details"]["causes"].as_array().unwrap();
    assert!(causes.iter().any(|it| it["field"] == field), "{causes:?}");
    let asked = stage.server.reviews();
    stage.api.call("PATCH", &path, strategic, &debugger(false)).await.expect(&[200]);
    // More, where the API server finds that it has read an old state, and begins anew.
    assert!(stage.server.reviews() > asked);
    // Since 1.33.
    if stage.api.get("/api/v1").await.body.to_string().contains("pods/resize") {
        let asked = stage.server.reviews();
        let limits = json!({"cpu": "2", "memory": "64Mi"});
        let resized = json!({"spec": {"containers": [{"name": "web", "resources": {"limits": limits}}]}});
        stage.api.call("PATCH", &format!("{PODS}/web/resize"), strategic, &resized).await.expect(&[200]);
        assert!(stage.server.reviews() > asked);
    }
    stage.api.delete(&format!("{PODS}/web?gracePeriodSeconds=0")).await.accepted();
}

/// One version a kind is in the rules; requests in others are converted.
pub async fn other_versions(stage: &mut Stage) {
    let asked = stage.server.reviews();
    let old = json!({"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"},
        "spec": {"minReplicas": 2, "maxReplicas": 3, "targetCPUUtilizationPercentage": 80,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}});
    let path = "/apis/autoscaling/v1/namespaces/shop/horizontalpodautoscalers?dryRun=All";
    stage.api.post(path, &old).await.expect(&[201]);
    assert_eq!(stage.server.reviews(), asked + 1.0);
}

/// Whatever else the API server serves that holds a pod's spec must be in the rules. The schemas that it publishes say
/// what does.
pub async fn every_pod_carrier(stage: &mut Stage) {
    let rules = stage.api.get(CONFIGURATION).await.body["webhooks"][0]["rules"].clone();
    let mut carriers = Vec::new();
    let index = stage.api.get("/openapi/v3").await.body;
    for (path, at) in index["paths"].as_object().unwrap() {
        let document = stage.api.get(at["serverRelativeURL"].as_str().unwrap()).await.body;
        let Some(schemas) = document["components"]["schemas"].as_object() else { continue };
        for (route, operations) in document["paths"].as_object().unwrap() {
            let kind = &operations["post"]["requestBody"]["content"]["*/*"]["schema"]["$ref"];
            let Some(kind) = kind.as_str().and_then(|it| it.rsplit('/').next()) else { continue };
            if holds_pod(schemas, kind, &mut Vec::new()) {
                let group = path.strip_prefix("apis/").and_then(|it| it.split('/').next()).unwrap_or("");
                carriers.push((group.to_owned(), route.rsplit('/').next().unwrap().to_owned()));
            }
        }
    }
    carriers.sort();
    carriers.dedup();
    assert!(carriers.len() >= 9, "{carriers:?}");
    for (group, resource) in carriers {
        let rule = rules.as_array().unwrap().iter().find(|it| {
            let has = |field: &str, name: &str| it[field].as_array().unwrap().iter().any(|it| it == name);
            has("apiGroups", &group) && has("resources", &resource)
        });
        assert!(rule.is_some(), "{resource}.{group} holds a pod and is in no rule");
    }
}

/// Whether a schema leads to that of a pod's spec.
fn holds_pod(schemas: &serde_json::Map<String, Value>, name: &str, seen: &mut Vec<String>) -> bool {
    if name == "io.k8s.api.core.v1.PodSpec" {
        return true;
    }
    if seen.iter().any(|it| it == name) {
        return false;
    }
    seen.push(name.to_owned());
    let text = schemas.get(name).map(Value::to_string).unwrap_or_default();
    let references = text.split("#/components/schemas/").skip(1).filter_map(|it| it.split('"').next());
    references.map(str::to_owned).collect::<Vec<_>>().iter().any(|it| holds_pod(schemas, it, seen))
}

pub async fn exemptions(stage: &mut Stage) {
    let asked = stage.server.reviews();
    let pod = |name: &str| json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": bad_pod()});
    // Who made it from a template that was judged; who mirrors what runs already.
    let controller = "system:serviceaccount:kube-system:replicaset-controller";
    let controller = stage.api.as_user(controller, &["system:masters"]);
    controller.post(&format!("{PODS}?dryRun=All"), &pod("web")).await.accepted();
    let kubelet = stage.api.as_user("system:node:a", &["system:nodes", "system:masters"]);
    let mut mirror = pod("web");
    mirror["metadata"]["annotations"] = json!({"kubernetes.io/config.mirror": "x"});
    mirror["spec"]["nodeName"] = json!("a");
    mirror["spec"]["automountServiceAccountToken"] = Value::Null;
    mirror["metadata"]["ownerReferences"] = json!([{"apiVersion": "v1", "kind": "Node", "name": "a", "controller": true,
        "uid": "8f6b0b0c-0000-4000-8000-000000000000"}]);
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}});
    kubelet.post("/api/v1/nodes?dryRun=All", &node).await.accepted();
    let answer = kubelet.post(&format!("{PODS}?dryRun=All"), &mirror).await;
    assert!(!answer.message().contains("seaworthy"), "{answer:?}");
    // Namespaces that bring the webhook back, and what a node lives by.
    for namespace in ["kube-system", "seaworthy"] {
        let path = format!("/apis/apps/v1/namespaces/{namespace}/deployments?dryRun=All");
        let mut object = bad("web");
        object["metadata"]["namespace"] = json!(namespace);
        // Pod Security warns of it, Seaworthy is not asked.
        stage.api.post(&path, &object).await.expect(&[201]);
    }
    let lease = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "a"}});
    let leases = "/apis/coordination.k8s.io/v1/namespaces/shop/leases?dryRun=All";
    stage.api.post(leases, &lease).await.accepted();
    assert_eq!(stage.server.reviews(), asked);
    // Anybody else is asked about, in whatever clothes.
    let other = stage.api.as_user("system:serviceaccount:shop:replicaset-controller", &["system:masters"]);
    other.post(&format!("{PODS}?dryRun=All"), &pod("web")).await.expect(&[422]);
    assert_eq!(stage.server.reviews(), asked + 1.0);
}

/// With rules as wide as can be, each request is answered, and the conditions still keep Leases and Nodes out.
pub async fn everything(stage: &mut Stage) {
    let before = stage.api.get(CONFIGURATION).await.body["webhooks"][0]["rules"].clone();
    let all = json!([{"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"], "operations": ["*"]}]);
    let rules = |rules: &Value| json!([{"op": "replace", "path": "/webhooks/0/rules", "value": rules}]);
    stage.failure_policy("Fail").await;
    stage.api.patch(CONFIGURATION, &rules(&all)).await.accepted();
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}});
    let maps = "/api/v1/namespaces/shop/configmaps";
    stage.api.post(maps, &map).await.accepted();
    let asked = stage.server.reviews();
    stage
        .until("everything is asked about", || async {
            let before = stage.server.reviews();
            stage.api.delete(&format!("{maps}/none")).await.expect(&[404]);
            stage.api.delete(&format!("{maps}/m?dryRun=All")).await.accepted();
            stage.server.reviews() > before
        })
        .await;
    stage.api.delete(&format!("{maps}/m")).await.accepted();
    stage.api.post(DEPLOYMENTS, &good("web")).await.accepted();
    stage.api.merge(&format!("{DEPLOYMENTS}/web/scale"), &json!({"spec": {"replicas": 4}})).await.accepted();
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": good_pod()});
    stage.api.post(PODS, &pod).await.expect(&[201]);
    // CONNECT: past admission there is no node to connect to.
    let answer = stage.api.post(&format!("{PODS}/web/exec?command=id&stdout=true"), &Value::Null).await;
    assert!(!answer.message().contains("webhook"), "{answer:?}");
    let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "web"}});
    stage.api.post(&format!("{PODS}/web/eviction?dryRun=All"), &eviction).await.expect(&[200, 201]);
    let binding = json!({"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "web"}, "target": {"name": "a"}});
    stage.api.post(&format!("{PODS}/web/binding?dryRun=All"), &binding).await.expect(&[200, 201]);
    let access = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}});
    stage.api.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", &access).await.accepted();
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}});
    stage.api.apply(&namespace, "").await.accepted();
    stage.api.delete("/api/v1/namespaces/other").await.expect(&[200]);
    assert!(stage.server.reviews() >= asked + 10.0);
    // Deletion of many at once asks about each.
    stage.api.delete(&format!("{PODS}?gracePeriodSeconds=0")).await.expect(&[200]);
    stage.api.delete(DEPLOYMENTS).await.expect(&[200]);
    let asked = stage.server.reviews();
    let lease = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "a"}});
    stage.api.post("/apis/coordination.k8s.io/v1/namespaces/shop/leases?dryRun=All", &lease).await.accepted();
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}});
    stage.api.post("/api/v1/nodes?dryRun=All", &node).await.accepted();
    assert_eq!(stage.server.reviews(), asked);
    stage.api.patch(CONFIGURATION, &rules(&before)).await.accepted();
    stage.failure_policy("Ignore").await;
}
