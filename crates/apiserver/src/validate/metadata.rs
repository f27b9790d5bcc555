//! Names, labels, annotations and the like of an object and of pod templates.
//!
//! k8s.io/apimachinery, pkg/api/validation/objectmeta.go, `ValidateObjectMetaAccessor`, and for finalizers
//! k8s.io/kubernetes, pkg/apis/core/validation, `ValidateFinalizerName`.

use seaworthy_document::Node;
use seaworthy_object::catalog::{Kind, Type};
use seaworthy_object::{Field, Version, Versions};

use super::STATEFUL_TEMPLATES;
use super::names::{self, Form};
use super::required::before;
use crate::answer::{Answers, Class};

/// The form of the names of a kind: group, kinds, form. Other kinds take any segment of a path.
const FORMS: &[(&str, &[&str], Form)] = &[
    ("", &["Namespace"], Form::Label),
    ("", &["Service"], Form::Label1035),
    (
        "",
        &[
            "ConfigMap",
            "Endpoints",
            "LimitRange",
            "Node",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "ServiceAccount",
        ],
        Form::Subdomain,
    ),
    ("apps", &["StatefulSet"], Form::Label),
    ("apps", &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet"], Form::Subdomain),
    ("autoscaling", &["HorizontalPodAutoscaler"], Form::Subdomain),
    ("batch", &["CronJob", "Job"], Form::Subdomain),
    ("coordination.k8s.io", &["Lease"], Form::Subdomain),
    ("discovery.k8s.io", &["EndpointSlice"], Form::Subdomain),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"], Form::Subdomain),
    ("networking.k8s.io", &["Ingress", "IngressClass", "NetworkPolicy"], Form::Subdomain),
    ("node.k8s.io", &["RuntimeClass"], Form::Subdomain),
    ("scheduling.k8s.io", &["PriorityClass"], Form::Subdomain),
    ("storage.k8s.io", &["CSIDriver", "StorageClass"], Form::Subdomain),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
        Form::Subdomain,
    ),
];

/// Since 1.36 a Service's name may begin with a digit.
const SERVICE_1035: Versions = before(36);

/// Kinds whose name the server derives from other fields, or makes itself: only that they have one is judged here.
const DERIVED: [&str; 2] = ["APIService", "CustomResourceDefinition"];

/// Kinds whose validation does not look at metadata: what all kinds share is judged only when they are valid, and their
/// finalizers need no prefix (k8s.io/apiserver, registry/rest, `BeforeCreate`).
const GENERIC: [&str; 1] = ["PodDisruptionBudget"];

/// Annotations may have so many bytes in all.
const ANNOTATIONS_LIMIT: usize = 256 * 1024;

/// Kinds that are posted for their answer and have no name.
fn is_nameless(kind: &Kind) -> bool {
    kind.role == seaworthy_object::catalog::Role::Request
}

/// Whether the kind's own validation looks at metadata.
pub(super) fn is_generic(kind: &Kind) -> bool {
    GENERIC.contains(&kind.kind)
}

/// Judges the metadata of an object.
pub(super) fn judge(kind: &Kind, versions: Versions, answers: &mut Answers<'_>) {
    if is_nameless(kind) {
        return;
    }
    let root = answers.object().root();
    let metadata = root.get("metadata");
    name(kind, metadata, versions, answers);
    let Some(metadata) = metadata else { return };
    if kind.namespaced
        && let Some(namespace) = metadata.get("namespace").filter(|it| !it.text().is_empty())
    {
        invalid(Form::Label.faults(namespace.text()), namespace, versions, answers);
    }
    if let Some(generation) = metadata.get("generation").filter(|it| it.as_int().is_some_and(|it| it < 0)) {
        let detail = format!("Invalid value: {}: must be greater than or equal to 0", generation.text());
        answers.about(Class::InvalidValue, answers.field(generation), versions, detail);
    }
    labels_and_annotations(metadata, &|| "metadata".to_owned(), versions, answers);
    finalizers(kind, metadata, versions, answers);
    owners(metadata, versions, answers);
}

