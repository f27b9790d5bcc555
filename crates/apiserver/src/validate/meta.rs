//! Names, labels, annotations, owners and finalizers: what all kinds share.
//!
//! k8s.io/apimachinery, pkg/api/validation/objectmeta.go and pkg/apis/meta/v1/validation.

use std::borrow::Cow;
use std::collections::BTreeSet;

use seaworthy_document::Node;

use super::names::{self, BYTES, Form};
use super::value::Value;

/// Annotations may have so many bytes in all (`TotalAnnotationSizeLimitB`).
const ANNOTATIONS_LIMIT: usize = 256 * 1024;
/// So much of `generateName` is left in a name (`MaxGeneratedNameLength`).
const GENERATED_FROM: usize = 58;
/// Of a field manager and a subresource (`FieldManagerMaxLength`, `MaxSubresourceNameLength`).
const NAME_LIMIT: usize = 256;

/// `ValidateObjectMeta` with names of a form, and the finalizers as k8s.io/kubernetes judges them.
pub(super) fn object_meta(object: Value<'_>, form: Form) {
    object_meta_by(object, &|name| form.faults(name));
}

/// The same with names of any form.
pub(super) fn object_meta_by(object: Value<'_>, faults: &dyn Fn(&str) -> Vec<String>) {
    core_finalizers(judged(object, faults));
}

/// The same where `generateName` is judged by the name it makes alone (`ValidateObjectMetaWithOpts`).
pub(super) fn object_meta_of_name(object: Value<'_>, form: Form) {
    // What all objects may be called is left to judge.
    let meta = object.get("metadata");
    the_name(meta, &|name| form.faults(name));
    common(meta);
    core_finalizers(meta);
}

/// The same of an object to which the server gives a name, if it has none.
pub(super) fn nameable_meta(object: Value<'_>, form: Form) {
    object.run().metadata_judged.set(true);
    let meta = object.get("metadata");
    if !name_of(meta).is_empty() {
        name(meta, &|name| form.faults(name));
    }
    common(meta);
    core_finalizers(meta);
}

/// The same without a look at the prefixes of finalizers (k8s.io/apimachinery, `ValidateObjectMeta`).
pub(super) fn object_meta_with(object: Value<'_>, faults: &dyn Fn(&str) -> Vec<String>) {
    judged(object, faults);
}

/// Judges the metadata of an object, and gives it.
fn judged<'r>(object: Value<'r>, faults: &dyn Fn(&str) -> Vec<String>) -> Value<'r> {
    object.run().metadata_judged.set(true);
    let meta = object.get("metadata");
    name(meta, faults);
    common(meta);
    meta
}

/// What is left to `BeforeCreate`: names that fit into a path, whatever the kind thinks of them, and all the rest where its
/// own validation does not look at metadata.
pub(super) fn generic(object: Value<'_>, judged: bool) {
    let meta = object.get("metadata");
    // What is accepted without a name gets one of the server, and what is there has one.
    if (!judged || !name_of(meta).is_empty()) && !meta.run().updates() {
        name(meta, &|name| Form::PathSegment.faults(name));
    }
    if !judged {
        common(meta);
    }
}

/// The metadata of a custom resource, whose generation and managed fields the server sets itself.
pub(super) fn custom(object: Value<'_>) {
    object.run().metadata_judged.set(true);
    let meta = object.get("metadata");
    name(meta, &|name| Form::Subdomain.faults(name));
    if meta.run().kind.namespaced {
        namespace(meta);
    }
    written(meta);
}

/// The metadata of an object in another (k8s.io/apiextensions-apiserver, `validateEmbeddedResource`).
pub(super) fn embedded(object: Value<'_>) {
    let meta = object.get("metadata");
    let faults = |name: &str| Form::PathSegment.faults(name);
    prefix(meta, &faults);
    if !meta.get("name").is_empty() {
        the_name(meta, &faults);
    }
    judge_generation(meta);
    // In an object that lives in none, too.
    namespace(meta);
    written(meta);
    managed_fields(meta);
}

