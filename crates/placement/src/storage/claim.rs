//! Claims, wherever they come from.

use std::fmt;

use seaworthy_object::{Field, Object, Place, Pod, Quantity, Selector};

use super::volume::{PersistentVolume, class_field};
use super::{AccessModes, Mismatch};

/// A claim that stands in the set, or that a controller will make from a template in it.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name; `*` stands for the part of a pod's name that only the cluster knows.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin<'a>,
    /// The mapping with its `metadata` and `spec`: the claim, or the template.
    pub field: Field<'a>,
    /// `spec.resources.requests.storage`, if it is there and can be read.
    pub request: Option<Quantity>,
    /// `spec.accessModes`.
    pub access: AccessModes,
    /// `spec.volumeMode` after the server's default.
    pub mode: &'a str,
    /// `spec.volumeAttributesClassName`; empty for none.
    pub attributes_class: &'a str,
    /// `spec.selector`.
    pub selector: Option<Selector<'a>>,
    /// `spec.volumeName`.
    pub volume: Option<Field<'a>>,
    /// What a volume that is made for it is filled from.
    pub source: Option<Source<'a>>,
    /// The claim template of a StatefulSet that adopts the claim instead of making it.
    pub adopted_by: Option<Field<'a>>,
}

/// Where a claim comes from.
#[derive(Debug, Clone, Copy)]
pub enum Origin<'a> {
    /// It stands in the set.
    Object(&'a Object<'a>),
    /// A StatefulSet makes it from an entry of `volumeClaimTemplates`, for a pod.
    Template {
        /// The StatefulSet.
        set: &'a Object<'a>,
        /// The number of the pod.
        ordinal: i64,
    },
    /// It is made for a generic ephemeral volume of a pod.
    Ephemeral {
        /// The pod.
        pod: Pod<'a>,
        /// The entry of `volumes`.
        volume: Field<'a>,
    },
}

/// `spec.dataSourceRef`, else `spec.dataSource`; the server writes either into the other.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its group.
    pub group: &'a str,
    /// `VolumeSnapshot`, `PersistentVolumeClaim`, …
    pub kind: &'a str,
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
}

impl<'a> Source<'a> {
    fn of(claim: Field<'a>, namespace: &'a str) -> Option<Self> {
        let source = claim.at("spec.dataSourceRef").or_else(|| claim.at("spec.dataSource"))?;
        let text = |key: &str| source.get(key).map(|it| it.text()).filter(|it| !it.is_empty());
        Some(Self {
            group: text("apiGroup").unwrap_or(""),
            kind: text("kind")?,
            namespace: text("namespace").unwrap_or(namespace),
            name: text("name")?,
        })
    }
}

/// The class a claim asks for, before any default.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// This one.
    Class(Field<'a>),
    /// `""`: none, not even the default.
    None,
    /// It says nothing: the default class, if there is one.
    Default,
}

impl<'a> Claim<'a> {
    pub(crate) fn new(namespace: &'a str, name: String, origin: Origin<'a>, field: Field<'a>) -> Self {
        let text = |path: &str| field.str_at(path).unwrap_or("");
        let mode = text("spec.volumeMode");
        Self {
            namespace,
            name,
            origin,
            field,
            request: field.at("spec.resources.requests.storage").and_then(|it| it.text().parse().ok()),
            access: AccessModes::of(field.items_at("spec.accessModes")),
            mode: if mode.is_empty() { "Filesystem" } else { mode },
            attributes_class: text("spec.volumeAttributesClassName"),
            selector: field.at("spec.selector").map(Selector::from_label_selector),
            volume: field.at("spec.volumeName").filter(|it| !it.text().is_empty()),
            source: Source::of(field, namespace),
            adopted_by: None,
        }
    }

    /// The class it asks for.
    #[must_use]
    pub fn asked(&self) -> Asked<'a> {
        match class_field(self.field) {
            Some(field) if field.text().is_empty() => Asked::None,
            Some(field) => Asked::Class(field),
            None => Asked::Default,
        }
    }

    /// The object that holds it: itself, or whose template it is.
    #[must_use]
    pub fn object(&self) -> &'a Object<'a> {
        self.field.object()
    }

    /// Where its name is: its own, or that of the template.
    #[must_use]
    pub fn place(&self) -> Place<'a> {
        match self.origin {
            Origin::Object(object) => object.place(),
            Origin::Template { .. } => self.field.at("metadata.name").unwrap_or(self.field).place(),
            Origin::Ephemeral { volume, .. } => volume.get("name").unwrap_or(volume).place(),
        }
    }

    /// How much it asks for.
    #[must_use]
    pub fn size(&self) -> Quantity {
        self.request.clone().unwrap_or(Quantity::zero())
    }

    /// The volume that it has lost, as its status says.
    pub(crate) fn lost(&self) -> Option<&'a str> {
        let is_lost = matches!(self.origin, Origin::Object(_)) && self.field.str_at("status.phase") == Some("Lost");
        is_lost.then(|| self.volume.map_or("", |it| it.text()))
    }

    /// True if the controller has bound it already (`pv.kubernetes.io/bind-completed`).
    pub(crate) fn was_bound(&self) -> bool {
        let annotations = self.field.at("metadata.annotations").filter(|_| matches!(self.origin, Origin::Object(_)));
        annotations.is_some_and(|it| it.get("pv.kubernetes.io/bind-completed").is_some())
    }

    /// True if the volume fits, whatever its class and whoever else has it.
    #[must_use]
    pub fn fits(&self, volume: &PersistentVolume<'a>) -> bool {
        let labels = volume.object.labels();
        Mismatch::of_shape(self, volume).is_none()
            && self.selector.as_ref().is_none_or(|selector| selector.matches(labels))
    }

    /// True if the volume is kept for this claim and no other.
    #[must_use]
    pub fn is_kept(&self, volume: &PersistentVolume<'a>) -> bool {
        let uid = self.field.str_at("metadata.uid");
        let same_uid = volume.kept_for_uid.is_none_or(|kept| uid.is_none_or(|uid| uid == kept));
        same_uid && volume.kept_for == Some((self.namespace, self.name.as_str()))
    }
}

impl fmt::Display for Claim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
