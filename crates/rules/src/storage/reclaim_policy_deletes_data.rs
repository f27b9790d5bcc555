//! `reclaim-policy-deletes-data`.

use foldhash::HashMap;
use seaworthy_diagnostic::Level;
use seaworthy_document::Node;
use seaworthy_fleet::{Fleet, Stateful};
use seaworthy_object::{Field, ImageReference, Object, Place, Pod};
use seaworthy_placement::{Binding, Bindings, NO_PROVISIONER, Supply, Verdict};
use seaworthy_source::order;
use serde::Deserialize;

use crate::environments::is_trial;
use crate::mending::{self, before};
use crate::words::all_of;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReclaimPolicyDeletesData {}

impl Rule for ReclaimPolicyDeletesData {
    const META: Meta = Meta {
        id: "reclaim-policy-deletes-data",
        category: Category::Storage,
        level: Some(Level::Info),
        packs: &[],
        since: "0.1.0",
        page: page!("reclaim_policy_deletes_data.md"),
    };
    const CHECK: Check<Self> = Check::Bindings(Self::check);
}

/// Databases, by the last part of their images' names. Caches and search indexes can be filled anew.
const DATABASES: &[&str] = &[
    "cassandra",
    "clickhouse",
    "clickhouse-server",
    "cockroach",
    "couchbase",
    "couchdb",
    "influxdb",
    "mariadb",
    "mongo",
    "mongodb",
    "mysql",
    "mysql-server",
    "neo4j",
    "percona",
    "percona-server",
    "percona-server-mongodb",
    "postgis",
    "postgres",
    "postgresql",
    "rethinkdb",
    "scylla",
    "timescaledb",
];

/// Sources of volumes that something deletes (the deletable plugins and drivers of Kubernetes).
const DELETABLE: &[&str] = &[
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cinder",
    "csi",
    "gcePersistentDisk",
    "portworxVolume",
    "vsphereVolume",
];

/// Who deletes volumes with their claims, and for whom they are kept.
struct Deleter<'a> {
    object: &'a Object<'a>,
    /// The policy, if it is written.
    policy: Option<Field<'a>>,
    /// Workloads, by reference.
    stores: Vec<String>,
    claims: Vec<Place<'a>>,
}

impl ReclaimPolicyDeletesData {
    fn check<'a>(&self, fleet: &Fleet<'a>, bindings: &Bindings<'a>, report: &mut Reporter<'_>) {
        if is_backed_up(fleet) || !(states_stores(fleet) || fleet.runs_any_of(DATABASES)) {
            return;
        }
        let mut deleters: Vec<Deleter<'a>> = Vec::new();
        let mut by_root: HashMap<Node<'a>, usize> = HashMap::default();
        for (workload, pod) in users(fleet, bindings) {
            if !is_only_copy(fleet, pod) {
                continue;
            }
            for binding in claims_of_store(fleet, bindings, pod) {
                let Some((object, policy)) = deleter(binding) else { continue };
                let at = *by_root.entry(object.root()).or_insert_with(|| {
                    deleters.push(Deleter { object, policy, stores: Vec::new(), claims: Vec::new() });
                    deleters.len() - 1
                });
                if let Some(deleter) = deleters.get_mut(at) {
                    deleter.stores.push(workload.reference().to_string());
                    deleter.claims.push(binding.claim.place());
                }
            }
        }
        deleters.iter().for_each(|it| say(it, report));
    }
}

fn say(deleter: &Deleter<'_>, report: &mut Reporter<'_>) {
    let object = deleter.object;
    let is_class = object.kind() == "StorageClass";
    let (keeps, more) = match deleter.stores.as_slice() {
        [one] => (one.clone(), String::new()),
        [most @ .., _] => (
            all_of(most.get(..most.len().min(2)).unwrap_or(&[])),
            format!(" and {} more", deleter.stores.len() - most.len().min(2)),
        ),
        [] => return,
    };
    let (what, written) =
        if is_class { ("class", "reclaimPolicy") } else { ("volume", "persistentVolumeReclaimPolicy") };
    let message = format!(
        "{what} `{}` deletes the disk with its claim, and with it the only data of {keeps}{more}",
        object.name()
    );
    let help = if is_class {
        "set `reclaimPolicy: Retain`; the field is immutable, so the class must be recreated, and volumes that it made \
         are changed one by one (`kubectl patch pv`); or keep copies elsewhere"
    } else {
        "set `persistentVolumeReclaimPolicy: Retain`, or keep copies elsewhere"
    };
    let place = deleter.policy.or_else(|| object.at("provisioner")).map_or(object.place(), Into::into);
    let mut finding = report.say(place, message).help(help).label(match deleter.policy {
        Some(_) => "with the claim, or its namespace, goes the disk",
        None => "`reclaimPolicy` is Delete where none is set",
    });
    for claim in deleter.claims.iter().take(3) {
        finding = finding.related(claim.clone(), "its data");
    }
    let title = "keep the disk";
    let line = || before(object.at("provisioner")?, &[&format!("{written}: Retain")]);
    let fix = deleter.policy.map(|it| mending::replacement(it, "Retain", title));
    finding.mend(fix.or_else(|| Some(mending::by(line()?, title))));
}

