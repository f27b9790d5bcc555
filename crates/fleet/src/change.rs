//! A source of a fleet changes: its objects go, others come, and everything else stays as it is.

use seaworthy_source::order::{self, filled};
use std::collections::BTreeSet;

use seaworthy_document::Document;
use seaworthy_object::Object;

use crate::Fleet;
use crate::autoscalers::target_of;
use crate::exposure::{add_routes, backends};
use crate::nearest::siblings;
use crate::ordered::{Placed, insert, remove, remove_under};
use crate::pods::{CROWD, images_of, makes_claims, takes_host_ports};
use crate::producers::{Sign, signs_of, signs_of_configuration};
use crate::reads::{Changes, Key};
use crate::relations::references;

/// What one source brings into a fleet.
#[derive(Default)]
pub struct Part<'a> {
    /// Its objects, in order.
    pub objects: Vec<&'a Object<'a>>,
    /// Its documents that may hold more objects but could not be read.
    pub unread: Vec<&'a Document>,
    /// Its documents that tools read.
    pub configurations: Vec<&'a Document>,
    /// The source, with its name.
    pub file: Option<(seaworthy_source::SourceId, &'a str)>,
}

impl<'a> Fleet<'a> {
    /// Puts a part into the place of another, and says whose answers that may change. The fleet must hold what goes,
    /// and its objects must stand in the order of their sources ([`Fleet::earlier_source`]); the Fleet document stays.
    pub fn replace(&mut self, gone: &Part<'a>, come: &Part<'a>) -> Changes {
        let mut changes = Changes::default();
        let (made_pods, was_much) = (self.unread.may_make_pods(), self.unread.is_much());
        gone.objects.iter().for_each(|it| self.touch(it, &mut changes));
        gone.objects.iter().for_each(|it| self.remove(it));
        come.objects.iter().for_each(|it| self.insert(it));
        // To know what is touched, answers are kept of the fleet as it was, and of it while not all has changed.
        self.revision += 1;
        come.objects.iter().for_each(|it| self.touch(it, &mut changes));
        self.compare(gone, come, &mut changes);
        if !gone.unread.is_empty() || !come.unread.is_empty() {
            self.unread.replace(&gone.unread, &come.unread);
            gone.unread.iter().chain(&come.unread).for_each(|it| changes.unread(it.text()));
            if self.unread.may_make_pods() != made_pods {
                changes.differs(Key::UnreadPods);
            }
            if self.unread.is_much() != was_much {
                changes.key(Key::UnreadMuch);
            }
        }
        self.configurations.retain(|it| !gone.configurations.iter().any(|one| std::ptr::eq(*one, *it)));
        self.configurations.extend(&come.configurations);
        self.files.extend(come.file);
        self.last_services.take();
        self.modelled.take();
        if gone.objects.iter().chain(&come.objects).any(|it| it.is("", "LimitRange")) {
            self.limit_ranges.take();
        }
        self.revision += 1;
        changes
    }

    fn remove(&mut self, object: &'a Object<'a>) {
        let order = object.order();
        remove(&mut self.objects, order);
        remove(&mut self.custom, order);
        self.index.remove(object);
        self.pods.remove(object);
        if let Some(relations) = self.relations.get_mut() {
            relations.remove(object);
        }
        if let Some(producers) = self.producers.get_mut() {
            producers.subtract(&signs_of(object, self.catalog));
        }
        if let Some(names) = self.names.get_mut()
            && !self.index.has(object)
        {
            names.remove(object);
        }
        if let Some(routes) = self.routes.get_mut() {
            for (namespace, name, _) in backends(object) {
                remove_under(routes, &(namespace, name), order);
            }
        }
        if let Some(scalers) = self.scalers.get_mut()
            && let Some(target) = target_of(object)
        {
            remove_under(scalers, &target, order);
        }
    }

    fn insert(&mut self, object: &'a Object<'a>) {
        if let Some(names) = self.names.get_mut()
            && !self.index.has(object)
        {
            names.insert(object);
        }
        insert(&mut self.objects, object);
        if !self.catalog.group_is_built_in(object.group()) {
            insert(&mut self.custom, object);
        }
        self.index.insert(object);
        self.pods.insert(object);
        if let Some(relations) = self.relations.get_mut() {
            relations.insert(object);
        }
        if let Some(producers) = self.producers.get_mut() {
            producers.add(&signs_of(object, self.catalog));
        }
        if let Some(routes) = self.routes.get_mut() {
            add_routes(routes, object);
        }
        if let Some(scalers) = self.scalers.get_mut()
            && let Some(target) = target_of(object)
        {
            insert(scalers.entry(target).or_default(), object);
        }
    }

