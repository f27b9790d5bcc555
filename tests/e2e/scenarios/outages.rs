//! Servers that come, go and hang.

use std::time::{Duration, Instant};

use seaworthy_e2e::load::Load;
use seaworthy_e2e::server::Server;
use serde_json::json;
use tokio::net::TcpListener;

use super::{CONFIGURATION, CONFIGURATIONS, DEPLOYMENTS, Stage, bad, bad_pod, good};

/// What a rollout does: a new pod is ready, the old one is asked to end, and soon after gets no new connections.
pub async fn rolled_under_load(stage: &mut Stage) {
    stage.failure_policy("Fail").await;
    let load = Load::start(&stage.api, 8, DEPLOYMENTS, &[(good("web"), 201), (bad("web"), 422)]);
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let new = Server::start(&stage.program, &stage.volumes.arguments()).await;
        stage.service.set(&[stage.server.port, new.port]);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let old = std::mem::replace(&mut stage.server, new);
        old.terminate();
        // Until the endpoints are known everywhere, connections still come.
        tokio::time::sleep(Duration::from_secs(1)).await;
        stage.service.set(&[stage.server.port]);
        old.ended().await;
    }
    let sent = load.stop().await;
    println!("    {sent} requests, 2 replacements");
    assert!(sent > 100);
    stage.failure_policy("Ignore").await;
}

pub async fn restarted(stage: &mut Stage) {
    let arguments = stage.volumes.arguments();
    let new = Server::start(&stage.program, &arguments).await;
    // Killed, not asked; connections break off.
    drop(std::mem::replace(&mut stage.server, new));
    stage.service.set(&[stage.server.port]);
    stage.until("the webhook answers", || async { stage.try_bad().await.code == 422 }).await;
    stage.api.post(&format!("{DEPLOYMENTS}?dryRun=All"), &good("web")).await.accepted();
}

/// Takes the only server away.
fn down(stage: &Stage) {
    stage.service.replace(&[]);
}

async fn up(stage: &Stage) {
    stage.service.set(&[stage.server.port]);
    stage.until("the webhook answers", || async { stage.try_bad().await.code == 422 }).await;
}

pub async fn ignored(stage: &mut Stage) {
    down(stage);
    let start = Instant::now();
    let answer = stage.api.post(&format!("{DEPLOYMENTS}?dryRun=All"), &bad("web")).await;
    assert_eq!(answer.code, 201, "{answer:?}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    up(stage).await;
}

pub async fn failing(stage: &mut Stage) {
    stage.failure_policy("Fail").await;
    down(stage);
    stage.until("nobody answers", || async { stage.try_bad().await.code == 500 }).await;
    let answer = stage.api.post(&format!("{DEPLOYMENTS}?dryRun=All"), &good("web")).await.expect(&[500]);
    assert_eq!(answer.body["reason"], "InternalError");
    let failed = "failed calling webhook \"validate.seaworthy.internal\"";
    assert!(answer.message().contains(failed), "{}", answer.message());
    // The webhook itself, and the rest of what a cluster stands on.
    let mut own = good("web");
    own["metadata"]["namespace"] = json!("seaworthy");
    stage.api.post("/apis/apps/v1/namespaces/seaworthy/deployments?dryRun=All", &own).await.accepted();
    stage.issue(&[]).await;
    let lease = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "a"}});
    stage.api.post("/apis/coordination.k8s.io/v1/namespaces/shop/leases?dryRun=All", &lease).await.accepted();
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}});
    stage.api.post("/api/v1/nodes?dryRun=All", &node).await.accepted();
    let controller = "system:serviceaccount:kube-system:daemon-set-controller";
    let controller = stage.api.as_user(controller, &["system:masters"]);
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": bad_pod()});
    controller.post("/api/v1/namespaces/shop/pods?dryRun=All", &pod).await.accepted();
    // The emergency exit.
    let configuration = stage.api.get(CONFIGURATION).await.body;
    stage.api.delete(CONFIGURATION).await.accepted();
    stage.until("nobody is asked", || async { stage.try_bad().await.code == 201 }).await;
    let mut again = configuration;
    again["metadata"] = json!({"name": again["metadata"]["name"]});
    again["webhooks"][0]["failurePolicy"] = json!("Ignore");
    stage.api.post(CONFIGURATIONS, &again).await.accepted();
    up(stage).await;
}

/// A server that takes connections and says nothing.
pub async fn hanging(stage: &mut Stage) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    stage.service.replace(&[listener.local_addr().unwrap().port()]);
    // Until the API server has seen the end of the connections that it holds.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    let answer = stage.api.post(&format!("{DEPLOYMENTS}?dryRun=All"), &bad("web")).await;
    assert_eq!(answer.code, 201, "{answer:?}");
    let took = start.elapsed();
    assert!((Duration::from_secs(4)..Duration::from_secs(8)).contains(&took), "{took:?}");
    stage.service.replace(&[]);
    up(stage).await;
}
