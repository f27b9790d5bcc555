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
