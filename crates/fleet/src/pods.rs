//! Pods by their labels, and who selects them.

mod services;

use std::sync::{Arc, OnceLock};

use foldhash::HashMap;
use seaworthy_object::{Labels, Object, Pod, Requirement, Selector};
use seaworthy_source::{SourceId, order};

use crate::index::hash;
use crate::kept::{Kept, LONG};
use crate::ordered::{Order, Placed, insert, remove};
use crate::reads::{Key, Read};
use crate::{Fleet, Reference, Selected, Use, Why, effort, nearest};

use services::{Askers, Asking};

/// A workload: its object and the pod it makes.
pub type Workload<'a> = Pod<'a>;

/// What a selector meets.
#[derive(Debug, Clone)]
pub enum Match<'a> {
    /// These pods.
    Pods(Selected<'a>),
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

/// The pods of a fleet.
#[derive(Default)]
pub(crate) struct Pods<'a> {
    all: Vec<Pod<'a>>,
    /// The same by the numbers that stand in the tables; one that is gone leaves its place to another.
    slots: Vec<Carrier<'a>>,
    free: Vec<u32>,
    /// By the hash of namespace, label and value; who looks them up compares what he finds.
    by_label: HashMap<u64, Vec<u32>>,
    by_namespace: HashMap<&'a str, Vec<u32>>,
    /// By the hash of namespace and name of the object; made when it is first asked for.
    by_name: OnceLock<HashMap<u64, Vec<u32>>>,
    /// Those that make claims of their own; made when they are first asked for.
    claiming: OnceLock<Vec<Pod<'a>>>,
    /// Those that take ports of their nodes; made when they are first asked for.
    on_ports: OnceLock<Vec<Pod<'a>>>,
    /// The namespaces by the hash of a label and value that some of their pods have; made when it is first asked for.
    by_label_anywhere: OnceLock<HashMap<u64, Vec<&'a str>>>,
    /// Services by a namespace and one label they ask for; made when it is first asked for.
    services: OnceLock<HashMap<Label<'a>, Askers<'a>>>,
    /// What selectors meet, where many pods were looked at to know it.
    met: Kept<Selected<'a>>,
    /// The namespaces whose pods selectors match.
    namespaces: Kept<Arc<[&'a str]>>,
    /// Whether a container runs one of some programs, by their lines.
    programs: Kept<bool>,
}

/// A namespace, and a label with its value.
type Label<'a> = (&'a str, &'a str, &'a str);

/// A pod with its labels.
#[derive(Clone, Copy)]
struct Carrier<'a> {
    pod: Pod<'a>,
    labels: Labels<'a>,
}

impl<'a> Pods<'a> {
    pub(crate) fn of(objects: &[&'a Object<'a>]) -> Self {
        let mut pods = Self { all: objects.iter().filter_map(|it| it.pod()).collect(), ..Self::default() };
        pods.slots = pods.all.iter().map(|&pod| Carrier { pod, labels: pod.labels() }).collect();
        for (slot, Carrier { pod, labels }) in (0..).zip(&pods.slots) {
            pods.by_namespace.entry(pod.namespace()).or_default().push(slot);
            for (key, value) in labels.iter() {
                pods.by_label.entry(hash((pod.namespace(), key, value))).or_default().push(slot);
            }
        }
        pods
    }

    pub(crate) fn insert(&mut self, object: &'a Object<'a>) {
        if let Some(pod) = object.pod() {
            self.forget(pod);
            insert(&mut self.all, pod);
            for (few, is_one) in self.few() {
                if is_one(&pod) {
                    insert(few, pod);
                }
            }
            let slot = self.take_slot(Carrier { pod, labels: pod.labels() });
            let slots = &self.slots;
            let put = |list: &mut Vec<u32>| {
                if let Err(at) = find(list, slots, pod.order()) {
                    list.insert(at, slot);
                }
            };
            put(self.by_namespace.entry(pod.namespace()).or_default());
            if let Some(by_name) = self.by_name.get_mut() {
                put(by_name.entry(hash((pod.namespace(), object.name()))).or_default());
            }
            for (key, value) in pod.labels().iter() {
                put(self.by_label.entry(hash((pod.namespace(), key, value))).or_default());
            }
        }
        if self.services.get().is_some()
            && let Some((asked, asking)) = self.rarest_asked(object)
            && let Some(services) = self.services.get_mut()
        {
            let askers = services.entry(asked).or_default();
            insert(&mut askers.list, asking);
            askers.forget();
        }
    }

