//! Are two values the same to the server? Equal after defaulting, as `equality.Semantic.DeepEqual` has it.

use seaworthy_document::{Node, Value as Json};
use seaworthy_object::catalog::{Shape, Type};
use seaworthy_object::{Catalog, ImageReference, Quantity, Version};
use seaworthy_source::order;

use super::run::Run;
use super::value::Value;

/// Values of absent fields.
const DEFAULTS: &str = include_str!("../../data/defaults.txt");
/// Scalars of which zero is not nothing.
const POINTERS: &str = include_str!("../../data/pointers.txt");
/// Structs in structs of which nothing is a struct without anything in it; all others are pointers.
const EMBEDDED: &[(&str, &[&str])] = &[
    ("deprecatedSource", &["Event"]),
    ("devices", &["ResourceClaimSpec"]),
    ("jobTemplate", &["CronJobSpec"]),
    ("metadata", &[]),
    ("podAffinityTerm", &["WeightedPodAffinityTerm"]),
    ("preference", &["PreferredSchedulingTerm"]),
    ("regarding", &["Event"]),
    ("resources", &["Container", "EphemeralContainer", "PersistentVolumeClaimSpec"]),
    // A pod has one of its own where none is given (`SetDefaults_PodSpec`).
    ("securityContext", &["PodSpec"]),
    ("source", &["VolumeAttachmentSpec"]),
    ("spec", &[]),
    ("status", &[]),
    ("strategy", &["DeploymentSpec"]),
    ("template", &[]),
    ("updateStrategy", &["StatefulSetSpec"]),
];
/// Fields that servers drop before a version, or in all (99): what they are for is not switched on.
const DROPPED: &[(&str, &str, u8)] = &[
    ("ClusterTrustBundleProjection", "user", 99),
    ("ConfigMapVolumeSource", "defaultUser", 99),
    ("Container", "restartPolicyRules", 35),
    ("DeviceSubRequest", "capacity", 36),
    ("DeviceSubRequest", "derivedAttributes", 99),
    ("DownwardAPIVolumeFile", "user", 99),
    ("DownwardAPIVolumeSource", "defaultUser", 99),
    ("EmptyDirVolumeSource", "mode", 99),
    ("EnvVarSource", "fileKeyRef", 35),
    ("ExactDeviceRequest", "capacity", 36),
    ("ExactDeviceRequest", "derivedAttributes", 99),
    ("GRPCAction", "mode", 99),
    ("HTTPGetAction", "protocol", 99),
    ("JobSpec", "scheduling", 99),
    ("KeyToPath", "user", 99),
    ("Lifecycle", "stopSignal", 99),
    ("PodCertificateProjection", "user", 99),
    ("PodSpec", "evictionResponders", 99),
    ("PodSpec", "hostnameOverride", 35),
    ("PodSpec", "resources", 34),
    ("PodSpec", "schedulingGroup", 99),
    ("PodSpec", "workloadRef", 99),
    ("ProjectedVolumeSource", "defaultUser", 99),
    ("SecretVolumeSource", "defaultUser", 99),
    ("ServiceAccountTokenProjection", "user", 99),
    ("VolumeMount", "bindMountOptions", 99),
    ("VolumeProjection", "clusterTrustBundle", 37),
    ("VolumeProjection", "podCertificate", 37),
];

/// Whether the server keeps a field.
fn is_kept(ty: &str, field: &str, run: &Run<'_>) -> bool {
    !DROPPED.iter().any(|it| (it.0, it.1) == (ty, field) && (it.2 == 99 || !run.since(it.2)))
}

/// Whether the server holds the same for both: two values of one field in two objects.
pub(super) fn same(new: Value<'_>, old: Value<'_>) -> bool {
    same_but(new, old, &|_, _| false)
}

