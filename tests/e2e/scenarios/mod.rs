//! What is tried, and the stage on which it is.

pub mod answers;
pub mod certificates;
pub mod installs;
pub mod outages;
pub mod snapshots;

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

use seaworthy_e2e::api::{Answer, Api};
use seaworthy_e2e::control_plane::ControlPlane;
use seaworthy_e2e::installation::{Volumes, arguments, manifests, token};
use seaworthy_e2e::server::Server;
use seaworthy_e2e::service::Service;
use serde_json::{Value, json};

/// Where configurations of webhooks lie.
pub const CONFIGURATIONS: &str = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
/// Where ours lies.
pub const CONFIGURATION: &str = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/seaworthy";
/// Where the pair lies.
pub const SECRET: &str = "/api/v1/namespaces/seaworthy/secrets/seaworthy-certificate";
const POLICY: &str = "/api/v1/namespaces/seaworthy/configmaps/seaworthy-policy";
/// Deployments of a namespace that is judged.
pub const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/shop/deployments";
pub const PODS: &str = "/api/v1/namespaces/shop/pods";

/// A control plane in which the plain manifests are installed. There are no nodes: one process stands for the pods of
/// the Deployment, another for each Job, both with the arguments of their containers.
pub struct Stage {
    pub plane: ControlPlane,
    pub api: Api,
    /// `seaworthy`.
    pub program: PathBuf,
    /// The webhook's Service. The configuration calls it by a URL on loopback, since no pod network leads to pods.
    pub service: Service,
    pub volumes: Volumes,
    pub server: Server,
}

impl Stage {
    pub async fn start(etcd: &Path, apiserver: &Path, program: PathBuf) -> Self {
        let start = Instant::now();
        let plane = ControlPlane::start(etcd, apiserver).await;
        let api = plane.api();
        let version = api.get("/version").await.body["gitVersion"].clone();
        println!("kube-apiserver {version} is ready after {:.1} s", start.elapsed().as_secs_f64());
        for (file, object) in manifests() {
            println!("apply {file}: {} {}", object["kind"], object["metadata"]["name"]);
            api.apply(&object, "").await.accepted();
        }
        // The policy of the manifests advises; this house refuses what is privileged.
        let policy = "{apiVersion: seaworthy/v1alpha1, kind: Policy, metadata: {name: house}, spec: {packs: [recommended], \
                      levels: {privileged-container: error}}}";
        api.merge(POLICY, &json!({"data": {"policy.yaml": policy}})).await.accepted();
        // Controllers make these in a cluster.
        for namespace in ["shop", "kube-system"] {
            let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
            api.apply(&object, "").await.accepted();
            let account = json!({"apiVersion": "v1", "kind": "ServiceAccount",
                "metadata": {"name": "default", "namespace": namespace}});
            api.apply(&account, "").await.accepted();
        }
        issue(&plane, &program, &[]).await;
        let deployment = api.get("/apis/apps/v1/namespaces/seaworthy/deployments/seaworthy").await.body;
        let volumes = Volumes::mount(&api, &deployment["spec"]["template"]).await;
        let server = Server::start(&program, &volumes.arguments()).await;
        let service = Service::start().await;
        service.set(&[server.port]);
        let stage = Self { plane, api, program, service, volumes, server };
        let operations = json!([
            {"op": "remove", "path": "/webhooks/0/clientConfig/service"},
            {"op": "add", "path": "/webhooks/0/clientConfig/url", "value": stage.service.url()},
        ]);
        stage.api.patch(CONFIGURATION, &operations).await.accepted();
        stage.until("the webhook answers", || async { stage.try_bad().await.code == 422 }).await;
        println!("installed after {:.1} s", start.elapsed().as_secs_f64());
        stage
    }

    /// Runs the command of the certificate Job.
    pub async fn issue(&self, more: &[&str]) -> String {
        issue(&self.plane, &self.program, more).await
    }

    /// A bad Deployment, as a dry run.
    pub async fn try_bad(&self) -> Answer {
        self.api.post(&format!("{DEPLOYMENTS}?dryRun=All"), &bad("probe")).await
    }

    /// Sets the failure policy, and waits until the API server must have seen it.
    pub async fn failure_policy(&self, policy: &str) {
        let operations = json!([{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": policy}]);
        self.api.patch(CONFIGURATION, &operations).await.accepted();
        tokio::time::sleep(Duration::from_secs(2)).await;
    }

    /// Waits until this holds.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, mut holds: impl FnMut() -> F) {
        let start = Instant::now();
        while !holds().await {
            assert!(start.elapsed() < Duration::from_secs(30), "waited in vain: {what}\n{}", self.server.logs());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn issue(plane: &ControlPlane, program: &Path, more: &[&str]) -> String {
    let output = run_issue(plane, program, more).await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// The command of the certificate Job, as its service account, for the address of the webhook here as well.
pub async fn run_issue(plane: &ControlPlane, program: &Path, more: &[&str]) -> Output {
    let job = manifests().into_iter().map(|(_, it)| it).find(|it| it["kind"] == "Job").unwrap();
    run_job(plane, program, &job, &[&["--name=127.0.0.1"], more].concat()).await
}

/// The command of a Job, as its service account; more flags beat its own.
pub async fn run_job(plane: &ControlPlane, program: &Path, job: &Value, more: &[&str]) -> Output {
    let (pod, namespace) = (&job["spec"]["template"]["spec"], job["metadata"]["namespace"].as_str().unwrap());
    let token = token(&plane.api(), namespace, pod["serviceAccountName"].as_str().unwrap()).await;
    let config = plane.kubeconfig(Some(&token));
    let flag = |argument: &str| argument.split('=').next().unwrap_or_default().to_owned();
    let names: Vec<String> = more.iter().map(|it| flag(it)).filter(|it| it != "--name").collect();
    let own = arguments(&pod["containers"][0]).into_iter().filter(|it| !names.contains(&flag(it)));
    let mut command = tokio::process::Command::new(program);
    // The image has no certificates of authorities.
    command
        .args(own)
        .args(more)
        .env("KUBECONFIG", config.path())
        .env("SSL_CERT_FILE", "/none")
        .env("SSL_CERT_DIR", "/none");
    command.output().await.unwrap()
}

/// A pod's spec of which there is nothing to say.
pub fn good_pod() -> Value {
    json!({
        "automountServiceAccountToken": false,
        "securityContext": {"runAsNonRoot": true, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{
            "name": "web", "image": "registry.example.com/shop/web:1.4.2",
            "ports": [{"name": "http", "containerPort": 8080}],
            "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "64Mi"}},
            "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
            "livenessProbe": {"httpGet": {"path": "/alive", "port": "http"}},
            "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]}},
        }],
    })
}

/// The same, but its container is privileged.
pub fn bad_pod() -> Value {
    let mut pod = good_pod();
    pod["containers"][0]["securityContext"] = json!({"privileged": true});
    pod
}

pub fn deployment(name: &str, pod: Value) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "shop"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod}},
    })
}

pub fn good(name: &str) -> Value {
    deployment(name, good_pod())
}

pub fn bad(name: &str) -> Value {
    deployment(name, bad_pod())
}

/// The field that is wrong in a bad Deployment.
pub const PRIVILEGED: &str = "spec.template.spec.containers[0].securityContext.privileged";
