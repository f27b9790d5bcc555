//! Finds the kinds: what each version serves by default, what is deprecated, what was removed.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::definition::{Scalar, Shape};
use super::lifecycle::{KindName, Lifecycle, Lifecycles};
use super::model::{Field, Model, Type};
use super::sources::{Resource, Served};
use super::{NEWEST, OLDEST, bit, since};
use crate::Result;

/// What a kind is for; the discriminant is the tag in the packed table.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Role {
    Object = 0,
    List = 1,
    Request = 2,
    Part = 3,
}

/// One kind over all versions.
pub(crate) struct Kind {
    pub(crate) name: KindName,
    pub(crate) plural: String,
    pub(crate) namespaced: bool,
    pub(crate) role: Role,
    pub(crate) served: u32,
    pub(crate) known: u32,
    pub(crate) facts: Lifecycle,
    pub(crate) definition: String,
}

/// Kinds that are posted for their answer; nothing is stored.
const REQUESTS: [&str; 7] = [
    "Binding",
    "LocalSubjectAccessReview",
    "SelfSubjectAccessReview",
    "SelfSubjectReview",
    "SelfSubjectRulesReview",
    "SubjectAccessReview",
    "TokenReview",
];

/// Kinds that no collection takes: bodies of subresources, answers, options, and the read-only
/// ComponentStatus. (`lifecycle.k8s.io` has an Eviction that is an object.)
const PARTS: [&str; 14] = [
    "APIGroup",
    "APIGroupList",
    "APIResourceList",
    "APIVersions",
    "ComponentStatus",
    "ComponentStatusList",
    "DeleteOptions",
    "DeploymentRollback",
    "EphemeralContainers",
    "Eviction",
    "Scale",
    "Status",
    "TokenRequest",
    "WatchEvent",
];

/// Cluster-scoped kinds of groups whose Go module was not read, or that are older than its marker.
const CLUSTER_SCOPED: [&str; 5] =
    ["APIService", "AuditSink", "CustomResourceDefinition", "InitializerConfiguration", "ComponentStatus"];

/// The kinds of the model, and what the two sources disagree on.
pub(crate) fn find(
    model: &Model,
    lifecycles: &Lifecycles,
    served: &BTreeMap<u8, &Served>,
) -> Result<(Vec<Kind>, String)> {
    let mut kinds = Vec::new();
    let mut notes = String::new();
    for (name, (definition, known)) in &model.kinds {
        let role = role(model, name, definition);
        // A list is served where its items are, and goes when they go.
        let item = match role {
            Role::List => (name.0.clone(), name.1.clone(), name.2.trim_end_matches("List").to_owned()),
            _ => name.clone(),
        };
        let resources = Resources { served, item: &item };
        // No server serves kubectl's own `List`; kubectl takes it apart for every one of them.
        let mut mask = if name.2 == "List" { *known } else { resources.recorded() };
        let mut facts = lifecycles.kinds.get(&item).cloned().unwrap_or_default();
        if let (Role::List, Some(replacement)) = (role, &mut facts.replacement) {
            replacement.2.push_str("List");
        }
        let stated = facts.removed;
        facts.removed = removed(stated, *known, mask);
        if stated != facts.removed && stated.is_some() {
            let (stated, taken) = (stated.unwrap_or_default(), facts.removed.unwrap_or_default());
            writeln!(notes, "{}: removed in 1.{stated} says the lifecycle, taken is 1.{taken}", text(name))?;
        }
        if role != Role::Part {
            mask |= known & !since(30) & served_before_records(model, lifecycles, &item, &facts);
        }
        if name.1.contains("beta") && role != Role::Part && facts.introduced.is_none() {
            writeln!(notes, "{}: no lifecycle", text(name))?;
        }
        kinds.push(Kind {
            plural: resources.plural(),
            namespaced: resources.namespaced(lifecycles),
            name: name.clone(),
            role,
            served: mask,
            known: *known,
            facts,
            definition: definition.clone(),
        });
    }
    Ok((kinds, notes))
}

/// The first version without the kind. A schema goes on to list what can still be switched on, so an
/// earlier word of the lifecycle wins (`apps/v1beta1`: 1.16, in schemas to 1.17); and an API can go
/// earlier than its lifecycle says, so an earlier end in the schemas wins; but what a real server
/// was seen to serve is served.
fn removed(stated: Option<u8>, known: u32, recorded: u32) -> Option<u8> {
    let earliest = stated.into_iter().chain(first_after(known)).min()?;
    if since(earliest) & recorded == 0 { Some(earliest) } else { first_after(known) }
}

