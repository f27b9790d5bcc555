//! `resources-unset`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Container, Object, Place, Pod, Quantity, Role};
use serde::Deserialize;

use crate::{Category, Check, Meta, Pack, Reporter, Rule, words::none_of};

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ResourcesUnset {
    /// What a container must state.
    pub(crate) require: Vec<Amount>,
}

/// A request or a limit of a resource: `requests.cpu`, `limits.memory`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Amount {
    list: List,
    resource: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Requests,
    Limits,
}

impl List {
    fn key(self) -> &'static str {
        match self {
            List::Requests => "requests",
            List::Limits => "limits",
        }
    }
}

impl TryFrom<String> for Amount {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (list, resource) = text.split_once('.').unwrap_or((&text, ""));
        let list = [List::Requests, List::Limits].into_iter().find(|it| it.key() == list && !resource.is_empty());
        let list = list.ok_or_else(|| format!("`{text}` is neither `requests.` nor `limits.` and a resource"))?;
        Ok(Self { list, resource: resource.to_owned() })
    }
}

impl Default for ResourcesUnset {
    fn default() -> Self {
        let amount = |list, resource: &str| Amount { list, resource: resource.to_owned() };
        Self {
            require: vec![
                amount(List::Requests, "cpu"),
                amount(List::Requests, "memory"),
                amount(List::Limits, "memory"),
            ],
        }
    }
}

impl Rule for ResourcesUnset {
    const META: Meta = Meta {
        id: "resources-unset",
        category: Category::Workload,
        level: None,
        packs: &[(Pack::Recommended, Level::Info)],
        since: "0.1.0",
        page: page!("resources_unset.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl ResourcesUnset {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        if let Some(pod) = object.pod() {
            for container in pod.containers().filter(|it| it.role() != Role::Ephemeral) {
                let missing: Vec<&Amount> =
                    self.require.iter().filter(|it| !it.is_set(fleet, pod, container)).collect();
                let Some(first) = missing.first() else { continue };
                let words: Vec<String> = missing
                    .iter()
                    .map(|it| format!("{} {}", it.resource, it.list.key().trim_end_matches('s')))
                    .collect();
                report
                    .say(first.place(container), format!("container `{}` has no {}", container.name(), none_of(&words)))
                    .help(
                        "what asks for nothing counts as nothing when its pod is placed, and what has no memory limit \
                         can take all memory of its node",
                    );
            }
        }
    }
}

impl Amount {
    /// True if it is stated, or filled in: a limit is a request too, and what the pod as a whole or a LimitRange says
    /// counts. Zero is nothing.
    fn is_set(&self, fleet: &Fleet<'_>, pod: Pod<'_>, container: Container<'_>) -> bool {
        let (resource, namespace, of_pod) = (&self.resource, pod.namespace(), pod.spec());
        let limit = || of_pod.pod_level("limits", resource);
        let amount = if self.list == List::Limits {
            container.limit(resource).or_else(limit).or_else(|| fleet.default_limit(namespace, resource))
        } else {
            let of_pod = || of_pod.pod_level("requests", resource).or_else(limit);
            container.request(resource).or_else(of_pod).or_else(|| fleet.default_request(namespace, resource))
        };
        amount.and_then(Quantity::of).is_some_and(|it| !it.is_zero())
    }

    /// The deepest thing that is there: the list, `resources`, or the container.
    fn place<'a>(&self, container: Container<'a>) -> Place<'a> {
        let Some(resources) = container.at("resources") else { return container.field().missing("resources") };
        match resources.get(self.list.key()) {
            Some(list) => list.get(&self.resource).map_or_else(|| list.missing(&self.resource), |zero| zero.place()),
            None => resources.missing(self.list.key()),
        }
    }
}
