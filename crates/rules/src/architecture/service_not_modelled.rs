//! `service-not-modelled`.

use foldhash::HashSet;
use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Exposure, Fleet};
use seaworthy_object::Object;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ServiceNotModelled {}

impl Rule for ServiceNotModelled {
    const META: Meta = Meta {
        id: "service-not-modelled",
        category: Category::Architecture,
        level: Some(Level::Info),
        packs: &[],
        since: "0.1.0",
        page: page!("service_not_modelled.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl ServiceNotModelled {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let modelled = fleet.modelled();
        if modelled.is_empty() {
            return;
        }
        let of = |object: &Object<'_>| std::ptr::from_ref(object).addr();
        let known: HashSet<usize> =
            modelled.iter().flat_map(|it| it.workloads.iter().chain(&it.services)).map(|it| of(it)).collect();
        for workload in fleet.workloads() {
            let ends = matches!(workload.kind(), "Job" | "CronJob");
            if known.contains(&of(workload))
                || ends
                || fleet.is_part_of_cluster(workload)
                || is_declared_external(fleet, workload)
            {
                continue;
            }
            report
                .say(workload, format!("{} is not in the Fleet document", workload.reference()))
                .help(format!("declare it: `services: {{{}: {{}}}}`", workload.name()));
        }
        for service in fleet.services() {
            let selects_any = !fleet.pods_of(service).is_empty();
            let is_built_in = fleet.facts().brings("Service", service.namespace(), service.name());
            if known.contains(&of(service))
                || is_built_in
                || fleet.is_part_of_cluster(service)
                || is_declared_external(fleet, service)
                || selects_any
            {
                // What it selects is modelled, or was said above.
                continue;
            }
            report.say(*service, format!("{} belongs to no service of the Fleet document", service.reference())).help(
                "name it in the service it belongs to: `service: …`; or declare what it stands for under `externals`",
            );
        }
        self.unwanted(fleet, report);
    }

    /// Services of a service that is said to have none.
    fn unwanted(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for service in fleet.modelled() {
            let has_none = service.declared.ports.as_ref().is_some_and(Vec::is_empty);
            if !has_none || service.declared.exposure.is_some_and(|it| it.value == Exposure::None) {
                continue;
            }
            for object in &service.services {
                let message = format!(
                    "{} is not in the Fleet document: `{}` should have none",
                    object.reference(),
                    service.declared.name
                );
                let finding = report.say(*object, message).help("remove it, or name its ports in the Fleet document");
                super::declared(finding, service.declared);
            }
        }
    }
}

/// What stands for an external: something of its name, or a name for its host.
fn is_declared_external(fleet: &Fleet<'_>, object: &Object<'_>) -> bool {
    let name = object.root().at(["spec", "externalName"]).map(|it| it.text());
    fleet.facts().externals.iter().any(|it| it.name == object.name() || name.is_some() && it.host.as_deref() == name)
}
