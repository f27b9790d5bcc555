//! What a cluster holds, kept up to date: read-only lists and watches of the kinds that were asked for.

use std::pin::pin;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use futures_util::StreamExt;
use kube::api::{ApiResource, DynamicObject, GroupVersionKind};
use kube::runtime::watcher::{Config, Event, watcher};
use kube::{Api, Client};
use seaworthy::{Snapshot, nearest};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::StartError;
use crate::server::Shared;

/// The objects that are known, shared between who watches and who reviews.
pub type Known = Arc<RwLock<Snapshot>>;

/// How long a watch rests after an error.
const REST: Duration = Duration::from_secs(5);
/// Seconds after which the server ends a watch, and a new one begins where it ended: a connection that died in silence
/// is noticed then.
const WATCH_SECONDS: u32 = 60;

/// A kind that can be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
}

/// Which kinds are watched, and where they become known.
#[derive(Clone)]
pub struct Watch {
    kinds: Vec<Kind>,
    known: Known,
    client: Option<Client>,
}

macro_rules! kinds {
    ($($group:literal $version:literal $kind:literal $plural:literal)*) => {
        &[$(Kind { group: $group, version: $version, kind: $kind, plural: $plural }),*]
    };
}

/// What references lead to, and what selects or scales. No Secret: whoever may list their metadata may read them whole
/// (RBAC knows no difference), and this server is not to be worth breaking into. No Pod either: there are too many, and
/// they come from workloads.
const KINDS: &[Kind] = kinds! {
    "" "v1" "ConfigMap" "configmaps"
    "" "v1" "LimitRange" "limitranges"
    "" "v1" "Namespace" "namespaces"
    "" "v1" "PersistentVolume" "persistentvolumes"
    "" "v1" "PersistentVolumeClaim" "persistentvolumeclaims"
    "" "v1" "Service" "services"
    "" "v1" "ServiceAccount" "serviceaccounts"
    "apps" "v1" "DaemonSet" "daemonsets"
    "apps" "v1" "Deployment" "deployments"
    "apps" "v1" "StatefulSet" "statefulsets"
    "autoscaling" "v2" "HorizontalPodAutoscaler" "horizontalpodautoscalers"
    "networking.k8s.io" "v1" "Ingress" "ingresses"
    "networking.k8s.io" "v1" "IngressClass" "ingressclasses"
    "networking.k8s.io" "v1" "NetworkPolicy" "networkpolicies"
    "policy" "v1" "PodDisruptionBudget" "poddisruptionbudgets"
    "scheduling.k8s.io" "v1" "PriorityClass" "priorityclasses"
    "storage.k8s.io" "v1" "StorageClass" "storageclasses"
};

impl Kind {
    /// Every kind that can be watched.
    #[must_use]
    pub fn all() -> &'static [Kind] {
        KINDS
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if let Some(kind) = KINDS.iter().find(|it| it.kind == name) {
            return Ok(*kind);
        }
        if name == "Secret" {
            return Err("Secrets are never watched: who may list them may read them".to_owned());
        }
        let nearest = nearest(name, KINDS.iter().map(|it| it.kind));
        let nearest = nearest.map(|it| format!(": did you mean `{it}`?")).unwrap_or_default();
        Err(format!("no kind `{name}` is watched{nearest}"))
    }
}

impl Watch {
    /// Watches kinds in the cluster that the process runs in, or that its kubeconfig names.
    #[must_use]
    pub fn new(kinds: Vec<Kind>, known: Known) -> Self {
        Self { kinds, known, client: None }
    }

    /// The same, of another cluster.
    #[must_use]
    pub fn with_client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Takes the client of the cluster that the process runs in, if none was given.
    pub(crate) async fn connected(self) -> Result<Self, StartError> {
        let client = match self.client {
            Some(client) => client,
            None => Client::try_default().await.map_err(|error| StartError::Cluster(error.to_string()))?,
        };
        Ok(Self { client: Some(client), ..self })
    }

