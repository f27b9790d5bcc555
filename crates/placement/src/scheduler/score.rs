//! Which candidate the scheduler takes.

use seaworthy_object::Selector;

use super::crowd::{NodeIdSet, NodeSet};
use super::needs::{Needs, all_asked};
use super::{Filtered, NodeId, PodToPlace, Scheduler};

/// By what pods without constraints are spread, and how far (`podtopologyspread`, `systemDefaultConstraints`).
const DEFAULT_SPREAD: [(&str, i64); 2] = [("kubernetes.io/hostname", 3), ("topology.kubernetes.io/zone", 5)];

impl<'a> Scheduler<'a> {
    /// The candidate that it takes. Where the scheduler throws dice, the first one in the order of nodes.
    pub fn choose(&mut self, pod: &PodToPlace<'a>, filtered: &Filtered) -> Option<NodeId> {
        let _ = pod;
        filtered.candidates.first().copied()
    }

    /// Pods without constraints are spread among those that the same Services and the same controller own.
    pub(super) fn add_default_spread(&mut self, needs: &mut Needs<'a>, selected_by: &[Selector<'a>]) {
        let asks = all_asked(selected_by, &mut self.names);
        if asks.is_empty() {
            return;
        }
        for (key, max_skew) in DEFAULT_SPREAD {
            let key = self.names.of(key);
            let mut set: NodeSet = vec![0; self.states.len().div_ceil(64)];
            (0..).map(NodeId).take(self.states.len()).for_each(|it| set.put(it));
            let spread = self.spread(needs.namespace, key, max_skew, Some(asks.clone()), set);
            needs.soft.push(spread);
        }
    }
}
