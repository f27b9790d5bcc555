//! What is installed.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use seaworthy_e2e::installation::{manifests, objects, project, token};
use seaworthy_e2e::server::Server;
use serde_json::{Value, json};

use super::{CONFIGURATION, CONFIGURATIONS, SECRET, Stage, run_job};

/// What the chart renders for other values is accepted too, by cert-manager's definitions as well. `deploy/render` has
/// rendered it.
pub async fn every_way_is_accepted(stage: &mut Stage) {
    let definitions = std::env::var_os("SEAWORTHY_CERT_MANAGER").unwrap();
    for (_, definition) in objects(Path::new(&definitions)) {
        stage.api.apply(&definition, "").await.accepted();
    }
    stage
        .until("cert-manager's kinds are served", || async {
            let served = stage.api.get("/apis/cert-manager.io/v1").await.body.to_string();
            ["Certificate", "Issuer"].iter().all(|kind| served.contains(&format!("\"kind\":\"{kind}\"")))
        })
        .await;
    let mut rendered = objects(&project().join("target/tmp/deploy"));
    // That which is there is called by a URL.
    for (_, configuration) in rendered.iter_mut().filter(|(_, it)| is_configuration(it)) {
        configuration["metadata"]["name"] = json!("other");
    }
    let files: BTreeSet<&String> = rendered.iter().map(|(file, _)| file).collect();
    assert!(files.len() >= 4, "{files:?}");
    for (file, object) in &rendered {
        let answer = stage.api.apply(object, "&dryRun=All").await;
        assert!(answer.code <= 201 && answer.warnings.is_empty(), "{file}: {answer:?}");
    }
}

/// Whoever applies the manifests again leaves the bundle where it is.
pub async fn applied_again(stage: &mut Stage) {
    let bundle = async || stage.api.get(CONFIGURATION).await.body["webhooks"][0]["clientConfig"]["caBundle"].clone();
    let before = bundle().await;
    let mut configuration = manifests().into_iter().map(|(_, it)| it).find(is_configuration).unwrap();
    // It is called by a URL here.
    configuration["webhooks"][0]["clientConfig"] = json!({"url": stage.service.url()});
    stage.api.apply(&configuration, "").await.accepted();
    assert!(before.is_string());
    assert_eq!(bundle().await, before);
}

fn is_configuration(object: &Value) -> bool {
    object["kind"] == "ValidatingWebhookConfiguration"
}

/// Installs the chart beside the manifests, with helm itself; upgrades it and takes it away.
pub async fn helm(stage: &mut Stage) {
    let config = stage.plane.kubeconfig(None);
    let home = tempfile::tempdir().unwrap();
    let helm = async |arguments: &str| {
        let mut command = tokio::process::Command::new(std::env::var_os("SEAWORTHY_HELM").unwrap());
        command.args(arguments.split(' ')).current_dir(project());
        let output = command.env("KUBECONFIG", config.path()).env("HOME", home.path()).output().await.unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    helm("install second deploy/helm/seaworthy --namespace second --create-namespace").await;
    let jobs = stage.api.get("/apis/batch/v1/namespaces/second/jobs").await.body;
    let output = run_job(&stage.plane, &stage.program, &jobs["items"][0], &[]).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = format!("{CONFIGURATIONS}/second");
    let before = stage.api.get(&path).await.body;
    assert!(before["webhooks"][0]["clientConfig"]["caBundle"].is_string(), "{before}");
    helm("upgrade second deploy/helm/seaworthy --namespace second --set image.tag=0.2.0,webhook.timeoutSeconds=3")
        .await;
    let after = stage.api.get(&path).await.body;
    assert_eq!(after["webhooks"][0]["timeoutSeconds"], 3);
    assert_eq!(after["webhooks"][0]["clientConfig"], before["webhooks"][0]["clientConfig"]);
    // Another image is another Job.
    let jobs = stage.api.get("/apis/batch/v1/namespaces/second/jobs").await.body;
    assert!(jobs["items"].as_array().unwrap().iter().any(|it| it.to_string().contains("seaworthy:0.2.0")), "{jobs}");
    helm("uninstall second --namespace second").await;
    assert_eq!(stage.api.get(&path).await.code, 404);
    let left = stage.api.get("/apis/apps/v1/namespaces/second/deployments").await.body;
    assert_eq!(left["items"], json!([]));
}

/// Who runs in the cluster may do what it is there for, and nothing else.
pub async fn accounts_are_narrow(stage: &mut Stage) {
    let account = stage.api.as_user("system:serviceaccount:seaworthy:seaworthy-certificate", &[]);
    account.get(SECRET).await.expect(&[200]);
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "other", "namespace": "seaworthy"}});
    account.apply(&secret, "&dryRun=All").await.expect(&[403]);
    account.get("/api/v1/namespaces/seaworthy/secrets").await.expect(&[403]);
    account.get("/api/v1/namespaces/shop/secrets/seaworthy-certificate").await.expect(&[403]);
    account.delete(&format!("{SECRET}?dryRun=All")).await.expect(&[403]);
    account.get(CONFIGURATIONS).await.expect(&[403]);
    let webhook = stage.api.as_user("system:serviceaccount:seaworthy:seaworthy", &[]);
    for path in [SECRET, "/api/v1/pods", "/api/v1/namespaces/seaworthy/configmaps/seaworthy-policy"] {
        webhook.get(path).await.expect(&[403]);
    }
}

/// With `watch: true`, the account may read all that the program asks for, and no Secret.
pub async fn watched(stage: &mut Stage) {
    let rendered = objects(&project().join("target/tmp/deploy"));
    let of_watch = |it: &&(String, Value)| {
        let kind = it.1["kind"].as_str().unwrap();
        it.0 == "everything.yaml" && kind.starts_with("ClusterRole") && it.1["metadata"]["name"] == "seaworthy"
    };
    let roles: Vec<&Value> = rendered.iter().filter(of_watch).map(|(_, it)| it).collect();
    assert_eq!(roles.len(), 2);
    for role in &roles {
        stage.api.apply(role, "").await.accepted();
    }
    let config = stage.plane.kubeconfig(Some(&token(&stage.api, "seaworthy", "seaworthy").await));
    let arguments = [stage.volumes.arguments(), vec!["--watch".to_owned()]].concat();
    let server = Server::start_in(&stage.program, &arguments, config.path()).await;
    stage.until("the cluster is known", || async { server.metric("seaworthy_known_objects") > 5.0 }).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(server.metric("seaworthy_watch_failures_total"), 0.0, "{}", server.logs());
    let webhook = stage.api.as_user("system:serviceaccount:seaworthy:seaworthy", &[]);
    for path in [SECRET, "/api/v1/secrets", "/api/v1/pods"] {
        webhook.get(path).await.expect(&[403]);
    }
    for role in roles {
        let path = stage.api.path(role).await;
        stage.api.delete(&path).await.accepted();
    }
}
