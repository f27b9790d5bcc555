//! What documents say of the cluster, as facts.

use foldhash::{HashMap, HashSet};
use seaworthy_diagnostic::{Location, Unknown};
use seaworthy_document::Document;
use seaworthy_facts::is_snapshot;
use seaworthy_fleet::{ClusterDocument, Facts, NodeFacts, clusters, states_cluster};
use seaworthy_object::{Content, GroupKind, Object, Version, Versions, split_api_version};
use seaworthy_source::{SourceId, Span};

use crate::understanding::objects_of;

/// The documents of a source with what they hold.
pub(crate) type Held<'s, 'a> = (&'a [Document], &'s [Content<'a>]);

/// Takes the facts of the cluster: from the files that describe it, else from the one cluster that documents of the set
/// state; where they state several, nobody says which is meant. What nothing reads is listed, so that nobody takes it
/// for read.
pub(crate) fn learn<'a>(
    set: &[Held<'_, 'a>],
    known: &[Held<'_, 'a>],
    files: &HashMap<SourceId, &'a str>,
    facts: &mut Facts,
    unread: &mut Vec<Unknown>,
) {
    let documents = |held: &[Held<'_, 'a>]| {
        let all = held.iter().flat_map(|(documents, _)| documents.iter());
        all.filter(|it| states_cluster(it)).collect::<Vec<&'a Document>>()
    };
    let file = |source: SourceId| files.get(&source).copied().unwrap_or("");
    let mut stated = clusters(&documents(known), &file);
    let heads = || known.iter().flat_map(|it| it.0).filter(|it| is_snapshot(it));
    let is_described =
        !stated.is_empty() || heads().next().is_some() || known.iter().any(|it| nodes(it).next().is_some());
    if !is_described {
        stated = clusters(&documents(set), &file);
        // Those on one machine are for trying things out, and not where the set is meant to run.
        stated.retain(|it| !it.tool.is_local());
    }
    if let [cluster] = stated.as_slice() {
        cluster.teach(facts, unread);
    } else if is_described {
        let roots = stated.iter().filter_map(|it| it.root());
        unread.extend(roots.map(|root| {
            seaworthy_facts::unknown(root, "the cluster", "several are described, and nobody says which is meant")
        }));
    } else if let Some(version) = one_version(&stated) {
        facts.versions = Versions::one(version);
        facts.versions_stated = true;
    }
    heads().for_each(|it| facts.learn_snapshot(it));
    for held in known {
        facts.nodes.extend(nodes(held));
        list_unread(held, unread);
    }
}

/// What is to be said once all else is known: that Karpenter makes more nodes than are stated, and what they have.
pub(crate) fn complete<'c, 'a: 'c>(facts: &mut Facts, mut objects: impl Iterator<Item = &'c Object<'a>>) {
    let grows = !facts.nodes.is_empty() && (facts.has_installed("karpenter") || objects.any(makes_nodes));
    if grows && !facts.nodes.contains(&NodeFacts::on_demand()) {
        facts.nodes.push(NodeFacts::on_demand());
    }
    facts.measure_nodes();
}

/// True for what Karpenter makes nodes by.
pub(crate) fn makes_nodes(object: &Object<'_>) -> bool {
    object.group() == "karpenter.sh" && matches!(object.kind(), "NodePool" | "Provisioner")
}