fn name(meta: Value<'_>, faults: &dyn Fn(&str) -> Vec<String>) {
    prefix(meta, faults);
    the_name(meta, faults);
}

fn prefix(meta: Value<'_>, faults: &dyn Fn(&str) -> Vec<String>) {
    if let Some(prefix) = meta.given("generateName").filter(|it| !it.is_empty()) {
        let text = masked(prefix.str());
        prefix.invalid_each(faults(text.as_deref().unwrap_or(prefix.str())));
    }
}

/// The name that is given, or that the server makes.
fn the_name(meta: Value<'_>, faults: &dyn Fn(&str) -> Vec<String>) {
    let name = meta.get("name");
    let made = made_of(name, meta);
    if made.is_empty() {
        name.required("name or generateName is required");
    } else {
        faults(&made).iter().for_each(|fault| name.invalid_text(&made, fault));
    }
}

/// The name in some metadata, or one such as the server makes of its `generateName` (k8s.io/apiserver,
/// `simpleNameGenerator`): it adds five letters or digits.
pub(super) fn name_of<'r>(meta: Value<'r>) -> Cow<'r, str> {
    made_of(meta.get("name"), meta)
}

/// The same where the name that is given is known.
fn made_of<'r>(name: Value<'r>, meta: Value<'r>) -> Cow<'r, str> {
    let name = name.str();
    if !name.is_empty() {
        return Cow::Borrowed(name);
    }
    let prefix = meta.given("generateName").map_or("", Value::str);
    if prefix.is_empty() {
        return Cow::Borrowed("");
    }
    let end = prefix.char_indices().map(|(at, _)| at).find(|at| *at >= GENERATED_FROM).unwrap_or(prefix.len());
    Cow::Owned(format!("{}aaaaa", prefix.get(..end).unwrap_or(prefix)))
}

/// A prefix that ends in `-` stands for names that go on (`maskTrailingDash`).
fn masked(prefix: &str) -> Option<String> {
    let rest = prefix.strip_suffix('-').filter(|rest| !rest.is_empty())?;
    let (last, _) = rest.char_indices().next_back()?;
    Some(format!("{}a", rest.get(..last)?))
}

fn common(meta: Value<'_>) {
    // Of what is there already, the server has its own.
    if !meta.run().updates() {
        judge_generation(meta);
    }
    fields(meta);
}

/// What `ValidateObjectMetaAccessorUpdate` says beyond that: an object that lives is not being deleted, and its writer
/// cannot say that it is.
pub(super) fn changed(object: Value<'_>, before: Node<'_>) {
    for name in ["deletionTimestamp", "deletionGracePeriodSeconds"] {
        let field = object.get("metadata").get(name);
        let was = before.at(["metadata", name]).filter(|it| !it.is_null());
        // When it is deleted stays as it is.
        let kept =
            was.is_some_and(|was| name == "deletionTimestamp" || was.as_int() == field.opt_int().map(i128::from));
        if field.is_present() && !kept {
            field.invalid("field is immutable");
        }
    }
}

fn fields(meta: Value<'_>) {
    if meta.run().kind.namespaced {
        namespace(meta);
    }
    written(meta);
}

fn namespace(meta: Value<'_>) {
    if let Some(namespace) = meta.given("namespace").filter(|it| !it.is_empty()) {
        namespace.invalid_each(Form::Label.faults(namespace.str()));
    }
}

/// What is judged as it is written. Managed fields are not: before the server validates a new object, it has put its own
/// in their place.
fn written(meta: Value<'_>) {
    meta.given("labels").into_iter().for_each(labels);
    meta.given("annotations").into_iter().for_each(annotations);
    meta.given("ownerReferences").into_iter().for_each(owners);
    meta.given("finalizers").into_iter().for_each(finalizers);
}

/// The kinds that are new with the generation 1 (`PrepareForCreate`), whatever is written.
const NUMBERED: &[&str] = &[
    "CronJob",
    "CustomResourceDefinition",
    "CustomResourceDefinition",
    "DaemonSet",
    "Deployment",
    "DeviceClass",
    "DeviceTaintRule",
    "EndpointSlice",
    "FlowSchema",
    "Ingress",
    "IngressClass",
    "Job",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "PodTemplate",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "ReplicaSet",
    "ReplicationController",
    "ResourceSlice",
    "StatefulSet",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
];

