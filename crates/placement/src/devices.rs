//! Claims on devices, and who has which (plugin DynamicResources).
//!
//! What drivers announce must be given, by ResourceSlices; without any, nobody knows what nodes have. Devices that are
//! shared or divided are not modelled: where one of them would do, nobody knows.

mod announced;
mod asked;
mod search;
mod selector;

use std::cell::{Cell, RefCell};

use foldhash::HashMap;
use seaworthy_fleet::{Fleet, Resolution};
use seaworthy_object::{Object, Pod, Version};

use self::announced::{Announced, DeviceId, Reach};
use self::asked::{Asked, text};
use self::search::{MOST_REQUESTS, Pick, Search, Stop, TOO_MANY, TOO_MUCH};
use self::selector::Selectors;
use crate::scheduler::{Node, NodeId, PodId};

const GROUP: &str = "resource.k8s.io";

/// Devices are claimed in every cluster from here on (`DynamicResourceAllocation`).
const SINCE: u8 = 34;

/// A pool that is wrong keeps its own nodes alone from here on, and fails the scheduler no more.
const POOLS_SINCE: u8 = 35;

/// A claim has so many pods at most (`ResourceClaimReservedForMaxSize`).
const MOST_USERS: usize = 256;

/// What the first choice of a request is worth in scores (`FirstAvailableDeviceRequestMaxSize`).
const FIRST_CHOICE: i64 = 8;

/// What all searches may take beyond the first steps of each: some seconds.
const MOST_SPENT: u64 = 20_000_000;
const SHORT: u64 = 1_000;

/// Numbers by three names.
type Named<'a> = HashMap<(&'a str, &'a str, &'a str), u32>;

type ClaimId = u32;
type AskedId = u32;

/// Devices and claims of a cluster.
#[derive(Default)]
pub(crate) struct Devices<'a> {
    version: Option<Version>,
    announced: Announced<'a>,
    selectors: RefCell<Selectors<'a>>,
    asked: Vec<Asked<'a>>,
    claims: Vec<Claim<'a>>,
    /// Claims, and what templates ask for, by kind, namespace and name.
    named: Named<'a>,
    /// Claims and templates that pods name and that are not there: 1 if they cannot be anywhere else.
    absent: Named<'a>,
    /// How many claims have each device.
    used: Vec<u32>,
    /// The claims of each pod that runs, by its number.
    runs: Vec<Vec<ClaimId>>,
    /// How often devices were looked at in long searches.
    spent: Cell<u64>,
    /// Why a search failed last.
    failure: RefCell<Option<String>>,
}

/// A claim.
struct Claim<'a> {
    asked: AskedId,
    held: Option<Held<'a>>,
    users: usize,
}

/// What a claim has.
#[derive(Clone)]
struct Held<'a> {
    /// Each with whether others may have it, too.
    devices: Vec<(DeviceId, bool)>,
    /// The nodes that its allocation names; without it those that reach all of its devices.
    on: Option<Reach<'a>>,
    score: i64,
}

/// The claims of a pod that waits.
#[derive(Clone, Default)]
pub(crate) struct PodDevices {
    /// Each with its namespace and name.
    claims: Vec<(Use, String)>,
    /// Why nobody knows whether it gets them.
    pub(crate) doubt: Option<&'static str>,
}

impl PodDevices {
    fn has(&self, claim: ClaimId) -> bool {
        self.claims.iter().any(|it| matches!(it.0, Use::There(id) if id == claim))
    }
}

/// A claim as a pod has it.
#[derive(Clone)]
enum Use {
    There(ClaimId),
    /// It is made of what a template asks for.
    New(AskedId),
}

/// What keeps a pod from all nodes.
pub(crate) enum Refusal {
    /// The scheduler does not take it up, and says nothing of it.
    NotQueued(String),
    /// In the scheduler's words.
    Said(String),
}

/// What a node says.
pub(crate) enum Answer {
    Fits,
    Unsure,
    /// Its devices do not suffice.
    Lacks,
    /// The same, and a pool of them names a device twice.
    WrongPools,
    /// A device that the pod has already is elsewhere.
    Elsewhere,
    /// The scheduler gives up: [`Devices::failure`] has what it says.
    Failed,
}

