//! `resources-unset`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Container, Place, Pod, Quantity, Role};
use serde::Deserialize;

use crate::{Category, Check, Meta, Pack, Reporter, Rule, words::all_of};

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ResourcesUnset {
    /// What a container must state: `requests` or `limits`, a dot, and the resource.
    pub(crate) require: Vec<String>,
}

impl Default for ResourcesUnset {
    fn default() -> Self {
        Self { require: ["requests.cpu", "requests.memory", "limits.memory"].map(str::to_owned).to_vec() }
    }
}

impl Rule for ResourcesUnset {
    const META: Meta = Meta {
        id: "resources-unset",
        category: Category::Workload,
        level: None,
        packs: &[(Pack::Recommended, Level::Info)],
        since: "0.1.0",
        page: include_str!("resources_unset.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl ResourcesUnset {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for pod in fleet.pods() {
            for container in pod.containers().filter(|it| it.role() != Role::Ephemeral) {
                let missing: Vec<&String> =
                    self.require.iter().filter(|it| !is_set(fleet, *pod, container, it)).collect();
                if missing.is_empty() {
                    continue;
                }
                let words: Vec<String> = missing.iter().map(|it| in_words(it)).collect();
                report
                    .say(place(container, &missing), format!("container `{}` has no {}", container.name(), either(&words)))
                    .help("without a request the scheduler counts it as nothing; without a memory limit it can starve its node");
            }
        }
    }
}

/// True if a required amount (`requests.cpu`) is stated, or filled in: a limit is a request too, and what the pod as a
/// whole or a LimitRange says counts.
fn is_set(fleet: &Fleet<'_>, pod: Pod<'_>, container: Container<'_>, required: &str) -> bool {
    let Some((list, resource)) = required.split_once('.') else { return true };
    let own = if list == "requests" { container.request(resource) } else { container.limit(resource) };
    let of_pod = pod
        .spec()
        .pod_level(list, resource)
        .or_else(|| pod.spec().pod_level("limits", resource).filter(|_| list == "requests"));
    let amount = own.or(of_pod).or_else(|| match list {
        "requests" => fleet.default_request(pod.namespace(), resource),
        _ => fleet.default_limit(pod.namespace(), resource),
    });
    amount.and_then(Quantity::of).is_some_and(|it| !it.is_zero())
}

/// The deepest thing that is there: the list, `resources`, or the container.
fn place<'a>(container: Container<'a>, missing: &[&String]) -> Place<'a> {
    let Some(resources) = container.at("resources") else { return container.field().missing("resources") };
    let first = missing.first().and_then(|it| it.split_once('.'));
    let Some((list, resource)) = first else { return resources.place() };
    resources.get(list).map_or_else(|| resources.missing(list), |it| it.missing(resource))
}

/// `requests.cpu` is a cpu request.
fn in_words(required: &str) -> String {
    let (list, resource) = required.split_once('.').unwrap_or(("requests", required));
    format!("{resource} {}", list.trim_end_matches('s'))
}

/// `a`, `a and no b`, `a, no b and no c`.
fn either(words: &[String]) -> String {
    let words: Vec<String> =
        words.iter().enumerate().map(|(at, it)| if at == 0 { it.clone() } else { format!("no {it}") }).collect();
    all_of(&words)
}
