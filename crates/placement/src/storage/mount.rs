//! What the scheduler asks of volumes: the plugins VolumeRestrictions, NodeVolumeLimits, VolumeBinding and VolumeZone.
//!
//! The volume controller has been there before: what [`Bindings`] says of a claim is so when the first pod comes. From
//! then on each pod that gets a node takes the volumes of its claims that wait for it.

mod disks;
mod filter;
mod limits;
mod pool;
mod space;
mod start;

use std::cell::RefCell;

use foldhash::HashMap;
use seaworthy_object::{Object, Pod};
use seaworthy_source::order;

pub use filter::VolumeReason;

use self::disks::Disk;
use self::limits::{Attached, Limits};
use self::pool::Pool;
use super::shelf::VolumeId;
use super::topology::Topology;
use super::{Claim, Origin, PersistentVolume};
use crate::scheduler::{Node, NodeId, PodId};

/// The number of a claim: its place in [`super::Bindings::all`].
type ClaimId = u32;

/// Claims, volumes and classes of a cluster, and which pods use which.
#[derive(Clone, Default)]
pub struct Volumes<'a> {
    claims: Vec<Held<'a>>,
    by_name: HashMap<(&'a str, String), ClaimId>,
    /// The claims that controllers make for the pods of an object from one entry of its list.
    made: HashMap<(usize, &'a str), Vec<ClaimId>>,
    /// Claims that pods name and that are not there: why they may exist all the same, if so.
    absent: HashMap<(&'a str, &'a str), Option<&'static str>>,
    volumes: Vec<PersistentVolume<'a>>,
    spots: Vec<Spot<'a>>,
    /// What the scheduler may bind, by class and topology.
    pool: Pool<'a>,
    limits: Limits<'a>,
    words: filter::Words,
    /// By the number of the node.
    on_node: Vec<OnNode<'a>>,
    /// Where a pod runs, and the claims it uses; by the number of the pod.
    runs: Vec<Option<(NodeId, Vec<ClaimId>)>>,
    /// Room for what is chosen on a node, which is asked for each of them.
    scratch: RefCell<Vec<(ClaimId, Option<VolumeId>)>>,
}

/// What pods use on a node.
#[derive(Clone, Default)]
struct OnNode<'a> {
    /// Its zone, if a volume is made there.
    zone: Option<String>,
    disks: Vec<(PodId, Disk)>,
    attached: Vec<(PodId, Attached<'a>)>,
}

/// Where a volume may be used and how it is attached.
#[derive(Clone)]
struct Spot<'a> {
    topology: Topology<'a>,
    /// The zones and regions of its labels (VolumeZone).
    labels: Vec<(&'static str, Vec<&'a str>)>,
    /// How it is attached.
    handle: Option<OfDriver<'a>>,
}

/// A volume as a driver knows it.
#[derive(Clone, Copy)]
struct OfDriver<'a> {
    driver: &'a str,
    handle: &'a str,
    /// The plugin of Kubernetes whose work the driver does, where the node says so.
    plugin: Option<&'static str>,
}

/// A claim and how it stands.
#[derive(Clone)]
struct Held<'a> {
    claim: Claim<'a>,
    /// The class it has in the end; empty for none.
    class: &'a str,
    object: Option<&'a Object<'a>>,
    /// Where the class makes volumes.
    topology: Topology<'a>,
    state: State<'a>,
    /// The pods that use it.
    users: Vec<PodId>,
}