fn text(name: &KindName) -> String {
    format!("{}/{} {}", name.0, name.1, name.2)
}

fn role(model: &Model, name: &KindName, definition: &str) -> Role {
    let kind = name.2.as_str();
    let is_list =
        || kind.ends_with("List") && model.types.get(definition).is_some_and(|it| it.fields.contains_key("items"));
    if (PARTS.contains(&kind) && name.0 != "lifecycle.k8s.io") || name.0 == "resource.k8s.io" && kind == "Status" {
        Role::Part
    } else if REQUESTS.contains(&kind) {
        Role::Request
    } else if is_list() {
        Role::List
    } else {
        Role::Object
    }
}

/// The first version after the last of the mask, if the mask ends before the newest.
fn first_after(mask: u32) -> Option<u8> {
    (OLDEST..=NEWEST).rev().find(|minor| mask & bit(*minor) != 0).filter(|last| *last < NEWEST).map(|last| last + 1)
}

/// Where no record of a server exists: alpha is off by default, and so is a beta of 1.24 or later
/// (KEP-3136) unless the kind had an earlier beta; a removed API is off even while it can be switched on.
fn served_before_records(model: &Model, lifecycles: &Lifecycles, item: &KindName, facts: &Lifecycle) -> u32 {
    let (group, version, kind) = item;
    if version.contains("alpha") {
        return 0;
    }
    let until = facts.removed.map_or(u32::MAX, |removed| !since(removed));
    let late_beta = version.contains("beta") && facts.introduced.is_some_and(|minor| minor >= 24);
    let had_beta = |other: &&KindName| other.0 == *group && other.2 == *kind && other.1.contains("beta");
    let earlier = model
        .kinds
        .keys()
        .filter(had_beta)
        .any(|other| lifecycles.kinds.get(other).is_some_and(|it| it.introduced.is_some_and(|minor| minor < 24)));
    if late_beta && !earlier { 0 } else { until }
}

/// What the records of real servers say of a kind, in its own group or, for what is gone, in another.
struct Resources<'a> {
    served: &'a BTreeMap<u8, &'a Served>,
    item: &'a KindName,
}

impl Resources<'_> {
    fn recorded(&self) -> u32 {
        let (group, version, kind) = self.item;
        let name = if group.is_empty() { version.clone() } else { format!("{group}/{version}") };
        let serves = |served: &Served| served.get(&name).is_some_and(|kinds| kinds.contains_key(kind));
        self.served.iter().filter(|(_, served)| serves(served)).fold(0, |mask, (minor, _)| mask | bit(*minor))
    }

    fn resource(&self) -> Option<&Resource> {
        let (group, _, kind) = self.item;
        let in_group = |name: &str| name.split_once('/').map_or("", |(group, _)| group) == group;
        let all = || self.served.values().flat_map(|served| served.iter());
        let same_group = all().filter(|(name, _)| in_group(name)).find_map(|(_, kinds)| kinds.get(kind));
        same_group.or_else(|| all().find_map(|(_, kinds)| kinds.get(kind)))
    }

    fn plural(&self) -> String {
        let lower = self.item.2.to_lowercase();
        match self.resource() {
            Some(resource) => resource.plural.clone(),
            None if lower.ends_with("policy") => format!("{}ies", lower.trim_end_matches('y')),
            None if lower.ends_with('s') => format!("{lower}es"),
            None => format!("{lower}s"),
        }
    }

    fn namespaced(&self, lifecycles: &Lifecycles) -> bool {
        match self.resource() {
            Some(resource) => resource.namespaced,
            None => !lifecycles.cluster_scoped.contains(self.item) && !CLUSTER_SCOPED.contains(&self.item.2.as_str()),
        }
    }
}

/// kubectl's own `v1 List`, which no schema has: a list of anything.
pub(crate) fn add_list(model: &mut Model) {
    let all = since(OLDEST);
    let field = |shape: Shape| vec![Field { versions: all, ..Field::of(shape) }];
    let string = || field(Shape::Scalar(Scalar::String));
    let meta = Shape::Object("io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta".to_owned());
    let items = Shape::List(Box::new(Shape::Scalar(Scalar::RawExtension)));
    let fields = BTreeMap::from([
        ("apiVersion".to_owned(), string()),
        ("items".to_owned(), field(items)),
        ("kind".to_owned(), string()),
        ("metadata".to_owned(), field(meta)),
    ]);
    let definition = "io.k8s.api.core.v1.List".to_owned();
    model.types.insert(definition.clone(), Type { versions: all, fields });
    model.kinds.insert((String::new(), "v1".to_owned(), "List".to_owned()), (definition, all));
}
