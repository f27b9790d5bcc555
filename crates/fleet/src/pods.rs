//! Pods by their labels, and who selects them.

use rustc_hash::FxHashMap;
use seaworthy_object::{Object, Pod, Requirement, Selector};

use crate::{Fleet, ObjectKey};

/// A workload: its object and the pod it makes.
pub type Workload<'a> = Pod<'a>;

/// What a selector meets.
#[derive(Debug, Clone)]
pub enum Match<'a> {
    /// These pods.
    Pods(Vec<Pod<'a>>),
    /// None, and the given set is all there is.
    Nothing,
    /// None, but pods may live elsewhere.
    Unknown,
}

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

    /// The pods of a namespace that a selector matches, in order. An empty selector matches all.
    #[must_use]
    pub fn selected(&self, namespace: &str, selector: &Selector<'_>) -> Vec<Pod<'a>> {
        let narrowest = selector
            .requirements()
            .iter()
            .filter_map(|requirement| match requirement {
                Requirement::In(key, values) if values.len() == 1 => {
                    let value = values.first().copied().unwrap_or("");
                    Some(self.pods_by_label.get(&(namespace, *key, value)).map_or(&[][..], Vec::as_slice))
                }
                _ => None,
            })
            .min_by_key(|ids| ids.len());
        let ids = narrowest.unwrap_or_else(|| self.pods_by_namespace.get(namespace).map_or(&[][..], Vec::as_slice));
        ids.iter()
            .filter_map(|&id| self.pods.get(id as usize).copied())
            .filter(|pod| selector.matches(pod.labels()))
            .collect()
    }

    /// What a selector meets, in three values: no pods are a fact only in a complete set that could be read whole.
    #[must_use]
    pub fn matched(&self, namespace: &str, selector: &Selector<'_>) -> Match<'a> {
        let pods = self.selected(namespace, selector);
        if !pods.is_empty() {
            return Match::Pods(pods);
        }
        if self.facts().complete && self.unread().is_empty() { Match::Nothing } else { Match::Unknown }
    }

    /// The pods a Service selects, in order; none without a selector.
    #[must_use]
    pub fn pods_of(&self, service: &'a Object<'a>) -> Vec<Pod<'a>> {
        let Some(selector) = service.at("spec.selector").map(Selector::from_labels) else { return Vec::new() };
        if selector.is_empty() || service.str_at("spec.type") == Some("ExternalName") {
            return Vec::new();
        }
        self.selected(service.namespace().unwrap_or("default"), &selector)
    }

    /// The Services that select a pod, in order.
    #[must_use]
    pub fn services_of(&self, pod: Pod<'a>) -> &[&'a Object<'a>] {
        let by_pod = self.services_by_pod.get_or_init(|| {
            let mut by_pod: FxHashMap<ObjectKey, Vec<&'a Object<'a>>> = FxHashMap::default();
            for service in self.of_kind("", "Service") {
                for pod in self.pods_of(service) {
                    by_pod.entry(key(pod.object())).or_default().push(service);
                }
            }
            by_pod
        });
        by_pod.get(&key(pod.object())).map_or(&[], Vec::as_slice)
    }
}

fn key(object: &Object<'_>) -> ObjectKey {
    (object.source(), object.document().index(), object.root().id())
}
