//! Which devices of a node meet what claims ask for (`structured`, `Allocate`): the first that do, in the order of
//! claims, requests, choices and devices.

use std::cell::RefCell;

use seaworthy_object::{Field, Version};

use super::announced::{Announced, Device, DeviceId};
use super::asked::{Asked, Choice, Constraint, text};
use super::selector::{Selectors, Why};

/// A device that a claim would get.
#[derive(Clone, Copy)]
pub(super) struct Pick {
    /// The place of the claim among those that are asked for.
    pub(super) claim: usize,
    pub(super) request: usize,
    pub(super) choice: usize,
    pub(super) device: DeviceId,
    /// True if others may have it, too.
    pub(super) admin: bool,
}

/// Why there is no answer.
pub(super) enum Stop {
    /// Nobody knows.
    Unsure(&'static str),
    /// The scheduler gives up on all nodes, and says this.
    Failed(String),
}

/// A claim gets so many devices at most (`AllocationResultsMaxSize`).
const MOST_DEVICES: usize = 32;

/// So many requests, claims and devices of one pod are looked at, each of which is one call deeper, and so often a
/// device is tried: the real scheduler stops after ten seconds.
pub(super) const MOST_REQUESTS: usize = 256;
const MOST_PICKS: usize = 512;
const MOST_STEPS: u64 = 100_000;

pub(super) const TOO_MANY: &str = "it asks for more devices than are looked at";
pub(super) const TOO_MUCH: &str = "there are more ways to give it devices than are looked at";

/// Where a selector fails, the device is named from here on.
const NAMED_SINCE: u8 = 37;

/// Taints of devices count from here on (`DRADeviceTaints`).
const TAINTS_SINCE: u8 = 36;

/// A search on one node.
pub(super) struct Search<'s, 'a> {
    pub(super) announced: &'s Announced<'a>,
    pub(super) selectors: &'s RefCell<Selectors<'a>>,
    pub(super) on_node: &'s [DeviceId],
    /// How many claims have each device.
    pub(super) used: &'s [u32],
    pub(super) version: Version,
    /// What is asked for, and the claims' names with their namespaces.
    pub(super) claims: &'s [(&'s Asked<'a>, &'s str)],
    pub(super) picks: Vec<Pick>,
    /// How often a device was looked at.
    pub(super) steps: u64,
    /// True if a device would do of which nobody knows whether it is free.
    pub(super) is_odd: bool,
}

/// A request and one of its choices.
#[derive(Clone, Copy)]
struct At<'s, 'a> {
    claim: usize,
    request: usize,
    choice: usize,
    asked: &'s Choice<'a>,
    /// The devices it chooses from, and whether it must have all of them.
    devices: &'s [DeviceId],
    all: bool,
}

impl<'s, 'a> Search<'s, 'a> {
    /// True if all claims get their devices, which are [`Self::picks`] then.
    pub(super) fn run(&mut self) -> Result<bool, Stop> {
        let requests: usize = self.claims.iter().map(|it| it.0.requests.len()).sum();
        if requests > MOST_REQUESTS {
            return Err(Stop::Unsure(TOO_MANY));
        }
        let is_met = self.request(0, 0)?;
        if !is_met && self.is_odd {
            return Err(Stop::Unsure("nobody knows whether a device that it may have is free"));
        }
        Ok(is_met)
    }

