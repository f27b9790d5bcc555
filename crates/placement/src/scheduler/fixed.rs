//! What a pod asks of nodes that no other pod changes: the name, affinity, taints.

use seaworthy_object::Version;
use seaworthy_source::order;

use super::asked::{Ask, NodeTerm, meets};
use super::crowd::{NodeIdSet, NodeSet};
use super::names::{Name, Names};
use super::state::{Effect, NodeState, TaintKey};
use super::table::{Table, hash, next};
use super::{NodeId, Reason, TaintId, Toleration};

/// The name is looked at before `unschedulable` from here on.
const NAME_FIRST_SINCE: u8 = 37;

/// So many answers are kept; beyond that they are worked out anew. Four bytes each.
const MOST_ANSWERS: usize = 1 << 22;

/// What a pod asks of nodes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Fixed {
    /// `spec.nodeName`.
    pub(super) name: Option<Name>,
    /// `nodeSelector`.
    pub(super) selector: Vec<Ask>,
    /// Required node affinity, if there is any; nothing for an empty term.
    pub(super) terms: Option<Vec<Option<NodeTerm>>>,
    pub(super) tolerations: Tolerations,
}

/// Tolerations, compiled.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Tolerations {
    /// Sorted by key; those of all keys come first.
    all: Vec<Tolerated>,
}

/// The key, if it asks for one; the value, if it asks for one; the effect, if it asks for one.
type Tolerated = (Option<Name>, Option<Name>, Option<Effect>);

/// The nodes that a pod may be on, as far as its node affinity names them (`NodeAffinity.PreFilter`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Narrowed {
    No,
    To(Vec<Name>),
    /// The terms contradict themselves.
    Conflict,
}

/// Everything that pods ask, each thing once, with what the nodes say to it.
#[derive(Default)]
pub(super) struct FixedAll {
    all: Vec<Fixed>,
    of: Table,
    /// By number; those that are not kept are missing.
    answers: Vec<Option<Answers>>,
    kept: usize,
}

/// What nodes say.
pub(super) struct Answers {
    /// By node: 0 for yes, else the reason.
    codes: Vec<u32>,
    /// The nodes that selector and affinity match.
    pub(super) affinity: NodeSet,
    /// The nodes whose taints are tolerated.
    pub(super) tolerated: NodeSet,
    /// By node, how many taints that it would rather avoid; empty if there are none.
    pub(super) avoided: Vec<i64>,
}

const NODE_NAME: u32 = 1;
const UNSCHEDULABLE: u32 = 2;
const AFFINITY: u32 = 3;
const TAINT: u32 = 4;

impl Tolerations {
    pub(super) fn of<'a>(list: impl Iterator<Item = Toleration<'a>>, names: &mut Names<'a>) -> Self {
        let mut all = Vec::new();
        for it in list {
            let effect = match it.effect {
                "" => None,
                other => match Effect::of(other) {
                    Some(effect) => Some(effect),
                    None => continue,
                },
            };
            let value = match it.operator {
                "" | "Equal" => Some(names.of(it.value)),
                "Exists" => None,
                _ => continue,
            };
            all.push(((!it.key.is_empty()).then(|| names.of(it.key)), value, effect));
        }
        order::sort(&mut all);
        all.dedup();
        Self { all }
    }

    /// `TolerationsTolerateTaint`.
    pub(super) fn tolerate(&self, taint: &TaintKey) -> bool {
        let of_key = |key: Option<Name>| {
            let start = self.all.partition_point(|it| it.0 < key);
            let end = self.all.partition_point(|it| it.0 <= key);
            self.all.get(start..end).unwrap_or(&[])
        };
        let does = |it: &Tolerated| {
            it.1.is_none_or(|value| value == taint.value) && it.2.is_none_or(|effect| effect == taint.effect)
        };
        of_key(None).iter().any(does) || of_key(Some(taint.key)).iter().any(does)
    }
}

impl Fixed {
    fn matches(&self, node: &NodeState, names: &Names<'_>) -> bool {
        let matches =
            |terms: &Vec<Option<NodeTerm>>| terms.iter().flatten().any(|it| it.matches(&node.labels, node.name, names));
        meets(&self.selector, &node.labels, names) && self.terms.as_ref().is_none_or(matches)
    }

