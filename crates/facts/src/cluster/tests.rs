use seaworthy_document::{Document, read};
use seaworthy_source::Source;

use super::*;
use crate::Facts;

/// Looks at the clusters of a text, all documents in one folder.
fn look<T>(text: &str, look: impl FnOnce(&[ClusterDocument<'_>]) -> T) -> T {
    let documents: Vec<Document> = read(&Source::new("cluster.yaml", text));
    look(&clusters(&documents.iter().collect::<Vec<_>>(), &|_| "cluster.yaml"))
}

/// Looks at the only cluster of a text.
fn only<T>(text: &str, seen: impl FnOnce(&ClusterDocument<'_>) -> T) -> T {
    look(text, |clusters| {
        assert_eq!(clusters.len(), 1);
        clusters.first().map(seen).unwrap()
    })
}

fn values<'a, T: Copy>(stated: &[Stated<'a, T>]) -> Vec<Option<T>> {
    stated.iter().map(|it| it.value).collect()
}

fn sizes(text: &str) -> Vec<(Option<u32>, Option<u32>, Option<u32>)> {
    only(text, |cluster| {
        let value = |it: Option<Stated<'_, u32>>| it.and_then(|it| it.value);
        cluster.groups.iter().map(|it| (value(it.min), value(it.max), value(it.desired))).collect()
    })
}

const EKSCTL: &str = "
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: harbour, region: eu-north-1, version: '1.33'}
";

#[test]
fn eksctl_fills_in_sizes() {
    let groups = "managedNodeGroups:
- {name: a}
- {name: b, desiredCapacity: 3}
- {name: c, minSize: 1, maxSize: 9}
- {name: d, minSize: 0}
- {name: e, desiredCapacity: '${COUNT}'}
nodeGroups: [{name: f, desiredCapacity: 4, maxSize: 5}]
";
    let nothing = (None, None, None);
    let expected = [
        (Some(4), Some(5), Some(4)),
        (Some(2), Some(2), Some(2)),
        (Some(3), Some(3), Some(3)),
        (Some(1), Some(9), Some(1)),
        (Some(0), Some(1), Some(0)),
        nothing,
    ];
    assert_eq!(sizes(&format!("{EKSCTL}{groups}")), expected);
}

#[test]
fn eksctl_says_where_it_says_so() {
    only(&format!("{EKSCTL}nodeGroups: [{{name: f, minSize: 4}}]"), |cluster| {
        assert_eq!((cluster.release(), cluster.tool.platform()), (Some((1, 33)), "eks"));
        let group = cluster.groups.first().unwrap();
        assert_eq!(
            group.min.map(|it| (it.at.path(), it.is_default)),
            Some(("nodeGroups[0].minSize".to_owned(), false))
        );
        assert_eq!(group.max.map(|it| (it.at.path(), it.is_default)), Some(("nodeGroups[0]".to_owned(), true)));
        let location = crate::location(group.at);
        assert_eq!(location.object.map(|it| it.to_string()).as_deref(), Some("ClusterConfig `harbour`"));
    });
}

#[test]
fn a_group_of_eksctl_lies_in_its_own_zones_or_those_of_its_subnets() {
    let text = format!(
        "{EKSCTL}availabilityZones: [eu-north-1a, eu-north-1b]
vpc: {{subnets: {{private: {{quiet: {{id: subnet-1, az: eu-north-1c}}, eu-north-1b: {{id: subnet-2}}}}}}}}
nodeGroups:
- {{name: own, availabilityZones: [eu-north-1a]}}
- {{name: named, subnets: [quiet, subnet-2]}}
- {{name: other, subnets: [subnet-9]}}
- {{name: any}}
"
    );
    only(&text, |cluster| {
        let zones: Vec<_> = cluster.groups.iter().map(|it| values(&it.zones)).collect();
        assert_eq!(zones[0], [Some("eu-north-1a")]);
        assert_eq!(zones[1], [Some("eu-north-1c"), Some("eu-north-1b")]);
        assert!(zones[2].is_empty());
        assert_eq!(zones[3], [Some("eu-north-1a"), Some("eu-north-1b")]);
    });
}

#[test]
fn what_only_eksctl_can_tell_is_open() {
    let text = format!("{EKSCTL}nodeGroups: [{{name: f, minSize: '{{{{ .Least }}}}', labels: {{a: $ZONE}}}}]");
    only(&text, |cluster| {
        let (mut facts, mut open) = (Facts::default(), Vec::new());
        cluster.teach(&mut facts, &mut open);
        assert_eq!(
            open.iter().map(|it| it.refers_to.as_str()).collect::<Vec<_>>(),
            ["the least of nodes", "a label of nodes"]
        );
        assert_eq!(facts.node_count(), None);
        let group = facts.nodes.first().unwrap();
        assert!(group.open.count && group.open.labels && group.open.zones && !group.open.taints);
    });
}