/// Labels and annotations of a pod template; the server's path leaves `metadata` out.
pub(super) fn of_template<'a>(node: Node<'a>, ty: &Type, versions: Versions, answers: &mut Answers<'a>) {
    let (template, here) = if ty.name.ends_with(".PodTemplateSpec") {
        (Some(node), versions)
    } else if ty.name.ends_with(".StatefulSetSpec") {
        // All that these versions look at, so the walk does not come to the template.
        (node.get("template"), versions.minus(STATEFUL_TEMPLATES))
    } else {
        return;
    };
    if let Some(template) = template
        && let Some(metadata) = template.get("metadata")
        && !here.is_empty()
    {
        let path = answers.field(template);
        labels_and_annotations(metadata, &|| path.path(), here, answers);
    }
}

fn name<'a>(kind: &Kind, metadata: Option<Node<'a>>, versions: Versions, answers: &mut Answers<'a>) {
    let text = |key: &str| metadata.and_then(|it| it.get(key)).filter(|it| !it.text().is_empty());
    let (name, prefix) = (text("name"), text("generateName"));
    if name.is_none() && prefix.is_none() {
        let anchor = metadata.unwrap_or(answers.object().root());
        let key = if metadata.is_some() { "name" } else { "metadata.name" };
        let mut at = answers.field(anchor).missing(key);
        at.path = "metadata.name".to_owned();
        let detail = "Required value: name or generateName is required".to_owned();
        answers.say(Class::MissingField, at, Some("metadata.name".to_owned()), versions, detail, None);
        return;
    }
    for (form, here) in forms(kind, versions) {
        if let Some(name) = name {
            invalid(form.faults(name.text()), name, here, answers);
        }
        if let Some(prefix) = prefix {
            let text = masked(prefix.text());
            let faults = form.faults(text.as_deref().unwrap_or(prefix.text()));
            invalid(faults, prefix, here, answers);
        }
    }
}

/// The forms of a kind's names, with the versions that have them.
fn forms(kind: &Kind, versions: Versions) -> impl Iterator<Item = (Form, Versions)> {
    let group = if kind.group == "extensions" { "apps" } else { kind.group };
    let listed = FORMS.iter().find(|it| it.0 == group && it.1.contains(&kind.kind)).map(|it| it.2);
    let form = listed.unwrap_or(Form::PathSegment);
    let (first, second) = match form {
        _ if DERIVED.contains(&kind.kind) => (Versions::NONE, Versions::NONE),
        Form::Label1035 => (versions.intersect(SERVICE_1035), versions.minus(SERVICE_1035)),
        _ => (versions, Versions::NONE),
    };
    [(form, first), (Form::Label, second)].into_iter().filter(|(_, versions)| !versions.is_empty())
}

/// A prefix that ends in `-` stands for names that go on (`maskTrailingDash`).
fn masked(prefix: &str) -> Option<String> {
    let rest = prefix.strip_suffix('-').filter(|rest| !rest.is_empty())?;
    let (last, _) = rest.char_indices().next_back()?;
    Some(format!("{}a", rest.get(..last)?))
}

fn invalid<'a>(faults: Vec<String>, node: Node<'a>, versions: Versions, answers: &mut Answers<'a>) {
    for fault in faults {
        let detail = format!("Invalid value: {:?}: {fault}", node.text());
        answers.about(Class::InvalidValue, answers.field(node), versions, detail);
    }
}

fn labels_and_annotations<'a>(
    metadata: Node<'a>,
    base: &dyn Fn() -> String,
    versions: Versions,
    answers: &mut Answers<'a>,
) {
    if let Some(labels) = metadata.get("labels") {
        labels_map(labels, &|| format!("{}.labels", base()), versions, answers);
    }
    let Some(annotations) = metadata.get("annotations") else { return };
    let named = || format!("{}.annotations", base());
    for entry in annotations.entries() {
        let key = entry.name();
        if !names::is_key(key) {
            let lower = key.to_lowercase();
            let faults = |version| names::key_faults(&lower, version >= Version::minor_of(names::BYTES));
            say_key(key, entry.key, entry.value, &named(), versions, answers, faults);
        }
    }
    let size: usize = annotations.entries().map(|it| it.name().len() + it.value.text().len()).sum();
    if size > ANNOTATIONS_LIMIT {
        let at = answers.field(annotations).place();
        for version in versions.iter() {
            let detail = format!("Too long: may not be more than {ANNOTATIONS_LIMIT} bytes");
            answers.say(Class::TooLong, at.clone(), Some(named()), Versions::one(version), detail, None);
        }
    }
}

