//! Claims of volumes, and the templates of those (`ValidatePersistentVolumeClaim`).

use super::super::meta;
use super::super::names::Form;
use super::super::value::Value;

/// What a volume may be mounted as, in the server's order.
const ACCESS_MODES: &[&str] = &["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const VOLUME_MODES: &[&str] = &["Block", "Filesystem"];
/// The version that knows classes of volume attributes by default.
pub(super) const ATTRIBUTES_CLASS: u8 = 34;
/// The annotation that was a claim's class once.
pub(in crate::validate) const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";
/// What templates of claims have of metadata.
const TEMPLATE_METADATA: &[&str] = &["annotations", "labels"];

/// `ValidatePersistentVolumeClaim`.
pub(super) fn persistent_volume_claim(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    claim_spec(spec);
    data_sources(spec);
    if object.run().refuses() {
        return;
    }
    let annotations = object.at("metadata.annotations");
    for (key, value) in annotations.entries().filter(|(key, _)| *key == CLASS_ANNOTATION) {
        value.warn(format!(
            "metadata.annotations[{key}]: deprecated since v1.8; use \"storageClassName\" attribute instead"
        ));
    }
    warnings(spec, &|| spec.path());
}

/// `ValidatePersistentVolumeClaimTemplate`: of an ephemeral volume.
pub(super) fn template(template: Value<'_>) {
    template_metadata(template.get("metadata"));
    spec_of_template(template.get("spec"));
}

/// `ValidateTemplateObjectMeta`: labels and annotations alone.
pub(in crate::validate) fn template_metadata(metadata: Value<'_>) {
    meta::annotations(metadata.get("annotations"));
    meta::labels(metadata.get("labels"));
    for (key, value) in metadata.entries().filter(|(key, _)| !TEMPLATE_METADATA.contains(key)) {
        let zero = value.is_empty() || value.opt_int() == Some(0);
        // A list without items is set all the same.
        if value.is_present() && (!zero || matches!(key, "ownerReferences" | "finalizers" | "managedFields")) {
            let field = if key == "uid" { value.named(format!("{}.uID", metadata.path())) } else { value };
            field.forbidden("cannot be set");
        }
    }
}

/// `ValidatePersistentVolumeClaimSpec` without the sources of data, which the server completes in claims alone.
fn claim_spec(spec: Value<'_>) {
    if spec.get("accessModes").is_empty() {
        spec.get("accessModes").required("at least 1 access mode is required");
    }
    meta::label_selector(spec.get("selector"));
    access_modes(spec.get("accessModes"));
    let storage = spec.at("resources.requests").entries().find(|(key, _)| *key == "storage");
    // The server leaves `requests` out.
    let path = || format!("{}.resources[storage]", spec.path());
    match storage {
        None => spec.at("resources.requests.storage").named(path()).required(""),
        Some((_, storage)) if !is_positive(storage) => not_positive(storage.named(path())),
        Some(_) => {}
    }
    class(spec.get("storageClassName"));
    volume_mode(spec.get("volumeMode"));
    let attributes = spec.get("volumeAttributesClassName");
    if !attributes.is_empty() && attributes.since(ATTRIBUTES_CLASS) {
        class(attributes);
    }
}

/// `ValidatePersistentVolumeClaimSpec`, of the template of a StatefulSet.
pub(in crate::validate) fn spec_of_template(spec: Value<'_>) {
    claim_spec(spec);
    both_sources(spec);
}

/// Modes of access. The server names the list.
pub(super) fn access_modes(list: Value<'_>) {
    let (mut alone, mut others) = (false, false);
    for mode in list.items() {
        if !ACCESS_MODES.contains(&mode.str()) {
            mode.named(list.path()).not_supported(ACCESS_MODES);
        } else if mode.str() == "ReadWriteOncePod" {
            alone = true;
        } else {
            others = true;
        }
    }
    if alone && others {
        list.forbidden("may not use ReadWriteOncePod with other access modes");
    }
}

/// The name of a class, if there is one.
pub(super) fn class(name: Value<'_>) {
    if !name.is_empty() {
        name.invalid_each(Form::Subdomain.faults(name.str()));
    }
}

pub(super) fn volume_mode(mode: Value<'_>) {
    if mode.is_present() && !VOLUME_MODES.contains(&mode.str()) {
        mode.not_supported(VOLUME_MODES);
    }
}

/// Whether a quantity is more than nothing.
pub(super) fn is_positive(value: Value<'_>) -> bool {
    value.amount().is_some_and(|it| !it.is_zero() && !it.is_negative())
}

/// What `ValidatePositiveQuantityValue` says.
pub(super) fn not_positive(value: Value<'_>) {
    let text = value.amount().map_or_else(|| "0".to_owned(), |it| it.to_string());
    value.invalid_text(&text, "must be greater than zero");
}

/// The sources of a claim's data, as the server holds them after `EnforceDataSourceBackwardsCompatibility` and
/// `NormalizeDataSources`: one that it does not know is dropped, and each of the two is the other where that is absent.
fn data_sources(spec: Value<'_>) {
    let had = spec.run().before.is_some_and(|before| has_source(before.root().get("spec")));
    let [source, reference] = [spec.get("dataSource"), spec.get("dataSourceRef")];
    match sources_kept(spec, had) {
        (true, true) => both_sources(spec),
        (true, false) => [source, reference].into_iter().for_each(|at| data_source(source, at)),
        (false, true) if !reference.get("namespace").is_empty() => both_sources(spec),
        (false, true) => [source, reference].into_iter().for_each(|at| data_source(reference, at)),
        (false, false) => {}
    }
}

/// Which of the two sources the server keeps as they are written: of a claim that had some before, each.
fn sources_kept(spec: Value<'_>, had: bool) -> (bool, bool) {
    let (source, reference) = (spec.get("dataSource"), spec.get("dataSourceRef"));
    // `CrossNamespaceVolumeDataSource` is not switched on.
    let referred = reference.is_present() && (had || reference.get("namespace").is_empty());
    (source.is_present() && (had || referred || is_claim_or_snapshot(source)), referred)
}

/// Whether the server holds a source of data of a new claim.
pub(in crate::validate) fn has_source(spec: Value<'_>) -> bool {
    sources_kept(spec, false) != (false, false)
}

/// Group, kind, name and namespace of a source.
pub(in crate::validate) type Source = [Option<String>; 4];

/// The two sources as the server holds them, of a claim that had some before or not.
pub(in crate::validate) fn sources(spec: Value<'_>, had: bool) -> [Option<Source>; 2] {
    let held = |source: Value<'_>| {
        ["apiGroup", "kind", "name", "namespace"].map(|it| source.get(it).opt_str().map(str::to_owned))
    };
    let (source, reference) = (held(spec.get("dataSource")), held(spec.get("dataSourceRef")));
    let nowhere = |[group, kind, name, _]: Source| [group, kind, name, None];
    match sources_kept(spec, had) {
        (true, true) => [Some(nowhere(source)), Some(reference)],
        (true, false) => [Some(nowhere(source.clone())), Some(nowhere(source))],
        (false, true) if reference.last().is_some_and(|it| it.as_deref().is_some_and(|it| !it.is_empty())) => {
            [None, Some(reference)]
        }
        (false, true) => [Some(nowhere(reference.clone())), Some(reference)],
        (false, false) => [None, None],
    }
}