    /// The nodes that its affinity names.
    pub(super) fn narrowed(&self) -> Narrowed {
        let Some(terms) = self.terms.as_ref().filter(|it| !it.is_empty()) else { return Narrowed::No };
        let mut named = Vec::new();
        for term in terms {
            match term.as_ref().and_then(NodeTerm::only_node) {
                None => return Narrowed::No,
                Some(node) => named.extend(node),
            }
        }
        if named.is_empty() { Narrowed::Conflict } else { Narrowed::To(named) }
    }
}

impl FixedAll {
    /// The number of what is asked.
    pub(super) fn number(&mut self, fixed: Fixed) -> u32 {
        let key = hash(&fixed);
        if let Some(number) = self.of.find(key, &|at| self.all.get(at) == Some(&fixed)) {
            return number;
        }
        let number = next(&self.all);
        self.all.push(fixed);
        self.answers.push(None);
        self.of.put(key, number);
        number
    }

    pub(super) fn get(&self, number: u32) -> Option<&Fixed> {
        self.all.get(number as usize)
    }

    /// What the nodes say to it.
    pub(super) fn look(
        &mut self,
        number: u32,
        nodes: &[NodeState],
        taints: &[TaintKey],
        names: &Names<'_>,
        version: Version,
    ) -> Option<&Answers> {
        if self.known(number).is_none() {
            if self.kept + nodes.len() > MOST_ANSWERS {
                self.answers.fill_with(|| None);
                self.kept = 0;
            }
            let answers = self.all.get(number as usize)?.ask(nodes, taints, names, version);
            self.kept += nodes.len();
            *self.answers.get_mut(number as usize)? = Some(answers);
        }
        self.known(number)
    }

    /// What was looked up last.
    pub(super) fn known(&self, number: u32) -> Option<&Answers> {
        self.answers.get(number as usize)?.as_ref()
    }
}

impl Fixed {
    fn avoided(&self, nodes: &[NodeState], taints: &[TaintKey]) -> Vec<i64> {
        let is_avoided = |it: &TaintKey| it.effect == Effect::Prefer && !self.tolerations.tolerate(it);
        let avoided: Vec<bool> = taints.iter().map(is_avoided).collect();
        if !avoided.contains(&true) {
            return Vec::new();
        }
        let of =
            |node: &NodeState| node.taints.iter().map(|it| i64::from(avoided.get(it.0 as usize) == Some(&true))).sum();
        nodes.iter().map(of).collect()
    }

    fn ask(&self, nodes: &[NodeState], taints: &[TaintKey], names: &Names<'_>, version: Version) -> Answers {
        let tolerated: Vec<bool> =
            taints.iter().map(|it| it.effect == Effect::Prefer || self.tolerations.tolerate(it)).collect();
        let unschedulable =
            names.find("node.kubernetes.io/unschedulable").zip(names.find("")).is_some_and(|(key, value)| {
                self.tolerations.tolerate(&TaintKey { key, value, effect: Effect::NoSchedule })
            });
        let set = || vec![0; nodes.len().div_ceil(64)];
        let mut answers = Answers {
            codes: Vec::with_capacity(nodes.len()),
            affinity: set(),
            tolerated: set(),
            avoided: self.avoided(nodes, taints),
        };
        for (node, id) in nodes.iter().zip(0..) {
            let matches = self.matches(node, names);
            let bad = node.taints.iter().find(|it| !tolerated.get(it.0 as usize).is_some_and(|it| *it));
            if matches {
                answers.affinity.put(NodeId(id));
            }
            if bad.is_none() {
                answers.tolerated.put(NodeId(id));
            }
            let is_other = self.name.is_some_and(|it| it != node.name);
            let is_closed = node.is_unschedulable && !unschedulable;
            let name_first = version.minor() >= NAME_FIRST_SINCE;
            answers.codes.push(match (is_other, is_closed, bad) {
                (true, false, _) => NODE_NAME,
                (true, true, _) if name_first => NODE_NAME,
                (_, true, _) => UNSCHEDULABLE,
                (_, _, Some(taint)) => TAINT + taint.0,
                _ if !matches => AFFINITY,
                _ => 0,
            });
        }
        answers
    }
}

impl Answers {
    /// Why not on a node.
    pub(super) fn reason(&self, node: NodeId) -> Option<Reason> {
        match self.codes.get(node.0 as usize).copied().unwrap_or(0) {
            0 => None,
            NODE_NAME => Some(Reason::NodeName),
            UNSCHEDULABLE => Some(Reason::Unschedulable),
            AFFINITY => Some(Reason::Affinity),
            taint => Some(Reason::Taint(TaintId(taint - TAINT))),
        }
    }
}