impl<'a> Devices<'a> {
    pub(crate) fn of(fleet: &Fleet<'a>, version: Version) -> Self {
        let mut devices = Self { version: Some(version), ..Self::default() };
        if fleet.pods().iter().all(|it| it.spec().at("resourceClaims").is_none()) {
            return devices;
        }
        devices.announced = Announced::of(fleet, version);
        devices.used = vec![0; devices.announced.devices.len()];
        let of_kind = |kind| fleet.of_kind(GROUP, kind).filter(|it| fleet.is_last_definition(it));
        for template in of_kind("ResourceClaimTemplate") {
            let asked = devices.ask(template, "spec.spec", fleet, version);
            devices.named.insert((TEMPLATE, template.namespace().unwrap_or("default"), template.name()), asked);
        }
        for object in of_kind("ResourceClaim") {
            let asked = devices.ask(object, "spec", fleet, version);
            devices.hold(object, asked, fleet);
        }
        devices.look_for_absent(fleet);
        devices
    }

    fn ask(&mut self, object: &'a Object<'a>, path: &str, fleet: &Fleet<'a>, version: Version) -> AskedId {
        let selectors = self.selectors.get_mut();
        let asked = object.at(path).map(|it| Asked::of(it, fleet, version, selectors)).unwrap_or_default();
        self.asked.push(asked);
        number(self.asked.len() - 1)
    }

    /// A claim of the set, with what its status says.
    fn hold(&mut self, object: &'a Object<'a>, asked: AskedId, fleet: &Fleet<'a>) {
        let allocation = object.at("status.allocation");
        let held = allocation.map(|allocation| {
            let mut held = Held { devices: Vec::new(), on: None, score: 0 };
            held.on = allocation.get("nodeSelector").map(Reach::selected);
            for result in allocation.items_at("devices.results") {
                let of = ["driver", "pool", "device"].map(|key| text(result, key));
                let device = self.announced.named(of);
                let is_shared = result.get("adminAccess").is_some_and(|it| it.is_true());
                held.devices.extend(device.map(|it| (it, is_shared)));
                held.score += self.score_of(asked, text(result, "request"));
            }
            held
        });
        if let Some(held) = &held {
            if is_of_absent_pod(object, fleet) {
                // Its pod may be one that is placed anew.
                held.devices.iter().for_each(|it| self.announced.doubt(it.0));
            } else {
                self.take(&held.devices);
            }
        }
        let users = object.field().items_at("status.reservedFor").count();
        self.claims.push(Claim { asked, held, users });
        let key = (CLAIM, object.namespace().unwrap_or("default"), object.name());
        self.named.insert(key, number(self.claims.len() - 1));
    }

    /// What a choice is worth that an allocation names as `request/choice`.
    fn score_of(&self, asked: AskedId, named: &str) -> i64 {
        let Some((request, choice)) = named.split_once('/') else { return 0 };
        let requests = self.asked.get(asked as usize).map_or(&[][..], |it| &it.requests);
        let request = requests.iter().find(|it| it.name == request);
        let at = request.and_then(|it| it.choices.iter().position(|it| it.name == choice));
        at.map_or(0, worth)
    }

    fn look_for_absent(&mut self, fleet: &Fleet<'a>) {
        for pod in fleet.pods() {
            for entry in pod.spec().field().items_at("resourceClaims") {
                for (key, kind) in [("resourceClaimName", CLAIM), ("resourceClaimTemplateName", TEMPLATE)] {
                    let Some(name) = entry.get(key).map(|it| it.text()) else { continue };
                    let of = (kind, pod.namespace(), name);
                    self.absent.entry(of).or_insert_with(|| {
                        let found = fleet.resolve(GROUP, kind, Some(of.1), name);
                        u32::from(matches!(found, Resolution::Broken { .. }))
                    });
                }
            }
        }
    }