    /// What is touched by an object that changes in any way, were it only that it moves within its file.
    fn touch(&self, object: &'a Object<'a>, changes: &mut Changes) {
        let of = object.group_kind();
        let namespace = object.namespace();
        changes.key(Key::Identity(of.group, of.kind, namespace, object.name()));
        changes.key(Key::Kind(of.group, of.kind));
        changes.key(Key::KindIn(of.group, of.kind, namespace));
        changes.key(Key::AnyGroup(of.kind));
        namespace.into_iter().for_each(|it| changes.key(Key::Within(it)));
        changes.key(Key::Name(of.group, of.kind, object.name()));
        if !self.catalog.group_is_built_in(object.group()) {
            changes.key(Key::Custom);
        }
        if let Some(pod) = object.pod() {
            self.touch_pod(pod, changes);
        }
        if object.is("", "Service") {
            self.sources_selected(object).into_iter().for_each(|it| changes.key(Key::ServicesOf(it)));
        }
        for it in references(object) {
            changes.key(Key::ReferencesTo(it.group, it.kind));
            changes.key(Key::Referrers(it.group, it.kind, it.namespace, it.name));
        }
        for (namespace, name, _) in backends(object) {
            changes.key(Key::Route(namespace, name));
        }
        if let Some((namespace, name)) = target_of(object) {
            changes.key(Key::Scalers(namespace, name));
        }
    }

    fn touch_pod(&self, pod: seaworthy_object::Pod<'a>, changes: &mut Changes) {
        let namespace = pod.namespace();
        changes.key(Key::Pods);
        changes.key(Key::PodsIn(namespace));
        changes.key(Key::PodsNamed(namespace, pod.object().name()));
        changes.key(Key::ServicesOf(pod.object().source()));
        if self.pods.rank(namespace, pod.object()) < CROWD {
            changes.key(Key::FirstPods(namespace));
        }
        for (key, value) in pod.labels().iter() {
            changes.key(Key::Label(namespace, key, value));
            changes.key(Key::LabelAnywhere(key, value));
        }
        if makes_claims(&pod) {
            changes.key(Key::Ephemeral);
        }
        if takes_host_ports(&pod) {
            changes.key(Key::HostPorts);
        }
    }

    /// What is touched only where what goes and what comes differ.
    fn compare(&self, gone: &Part<'a>, come: &Part<'a>, changes: &mut Changes) {
        let of = |part: &Part<'a>| part.objects.clone();
        let (old, new) = (of(gone), of(come));
        let identity = |it: &&'a Object<'a>| (it.group_kind(), it.namespace(), it.name());
        let mut before: Vec<_> = old.iter().map(identity).collect();
        let mut after: Vec<_> = new.iter().map(identity).collect();
        // Another order is another last definition.
        if before != after {
            changes.differs(Key::Identities);
        }
        let namespaces =
            |part: &[&'a Object<'a>]| -> BTreeSet<_> { filled(part.iter().filter_map(|it| it.namespace())) };
        if namespaces(&old) != namespaces(&new) {
            changes.differs(Key::Namespaces);
        }
        order::sort(&mut before);
        order::sort(&mut after);
        let differing = old.iter().filter(|it| after.binary_search(&identity(it)).is_err());
        for object in differing.chain(new.iter().filter(|it| before.binary_search(&identity(it)).is_err())) {
            changes.name(siblings(object), object.name());
            if self.names.get().is_none_or(|names| names.is_in_crowd(object)) {
                changes.differs(Key::Crowd(siblings(object)));
            }
        }
        let images = |part: &[&'a Object<'a>]| -> BTreeSet<&'a str> {
            part.iter().filter_map(|it| it.pod()).flat_map(images_of).collect()
        };
        images(&old).symmetric_difference(&images(&new)).for_each(|it| changes.image(it));
        let signs = |part: &Part<'a>| -> BTreeSet<Sign<'a>> {
            let of_objects = part.objects.iter().flat_map(|it| signs_of(it, self.catalog));
            of_objects.chain(part.configurations.iter().flat_map(|it| signs_of_configuration(it))).collect()
        };
        signs(gone).symmetric_difference(&signs(come)).for_each(|it| changes.differs(it.key()));
        let referred = |part: &[&'a Object<'a>]| -> BTreeSet<_> {
            let all = part.iter().flat_map(|it| references(it));
            all.map(|it| (it.group, it.kind, it.namespace, it.name, it.relation, it.role)).collect()
        };
        for &(group, kind, namespace, name, ..) in referred(&old).symmetric_difference(&referred(&new)) {
            changes.differs(Key::Referred(group, kind, namespace, name));
        }
    }
}
