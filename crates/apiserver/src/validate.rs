//! Is what decodes valid? What the catalog knows of each field, and the rules all kinds share.
//!
//! The walk follows the types, so a rule of a type holds wherever the server validates that type. Where it does not
//! (status, the metadata of templates, …) stands in [`judged`].

mod admissionregistration;
mod apiextensions;
mod apiregistration;
mod apps;
mod authorization;
mod autoscaling;
mod batch;
mod certificates;
mod claims;
mod core;
pub(crate) mod custom;
mod discovery;
mod domains;
mod duplicates;
mod flowcontrol;
mod formats;
mod label_selector;
mod meta;
mod metadata;
mod names;
mod net;
mod networking;
mod path;
mod policy;
mod print;
mod rbac;
mod required;
mod run;
mod same;
mod seen;
mod selectors;
mod storage;
mod storagemigration;
mod update;
mod value;
mod values;
mod webhook;
mod words;

use seaworthy_document::Node;
use seaworthy_object::catalog::{Field as Schema, Kind, Shape, Type};
use seaworthy_object::{Catalog, Object, Version, Versions};

use crate::answer::Answers;
use run::Run;
use value::Value;

/// What the server validates of an object of a kind.
type Validate = fn(Value<'_>);

/// The validation of a kind, if it is written: files and functions follow Kubernetes' own tree.
fn of(kind: &Kind) -> Option<Validate> {
    match kind.group {
        "" => core::of(kind.kind),
        "apiregistration.k8s.io" => apiregistration::of(kind.kind),
        "authentication.k8s.io" | "authorization.k8s.io" => authorization::of(kind.kind),
        "certificates.k8s.io" => certificates::of(kind.kind),
        "admissionregistration.k8s.io" => admissionregistration::of(kind.kind),
        "apiextensions.k8s.io" => apiextensions::of(kind.kind),
        "discovery.k8s.io" => discovery::of(kind.kind),
        "apps" => apps::of(kind.kind),
        "autoscaling" => autoscaling::of(kind.kind),
        "batch" => batch::of(kind.kind),
        "flowcontrol.apiserver.k8s.io" => flowcontrol::of(kind.kind),
        "networking.k8s.io" => networking::of(kind.kind),
        "policy" => policy::of(kind.kind),
        "rbac.authorization.k8s.io" => rbac::of(kind.kind),
        "storage.k8s.io" => storage::of(kind.kind),
        "storagemigration.k8s.io" => storagemigration::of(kind.kind),
        _ => None,
    }
}

/// The versions that validate what a StatefulSet makes: of its pod template earlier ones look at labels and
/// annotations alone, of its claim templates at nothing (k8s.io/kubernetes, `ValidatePodTemplateSpecForStatefulSet`).
const STATEFUL_TEMPLATES: Versions = Versions::since(Version::minor_of(34));

/// Judges an object that decodes in these versions.
pub(crate) fn judge(kind: &Kind, catalog: &Catalog, versions: Versions, answers: &mut Answers<'_>) {
    if let Some(validate) = of(kind) {
        return each(kind, validate, catalog, versions, answers);
    }
    let root = answers.object().root();
    if !metadata::is_generic(kind) {
        metadata::judge(kind, versions, answers);
    }
    Validator { catalog, answers }.object(root, catalog.type_of(kind), versions);
    if metadata::is_generic(kind) {
        let valid = versions.minus(answers.refused());
        metadata::judge(kind, valid, answers);
    }
}

/// Judges what an object changes that takes the place of another.
pub(crate) fn judge_update(
    kind: &Kind,
    old: &Object<'_>,
    catalog: &Catalog,
    versions: Versions,
    answers: &mut Answers<'_>,
) {
    let mut left = versions;
    while let Some(version) = left.newest() {
        let run = Run::new(answers.object(), catalog, kind, version, left);
        let before = Run::new(old, catalog, kind, version, left);
        update::judge(kind, run.root(), before.root());
        left = left.minus(run.finish(answers));
    }
}

/// Validates once for each set of versions that the rules tell apart.
fn each(kind: &Kind, validate: Validate, catalog: &Catalog, versions: Versions, answers: &mut Answers<'_>) {
    let mut left = versions;
    while let Some(version) = left.newest() {
        let run = Run::new(answers.object(), catalog, kind, version, left);
        validate(run.root());
        if !run.refuses() && !run.metadata_judged.get() {
            meta::generic(run.root());
        }
        if !run.refuses() {
            meta::warn_of_owners(run.root());
        }
        left = left.minus(run.finish(answers));
    }
}

struct Validator<'v, 'c, 'a> {
    catalog: &'c Catalog,
    answers: &'v mut Answers<'a>,
}

impl<'c, 'a> Validator<'_, 'c, 'a> {
    fn object(&mut self, node: Node<'a>, ty: &'c Type, versions: Versions) {
        let lines = formats::lines(ty);
        for entry in node.entries().filter(|entry| !entry.value.is_null()) {
            for field in ty.fields(entry.name()) {
                let here = judged(ty, field, versions.intersect(field.versions));
                if !here.is_empty() {
                    values::judge(entry.value, field, here, self.answers);
                    formats::judge(entry.value, field.name, lines, here, self.answers);
                    duplicates::judge(entry.value, ty, field, here, self.answers);
                    self.value(entry.value, &field.shape, here);
                }
            }
        }
        self.missing(node, ty, versions);
        formats::missing(node, lines, versions, self.answers);
        selectors::judge(node, ty, versions, self.answers);
        metadata::of_template(node, ty, versions, self.answers);
        claims::judge(node, ty, versions, self.answers);
    }

    fn value(&mut self, node: Node<'a>, shape: &'c Shape, versions: Versions) {
        match shape {
            Shape::Object(id) if node.is_mapping() => self.object(node, self.catalog.ty(*id), versions),
            Shape::List(inner) if inner.object().is_some() => {
                node.items().for_each(|item| self.value(item, inner, versions));
            }
            Shape::Map(inner) if inner.object().is_some() => {
                node.entries().for_each(|entry| self.value(entry.value, inner, versions));
            }
            _ => {}
        }
    }
}

/// The versions that validate a field at all.
fn judged(ty: &Type, field: &Schema, versions: Versions) -> Versions {
    // The names first: nearly all fields are none of these, and this is asked of every one.
    match field.name {
        // The server clears it, or takes it as it is. Metadata has rules of its own; that of templates other than
        // pods' is not looked at.
        "status" | "metadata" if matches!(field.shape, Shape::Object(_)) => Versions::NONE,
        // An autoscaler passes it on to the metrics API as it is.
        "selector" if ty.short_name() == "MetricIdentifier" => Versions::NONE,
        "template" | "volumeClaimTemplates" if ty.short_name() == "StatefulSetSpec" => {
            versions.intersect(STATEFUL_TEMPLATES)
        }
        _ => versions,
    }
}
