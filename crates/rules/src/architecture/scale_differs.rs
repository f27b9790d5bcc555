//! `scale-differs`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_fleet::{DeclaredService, Fleet, Scale, Stated, Why};
use seaworthy_object::{Field, Object};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ScaleDiffers {}

impl Rule for ScaleDiffers {
    const META: Meta = Meta {
        id: "scale-differs",
        category: Category::Architecture,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("scale_differs.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// What an autoscaler says: the value after the server's default, and where it stands or would stand.
struct Bound<'a> {
    value: i64,
    field: Option<Field<'a>>,
}

impl ScaleDiffers {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for service in fleet.modelled() {
            for workload in service.workloads.iter().filter(|it| !matches!(it.kind(), "Job" | "CronJob")) {
                let scaler = fleet.scaler_of(workload);
                if let Some(stated) = service.declared.replicas {
                    replicas(service.declared, stated, workload, scaler, report);
                }
                if let Some(scale) = service.declared.scale {
                    match scaler {
                        Some(scaler) => bounds(service.declared, scale, scaler, report),
                        None => unscaled(fleet, service.declared, scale, workload, report),
                    }
                }
            }
        }
    }
}

fn replicas<'a>(
    service: &DeclaredService<'a>,
    stated: Stated<'a, i64>,
    workload: &'a Object<'a>,
    scaler: Option<&'a Object<'a>>,
    report: &mut Reporter<'_>,
) {
    let (name, want) = (service.name, stated.value);
    if let Some(scaler) = scaler {
        let (min, max) = (minimum(scaler).value, maximum(scaler).map_or(i64::MAX, |it| it.value));
        if !(min..=max).contains(&want) {
            let message =
                format!("`{name}` should run {want} times, but {} keeps it at {min} to {max}", scaler.reference());
            report.say(scaler, message).related(stated.field, format!("{want} is declared here"));
        }
        return;
    }
    let found = if workload.is("", "Pod") { Some(1) } else { workload.pod().and_then(|it| it.replicas()) };
    let Some(found) = found.filter(|&it| it != want) else { return };
    let message = format!("`{name}` should run {want} times, but {} has {found} replicas", workload.reference());
    let field = workload.at("spec.replicas");
    let at = field.map(|it| it.place()).or_else(|| Some(workload.at("spec")?.missing("replicas")));
    let finding = report
        .say(at.unwrap_or_else(|| workload.place()), message)
        .related(stated.field, format!("{want} is declared here"));
    if let Some(field) = field {
        finding.replace(field, want.to_string(), format!("set `replicas` to {want}"), Safety::Unsafe);
    }
}

fn bounds<'a>(service: &DeclaredService<'a>, scale: Scale<'a>, scaler: &'a Object<'a>, report: &mut Reporter<'_>) {
    let pairs = [
        ("min", "at least", scale.min, Some(minimum(scaler))),
        ("max", "at most", scale.max, maximum(scaler)),
        ("cpu", "towards", scale.cpu, cpu_target(scaler)),
    ];
    for (key, words, stated, found) in pairs {
        let Some(stated) = stated else { continue };
        let want = stated.value;
        let unit = if key == "cpu" { " per cent of the cpu request" } else { " copies" };
        let says = match &found {
            Some(found) if found.value == want => continue,
            Some(found) => format!("says {}", found.value),
            None if scaler.kind() != "HorizontalPodAutoscaler" => continue,
            None => "does not look at it".to_owned(),
        };
        let message =
            format!("`{}` should scale {words} {want}{unit}, but {} {says}", service.name, scaler.reference());
        let field = found.and_then(|it| it.field);
        let at = field.map_or_else(|| scaler.place(), |it| it.place());
        let finding = report.say(at, message).related(stated.field, format!("`{key}: {want}` is declared here"));
        if let Some(field) = field {
            finding.replace(field, want.to_string(), format!("set it to {want}"), Safety::Unsafe);
        }
    }
}

/// A scale is declared, and nothing scales.
fn unscaled<'a>(
    fleet: &Fleet<'a>,
    service: &DeclaredService<'a>,
    scale: Scale<'a>,
    workload: &'a Object<'a>,
    report: &mut Reporter<'_>,
) {
    let what = format!("HorizontalPodAutoscaler of {}", workload.reference());
    let name = workload.name();
    let why = if fleet.may_be_unread("HorizontalPodAutoscaler", name) {
        Why::Unread
    } else if let Some(why) = fleet.made_later("HorizontalPodAutoscaler", workload.namespace(), name) {
        why
    } else if fleet.facts().complete {
        report
            .say(workload, format!("`{}` should scale, but nothing scales {}", service.name, workload.reference()))
            .help(format!("add a HorizontalPodAutoscaler whose scaleTargetRef is {} `{name}`", workload.kind()))
            .related(scale.field, "its scale is declared here");
        return;
    } else {
        Why::NotGiven
    };
    report.unknown(scale.field, what, why.as_str());
}

/// `minReplicas` after the server's default of 1; 0 for what KEDA scales.
fn minimum<'a>(scaler: &'a Object<'a>) -> Bound<'a> {
    let (path, default) = match scaler.kind() {
        "HorizontalPodAutoscaler" => ("spec.minReplicas", 1),
        _ => ("spec.minReplicaCount", 0),
    };
    let field = scaler.at(path);
    Bound { value: field.and_then(|it| it.as_int()).unwrap_or(default), field }
}

fn maximum<'a>(scaler: &'a Object<'a>) -> Option<Bound<'a>> {
    let (path, default) = match scaler.kind() {
        "HorizontalPodAutoscaler" => ("spec.maxReplicas", None),
        _ => ("spec.maxReplicaCount", Some(100)),
    };
    let field = scaler.at(path);
    Some(Bound { value: field.and_then(|it| it.as_int()).or(default)?, field })
}

/// The cpu target in per cent: of v1, of v2, of v2beta1, and of one container.
fn cpu_target<'a>(scaler: &'a Object<'a>) -> Option<Bound<'a>> {
    let is_cpu = |it: &Field<'_>| it.str_at("name") == Some("cpu");
    let of_metric = |metric: Field<'a>| {
        let resource = ["resource", "containerResource"].into_iter().find_map(|key| metric.get(key)).filter(is_cpu)?;
        resource.at("target.averageUtilization").or_else(|| resource.get("targetAverageUtilization"))
    };
    let v1 = scaler.at("spec.targetCPUUtilizationPercentage");
    let field = v1.or_else(|| scaler.field().items_at("spec.metrics").find_map(of_metric))?;
    Some(Bound { value: field.as_int()?, field: Some(field) })
}
