//! How many pods a PodDisruptionBudget lets go, in words.

use foldhash::HashMap;
use seaworthy_fleet::Fleet;
use seaworthy_object::Pod;
use seaworthy_placement::{Allowed, Disruption, Undecided};
use seaworthy_source::{SourceId, Span};
use serde::Serialize;

use super::{ObjectName, key, short};

/// A PodDisruptionBudget and what it comes to while all pods are healthy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BudgetDescription {
    /// Its name.
    pub object: ObjectName,
    /// What it asks for: `minAvailable: 2`.
    pub asks: String,
    /// The workloads whose pods it selects.
    pub selects: Vec<String>,
    /// `status.expectedPods`; none where it cannot be told.
    pub expected_pods: Option<i64>,
    /// `status.desiredHealthy`.
    pub desired_healthy: Option<i64>,
    /// `status.disruptionsAllowed`.
    pub disruptions_allowed: Option<i64>,
    /// What a drain of a node does about these pods: `passes`, `waits` without end, or `unknown`.
    pub drain: &'static str,
    /// The same in words.
    pub message: String,
}

/// The budgets of a fleet, and which workload stands under which.
pub(super) struct Budgets<'a> {
    all: Vec<Disruption<'a>>,
    /// The budgets over a workload, by their place in `all`.
    over: HashMap<(SourceId, Span), Vec<usize>>,
}

impl<'a> Budgets<'a> {
    pub(super) fn of(fleet: &Fleet<'a>) -> Self {
        let all = Disruption::all(fleet);
        let mut over: HashMap<_, Vec<usize>> = HashMap::default();
        for (at, disruption) in all.iter().enumerate() {
            disruption.workloads.iter().for_each(|pod| over.entry(key(pod.object())).or_default().push(at));
        }
        Self { all, over }
    }

    /// The names of the budgets over the pods of a workload.
    pub(super) fn over(&self, pod: Pod<'a>) -> impl Iterator<Item = &'a str> {
        let over = self.over.get(&key(pod.object())).map_or(&[][..], Vec::as_slice);
        over.iter().filter_map(|&at| self.all.get(at)).map(|it| it.budget.name())
    }

    pub(super) fn describe(&self) -> Vec<BudgetDescription> {
        self.all.iter().map(|it| self.budget(it)).collect()
    }

    fn budget(&self, disruption: &Disruption<'a>) -> BudgetDescription {
        let allowed = disruption.outcome.as_ref().ok().filter(|_| !disruption.workloads.is_empty());
        let (drain, message) = self.drain(disruption);
        BudgetDescription {
            object: (&**disruption.budget.reference()).into(),
            asks: disruption.asked.map(|(key, it)| format!("{key}: {}", it.text())).unwrap_or_default(),
            selects: disruption.workloads.iter().map(|it| short(it.object())).collect(),
            expected_pods: allowed.map(|it| it.expected),
            desired_healthy: allowed.map(|it| it.desired),
            disruptions_allowed: allowed.map(|it| it.now),
            drain,
            message,
        }
    }

    fn drain(&self, disruption: &Disruption<'a>) -> (&'static str, String) {
        // The eviction subresource refuses pods under two budgets.
        for pod in &disruption.workloads {
            if let Some(other) = self.over(*pod).find(|it| *it != disruption.budget.name()) {
                let what = short(pod.object());
                return (
                    WAITS,
                    format!("{what} is under `{other}` too, and a pod under two budgets cannot be evicted"),
                );
            }
        }
        if disruption.workloads.is_empty() {
            return (UNKNOWN, "it selects no pod of the set".to_owned());
        }
        let (drain, message) = match disruption.outcome {
            Ok(Allowed { healthy: 0, .. }) => (PASSES, "there is no pod".to_owned()),
            Ok(Allowed { now: 0, healthy, .. }) => (WAITS, format!("none of {healthy} may go, however long it waits")),
            Ok(Allowed { now, healthy, .. }) => (PASSES, format!("{} of {healthy} may go at a time", now.min(healthy))),
            Err(Undecided::Unscaled(object)) => {
                (WAITS, format!("{} has no scale to take a share of, so that none may go", short(object)))
            }
            Err(Undecided::Uncounted(object)) => {
                (UNKNOWN, format!("nobody knows how many pods {} makes", short(object)))
            }
            Err(Undecided::Unreadable) => (UNKNOWN, "it asks for no number of pods".to_owned()),
        };
        if drain == WAITS && !disruption.blocks() {
            return (PASSES, format!("{message}; a drain leaves the pods of DaemonSets alone"));
        }
        (drain, message)
    }
}

const PASSES: &str = "passes";
const WAITS: &str = "waits";
const UNKNOWN: &str = "unknown";