fn is_claim_or_snapshot(source: Value<'_>) -> bool {
    matches!(
        (source.str_of("apiGroup"), source.str_of("kind")),
        ("", "PersistentVolumeClaim") | ("snapshot.storage.k8s.io", "VolumeSnapshot")
    )
}

/// The sources as they stand: two must be the same.
fn both_sources(spec: Value<'_>) {
    let (source, reference) = (spec.get("dataSource"), spec.get("dataSourceRef"));
    [source, reference].into_iter().filter(|it| it.is_present()).for_each(|it| data_source(it, it));
    let namespace = reference.get("namespace");
    if !namespace.is_empty() {
        namespace.invalid_each(Form::Label.faults(namespace.str()));
        if source.is_present() {
            wrong_source(spec, "may not be specified when dataSourceRef.namespace is specified");
        }
    } else if source.is_present() && reference.is_present() {
        let same = |name| source.str_of(name) == reference.str_of(name);
        // The group is a pointer: not to say it is not to say that it is empty.
        let grouped = source.get("apiGroup").opt_str() == reference.get("apiGroup").opt_str();
        if !grouped || !same("kind") || !same("name") {
            wrong_source(spec, "must match dataSourceRef");
        }
    }
}

/// The server shows the path of the field as Go prints it, before 1.34 with an address in memory.
fn wrong_source(spec: Value<'_>, words: &str) {
    let go = "field.Path{name:\"dataSource\", index:\"\", parent:(*field.Path)(0xc000000000)}";
    spec.invalid_shown(if spec.since(34) { "{}" } else { go }, words);
}

/// `allowInvalidAPIGroupInDataSourceOrRef`: of a claim that had a source of a group before.
fn had_group(source: Value<'_>) -> bool {
    let before = source.run().before.filter(|before| before.kind.kind == "PersistentVolumeClaim");
    before.is_some_and(|before| {
        let spec = before.root().get("spec");
        has_source(spec) && ["dataSource", "dataSourceRef"].iter().any(|it| spec.get(it).has("apiGroup"))
    })
}

/// `validateDataSource`, `validateDataSourceRef`: of a source, told of a field.
fn data_source(source: Value<'_>, field: Value<'_>) {
    let (group, kind) = (source.get("apiGroup"), source.get("kind"));
    for name in ["name", "kind"] {
        if source.get(name).is_empty() {
            field.get(name).required("");
        }
    }
    if !group.is_empty() {
        let faults = if had_group(source) { Vec::new() } else { Form::Subdomain.faults(group.str()) };
        faults.iter().for_each(|fault| field.get("apiGroup").invalid_text(group.str(), fault));
    } else if kind.str() != "PersistentVolumeClaim" {
        field.invalid_text(kind.str(), "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
    }
}

/// `GetWarningsForPersistentVolumeClaimSpec`, of a spec at this address.
pub(in crate::validate) fn warnings(spec: Value<'_>, path: &dyn Fn() -> String) {
    for name in ["requests", "limits"] {
        let storage = spec.get("resources").entries_of(name).find(|(key, _)| *key == "storage");
        let Some((_, storage)) = storage else { continue };
        let Some(quantity) = storage.amount().filter(|it| it.milli_value_in_64_bits() % 1000 != 0) else { continue };
        storage.warn(format!(
            "{}.resources.{name}[storage]: fractional byte value {} is invalid, must be an integer",
            path(),
            seaworthy_cel::quoted(&quantity.to_string())
        ));
    }
}
