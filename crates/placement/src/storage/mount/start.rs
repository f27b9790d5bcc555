//! How claims and volumes stand before the first pod comes.

use foldhash::HashMap;
use seaworthy_fleet::{Fleet, Resolution, Why};
use seaworthy_object::{Field, Object, Version};

use super::filter::{LABELS, Words};
use super::limits::Limits;
use super::pool::Pool;
use super::{ClaimId, Held, OfDriver, Spot, State, Volumes};
use crate::storage::class::is_whole_cluster;
use crate::storage::provisioner::{in_tree, is_installed, names_csi_driver};
use crate::storage::topology::{Topology, parts};
use crate::storage::{Binding, Bindings, Doubt, Obstacle, Origin, PersistentVolume, Verdict};

impl<'a> Volumes<'a> {
    /// The claims and volumes of a fleet, after the volume controller has looked at them and before any pod runs.
    #[must_use]
    pub fn of(fleet: &Fleet<'a>, bindings: &Bindings<'a>, version: Version) -> Self {
        let mut volumes = Self {
            volumes: bindings.volumes().to_vec(),
            spots: bindings.volumes().iter().map(spot).collect(),
            limits: Limits::of(fleet, version),
            words: Words::of(version),
            ..Self::default()
        };
        for (binding, id) in bindings.all().iter().zip(0..) {
            volumes.hold(binding, id, state(fleet, bindings, binding));
        }
        volumes.pool = pool(&volumes);
        volumes.absent = absent(fleet, &volumes.by_name);
        volumes
    }

    fn hold(&mut self, binding: &Binding<'a>, id: ClaimId, state: State<'a>) {
        let claim = binding.claim.clone();
        let object = binding.supply.object();
        match claim.origin {
            Origin::Object(_) => {}
            Origin::Template { set, .. } => {
                let template = claim.field.at("metadata.name").map_or("", |it| it.text());
                self.made.entry((std::ptr::from_ref(set).addr(), template)).or_default().push(id);
            }
            Origin::Ephemeral { pod, volume } => {
                let name = volume.get("name").map_or("", |it| it.text());
                self.made.entry((std::ptr::from_ref(pod.object()).addr(), name)).or_default().push(id);
            }
        }
        // Of a name that only the cluster knows the end of there are many.
        if !claim.name.contains('*') {
            self.by_name.insert((claim.namespace, claim.name.clone()), id);
        }
        self.claims.push(Held {
            class: binding.supply.name().unwrap_or(""),
            topology: object.map_or_else(Topology::default, Topology::of_class),
            object,
            claim,
            state,
            users: Vec::new(),
        });
    }
}

/// How a claim stands once the volume controller has looked at it.
fn state<'a>(fleet: &Fleet<'a>, bindings: &Bindings<'a>, binding: &Binding<'a>) -> State<'a> {
    let Binding { claim, supply, .. } = binding;
    let of_object = |path: &str| claim.field.at(path).filter(|_| matches!(claim.origin, Origin::Object(_)));
    if of_object("metadata.deletionTimestamp").is_some() {
        return State::Deleted;
    }
    if let Verdict::Pending(Obstacle::Lost { volume }) = binding.verdict {
        return State::Lost(volume);
    }
    let delayed = || {
        let annotations = of_object("metadata.annotations");
        State::Delayed(annotations.and_then(|it| it.get("volume.kubernetes.io/selected-node")).map(|it| it.text()))
    };
    match binding.verdict {
        Verdict::Bound(volume) => bindings.id(volume.name()).map_or(State::Immediate, State::Bound),
        Verdict::WaitsForPod { .. } => delayed(),
        Verdict::Provisioned { .. } => made_at_once(fleet, supply.object()),
        Verdict::Pending(_) if supply.waits() && claim.volume.is_none() => delayed(),
        Verdict::Pending(_) => State::Immediate,
        // The scheduler looks neither at selectors of claims without a volume nor at what fills them.
        Verdict::Unknown(Doubt::Selector | Doubt::Source { .. }) if supply.waits() => delayed(),
        Verdict::Unknown(doubt) => State::Doubtful(why(doubt)),
    }
}