/// The same without the fields of which `but` says, by type and name, that they may differ.
pub(super) fn same_but(new: Value<'_>, old: Value<'_>, but: &dyn Fn(&str, &str) -> bool) -> bool {
    let run = new.run();
    let kept = |ty: &str, field: &str| is_kept(ty, field, run);
    let is_pod = run.kind.kind == "Pod";
    let comparison = Comparison { catalog: run.catalog, version: run.version, kept: &kept, is_pod, but };
    let (new_node, old_node) = (new.node(), old.node());
    match (new.owner(), new.shape()) {
        (Some((ty, field)), Some(shape)) => comparison.field(ty, field, &shape, new_node, old_node),
        (_, shape) => comparison.equal(new_node, old_node, shape.as_ref(), None),
    }
}

struct Comparison<'c> {
    catalog: &'c Catalog,
    version: Version,
    /// Whether servers keep a field of a type.
    kept: &'c dyn Fn(&str, &str) -> bool,
    is_pod: bool,
    but: &'c dyn Fn(&str, &str) -> bool,
}

impl<'c> Comparison<'c> {
    fn equal(&self, new: Option<Node<'_>>, old: Option<Node<'_>>, shape: Option<&Shape>, absent: Option<&str>) -> bool {
        match shape {
            _ if new.is_none() && old.is_none() => true,
            Some(Shape::Object(id)) => self.structs(new, old, self.catalog.ty(*id)),
            Some(Shape::List(inner)) => {
                let (new, old) = (items(new), items(old));
                let pairs = || new.iter().zip(&old);
                new.len() == old.len()
                    && pairs().all(|(new, old)| self.equal(Some(*new), Some(*old), Some(inner), None))
            }
            Some(Shape::Map(inner)) => pairs(new, old).into_iter().all(|Pair { new, old, .. }| {
                new.is_some() == old.is_some() && self.equal(given(new), given(old), Some(inner), None)
            }),
            Some(Shape::Any | Shape::RawExtension) => json(new, old),
            Some(shape) => scalar(new, shape, absent) == scalar(old, shape, absent),
            None => json(new, old),
        }
    }

    fn structs(&self, new: Option<Node<'_>>, old: Option<Node<'_>>, ty: &Type) -> bool {
        let of = ty.short_name();
        let mut pairs = pairs(new, old).into_iter();
        pairs.all(|Pair { key: name, new: value, old: was }| {
            let (value, was) = (given(value), given(was));
            if (self.but)(of, name) || !(self.kept)(of, name) {
                return true;
            }
            let Some(field) = ty.field_in(name, self.version) else { return json(value, was) };
            match (of, name) {
                // Two names of one field, which the server keeps alike.
                ("PodSpec", "serviceAccount" | "serviceAccountName") => account(new) == account(old),
                // Without an amount there are none.
                ("PodSpec", "resources") if !has_amounts(value) => !has_amounts(was),
                ("DeviceSubRequest" | "ExactDeviceRequest", "count") => device_count(new) == device_count(old),
                // The type of an object in another has no place in the server's struct.
                ("PersistentVolumeClaim", "apiVersion" | "kind") => true,
                ("Volume", "emptyDir") if is_empty_dir(new) && is_empty_dir(old) => {
                    self.equal(value, was, Some(&field.shape), None)
                }
                // Without anything to stop or start there is none, once the signal is dropped.
                ("Container" | "EphemeralContainer", "lifecycle") if !has_hooks(value) => !has_hooks(was),
                // Where neither says it, the server keeps what it has.
                ("Container" | "EphemeralContainer", "imagePullPolicy") => pull_policy(new) == pull_policy(old),
                // Pods alone (`SetDefaults_Pod`), not what makes them.
                ("PodSpec", "enableServiceLinks") if !self.is_pod => {
                    let links = |it: Option<Node<'_>>| it.and_then(|it| it.as_bool());
                    links(value) == links(was)
                }
                ("ResourceRequirements", "requests") if self.is_pod => requested(new) == requested(old),
                _ => self.field(ty, name, &field.shape, value, was),
            }
        })
    }

    /// A field of a type, given in both or not.
    fn field(&self, ty: &Type, name: &str, shape: &Shape, new: Option<Node<'_>>, old: Option<Node<'_>>) -> bool {
        let (pointer, absent) = (is_pointer(ty.short_name(), name, shape), default_of(ty, name));
        let is_nothing = |it: Option<Node<'_>>| it.is_some_and(|it| it.as_str() == Some(""));
        match (new.is_some(), old.is_some()) {
            // What is written counts, be it nothing.
            (true, true) if pointer => self.equal(new, old, Some(shape), None),
            (true, false) | (false, true) if pointer && absent.is_none() => false,
            _ if pointer && (is_nothing(new) || is_nothing(old)) => false,
            _ => self.equal(new, old, Some(shape), absent),
        }
    }
}

