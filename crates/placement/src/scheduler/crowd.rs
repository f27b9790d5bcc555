//! Who runs where, by labels: what affinity, anti-affinity and topology spread count.
//!
//! Pods with the same namespace and labels are one class; what a term asks of pods is one matcher, whoever asks it. A
//! class is compared with a matcher once. From then on a pod that comes or goes moves the counts of the matchers that
//! its class meets.

use std::borrow::Cow;

use foldhash::HashMap;
use seaworthy_source::order;

use super::NodeId;
use super::asked::{Ask, meets};
use super::names::{Labels, Name, Names, value};
use super::table::{Table, hash, next};

/// In which namespaces pods are meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Whose {
    /// These by name.
    pub(super) names: Vec<Name>,
    /// And those whose labels meet this.
    pub(super) selector: Option<Vec<Ask>>,
}

/// Which pods a term means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Term {
    pub(super) whose: Whose,
    /// What it asks of their labels; without it none are meant.
    pub(super) selector: Option<Vec<Ask>>,
}

/// Why pods of a matcher are counted by the node of another pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Held {
    /// Pods with a required anti-affinity.
    Against,
    /// Pods with a preference, or a required affinity: a weight.
    Weight,
}

/// Pods with the same namespace and labels.
struct Class {
    namespace: Name,
    labels: Labels,
    /// The matchers that they meet.
    met: Vec<u32>,
    /// How many run on a node.
    places: HashMap<u32, i64>,
}

/// What one or more terms ask of a pod, all of them together.
struct Matcher {
    terms: Vec<Term>,
    counters: Vec<u32>,
    holders: Vec<u32>,
}

/// Counts by the value of a node label.
#[derive(Default, Clone)]
pub(super) struct Counts {
    pub(super) by_domain: HashMap<u32, i64>,
}

/// How many pods that meet a matcher run in each domain.
struct Counter {
    matcher: u32,
    key: Name,
    /// The nodes that count, if not all do.
    eligible: Option<u32>,
    counts: Counts,
}

/// How many pods, or which weight of pods, whose own term is this matcher run in each domain.
struct Holder {
    matcher: u32,
    key: Name,
    held: Held,
    counts: Counts,
}

/// A set of nodes, a bit for each.
pub(super) type NodeSet = Vec<u64>;

/// Who runs where.
#[derive(Default)]
pub(super) struct Crowd {
    classes: Vec<Class>,
    class_of: Table,
    classes_by_label: Table,
    matchers: Vec<Matcher>,
    matcher_of: Table,
    matchers_by_label: Table,
    /// The matchers that ask for no label with one value.
    loose: Vec<u32>,
    counters: Vec<Counter>,
    counter_of: Table,
    holders: Vec<Holder>,
    holder_of: Table,
    node_sets: Vec<NodeSet>,
    node_set_of: Table,
    /// The labels of the namespaces that are known.
    namespaces: Vec<(Name, Labels)>,
    namespace_of: Table,
}

impl Counts {
    fn add(&mut self, domain: Name, amount: i64) {
        let count = self.by_domain.entry(domain.0).or_insert(0);
        *count = count.saturating_add(amount);
        if *count == 0 {
            self.by_domain.remove(&domain.0);
        }
    }

    pub(super) fn get(&self, domain: Name) -> i64 {
        self.by_domain.get(&domain.0).copied().unwrap_or(0)
    }

    /// The smallest count among so many domains.
    pub(super) fn least(&self, domains: usize) -> i64 {
        let least = self.by_domain.values().copied().min().unwrap_or(0);
        if self.by_domain.len() < domains { least.min(0) } else { least }
    }
}

impl NodeIdSet for NodeSet {
    fn has(&self, node: NodeId) -> bool {
        self.get(node.0 as usize / 64).is_some_and(|bits| bits >> (node.0 % 64) & 1 == 1)
    }

    fn put(&mut self, node: NodeId) {
        self.get_mut(node.0 as usize / 64).into_iter().for_each(|bits| *bits |= 1 << (node.0 % 64));
    }
}

/// What a set of nodes answers.
pub(super) trait NodeIdSet {
    /// True if a node is in it.
    fn has(&self, node: NodeId) -> bool;
    /// Puts a node in.
    fn put(&mut self, node: NodeId);
}

impl Term {
    /// The label and value that every pod it means has, if it asks for one.
    fn label(&self) -> Option<(Name, Name)> {
        self.selector.iter().flatten().find_map(|ask| match ask {
            Ask::In(key, values) if values.len() == 1 => Some((*key, *values.first()?)),
            _ => None,
        })
    }
}

impl Crowd {
    pub(super) fn add_namespace(&mut self, name: Name, labels: Labels) {
        self.namespace_of.put(hash(name), next(&self.namespaces));
        self.namespaces.push((name, labels));
    }