/// How a claim stands when the scheduler looks at it.
#[derive(Clone, PartialEq)]
enum State<'a> {
    /// Bound to a volume.
    Bound(VolumeId),
    /// Bound to a volume that its class makes at once.
    Made,
    /// A volume is made for it where its first pod runs.
    MadeOn(NodeId),
    /// Not bound, though its class waits for nobody, or though it names a volume.
    Immediate,
    /// Its class waits for its pod. The scheduler may have chosen the node already.
    Delayed(Option<&'a str>),
    /// The volume it was bound to is gone.
    Lost(&'a str),
    /// It is being deleted.
    Deleted,
    /// Nobody knows.
    Doubtful(&'static str),
}

/// A pod, as far as its volumes go.
#[derive(Debug, Clone, Copy)]
pub struct VolumePod<'s, 'a> {
    /// The object that makes it.
    pub pod: Pod<'a>,
    /// The name of the pod itself.
    pub name: &'s str,
    /// The ordinal of a StatefulSet's pod.
    pub ordinal: Option<i64>,
}

/// The volumes of one pod, looked up once.
#[derive(Clone, Default)]
pub struct PodVolumes {
    /// Its claims, and whether each is made for an ephemeral volume.
    claims: Vec<(ClaimId, bool)>,
    /// Those that wait for it, the smallest first.
    delayed: Vec<ClaimId>,
    /// Claims like those it would have: of what a StatefulSet makes only so many are looked at.
    alike: Vec<ClaimId>,
    /// Those that one pod alone may use.
    once: Vec<ClaimId>,
    disks: Vec<Disk>,
    doubt: Option<&'static str>,
    /// False if a node can matter.
    is_anywhere: bool,
}

/// What became of a claim while pods were placed.
#[derive(Debug, Clone, Copy)]
pub enum Fate<'a> {
    /// Bound to this volume.
    Bound(&'a Object<'a>),
    /// A volume is made for it where this node is.
    MadeOn(NodeId),
    /// Nothing since the volume controller looked at it.
    Untouched,
}

/// A volume of a pod that is a claim.
struct Mount<'a> {
    /// The claim, if it is there.
    claim: Option<ClaimId>,
    name: String,
    is_ephemeral: bool,
    /// The object's list it is made from, if it is made.
    made: Option<(usize, &'a str)>,
}

impl PodVolumes {
    /// Why nobody can say whether the pod runs: a claim of which nothing is known.
    #[must_use]
    pub fn doubt(&self) -> Option<&'static str> {
        self.doubt
    }

    /// True if every node will do, as far as volumes go: [`Volumes::filter`] has no reason to give.
    #[must_use]
    pub fn is_anywhere(&self) -> bool {
        self.is_anywhere
    }
}

impl<'a> Volumes<'a> {
    /// The volumes of a pod, or what keeps it from all nodes, in the scheduler's words and whether no eviction helps
    /// (`UnschedulableAndUnresolvable`).
    ///
    /// # Errors
    /// What the first of the volume plugins that fails says (`PreFilter`).
    pub fn pre_filter(&self, pod: VolumePod<'_, 'a>) -> Result<PodVolumes, (String, bool)> {
        let mounts = self.mounts(pod);
        let missing = |it: &&Mount<'_>| it.claim.is_none() && it.made.is_none() && self.is_absent(pod, &it.name);
        if let Some(it) = mounts.iter().find(missing) {
            return Err((format!("persistentvolumeclaim \"{}\" not found", it.name), true));
        }
        let states = || mounts.iter().filter_map(|it| Some((it, self.claims.get(it.claim? as usize)?)));
        for (mount, held) in states() {
            let name = &mount.name;
            let foreign = mount.is_ephemeral && !is_owned(&held.claim, pod);
            let why = match held.state {
                State::Lost(volume) => {
                    format!("persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume \"{volume}\"")
                }
                State::Deleted => format!("persistentvolumeclaim \"{name}\" is being deleted"),
                _ if foreign => {
                    let of = pod.pod.namespace();
                    format!("PVC {of}/{name} was not created for pod {of}/{} (pod is not owner)", pod.name)
                }
                _ => continue,
            };
            return Err((why, true));
        }
        if states().any(|(_, held)| held.state == State::Immediate) {
            return Err(("pod has unbound immediate PersistentVolumeClaims".to_owned(), true));
        }
        Ok(self.found(pod, &mounts))
    }

    /// The volumes of a pod that runs already, whatever the scheduler would say of them.
    #[must_use]
    pub fn volumes_of(&self, pod: VolumePod<'_, 'a>) -> PodVolumes {
        self.found(pod, &self.mounts(pod))
    }

    /// A pod runs on a node: its delayed claims take their volumes, and what it uses is used there.
    pub fn assume(&mut self, volumes: &PodVolumes, node: &Node<'_>, id: NodeId, pod: PodId) {
        let mut chosen = Vec::new();
        self.bind(volumes, (id, node), &mut chosen);
        for (claim, volume) in chosen {
            let Some(held) = self.claims.get_mut(claim as usize) else { continue };
            match volume {
                Some(volume) => {
                    held.state = State::Bound(volume);
                    if let Some(of) = self.volumes.get(volume as usize) {
                        self.pool.take(of, volume);
                    }
                }
                None if provisions(held.object) => {
                    held.state = State::MadeOn(id);
                    if let Some(on_node) = slot(&mut self.on_node, id.0) {
                        on_node.zone = node.zone().map(str::to_owned);
                    }
                }
                None => {}
            }
        }
        let attached: Vec<Attached<'a>> = self.attached(volumes, node);
        for (claim, _) in &volumes.claims {
            if let Some(held) = self.claims.get_mut(*claim as usize) {
                held.users.push(pod);
            }
        }
        let uses = volumes.claims.iter().map(|it| it.0).collect();
        if let Some(runs) = slot(&mut self.runs, pod.0) {
            *runs = Some((id, uses));
        }
        if attached.is_empty() && volumes.disks.is_empty() {
            return;
        }
        if let Some(on_node) = slot(&mut self.on_node, id.0) {
            on_node.attached.extend(attached.into_iter().map(|it| (pod, it)));
            on_node.disks.extend(volumes.disks.iter().map(|it| (pod, it.clone())));
        }
    }

