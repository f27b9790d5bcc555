//! The services of a Fleet document and the objects that make them.

use foldhash::HashMap;
use seaworthy_facts::WORKLOADS;
use seaworthy_object::{Object, Pod};

use crate::reads::Read;
use crate::{Autoscaler, DeclaredService, Fleet, Why};

/// A declared service with what was found of it.
#[derive(Debug, Clone)]
pub struct ModelledService<'a> {
    /// What is declared.
    pub declared: &'a DeclaredService<'a>,
    /// Its workloads: one, if all is well.
    pub workloads: Vec<&'a Object<'a>>,
    /// Its Services: those it names, and those that select its pods.
    pub services: Vec<&'a Object<'a>>,
}

impl<'a> Fleet<'a> {
    /// The services of the Fleet document, in its order.
    #[must_use]
    pub fn modelled(&self) -> &[ModelledService<'a>] {
        let Some(declaration) = self.declaration.filter(|it| !it.services.is_empty()) else { return &[] };
        self.reads.note(|| Read::All);
        self.modelled.get_or_init(|| {
            let workloads = by_name(self.workloads());
            let services = by_name(self.services().iter().copied());
            declaration.services.iter().map(|declared| self.model(declared, &workloads, &services)).collect()
        })
    }

    fn model(
        &self,
        declared: &'a DeclaredService<'a>,
        by_name: &ByName<'a>,
        services_by_name: &ByName<'a>,
    ) -> ModelledService<'a> {
        let (kind, name) = declared.workload_name();
        let mut workloads = by_name.get(name).cloned().unwrap_or_default();
        workloads.retain(|it| kind.is_none_or(|kind| it.kind().eq_ignore_ascii_case(kind)));
        workloads.retain(|it| declared.namespace.is_none_or(|within| it.namespace() == Some(within)));
        if workloads.iter().any(|it| !ends(it)) && kind.is_none() {
            workloads.retain(|it| !ends(it));
        }
        let mut services: Vec<&'a Object<'a>> = Vec::new();
        let mut add = |service: &'a Object<'a>| {
            if !services.iter().any(|it| std::ptr::eq(*it, service)) {
                services.push(service);
            }
        };
        let names = declared.service_names();
        let is_near = |service: &&'a Object<'a>| match declared.namespace {
            Some(namespace) => service.namespace() == Some(namespace),
            None => workloads.is_empty() || workloads.iter().any(|it| it.namespace() == service.namespace()),
        };
        let named = names.iter().filter_map(|name| services_by_name.get(name)).flatten().copied();
        named.filter(is_near).for_each(&mut add);
        for pod in workloads.iter().filter_map(|it| it.pod()) {
            self.services_of(pod).iter().copied().filter(|it| self.is_last_definition(it)).for_each(&mut add);
        }
        ModelledService { declared, workloads, services }
    }

    /// The Services, each in its last definition.
    #[must_use]
    pub fn services(&self) -> &[&'a Object<'a>] {
        self.reads.note(|| Read::All);
        self.last_services
            .get_or_init(|| self.of_kind("", "Service").filter(|it| self.is_last_definition(it)).collect())
    }

    /// The objects that run pods, each in its last definition; those that another object made are left out.
    pub fn workloads(&self) -> impl Iterator<Item = &'a Object<'a>> + use<'a, '_> {
        let runs = |it: &&Object<'_>| {
            it.pod().is_some() && it.kind() != "PodTemplate"
                || WORKLOADS.iter().any(|&(group, kind)| it.is(group, kind))
        };
        let made = |it: &&'a Object<'a>| it.field().items_at("metadata.ownerReferences").next().is_some();
        self.objects().iter().copied().filter(runs).filter(move |it| !made(it)).filter(|it| self.is_last_definition(it))
    }

    /// The autoscaler of a workload: a HorizontalPodAutoscaler, or what makes one.
    #[must_use]
    pub fn scaler_of(&self, workload: &'a Object<'a>) -> Option<&'a Object<'a>> {
        let scales = |it: &Autoscaler<'a>| {
            it.object().namespace() == workload.namespace()
                && it.target().get("kind").map_or("Deployment", |kind| kind.text()) == workload.kind()
                && self.is_last_definition(it.object())
        };
        let mut scalers = self.scalers_named(workload.namespace().unwrap_or(""), workload.name()).into_iter();
        scalers.find(|it| it.sets_replicas() && scales(it)).map(|it| it.object())
    }

    /// Why a workload that is not in the set may be there all the same.
    #[must_use]
    pub fn workload_made_later(&self, kind: Option<&str>, namespace: &str, name: &str) -> Option<Why> {
        let is_meant = |it: &&str| kind.is_none_or(|kind| kind.eq_ignore_ascii_case(it));
        let mut kinds = WORKLOADS.iter().map(|&(_, it)| it).filter(is_meant);
        let made = self.made_later(kind.unwrap_or("Deployment"), Some(namespace), name);
        made.or_else(|| kinds.any(|it| self.may_be_unread(it, name)).then_some(Why::Unread))
    }

    /// Why a Service that is not in the set may be there all the same.
    #[must_use]
    pub fn service_made_later(&self, namespace: &str, name: &str) -> Option<Why> {
        let made = self.made_later("Service", Some(namespace), name);
        made.or_else(|| self.may_be_unread("Service", name).then_some(Why::Unread))
    }
}

impl<'a> ModelledService<'a> {
    /// The pods of its workloads.
    pub fn pods(&self) -> impl Iterator<Item = Pod<'a>> + use<'a, '_> {
        self.workloads.iter().filter_map(|it| it.pod())
    }
}

type ByName<'a> = HashMap<&'a str, Vec<&'a Object<'a>>>;

fn by_name<'a>(objects: impl Iterator<Item = &'a Object<'a>>) -> ByName<'a> {
    let mut by_name = ByName::default();
    for object in objects {
        by_name.entry(object.name()).or_default().push(object);
    }
    by_name
}

/// True for workloads that are meant to end.
fn ends(workload: &Object<'_>) -> bool {
    matches!(workload.kind(), "Job" | "CronJob")
}
