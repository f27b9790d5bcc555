//! PersistentVolumes, as far as binding looks at them.

use seaworthy_object::{Field, Object, Quantity};

use super::AccessModes;

/// The annotation that named the class before the field did; the controller still obeys it.
pub(crate) const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";

/// A PersistentVolume.
#[derive(Debug, Clone)]
pub struct PersistentVolume<'a> {
    /// The object.
    pub object: &'a Object<'a>,
    /// Its class; empty for none.
    pub class: &'a str,
    /// `spec.capacity.storage`; nothing if it cannot be read.
    pub capacity: Quantity,
    /// `spec.accessModes`.
    pub access: AccessModes,
    /// `spec.volumeMode` after the server's default.
    pub mode: &'a str,
    /// `spec.volumeAttributesClassName`; empty for none.
    pub attributes_class: &'a str,
    /// Namespace and name of `spec.claimRef`: the claim it is kept for. Without a namespace it is kept for none.
    pub kept_for: Option<(&'a str, &'a str)>,
    /// `spec.claimRef.uid`.
    pub(crate) kept_for_uid: Option<&'a str>,
    /// `status.phase`, if it is there and not what a free volume has.
    pub phase: Option<&'a str>,
    /// True if it is being deleted.
    pub(crate) is_going: bool,
}

impl<'a> PersistentVolume<'a> {
    pub(crate) fn of(object: &'a Object<'a>) -> Self {
        let text = |path: &str| object.str_at(path).unwrap_or("");
        let kept_for = object
            .at("spec.claimRef")
            .map(|it| (it.str_at("namespace").unwrap_or(""), it.get("name").map_or("", |name| name.text())));
        let mode = text("spec.volumeMode");
        Self {
            object,
            class: class_field(object.field()).map_or("", |it| it.text()),
            capacity: object
                .at("spec.capacity.storage")
                .and_then(|it| it.text().parse().ok())
                .unwrap_or(Quantity::zero()),
            access: AccessModes::of(object.field().items_at("spec.accessModes")),
            mode: if mode.is_empty() { "Filesystem" } else { mode },
            attributes_class: text("spec.volumeAttributesClassName"),
            kept_for,
            kept_for_uid: object.str_at("spec.claimRef.uid").filter(|it| !it.is_empty()),
            is_going: object.at("metadata.deletionTimestamp").is_some(),
            phase: object.str_at("status.phase").filter(|it| !matches!(*it, "" | "Pending" | "Available")),
        }
    }

    /// True if no claim has it and none is promised it.
    pub(crate) fn is_free(&self) -> bool {
        self.kept_for.is_none() && self.phase.is_none() && !self.is_going
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.object.name()
    }

    /// Where its class is named.
    #[must_use]
    pub fn class_field(&self) -> Option<Field<'a>> {
        class_field(self.object.field())
    }
}

/// Where a claim, a claim template or a volume names its class: the annotation beats the field.
pub(crate) fn class_field<'a>(root: Field<'a>) -> Option<Field<'a>> {
    let annotation = root.at("metadata.annotations").and_then(|it| it.get(CLASS_ANNOTATION));
    annotation.or_else(|| root.at("spec.storageClassName"))
}