/// The amounts that are requested, by name: what is not requested is requested as far as it is limited.
fn requested<'n>(resources: Option<Node<'n>>) -> Vec<(&'n str, Quantity)> {
    let lists = ["requests", "limits"].into_iter().filter_map(|name| get(resources, name));
    let mut amounts: Vec<(&str, Node<'_>)> =
        lists.flat_map(|list| list.entries()).map(|entry| (entry.name(), entry.value)).collect();
    order::sort_by_key(&mut amounts, |it| it.0);
    amounts.dedup_by(|limit, request| limit.0 == request.0);
    amounts.into_iter().filter_map(|(name, amount)| Some((name, amount.text().parse().ok()?))).collect()
}

/// The default of a field, if it depends on nothing else.
pub(super) fn default_of(ty: &Type, field: &str) -> Option<&'static str> {
    let mut parts = ty.name.rsplit('.');
    let (name, group) = (parts.next()?, parts.nth(1)?);
    DEFAULTS.lines().find_map(|line| {
        let rest = line.strip_prefix(group)?.strip_prefix('.')?.strip_prefix(name)?.strip_prefix('.')?;
        rest.strip_prefix(field)?.strip_prefix(' ')
    })
}

/// `IfNotPresent`, but `Always` for an image without a tag or with `latest` (`SetDefaults_Container`).
fn pull_policy<'n>(container: Option<Node<'n>>) -> &'n str {
    match get(container, "imagePullPolicy").and_then(|it| it.as_str()) {
        Some(policy) if !policy.is_empty() => policy,
        _ => {
            let image = get(container, "image").and_then(|it| it.as_str()).unwrap_or("");
            match ImageReference::parse(image) {
                Ok(image) if image.tag().is_some_and(|tag| tag != "latest") || image.digest().is_some() => {
                    "IfNotPresent"
                }
                _ => "Always",
            }
        }
    }
}

/// Whether a volume is a directory of its own, as one is without any source (`SetDefaults_Volume`).
fn is_empty_dir(volume: Option<Node<'_>>) -> bool {
    let mut given = volume.into_iter().flat_map(|node| node.entries()).filter(|entry| !entry.value.is_null());
    given.all(|entry| matches!(entry.name(), "emptyDir" | "name"))
}

/// How many devices are asked for: one, where as many are wanted as are said (`SetDefaults_ExactDeviceRequest`).
fn device_count(request: Option<Node<'_>>) -> i128 {
    let exact = get(request, "allocationMode").is_none_or(|it| matches!(it.as_str(), Some("" | "ExactCount")));
    match get(request, "count").and_then(|it| it.as_int()) {
        None | Some(0) if exact => 1,
        count => count.unwrap_or(0),
    }
}

fn account<'n>(pod: Option<Node<'n>>) -> &'n str {
    let mut names = ["serviceAccountName", "serviceAccount"].into_iter().filter_map(|name| get(pod, name)?.as_str());
    names.find(|name| !name.is_empty()).unwrap_or("")
}

fn has_amounts(resources: Option<Node<'_>>) -> bool {
    ["limits", "requests"].into_iter().any(|name| get(resources, name).is_some_and(|it| !it.is_empty()))
}

/// Whether there is a lifecycle left without the signal.
fn has_hooks(lifecycle: Option<Node<'_>>) -> bool {
    let given = |name| get(lifecycle, name).is_some();
    lifecycle.is_some() && (given("postStart") || given("preStop") || !given("stopSignal"))
}

/// Whether the server has a pointer there: absent and zero differ.
fn is_pointer(ty: &str, field: &str, shape: &Shape) -> bool {
    match shape {
        Shape::Object(_) => !EMBEDDED.iter().any(|(name, of)| *name == field && (of.is_empty() || of.contains(&ty))),
        Shape::List(_) | Shape::Map(_) | Shape::Any | Shape::RawExtension => false,
        _ => POINTERS.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_ascii_whitespace).any(|it| {
            match it.split_once('.') {
                Some((of, name)) => of == ty && name == field,
                None => it == field,
            }
        }),
    }
}

