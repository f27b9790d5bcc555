//! The content that benches read: a fleet that is made, not copied, so that a bench needs nothing but this repository.

pub mod processor;

use std::fmt::Write;

use seaworthy::{Snapshot, Source};
use seaworthy_document::{Document, to_json};

/// Sources with `objects` objects, one each: workloads, Services, configuration, claims.
#[must_use]
pub fn fleet(objects: usize) -> Vec<Source> {
    (0..objects).map(|at| Source::new(format!("{at:05}.yaml"), manifest(at))).collect()
}

/// Five kinds in turn: what a team's repository is made of.
fn manifest(at: usize) -> String {
    let mut text = String::new();
    let app = at / 5;
    let written = match at % 5 {
        0 => write!(
            text,
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{app}\n  namespace: shop\n  labels:\n    \
             app.kubernetes.io/name: app-{app}\n    app.kubernetes.io/part-of: shop\nspec:\n  replicas: 2\n  selector:\n    \
             matchLabels:\n      app.kubernetes.io/name: app-{app}\n  template:\n    metadata:\n      labels:\n        \
             app.kubernetes.io/name: app-{app}\n        app.kubernetes.io/part-of: shop\n    spec:\n      \
             serviceAccountName: app-{app}\n      containers:\n      - name: app\n        image: example.com/shop/app-{app}:1.2.3\n        \
             ports:\n        - name: http\n          containerPort: 8080\n        envFrom:\n        - configMapRef:\n            \
             name: app-{app}\n        resources:\n          requests:\n            cpu: 100m\n            memory: 128Mi\n          \
             limits:\n            memory: 256Mi\n        readinessProbe:\n          httpGet:\n            path: /ready\n            \
             port: http\n        volumeMounts:\n        - name: data\n          mountPath: /data\n      volumes:\n      - name: data\n        \
             persistentVolumeClaim:\n          claimName: app-{app}\n"
        ),
        1 => write!(
            text,
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: app-{app}\n  namespace: shop\nspec:\n  selector:\n    \
             app.kubernetes.io/name: app-{app}\n  ports:\n  - name: http\n    port: 80\n    targetPort: http\n"
        ),
        2 => write!(
            text,
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app-{app}\n  namespace: shop\ndata:\n  LOG_LEVEL: info\n  \
             application.properties: |\n    server.port=8080\n    queue.host=queue-{app}\n    feature.enabled=true\n"
        ),
        3 => write!(
            text,
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: app-{app}\n  namespace: shop\nspec:\n  \
             storageClassName: fast\n  accessModes:\n  - ReadWriteOnce\n  resources:\n    requests:\n      storage: 10Gi\n"
        ),
        _ => write!(text, "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: app-{app}\n  namespace: shop\n"),
    };
    // Writing into a string cannot fail.
    written.unwrap_or_default();
    text
}

/// The same fleet with five replicas of each workload, and a cluster that has room for them: as many pods as objects,
/// on a hundred nodes.
#[must_use]
pub fn fleet_on_nodes(objects: usize) -> Vec<Source> {
    let larger = |it: Source| Source::new(it.name(), it.text().replace("replicas: 2", "replicas: 5"));
    let zones =
        ["a", "b", "c", "d"].map(|zone| format!("{{count: 25, instanceType: m5.4xlarge, zone: us-east-1{zone}}}"));
    let cluster = format!(
        "apiVersion: seaworthy/v1alpha1\nkind: Fleet\nmetadata: {{name: shop}}\nspec:\n  cluster: {{platform: eks, nodes: \
         [{}]}}\n---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: fast}}\nprovisioner: \
         ebs.csi.aws.com\nvolumeBindingMode: WaitForFirstConsumer\n",
        zones.join(", ")
    );
    let cluster = Source::new("fleet.yaml", cluster);
    fleet(objects).into_iter().map(larger).chain([cluster]).collect()
}

/// The documents of all sources.
#[must_use]
pub fn documents(sources: &[Source]) -> Vec<Document> {
    sources.iter().flat_map(seaworthy_document::read).collect()
}

/// The same content as JSON, a text each, for `serde_json` to read.
#[must_use]
pub fn json(documents: &[Document]) -> Vec<String> {
    documents.iter().filter_map(Document::root).map(to_json).collect()
}

/// Bytes of all sources.
#[must_use]
pub fn size(sources: &[Source]) -> usize {
    sources.iter().map(|source| source.text().len()).sum()
}

/// The body of a webhook's request: the first Deployment of a fleet, with what a server adds to it.
#[must_use]
pub fn review() -> Vec<u8> {
    let text = json(&documents(&fleet(1))).concat();
    let object = text.replacen("\"metadata\":{", "\"metadata\":{\"uid\":\"3a1c5f0e-5f5a-4b69-9d3e-0c8a9f0d1001\",", 1);
    let kind = r#"{"group":"apps","version":"v1","kind":"Deployment"}"#;
    let resource = r#"{"group":"apps","version":"v1","resource":"deployments"}"#;
    format!(
        r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{{"uid":"705ab4f5-6393-11e8-b7cc-42010a800002","kind":{kind},"resource":{resource},"requestKind":{kind},"requestResource":{resource},"name":"app-0","namespace":"shop","operation":"CREATE","userInfo":{{"username":"alice","groups":["developers","system:authenticated"]}},"object":{object},"oldObject":null,"dryRun":false,"options":{{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1"}}}}}}"#
    )
    .into_bytes()
}

/// Objects that a webhook knows of, of kinds it has listed.
#[must_use]
pub fn snapshot(objects: usize) -> Snapshot {
    let mut snapshot = Snapshot::default();
    for source in fleet(objects) {
        snapshot.insert(source.text());
    }
    for (group, kind) in [("apps", "Deployment"), ("", "Service"), ("", "ConfigMap"), ("", "PersistentVolumeClaim")] {
        snapshot.set_listed(group, kind, true);
    }
    snapshot
}

/// The bytes that this process holds in memory, where the system says so.
#[must_use]
pub fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    line.and_then(|it| it.trim().trim_end_matches(" kB").parse::<usize>().ok()).unwrap_or(0) << 10
}
