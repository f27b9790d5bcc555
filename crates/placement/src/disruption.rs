//! How many pods a PodDisruptionBudget lets go (`pkg/controller/disruption`), while all of them are healthy.

use foldhash::HashMap;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Field, IntOrString, Object, Pod, Selector};
use seaworthy_source::{SourceId, Span};

use crate::expand::{Batch, Naming, batches};
use crate::question::Scale;

/// A budget and what it comes to.
#[derive(Debug, Clone)]
pub struct Disruption<'a> {
    /// The budget.
    pub budget: &'a Object<'a>,
    /// `minAvailable` or `maxUnavailable`; none if neither is stated.
    pub asked: Option<(&'static str, Field<'a>)>,
    /// The workloads whose pods it selects.
    pub workloads: Vec<Pod<'a>>,
    /// The arithmetic.
    pub outcome: Result<Allowed, Undecided<'a>>,
}

/// The status of a budget whose pods are all healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// `expectedPods`.
    pub expected: i64,
    /// `currentHealthy`: all pods there are.
    pub healthy: i64,
    /// `desiredHealthy`.
    pub desired: i64,
    /// `disruptionsAllowed`.
    pub now: i64,
}

/// Why a budget comes to nothing that could be said.
#[derive(Debug, Clone, Copy)]
pub enum Undecided<'a> {
    /// It asks for nothing, or for something that is no number and no percentage.
    Unreadable,
    /// A share of pods is asked for, and what makes these has no scale to count by: the controller gives up, and lets
    /// none go.
    Unscaled(&'a Object<'a>),
    /// Nobody knows how many pods this makes.
    Uncounted(&'a Object<'a>),
}

impl<'a> Disruption<'a> {
    /// All budgets of a fleet, in the order of their objects.
    #[must_use]
    pub fn all(fleet: &Fleet<'a>) -> Vec<Self> {
        let budgets: Vec<_> =
            fleet.of_kind("policy", "PodDisruptionBudget").filter(|it| fleet.is_last_definition(it)).collect();
        if budgets.is_empty() {
            return Vec::new();
        }
        let batches = batches(fleet, Scale::Declared);
        let counts: Counts<'_> = batches.iter().map(|it| (key(it.pod.object()), *it)).collect();
        let mut room = MOST_KEPT;
        let mut all: Vec<Self> = Vec::new();
        // Budgets that ask the same come to the same.
        let mut alike: HashMap<String, usize> = HashMap::default();
        for budget in budgets {
            let demand = Demand::of(budget);
            let first = alike.entry(demand.text()).or_insert(all.len());
            let mut it = match all.get(*first) {
                Some(first) => Self {
                    budget,
                    asked: demand.asked,
                    workloads: first.workloads.get(..room).unwrap_or(&first.workloads).to_vec(),
                    outcome: first.outcome,
                },
                None => Self::of(fleet, demand, &counts),
            };
            it.workloads.truncate(room);
            it.workloads.shrink_to_fit();
            room -= it.workloads.len();
            all.push(it);
        }
        all
    }

    fn of(fleet: &Fleet<'a>, demand: Demand<'a>, counts: &Counts<'a>) -> Self {
        let Demand { budget, asked, namespace, selector } = demand;
        let mut workloads = selector.map(|it| fleet.selected(namespace, &it).to_vec()).unwrap_or_default();
        workloads.retain(|pod| counts.contains_key(&key(pod.object())) || !has_owner(*pod));
        let outcome = count(fleet, asked, &workloads, counts);
        Self { budget, asked, workloads, outcome }
    }

    /// True if no pod may go, so that a drain waits for as long as it is run.
    #[must_use]
    pub fn blocks(&self) -> bool {
        let some = self.workloads.iter().any(|it| !it.object().is("apps", "DaemonSet"));
        some && match self.outcome {
            Ok(allowed) => allowed.now == 0 && allowed.healthy > 0,
            Err(Undecided::Unscaled(_)) => true,
            Err(_) => false,
        }
    }
}

/// So many workloads are kept of all budgets together: each could select them all.
const MOST_KEPT: usize = 1_000_000;

/// What a budget demands.
struct Demand<'a> {
    budget: &'a Object<'a>,
    asked: Option<(&'static str, Field<'a>)>,
    namespace: &'a str,
    selector: Option<Selector<'a>>,
}