/// The generation, where it is the writer's.
fn judge_generation(meta: Value<'_>) {
    let Some(generation) = meta.given("generation").filter(|it| it.int() < 0) else { return };
    let is_set = match generation.run().kind.kind {
        "Pod" => generation.since(33),
        "HorizontalPodAutoscaler" => generation.since(37),
        kind => NUMBERED.binary_search(&kind).is_ok(),
    };
    if !is_set {
        nonnegative(generation);
    }
}

/// `ValidateNonnegativeField`.
pub(super) fn nonnegative(value: Value<'_>) {
    if value.int() < 0 {
        value.invalid("must be greater than or equal to 0");
    }
}

/// `ValidateLabels`: the server names the map, whichever key or value is wrong.
pub(super) fn labels(map: Value<'_>) {
    for (key, value) in map.entries() {
        if !names::is_key(key) {
            for fault in names::key_faults(key, value.since(BYTES)) {
                value.invalid_key_at(&map.path(), &fault);
            }
        }
        if !names::is_label_value(value.str()) {
            value.named(map.path()).invalid_each(names::value_faults(value.str(), value.since(BYTES)));
        }
    }
}

/// Labels of a template, which the server gives to what has none of its own.
pub(super) fn default_labels(object: Value<'_>, template: Value<'_>) {
    let of_template = template.at("metadata.labels");
    if object.at("metadata.labels").is_empty()
        && of_template.entries().any(|(key, value)| !names::is_key(key) || !names::is_label_value(value.str()))
    {
        labels(of_template.named("metadata.labels"));
    }
}

/// `ValidateAnnotations`.
pub(super) fn annotations(map: Value<'_>) {
    let mut size = 0;
    for (key, value) in map.entries() {
        size += key.len() + value.str().len();
        if names::is_key(key) {
            continue;
        }
        // Case does not matter.
        for fault in names::key_faults(&key.to_lowercase(), value.since(BYTES)) {
            value.invalid_key_at(&map.path(), &fault);
        }
    }
    if size > ANNOTATIONS_LIMIT {
        map.too_long(ANNOTATIONS_LIMIT);
    }
}

/// Each owner once, and the UIDs of those that stand there again: the server leaves them out before it validates
/// (k8s.io/apiserver, `dedupOwnerReferences`).
fn distinct_owners<'r>(list: Value<'r>) -> (Vec<Value<'r>>, Vec<&'r str>) {
    let (mut kept, mut again) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for owner in list.items() {
        let texts = ["apiVersion", "kind", "name", "uid"].map(|name| owner.str_of(name));
        let truths = ["controller", "blockOwnerDeletion"].map(|name| owner.get(name).opt_bool());
        if seen.insert((texts, truths)) {
            kept.push(owner);
        } else {
            again.push(owner.str_of("uid"));
        }
    }
    (kept, again)
}

/// Warns of owners that stand there more than once.
pub(super) fn warn_of_owners(object: Value<'_>) {
    let list = object.get("metadata").given("ownerReferences");
    let Some(list) = list.filter(|it| it.len() > 1) else { return };
    let again = distinct_owners(list).1;
    if !again.is_empty() {
        list.warn(format!(
            ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may \
             reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: {}",
            again.join(", ")
        ));
    }
}