fn given(value: Option<Node<'_>>) -> Option<Node<'_>> {
    value.filter(|value| !value.is_null())
}

/// A value that is given and not null.
fn get<'n>(node: Option<Node<'n>>, key: &str) -> Option<Node<'n>> {
    node.and_then(|node| node.get(key))
}

fn items(node: Option<Node<'_>>) -> Vec<Node<'_>> {
    node.into_iter().flat_map(|node| node.items()).collect()
}

/// What stands under a key, null or not.
struct Pair<'n> {
    key: &'n str,
    new: Option<Node<'n>>,
    old: Option<Node<'n>>,
}

/// The entries of both, each key once: a key that is looked at twice, and those in it too, takes twice the time a level.
fn pairs<'n>(new: Option<Node<'n>>, old: Option<Node<'n>>) -> Vec<Pair<'n>> {
    let entries = |node: Option<Node<'n>>| node.into_iter().flat_map(|node| node.entries());
    let mut pairs: Vec<Pair<'n>> =
        entries(new).map(|it| Pair { key: it.name(), new: Some(it.value), old: None }).collect();
    pairs.extend(entries(old).map(|it| Pair { key: it.name(), new: None, old: Some(it.value) }));
    order::sort_by_key(&mut pairs, |it| it.key);
    pairs.dedup_by(|next, pair| {
        let is_of_both = next.key == pair.key;
        if is_of_both {
            pair.old = next.old;
        }
        is_of_both
    });
    pairs
}

/// A scalar as a text by which equal values are equal.
fn scalar(node: Option<Node<'_>>, shape: &Shape, absent: Option<&str>) -> String {
    let text = match (node, absent) {
        (Some(node), _) if !(node.text().is_empty() && absent.is_some()) => match node.value() {
            Json::Float(_) => match crate::decode::whole(node.value()) {
                Some(whole) => whole.to_string(),
                None => node.text().to_owned(),
            },
            Json::Int(number) => number.to_string(),
            Json::Bool(truth) => truth.to_string(),
            _ => node.text().to_owned(),
        },
        (_, Some(absent)) => absent.to_owned(),
        (_, None) => match shape {
            Shape::Int32 | Shape::Int64 | Shape::Number | Shape::IntOrString | Shape::Quantity => "0".to_owned(),
            Shape::Boolean => "false".to_owned(),
            _ => String::new(),
        },
    };
    match shape {
        Shape::Quantity => text.trim().parse::<Quantity>().map_or(text, |it| it.canonical()),
        _ => text,
    }
}

/// JSON of no known type: equal as written.
fn json(new: Option<Node<'_>>, old: Option<Node<'_>>) -> bool {
    let (Some(new), Some(old)) = (new, old) else { return new.is_none() && old.is_none() };
    match (new.value(), old.value()) {
        (Json::Mapping, Json::Mapping) => {
            pairs(Some(new), Some(old)).into_iter().all(|it| json(given(it.new), given(it.old)))
        }
        (Json::Sequence, Json::Sequence) => {
            new.len() == old.len() && new.items().zip(old.items()).all(|(new, old)| json(Some(new), Some(old)))
        }
        (new, old) => new == old,
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_object::Catalog;

    use super::DEFAULTS;

    #[test]
    fn every_default_is_of_a_field() {
        let catalog = Catalog::built_in();
        for line in DEFAULTS.lines().filter(|line| !line.starts_with('#')) {
            let (path, value) = line.split_once(' ').expect("a value");
            let parts: Vec<&str> = path.split('.').collect();
            let known = catalog.types().any(|ty| {
                let mut names = ty.name.rsplit('.');
                names.next() == Some(parts[1]) && names.nth(1) == Some(parts[0]) && !ty.fields(parts[2]).is_empty()
            });
            assert!(known && !matches!(value, "" | "0" | "false"), "{line}");
        }
    }
}