    /// The claims of a pod, or what keeps it from all nodes.
    ///
    /// # Errors
    /// What the scheduler says before it looks at any node.
    pub(crate) fn pre_filter(&self, pod: Pod<'a>, name: &str) -> Result<PodDevices, Refusal> {
        let mut found = PodDevices::default();
        if self.version.is_none_or(|it| it.minor() < SINCE) {
            found.doubt = Some("its devices are allocated by their drivers");
            return Ok(found);
        }
        for (entry, at) in pod.spec().field().items_at("resourceClaims").zip(0..) {
            if at >= MOST_REQUESTS {
                found.doubt = Some(TOO_MANY);
                break;
            }
            let called = text(entry, "name");
            let named = entry.get("resourceClaimName").map(|it| it.text());
            let template = entry.get("resourceClaimTemplateName").map(|it| it.text());
            let of = pod.namespace();
            if let Some(claim) = named.or_else(|| made_claim(pod, called)) {
                match self.named.get(&(CLAIM, of, claim)) {
                    Some(id) if found.has(*id) => {}
                    Some(id) => found.claims.push((Use::There(*id), format!("{of}/{claim}"))),
                    None if self.absent.get(&(CLAIM, of, claim)) == Some(&1) => {
                        let why = format!("resourceclaim.resource.k8s.io \"{claim}\" not found");
                        return Err(Refusal::NotQueued(why));
                    }
                    None => found.doubt = Some("a claim of it on devices is not in the given set"),
                }
            } else if let Some(template) = template {
                match self.named.get(&(TEMPLATE, of, template)) {
                    Some(asked) => found.claims.push((Use::New(*asked), format!("{of}/{name}-{called}-*"))),
                    None if self.absent.get(&(TEMPLATE, of, template)) == Some(&1) => {
                        let why = format!("pod \"{of}/{name}\": ResourceClaim not created yet");
                        return Err(Refusal::NotQueued(why));
                    }
                    None => found.doubt = Some("the template of a claim of it on devices is not in the given set"),
                }
            }
        }
        self.look_before_nodes(&mut found)?;
        Ok(found)
    }

    /// What claims say before any node is looked at (`PreFilter`).
    fn look_before_nodes(&self, found: &mut PodDevices) -> Result<(), Refusal> {
        for (of, _) in &found.claims {
            if let Use::There(id) = of
                && let Some(claim) = self.claims.get(*id as usize)
                && claim.held.is_some()
            {
                if claim.users >= MOST_USERS {
                    return Err(Refusal::Said("resourceclaim in use".to_owned()));
                }
                continue;
            }
            let Some(asked) = self.asked_of(of) else { continue };
            if let Some(why) = &asked.refusal {
                return Err(Refusal::Said(why.clone()));
            }
            found.doubt = found.doubt.or(asked.doubt);
            if !self.announced.is_given {
                found.doubt = found.doubt.or(Some("nobody lists the devices of the nodes"));
            }
        }
        Ok(())
    }

