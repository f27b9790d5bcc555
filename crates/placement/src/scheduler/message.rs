//! What the scheduler says of a pod that has no node, word for word (`FitError.Error`).

use seaworthy_source::order;

use super::{By, Filtered, PodToPlace, Preemption, Reason, Scheduler, Whole};

impl<'a> Scheduler<'a> {
    /// What the scheduler says of a pod that has no candidates, word for word.
    pub fn message(&mut self, pod: &PodToPlace<'a>, filtered: &Filtered) -> String {
        let said = match &filtered.whole {
            Some(Whole::Gated) => return "Scheduling is blocked due to non-empty scheduling gates".to_owned(),
            Some(Whole::Failed(text) | Whole::NotQueued(text)) => return text.clone(),
            Some(Whole::NoNodes) => return "no nodes available to schedule pods".to_owned(),
            Some(Whole::Said { text, .. }) => format!("{}: {text}.", self.none_of(self.states.len())),
            None => {
                let left_out = std::iter::repeat_n(Reason::Narrowed, filtered.left_out);
                let reasons = filtered.rejected.iter().map(|it| it.1).chain(left_out);
                self.count_reasons(self.states.len(), reasons, &[])
            }
        };
        let version = self.version.minor();
        // The plugin of devices has not seen a pod that was refused before it, and says so instead of all others.
        let is_unseen = matches!(filtered.whole, Some(Whole::Said { is_resolvable: false, by: By::Others, .. }));
        if version >= DEVICES_SINCE && is_unseen {
            return format!("{said} not found");
        }
        let has_claims = self.needs.get(pod.needs.0 as usize).is_some_and(|it| it.claims_devices);
        let first = match version {
            DEVICES_SINCE..POTENTIAL_SINCE if has_claims && filtered.whole.is_none() => "still not schedulable, ",
            DEVICES_SINCE..POTENTIAL_SINCE => "no new claims to deallocate, ",
            _ => "",
        };
        match self.preempt(pod, filtered) {
            Preemption::Unhelpful(why) => format!("{said} {first}preemption: {why}"),
            Preemption::Victims(node, victims) if version >= POTENTIAL_SINCE => {
                let node = self.nodes.get(node.0 as usize).map_or("", |it| &it.name);
                let count = victims.len();
                format!(
                    "{said} preemption: found a potential placement for pod on node {node}, preempting {count} victims"
                )
            }
            Preemption::Victims(..) => said,
        }
    }

    fn none_of(&self, nodes: usize) -> String {
        format!("0/{nodes} nodes are available")
    }

    /// Reasons with how many nodes have each, sorted as texts; and other texts with how many nodes they are said of.
    pub(super) fn count_reasons(
        &self,
        nodes: usize,
        reasons: impl Iterator<Item = Reason>,
        others: &[(usize, &'static str)],
    ) -> String {
        let mut reasons: Vec<Reason> = reasons.collect();
        order::sort(&mut reasons);
        let mut counts: Vec<(String, usize)> = Vec::new();
        for same in reasons.chunk_by(|left, right| left == right) {
            let words = same.first().map(|it| self.words(*it)).unwrap_or_default();
            match counts.iter_mut().find(|it| it.0 == words) {
                Some(count) => count.1 += same.len(),
                None => counts.push((words.into_owned(), same.len())),
            }
        }
        counts.extend(others.iter().filter(|it| it.0 > 0).map(|(count, words)| ((*words).to_owned(), *count)));
        let counts = counts.into_iter().filter(|it| !it.0.is_empty());
        let mut counts: Vec<String> = counts.map(|(words, count)| format!("{count} {words}")).collect();
        order::sort(&mut counts);
        let said = self.none_of(nodes);
        if counts.is_empty() { format!("{said}:") } else { format!("{said}: {}.", counts.join(", ")) }
    }
}

/// The plugin of devices stands before preemption from here on, and has a word to say until the next of these.
const DEVICES_SINCE: u8 = 34;
/// A preemption that helps is spoken of from here on.
const POTENTIAL_SINCE: u8 = 37;
