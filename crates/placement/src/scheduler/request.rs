//! What pods request (`component-helpers/resource`, `PodRequests`).

use seaworthy_object::{Container, Field, Pod, Quantity, Role, Version};

use super::names::{Name, Names};

/// Pod-level resources count from here on (`PodLevelResources`).
const POD_LEVEL_SINCE: u8 = 34;

/// What a container that says nothing of it counts for in scores: thousandths of processors, bytes of memory.
pub(super) const SCORED: [i64; 2] = [100, 200 * 1024 * 1024];

/// Texts that are asked for again and again: the resources that every node has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) cpu: Name,
    pub(super) memory: Name,
    pub(super) storage: Name,
    pub(super) pods: Name,
    /// The empty text: a taint without a value, a port on all addresses.
    pub(super) empty: Name,
}

/// Amounts by resource, sorted, in thousandths.
#[derive(Debug, Clone, Default)]
struct Amounts(Vec<(Name, i128)>);

/// What a pod requests.
#[derive(Debug, Clone, Default)]
pub(super) struct Requests {
    /// Thousandths of processors, bytes of memory, bytes of ephemeral storage.
    pub(super) base: [i64; 3],
    /// Other resources that nodes count, sorted, in units; only what is above nothing.
    pub(super) extra: Vec<(Name, i64)>,
    /// Processors and memory, where every container counts for something: of a pod that runs.
    pub(super) scored: [i64; 2],
    /// The same of the pod that is to be placed: what it requests as a whole is not looked at
    /// (`resourceAllocationScorer.calculatePodResourceRequest`, which `NodeResourcesFit` leaves without
    /// `enablePodLevelResources`).
    pub(super) scored_alone: [i64; 2],
    /// True if an amount could not be read.
    pub(super) is_unread: bool,
}

impl Known {
    pub(super) fn new(names: &mut Names<'_>) -> Self {
        Self {
            cpu: names.of("cpu"),
            memory: names.of("memory"),
            storage: names.of("ephemeral-storage"),
            pods: names.of("pods"),
            empty: names.of(""),
        }
    }
}

impl Amounts {
    fn get(&self, resource: Name) -> Option<i128> {
        let at = self.0.binary_search_by_key(&resource, |it| it.0).ok()?;
        self.0.get(at).map(|it| it.1)
    }

    /// The place of a resource, which is made if there is none.
    fn slot(&mut self, resource: Name) -> Option<&mut (Name, i128)> {
        let at = self.0.binary_search_by_key(&resource, |it| it.0).unwrap_or_else(|at| {
            self.0.insert(at, (resource, 0));
            at
        });
        self.0.get_mut(at)
    }

    fn set(&mut self, resource: Name, amount: i128) {
        self.slot(resource).into_iter().for_each(|it| it.1 = amount);
    }

    fn add(&mut self, other: &Self) {
        for &(resource, amount) in &other.0 {
            self.slot(resource).into_iter().for_each(|it| it.1 = it.1.saturating_add(amount));
        }
    }

    fn raise(&mut self, other: &Self) {
        for &(resource, amount) in &other.0 {
            let is_new = self.get(resource).is_none();
            self.slot(resource).into_iter().for_each(|it| it.1 = if is_new { amount } else { it.1.max(amount) });
        }
    }
}