    /// The next request, and then all that follow.
    fn request(&mut self, mut claim: usize, mut request: usize) -> Result<bool, Stop> {
        let claims = self.claims;
        let of = loop {
            let Some((asked, _)) = claims.get(claim) else { return Ok(true) };
            match asked.requests.get(request) {
                Some(of) => break of,
                None => (claim, request) = (claim + 1, 0),
            }
        };
        let had = self.picks.iter().filter(|it| it.claim == claim).count();
        for (asked, choice) in of.choices.iter().zip(0..) {
            let at = At { claim, request, choice, asked, devices: self.on_node, all: false };
            let is_met = match asked.count {
                Some(count) if count > MOST_DEVICES - had => false,
                Some(count) => self.devices(at, count, 0)?,
                None => {
                    let devices = self.all_of(at)?;
                    let fits = !devices.is_empty() && had + devices.len() <= MOST_DEVICES;
                    fits && self.devices(At { devices: &devices, all: true, ..at }, devices.len(), 0)?
                }
            };
            if is_met {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// All devices of the node that are meant, free or not.
    fn all_of(&mut self, at: At<'_, 'a>) -> Result<Vec<DeviceId>, Stop> {
        let mut all = Vec::new();
        self.steps += self.on_node.len() as u64;
        for &id in self.on_node {
            if let Some(device) = self.announced.get(id)
                && self.is_meant(at, id, device)?
            {
                all.push(id);
            }
        }
        Ok(all)
    }

    /// So many more devices from this one on, and then all that follows.
    fn devices(&mut self, at: At<'_, 'a>, left: usize, from: usize) -> Result<bool, Stop> {
        if left == 0 {
            return self.request(at.claim, at.request + 1);
        }
        for (&device, next) in at.devices.iter().zip(1..).skip(from) {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return Err(Stop::Unsure(TOO_MUCH));
            }
            let At { claim, request, choice, .. } = at;
            if self.is_free(at, device)? {
                if self.picks.len() >= MOST_PICKS {
                    return Err(Stop::Unsure(TOO_MANY));
                }
                self.picks.push(Pick { claim, request, choice, device, admin: at.asked.admin });
                if self.devices(at, left - 1, next)? {
                    return Ok(true);
                }
                self.picks.pop();
            }
            if at.all {
                break;
            }
        }
        Ok(false)
    }

    /// True if a device is free for a request, is meant by it, and keeps the constraints.
    fn is_free(&mut self, at: At<'_, 'a>, id: DeviceId) -> Result<bool, Stop> {
        let is_picked = |it: &Pick| it.device == id && (!at.asked.admin || it.claim == at.claim);
        let is_used = !at.asked.admin && self.used.get(id as usize).is_some_and(|it| *it > 0);
        if is_used || self.picks.iter().any(is_picked) {
            return Ok(false);
        }
        let Some(device) = self.announced.get(id) else { return Ok(false) };
        if !self.is_meant(at, id, device)? || self.is_tainted(at.asked, device) {
            return Ok(false);
        }
        self.is_odd |= device.is_odd;
        let keeps = self.keeps_constraints(at, device);
        if let (false, true, Some((asked, claim))) = (keeps, at.all, self.claims.get(at.claim)) {
            let request = asked.requests.get(at.request).map_or("", |it| it.called(at.asked));
            let Device { driver, pool, name, .. } = device;
            return Err(Stop::Failed(format!(
                "claim {claim}, request {request}: cannot add device {driver}/{pool}/{name} because a claim constraint \
                 would not be satisfied"
            )));
        }
        Ok(keeps && !device.is_odd)
    }

    /// True if the selectors of class and request mean a device.
    fn is_meant(&self, at: At<'_, 'a>, id: DeviceId, device: &Device<'a>) -> Result<bool, Stop> {
        for &(is_of_class, place, selector) in &at.asked.selectors {
            match self.selectors.borrow_mut().ask(selector, (id, device), self.version) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(Why::TooMuch) => return Err(Stop::Unsure(TOO_MUCH)),
                Err(Why::Failed(why)) => {
                    let whose = match self.claims.get(at.claim) {
                        Some((_, claim)) if !is_of_class => format!("claim {claim}"),
                        _ => format!("class {}", at.asked.class),
                    };
                    let Device { driver, pool, name, .. } = device;
                    let on = format!(" on device {driver}/{pool}/{name}");
                    let is_named = self.version.minor() >= NAMED_SINCE && !why.starts_with("CEL compile");
                    let on = if is_named { on.as_str() } else { "" };
                    return Err(Stop::Failed(format!("{whose}: selector #{place}{on}: {why}")));
                }
            }
        }
        Ok(true)
    }

    /// True if a taint keeps a device from a request (`taintPreventsAllocation`).
    fn is_tainted(&self, asked: &Choice<'a>, device: &Device<'a>) -> bool {
        self.version.minor() >= TAINTS_SINCE
            && device.field.items_at("taints").any(|taint| {
                matches!(taint.str_at("effect"), Some("NoSchedule" | "NoExecute"))
                    && !asked.tolerations.iter().any(|it| tolerates(*it, taint))
            })
    }

    fn keeps_constraints(&self, at: At<'_, 'a>, device: &Device<'a>) -> bool {
        let Some((asked, _)) = self.claims.get(at.claim) else { return true };
        let names = |request: usize, choice: usize| {
            let request = asked.requests.get(request)?;
            Some((request.name, request.choices.get(choice).filter(|_| request.is_list).map_or("", |it| it.name)))
        };
        let means =
            |it: &Constraint<'a>, request, choice| names(request, choice).is_some_and(|of| it.means(of.0, of.1));
        asked.constraints.iter().filter(|it| means(it, at.request, at.choice)).all(|constraint| {
            let Some(value) = attribute(device, constraint.attribute) else { return false };
            let mut others =
                self.picks.iter().filter(|it| it.claim == at.claim && means(constraint, it.request, it.choice));
            others.all(|it| {
                let other = self.announced.get(it.device).and_then(|it| attribute(it, constraint.attribute));
                (other == Some(value)) != constraint.differ
            })
        })
    }
}

/// `ToleratesTaint`: an operator left out is `Equal`.
fn tolerates(toleration: Field<'_>, taint: Field<'_>) -> bool {
    let matches = |key: &str| {
        let asked = text(toleration, key);
        asked.is_empty() || asked == text(taint, key)
    };
    let by_value = match text(toleration, "operator") {
        "" | "Equal" => text(toleration, "value") == text(taint, "value"),
        "Exists" => true,
        _ => false,
    };
    matches("effect") && matches("key") && by_value
}

/// The type and the value of an attribute by its full name; a name without a domain is the driver's
/// (`lookupAttribute`).
fn attribute<'a>(device: &Device<'a>, name: &str) -> Option<(&'a str, &'a str)> {
    let attributes = device.field.get("attributes")?;
    let own = || name.split_once('/').filter(|it| it.0 == device.driver).and_then(|it| attributes.get(it.1));
    let (kind, value) = attributes.get(name).or_else(own)?.entries().next()?;
    matches!(kind, "string" | "int" | "bool" | "version").then(|| (kind, value.text()))
}
