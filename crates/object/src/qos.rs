//! The quality of service class of a pod (`pkg/apis/core/v1/helper/qos`), and the reason in words.

use crate::container::{Container, Role};
use crate::field::Field;
use crate::pod::PodSpec;
use crate::quantity::Quantity;

/// The quality of service class of a pod, and why it has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qos {
    /// The class.
    pub class: QosClass,
    /// What keeps it from being Guaranteed; empty if it is.
    pub why: String,
}

/// `status.qosClass`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum QosClass {
    /// No container asks for anything: evicted first.
    BestEffort,
    /// Something is asked for, but not as much as a Guaranteed pod.
    Burstable,
    /// Every container's cpu and memory limit equals its request.
    Guaranteed,
}

impl std::fmt::Display for QosClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            QosClass::BestEffort => "BestEffort",
            QosClass::Burstable => "Burstable",
            QosClass::Guaranteed => "Guaranteed",
        })
    }
}

/// The resources that count.
const RESOURCES: [&str; 2] = ["cpu", "memory"];

pub(crate) fn qos(spec: PodSpec<'_>) -> Qos {
    match spec.at("resources") {
        Some(resources) => of_pod_level(spec, resources),
        None => of_containers(spec),
    }
}

impl Qos {
    fn of(asks: bool, limited: bool, reason: Option<String>, none: &str) -> Self {
        match reason {
            _ if !asks && !limited => Self { class: QosClass::BestEffort, why: none.to_owned() },
            None => Self { class: QosClass::Guaranteed, why: String::new() },
            Some(why) => Self { class: QosClass::Burstable, why },
        }
    }
}

/// Every container needs its limits; requests are held against them as sums over all containers.
fn of_containers(spec: PodSpec<'_>) -> Qos {
    let (mut requests, mut limits) = (RESOURCES.map(|_| Quantity::zero()), RESOURCES.map(|_| Quantity::zero()));
    let (mut given, mut all_limited) = (false, true);
    let mut reasons = Vec::new();
    for container in spec.containers().filter(|it| it.role() != Role::Ephemeral) {
        given |=
            ["requests", "limits"].iter().any(|list| container.at("resources").is_some_and(|it| has_entries(it, list)));
        for ((resource, asked), limited) in RESOURCES.iter().zip(&mut requests).zip(&mut limits) {
            let (request, limit) = (positive(container.request(resource)), positive(container.limit(resource)));
            all_limited &= limit.is_some();
            reasons.extend(reason(&format!("`{}`", container.name()), resource, request.as_ref(), limit.as_ref()));
            *asked = request.iter().fold(asked.clone(), |sum, it| sum.plus(it));
            *limited = limit.iter().fold(limited.clone(), |sum, it| sum.plus(it));
        }
    }
    let any = |sums: &[Quantity]| sums.iter().any(|sum| *sum > Quantity::zero());
    let reason = reasons.into_iter().next().filter(|_| !all_limited || requests != limits);
    let none = if given { "no request or limit of cpu or memory" } else { "no requests or limits at all" };
    Qos::of(any(&requests), any(&limits), reason, none)
}

/// Where a pod has resources as a whole, they alone count.
fn of_pod_level(spec: PodSpec<'_>, resources: Field<'_>) -> Qos {
    let limits_given = has_entries(resources, "limits");
    let (mut asks, mut limited) = (false, false);
    let mut reasons = Vec::new();
    for resource in RESOURCES {
        let limit = positive(spec.pod_level("limits", resource));
        let request = pod_request(spec, resource, limits_given);
        asks |= request.is_some();
        limited |= limit.is_some();
        reasons.extend(reason("the pod as a whole", resource, request.as_ref(), limit.as_ref()));
    }
    Qos::of(
        asks,
        limited,
        reasons.into_iter().next(),
        "the resources of the pod as a whole alone count, and they are empty",
    )
}

/// The request after the server's defaults (`defaultPodRequests`): with any limit of the pod as a whole, the sum of the
/// containers' requests, else the limit.
fn pod_request(spec: PodSpec<'_>, resource: &str, limits_given: bool) -> Option<Quantity> {
    let stated = spec.pod_level("requests", resource);
    if stated.is_some() || !limits_given {
        return positive(stated);
    }
    match effective_request(spec, resource) {
        Some(sum) => Some(sum).filter(|sum| *sum > Quantity::zero()),
        None => positive(spec.pod_level("limits", resource)),
    }
}

/// What all containers ask for at the worst moment (`AggregateContainerRequests`): those that keep running together, or
/// an init container beside the sidecars started before it. None if no container says anything.
fn effective_request(spec: PodSpec<'_>, resource: &str) -> Option<Quantity> {
    let request = |it: Container<'_>| it.request(resource).and_then(Quantity::of);
    let (mut running, mut highest, mut any) = (Quantity::zero(), Quantity::zero(), false);
    for container in spec.containers().filter(|it| it.role() != Role::Ephemeral) {
        let Some(request) = request(container) else { continue };
        any = true;
        let together = running.plus(&request);
        highest = highest.max(together.clone());
        if container.role() != Role::Init {
            running = together;
        }
    }
    any.then(|| highest.max(running))
}

/// Why a pod with these is not Guaranteed.
fn reason(who: &str, resource: &str, request: Option<&Quantity>, limit: Option<&Quantity>) -> Option<String> {
    match (request, limit) {
        (_, None) => Some(format!("{who} has no {resource} limit")),
        (None, Some(_)) => Some(format!("{who} asks for no {resource}")),
        (Some(request), Some(limit)) if request < limit => {
            Some(format!("{who} asks for less {resource} than its limit"))
        }
        (Some(request), Some(limit)) if request > limit => {
            Some(format!("{who} asks for more {resource} than its limit"))
        }
        _ => None,
    }
}

/// Zero does not count.
fn positive(field: Option<Field<'_>>) -> Option<Quantity> {
    field.and_then(Quantity::of).filter(|quantity| *quantity > Quantity::zero())
}

fn has_entries(resources: Field<'_>, list: &str) -> bool {
    resources.get(list).is_some_and(|list| list.node().entries().next().is_some())
}
