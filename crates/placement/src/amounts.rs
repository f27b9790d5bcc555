//! What the containers of a pod ask for together, after the server's defaults and those of LimitRanges.

use seaworthy_fleet::Fleet;
use seaworthy_object::{Container, Field, Pod, Quantity, Role};

/// A list of amounts in `resources`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// `requests`.
    Requests,
    /// `limits`.
    Limits,
}

impl List {
    /// Its key.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            List::Requests => "requests",
            List::Limits => "limits",
        }
    }

    /// What a container says of a resource, or what a LimitRange of its namespace fills in.
    #[must_use]
    pub fn of_container<'a>(
        self,
        fleet: &Fleet<'a>,
        pod: Pod<'a>,
        container: Container<'a>,
        resource: &str,
    ) -> Option<Field<'a>> {
        match self {
            List::Requests => container.request(resource).or_else(|| fleet.default_request(pod.namespace(), resource)),
            List::Limits => container.limit(resource).or_else(|| fleet.default_limit(pod.namespace(), resource)),
        }
    }

    /// What all containers of a pod say at the worst moment: those that keep running together, or an init container
    /// beside the sidecars started before it (`PodRequests`, `PodLimits`). What the pod says as a whole counts instead.
    #[must_use]
    pub fn of_pod<'a>(self, fleet: &Fleet<'a>, pod: Pod<'a>, resource: &str) -> Quantity {
        if let Some(whole) = pod.spec().pod_level(self.as_str(), resource).and_then(Quantity::of) {
            return whole;
        }
        let (mut running, mut highest) = (Quantity::zero(), Quantity::zero());
        for container in pod.containers().filter(|it| it.role() != Role::Ephemeral) {
            let stated = self.of_container(fleet, pod, container, resource);
            let Some(amount) = stated.and_then(Quantity::of) else { continue };
            let together = running.plus(&amount);
            highest = highest.max(together.clone());
            if container.role() != Role::Init {
                running = together;
            }
        }
        let sum = highest.max(running);
        let overhead = pod.spec().at("overhead").and_then(|it| it.get(resource)).and_then(Quantity::of);
        overhead.filter(|_| self == List::Requests || !sum.is_zero()).map_or_else(|| sum.clone(), |it| sum.plus(&it))
    }
}
