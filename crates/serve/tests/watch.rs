//! A webhook that knows a cluster: an API server on loopback that lists and watches as a real one does.
#![cfg(feature = "cluster")]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

mod webhook;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kube::{Client, Config};
use seaworthy::Validator;
use seaworthy_admission::Reviewer;
use seaworthy_serve::{Judge, Kind, Known, Watch};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use webhook::{Webhook, post, response, review};

/// An API server: what it holds by path, and the events of its watches.
#[derive(Clone)]
struct Cluster {
    objects: Arc<Mutex<BTreeMap<String, Vec<Value>>>>,
    events: broadcast::Sender<(String, String)>,
    asked: Arc<Mutex<Vec<String>>>,
    fails: Arc<Mutex<bool>>,
    address: std::net::SocketAddr,
}

impl Cluster {
    async fn start(objects: &[(&str, Value)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut by_path: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (path, object) in objects {
            by_path.entry((*path).to_owned()).or_default().push(object.clone());
        }
        let cluster = Self {
            objects: Arc::new(Mutex::new(by_path)),
            events: broadcast::channel(64).0,
            asked: Arc::default(),
            fails: Arc::default(),
            address: listener.local_addr().unwrap(),
        };
        let serving = cluster.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let cluster = serving.clone();
                tokio::spawn(async move { cluster.serve(stream).await });
            }
        });
        cluster
    }

    async fn serve(&self, stream: TcpStream) -> Option<()> {
        let mut stream = BufReader::new(stream);
        loop {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if stream.read_line(&mut head).await.ok()? == 0 {
                    return None;
                }
            }
            let target = head.split(' ').nth(1)?.to_owned();
            self.asked.lock().ok()?.push(head.lines().next()?.to_owned());
            let (path, query) = target.split_once('?').unwrap_or((&target, ""));
            if *self.fails.lock().ok()? {
                let answer = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                stream.write_all(answer.as_bytes()).await.ok()?;
                return None;
            }
            if query.contains("watch=true") {
                return self.watch(stream, path).await;
            }
            let items = self.objects.lock().ok()?.get(path).cloned().unwrap_or_default();
            let list =
                json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": "1"}, "items": items});
            let list = list.to_string();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ";
            stream.write_all(format!("{head}{}\r\n\r\n{list}", list.len()).as_bytes()).await.ok()?;
        }
    }

    async fn watch(&self, mut stream: BufReader<TcpStream>, path: &str) -> Option<()> {
        let mut events = self.events.subscribe();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).await.ok()?;
        loop {
            let (of, event) = events.recv().await.ok()?;
            if of == path {
                stream.write_all(format!("{:x}\r\n{event}\n\r\n", event.len() + 1).as_bytes()).await.ok()?;
            } else if of == "end" {
                return None;
            }
        }
    }

    fn tell(&self, path: &str, event: &str, object: &Value) {
        let event = json!({"type": event, "object": object}).to_string();
        self.events.send((path.to_owned(), event)).unwrap();
    }
}

fn named(api_version: &str, kind: &str, namespace: &str, name: &str) -> Value {
    let mut metadata = json!({"name": name, "resourceVersion": "2"});
    if !namespace.is_empty() {
        metadata["namespace"] = namespace.into();
    }
    json!({"apiVersion": api_version, "kind": kind, "metadata": metadata})
}

fn with(mut object: Value, key: &str, value: Value) -> Value {
    object[key] = value;
    object
}

/// A pod that needs a ConfigMap, with a key of it.
fn pod(config_map: &str, key: &str) -> String {
    let reference = json!({"configMapKeyRef": {"name": config_map, "key": key}});
    let object = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"containers": [{"name": "web", "image": "example.com/web:1.2.3",
            "env": [{"name": "A", "valueFrom": reference}]}]}});
    review("u", &object).replace("\"deployments\"", "\"pods\"").replace("\"group\":\"apps\"", "\"group\":\"\"")
}

