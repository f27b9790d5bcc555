//! What pods of one template need, compiled once for all of its replicas.

use std::borrow::Cow;

use seaworthy_object::{Container, Field, Pod, Requirement, Role, Selector};

use super::asked::{Ask, NodeTerm, of_map, of_selector};
use super::crowd::{Held, NodeIdSet, NodeSet, Term, Whose};
use super::features;
use super::fixed::{Fixed, Tolerations};
use super::images::{self, Wanted};
use super::names::{Labels, Name, Names, normalize, value};
use super::request::Requests;
use super::{Admitted, NeedsId, NodeId, Scheduler, Toleration};

/// Sidecars' host ports count from here on (`util.GetHostPorts`).
const SIDECAR_PORTS_SINCE: u8 = 33;
/// `matchLabelKeys` of pod affinity counts from here on (`MatchLabelKeysInPodAffinity`).
const LABEL_KEYS_IN_AFFINITY_SINCE: u8 = 31;

/// A host port: protocol and number in one, and the address, empty for all.
pub(super) type HostPort = (u32, Name);

/// What pods of one template need.
pub(super) struct Needs<'a> {
    pub(super) pod: Pod<'a>,
    pub(super) namespace: Name,
    /// Of the template and what all its pods get.
    pub(super) labels: Labels,
    /// The class of a pod with no labels of its own.
    pub(super) class: u32,
    /// What it asks of nodes that no other pod changes.
    pub(super) fixed: u32,
    pub(super) requests: Requests,
    pub(super) ports: Vec<HostPort>,
    pub(super) spread: Vec<Spread>,
    pub(super) affinity: Option<Affinity>,
    /// Counters of the pods it keeps away from.
    pub(super) anti: Vec<u32>,
    /// What it holds for or against others while it runs: the holder and the weight.
    pub(super) holds: Vec<(u32, i64)>,
    pub(super) preferred_nodes: Vec<(i64, NodeTerm)>,
    /// Counters of the pods that it prefers to be near or, below nothing, far from.
    pub(super) preferred_pods: Vec<(u32, i64)>,
    /// Spread that counts in scores alone.
    pub(super) soft: Vec<Spread>,
    pub(super) images: Wanted,
    /// What it needs of the kubelet.
    pub(super) features: Vec<Name>,
    pub(super) priority: i32,
    pub(super) never_preempts: bool,
    pub(super) is_gated: bool,
    pub(super) has_volumes: bool,
    /// True if it claims devices.
    pub(super) claims_devices: bool,
    /// True if it names its node: the scheduler does not see it.
    pub(super) bypasses: bool,
}

/// A topology spread constraint.
pub(super) struct Spread {
    pub(super) key: Name,
    pub(super) max_skew: i64,
    pub(super) min_domains: usize,
    /// What it asks of pods in the namespace; without it none are meant.
    pub(super) selector: Option<Vec<Ask>>,
    /// The counter of those pods; none for an empty selector, with which the scheduler counts nothing.
    pub(super) counter: Option<u32>,
    /// How many domains the nodes have that count.
    pub(super) domains: usize,
    /// True if a node counts only where the pod may run.
    pub(super) honors_affinity: bool,
    /// True for a constraint of the pod itself, which leaves nodes out that lack a label.
    pub(super) is_own: bool,
}

/// Required pod affinity: one pod must meet all terms.
pub(super) struct Affinity {
    pub(super) matcher: u32,
    /// The labels of nodes that make domains, each with its counter.
    pub(super) keys: Vec<(Name, u32)>,
}

