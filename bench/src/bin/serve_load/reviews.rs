//! What an API server sends: Deployments as people have them, with what the server adds; and the largest it could send.

use serde_json::{Value, json};

/// A review and what is to be answered.
pub(crate) struct Review {
    pub(crate) body: Vec<u8>,
    uid: String,
    allowed: bool,
}

impl Review {
    /// True if an answer is that of this review.
    pub(crate) fn is_answered_by(&self, answer: &[u8]) -> bool {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        answer.pointer("/response/uid").and_then(Value::as_str) == Some(&self.uid)
            && answer.pointer("/response/allowed").and_then(Value::as_bool) == Some(self.allowed)
    }
}

/// Reviews of Deployments; every tenth is refused.
pub(crate) fn reviews(count: usize) -> Vec<Review> {
    (0..count)
        .map(|at| {
            let allowed = at % 10 != 9;
            let uid = format!("705ab4f5-6393-11e8-b7cc-{at:012}");
            let replicas = if allowed { json!(2) } else { json!("two") };
            Review { body: review(&uid, &deployment(at, &replicas)).to_string().into_bytes(), uid, allowed }
        })
        .collect()
}

fn review(uid: &str, object: &Value) -> Value {
    let kind = json!({"group": "apps", "version": "v1", "kind": "Deployment"});
    let resource = json!({"group": "apps", "version": "v1", "resource": "deployments"});
    json!({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": {
        "uid": uid, "kind": kind, "resource": resource, "requestKind": kind, "requestResource": resource,
        "name": object.pointer("/metadata/name"), "namespace": "shop", "operation": "CREATE",
        "userInfo": {"username": "jane", "groups": ["developers", "system:authenticated"], "extra": {}},
        "object": object, "oldObject": null, "dryRun": false,
        "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1", "fieldManager": "kubectl-client-side-apply"},
    }})
}

fn deployment(at: usize, replicas: &Value) -> Value {
    let name = format!("app-{at}");
    let labels = json!({"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "shop"});
    let env: Vec<_> =
        (0..12).map(|at| json!({"name": format!("OPTION_{at}"), "value": format!("value-{at}")})).collect();
    let container = |name: &str, port: u16| {
        let probe = json!({"httpGet": {"path": "/healthz", "port": "http", "scheme": "HTTP"}, "periodSeconds": 10,
            "timeoutSeconds": 1, "successThreshold": 1, "failureThreshold": 3});
        json!({
            "name": name, "image": format!("registry.example.com/shop/{name}:1.2.3"), "imagePullPolicy": "IfNotPresent",
            "ports": [{"name": "http", "containerPort": port, "protocol": "TCP"}], "env": env,
            "envFrom": [{"configMapRef": {"name": name}}, {"secretRef": {"name": name}}],
            "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
            "readinessProbe": probe, "volumeMounts": [{"name": "data", "mountPath": "/data"}],
            "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": true},
            "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        })
    };
    let mut sidecar = container("proxy", 9090);
    if let Some(ports) = sidecar.pointer_mut("/ports/0/name") {
        *ports = json!("metrics");
    }
    if let Some(port) = sidecar.pointer_mut("/readinessProbe/httpGet/port") {
        *port = json!("metrics");
    }
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop", "labels": labels, "managedFields": [managed()],
            "annotations": {"example.com/owner": "team-a"}},
        "spec": {
            "replicas": replicas, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
            "selector": {"matchLabels": labels},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
            "template": {"metadata": {"labels": labels}, "spec": {
                "serviceAccountName": "default", "restartPolicy": "Always", "dnsPolicy": "ClusterFirst",
                "terminationGracePeriodSeconds": 30, "schedulerName": "default-scheduler",
                "containers": [container("app", 8080), sidecar],
                "volumes": [{"name": "data", "emptyDir": {"sizeLimit": "1Gi"}}],
                "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone",
                    "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {"matchLabels": labels}}],
            }},
        },
    })
}

/// Who set which field, as the server keeps it.
fn managed() -> Value {
    let container = json!({".": {}, "f:name": {}, "f:image": {}, "f:env": {".": {}}, "f:ports": {".": {}},
        "f:resources": {".": {}, "f:limits": {}, "f:requests": {}}, "f:volumeMounts": {".": {}}});
    json!({"manager": "kubectl-client-side-apply", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
        "time": "2026-11-25T12:00:00Z", "fieldsV1": {"f:spec": {"f:replicas": {}, "f:selector": {}, "f:template": {
        "f:spec": {"f:containers": {"k:{\"name\":\"app\"}": container, "k:{\"name\":\"proxy\"}": container}}}}}})
}

/// Bodies of almost 7 MiB, by what they are full of: the work of reading them differs.
pub(crate) fn largest() -> Vec<(&'static str, Vec<u8>)> {
    const SIZE: usize = (7 << 20) - 4096;
    let full_of = |data: &Value| {
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "shop"},
            "data": data});
        let mut review = review("large", &object);
        if let Some(resource) = review.pointer_mut("/request/resource") {
            *resource = json!({"group": "", "version": "v1", "resource": "configmaps"});
        }
        review.to_string().into_bytes()
    };
    let keys: serde_json::Map<_, _> = (0..SIZE / 16).map(|at| (format!("k{at:07}"), json!("v"))).collect();
    vec![
        ("one text", full_of(&json!({"a": "x".repeat(SIZE)}))),
        ("many keys", full_of(&Value::Object(keys))),
        ("many empty lists", full_of(&json!(vec![json!([]); SIZE / 3]))),
    ]
}
