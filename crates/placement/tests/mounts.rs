//! What cannot be recorded from a control plane without provisioners: pods whose volumes are made for them.

mod given;

use seaworthy_fleet::Facts;
use seaworthy_placement::{Bindings, Outcome, Placement, Question, Scale};

use given::given;

/// `pod: nodes it may run on`, or what is said of it.
fn say(text: &str, facts: &Facts, question: &Question) -> Vec<String> {
    given(text, facts, |fleet| words(&Placement::of(fleet, &Bindings::of(fleet), question)))
}

fn words(placement: &Placement<'_>) -> Vec<String> {
    let name = |id| placement.node(id).map_or("?", |it| &*it.name);
    let pods = placement.pods().iter().map(|it| match &it.outcome {
        Outcome::Placed(_) => {
            format!("{}: {}", it.name, it.candidates.iter().map(|id| name(*id)).collect::<Vec<_>>().join(" "))
        }
        Outcome::Pending { message, .. } => format!("{}: {message}", it.name),
        Outcome::Unknown(why) => format!("{}: unknown, {why}", it.name),
    });
    pods.collect()
}

const NODES: &str = "
apiVersion: v1
kind: Node
metadata: {name: a1, labels: {topology.kubernetes.io/zone: a}}
status: {allocatable: {cpu: '1', memory: 1Gi, pods: '9'}}
---
apiVersion: v1
kind: Node
metadata: {name: a2, labels: {topology.kubernetes.io/zone: a}}
status: {allocatable: {cpu: '1', memory: 1Gi, pods: '9'}}
---
apiVersion: v1
kind: Node
metadata: {name: b1, labels: {topology.kubernetes.io/zone: b}}
status: {allocatable: {cpu: '1', memory: 1Gi, pods: '9'}}
";

fn class(provisioner: &str, mode: &str, rest: &str) -> String {
    let what = "---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: disk}\n";
    format!("{what}provisioner: {provisioner}\nvolumeBindingMode: {mode}\n{rest}\n")
}

const CLAIM: &str = "---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: c}
spec: {storageClassName: disk, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
";

fn pod(name: &str) -> String {
    let volumes = "[{name: v, persistentVolumeClaim: {claimName: c}}]";
    let spec = format!("spec: {{containers: [{{name: x, image: i:1}}], volumes: {volumes}}}");
    format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\n{spec}\n")
}

fn complete() -> Facts {
    Facts { complete: true, ..Facts::default() }
}

#[test]
fn a_disk_is_used_where_the_first_pod_runs() {
    let of = |provisioner: &str| {
        let text = NODES.to_owned() + &class(provisioner, "WaitForFirstConsumer", "") + CLAIM + &pod("p") + &pod("q");
        say(&text, &complete(), &Question::default())
    };
    assert_eq!(of("ebs.csi.aws.com"), ["p: a1 a2 b1", "q: a1 a2"]);
    assert_eq!(of("rancher.io/local-path"), ["p: a1 a2 b1", "q: a1"]);
    assert_eq!(of("nfs.csi.k8s.io"), ["p: a1 a2 b1", "q: a1 a2 b1"]);
}

#[test]
fn a_volume_made_at_once_is_where_its_class_makes_it() {
    let zones = "allowedTopologies: [{matchLabelExpressions: [{key: topology.kubernetes.io/zone, values: [b]}]}]";
    let text = NODES.to_owned() + &class("ebs.csi.aws.com", "Immediate", zones) + CLAIM + &pod("p");
    let installed = Facts { installed: vec!["aws-ebs-csi-driver".to_owned()], ..complete() };
    assert_eq!(say(&text, &installed, &Question::default()), ["p: b1"]);
    let unbound = "p: 0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found";
    assert_eq!(say(&text, &complete(), &Question::default()), [unbound]);
}

#[test]
fn claims_of_pods_that_an_autoscaler_adds_are_like_the_others() {
    let zones = "allowedTopologies: [{matchLabelExpressions: [{key: topology.kubernetes.io/zone, values: [b]}]}]";
    let set = "---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 1
  selector: {matchLabels: {app: db}}
  podManagementPolicy: Parallel
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: x, image: i:1}]}}
  volumeClaimTemplates:
  - {metadata: {name: data}, spec: {storageClassName: disk, resources: {requests: {storage: 1Gi}}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: db}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: db}, minReplicas: 1, maxReplicas: 3}
";
    let text = NODES.to_owned() + &class("ebs.csi.aws.com", "WaitForFirstConsumer", zones) + set;
    let most = Question { scale: Scale::HpaMax, ..Question::default() };
    assert!(say(&text, &complete(), &most).iter().all(|it| it.ends_with(": b1")));
}

#[test]
fn of_claims_that_may_be_elsewhere_nobody_knows() {
    let text = NODES.to_owned() + &pod("p");
    assert_eq!(
        say(&text, &Facts::default(), &Question::default()),
        ["p: unknown, a claim of it is not in the given set"]
    );
    let missing = "p: 0/3 nodes are available: persistentvolumeclaim \"c\" not found. not found";
    assert_eq!(say(&text, &complete(), &Question::default()), [missing]);
}

#[test]
fn disks_of_a_plugin_count_where_a_driver_does_its_work() {
    let volume = "---
apiVersion: v1
kind: PersistentVolume
metadata: {name: v}
spec:
  storageClassName: disk
  accessModes: [ReadWriteOnce]
  capacity: {storage: 1Gi}
  awsElasticBlockStore: {volumeID: vol-1}
";
    let csi_node = |annotations: &str| {
        let driver = "{name: ebs.csi.aws.com, nodeID: b1, allocatable: {count: 0}}";
        let what = "---\napiVersion: storage.k8s.io/v1\nkind: CSINode";
        format!("{what}\nmetadata: {{name: b1{annotations}}}\nspec: {{drivers: [{driver}]}}\n")
    };
    let of = |annotations: &str| {
        let text = NODES.to_owned() + &class("kubernetes.io/aws-ebs", "Immediate", "") + volume + CLAIM + &pod("p");
        say(&(text + &csi_node(annotations)), &complete(), &Question::default())
    };
    assert_eq!(of(""), ["p: a1 a2 b1"]);
    let moved = "'kubernetes.io/gce-pd,kubernetes.io/aws-ebs'";
    let annotations = format!(", annotations: {{storage.alpha.kubernetes.io/migrated-plugins: {moved}}}");
    assert_eq!(of(&annotations), ["p: a1 a2"]);
}