/// True if the Fleet document says of a service that it keeps data.
fn states_stores(fleet: &Fleet<'_>) -> bool {
    let mut services = fleet.declaration().into_iter().flat_map(|it| &it.services);
    services.any(|it| it.stateful.as_ref().is_some_and(|it| it.value == Stateful::Yes))
}

/// The workloads that use a claim whose disk goes with it, in order: found from the claims, so that an edit of another
/// workload asks nobody again.
fn users<'a>(fleet: &Fleet<'a>, bindings: &Bindings<'a>) -> Vec<(&'a Object<'a>, Pod<'a>)> {
    let mut users: Vec<&'a Object<'a>> = Vec::new();
    for binding in bindings.all().iter().filter(|it| deleter(it).is_some()) {
        let object = binding.claim.object();
        users.push(object);
        users.extend(binding.claim.adopted_by.map(|it| it.object()));
        users.extend(fleet.referrers(object).map(|it| it.object()));
    }
    users.retain(|it| it.pod().is_some() && it.kind() != "PodTemplate");
    order::sort_by_key(&mut users, |it| (it.source(), it.document().index(), it.root().id()));
    users.dedup_by_key(|it| it.root());
    users.retain(|it| it.at("metadata.ownerReferences").is_none() && fleet.is_last_definition(it));
    users.into_iter().filter_map(|it| Some((it, it.pod()?))).collect()
}

/// True if something in the set copies volumes.
fn is_backed_up(fleet: &Fleet<'_>) -> bool {
    let has = |group: &str, kind: &str| fleet.of_kind(group, kind).next().is_some();
    has("velero.io", "Schedule")
        || has("snapshot.storage.k8s.io", "VolumeSnapshot")
        || has("snapscheduler.backube", "SnapshotSchedule")
        || has("k8up.io", "Schedule")
        || ["velero", "k8up", "snapscheduler"].iter().any(|it| fleet.facts().has_installed(it))
}

/// True for a workload of one pod that is no trial.
fn is_only_copy<'a>(fleet: &Fleet<'a>, pod: Pod<'a>) -> bool {
    let object = pod.object();
    pod.replicas().unwrap_or(1) == 1
        && !pod.runs_to_completion()
        && !object.is("apps", "DaemonSet")
        && !is_trial(pod.namespace())
        && !is_trial(fleet.file_of(object))
        && !fleet.is_part_of_cluster(object)
}

/// The claims on which a pod keeps its data, if it is a store: those of its databases' containers, or all of a service
/// that is modelled stateful.
fn claims_of_store<'b, 'a>(fleet: &Fleet<'a>, bindings: &'b Bindings<'a>, pod: Pod<'a>) -> Vec<&'b Binding<'a>> {
    let object = pod.object();
    let of = fleet.modelled().iter().find(|it| it.workloads.iter().any(|it| it.root() == object.root()));
    let stateful = of.and_then(|it| it.declared.stateful).map(|it| it.value);
    if matches!(stateful, Some(Stateful::No | Stateful::AcceptedRisk)) {
        return Vec::new();
    }
    let mut claims = Vec::new();
    for container in pod.containers().filter(|it| it.keeps_running()) {
        let image = container.image().and_then(|it| ImageReference::parse(it.text()).ok());
        let is_database = image.is_some_and(|it| DATABASES.contains(&it.short_name()));
        if !is_database && stateful != Some(Stateful::Yes) {
            continue;
        }
        for mount in container.mounts().filter_map(|it| it.str_at("name")) {
            let volume = pod.spec().volumes().find(|it| it.name() == mount);
            let of_template = || bindings.get(pod.namespace(), &format!("{mount}-{}-0", object.name()));
            let found = match volume.and_then(|it| it.claim_name()) {
                Some(name) => bindings.get(pod.namespace(), name.text()),
                None => of_template().filter(|_| object.is("apps", "StatefulSet")),
            };
            let is_new = |it: &&'b Binding<'a>| !claims.iter().any(|known: &&Binding<'a>| std::ptr::eq(*known, *it));
            let found = found.filter(is_new);
            claims.extend(found);
        }
    }
    claims
}

/// The class or volume that deletes a claim's disk, and where it says so.
fn deleter<'a>(binding: &Binding<'a>) -> Option<(&'a Object<'a>, Option<Field<'a>>)> {
    match binding.verdict {
        Verdict::Bound(volume) => {
            let policy = volume.at("spec.persistentVolumeReclaimPolicy").filter(|it| it.text() == "Delete")?;
            let spec = volume.at("spec")?;
            DELETABLE.iter().any(|it| spec.get(it).is_some()).then_some((volume, Some(policy)))
        }
        Verdict::Provisioned { .. } | Verdict::WaitsForPod { volume: None, .. } => {
            let Supply::Class { object: Some(class), .. } = binding.supply else { return None };
            let policy = class.at("reclaimPolicy");
            let deletes = policy.is_none_or(|it| it.text() == "Delete");
            (deletes && class.str_at("provisioner") != Some(NO_PROVISIONER)).then_some((class, policy))
        }
        _ => None,
    }
}