impl Requests {
    pub(super) fn of<'a>(
        pod: Pod<'a>,
        overhead: Option<Field<'a>>,
        defaults: &[(&'a str, Quantity)],
        version: Version,
        known: Known,
        names: &mut Names<'a>,
    ) -> Self {
        let mut requests = Self::default();
        let mut containers = Vec::new();
        for container in pod.containers().filter(|it| it.role() != Role::Ephemeral) {
            containers.push((container.role(), requests.of_container(container, defaults, names)));
        }
        let mut of_pod = Amounts::default();
        let spec = pod.spec();
        if version.minor() >= POD_LEVEL_SINCE
            && let Some(resources) = spec.at("resources")
        {
            of_pod = requests.of_pod(resources, &containers, names);
        }
        let overhead = spec.at("overhead").or(overhead).map(|it| requests.list(it, names)).unwrap_or_default();
        let whole = |containers: &[(Role, Amounts)], of_pod: &Amounts| {
            let mut sum = aggregate(containers);
            of_pod.0.iter().for_each(|it| sum.set(it.0, it.1));
            sum.add(&overhead);
            sum
        };
        let sum = whole(&containers, &of_pod);
        // Where the pod itself requests something, what a container lacks counts only if nobody requests it.
        let is_whole = !of_pod.0.is_empty();
        let mut running = containers.clone();
        fill_in(&mut running, known, &|resource| !is_whole || sum.get(resource).is_none());
        fill_in(&mut containers, known, &|_| true);
        let amount = |of: &Amounts, resource| of.get(resource).unwrap_or(0);
        let scored = |of: &Amounts| [narrow(amount(of, known.cpu)), units(amount(of, known.memory))];
        requests.scored = scored(&whole(&running, &of_pod));
        requests.scored_alone = scored(&whole(&containers, &Amounts::default()));
        requests.base =
            [narrow(amount(&sum, known.cpu)), units(amount(&sum, known.memory)), units(amount(&sum, known.storage))];
        let extra = sum.0.iter().filter(|it| is_counted(names.text(it.0))).map(|it| (it.0, units(it.1)));
        requests.extra = extra.filter(|it| it.1 > 0).collect();
        requests
    }

    /// What a container requests: a limit without a request is the request, and LimitRanges say the rest.
    fn of_container<'a>(
        &mut self,
        container: Container<'a>,
        defaults: &[(&'a str, Quantity)],
        names: &mut Names<'a>,
    ) -> Amounts {
        let mut amounts = container.at("resources.requests").map(|it| self.list(it, names)).unwrap_or_default();
        let limits = container.at("resources.limits").map(|it| self.list(it, names)).unwrap_or_default();
        for (resource, amount) in limits.0 {
            if amounts.get(resource).is_none() {
                amounts.set(resource, amount);
            }
        }
        for (resource, amount) in defaults {
            let resource = names.of(*resource);
            if amounts.get(resource).is_none() {
                amounts.set(resource, amount.milli_value());
            }
        }
        amounts
    }

    /// `spec.resources`: requests, and limits of what neither they nor a container requests.
    fn of_pod<'a>(&mut self, field: Field<'a>, containers: &[(Role, Amounts)], names: &mut Names<'a>) -> Amounts {
        let mut amounts = field.get("requests").map(|it| self.list(it, names)).unwrap_or_default();
        let limits = field.get("limits").map(|it| self.list(it, names)).unwrap_or_default();
        for (resource, amount) in limits.0 {
            if amounts.get(resource).is_none() && containers.iter().all(|it| it.1.get(resource).is_none()) {
                amounts.set(resource, amount);
            }
        }
        amounts.0.retain(|it| {
            let resource = names.text(it.0);
            resource == "cpu" || resource == "memory" || resource.starts_with("hugepages-")
        });
        amounts
    }

    fn list<'a>(&mut self, field: Field<'a>, names: &mut Names<'a>) -> Amounts {
        let mut amounts = Amounts::default();
        for (resource, amount) in field.entries() {
            match Quantity::of(amount) {
                Some(amount) => amounts.set(names.of(resource), amount.milli_value()),
                None => self.is_unread = true,
            }
        }
        amounts
    }

    /// True if nothing is requested.
    pub(super) fn is_nothing(&self) -> bool {
        self.base == [0; 3] && self.extra.is_empty()
    }
}

/// Lets containers that say nothing of a resource count for something (`getNonMissingContainerRequests`).
fn fill_in(containers: &mut [(Role, Amounts)], known: Known, counts: &dyn Fn(Name) -> bool) {
    let [cpu, memory] = SCORED.map(i128::from);
    for (resource, least) in [(known.cpu, cpu), (known.memory, memory * 1000)] {
        let lacking = containers.iter_mut().filter(|it| counts(resource) && it.1.get(resource).is_none());
        lacking.for_each(|it| it.1.set(resource, least));
    }
}

/// Containers run side by side; init containers one after the other before them, among the sidecars that run already.
fn aggregate(containers: &[(Role, Amounts)]) -> Amounts {
    let (mut sum, mut sidecars, mut peak) = (Amounts::default(), Amounts::default(), Amounts::default());
    for (role, amounts) in containers {
        match role {
            Role::Init => {
                let mut now = amounts.clone();
                now.add(&sidecars);
                peak.raise(&now);
            }
            Role::Sidecar => {
                sum.add(amounts);
                sidecars.add(amounts);
                peak.raise(&sidecars);
            }
            _ => sum.add(amounts),
        }
    }
    sum.raise(&peak);
    sum
}

/// The resources beside processors, memory and ephemeral storage that nodes count (`IsScalarResourceName`).
pub(super) fn is_counted(resource: &str) -> bool {
    resource.contains('/') || resource.starts_with("hugepages-") || resource.starts_with("attachable-volumes-")
}

/// Thousandths as whole units, rounded up.
fn units(thousandths: i128) -> i64 {
    let up = thousandths.signum() * i128::from(thousandths % 1000 != 0);
    narrow(thousandths / 1000 + up)
}

pub(super) fn narrow(amount: i128) -> i64 {
    i64::try_from(amount).unwrap_or(if amount < 0 { i64::MIN } else { i64::MAX })
}