#[test]
fn taints_of_eksctl_have_two_forms() {
    let text = format!(
        "{EKSCTL}nodeGroups:
- {{name: a, taints: [{{key: k, value: v, effect: NoSchedule}}]}}
- {{name: b, taints: {{k: 'v:NoSchedule'}}}}
"
    );
    only(&text, |cluster| {
        let taint = Taint { key: "k".to_owned(), value: Some("v".to_owned()), effect: "NoSchedule".to_owned() };
        for group in &cluster.groups {
            assert_eq!(group.taints.first().and_then(|it| it.value.as_ref()), Some(&taint));
        }
    });
}

const KOPS: &str = "
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: sea.example}
spec:
  kubernetesVersion: 1.33.1
  networkCIDR: 172.20.0.0/16
  networking: {cilium: {}}
  kubelet: {maxPods: 50, authenticationTokenWebhook: true}
  metricsServer: {enabled: true}
  certManager: {enabled: false}
  etcdClusters: [{name: main, etcdMembers: [{instanceGroup: bridge, name: a}]}]
  subnets: [{name: one, zone: eu-north-1a, cidr: 172.20.32.0/19}, {name: two, zone: eu-north-1b}]
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: bridge, labels: {kops.k8s.io/cluster: sea.example}}
spec: {role: Master, subnets: [one], machineType: t3.medium}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: deck, labels: {kops.k8s.io/cluster: sea.example}}
spec: {role: Node, subnets: [one, two], machineType: t3.large, minSize: 3, maxSize: 5, taints: ['sails=up:NoExecute']}
";

#[test]
fn a_cluster_of_kops_is_joined_with_its_groups() {
    only(KOPS, |cluster| {
        assert_eq!((cluster.roots.len(), cluster.release(), cluster.worker_zones().len()), (3, Some((1, 33)), 2));
        assert_eq!(cluster.plugin.and_then(|it| it.value), Some("cilium"));
        assert_eq!(cluster.add_ons.iter().filter_map(|it| it.name.value).collect::<Vec<_>>(), ["metrics-server"]);
        let member = cluster.control_plane.etcd.first().unwrap();
        assert_eq!(member.zone.and_then(|it| it.value), Some("eu-north-1a"));
        let nodes = cluster.nodes();
        assert_eq!(
            nodes.iter().map(|it| (it.count, it.min, it.max)).collect::<Vec<_>>(),
            [(1, Some(1), Some(1)), (3, Some(3), Some(5))]
        );
        assert_eq!(nodes[0].taints[0].key, "node-role.kubernetes.io/control-plane");
        assert_eq!((nodes[1].taints[0].key.as_str(), nodes[1].taints[0].effect.as_str()), ("sails", "NoExecute"));
        assert_eq!(nodes[1].allocatable, [("pods".to_owned(), "50".to_owned())]);
        assert_eq!(nodes[1].open, crate::Open::default());
    });
}

#[test]
fn groups_of_kops_belong_to_the_cluster_they_name() {
    let other = KOPS.replace("sea.example", "lake.example");
    look(&format!("{KOPS}---{other}"), |clusters| {
        assert_eq!(clusters.iter().map(|it| it.groups.len()).collect::<Vec<_>>(), [2, 2]);
    });
}

const KUBEADM: &str = "
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.34.1
controlPlaneEndpoint: sea.example:6443
apiServer: {certSANs: [sea.example]}
etcd: {external: {endpoints: ['https://a:2379', 'https://b:2379']}}
networking: {podSubnet: 10.244.0.0/16}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery: {bootstrapToken: {apiServerEndpoint: 'lake.example:6443'}}
";

#[test]
fn documents_of_kubeadm_are_read_together() {
    only(KUBEADM, |cluster| {
        let plane = &cluster.control_plane;
        assert_eq!((plane.is_managed, plane.etcd.len(), plane.etcd_is_external), (false, 2, true));
        assert_eq!(values(&plane.join_endpoints), [Some("lake.example:6443")]);
        assert_eq!(values(&plane.cert_names), [Some("sea.example")]);
        assert_eq!(cluster.kubelet.token_webhook.and_then(|it| it.value), Some(true));
        let ranges: Vec<_> = cluster.ranges.iter().map(|it| (it.of, it.cidr.value, it.cidr.is_default)).collect();
        let services = (RangeOf::Services, Some("10.96.0.0/12"), true);
        assert_eq!(ranges, [(RangeOf::Pods, Some("10.244.0.0/16"), false), services]);
        assert!(cluster.nodes().is_empty());
    });
}

