//! What a pod has for its containers together (`validatePodResources`).

use seaworthy_object::Quantity;
use seaworthy_source::order::filled;

use super::super::super::by_name::ByName;
use super::super::super::value::Value;
use super::super::pod::is_pod;
use super::{
    Found, HUGE_PAGES, Keys, against_limit, claims, huge_pages, is_of_pods, not_negative, quantity, resource_name,
};

/// Since here pods have resources (`PodLevelResources`); before, they are dropped.
const POD_LEVEL: u8 = 34;
/// Since here what is missing is filled in later, and of limits too (`PodLevelResourcesFixDefaulting`).
const DEFAULTED_LATER: u8 = 37;
/// What a pod may have, as servers list it.
const SUPPORTED: &[&str] = &["cpu", "hugepages-", "memory"];

/// Amounts by the names of their resources.
type Amounts<'r> = ByName<'r, Quantity>;

/// `validatePodResources`.
pub(in crate::validate) fn of_pod(spec: Value<'_>) {
    let Some(resources) = spec.given("resources").filter(|it| it.since(POD_LEVEL)) else { return };
    if spec.at("os.name").str() == "windows" {
        return resources.forbidden("may not be set for a windows pod");
    }
    let given = resources.get("claims");
    if given.is_present() {
        given.forbidden("claims may not be set for Resources at pod-level");
    }
    let of_containers = Sums { limits: sum(spec, "limits"), requests: sum(spec, "requests") };
    let pod = of_containers.given(spec, resources);
    pod.judge(resources);
    claims(given, spec);
    of_containers.fit(&pod, resources);
    for container in spec.items_of("containers") {
        for (name, limit) in container.at("resources.limits").entries() {
            let limit = quantity(limit);
            if let Some(most) = pod.limits.get(name).filter(|most| limit > **most) {
                let path = format!("{}.containers[{}][{name}].limits", resources.path(), container.index());
                resources
                    .named(path)
                    .invalid_text(&limit.to_string(), &format!("must be less than or equal to pod limits of {most}"));
            }
        }
    }
}

/// `validatePodResourceName`.
fn pod_name(resource: Value<'_>) {
    let before = resource.run().said();
    resource_name(resource);
    if resource.run().said() == before && !is_of_pods(resource.key()) {
        resource.not_supported_shown(&seaworthy_cel::quoted(resource.key()), SUPPORTED);
    }
}

/// What containers need at the same time (`AggregateContainerRequests`, `AggregateContainerLimits`): init containers
/// one after the other, beside those before them that go on.
fn sum<'r>(spec: Value<'r>, list: &'static str) -> Amounts<'r> {
    let (mut all, mut kept, mut most) = (Amounts::default(), Amounts::default(), Amounts::default());
    for amounts in spec.items_of("containers").map(|container| amounts(container, list)) {
        amounts.iter().for_each(|(name, amount)| drop(add(&mut all, name, amount)));
    }
    for container in spec.items_of("initContainers") {
        let goes_on = container.str_of("restartPolicy") == "Always";
        for (name, amount) in amounts(container, list).iter() {
            let now = if goes_on {
                add(&mut all, name, amount);
                add(&mut kept, name, amount)
            } else {
                kept.get(name).map_or_else(|| amount.clone(), |kept| amount.plus(kept))
            };
            greatest(&mut most, name, now);
        }
    }
    for (name, amount) in most.iter() {
        greatest(&mut all, name, amount.clone());
    }
    all
}

/// Of one container; in a pod, requests that it does not give are as its limits.
fn amounts<'r>(container: Value<'r>, list: &'static str) -> Amounts<'r> {
    let resources = container.get("resources");
    let limits = resources.entries_of("limits").filter(|_| list == "limits" || is_pod(container));
    filled(limits.chain(resources.entries_of(list)).map(|(name, amount)| (name, quantity(amount))))
}

/// Adds an amount; gives the sum.
fn add<'r>(sums: &mut Amounts<'r>, name: &'r str, more: &Quantity) -> Quantity {
    let sum = sums.get(name).map_or_else(|| more.clone(), |former| former.plus(more));
    sums.insert(name, sum.clone());
    sum
}