    pub(super) fn knows(&self, namespace: Name) -> bool {
        self.labels_of_namespace(namespace).is_some()
    }

    fn labels_of_namespace(&self, namespace: Name) -> Option<&[(Name, Name)]> {
        let named = |at: usize| self.namespaces.get(at).filter(|it| it.0 == namespace);
        let at = self.namespace_of.find(hash(namespace), &|at| named(at).is_some())?;
        named(at as usize).map(|it| &*it.1)
    }

    fn means(&self, term: &Term, namespace: Name, labels: &[(Name, Name)], names: &Names<'_>) -> bool {
        let of_namespace = || self.labels_of_namespace(namespace).unwrap_or(&[]);
        let is_there = term.whose.names.contains(&namespace)
            || term.whose.selector.as_ref().is_some_and(|it| meets(it, of_namespace(), names));
        is_there && term.selector.as_ref().is_some_and(|it| meets(it, labels, names))
    }

    /// The class of a pod.
    pub(super) fn class(&mut self, namespace: Name, labels: &Labels, names: &Names<'_>) -> u32 {
        let key = hash((namespace, labels));
        let is_it =
            |at: usize| self.classes.get(at).is_some_and(|it| it.namespace == namespace && it.labels == *labels);
        if let Some(class) = self.class_of.find(key, &is_it) {
            return class;
        }
        let of_labels = labels.iter().flat_map(|it| self.matchers_by_label.under(hash(it)));
        let mut met: Vec<u32> = of_labels.chain(&self.loose).copied().collect();
        met.retain(|it| {
            let terms = self.matchers.get(*it as usize).map_or(&[][..], |it| &it.terms);
            terms.iter().all(|term| self.means(term, namespace, labels, names))
        });
        let class = next(&self.classes);
        for label in labels {
            self.classes_by_label.put(hash(label), class);
        }
        self.classes.push(Class { namespace, labels: labels.clone(), met, places: HashMap::default() });
        self.class_of.put(key, class);
        class
    }

    /// Labels of the pods of a class.
    pub(super) fn labels(&self, class: u32) -> &[(Name, Name)] {
        self.classes.get(class as usize).map_or(&[], |it| &it.labels)
    }

    /// True if pods of a class meet a matcher.
    pub(super) fn is_met(&self, class: u32, matcher: u32) -> bool {
        self.classes.get(class as usize).is_some_and(|it| it.met.contains(&matcher))
    }

    /// The matcher of terms, all of which a pod must meet.
    pub(super) fn matcher(&mut self, terms: Vec<Term>, names: &Names<'_>) -> u32 {
        let key = hash(&terms);
        let is_it = |at: usize| self.matchers.get(at).is_some_and(|it| it.terms == terms);
        if let Some(matcher) = self.matcher_of.find(key, &is_it) {
            return matcher;
        }
        let matcher = next(&self.matchers);
        let label = terms.iter().find_map(Term::label);
        let candidates: Vec<u32> = match &label {
            Some(label) => self.classes_by_label.under(hash(label)).to_vec(),
            None => (0..next(&self.classes)).collect(),
        };
        for class in candidates {
            let Some(it) = self.classes.get(class as usize) else { continue };
            if terms.iter().all(|term| self.means(term, it.namespace, &it.labels, names))
                && let Some(it) = self.classes.get_mut(class as usize)
            {
                it.met.push(matcher);
            }
        }
        match label {
            Some(label) => self.matchers_by_label.put(hash(label), matcher),
            None => self.loose.push(matcher),
        }
        self.matcher_of.put(key, matcher);
        self.matchers.push(Matcher { terms, counters: Vec::new(), holders: Vec::new() });
        matcher
    }

    /// The number of a set of nodes.
    pub(super) fn node_set(&mut self, set: NodeSet) -> u32 {
        let key = hash(&set);
        if let Some(number) = self.node_set_of.find(key, &|at| self.node_sets.get(at) == Some(&set)) {
            return number;
        }
        let number = next(&self.node_sets);
        self.node_sets.push(set);
        self.node_set_of.put(key, number);
        number
    }