#[test]
fn a_version_that_kubeadm_looks_up_is_unknown() {
    only(&KUBEADM.replace("v1.34.1", "stable"), |cluster| {
        assert_eq!((cluster.version.map(|it| it.value), cluster.release()), (Some(None), None));
    });
}

#[test]
fn a_kubelet_alone_is_no_cluster() {
    let text = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";
    look(text, |clusters| assert!(clusters.is_empty()));
}

#[test]
fn kind_and_k3d_count_their_nodes() {
    let kind = "
apiVersion: kind.x-k8s.io/v1alpha4
kind: Cluster
nodes:
- {role: control-plane, image: 'kindest/node:v1.34.0@sha256:7a'}
- {role: worker, labels: {topology.kubernetes.io/zone: a}}
- {role: worker}
";
    only(kind, |cluster| {
        assert_eq!(cluster.release(), Some((1, 34)));
        assert_eq!(
            cluster.groups.iter().map(|it| it.role == NodeRole::Worker).collect::<Vec<_>>(),
            [false, true, true]
        );
        let nodes = cluster.nodes();
        assert_eq!((nodes.len(), nodes[0].taints.len(), nodes[1].zones.len()), (3, 1, 1));
        assert_eq!(nodes[2].open, crate::Open::default());
    });
    only("{apiVersion: kind.x-k8s.io/v1alpha4, kind: Cluster}", |cluster| {
        assert_eq!(cluster.nodes().first().map(|it| (it.count, it.taints.len())), Some((1, 0)));
    });
    let k3d = "{apiVersion: k3d.io/v1alpha5, kind: Simple, servers: 1, agents: 2, image: 'rancher/k3s:v1.33.2-k3s1'}";
    only(k3d, |cluster| {
        assert_eq!((cluster.release(), cluster.tool.platform()), (Some((1, 33)), "k3s"));
        assert_eq!(cluster.nodes().iter().map(|it| it.count).collect::<Vec<_>>(), [1, 2]);
    });
}

#[test]
fn absurd_documents_are_read_all_the_same() {
    let texts = [
        "{apiVersion: eksctl.io/v1alpha5, kind: ClusterConfig}",
        "{apiVersion: eksctl.io/v1alpha5, kind: ClusterConfig, nodeGroups: {a: b}, vpc: [], addons: 7, metadata: x}",
        "{apiVersion: eksctl.io/v1alpha5, kind: ClusterConfig, nodeGroups: [3, null, {minSize: -1, maxSize: 1e99}]}",
        "{apiVersion: kops.k8s.io/v1alpha2, kind: InstanceGroup, spec: {taints: [a, {}], subnets: {}, role: []}}",
        "{apiVersion: kops.k8s.io/v1alpha2, kind: Cluster, spec: []}",
        "{apiVersion: kubeadm.k8s.io/v1beta4, kind: JoinConfiguration, controlPlane: 3, nodeRegistration: []}",
        "{apiVersion: kind.x-k8s.io/v1alpha4, kind: Cluster, nodes: [[], 4, {role: {}}]}",
        "{apiVersion: k3d.io/v1alpha5, kind: Simple, servers: many, agents: 99999999999}",
    ];
    for text in texts {
        only(text, |cluster| {
            let (mut facts, mut open) = (Facts::default(), Vec::new());
            cluster.teach(&mut facts, &mut open);
        });
    }
    let huge = format!("{EKSCTL}nodeGroups: [{{name: a, minSize: 4294967295}}, {{name: b, minSize: 1000000000}}]");
    only(&huge, |cluster| {
        let mut facts = Facts::default();
        cluster.teach(&mut facts, &mut Vec::new());
        assert_eq!(facts.node_count(), Some(u32::MAX));
    });
}

#[test]
fn a_zone_that_only_eksctl_can_tell_leaves_all_zones_open() {
    let group = |zone: &str| {
        format!(
            "{EKSCTL}nodeGroups: [{{name: a, availabilityZones: [eu-west-1a]}}, {{name: b, availabilityZones: [{zone}]}}]"
        )
    };
    for (zone, zones) in [("eu-west-1b", &["eu-west-1a", "eu-west-1b"][..]), ("'{{ .Zone }}'", &[])] {
        only(&group(zone), |cluster| {
            let mut facts = crate::Facts::default();
            cluster.teach(&mut facts, &mut Vec::new());
            assert_eq!(
                (facts.zones.as_slice(), facts.known_zones()),
                (zones.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>().as_slice(), zones.to_vec())
            );
        });
    }
}