fn greatest<'r>(amounts: &mut Amounts<'r>, name: &'r str, amount: Quantity) {
    if amounts.get(name).is_none_or(|former| amount > *former) {
        amounts.insert(name, amount);
    }
}

/// Limits and requests, of containers together or of their pod.
struct Sums<'r> {
    limits: Amounts<'r>,
    requests: Amounts<'r>,
}

impl<'r> Sums<'r> {
    /// What a pod has, whose containers need this much: what it says, and in a pod, what the server makes of that
    /// (`defaultHugePagePodLimits`, `defaultPodRequests`, `defaultPodLevelLimits`).
    fn given(&self, spec: Value<'r>, resources: Value<'r>) -> Self {
        let of = |list| filled(resources.entries_of(list).map(|(name, it)| (name, quantity(it))));
        let (mut limits, mut requests): (Amounts<'_>, Amounts<'_>) = (of("limits"), of("requests"));
        if !is_pod(spec) || (limits.is_empty() && requests.is_empty()) {
            return Self { limits, requests };
        }
        for (name, limit) in self.limits.iter().filter(|(name, _)| name.starts_with(HUGE_PAGES)) {
            if requests.get(name).is_none() && limits.get(name).is_none() {
                limits.insert(name, limit.clone());
            }
        }
        if !limits.is_empty() || resources.since(DEFAULTED_LATER) {
            let shared = self.requests.iter().filter(|(name, _)| matches!(*name, "cpu" | "memory"));
            for (name, amount) in shared.chain(limits.iter().filter(|(name, _)| is_of_pods(name))) {
                if requests.get(name).is_none() {
                    requests.insert(name, amount.clone());
                }
            }
        }
        for (name, request) in requests.iter().filter(|(name, _)| name.starts_with(HUGE_PAGES)) {
            let limit = self.limits.get(name).filter(|_| limits.get(name).is_none() && all_limit(spec, name));
            if let Some(limit) = limit.filter(|_| resources.since(DEFAULTED_LATER)) {
                limits.insert(name, limit.max(request).clone());
            }
        }
        Self { limits, requests }
    }

    /// `validatePodResourceRequirements`.
    fn judge(&self, resources: Value<'_>) {
        let mut found = Found::default();
        for (list, amounts) in [("limits", &self.limits), ("requests", &self.requests)] {
            let list = resources.get(list);
            for amount in list.entries().map(|(_, amount)| amount) {
                found.judge(amount, pod_name);
            }
            // What the server fills in.
            let given = Keys::of(list);
            for (name, amount) in amounts.iter().filter(|(name, _)| given.get(name).is_none()) {
                found.take(name);
                not_negative(given.at(name), amount);
                huge_pages(given.at(name), name, amount);
            }
        }
        let (limits, requests) = (resources.get("limits"), resources.get("requests"));
        for (name, request) in self.requests.iter() {
            against_limit(name, request, self.limits.get(name).cloned(), requests, limits);
        }
        found.refuse_lone_huge_pages(resources);
    }

    /// `validatePodResourceConsistency`: containers need no more than their pod has.
    fn fit(&self, pod: &Self, resources: Value<'_>) {
        let (limits, requests) = (Keys::of(resources.get("limits")), Keys::of(resources.get("requests")));
        for (name, needed) in self.requests.iter() {
            if let Some(request) = pod.requests.get(name).filter(|request| needed > request) {
                let words = format!("must be greater than or equal to aggregate container requests of {needed}");
                requests.at(name).invalid_text(&request.to_string(), &words);
            }
        }
        for (name, needed) in self.limits.iter().filter(|(name, _)| name.starts_with(HUGE_PAGES)) {
            if let Some(limit) = pod.limits.get(name).filter(|limit| needed > limit) {
                let words = format!("must be greater than or equal to aggregate container limits of {needed}");
                limits.at(name).invalid_text(&limit.to_string(), &words);
            }
        }
    }
}

/// Whether every container has a limit of a resource.
fn all_limit(spec: Value<'_>, name: &str) -> bool {
    super::super::pod::containers_of(spec).all(|it| it.at("resources.limits").entry(name).is_some())
}
