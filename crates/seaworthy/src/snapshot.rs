//! Objects that are there but are not judged: what a cluster holds, as far as somebody looked.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_document::{Document, Limits, Node};
use seaworthy_object::{Object, split_api_version};
use seaworthy_source::{Source, SourceId};

/// The source that objects of a snapshot lie in. Behind it is no text that a report could show.
pub(crate) const SNAPSHOT: SourceId = SourceId(1);

/// The objects a cluster holds, read once and shared between checks.
///
/// It is kept up to date by whoever watches the cluster: [`Snapshot::insert`] on every event that adds or changes an
/// object, [`Snapshot::remove`] when one is gone, [`Snapshot::set_listed`] once all objects of a kind are in it. A kind
/// that is not listed is known in part, so that what is not found of it may still be there.
#[derive(Debug, Default, Clone)]
pub struct Snapshot {
    /// By namespace; those that live in none are under the empty name.
    objects: BTreeMap<Box<str>, BTreeMap<Identity, Document>>,
    listed: BTreeSet<(String, String)>,
}

/// Group, kind and name.
type Identity = (Box<str>, Box<str>, Box<str>);

impl Snapshot {
    /// Takes in an object, as JSON or YAML with `apiVersion` and `kind`, in the place of an older version of it.
    /// False if the text holds no such object.
    ///
    /// Of a Secret give the metadata alone: it counts as there, with keys nobody knows.
    pub fn insert(&mut self, text: &str) -> bool {
        let documents = seaworthy_document::read_with(&Source::new("", text), Limits::default());
        let Some(document) = documents.into_iter().next() else { return false };
        let document = document.in_source(SNAPSHOT);
        let Some((namespace, identity)) = document.root().and_then(identity_of) else { return false };
        self.objects.entry(namespace).or_default().insert(identity, document);
        true
    }

    /// Forgets an object. `namespace` is empty for what lives in none. False if it was not known.
    pub fn remove(&mut self, group: &str, kind: &str, namespace: &str, name: &str) -> bool {
        let Some(objects) = self.objects.get_mut(namespace) else { return false };
        let removed = objects.remove(&(group.into(), kind.into(), name.into())).is_some();
        if objects.is_empty() {
            self.objects.remove(namespace);
        }
        removed
    }

    /// Says whether all objects of a kind are in it, in all namespaces: what is not found of such a kind is missing.
    pub fn set_listed(&mut self, group: &str, kind: &str, listed: bool) {
        let kind = (group.to_owned(), kind.to_owned());
        if listed {
            self.listed.insert(kind);
        } else {
            self.listed.remove(&kind);
        }
    }

    /// Forgets all objects of a kind, which is then not listed: before it is listed anew.
    pub fn clear(&mut self, group: &str, kind: &str) {
        self.set_listed(group, kind, false);
        self.objects.retain(|_, objects| {
            objects.retain(|it, _| (&*it.0, &*it.1) != (group, kind));
            !objects.is_empty()
        });
    }

    /// How many objects it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.objects.values().map(BTreeMap::len).sum()
    }

    /// True if it holds no object and lists no kind: nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.listed.is_empty()
    }

    /// The kinds that are listed, by group and kind.
    pub(crate) fn listed(&self) -> &BTreeSet<(String, String)> {
        &self.listed
    }

    /// The objects that one of this namespace may have to do with, an older version of itself left out.
    pub(crate) fn around<'s>(&'s self, object: &Object<'_>) -> impl Iterator<Item = &'s Document> {
        let own: Identity = (object.group().into(), object.kind().into(), object.name().into());
        let namespace = object.namespace().filter(|it| !it.is_empty());
        let of_namespace = namespace.and_then(|it| self.objects.get(it));
        let of_cluster = self.objects.get("");
        let own_place = namespace.map_or(of_cluster, |_| of_namespace);
        [of_namespace, of_cluster].into_iter().flatten().flat_map(move |objects| {
            let is_own_place = own_place.is_some_and(|it| std::ptr::eq(it, objects));
            let own = own.clone();
            objects.iter().filter(move |(identity, _)| !is_own_place || **identity != own).map(|(_, it)| it)
        })
    }
}

/// What an object is called, and the namespace it lives in.
fn identity_of(root: Node<'_>) -> Option<(Box<str>, Identity)> {
    let text = |keys: &[&str]| root.at(keys.iter().copied()).and_then(|it| it.as_str());
    let (group, _) = split_api_version(text(&["apiVersion"])?);
    let identity = (group.into(), text(&["kind"])?.into(), text(&["metadata", "name"])?.into());
    Some((text(&["metadata", "namespace"]).unwrap_or("").into(), identity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_come_change_and_go() {
        let mut snapshot = Snapshot::default();
        let map = |data: &str| {
            format!(
                r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"a","namespace":"n"}},"data":{data}}}"#
            )
        };
        assert!(snapshot.insert(&map(r#"{"a":"b"}"#)));
        assert!(snapshot.insert(&map("{}")), "an older version is replaced");
        assert!(snapshot.insert(r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n"}}"#));
        assert_eq!(snapshot.len(), 2);
        assert!(!snapshot.insert("no object") && !snapshot.insert("{") && !snapshot.insert(""));
        assert!(snapshot.remove("", "ConfigMap", "n", "a"));
        assert!(!snapshot.remove("", "ConfigMap", "n", "a"));
        snapshot.set_listed("", "Namespace", true);
        snapshot.clear("", "Namespace");
        assert!(snapshot.is_empty());
    }
}