    fn asked_of(&self, of: &Use) -> Option<&Asked<'a>> {
        let id = match of {
            Use::There(id) => self.claims.get(*id as usize)?.asked,
            Use::New(asked) => *asked,
        };
        self.asked.get(id as usize)
    }

    fn held(&self, of: &Use) -> Option<&Held<'a>> {
        match of {
            Use::There(id) => self.claims.get(*id as usize)?.held.as_ref(),
            Use::New(_) => None,
        }
    }

    /// Whether a node has what the claims of a pod ask for (`Filter`).
    pub(crate) fn filter(&self, devices: &PodDevices, node: (NodeId, &Node<'_>)) -> Answer {
        if devices.doubt.is_some() {
            return Answer::Unsure;
        }
        let is_here = |held: &Held<'a>| match &held.on {
            Some(on) => on.has(node.1),
            None => held.devices.iter().all(|it| self.announced.reaches(node.1, it.0)),
        };
        let are_here = devices.claims.iter().filter_map(|it| self.held(&it.0)).all(is_here);
        match self.search(devices, node) {
            Ok(None) => self.lacks(node.1),
            Ok(Some(_)) if !are_here => Answer::Elsewhere,
            Ok(Some(_)) => Answer::Fits,
            Err(Stop::Unsure(_)) => Answer::Unsure,
            Err(Stop::Failed(why)) => {
                *self.failure.borrow_mut() = Some(why);
                Answer::Failed
            }
        }
    }

    /// What a node says whose devices do not suffice: a pool that names one twice is spoken of.
    fn lacks(&self, node: &Node<'_>) -> Answer {
        let wrong = self.announced.broken_on(node).find_map(|it| Some((it.pool, it.twice?)));
        match wrong {
            None => Answer::Lacks,
            Some(_) if self.version.is_some_and(|it| it.minor() >= POOLS_SINCE) => Answer::WrongPools,
            Some((pool, name)) => {
                let why = format!("pool {pool} is invalid: duplicate device name {name}");
                *self.failure.borrow_mut() = Some(why);
                Answer::Failed
            }
        }
    }

    /// Why nobody knows whether a node has what a pod claims.
    pub(crate) fn doubt(&self, devices: &PodDevices, node: (NodeId, &Node<'_>)) -> Option<&'static str> {
        devices.doubt.or_else(|| match self.search(devices, node) {
            Err(Stop::Unsure(why)) => Some(why),
            _ => None,
        })
    }

    /// Why the scheduler gave up.
    pub(crate) fn failure(&self) -> Option<String> {
        self.failure.borrow_mut().take()
    }

    /// The devices that the claims would get which have none.
    fn search(&self, devices: &PodDevices, (id, node): (NodeId, &Node<'_>)) -> Result<Option<Vec<Pick>>, Stop> {
        let waiting: Vec<(&Asked<'a>, &str)> = (devices.claims.iter())
            .filter(|it| self.held(&it.0).is_none())
            .filter_map(|it| Some((self.asked_of(&it.0)?, it.1.as_str())))
            .collect();
        if waiting.is_empty() {
            return Ok(Some(Vec::new()));
        }
        self.look_at_pools(&waiting, node)?;
        if self.spent.get() > MOST_SPENT {
            return Err(Stop::Unsure(TOO_MUCH));
        }
        let on_node = self.announced.on_node(id, node);
        let mut search = Search {
            announced: &self.announced,
            selectors: &self.selectors,
            on_node: &on_node,
            used: &self.used,
            version: self.version.unwrap_or(Version::NEWEST),
            claims: &waiting,
            picks: Vec::new(),
            steps: on_node.len() as u64,
            is_odd: false,
        };
        let is_met = search.run();
        self.spent.set(self.spent.get() + search.steps.saturating_sub(SHORT));
        let picks = search.picks;
        Ok(is_met?.then_some(picks))
    }

    /// Who asks for all devices wants all pools whole (`validateDeviceRequest`).
    fn look_at_pools(&self, waiting: &[(&Asked<'a>, &str)], node: &Node<'_>) -> Result<(), Stop> {
        let mut requests = waiting.iter().flat_map(|(asked, claim)| asked.requests.iter().map(move |it| (it, claim)));
        let wants_all =
            requests.find_map(|(it, claim)| Some((it.called(it.choices.iter().find(|it| it.count.is_none())?), claim)));
        let Some((name, claim)) = wants_all else { return Ok(()) };
        let Some(broken) = self.announced.broken_on(node).next() else { return Ok(()) };
        let how = if broken.twice.is_some() { "invalid" } else { "being updated" };
        Err(Stop::Failed(format!(
            "claim {claim}, request {name}: asks for all devices, but resource pool {}/{} is currently {how}",
            broken.driver, broken.pool
        )))
    }

    /// What the choices are worth that a pod would get on a node (`computeScore`).
    pub(crate) fn score(&self, devices: &PodDevices, node: (NodeId, &Node<'_>)) -> i64 {
        let held: i64 = devices.claims.iter().filter_map(|it| self.held(&it.0)).map(|it| it.score).sum();
        let Ok(Some(picks)) = self.search(devices, node) else { return held };
        let waiting = devices.claims.iter().filter(|it| self.held(&it.0).is_none());
        let waiting: Vec<&Asked<'a>> = waiting.filter_map(|it| self.asked_of(&it.0)).collect();
        held.saturating_add(worth_of(&waiting, &picks))
    }

    /// A pod runs on a node: its claims have their devices, unless the scheduler never saw it.
    pub(crate) fn assume(&mut self, devices: &PodDevices, bypasses: bool, node: (NodeId, &Node<'_>), pod: PodId) {
        let picks = match self.search(devices, node) {
            Ok(Some(picks)) if !bypasses => picks,
            _ => Vec::new(),
        };
        let (mut of_pod, mut waiting) = (Vec::new(), 0);
        for (of, _) in &devices.claims {
            let is_held = self.held(of).is_some();
            let id = match of {
                Use::There(id) => *id,
                Use::New(asked) => {
                    self.claims.push(Claim { asked: *asked, held: None, users: 0 });
                    number(self.claims.len() - 1)
                }
            };
            if !is_held {
                let own = picks.iter().filter(|it| it.claim == waiting).map(|it| Pick { claim: 0, ..*it }).collect();
                waiting += 1;
                self.give(id, own);
            }
            self.claims.get_mut(id as usize).into_iter().for_each(|it| it.users += 1);
            of_pod.push(id);
        }
        let at = pod.0 as usize;
        if self.runs.len() <= at {
            self.runs.resize(at + 1, Vec::new());
        }
        if let Some(runs) = self.runs.get_mut(at) {
            *runs = of_pod;
        }
    }

    fn give(&mut self, id: ClaimId, picks: Vec<Pick>) {
        let Some(claim) = self.claims.get_mut(id as usize).filter(|_| !picks.is_empty()) else { return };
        let score = self.asked.get(claim.asked as usize).map_or(0, |it| worth_of(&[it], &picks));
        let devices: Vec<(DeviceId, bool)> = picks.iter().map(|it| (it.device, it.admin)).collect();
        claim.held = Some(Held { devices: devices.clone(), on: None, score });
        self.take(&devices);
    }

    fn take(&mut self, devices: &[(DeviceId, bool)]) {
        for (device, _) in devices.iter().filter(|it| !it.1) {
            self.used.get_mut(*device as usize).into_iter().for_each(|it| *it += 1);
        }
    }

    /// A pod is gone: what nobody has any more is free.
    pub(crate) fn forget(&mut self, pod: PodId) {
        let of_pod = self.runs.get_mut(pod.0 as usize).map(std::mem::take);
        for id in of_pod.unwrap_or_default() {
            let Some(claim) = self.claims.get_mut(id as usize) else { continue };
            claim.users = claim.users.saturating_sub(1);
            if claim.users > 0 {
                continue;
            }
            let devices = claim.held.take().into_iter().flat_map(|it| it.devices);
            for (device, _) in devices.filter(|it| !it.1) {
                self.used.get_mut(device as usize).into_iter().for_each(|it| *it = it.saturating_sub(1));
            }
        }
    }
}

const CLAIM: &str = "ResourceClaim";
const TEMPLATE: &str = "ResourceClaimTemplate";

/// True for a claim that was made for a pod which is not in the set.
fn is_of_absent_pod<'a>(claim: &'a Object<'a>, fleet: &Fleet<'a>) -> bool {
    let mut owners = claim.field().items_at("metadata.ownerReferences");
    let pod = owners.find(|it| it.str_at("kind") == Some("Pod")).and_then(|it| it.get("name"));
    pod.is_some_and(|it| fleet.object("", "Pod", claim.namespace(), it.text()).is_none())
}

/// The claim that was made for a pod from a template.
fn made_claim<'a>(pod: Pod<'a>, entry: &str) -> Option<&'a str> {
    let statuses = pod.object().field().items_at("status.resourceClaimStatuses");
    let own = statuses.into_iter().find(|it| it.get("name").is_some_and(|it| it.text() == entry))?;
    own.get("resourceClaimName").map(|it| it.text())
}

/// What the choices are worth that claims get: each list of them counts once, whatever it got.
fn worth_of(claims: &[&Asked<'_>], picks: &[Pick]) -> i64 {
    let mut seen: Vec<(usize, usize)> = Vec::new();
    let mut sum = 0;
    for pick in picks {
        let request = claims.get(pick.claim).and_then(|it| it.requests.get(pick.request));
        let of = (pick.claim, pick.request);
        if request.is_some_and(|it| it.is_list) && !seen.contains(&of) {
            seen.push(of);
            sum += worth(pick.choice);
        }
    }
    sum
}

fn worth(choice: usize) -> i64 {
    FIRST_CHOICE - i64::try_from(choice).unwrap_or(FIRST_CHOICE)
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