/// `ValidateOwnerReferences`: before 1.37 the server's path leaves the index out.
fn owners(list: Value<'_>) {
    let mut controller = String::new();
    for owner in distinct_owners(list).0 {
        let before = |key: &str| format!("{}.{key}", list.path());
        let version = owner.get("apiVersion");
        for (field, key) in [
            (version, "apiVersion"),
            (owner.get("kind"), "kind"),
            (owner.get("name"), "name"),
            (owner.get("uid"), "uid"),
        ] {
            if !field.is_empty() {
                continue;
            }
            match (field.since(37), field.since(34)) {
                (true, _) => field.required("must not be empty"),
                (false, _) if key == "apiVersion" => {
                    field.named(before(key)).invalid_text("", "version must not be empty");
                }
                (false, true) => field.named(before(key)).invalid_text("", "must not be empty"),
                (false, false) => field.named(before(key)).invalid_text("", &format!("{key} must not be empty")),
            }
        }
        let here = if owner.since(37) { owner } else { owner.named(list.path()) };
        let parts = version.str().split('/').count();
        if !version.is_empty() && (parts > 2 || version.str().ends_with('/')) {
            let field = if owner.since(37) { version } else { version.named(before("apiVersion")) };
            if owner.since(37) {
                field.invalid("must be <group>/<version> or <version>");
            } else {
                field.invalid("version must not be empty");
            }
        }
        if version.str() == "v1" && owner.str_of("kind") == "Event" {
            here.invalid("/v1, Kind=Event is disallowed from being an owner");
        }
        if owner.bool_of("controller") {
            let name = format!("{}/{}", owner.str_of("kind"), owner.str_of("name"));
            if controller.is_empty() {
                controller = name;
            } else {
                list.invalid(&format!(
                    "Only one reference can have Controller set to true. Found \"true\" in references for {controller} \
                     and {name}"
                ));
            }
        }
    }
}

/// `ValidateFinalizers`: qualified names, and of the two ways to delete one.
fn finalizers(list: Value<'_>) {
    let (mut orphan, mut foreground) = (false, false);
    for item in list.items() {
        let name = item.str();
        if !names::is_key(name) {
            item.named(list.path()).invalid_each(names::key_faults(name, item.since(BYTES)));
        }
        orphan |= name == "orphan";
        foreground |= name == "foregroundDeletion";
    }
    if orphan && foreground {
        list.invalid("finalizer orphan and foregroundDeletion cannot be both set");
    }
}

fn core_finalizers(meta: Value<'_>) {
    meta.items_of("finalizers").for_each(core_finalizer);
}

/// Finalizers have a prefix but for those of Kubernetes (core validation, `validateKubeFinalizerName`).
pub(super) fn core_finalizer(item: Value<'_>) {
    let name = item.str();
    if !name.contains('/') && !matches!(name, "kubernetes" | "orphan" | "foregroundDeletion") {
        item.invalid("name is neither a standard finalizer name nor is it fully qualified");
    }
}

/// `ValidateManagedFields`. Of an object itself the server writes them anew before it validates.
fn managed_fields(meta: Value<'_>) {
    for entry in meta.items_of("managedFields") {
        let operation = entry.get("operation");
        match operation.str() {
            "Apply" | "Update" => {}
            "" if operation.since(37) => operation.required("must not be empty"),
            _ if operation.since(37) => operation.not_supported(&["Apply", "Update"]),
            _ => operation.invalid("must be `Apply` or `Update`"),
        }
        let fields = entry.get("fieldsType");
        if !fields.is_empty() && fields.str() != "FieldsV1" {
            fields.invalid("must be `FieldsV1`");
        }
        for field in [entry.get("manager"), entry.get("subresource")] {
            if field.len() > NAME_LIMIT {
                field.too_long(NAME_LIMIT);
            }
        }
    }
}

/// `ValidateLabelSelector`: of a selector that is there.
pub(super) fn label_selector(selector: Value<'_>) {
    if !selector.is_present() {
        return;
    }
    labels(selector.get("matchLabels"));
    for expression in selector.items_of("matchExpressions") {
        let (operator, values) = (expression.get("operator"), expression.get("values"));
        match operator.str() {
            "In" | "NotIn" if values.is_empty() => {
                values.required("must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => operator.invalid("not a valid selector operator"),
        }
        label_name(expression.get("key"));
        for value in values.items() {
            if !names::is_label_value(value.str()) {
                value.invalid_each(names::value_faults(value.str(), value.since(BYTES)));
            }
        }
    }
}

/// `ValidateLabelName`: a key of a label, or another qualified name.
pub(super) fn label_name(value: Value<'_>) {
    if !names::is_key(value.str()) {
        value.invalid_each(names::key_faults(value.str(), value.since(BYTES)));
    }
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