/// A map of labels: the server names the map, whichever key or value is wrong.
pub(super) fn labels_map<'a>(
    labels: Node<'a>,
    named: &dyn Fn() -> String,
    versions: Versions,
    answers: &mut Answers<'a>,
) {
    for entry in labels.entries() {
        let key = entry.name();
        if !names::is_key(key) {
            let faults = |version| names::key_faults(key, version >= Version::minor_of(names::BYTES));
            say_key(key, entry.key, entry.value, &named(), versions, answers, faults);
        }
        // A null in a map of strings is empty to Go.
        let value = entry.value.as_str().unwrap_or("");
        if !names::is_label_value(value) {
            for version in versions.iter() {
                for fault in names::value_faults(value, version >= Version::minor_of(names::BYTES)) {
                    let detail = format!("Invalid value: {value:?}: {fault}");
                    let at = answers.field(entry.value).place();
                    answers.say(Class::InvalidValue, at, Some(named()), Versions::one(version), detail, None);
                }
            }
        }
    }
}

fn say_key<'a>(
    key: &str,
    at: Node<'a>,
    value: Node<'a>,
    named: &str,
    versions: Versions,
    answers: &mut Answers<'a>,
    faults: impl Fn(Version) -> Vec<String>,
) {
    let mut place = answers.field(value).place();
    place.span = at.span();
    for version in versions.iter() {
        for fault in faults(version) {
            let detail = format!("Invalid value: {key:?}: {fault}");
            let named = Some(named.to_owned());
            answers.say(Class::InvalidValue, place.clone(), named, Versions::one(version), detail, None);
        }
    }
}

/// Finalizers are qualified names, with a prefix but for those of Kubernetes.
fn finalizers<'a>(kind: &Kind, metadata: Node<'a>, versions: Versions, answers: &mut Answers<'a>) {
    let Some(list) = metadata.get("finalizers") else { return };
    for item in list.items() {
        let name = item.text();
        if !names::is_key(name) {
            let faults = |version| names::key_faults(name, version >= Version::minor_of(names::BYTES));
            say_key(name, item, item, "metadata.finalizers", versions, answers, faults);
        }
        let bare = !name.contains('/') && !is_generic(kind);
        if bare && !matches!(name, "kubernetes" | "orphan" | "foregroundDeletion") {
            let detail =
                format!("Invalid value: {name:?}: name is neither a standard finalizer name nor is it fully qualified");
            answers.about(Class::InvalidValue, answers.field(item), versions, detail);
        }
    }
}

/// Owners have apiVersion, kind, name and uid; the words have changed twice.
fn owners<'a>(metadata: Node<'a>, versions: Versions, answers: &mut Answers<'a>) {
    let Some(list) = metadata.get("ownerReferences") else { return };
    for (item, key) in list.items().flat_map(|item| ["apiVersion", "kind", "name", "uid"].map(|key| (item, key))) {
        if item.get(key).is_some_and(|it| !it.text().is_empty()) {
            continue;
        }
        let field: Field<'a> = answers.field(item);
        let at = field.missing(key);
        let newest = versions.minus(before(37));
        let named = Some(at.path.clone());
        let detail = "Required value: must not be empty".to_owned();
        answers.say(Class::MissingField, at.clone(), named, newest, detail, None);
        for (here, words) in [
            (
                versions.intersect(before(34)),
                format!("{} must not be empty", if key == "apiVersion" { "version" } else { key }),
            ),
            (versions.intersect(before(37)).minus(before(34)), owner_words(key)),
        ] {
            let named = Some(format!("metadata.ownerReferences.{key}"));
            let detail = format!("Invalid value: \"\": {words}");
            answers.say(Class::InvalidValue, at.clone(), named, here, detail, None);
        }
    }
}

fn owner_words(key: &str) -> String {
    if key == "apiVersion" { "version must not be empty".to_owned() } else { "must not be empty".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_may_end_in_a_dash() {
        assert_eq!(masked("web-").as_deref(), Some("wea"));
        assert_eq!(masked("-"), None);
        assert_eq!(masked("web"), None);
    }
}