impl<'a> Scheduler<'a> {
    /// Compiles what pods of a template need. The same for all of its replicas.
    pub fn needs(&mut self, pod: Pod<'a>, admitted: &Admitted<'a>) -> NeedsId {
        let spec = pod.spec();
        let namespace = self.names.of(pod.namespace());
        self.know(namespace);
        let own = pod.labels().iter().map(|(key, value)| (Cow::Borrowed(key), Cow::Borrowed(value)));
        let labels = self.names.labels(own.chain(admitted.labels.iter().cloned()));
        let fixed = self.fixed_of(pod, admitted);
        let number = |path: &str| spec.at(path).and_then(|it| it.as_int()).and_then(|it| i32::try_from(it).ok());
        let mut needs = Needs {
            pod,
            namespace,
            class: self.crowd.class(namespace, &labels, &self.names),
            fixed,
            requests: Requests::of(
                pod,
                admitted.overhead,
                &admitted.default_requests,
                self.version,
                self.known,
                &mut self.names,
            ),
            ports: self.ports_of(pod),
            spread: Vec::new(),
            affinity: None,
            anti: Vec::new(),
            holds: Vec::new(),
            preferred_nodes: Vec::new(),
            preferred_pods: Vec::new(),
            soft: Vec::new(),
            images: self.images.wanted(pod, self.version.minor() >= images::VOLUMES_SINCE, &self.names),
            features: if self.version.minor() >= features::SINCE {
                features::needed(pod, &mut self.names)
            } else {
                Vec::new()
            },
            priority: number("priority").unwrap_or(admitted.priority),
            never_preempts: spec.at("preemptionPolicy").map_or(admitted.never_preempts, |it| it.text() == "Never"),
            is_gated: spec.field().items_at("schedulingGates").next().is_some(),
            has_volumes: crate::storage::has_volumes(pod),
            claims_devices: spec.field().items_at("resourceClaims").next().is_some(),
            bypasses: spec.at("nodeName").is_some_and(|it| !it.text().is_empty()),
            labels,
        };
        self.add_preferred_nodes(&mut needs);
        self.add_spread(&mut needs, admitted);
        self.add_pod_terms(&mut needs);
        self.needs.push(needs);
        NeedsId(u32::try_from(self.needs.len() - 1).unwrap_or(u32::MAX))
    }

    /// A namespace that nobody named has the one label that all have.
    fn know(&mut self, namespace: Name) {
        if !self.crowd.knows(namespace) {
            let key = self.names.of("kubernetes.io/metadata.name");
            self.crowd.add_namespace(namespace, vec![(key, namespace)]);
        }
    }

    fn fixed_of(&mut self, pod: Pod<'a>, admitted: &Admitted<'a>) -> u32 {
        let (spec, names) = (pod.spec(), &mut self.names);
        let mut selector = spec.at("nodeSelector").map(|it| of_map(it, names)).unwrap_or_default();
        selector.extend(admitted.node_selector.map(|it| of_map(it, names)).unwrap_or_default());
        let required = spec.at("affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution");
        let terms = required.map(|it| it.items_at("nodeSelectorTerms").map(|it| NodeTerm::of(it, names)).collect());
        let own = spec.field().items_at("tolerations").map(Toleration::of);
        let tolerations = Tolerations::of(own.chain(admitted.tolerations.iter().copied()), names);
        let name = spec.at("nodeName").map(|it| it.text()).filter(|it| !it.is_empty()).map(|it| names.of(it));
        self.fixed.number(Fixed { name, selector, terms, tolerations })
    }