    /// The lists of few pods that were asked for, with who stands in them.
    fn few(&mut self) -> impl Iterator<Item = (&mut Vec<Pod<'a>>, fn(&Pod<'a>) -> bool)> {
        let claiming = self.claiming.get_mut().map(|it| (it, makes_claims as fn(&Pod<'a>) -> bool));
        let on_ports = self.on_ports.get_mut().map(|it| (it, takes_host_ports as fn(&Pod<'a>) -> bool));
        claiming.into_iter().chain(on_ports)
    }

    /// Forgets what depends on whether a pod is there.
    fn forget(&mut self, pod: Pod<'a>) {
        self.by_label_anywhere.take();
        self.namespaces.forget();
        let runs = |programs: &str| images_of(pod).any(|image| programs.lines().any(|it| image.contains(it)));
        self.programs.forget_if(&runs);
    }

    fn take_slot(&mut self, carrier: Carrier<'a>) -> u32 {
        let slot = self.free.pop().unwrap_or(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
        match self.slots.get_mut(slot as usize) {
            Some(place) => *place = carrier,
            None => self.slots.push(carrier),
        }
        slot
    }

    pub(crate) fn remove(&mut self, object: &'a Object<'a>) {
        let order = object.order();
        if let Some(pod) = object.pod() {
            self.forget(pod);
            remove(&mut self.all, order);
            self.few().for_each(|(few, _)| remove(few, order));
            let slots = &self.slots;
            let cut = |list: Option<&mut Vec<u32>>| {
                let list = list?;
                find(list, slots, order).ok().map(|at| list.remove(at))
            };
            if let Some(by_name) = self.by_name.get_mut() {
                cut(by_name.get_mut(&hash((pod.namespace(), object.name()))));
            }
            for (key, value) in pod.labels().iter() {
                cut(self.by_label.get_mut(&hash((pod.namespace(), key, value))));
            }
            self.free.extend(cut(self.by_namespace.get_mut(&pod.namespace())));
            if self.by_namespace.get(pod.namespace()).is_some_and(Vec::is_empty) {
                self.by_namespace.remove(pod.namespace());
            }
        }
        if let Some(services) = self.services.get_mut().filter(|_| object.is("", "Service")) {
            // It stands under one of the labels it asks for: which was the rarest when it came.
            for asked in service_selector(object).iter().flat_map(|it| asked(object, it)) {
                if let Some(askers) = services.get_mut(&asked) {
                    remove(&mut askers.list, order);
                    askers.forget();
                }
            }
        }
    }

    /// How many pods of its namespace stand before an object.
    pub(crate) fn rank(&self, namespace: &str, object: &Object<'_>) -> usize {
        find(self.in_namespace(namespace), &self.slots, (&object).order()).unwrap_or_else(|at| at)
    }

    fn by_namespace_in_order(&self) -> impl Iterator<Item = &Vec<u32>> {
        let mut namespaces: Vec<_> = self.by_namespace.iter().collect();
        order::sort_by_key(&mut namespaces, |it| *it.0);
        namespaces.into_iter().map(|it| it.1)
    }

    fn in_namespace(&self, namespace: &str) -> &[u32] {
        self.by_namespace.get(namespace).map_or(&[], Vec::as_slice)
    }

    fn with_label(&self, namespace: &str, key: &str, value: &str) -> &[u32] {
        self.by_label.get(&hash((namespace, key, value))).map_or(&[], Vec::as_slice)
    }

    fn carriers<'s>(&'s self, slots: &'s [u32]) -> impl Iterator<Item = &'s Carrier<'a>> {
        slots.iter().filter_map(|&it| self.slots.get(it as usize))
    }

    /// The one label and value of those asked for that the fewest pods of a namespace have. Whoever is met carries all
    /// of them, so that it is the only one to look under.
    fn rarest<'s>(&self, namespace: &str, selector: &'s Selector<'s>) -> Option<(&'s str, &'s str)> {
        equalities(selector).min_by_key(|(key, value)| self.with_label(namespace, key, value).len())
    }

    /// The pods of a namespace that have all that is asked for, in order.
    fn met<'s>(
        &'s self,
        namespace: &'s str,
        selector: &'s Selector<'s>,
        rarest: Option<(&str, &str)>,
    ) -> impl Iterator<Item = Pod<'a>> + use<'a, 's> {
        let slots = match rarest {
            Some((key, value)) => self.with_label(namespace, key, value),
            None => self.in_namespace(namespace),
        };
        let met = move |it: &&Carrier<'a>| {
            it.pod.namespace() == namespace && selector.requirements().iter().all(|asked| is_held(it, asked))
        };
        self.carriers(slots).filter(met).map(|it| it.pod)
    }

    /// True if as many pods may be looked at to know whom a selector meets that the answer is worth keeping.
    fn is_long(&self, namespace: &str, rarest: Option<(&str, &str)>) -> bool {
        let slots = match rarest {
            Some((key, value)) => self.with_label(namespace, key, value),
            None => self.in_namespace(namespace),
        };
        slots.len() > LONG
    }

    /// A Service with the label of its selector that the fewest pods have: who looks one up from a pod looks there.
    fn rarest_asked(&self, service: &'a Object<'a>) -> Option<((&'a str, &'a str, &'a str), Asking<'a>)> {
        if !service.is("", "Service") {
            return None;
        }
        let selector = service_selector(service)?;
        let asked = asked(service, &selector).min_by_key(|(namespace, key, value)| {
            // Labels that controllers add stand on no template: under the empty label.
            if key.is_empty() { usize::MAX } else { self.with_label(namespace, key, value).len() }
        });
        Some((asked?, Asking { service, selector }))
    }
}

/// Where a pod of some place stands in a list, or would stand.
fn find(list: &[u32], slots: &[Carrier<'_>], order: Order) -> Result<usize, usize> {
    list.binary_search_by_key(&Some(order), |&slot| slots.get(slot as usize).map(|it| it.pod.order()))
}

/// The labels under which a Service may stand: those it asks for, and the empty one for what controllers add.
fn asked<'a>(
    service: &'a Object<'a>,
    selector: &Selector<'a>,
) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> + use<'a> {
    let namespace = service.namespace().unwrap_or("default");
    let asked: Vec<_> = selector
        .requirements()
        .iter()
        .filter_map(|it| match it {
            Requirement::In(key, values) if !controllers_add(key) => Some((namespace, *key, *values.first()?)),
            _ => Some((namespace, "", "")),
        })
        .collect();
    asked.into_iter()
}

impl<'a> Fleet<'a> {
    /// All pods: those of every workload, and bare ones.
    #[must_use]
    pub fn pods(&self) -> &[Pod<'a>] {
        self.reads.key(Key::Pods);
        &self.pods.all
    }

    /// The pods of a namespace.
    pub fn pods_in(&self, namespace: &str) -> impl Iterator<Item = Pod<'a>> + use<'a, '_> {
        self.reads.key(Key::PodsIn(namespace));
        self.pods.carriers(self.pods.in_namespace(namespace)).map(|it| it.pod)
    }

    /// The pods of a namespace whose object has this name, of whatever kind, in order.
    #[must_use]
    pub fn pods_named(&self, namespace: &str, name: &str) -> Vec<Pod<'a>> {
        self.reads.key(Key::PodsNamed(namespace, name));
        let by_name = self.pods.by_name.get_or_init(|| {
            let mut by_name: HashMap<u64, Vec<u32>> = HashMap::default();
            for slots in self.pods.by_namespace_in_order() {
                for (slot, it) in slots.iter().zip(self.pods.carriers(slots)) {
                    by_name.entry(hash((it.pod.namespace(), it.pod.object().name()))).or_default().push(*slot);
                }
            }
            by_name
        });
        let named = by_name.get(&hash((namespace, name))).map_or(&[][..], Vec::as_slice);
        let named = self.pods.carriers(named).map(|it| it.pod);
        named.filter(|pod| pod.namespace() == namespace && pod.object().name() == name).collect()
    }

    /// The pods whose volumes make claims of their own.
    pub fn pods_with_claims_of_their_own(&self) -> impl Iterator<Item = Pod<'a>> + use<'a, '_> {
        self.reads.key(Key::Ephemeral);
        let few = || self.pods.all.iter().copied().filter(makes_claims).collect();
        self.pods.claiming.get_or_init(few).iter().copied()
    }

    /// The pods that take ports of their nodes.
    #[must_use]
    pub fn pods_with_host_ports(&self) -> &[Pod<'a>] {
        self.reads.key(Key::HostPorts);
        self.pods.on_ports.get_or_init(|| self.pods.all.iter().copied().filter(takes_host_ports).collect())
    }

    /// True if a container runs an image with one of these in its name.
    pub(crate) fn runs_image_of(&self, programs: &[&str]) -> bool {
        programs.iter().for_each(|it| self.reads.note(|| Read::Image((*it).into())));
        self.pods.programs.get_or(&programs.join("\n"), &|| {
            let mut images = self.pods.all.iter().copied().flat_map(images_of);
            (images.any(|image| programs.iter().any(|program| image.contains(program))), 0)
        })
    }

    /// The pods of a namespace that a selector matches, in order. An empty selector matches all. Labels that
    /// controllers add to their pods count as met. Of workloads defined twice the last definition is meant, and an
    /// earlier one only where no last one is met.
    #[must_use]
    pub fn selected(&self, namespace: &str, selector: &Selector<'_>) -> Selected<'a> {
        self.met(namespace, selector, true)
    }

    /// The same among all definitions of workloads: who says that something is missing looks at every one.
    #[must_use]
    pub fn selected_in_any_definition(&self, namespace: &str, selector: &Selector<'_>) -> Selected<'a> {
        self.met(namespace, selector, false)
    }

    fn met(&self, namespace: &str, selector: &Selector<'_>, last: bool) -> Selected<'a> {
        let rarest = self.pods.rarest(namespace, selector);
        self.reads.key(match rarest {
            Some((key, value)) => Key::Label(namespace, key, value),
            None => Key::PodsIn(namespace),
        });
        let find = || {
            let mut pods: Vec<Pod<'a>> = self.pods.met(namespace, selector, rarest).collect();
            if last && pods.iter().any(|pod| self.is_last_definition(pod.object())) {
                pods.retain(|pod| self.is_last_definition(pod.object()));
            }
            let weight = pods.len();
            (Selected::new(pods), weight)
        };
        let question = || format!("{:?}", (last, namespace, selector.requirements()));
        self.kept_or(&self.pods.met, self.pods.is_long(namespace, rarest), &question, &find)
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
    pub fn pods_of(&self, service: &'a Object<'a>) -> Selected<'a> {
        let Some(selector) = service_selector(service) else { return Selected::new(Vec::new()) };
        self.selected(service.namespace().unwrap_or("default"), &selector)
    }

    /// The namespaces whose pods a selector matches, sorted.
    #[must_use]
    pub fn namespaces_selected(&self, selector: &Selector<'_>) -> Arc<[&'a str]> {
        self.reads.key(match equalities(selector).next() {
            Some((key, value)) => Key::LabelAnywhere(key, value),
            None => Key::Pods,
        });
        self.pods.namespaces.get_or(&format!("{:?}", selector.requirements()), &|| {
            let mut namespaces = self.namespaces_with_labels(selector);
            order::sort(&mut namespaces);
            let has_some = |it: &&'a str| self.pods.met(it, selector, self.pods.rarest(it, selector)).next().is_some();
            namespaces.retain(has_some);
            let weight = namespaces.len();
            (namespaces.into(), weight)
        })
    }

    /// The namespaces in which to look for pods that a selector matches.
    fn namespaces_with_labels(&self, selector: &Selector<'_>) -> Vec<&'a str> {
        let by_label = self.pods.by_label_anywhere.get_or_init(|| {
            let mut by_label: HashMap<u64, Vec<&'a str>> = HashMap::default();
            for slots in self.pods.by_namespace_in_order() {
                for Carrier { pod, labels } in self.pods.carriers(slots) {
                    for (key, value) in labels.iter() {
                        let namespaces = by_label.entry(hash((key, value))).or_default();
                        if namespaces.last() != Some(&pod.namespace()) {
                            namespaces.push(pod.namespace());
                        }
                    }
                }
            }
            by_label
        });
        let with = |(key, value)| by_label.get(&hash((key, value))).map_or(&[][..], Vec::as_slice);
        match equalities(selector).map(with).min_by_key(|it| it.len()) {
            Some(namespaces) => namespaces.to_vec(),
            None => self.pods.by_namespace.keys().copied().collect(),
        }
    }

    /// The pod of a namespace that comes nearest to a selector: it misses the fewest labels, by the fewest letters, and
    /// has one of them or the value of one. In a crowd only the first ones are looked at.
    #[must_use]
    pub fn nearest_pod(&self, namespace: &str, selector: &Selector<'_>) -> Option<Pod<'a>> {
        let near = |pod: &Pod<'a>| {
            selector.requirements().iter().any(|it| match it {
                Requirement::In(key, values) => pod.labels().iter().any(|(label, value)| {
                    let meant = |asked: &&str| *asked == value || label == *key && nearest(asked, [value]).is_some();
                    values.iter().any(meant)
                }),
                _ => false,
            })
        };
        self.reads.key(Key::FirstPods(namespace));
        let first = self.pods.carriers(self.pods.in_namespace(namespace)).take(CROWD);
        let pods = first.map(|it| it.pod).filter(near);
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

    /// The sources of the pods that a Service selects.
    pub(crate) fn sources_selected(&self, service: &'a Object<'a>) -> Vec<SourceId> {
        let Some(selector) = service_selector(service) else { return Vec::new() };
        let pods = self.selected_in_any_definition(service.namespace().unwrap_or("default"), &selector);
        pods.iter().map(|pod| pod.object().source()).collect()
    }
}

/// Of a namespace only so many pods are looked at for a mere suggestion.
pub(crate) const CROWD: usize = 64;

/// True if a pod's volumes make claims of their own.
pub(crate) fn makes_claims(pod: &Pod<'_>) -> bool {
    pod.spec().volumes().any(|it| it.field().get("ephemeral").is_some())
}

/// True if a pod takes ports of its node: such as it asks for, or, on the network of the node, all of its own.
pub(crate) fn takes_host_ports(pod: &Pod<'_>) -> bool {
    pod.is_in_host_network()
        || pod.containers().flat_map(|it| it.ports()).any(|it| it.field().get("hostPort").is_some())
}

/// The images of a pod.
pub(crate) fn images_of(pod: Pod<'_>) -> impl Iterator<Item = &str> {
    pod.containers().filter_map(|it| it.image()).map(|it| {
        effort::look();
        it.text()
    })
}

/// What is asked of labels that stand on templates, where it is one value.
fn equalities<'s>(selector: &'s Selector<'s>) -> impl Iterator<Item = (&'s str, &'s str)> {
    selector.requirements().iter().filter_map(|requirement| match requirement {
        Requirement::In(key, values) if !controllers_add(key) && values.len() == 1 => Some((*key, *values.first()?)),
        _ => None,
    })
}

/// True if a pod has what is asked for, or its controller adds it.
fn is_held(carrier: &Carrier<'_>, asked: &Requirement<'_>) -> bool {
    effort::look();
    asked.holds(carrier.labels) || is_added_to(carrier.pod, asked)
}

/// What a Service asks of its pods: none without a selector, or for another name of a host.
#[must_use]
pub fn service_selector<'a>(service: &'a Object<'a>) -> Option<Selector<'a>> {
    let selector = service.at("spec.selector").map(Selector::from_labels)?;
    (!selector.is_empty() && service.str_at("spec.type") != Some("ExternalName")).then_some(selector)
}

/// True for labels that some controller adds to the pods it makes.
#[must_use]
pub fn controllers_add(label: &str) -> bool {
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