/// A webhook that watches.
async fn watching(cluster: &Cluster, kinds: &[&str]) -> (Webhook, Known) {
    let known = Known::default();
    let (reviewer, shared) = (Reviewer::new(Validator::default()), Arc::clone(&known));
    let judge: Judge = Arc::new(move |body| reviewer.review_among(body, &shared.read().unwrap()));
    let client = Client::try_from(Config::new(format!("http://{}", cluster.address).parse().unwrap())).unwrap();
    let kinds = kinds.iter().map(|kind| kind.parse::<Kind>().unwrap()).collect();
    let watch = Watch::new(kinds, Arc::clone(&known)).with_client(client);
    (Webhook::with(judge, |options| options.watch = Some(watch)).await, known)
}

impl Webhook {
    /// Asks until the answer says something, or no longer does.
    async fn answers(&self, body: &str, word: &str, says: bool) -> String {
        let start = std::time::Instant::now();
        loop {
            let (status, answer) = self.send(post(body.to_owned())).await;
            assert_eq!(status, 200, "{answer}");
            if answer.contains(word) == says {
                return response(&answer).to_string();
            }
            assert!(start.elapsed() < Duration::from_secs(20), "{word} {says}: {answer}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

const MAPS: &str = "/api/v1/configmaps";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_listed_decides_and_events_change_it() {
    let settings = with(named("v1", "ConfigMap", "shop", "settings"), "data", json!({"level": "the-value"}));
    let cluster = Cluster::start(&[(MAPS, settings.clone())]).await;
    let (webhook, _) = watching(&cluster, &["ConfigMap", "Service"]).await;
    let missing = "config-map-missing";
    webhook.answers(&pod("other", "level"), missing, true).await;
    webhook.answers(&pod("settings", "level"), missing, false).await;
    let answer = webhook.answers(&pod("settings", "leve"), missing, true).await;
    // The nearest key is not the sender's.
    assert!(!answer.contains("level") && !answer.contains("the-value"), "{answer}");

    cluster.tell(MAPS, "ADDED", &with(named("v1", "ConfigMap", "shop", "other"), "data", json!({"level": "x"})));
    webhook.answers(&pod("other", "level"), missing, false).await;
    cluster.tell(MAPS, "MODIFIED", &with(named("v1", "ConfigMap", "shop", "other"), "data", json!({"port": "x"})));
    webhook.answers(&pod("other", "level"), missing, true).await;
    cluster.tell(MAPS, "DELETED", &settings);
    webhook.answers(&pod("settings", "level"), missing, true).await;
    assert_eq!(webhook.metric("seaworthy_known_objects").await, 1.0);
    // Nothing but reading, of nothing but what was asked for.
    for asked in cluster.asked.lock().unwrap().iter() {
        assert!(asked.starts_with("GET /api/v1/configmaps?") || asked.starts_with("GET /api/v1/services?"), "{asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_watched_stays_unknown() {
    let cluster = Cluster::start(&[]).await;
    let (webhook, known) = watching(&cluster, &["Service"]).await;
    webhook.reaches("seaworthy_known_objects", 0.0).await;
    while known.read().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let answer = webhook.answers(&pod("settings", "level"), "config-map-missing", false).await;
    assert!(answer.contains("\"allowed\":true"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_breaks_leaves_nothing_missing_until_it_has_listed_again() {
    let cluster = Cluster::start(&[]).await;
    let (webhook, _) = watching(&cluster, &["ConfigMap"]).await;
    let missing = "config-map-missing";
    webhook.answers(&pod("settings", "level"), missing, true).await;
    *cluster.fails.lock().unwrap() = true;
    cluster.tell("end", "", &Value::Null);
    webhook.answers(&pod("settings", "level"), missing, false).await;
    webhook.reaches("seaworthy_watch_failures_total{kind=\"ConfigMap\"}", 1.0).await;
    // What happened meanwhile is not missed.
    let settings = with(named("v1", "ConfigMap", "shop", "settings"), "data", json!({"level": "x"}));
    cluster.objects.lock().unwrap().insert(MAPS.to_owned(), vec![settings]);
    *cluster.fails.lock().unwrap() = false;
    webhook.answers(&pod("other", "level"), missing, true).await;
    webhook.answers(&pod("settings", "level"), missing, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_names_what_was_not_sent() {
    // One object of each kind, in the sender's namespace and in another, with names that occur nowhere else.
    let mut objects = Vec::new();
    let mut names = vec!["elsewhere".to_owned()];
    for (at, (path, api_version, kind, namespaced)) in [
        ("/api/v1/configmaps", "v1", "ConfigMap", true),
        ("/api/v1/services", "v1", "Service", true),
        ("/api/v1/serviceaccounts", "v1", "ServiceAccount", true),
        ("/api/v1/persistentvolumeclaims", "v1", "PersistentVolumeClaim", true),
        ("/api/v1/persistentvolumes", "v1", "PersistentVolume", false),
        ("/apis/apps/v1/deployments", "apps/v1", "Deployment", true),
        ("/apis/networking.k8s.io/v1/ingressclasses", "networking.k8s.io/v1", "IngressClass", false),
        ("/apis/storage.k8s.io/v1/storageclasses", "storage.k8s.io/v1", "StorageClass", false),
        ("/apis/scheduling.k8s.io/v1/priorityclasses", "scheduling.k8s.io/v1", "PriorityClass", false),
    ]
    .into_iter()
    .enumerate()
    {
        for (namespace, letter) in [("shop", "q"), ("elsewhere", "z")] {
            let name = format!("unsent-{letter}{at}");
            let namespace = if namespaced { namespace } else { "" };
            let mut object = named(api_version, kind, namespace, &name);
            object["data"] = json!({"unsentkey": "unsentvalue"});
            object["spec"] = json!({"selector": {"unsentlabel": name}, "clusterIP": "10.9.8.7",
                "ports": [{"name": "unsentport", "port": 4321}], "accessModes": ["ReadWriteOnce"],
                "capacity": {"storage": "77Gi"}, "template": {"metadata": {"labels": {"unsentlabel": name}}}});
            if kind == "ConfigMap" || kind == "StorageClass" || kind == "PriorityClass" || kind == "ServiceAccount" {
                object.as_object_mut().unwrap().remove("spec");
            }
            objects.push((path, object));
            names.push(name);
        }
    }
    names.extend(["unsentkey", "unsentvalue", "unsentlabel", "unsentport", "10.9.8.7", "77Gi"].map(str::to_owned));
    let cluster = Cluster::start(&objects).await;
    let kinds: Vec<_> = objects.iter().map(|(_, object)| object["kind"].as_str().unwrap().to_owned()).collect();
    let mut kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    kinds.dedup();
    let (webhook, _) = watching(&cluster, &kinds).await;
    let (count, missing) = (objects.len(), "config-map-missing");
    webhook.reaches("seaworthy_known_objects", f64::from(u32::try_from(count).unwrap())).await;
    webhook.answers(&pod("unsent-q", "a"), missing, true).await;
    // Objects that come near what is there: each is one letter away from a name that is not to be said.
    let near = |kind: &str, api_version: &str, spec: Value| with(named(api_version, kind, "shop", "web"), "spec", spec);
    let container = json!({"name": "a", "image": "example.com/a:1", "envFrom": [{"configMapRef": {"name": "unsent-q"}}],
        "env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "unsent-q", "key": "unsentke"}}}]});
    let pods = json!({"serviceAccountName": "unsent-q", "priorityClassName": "unsent-q", "containers": [container],
        "volumes": [{"name": "a", "persistentVolumeClaim": {"claimName": "unsent-q"}}]});
    let sent = [
        near("Pod", "v1", pods.clone()),
        near(
            "Deployment",
            "apps/v1",
            json!({"selector": {"matchLabels": {"a": "b"}},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": pods}}),
        ),
        near("Service", "v1", json!({"selector": {"unsentlabel": "unsent-q"}, "ports": [{"port": 80}]})),
        near(
            "PersistentVolumeClaim",
            "v1",
            json!({"storageClassName": "unsent-q", "accessModes": ["ReadWriteMany"],
            "resources": {"requests": {"storage": "100Gi"}}}),
        ),
        near(
            "Ingress",
            "networking.k8s.io/v1",
            json!({"ingressClassName": "unsent-q", "defaultBackend":
            {"service": {"name": "unsent-q", "port": {"name": "unsentpor"}}}}),
        ),
    ];
    let mut findings = 0;
    for object in sent {
        let (status, answer) = webhook.send(post(review("u", &object))).await;
        assert_eq!(status, 200);
        findings += usize::from(answer.contains("warnings") || answer.contains("causes"));
        for name in &names {
            assert!(!answer.contains(name.as_str()), "{name} is told: {answer}");
        }
    }
    assert!(findings >= 3, "nothing is said at all: {findings}");
}
