//! Pods by their labels, and who selects them.

use foldhash::HashMap;
use seaworthy_document::Node;
use seaworthy_object::{Object, Pod, Requirement, Selector};

use crate::{Fleet, Reference, Use, Why, nearest};

/// A workload: its object and the pod it makes.
pub type Workload<'a> = Pod<'a>;

/// What a selector meets.
#[derive(Debug, Clone)]
pub enum Match<'a> {
    /// These pods.
    Pods(Vec<Pod<'a>>),
    /// None, and the given set is all there is.
    Nothing,
    /// None, but such pods may be elsewhere, or come later.
    Unknown(Why),
}

/// Labels that a controller adds to its pods when it makes them: the kind of the controller and the labels.
const ADDED_LABELS: &[(&str, &[&str])] = &[
    (
        "StatefulSet",
        &["statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "controller-revision-hash"],
    ),
    ("Deployment", &["pod-template-hash"]),
    ("ReplicaSet", &["pod-template-hash"]),
    ("Rollout", &["rollouts-pod-template-hash"]),
    ("DaemonSet", &["controller-revision-hash", "pod-template-generation"]),
    ("Job", JOB_LABELS),
    ("CronJob", JOB_LABELS),
];

const JOB_LABELS: &[&str] = &[
    "job-name",
    "controller-uid",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
];

impl<'a> Fleet<'a> {
    pub(crate) fn index_pods(&mut self) {
        for (at, pod) in self.pods.iter().enumerate() {
            let id = u32::try_from(at).unwrap_or(u32::MAX);
            self.pods_by_namespace.entry(pod.namespace()).or_default().push(id);
            for (key, value) in pod.labels().iter() {
                self.pods_by_label.entry((pod.namespace(), key, value)).or_default().push(id);
            }
        }
    }

    /// The pods of a namespace.
    pub fn pods_in(&self, namespace: &str) -> impl Iterator<Item = Pod<'a>> + use<'a, '_> {
        let ids = self.pods_by_namespace.get(namespace).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|&id| self.pods.get(id as usize).copied())
    }

    /// The pods of a namespace that a selector matches, in order. An empty selector matches all. Labels that
    /// controllers add to their pods count as met. Of workloads defined twice the last definition is meant, and an
    /// earlier one only where no last one is met.
    #[must_use]
    pub fn selected(&self, namespace: &str, selector: &Selector<'_>) -> Vec<Pod<'a>> {
        let mut pods = self.selected_in_any_definition(namespace, selector);
        if pods.iter().any(|pod| self.is_last_definition(pod.object())) {
            pods.retain(|pod| self.is_last_definition(pod.object()));
        }
        pods
    }

    /// The same among all definitions of workloads: who says that something is missing looks at every one.
    #[must_use]
    pub fn selected_in_any_definition(&self, namespace: &str, selector: &Selector<'_>) -> Vec<Pod<'a>> {
        let mut lists: Vec<&[u32]> = Vec::new();
        let mut others: Vec<&Requirement<'_>> = Vec::new();
        for requirement in selector.requirements() {
            match requirement {
                Requirement::In(key, values) if !is_added(key) && values.len() == 1 => {
                    let value = values.first().copied().unwrap_or("");
                    lists.push(self.pods_by_label.get(&(namespace, *key, value)).map_or(&[][..], Vec::as_slice));
                }
                other => others.push(other),
            }
        }
        lists.sort_by_key(|ids| ids.len());
        let mut lists = lists.into_iter();
        let all = || self.pods_by_namespace.get(namespace).map_or(&[][..], Vec::as_slice);
        let narrowest = lists.next().unwrap_or_else(all);
        let wider: Vec<&[u32]> = lists.collect();
        narrowest
            .iter()
            .filter(|id| wider.iter().all(|ids| ids.binary_search(id).is_ok()))
            .filter_map(|&id| self.pods.get(id as usize).copied())
            .filter(|pod| others.iter().all(|it| it.holds(pod.labels()) || is_added_to(*pod, it)))
            .collect()
    }

    /// What a selector meets, in three values: no pods are a fact only in a complete set that could be read whole, and
    /// where nothing makes pods later.
    #[must_use]
    pub fn matched(&self, namespace: &str, selector: &Selector<'_>) -> Match<'a> {
        let pods = self.selected(namespace, selector);
        if !pods.is_empty() {
            return Match::Pods(pods);
        }
        let asks_for = |held: fn(&str, &str, &str) -> bool| {
            selector.requirements().iter().any(|it| match it {
                Requirement::In(key, values) => values.iter().any(|value| held(namespace, key, value)),
                _ => false,
            })
        };
        if asks_for(Self::is_cluster_pod) {
            return Match::Unknown(Why::Platform);
        }
        if let Some(why) = self.pods_made_later(namespace).or_else(|| self.is_of_add_on(selector).then_some(Why::AddOn))
        {
            return Match::Unknown(why);
        }
        if self.pods_may_be_unread() {
            return Match::Unknown(Why::Unread);
        }
        if self.facts().lists_workloads() { Match::Nothing } else { Match::Unknown(Why::NotGiven) }
    }

    /// True if a selector's values name a declared add-on: `app.kubernetes.io/name: ingress-nginx`.
    fn is_of_add_on(&self, selector: &Selector<'_>) -> bool {
        selector.requirements().iter().any(|it| match it {
            Requirement::In(key, values) => {
                self.facts().add_ons().any(|name| *key == name || values.iter().any(|value| value.contains(name)))
            }
            _ => false,
        })
    }

    /// The pods a Service selects, in order; none without a selector.
    #[must_use]
    pub fn pods_of(&self, service: &'a Object<'a>) -> Vec<Pod<'a>> {
        let Some(selector) = service_selector(service) else { return Vec::new() };
        self.selected(service.namespace().unwrap_or("default"), &selector)
    }

    /// The namespaces whose pods a selector matches, sorted.
    #[must_use]
    pub fn namespaces_selected(&self, selector: &Selector<'_>) -> Vec<&'a str> {
        let mut namespaces: Vec<&'a str> = self.pods_by_namespace.keys().copied().collect();
        namespaces.sort_unstable();
        namespaces.retain(|namespace| !self.selected_in_any_definition(namespace, selector).is_empty());
        namespaces
    }

    /// The pod of a namespace that comes nearest to a selector: it misses the fewest labels, by the fewest letters, and
    /// has one of them or the value of one. In a crowd only the first ones are looked at.
    #[must_use]
    pub fn nearest_pod(&self, namespace: &str, selector: &Selector<'_>) -> Option<Pod<'a>> {
        const CROWD: usize = 64;
        let near = |pod: &Pod<'a>| {
            selector.requirements().iter().any(|it| match it {
                Requirement::In(key, values) => pod.labels().iter().any(|(label, value)| {
                    let meant = |asked: &&str| *asked == value || label == *key && nearest(asked, [value]).is_some();
                    values.iter().any(meant)
                }),
                _ => false,
            })
        };
        let pods = self.pods_in(namespace).take(CROWD).filter(near);
        pods.min_by_key(|pod| {
            let missed = selector.misses(pod.labels());
            missed.fold((0, 0), |(count, letters), it| (count + 1, letters + letters_off(it, *pod)))
        })
    }

    /// The StatefulSets of its namespace that a Service governs, by their pods.
    pub fn governed_by(&self, service: &'a Object<'a>) -> impl Iterator<Item = Pod<'a>> + use<'a, '_> {
        let is_set = |object: &Object<'_>| object.is("apps", "StatefulSet");
        self.referrers(service)
            .filter(|it| it.role == Use::Governing)
            .map(Reference::object)
            .filter(move |it| is_set(it))
            .filter_map(Object::pod)
    }

    /// The Services that select a pod, in order.
    #[must_use]
    pub fn services_of(&self, pod: Pod<'a>) -> &[&'a Object<'a>] {
        let by_pod = self.services_by_pod.get_or_init(|| {
            let mut by_pod: HashMap<Node<'a>, Vec<&'a Object<'a>>> = HashMap::default();
            for service in self.of_kind("", "Service").filter(|it| self.is_last_definition(it)) {
                let Some(selector) = service_selector(service) else { continue };
                for pod in self.selected_in_any_definition(service.namespace().unwrap_or("default"), &selector) {
                    by_pod.entry(pod.object().root()).or_default().push(service);
                }
            }
            by_pod
        });
        by_pod.get(&pod.object().root()).map_or(&[], Vec::as_slice)
    }
}

/// What a Service asks of its pods: none without a selector, or for another name of a host.
#[must_use]
pub fn service_selector<'a>(service: &'a Object<'a>) -> Option<Selector<'a>> {
    let selector = service.at("spec.selector").map(Selector::from_labels)?;
    (!selector.is_empty() && service.str_at("spec.type") != Some("ExternalName")).then_some(selector)
}

/// True for labels that some controller adds.
fn is_added(label: &str) -> bool {
    ADDED_LABELS.iter().any(|(_, labels)| labels.contains(&label))
}

/// True if the controller of this pod adds the label that is asked for; the name of a StatefulSet's pod must be one it
/// can have.
fn is_added_to(pod: Pod<'_>, requirement: &Requirement<'_>) -> bool {
    let (Requirement::In(label, _) | Requirement::Exists(label)) = requirement else { return false };
    let kind = pod.object().kind();
    let adds = ADDED_LABELS.iter().any(|&(it, labels)| it == kind && labels.contains(label));
    let fits = |name: &&str| name.strip_prefix(pod.object().name()).is_some_and(|rest| rest.starts_with('-'));
    match requirement {
        Requirement::In("statefulset.kubernetes.io/pod-name", values) => adds && values.iter().any(fits),
        _ => adds,
    }
}

/// How many letters the labels of a pod lie away from one that is asked for.
fn letters_off(missed: &Requirement<'_>, pod: Pod<'_>) -> usize {
    let Requirement::In(key, values) = missed else { return 0 };
    let off = |held: &str| values.iter().map(|asked| strsim::osa_distance(asked, held)).min().unwrap_or(0);
    match pod.labels().get(key) {
        Some(held) => off(held),
        None => {
            pod.labels().iter().map(|(label, held)| off(held) + strsim::osa_distance(key, label)).min().unwrap_or(0)
        }
    }
}
