//! `service-selects-nothing`.

use seaworthy_diagnostic::{Level, Safety};
use seaworthy_fleet::{Fleet, Match, Why, service_selector};
use seaworthy_object::{Object, Pod, Requirement, Selector};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ServiceSelectsNothing {
    /// Labels that something adds to running pods, so that no template carries them; a `*` at the end stands for any
    /// text.
    ignore_labels: Vec<String>,
}

/// Labels by which operators mark the leader of a group (Patroni, CloudNativePG, Vault, Redis, MongoDB).
const ADDED: &[&str] = &[
    "cnpg.io/instanceRole",
    "mongodb.com/*",
    "postgres-operator.crunchydata.com/role",
    "redis-role",
    "serving.knative.dev/*",
    "spilo-role",
    "vault-active",
    "vault-initialized",
    "vault-sealed",
];

impl Default for ServiceSelectsNothing {
    fn default() -> Self {
        Self { ignore_labels: ADDED.iter().map(|&it| it.to_owned()).collect() }
    }
}

impl Rule for ServiceSelectsNothing {
    const META: Meta = Meta {
        id: "service-selects-nothing",
        category: Category::Reference,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("service_selects_nothing.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl ServiceSelectsNothing {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        if !object.is("", "Service") {
            return;
        }
        let Some(selector) = service_selector(object) else { return };
        let selector = selector.without(|label| self.ignores(label));
        if !selector.is_empty() {
            judge(fleet, object, &selector, report);
        }
    }

    fn ignores(&self, label: &str) -> bool {
        self.ignore_labels.iter().any(|it| match it.strip_suffix('*') {
            Some(start) => label.starts_with(start),
            None => it == label,
        })
    }
}

fn judge<'a>(fleet: &Fleet<'a>, service: &'a Object<'a>, selector: &Selector<'a>, report: &mut Reporter<'_>) {
    let namespace = service.namespace().unwrap_or("default");
    match fleet.matched(namespace, selector) {
        Match::Pods(pods) => {
            for set in fleet.governed_by(service) {
                // It has pods, but not those it gives names to.
                if !selector.matches(set.labels()) && !pods.iter().any(|pod| pod.object().name() == set.object().name())
                {
                    say_misses(service, selector, set, report);
                }
            }
        }
        Match::Nothing => match namesake(fleet, service) {
            Some(pod) => say_misses(service, selector, pod, report),
            None => say_nothing(fleet, service, selector, report),
        },
        Match::Unknown(Why::NotGiven) if namesake(fleet, service).is_some() => {
            namesake(fleet, service).into_iter().for_each(|pod| say_misses(service, selector, pod, report));
        }
        Match::Unknown(why) => {
            report.unknown(selector.field(), format!("pods with {selector} in {namespace}"), why.as_str());
        }
    }
}

/// The one workload that a Service is tied to by name: a StatefulSet it governs, or the workload of its own name.
fn namesake<'a>(fleet: &Fleet<'a>, service: &'a Object<'a>) -> Option<Pod<'a>> {
    let governed = fleet.governed_by(service).next();
    let namespace = service.namespace().unwrap_or("default");
    governed.or_else(|| fleet.pods_named(namespace, service.name()).into_iter().find(|pod| !pod.runs_to_completion()))
}

/// Of a workload it is tied to, some label differs: which, and what it is instead.
fn say_misses<'a>(service: &'a Object<'a>, selector: &Selector<'a>, pod: Pod<'a>, report: &mut Reporter<'_>) {
    let workload = pod.object().reference();
    let missed: Vec<_> = selector.misses(pod.labels()).collect();
    let asked = missed.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
    let who = service.reference();
    let governs =
        pod.object().str_at("spec.serviceName") == Some(service.name()) && pod.object().kind() == "StatefulSet";
    let so = if governs {
        format!(", so `{0}-0.{1}` does not resolve", pod.object().name(), service.name())
    } else {
        String::new()
    };
    let message = format!("{who} selects nothing: the pods of {workload} do not carry {asked}{so}");
    let Some(first) = missed.first() else { return };
    let field = place(selector, first);
    let finding = report
        .say(field, message)
        .related(pod.object(), if governs { "the set it governs" } else { "the workload of its name" });
    let finding = finding.help(format!("the pods of {workload} {}", carried(pod, first)));
    if let (Requirement::In(key, _), [_]) = (first, missed.as_slice())
        && let Some(value) = pod.labels().get(key)
    {
        finding.replace(field, value, format!("select `{key}={value}`"), Safety::Unsafe);
    }
}

fn say_nothing<'a>(fleet: &Fleet<'a>, service: &'a Object<'a>, selector: &Selector<'a>, report: &mut Reporter<'_>) {
    let namespace = service.namespace().unwrap_or("default");
    let nearest = fleet.nearest_pod(namespace, selector);
    let missed = nearest.and_then(|pod| selector.misses(pod.labels()).next());
    let field = missed.map_or_else(|| selector.field(), |missed| place(selector, missed));
    let message =
        format!("{} selects nothing: no pod of namespace `{namespace}` carries `{selector}`", service.reference());
    let finding = report.say(field, message);
    if let (Some(pod), Some(missed)) = (nearest, missed) {
        let workload = pod.object().reference();
        let finding = finding.related(pod.object(), "the nearest pods");
        finding.help(format!("nearest are the pods of {workload}: they {}", carried(pod, missed)));
    } else if let Some(other) = fleet.namespaces_selected(selector).first() {
        finding.help(format!("such pods are in namespace `{other}`, but a Service selects only in its own"));
    } else {
        finding.help("add the workload it is for, or drop the Service");
    }
}

/// The value in the selector that asks for something.
fn place<'a>(selector: &Selector<'a>, missed: &Requirement<'_>) -> seaworthy_object::Field<'a> {
    let key = match missed {
        Requirement::In(key, _) => key,
        _ => "",
    };
    selector.field().get(key).unwrap_or_else(|| selector.field())
}

/// What a pod has instead of a label that is asked for.
fn carried(pod: Pod<'_>, missed: &Requirement<'_>) -> String {
    let Requirement::In(key, values) = missed else { return format!("lack `{missed}`") };
    if let Some(value) = pod.labels().get(key) {
        return format!("carry `{key}={value}`, not `{missed}`");
    }
    let same_value = pod.labels().iter().find(|(_, value)| values.contains(value));
    match same_value.or_else(|| pod.labels().iter().next()) {
        Some((other, value)) => format!("carry `{other}={value}`, not `{missed}`"),
        None => "carry no labels at all".to_owned(),
    }
}