    /// A pod is gone; its claims stay bound.
    pub fn forget(&mut self, pod: PodId) {
        let Some((node, claims)) = self.runs.get_mut(pod.0 as usize).and_then(Option::take) else { return };
        for claim in claims {
            if let Some(held) = self.claims.get_mut(claim as usize) {
                held.users.retain(|it| *it != pod);
            }
        }
        if let Some(on_node) = self.on_node.get_mut(node.0 as usize) {
            on_node.disks.retain(|it| it.0 != pod);
            on_node.attached.retain(|it| it.0 != pod);
        }
    }

    /// All pods are gone; their claims stay bound.
    pub(crate) fn forget_all(&mut self) {
        self.runs.clear();
        self.claims.iter_mut().for_each(|it| it.users.clear());
        for on_node in &mut self.on_node {
            on_node.disks.clear();
            on_node.attached.clear();
        }
    }

    /// What became of a claim, by its place in [`super::Bindings::all`], since pods were placed.
    #[must_use]
    pub fn fate(&self, claim: usize) -> Fate<'a> {
        match self.claims.get(claim).map(|it| &it.state) {
            Some(State::Bound(volume)) => match self.volumes.get(*volume as usize) {
                Some(volume) => Fate::Bound(volume.object),
                None => Fate::Untouched,
            },
            Some(State::MadeOn(node)) => Fate::MadeOn(*node),
            _ => Fate::Untouched,
        }
    }

    /// The claims of a pod, in the order of its volumes: those of a StatefulSet's templates first.
    fn mounts(&self, pod: VolumePod<'_, 'a>) -> Vec<Mount<'a>> {
        let object = pod.pod.object();
        let list = std::ptr::from_ref(object).addr();
        let mut mounts = Vec::new();
        let mut templates = Vec::new();
        if object.is("apps", "StatefulSet") {
            for template in object.field().items_at("spec.volumeClaimTemplates") {
                let Some(name) = template.at("metadata.name") else { continue };
                templates.push(name.text());
                let claim = format!("{}-{}", name.text(), pod.name);
                mounts.push(self.mount(pod, claim, false, Some((list, name.text()))));
            }
        }
        for volume in pod.pod.spec().volumes().filter(|it| !templates.contains(&it.name())) {
            if let Some(claim) = volume.claim_name() {
                mounts.push(self.mount(pod, claim.text().to_owned(), false, None));
            } else if volume.field().get("ephemeral").is_some() {
                let claim = format!("{}-{}", pod.name, volume.name());
                mounts.push(self.mount(pod, claim, true, Some((list, volume.name()))));
            }
        }
        mounts
    }

    /// A claim by its name, else the next of those that are made for pods of which nobody knows the names.
    fn mount(
        &self,
        pod: VolumePod<'_, 'a>,
        name: String,
        is_ephemeral: bool,
        made: Option<(usize, &'a str)>,
    ) -> Mount<'a> {
        let named = self.by_name.get(&(pod.pod.namespace(), name.clone())).copied();
        let made = made.filter(|_| named.is_none());
        let is_free = |it: &&ClaimId| self.claims.get(**it as usize).is_some_and(|it| it.users.is_empty());
        let next = || self.made.get(&made?)?.iter().find(is_free).copied().filter(|_| pod.ordinal.is_none());
        Mount { claim: named.or_else(next), name, is_ephemeral, made }
    }

    fn is_absent(&self, pod: VolumePod<'_, 'a>, name: &str) -> bool {
        matches!(self.absent.get(&(pod.pod.namespace(), name)), Some(None))
    }

    fn found(&self, pod: VolumePod<'_, 'a>, mounts: &[Mount<'a>]) -> PodVolumes {
        let mut found = PodVolumes { disks: disks::of(pod.pod), ..PodVolumes::default() };
        // What runs where it says itself passes the scheduler by, so that its claims go on waiting.
        let is_scheduled = pod.pod.spec().field().get("nodeName").is_none();
        for mount in mounts {
            let Some(id) = mount.claim else {
                match self.like(mount) {
                    Some(like) => found.alike.push(like),
                    None => found.doubt = Some(self.doubt_of(pod, mount)),
                }
                continue;
            };
            let Some(held) = self.claims.get(id as usize) else { continue };
            found.claims.push((id, mount.is_ephemeral));
            if held.claim.access.are_for_one_pod() && !mount.is_ephemeral {
                found.once.push(id);
            }
            match held.state {
                State::Delayed(_) if is_scheduled && !found.delayed.contains(&id) => found.delayed.push(id),
                State::Doubtful(why) => found.doubt = Some(why),
                _ => {}
            }
        }
        let size = |id: &ClaimId| self.claims.get(*id as usize).map(|it| it.claim.size().nanos());
        order::sort_by_key(&mut found.delayed, size);
        found.is_anywhere = found.disks.is_empty()
            && found.once.is_empty()
            && !self.limits.count()
            && found.claims.iter().all(|(id, _)| self.goes_anywhere(*id))
            && found.alike.iter().filter_map(|id| self.claims.get(*id as usize)).all(|it| self.made_anywhere(it));
        found
    }

    /// A claim like one that is not looked at, if a class goes on making volumes for both.
    fn like(&self, mount: &Mount<'a>) -> Option<ClaimId> {
        let like = *self.made.get(&mount.made?)?.last()?;
        self.claims.get(like as usize).filter(|it| it.object.is_some() && provisions(it.object)).map(|_| like)
    }

    /// Why nothing is known of a claim that is not there.
    fn doubt_of(&self, pod: VolumePod<'_, 'a>, mount: &Mount<'a>) -> &'static str {
        if mount.made.is_some() {
            return "it has more pods than claims are looked at";
        }
        let why = self.absent.get(&(pod.pod.namespace(), mount.name.as_str())).copied().flatten();
        why.unwrap_or("a claim of it is not in the given set")
    }

    /// True if the class of a claim makes volumes wherever the pod runs.
    fn made_anywhere(&self, held: &Held<'a>) -> bool {
        provisions(held.object)
            && held.topology.is_anywhere()
            && !self.pool.has(held.class)
            && !self.limits.tracks_capacity(held.object)
    }

    /// True if no node matters to a claim.
    fn goes_anywhere(&self, id: ClaimId) -> bool {
        let Some(held) = self.claims.get(id as usize) else { return true };
        match &held.state {
            State::Bound(volume) => {
                let spot = self.spots.get(*volume as usize);
                spot.is_some_and(|it| it.topology.is_anywhere() && it.labels.is_empty())
            }
            State::Made => held.topology.is_anywhere(),
            State::Delayed(None) => self.made_anywhere(held),
            State::Doubtful(_) => true,
            _ => false,
        }
    }
}

/// The place of a number in a list that grows with it.
fn slot<T: Clone + Default>(list: &mut Vec<T>, number: u32) -> Option<&mut T> {
    let at = number as usize;
    if list.len() <= at {
        list.resize(at + 1, T::default());
    }
    list.get_mut(at)
}

/// True if pods of an object have volumes: their own, or those that a StatefulSet gives them.
pub(crate) fn has_volumes(pod: Pod<'_>) -> bool {
    let object = pod.object();
    let templates = || object.field().items_at("spec.volumeClaimTemplates").next().is_some();
    pod.spec().volumes().next().is_some() || (object.is("apps", "StatefulSet") && templates())
}

/// True if a class that the scheduler looks at makes volumes (`checkVolumeProvisions`). One that the platform brings
/// does.
fn provisions(class: Option<&Object<'_>>) -> bool {
    class.is_none_or(|it| !matches!(provisioner(it), "" | super::NO_PROVISIONER))
}

fn provisioner<'a>(class: &'a Object<'_>) -> &'a str {
    class.root().get("provisioner").map_or("", |it| it.text())
}

/// True if a claim was made for a pod (`ephemeral.VolumeIsForPod`).
fn is_owned(claim: &Claim<'_>, pod: VolumePod<'_, '_>) -> bool {
    if let Origin::Ephemeral { .. } = claim.origin {
        return true;
    }
    claim.field.items_at("metadata.ownerReferences").any(|it| {
        it.get("controller").is_some_and(|it| it.is_true())
            && it.str_at("kind") == Some("Pod")
            && it.get("name").is_some_and(|it| it.text() == pod.name)
    })
}