impl<'a> Demand<'a> {
    fn of(budget: &'a Object<'a>) -> Self {
        let asked = ["maxUnavailable", "minAvailable"].into_iter().find_map(|key| {
            let field = budget.at("spec")?.get(key)?;
            Some((key, field))
        });
        let namespace = budget.namespace().unwrap_or("default");
        let selector = budget.at("spec.selector").map(Selector::from_label_selector);
        // Of `v1beta1`, an empty selector selects nothing (`PodDisruptionBudgetSpec.selector`).
        let selector = selector.filter(|it| !it.is_empty() || budget.version() != "v1beta1");
        Self { budget, asked, namespace, selector }
    }

    /// Two of the same text are answered alike.
    fn text(&self) -> String {
        let selector = self.selector.as_ref().map(Selector::requirements);
        let asked = self.asked.and_then(|(key, it)| Some((key, IntOrString::of(it)?)));
        format!("{:?}", (self.namespace, selector, asked))
    }
}

type Counts<'a> = HashMap<(SourceId, Span), Batch<'a>>;

fn key(object: &Object<'_>) -> (SourceId, Span) {
    (object.source(), object.root().span())
}

/// Pods and ReplicaSets that a controller made are among its own.
fn has_owner(pod: Pod<'_>) -> bool {
    pod.object().at("metadata.ownerReferences").is_some()
}

fn count<'a>(
    fleet: &Fleet<'a>,
    asked: Option<(&'static str, Field<'a>)>,
    workloads: &[Pod<'a>],
    counts: &Counts<'a>,
) -> Result<Allowed, Undecided<'a>> {
    let (key_of, amount) =
        asked.and_then(|(key, it)| Some((key, IntOrString::of(it)?))).ok_or(Undecided::Unreadable)?;
    let is_share = key_of == "maxUnavailable" || matches!(amount, IntOrString::String(_));
    let (mut healthy, mut scale) = (0i64, 0i64);
    for pod in workloads {
        let object = pod.object();
        let Some(batch) = counts.get(&key(object)).filter(|it| it.count > 0) else { continue };
        // A pod that nothing controls has no scale, and counts as healthy alone.
        let is_controlled = !pod.is_bare() || has_owner(*pod);
        if is_share && is_controlled && is_unscaled(object) {
            return Err(Undecided::Unscaled(object));
        }
        let pods = match batch.naming {
            Naming::Nodes => on_nodes(fleet, *pod).ok_or(Undecided::Uncounted(object))?,
            _ => i64::try_from(batch.count).unwrap_or(i64::MAX),
        };
        healthy = healthy.saturating_add(pods);
        scale = scale.saturating_add(if is_controlled { pods } else { 0 });
    }
    let expected = if is_share { scale } else { healthy };
    let number = amount.scaled(expected, true).ok_or(Undecided::Unreadable)?;
    let desired = if key_of == "maxUnavailable" { expected.saturating_sub(number).max(0) } else { number };
    let now = if expected <= 0 { 0 } else { healthy.saturating_sub(desired).max(0) };
    Ok(Allowed { expected, healthy, desired, now })
}

/// Kinds of Kubernetes that make pods and have no scale (`getScaleController`).
const UNSCALED: &[(&str, &str)] = &[("apps", "DaemonSet"), ("batch", "Job"), ("batch", "CronJob")];

/// True for one of these, and for a pod that one of these made.
fn is_unscaled<'a>(object: &'a Object<'a>) -> bool {
    let mut owners = object.field().items_at("metadata.ownerReferences").filter_map(|it| it.str_at("kind"));
    UNSCALED.iter().any(|(group, kind)| object.is(group, kind))
        || owners.any(|it| UNSCALED.iter().any(|(_, kind)| *kind == it))
}

/// The pods of a DaemonSet, where it is for all nodes and these are known.
fn on_nodes<'a>(fleet: &Fleet<'a>, pod: Pod<'a>) -> Option<i64> {
    let is_for_all = ["nodeSelector", "affinity.nodeAffinity"].iter().all(|it| pod.spec().at(it).is_none());
    fleet.facts().node_count().filter(|_| is_for_all).map(i64::from)
}
