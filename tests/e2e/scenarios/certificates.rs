//! The pair, and who may call.

use std::time::{Duration, SystemTime};

use seaworthy_e2e::control_plane::Authority;
use seaworthy_e2e::installation::bytes;
use seaworthy_e2e::load::Load;
use seaworthy_e2e::server::Server;
use serde_json::json;

use super::{CONFIGURATION, DEPLOYMENTS, SECRET, Stage, bad, good, run_issue};

/// The bundle that the API server trusts, as PEM.
async fn bundle(stage: &Stage) -> String {
    let configuration = stage.api.get(CONFIGURATION).await.body;
    String::from_utf8(bytes(&configuration["webhooks"][0]["clientConfig"]["caBundle"])).unwrap()
}

/// An entry of the Secret.
async fn held(stage: &Stage, key: &str) -> String {
    String::from_utf8(bytes(&stage.api.get(SECRET).await.body["data"][key])).unwrap()
}

fn count(pem: &str) -> usize {
    pem.matches("BEGIN CERTIFICATE").count()
}

pub async fn kept(stage: &mut Stage) {
    let version = stage.api.get(SECRET).await.body["metadata"]["resourceVersion"].clone();
    assert_eq!(stage.api.get(SECRET).await.body["type"], "kubernetes.io/tls");
    assert_eq!(bundle(stage).await.trim(), held(stage, "ca.crt").await.trim());
    let said = stage.issue(&[]).await;
    assert!(said.contains("kept"), "{said}");
    assert_eq!(stage.api.get(SECRET).await.body["metadata"]["resourceVersion"], version);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64();
    let days = (stage.server.expiry() - now) / 86_400.0;
    assert!((89.0..=90.0).contains(&days), "{days} days");
}

pub async fn exchanged_under_load(stage: &mut Stage) {
    stage.failure_policy("Fail").await;
    let load = Load::start(&stage.api, 8, DEPLOYMENTS, &[(good("web"), 201), (bad("web"), 422)]);
    for _ in 0..3 {
        let (expiry, old) = (stage.server.expiry(), held(stage, "ca.crt").await);
        // Longer than before, so that the expiry tells which pair is in use.
        let said = stage.issue(&["--force", "--pause=2s"]).await;
        assert!(said.contains("issued"), "{said}");
        let new = held(stage, "ca.crt").await;
        let trusted = bundle(stage).await;
        assert!(new != old && trusted.contains(new.trim()) && trusted.contains(old.trim()), "{trusted}");
        // The pod still has the old files; then its kubelet brings the new ones.
        tokio::time::sleep(Duration::from_secs(1)).await;
        stage.volumes.refresh(&stage.api).await;
        stage.server.reloaded(expiry).await;
    }
    // Once nobody trusts the old ones any more, only the new one can be what is served.
    trust(stage, &held(stage, "ca.crt").await).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let sent = load.stop().await;
    println!("    {sent} requests, 3 exchanges");
    assert!(sent > 100);
    assert_eq!(count(&bundle(stage).await), 1);
    stage.failure_policy("Ignore").await;
}

/// Has the API server trust this and nothing else.
async fn trust(stage: &Stage, authority: &str) {
    let value = serde_json::to_value(k8s_openapi::ByteString(authority.as_bytes().to_vec())).unwrap();
    let operations = json!([{"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": value}]);
    stage.api.patch(CONFIGURATION, &operations).await.accepted();
}

pub async fn mended(stage: &mut Stage) {
    let (good, expiry) = (held(stage, "ca.crt").await, stage.server.expiry());
    // Someone applied the configuration without its bundle.
    let operations = json!([{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}]);
    stage.api.patch(CONFIGURATION, &operations).await.accepted();
    assert!(stage.issue(&[]).await.contains("kept"));
    assert_eq!(bundle(stage).await.trim(), good.trim());
    // A pair that does not fit, that lacks a name, or that is about to end.
    let foreign = Authority::new("foreign").sign(&["seaworthy"], rcgen::ExtendedKeyUsagePurpose::ServerAuth);
    let key = serde_json::to_value(k8s_openapi::ByteString(foreign.key.into_bytes())).unwrap();
    let answer = stage.api.merge(SECRET, &json!({"data": {"tls.key": key}})).await.expect(&[200]);
    // The API server sees it too, and only warns.
    assert_eq!(answer.warnings, ["tls: private key does not match public key"]);
    // Meanwhile the server keeps what it has.
    stage.volumes.refresh(&stage.api).await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(stage.server.expiry(), expiry);
    stage.try_bad().await.expect(&[422]);
    for (more, why) in
        [(&[][..], "its key"), (&["--name=::1"], "every name"), (&["--days=100", "--renew-days=95"], "ends soon")]
    {
        let said = stage.issue(&[&["--pause=0s"], more].concat()).await;
        assert!(said.contains("issued") && said.contains(why), "{said}");
    }
    stage.volumes.refresh(&stage.api).await;
    stage.server.reloaded(expiry).await;
    // Without the Secret all begins anew; a name that does not exist is told.
    stage.api.delete(SECRET).await.accepted();
    assert!(stage.issue(&[]).await.contains("issued"));
    let expiry = stage.server.expiry();
    stage.volumes.refresh(&stage.api).await;
    stage.server.reloaded(expiry).await;
    let output = run_issue(&stage.plane, &stage.program, &["--configuration=other"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("other"));
    stage.until("the webhook answers", || async { stage.try_bad().await.code == 422 }).await;
}

pub async fn callers(stage: &mut Stage) {
    let known = std::fs::read(stage.plane.client_authority()).unwrap();
    let foreign = Authority::new("foreign").certificate.into_bytes();
    stage.failure_policy("Fail").await;
    let call = |authority: Vec<u8>, name: &'static str| {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), authority).unwrap();
        let more = vec![format!("--client-ca={}", file.path().display()), format!("--client-name={name}")];
        (file, [stage.volumes.arguments(), more].concat())
    };
    for (authority, name, code) in
        [(&known, "kube-apiserver", 422), (&known, "someone", 500), (&foreign, "kube-apiserver", 500)]
    {
        let (_file, arguments) = call(authority.clone(), name);
        let server = Server::start(&stage.program, &arguments).await;
        stage.service.replace(&[server.port]);
        stage.until("the server is another", || async { stage.try_bad().await.code == code }).await;
        stage.try_bad().await.expect(&[code]);
        if code == 500 {
            let answer = stage.api.post(&format!("{DEPLOYMENTS}?dryRun=All"), &good("web")).await.expect(&[500]);
            assert!(answer.message().contains("failed calling webhook"), "{}", answer.message());
        }
    }
    stage.service.replace(&[stage.server.port]);
    stage.failure_policy("Ignore").await;
    stage.until("the webhook answers", || async { stage.try_bad().await.code == 422 }).await;
}