    /// The counter of a matcher's pods by a node label, on all nodes or on some. `labels_of` gives a node's labels.
    pub(super) fn counter<'s>(
        &mut self,
        matcher: u32,
        key: Name,
        eligible: Option<u32>,
        labels_of: &dyn Fn(NodeId) -> &'s [(Name, Name)],
    ) -> u32 {
        let of = (matcher, key, eligible);
        let is_it = |at: usize| self.counters.get(at).is_some_and(|it| (it.matcher, it.key, it.eligible) == of);
        if let Some(counter) = self.counter_of.find(hash(of), &is_it) {
            return counter;
        }
        let number = next(&self.counters);
        let mut counter = Counter { matcher, key, eligible, counts: Counts::default() };
        for class in self.classes.iter().filter(|it| it.met.contains(&matcher)) {
            // The order does not matter to a sum.
            #[expect(clippy::iter_over_hash_type, reason = "sums do not depend on the order")]
            for (&node, &count) in &class.places {
                counter.add(NodeId(node), labels_of(NodeId(node)), count, &self.node_sets);
            }
        }
        self.counters.push(counter);
        self.counter_of.put(hash(of), number);
        self.matchers.get_mut(matcher as usize).into_iter().for_each(|it| it.counters.push(number));
        number
    }

    /// The holder of pods whose own term is a matcher.
    pub(super) fn holder(&mut self, matcher: u32, key: Name, held: Held) -> u32 {
        let of = (matcher, key, held);
        let is_it = |at: usize| self.holders.get(at).is_some_and(|it| (it.matcher, it.key, it.held) == of);
        if let Some(holder) = self.holder_of.find(hash(of), &is_it) {
            return holder;
        }
        let number = next(&self.holders);
        self.holders.push(Holder { matcher, key, held, counts: Counts::default() });
        self.holder_of.put(hash(of), number);
        self.matchers.get_mut(matcher as usize).into_iter().for_each(|it| it.holders.push(number));
        number
    }

    /// Pods of a class come to a node, or leave it.
    pub(super) fn count(&mut self, class: u32, node: NodeId, labels: &[(Name, Name)], amount: i64) {
        let Some(class) = self.classes.get_mut(class as usize) else { return };
        let place = class.places.entry(node.0).or_insert(0);
        *place = place.saturating_add(amount);
        if *place == 0 {
            class.places.remove(&node.0);
        }
        for &matcher in &class.met {
            let counters = self.matchers.get(matcher as usize).map_or(&[][..], |it| &it.counters);
            for &counter in counters {
                if let Some(counter) = self.counters.get_mut(counter as usize) {
                    counter.add(node, labels, amount, &self.node_sets);
                }
            }
        }
    }

    /// A pod that holds a term comes to a node, or leaves it.
    pub(super) fn hold(&mut self, holder: u32, labels: &[(Name, Name)], amount: i64) {
        if let Some(it) = self.holders.get_mut(holder as usize)
            && let Some(domain) = value(labels, it.key)
        {
            it.counts.add(domain, amount);
        }
    }

    /// What a counter has counted, and by which label.
    pub(super) fn counted(&self, counter: u32) -> Option<(Name, &Counts)> {
        self.counters.get(counter as usize).map(|it| (it.key, &it.counts))
    }

    /// What pods that run hold for or against pods of a class: by which label, how many or how much, and its weight.
    pub(super) fn held(&self, class: u32, held: Held) -> Vec<(Name, &Counts, i64)> {
        let met = self.classes.get(class as usize).map_or(&[][..], |it| &it.met);
        let holders = met.iter().filter_map(|it| self.matchers.get(*it as usize)).flat_map(|it| &it.holders);
        let holders = holders.filter_map(|it| self.holders.get(*it as usize));
        let holders = holders.filter(|it| it.held == held && !it.counts.by_domain.is_empty());
        holders.map(|it| (it.key, &it.counts, 1)).collect()
    }
}

/// So many counts are looked at one by one; more are added up first, so that a node is not held against each of them.
const FEW: usize = 8;

/// Counts by label, with their weights; one for each label where there are many.
pub(super) fn added_up<'s>(mut all: Vec<(Name, &'s Counts, i64)>) -> Vec<(Name, Cow<'s, Counts>, i64)> {
    if all.len() <= FEW {
        return all.into_iter().map(|(key, counts, weight)| (key, Cow::Borrowed(counts), weight)).collect();
    }
    order::sort_by_key(&mut all, |it| it.0);
    let mut sums: Vec<(Name, Cow<'s, Counts>, i64)> = Vec::new();
    for (key, counts, weight) in all {
        if sums.last().is_none_or(|it| it.0 != key) {
            sums.push((key, Cow::Owned(Counts::default()), 1));
        }
        let Some((_, sum, _)) = sums.last_mut() else { continue };
        let sum = sum.to_mut();
        #[expect(clippy::iter_over_hash_type, reason = "sums do not depend on the order")]
        for (domain, count) in &counts.by_domain {
            sum.add(Name(*domain), count.saturating_mul(weight));
        }
    }
    sums
}

impl Counter {
    fn add(&mut self, node: NodeId, labels: &[(Name, Name)], amount: i64, sets: &[NodeSet]) {
        let set = self.eligible.and_then(|it| sets.get(it as usize));
        if set.is_none_or(|it| it.has(node))
            && let Some(domain) = value(labels, self.key)
        {
            self.counts.add(domain, amount);
        }
    }
}