/// Why nothing is known of a claim, without its names.
fn why(doubt: Doubt<'_>) -> &'static str {
    match doubt {
        Doubt::DefaultClass => "nobody said whether the cluster has a default class",
        Doubt::DefaultClasses => "several classes say that they are the default one",
        Doubt::Class { .. } => "the class of a claim of it is not in the given set",
        Doubt::Volumes(_) => "no volume of the given set fits a claim of it",
        Doubt::Volume { .. } => "the volume of a claim of it is not in the given set",
        Doubt::Size => "a claim of it asks for no size that can be read",
        Doubt::Selector => "a claim of it has a selector, which its provisioner may refuse",
        Doubt::Source { .. } => "what a claim of it is filled from is not in the given set",
    }
}

/// How a claim stands whose class makes volumes without waiting for a pod: the scheduler wants it bound. In a copy of a
/// whole cluster without the driver it never will be; of a set of manifests nobody knows.
fn made_at_once<'a>(fleet: &Fleet<'a>, class: Option<&'a Object<'a>>) -> State<'a> {
    let Some(class) = class else { return State::Made };
    let provisioner = super::provisioner(class);
    let driver = in_tree(provisioner).map_or(provisioner, |it| it.driver);
    if !names_csi_driver(driver) || !fleet.facts().lists("storage.k8s.io", "CSIDriver") || is_installed(fleet, driver) {
        State::Made
    } else if is_whole_cluster(fleet) {
        State::Immediate
    } else {
        State::Doubtful("nothing in the given set installs the driver of a claim of it")
    }
}

fn spot<'a>(volume: &PersistentVolume<'a>) -> Spot<'a> {
    let object = volume.object;
    let labels = object.labels();
    Spot {
        topology: Topology::of_volume(object),
        labels: LABELS.iter().filter_map(|(key, _)| Some((*key, parts(labels.get(key)?)?))).collect(),
        handle: of_driver(object),
    }
}

/// Volumes of plugins that moved to drivers: the key of the source, the field with the name of the disk, the plugin
/// (`csi-translation-lib`).
const MOVED: &[(&str, &str, &str)] = &[
    ("awsElasticBlockStore", "volumeID", "kubernetes.io/aws-ebs"),
    ("gcePersistentDisk", "pdName", "kubernetes.io/gce-pd"),
    ("azureDisk", "diskURI", "kubernetes.io/azure-disk"),
    ("cinder", "volumeID", "kubernetes.io/cinder"),
    ("portworxVolume", "volumeID", "kubernetes.io/portworx-volume"),
];

/// The driver that attaches a volume.
fn of_driver<'a>(volume: &'a Object<'a>) -> Option<OfDriver<'a>> {
    let spec = volume.at("spec")?;
    let text = |of: Field<'a>, key: &str| of.get(key).map(|it| it.text()).filter(|it| !it.is_empty());
    if let Some(csi) = spec.get("csi") {
        return Some(OfDriver { driver: text(csi, "driver")?, handle: text(csi, "volumeHandle")?, plugin: None });
    }
    MOVED.iter().find_map(|(source, name, plugin)| {
        let handle = text(spec.get(source)?, name)?;
        Some(OfDriver { driver: in_tree(plugin)?.driver, handle, plugin: Some(plugin) })
    })
}

/// The volumes that nobody has or is promised.
fn pool<'a>(volumes: &Volumes<'a>) -> Pool<'a> {
    let mut pool = Pool::default();
    let mut held = vec![false; volumes.volumes.len()];
    for claim in &volumes.claims {
        if let State::Bound(id) = claim.state
            && let Some(slot) = held.get_mut(id as usize)
        {
            *slot = true;
        }
    }
    for ((volume, id), held) in volumes.volumes.iter().zip(0..).zip(held) {
        if !held && volume.is_free() {
            pool.put(volume, id);
        }
    }
    pool
}

/// Where a claim that is not there may be.
fn may_be(why: Why) -> &'static str {
    match why {
        Why::Unread => "a claim of it may be in a document that cannot be read",
        Why::Templated => "the name of a claim of it is filled in later",
        Why::MadeLater => "a claim of it may be made by something that runs",
        Why::AddOn | Why::Platform => "a claim of it may come with the platform or an add-on",
        _ => "a claim of it is not in the given set",
    }
}

/// The claims that pods name and that are not there, and why they may exist all the same.
fn absent<'a>(
    fleet: &Fleet<'a>,
    by_name: &HashMap<(&'a str, String), ClaimId>,
) -> HashMap<(&'a str, &'a str), Option<&'static str>> {
    let mut absent = HashMap::default();
    for pod in fleet.pods() {
        for claim in pod.spec().volumes().filter_map(|it| it.claim_name()) {
            let (namespace, name) = (pod.namespace(), claim.text());
            if by_name.contains_key(&(namespace, name.to_owned())) || absent.contains_key(&(namespace, name)) {
                continue;
            }
            let why = match fleet.resolve("", "PersistentVolumeClaim", Some(namespace), name) {
                Resolution::Broken { .. } => None,
                Resolution::Unknown(why) => Some(may_be(why)),
                _ => Some(may_be(Why::NotGiven)),
            };
            absent.insert((namespace, name), why);
        }
    }
    absent
}