    /// Watches until what is given back is dropped, on a thread of its own: reading a cluster's objects is work that
    /// the reactor of the webhook is not to wait for.
    pub(crate) fn start(self, shared: Arc<Shared>) -> std::io::Result<Watching> {
        let (go_on, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let watch = move || {
            runtime.block_on(async {
                let Some(client) = self.client else { return };
                let all = self.kinds.iter().map(|kind| follow(client.clone(), *kind, &self.known, &shared));
                tokio::select! {
                    _ = futures_util::future::join_all(all) => {}
                    _ = ended => {}
                }
            });
        };
        let thread = std::thread::Builder::new().name("watch".to_owned()).spawn(watch)?;
        Ok(Watching { go_on: Some(go_on), thread: Some(thread) })
    }
}

/// A watch that goes on until this is dropped.
#[derive(Debug)]
pub(crate) struct Watching {
    go_on: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        drop(self.go_on.take());
        if let Some(thread) = self.thread.take() {
            // A thread that broke is as ended as another.
            let _ = thread.join();
        }
    }
}

/// Lists and watches a kind for as long as it is polled. After an error nobody knows what was missed: the kind counts
/// as known in part, so that nothing of it is taken to be missing, until it has been listed anew.
async fn follow(client: Client, kind: Kind, known: &Known, shared: &Shared) {
    let of = GroupVersionKind::gvk(kind.group, kind.version, kind.kind);
    let resource = ApiResource::from_gvk_with_plural(&of, kind.plural);
    loop {
        let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
        let mut events = pin!(watcher(api, Config::default().timeout(WATCH_SECONDS)));
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => kind.take(event, known, shared),
                Err(error) => {
                    shared.metrics.watch_failed(kind.kind);
                    shared.log.warn_sparsely("watch-failed", json!({"kind": kind.kind, "why": error.to_string()}));
                    break;
                }
            }
        }
        change(known, shared, |snapshot| snapshot.set_listed(kind.group, kind.kind, false));
        tokio::time::sleep(REST).await;
    }
}

impl Kind {
    fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    fn take(&self, event: Event<DynamicObject>, known: &Known, shared: &Shared) {
        match event {
            Event::Init => change(known, shared, |snapshot| snapshot.clear(self.group, self.kind)),
            Event::InitApply(object) | Event::Apply(object) => {
                if let Some(text) = self.kept(&object) {
                    change(known, shared, |snapshot| {
                        snapshot.insert(&text);
                    });
                }
            }
            Event::InitDone => {
                change(known, shared, |snapshot| snapshot.set_listed(self.group, self.kind, true));
                shared.log.info("listed", json!({"kind": self.kind}));
            }
            Event::Delete(object) => {
                let namespace = object.metadata.namespace.unwrap_or_default();
                let name = object.metadata.name.unwrap_or_default();
                change(known, shared, |snapshot| {
                    snapshot.remove(self.group, self.kind, &namespace, &name);
                });
            }
        }
    }

    /// What is kept of an object: of a ConfigMap the keys, of none who wrote which field.
    fn kept(&self, object: &DynamicObject) -> Option<String> {
        let mut value = serde_json::to_value(object).ok()?;
        let fields = value.as_object_mut()?;
        // The items of a list do not say what they are.
        fields.insert("apiVersion".to_owned(), self.api_version().into());
        fields.insert("kind".to_owned(), self.kind.into());
        if let Some(Value::Object(metadata)) = fields.get_mut("metadata") {
            metadata.remove("managedFields");
            if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
                annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
            }
        }
        if self.kind == "ConfigMap" {
            for data in ["data", "binaryData"] {
                if let Some(Value::Object(data)) = fields.get_mut(data) {
                    data.values_mut().for_each(|value| *value = "".into());
                }
            }
        }
        Some(value.to_string())
    }
}

fn change(known: &Known, shared: &Shared, change: impl FnOnce(&mut Snapshot)) {
    let mut snapshot = known.write().unwrap_or_else(PoisonError::into_inner);
    change(&mut snapshot);
    shared.metrics.known_objects.set(i64::try_from(snapshot.len()).unwrap_or(i64::MAX));
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("kinds", &self.kinds).finish_non_exhaustive()
    }
}
