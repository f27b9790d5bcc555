//! `service-not-deployed`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, ModelledService, Why, is_near, nearest};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ServiceNotDeployed {}

impl Rule for ServiceNotDeployed {
    const META: Meta = Meta {
        id: "service-not-deployed",
        category: Category::Architecture,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("service_not_deployed.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl ServiceNotDeployed {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for service in fleet.modelled() {
            if super::is_external(fleet, service.declared) {
                continue;
            }
            match service.workloads.as_slice() {
                [] => absent(fleet, service, report),
                [_] => {}
                several => ambiguous(service, several, report),
            }
        }
    }
}

fn absent<'a>(fleet: &Fleet<'a>, service: &ModelledService<'a>, report: &mut Reporter<'_>) {
    let declared = service.declared;
    let (kind, name) = declared.workload_name();
    let at = declared.workload.map_or_else(|| declared.field.key_place(), |it| it.place());
    let what = kind.map_or_else(|| format!("workload `{name}`"), |kind| format!("{kind} `{name}`"));
    let namespace = declared.namespace.unwrap_or(&fleet.facts().namespace);
    let names = || fleet.workloads().map(|it| it.name()).filter(|it| *it != name);
    let near = names().filter(|it| is_near(name, it)).min();
    let why = if let Some(why) = fleet.workload_made_later(kind, namespace, name) {
        why
    } else if fleet.facts().complete || near.is_some() {
        let message = match declared.namespace {
            Some(namespace) => {
                format!("service `{}` is not deployed: no {what} in namespace `{namespace}`", declared.name)
            }
            None => format!("service `{}` is not deployed: there is no {what}", declared.name),
        };
        let mut finding = report.say(at, message).help(advice(fleet, service, nearest(name, names())));
        for object in &service.services {
            finding = finding.related(*object, "its Service is here");
        }
        if !fleet.facts().complete {
            finding.level(Level::Error, Level::Warning);
        }
        return;
    } else {
        Why::NotGiven
    };
    report.unknown(at, what, why.as_str());
}

fn advice<'a>(fleet: &Fleet<'a>, service: &ModelledService<'a>, near: Option<&str>) -> String {
    let behind = service.services.iter().find_map(|it| fleet.pods_of(it).first().copied());
    if let Some(pod) = behind {
        let reference = pod.object().reference();
        return format!("its Service selects the pods of {reference}: say `workload: {}`", pod.object().name());
    }
    let elsewhere = fleet.workloads().find(|it| it.name() == service.declared.workload_name().1);
    match (elsewhere, near) {
        (Some(there), _) => {
            format!("there is {} in namespace `{}`", there.reference(), there.namespace().unwrap_or(""))
        }
        (None, Some(near)) => format!("did you mean `{near}`? Else say `workload:` in the Fleet document, or add it"),
        (None, None) => "add it, say `workload:` if it is called otherwise, or declare it under `externals`".to_owned(),
    }
}

fn ambiguous<'a>(
    service: &ModelledService<'a>,
    workloads: &[&'a seaworthy_object::Object<'a>],
    report: &mut Reporter<'_>,
) {
    for (at, object) in workloads.iter().enumerate() {
        let Some(first) = workloads.iter().take(at).find(|it| it.namespace() == object.namespace()) else { continue };
        let (one, other) = (first.reference(), object.reference());
        let message = format!("service `{}` is deployed more than once: {one} and {other}", service.declared.name);
        let finding = report
            .say(*object, message)
            .help(format!("remove one, or say which is meant: `workload: {}/{}`", first.kind(), first.name()))
            .related(*first, "the other is here");
        super::declared(finding, service.declared);
    }
}
