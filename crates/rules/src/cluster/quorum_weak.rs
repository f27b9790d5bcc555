//! `quorum-weak`.

use seaworthy_diagnostic::Level;
use seaworthy_facts::EtcdMember;
use seaworthy_fleet::{ClusterDocument, Fleet};
use seaworthy_object::{ImageReference, Object};
use serde::Deserialize;

use super::zones_of;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct QuorumWeak {}

impl Rule for QuorumWeak {
    const META: Meta = Meta {
        id: "quorum-weak",
        category: Category::Cluster,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("quorum_weak.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// Stores that go on while most of their members do, by the last part of their image.
const STORES: &[(&str, &str)] = &[
    ("etcd", "etcd"),
    ("zookeeper", "ZooKeeper"),
    ("kubernetes-zookeeper", "ZooKeeper"),
    ("cp-zookeeper", "ZooKeeper"),
    ("consul", "Consul"),
    ("elasticsearch", "Elasticsearch"),
];
/// Custom resources that make such a store, with the field that says how many members it has.
const CUSTOM: &[(&str, &str, &str, &str)] = &[
    ("kafka.strimzi.io", "Kafka", "spec.zookeeper.replicas", "ZooKeeper"),
    ("zookeeper.pravega.io", "ZookeeperCluster", "spec.replicas", "ZooKeeper"),
    ("etcd.database.coreos.com", "EtcdCluster", "spec.size", "etcd"),
];

/// A cluster of more members of etcd there is not.
const MOST: usize = 100;

impl QuorumWeak {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for cluster in fleet.clusters() {
            of_cluster(cluster, report);
        }
        for object in fleet.objects().iter().filter(|it| it.is("apps", "StatefulSet")) {
            let Some(replicas) = object.at("spec.replicas") else { continue };
            let store = object.pod().into_iter().flat_map(|pod| pod.containers()).find_map(|container| {
                let image = ImageReference::parse(container.field().str_at("image")?).ok()?;
                STORES.iter().find(|(name, _)| *name == image.short_name()).map(|it| it.1)
            });
            if let Some(store) = store.filter(|it| *it != "Elasticsearch" || is_master(object)) {
                of_store(object, replicas, store, report);
            }
        }
        for object in fleet.custom_objects() {
            let Some((_, _, path, store)) = CUSTOM.iter().find(|it| object.is(it.0, it.1)) else { continue };
            if let Some(replicas) = object.at(path) {
                of_store(object, replicas, store, report);
            }
        }
    }
}

/// True if its nodes may be elected: which roles they have stands in the environment, if anywhere.
fn is_master<'a>(object: &'a Object<'a>) -> bool {
    let containers = object.pod().into_iter().flat_map(|pod| pod.containers());
    let mut variables = containers.flat_map(|it| it.env().collect::<Vec<_>>());
    !variables.any(|it| match it.str_at("name") {
        Some("node.master" | "NODE_MASTER") => it.str_at("value") == Some("false"),
        Some("node.roles" | "NODE_ROLES") => it.str_at("value").is_some_and(|roles| !roles.contains("master")),
        Some("discovery.type") => it.str_at("value") == Some("single-node"),
        _ => false,
    })
}

fn of_store<'a>(object: &'a Object<'a>, replicas: seaworthy_object::Field<'a>, store: &str, report: &mut Reporter<'_>) {
    let count = replicas.as_int().and_then(|it| usize::try_from(it).ok()).unwrap_or(0);
    if let Some(words) = even(count) {
        let message = format!("{} has {count} members of {store}: {words}", object.reference());
        report.say(replicas, message).help(odd(count));
    }
}

fn of_cluster(cluster: &ClusterDocument<'_>, report: &mut Reporter<'_>) {
    let members = &cluster.control_plane.etcd;
    let Some(first) = members.first() else { return };
    // kops has two etcds on the same nodes: one finding tells of both.
    let of_first: Vec<&EtcdMember<'_>> = members.iter().filter(|it| it.of == first.of).collect();
    let (count, survives) = (of_first.len(), survived(of_first.len()));
    let place = first.at.parent().unwrap_or(first.at);
    if let Some(words) = even(count) {
        report.say_fact(place, format!("etcd has {count} members: {words}")).help(odd(count));
    }
    if count > MOST {
        return;
    }
    if let Some((first, again, host)) = shared(&of_first, |it| it.host.and_then(|it| it.value)) {
        report
            .say_fact(again.at, format!("two members of etcd are on `{host}`: losing it loses both"))
            .help("give each member a host of its own")
            .related_fact(first.at, "the other member");
    }
    let zones: Option<Vec<&str>> = of_first.iter().map(|it| it.zone?.value).collect();
    let Some(zones) = zones.filter(|_| count > 2 && zones_of(cluster).len() > 1) else { return };
    let most = zones.iter().map(|zone| (zones.iter().filter(|it| *it == zone).count(), *zone)).max();
    if let Some((most, zone)) = most.filter(|(most, _)| *most > survives) {
        report
            .say_fact(
                place,
                format!("{most} of {count} members of etcd are in zone `{zone}`: losing it stops the cluster"),
            )
            .help("spread the members over three zones");
    }
}

/// How many members may be lost while most are left.
fn survived(count: usize) -> usize {
    count.saturating_sub(1) / 2
}

/// What an even number brings.
fn even(count: usize) -> Option<String> {
    let survives = survived(count);
    (count > 0 && count.is_multiple_of(2)).then(|| match survives {
        0 => "the loss of one can stop it, as with one alone".to_owned(),
        _ => format!("it survives the loss of {survives}, as {} would", count - 1),
    })
}

fn odd(count: usize) -> String {
    if count > 2 { format!("make it {} or {}", count - 1, count + 1) } else { "make it 3".to_owned() }
}

/// The first two members that have something in common.
fn shared<'m, 'a>(
    members: &[&'m EtcdMember<'a>],
    of: fn(&EtcdMember<'a>) -> Option<&'a str>,
) -> Option<(&'m EtcdMember<'a>, &'m EtcdMember<'a>, &'a str)> {
    let known = members.iter().filter_map(|it| Some((*it, of(it)?)));
    let mut seen: Vec<(&'m EtcdMember<'a>, &'a str)> = Vec::new();
    for (member, host) in known {
        if let Some((first, _)) = seen.iter().find(|(_, it)| *it == host) {
            return Some((first, member, host));
        }
        seen.push((member, host));
    }
    None
}