/// The version of several clusters, if it is one: whichever is meant, it has this one.
fn one_version(stated: &[ClusterDocument<'_>]) -> Option<Version> {
    let mut versions = stated.iter().map(|it| it.version?.value?.parse::<Version>().ok());
    let first = versions.next()??;
    versions.all(|it| it == Some(first)).then_some(first)
}

/// The nodes that are given one by one.
fn nodes<'s>(held: &Held<'s, '_>) -> impl Iterator<Item = NodeFacts> + use<'s> {
    held.1.iter().flat_map(objects_of).filter_map(NodeFacts::of)
}

/// Kinds that a cluster has whatever is applied to it, and what runs on it.
const OF_CLUSTER: &[(&str, &str)] = &[
    ("", "Namespace"),
    ("", "PersistentVolume"),
    ("", "PersistentVolumeClaim"),
    ("", "Pod"),
    ("networking.k8s.io", "IngressClass"),
    ("node.k8s.io", "RuntimeClass"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("storage.k8s.io", "CSIDriver"),
    ("storage.k8s.io", "CSINode"),
    ("storage.k8s.io", "CSIStorageCapacity"),
    ("storage.k8s.io", "StorageClass"),
    ("storage.k8s.io", "VolumeAttributesClass"),
];

fn is_of_cluster(object: &Object<'_>) -> bool {
    OF_CLUSTER.iter().any(|(group, kind)| object.is(group, kind))
}

fn is_definition(object: &Object<'_>) -> bool {
    object.kind() == "CustomResourceDefinition"
}

/// The objects of a fleet: definitions and what the cluster holds beside the set, then the set. What the set defines
/// itself is as the set has it; pods that a workload of the set made are made anew.
pub(crate) fn objects_with<'c, 'a>(
    known: impl Iterator<Item = &'c Object<'a>>,
    set: Vec<&'c Object<'a>>,
) -> Vec<&'c Object<'a>> {
    let mut objects: Vec<&'c Object<'a>> = known.filter(|it| is_definition(it) || is_of_cluster(it)).collect();
    if objects.iter().any(|it| !is_definition(it)) {
        let own: HashSet<Identity<'_>> = set.iter().map(|it| identity(it)).collect();
        objects
            .retain(|it| is_definition(it) || !(own.contains(&identity(it)) || it.is("", "Pod") && is_over(it, &own)));
    }
    objects.extend(set);
    objects
}

type Identity<'a> = (GroupKind<'a>, Option<&'a str>, &'a str);

fn identity<'a>(object: &Object<'a>) -> Identity<'a> {
    (object.group_kind(), object.namespace(), object.name())
}

/// True for a pod that takes no room any more, or whose workload is in the set.
fn is_over(pod: &Object<'_>, set: &HashSet<Identity<'_>>) -> bool {
    let text = |keys: &[&str]| pod.root().at(keys.iter().copied()).map_or("", |it| it.text());
    if matches!(text(&["status", "phase"]), "Succeeded" | "Failed") {
        return true;
    }
    let owners = pod.root().at(["metadata", "ownerReferences"]);
    owners.into_iter().flat_map(|it| it.items()).any(|owner| {
        let of = |key: &str| owner.get(key).map_or("", |it| it.text());
        let has = |group, kind, name| set.contains(&(GroupKind { group, kind }, pod.namespace(), name));
        let group = split_api_version(of("apiVersion")).0;
        // A ReplicaSet is called after its Deployment, and a Job after its CronJob.
        let (above, _) = of("name").rsplit_once('-').unwrap_or_default();
        let maker = match of("kind") {
            "ReplicaSet" => "Deployment",
            "Job" => "CronJob",
            _ => "",
        };
        has(group, of("kind"), of("name")) || has(group, maker, above)
    })
}

/// The sources of objects that the cluster holds: of these only rules about the cluster speak.
pub(crate) fn sources_of_cluster<'c, 'a: 'c>(known: impl Iterator<Item = &'c Object<'a>>) -> HashSet<SourceId> {
    known.filter(|it| is_of_cluster(it)).map(|it| it.source()).collect()
}

/// Lists what of a file that describes the cluster nothing reads.
fn list_unread((documents, contents): &Held<'_, '_>, unread: &mut Vec<Unknown>) {
    let mut not_read = |what: String, at: Location| {
        unread.push(Unknown { at, refers_to: what, why: "nothing reads it of a cluster".to_owned() });
    };
    for (document, content) in documents.iter().zip(*contents) {
        let is_read = |it: &Object<'_>| it.is("", "Node") || is_definition(it) || is_of_cluster(it);
        for object in objects_of(content).iter().filter(|it| !is_read(it)) {
            not_read(object.reference().to_string(), object.place().location());
        }
        if let Content::Other(other) = content
            && !states_cluster(document)
            && !is_snapshot(document)
        {
            not_read(other.why().to_owned(), start_of(document));
        }
    }
}

fn start_of(document: &Document) -> Location {
    Location {
        source: document.source(),
        document: document.index(),
        span: Span::at(document.span().start),
        path: String::new(),
        object: None,
    }
}