    /// The host ports it takes: on the host's network every port is one.
    fn ports_of(&mut self, pod: Pod<'a>) -> Vec<HostPort> {
        let on_host = pod.is_in_host_network();
        let with_sidecars = self.version.minor() >= SIDECAR_PORTS_SINCE;
        let counts = |it: &Container<'a>| match it.role() {
            Role::Ordinary => true,
            Role::Sidecar => with_sidecars,
            _ => false,
        };
        let mut ports = Vec::new();
        for port in pod.containers().filter(counts).flat_map(|it| it.field().items_at("ports")) {
            let number = |key: &str| port.get(key).and_then(|it| it.as_int()).unwrap_or(0);
            let host = if on_host && number("hostPort") == 0 { number("containerPort") } else { number("hostPort") };
            let protocol = match port.str_at("protocol") {
                Some("UDP") => 1,
                Some("SCTP") => 2,
                _ => 0,
            };
            let address = port.str_at("hostIP").filter(|it| *it != "0.0.0.0").unwrap_or("");
            if let Some(host) = u16::try_from(host).ok().filter(|it| *it > 0) {
                ports.push((u32::from(host) << 2 | protocol, self.names.of(address)));
            }
        }
        ports
    }

    fn add_preferred_nodes(&mut self, needs: &mut Needs<'a>) {
        let path = "affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution";
        for preferred in needs.pod.spec().field().items_at(path) {
            let weight = preferred.get("weight").and_then(|it| it.as_int()).unwrap_or(0);
            let term = preferred.get("preference").and_then(|it| NodeTerm::of(it, &mut self.names));
            needs.preferred_nodes.extend(term.filter(|_| weight != 0).map(|it| (weight, it)));
        }
    }

    fn add_spread(&mut self, needs: &mut Needs<'a>, admitted: &Admitted<'a>) {
        let constraints: Vec<_> = needs.pod.spec().field().items_at("topologySpreadConstraints").collect();
        let key = |it: &Field<'a>| it.get("topologyKey").map_or("", |it| it.text());
        let is_hard = |it: &Field<'a>| it.str_at("whenUnsatisfiable") != Some("ScheduleAnyway");
        for hard in [true, false] {
            let of: Vec<_> = constraints.iter().filter(|it| is_hard(it) == hard).copied().collect();
            let keys: Vec<Name> = of.iter().map(|it| self.names.of(key(it))).collect();
            for constraint in of {
                let spread = self.spread_of(needs, constraint, &keys);
                if hard { needs.spread.push(spread) } else { needs.soft.push(spread) }
            }
        }
        if constraints.is_empty() {
            self.add_default_spread(needs, &admitted.selected_by);
        }
    }

    fn spread_of(&mut self, needs: &Needs<'a>, constraint: Field<'a>, keys: &[Name]) -> Spread {
        let number = |key: &str| constraint.get(key).and_then(|it| it.as_int());
        let selector = constraint.get("labelSelector").map(Selector::from_label_selector);
        let mut selector = selector.map(|it| of_selector(&it, &mut self.names));
        if let Some(asks) = &mut selector {
            asks.extend(same_labels(constraint, "matchLabelKeys", &needs.labels, &mut self.names));
        }
        let honors = |key: &str, default: bool| constraint.str_at(key).map_or(default, |it| it == "Honor");
        let honors_affinity = honors("nodeAffinityPolicy", true);
        let set = self.eligible(needs.fixed, keys, honors_affinity, honors("nodeTaintsPolicy", false));
        let key = self.names.of(constraint.get("topologyKey").map_or("", |it| it.text()));
        let min_domains = number("minDomains").and_then(|it| usize::try_from(it).ok()).unwrap_or(1);
        let mut spread = self.spread(needs.namespace, key, number("maxSkew").unwrap_or(1), selector, set);
        (spread.min_domains, spread.honors_affinity) = (min_domains, honors_affinity);
        spread
    }

    /// A constraint that counts the pods of a selector on some nodes.
    pub(super) fn spread(
        &mut self,
        namespace: Name,
        key: Name,
        max_skew: i64,
        selector: Option<Vec<Ask>>,
        set: NodeSet,
    ) -> Spread {
        let nodes = self.states.iter().zip(0..).filter(|it| set.has(NodeId(it.1)));
        let mut domains: Vec<Name> = nodes.filter_map(|it| value(&it.0.labels, key)).collect();
        seaworthy_source::order::sort(&mut domains);
        domains.dedup();
        let counted = selector.clone().filter(|it| !it.is_empty()).map(|selector| {
            let whose = Whose { names: vec![namespace], selector: None };
            let matcher = self.crowd.matcher(vec![Term { whose, selector: Some(selector) }], &self.names);
            let set = self.crowd.node_set(set);
            self.counter(matcher, key, Some(set))
        });
        Spread {
            key,
            max_skew,
            min_domains: 1,
            selector,
            counter: counted,
            domains: domains.len(),
            honors_affinity: true,
            is_own: true,
        }
    }

    /// The nodes that have all these labels and, where that is asked, meet affinity and taints of a pod.
    pub(super) fn eligible(&mut self, fixed: u32, keys: &[Name], affinity: bool, taints: bool) -> NodeSet {
        let met = self.fixed.look(fixed, &self.states, &self.taints, &self.names, self.version);
        let mut set = vec![0; self.states.len().div_ceil(64)];
        for (state, id) in self.states.iter().zip(0..) {
            let id = NodeId(id);
            if keys.iter().all(|key| value(&state.labels, *key).is_some())
                && (!affinity || met.is_some_and(|it| it.affinity.has(id)))
                && (!taints || met.is_some_and(|it| it.tolerated.has(id)))
            {
                set.put(id);
            }
        }
        set
    }

    pub(super) fn counter(&mut self, matcher: u32, key: Name, eligible: Option<u32>) -> u32 {
        let states = &self.states;
        let labels_of = |node: NodeId| states.get(node.0 as usize).map_or(&[][..], |it| &it.labels);
        self.crowd.counter(matcher, key, eligible, &labels_of)
    }

    fn add_pod_terms(&mut self, needs: &mut Needs<'a>) {
        let Some(affinity) = needs.pod.spec().at("affinity") else { return };
        let required = "requiredDuringSchedulingIgnoredDuringExecution";
        let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
        let (mut terms, mut keys) = (Vec::new(), Vec::new());
        for (kind, sign) in [("podAffinity", 1), ("podAntiAffinity", -1)] {
            let Some(of_kind) = affinity.get(kind) else { continue };
            for field in of_kind.items_at(required) {
                let (term, key) = self.pod_term(needs, field);
                let matcher = self.crowd.matcher(vec![term.clone()], &self.names);
                if sign > 0 {
                    // `hardPodAffinityWeight` is one.
                    needs.holds.push((self.crowd.holder(matcher, key, Held::Weight), 1));
                    terms.push(term);
                    keys.push(key);
                } else {
                    needs.holds.push((self.crowd.holder(matcher, key, Held::Against), 1));
                    needs.anti.push(self.counter(matcher, key, None));
                }
            }
            for field in of_kind.items_at(preferred) {
                let weight = field.get("weight").and_then(|it| it.as_int()).unwrap_or(0) * sign;
                let Some(field) = field.get("podAffinityTerm").filter(|_| weight != 0) else { continue };
                let (term, key) = self.pod_term(needs, field);
                let matcher = self.crowd.matcher(vec![term], &self.names);
                needs.holds.push((self.crowd.holder(matcher, key, Held::Weight), weight));
                needs.preferred_pods.push((self.counter(matcher, key, None), weight));
            }
        }
        if !terms.is_empty() {
            let matcher = self.crowd.matcher(terms, &self.names);
            let keys = keys.into_iter().map(|key| (key, self.counter(matcher, key, None))).collect();
            needs.affinity = Some(Affinity { matcher, keys });
        }
    }

    /// Which pods a term means, and the label of nodes that makes domains.
    fn pod_term(&mut self, needs: &Needs<'a>, field: Field<'a>) -> (Term, Name) {
        let names = &mut self.names;
        let asked = |field: Field<'a>, names: &mut Names<'a>| of_selector(&Selector::from_label_selector(field), names);
        let mut selector = field.get("labelSelector").map(|it| asked(it, names));
        if let Some(asks) = &mut selector
            && self.version.minor() >= LABEL_KEYS_IN_AFFINITY_SINCE
        {
            asks.extend(same_labels(field, "matchLabelKeys", &needs.labels, names));
            asks.extend(same_labels(field, "mismatchLabelKeys", &needs.labels, names).into_iter().map(|it| match it {
                Ask::In(key, values) => Ask::NotIn(key, values),
                other => other,
            }));
        }
        let mut listed: Vec<Name> = field.items_at("namespaces").map(|it| names.of(it.text())).collect();
        let of_namespaces = field.get("namespaceSelector").map(|it| asked(it, names));
        if listed.is_empty() && of_namespaces.is_none() {
            listed.push(needs.namespace);
        }
        let key = names.of(field.get("topologyKey").map_or("", |it| it.text()));
        (Term { whose: Whose { names: listed, selector: of_namespaces }, selector }, key)
    }

    /// The labels of one pod: those of its template and its own.
    pub(super) fn class_of(&mut self, needs: NeedsId, own: &[(Cow<'a, str>, Cow<'a, str>)]) -> u32 {
        let Some(needs) = self.needs.get(needs.0 as usize) else { return 0 };
        if own.is_empty() {
            return needs.class;
        }
        let (namespace, mut labels) = (needs.namespace, needs.labels.clone());
        labels.extend(own.iter().map(|(key, value)| (self.names.of(key.clone()), self.names.of(value.clone()))));
        normalize(&mut labels);
        self.crowd.class(namespace, &labels, &self.names)
    }
}

/// What `matchLabelKeys` add to a selector: the values that the pod itself has.
fn same_labels<'a>(field: Field<'a>, list: &str, labels: &Labels, names: &mut Names<'a>) -> Vec<Ask> {
    let keys = field.items_at(list).map(|it| names.of(it.text()));
    keys.filter_map(|key| Some(Ask::In(key, vec![value(labels, key)?]))).collect()
}

/// What all of these selectors ask together.
pub(super) fn all_asked<'a>(selectors: &[Selector<'a>], names: &mut Names<'a>) -> Vec<Ask> {
    let unreadable = |it: &Selector<'a>| it.requirements().iter().any(|it| matches!(it, Requirement::Unreadable));
    let readable: Vec<_> = selectors.iter().filter(|it| !unreadable(it)).collect();
    readable.into_iter().flat_map(|it| of_selector(it, names)).collect()
}
