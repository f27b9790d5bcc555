//! The Services that select a pod.

use std::sync::{Arc, OnceLock};

use foldhash::{HashMap, HashSet};
use seaworthy_object::{Object, Pod, Requirement, Selector};
use seaworthy_source::order;

use super::{Carrier, is_held};
use crate::Fleet;
use crate::kept::{Kept, LONG};
use crate::ordered::{Order, Placed};
use crate::reads::Key;

/// The Services that stand under one label.
#[derive(Default)]
pub(super) struct Askers<'a> {
    pub(super) list: Vec<Asking<'a>>,
    /// The labels they ask for.
    asked: OnceLock<HashSet<&'a str>>,
    /// Which of them select a pod, by all of it that they look at.
    selecting: Kept<Arc<[&'a Object<'a>]>>,
}

/// A Service with what it asks of its pods.
pub(super) struct Asking<'a> {
    pub(super) service: &'a Object<'a>,
    pub(super) selector: Selector<'a>,
}

impl Placed for Asking<'_> {
    fn order(&self) -> Order {
        self.service.order()
    }
}

impl<'a> Fleet<'a> {
    /// The Services that select a pod, in order.
    #[must_use]
    pub fn services_of(&self, pod: Pod<'a>) -> Arc<[&'a Object<'a>]> {
        self.reads.key(Key::ServicesOf(pod.object().source()));
        let by_label = self.pods.services.get_or_init(|| {
            let mut by_label: HashMap<_, Askers<'a>> = HashMap::default();
            for (asked, asking) in self.objects.iter().filter_map(|it| self.pods.rarest_asked(it)) {
                by_label.entry(asked).or_default().list.push(asking);
            }
            by_label
        });
        let (namespace, labels) = (pod.namespace(), pod.labels());
        let carrier = Carrier { pod, labels };
        let lists = labels.iter().chain([("", "")]).filter_map(|(key, value)| by_label.get(&(namespace, key, value)));
        let mut found = lists.map(|it| self.selecting(it, &carrier)).filter(|it| !it.is_empty());
        let (first, second) = (found.next(), found.next());
        match (first, second) {
            (None, _) => Arc::default(),
            (Some(only), None) => only,
            (Some(first), Some(second)) => {
                let mut services: Vec<_> = first.iter().chain(&*second).copied().collect();
                found.for_each(|it| services.extend(&*it));
                self.in_order(services).into()
            }
        }
    }

    /// Those under one label that select a pod, in order.
    fn selecting(&self, askers: &Askers<'a>, carrier: &Carrier<'a>) -> Arc<[&'a Object<'a>]> {
        let find = || {
            let selects = |it: &&Asking<'a>| it.selector.requirements().iter().all(|asked| is_held(carrier, asked));
            let mut services: Vec<_> = askers.list.iter().filter(selects).map(|it| it.service).collect();
            services.retain(|it| self.is_last_definition(it));
            let weight = services.len();
            (services.into(), weight)
        };
        let question = || askers.looks_at(carrier);
        self.kept_or(&askers.selecting, askers.list.len() > LONG, &question, &find)
    }

    fn in_order(&self, mut services: Vec<&'a Object<'a>>) -> Vec<&'a Object<'a>> {
        if !self.is_ordered {
            return self
                .of_kind("", "Service")
                .filter(|it| services.iter().any(|one| std::ptr::eq(*one, *it)))
                .collect();
        }
        order::sort_by_key(&mut services, |it| it.order());
        services.dedup_by_key(|it| it.order());
        services
    }
}

impl<'a> Askers<'a> {
    /// All that these Services look at in a pod: two pods of which it is the same have the same Services.
    fn looks_at(&self, carrier: &Carrier<'a>) -> String {
        let asked = self.asked.get_or_init(|| {
            let requirements = self.list.iter().flat_map(|it| it.selector.requirements());
            requirements.filter_map(|it| if let Requirement::In(key, _) = it { Some(*key) } else { None }).collect()
        });
        let mut labels: Vec<(&str, &str)> = carrier.labels.iter().filter(|(key, _)| asked.contains(key)).collect();
        order::sort(&mut labels);
        let object = carrier.pod.object();
        // Of the pods of a StatefulSet each can be selected by its name.
        let name = asked.contains("statefulset.kubernetes.io/pod-name").then(|| object.name());
        format!("{:?}", (object.kind(), name, labels))
    }

    /// Another Service came, or one went.
    pub(super) fn forget(&mut self) {
        self.asked.take();
    }
}
