//! Asks an API server what there is. It is asked to list, and nothing else.

use std::error::Error;
use std::time::Duration;

use kube::api::{ApiResource, DynamicObject, GroupVersionKind, ListParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use serde_json::Value;

use super::kinds::{KINDS, Kind, kept};
use crate::failure::without_number;

/// What was seen of a cluster.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The server's version, `v1.34.4-eks-1a2b3c`.
    pub(super) version: Option<String>,
    /// Objects, of each what is kept.
    pub(super) objects: Vec<Value>,
    /// The kinds of which all are among them, `StorageClass.storage.k8s.io`.
    pub(super) listed: Vec<String>,
    /// The kinds of which none are, and why.
    pub(super) unread: Vec<(&'static str, String)>,
}

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take.
const READ: Duration = Duration::from_secs(60);
/// So many objects are asked for at a time.
const PAGE: u32 = 500;
/// So many of a kind are kept.
const MOST: usize = 100_000;

/// Looks at the cluster of a context, of the current one, or of the pod's service account.
///
/// # Errors
/// There is no cluster, or it does not answer: why, in words.
pub(super) fn see(context: Option<&str>, pods: bool) -> Result<Seen, String> {
    let reactor = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|it| it.to_string())?;
    reactor.block_on(async {
        let mut config = config(context).await?;
        config.connect_timeout = Some(CONNECT);
        config.read_timeout = Some(READ);
        let client = Client::try_from(config).map_err(|it| format!("no client for this cluster: {}", words(&it)))?;
        read(&client, pods).await
    })
}

async fn config(context: Option<&str>) -> Result<Config, String> {
    let no_cluster = |error: &(dyn Error + 'static)| format!("no cluster to read: {}", words(error));
    let Some(context) = context else {
        return Config::infer().await.map_err(|_| {
            "no cluster to read: there is no kubeconfig that names one (KUBECONFIG, ~/.kube/config), and this is no pod"
                .to_owned()
        });
    };
    let kubeconfig = Kubeconfig::read().map_err(|it| no_cluster(&it))?;
    let mut names: Vec<&str> = kubeconfig.contexts.iter().map(|it| it.name.as_str()).collect();
    if !names.contains(&context) {
        names.sort_unstable();
        return Err(format!("the kubeconfig has no context `{context}`: it has {}", names.join(", ")));
    }
    let options = KubeConfigOptions { context: Some(context.to_owned()), ..KubeConfigOptions::default() };
    Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|it| no_cluster(&it))
}

async fn read(client: &Client, pods: bool) -> Result<Seen, String> {
    let version = client.apiserver_version().await;
    let version = version.map_err(|it| format!("the API server does not answer: {}", words(&it)))?;
    let mut seen = Seen { version: Some(version.git_version), ..Seen::default() };
    for kind in KINDS.iter().filter(|it| pods || it.kind != "Pod") {
        match list(client, kind).await {
            Ok(mut objects) => {
                seen.objects.append(&mut objects);
                seen.listed.push(kind.title());
            }
            // Clusters before 1.34 have no devices to claim.
            Err(kube::Error::Api(status)) if status.code == 404 && kind.group == "resource.k8s.io" => {}
            Err(kube::Error::Api(status)) if matches!(status.code, 403 | 404 | 405 | 410) => {
                seen.unread.push((kind.kind, status.message.clone()));
            }
            Err(error) => return Err(format!("the API server does not list {}: {}", kind.plural, words(&error))),
        }
    }
    if seen.listed.is_empty() {
        let why = seen.unread.first().map(|it| it.1.clone()).unwrap_or_default();
        return Err(format!("nothing of the cluster may be read: {why}"));
    }
    Ok(seen)
}

async fn list(client: &Client, kind: &Kind) -> Result<Vec<Value>, kube::Error> {
    let of = GroupVersionKind::gvk(kind.group, kind.version, kind.kind);
    let resource = ApiResource::from_gvk_with_plural(&of, kind.plural);
    let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
    let mut asked = ListParams::default().limit(PAGE);
    let mut objects = Vec::new();
    loop {
        let page = api.list(&asked).await?;
        for object in page.items {
            let object = serde_json::to_value(object).map_err(kube::Error::SerdeError)?;
            objects.push(kept(kind, &object));
        }
        match page.metadata.continue_.filter(|it| !it.is_empty()) {
            Some(next) if objects.len() < MOST => asked = asked.continue_token(&next),
            _ => break,
        }
    }
    objects.sort_by_cached_key(|it| {
        let text = |path: &str| it.pointer(path).and_then(Value::as_str).unwrap_or("").to_owned();
        (text("/metadata/namespace"), text("/metadata/name"))
    });
    Ok(objects)
}

/// What the server said, or the innermost cause: what is around it says where in the client it was met.
fn words(error: &(dyn Error + 'static)) -> String {
    if let Some(kube::Error::Api(status)) = error.downcast_ref() {
        return status.message.clone();
    }
    let last = std::iter::successors(Some(error), |it| (*it).source()).last().unwrap_or(error);
    without_number(&last.to_string()).to_owned()
}
