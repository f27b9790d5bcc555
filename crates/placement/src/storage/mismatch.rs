//! Why a volume does not fit a claim.

use std::fmt;

use seaworthy_object::{Field, Object, Place, Quantity};

use super::volume::class_field;
use super::{AccessModes, Claim, PersistentVolume};

/// A volume that does not fit a claim, and the first condition that fails.
#[derive(Debug, Clone)]
pub struct Misfit<'a> {
    /// The volume.
    pub volume: &'a Object<'a>,
    /// Why.
    pub why: Mismatch<'a>,
}

/// The first condition that fails, with both values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch<'a> {
    /// Another class.
    Class {
        /// The volume's; empty for none.
        offered: &'a str,
        /// The claim's; empty for none.
        asked: &'a str,
    },
    /// Too small.
    Size {
        /// The volume's.
        offered: Quantity,
        /// The claim's.
        asked: Quantity,
    },
    /// An access mode is lacking.
    Access {
        /// The volume's.
        offered: AccessModes,
        /// The claim's.
        asked: AccessModes,
    },
    /// A file system where a raw device is asked for, or the other way round.
    Mode {
        /// The volume's.
        offered: &'a str,
        /// The claim's.
        asked: &'a str,
    },
    /// Another VolumeAttributesClass.
    AttributesClass {
        /// The volume's; empty for none.
        offered: &'a str,
        /// The claim's; empty for none.
        asked: &'a str,
    },
    /// Its labels miss the claim's selector: the first requirement that fails.
    Selector(String),
    /// Its `claimRef` keeps it for another claim.
    Kept {
        /// That claim's namespace.
        namespace: &'a str,
        /// That claim's name.
        name: &'a str,
    },
    /// Another claim of the set binds it.
    Taken(String),
    /// Its status says that it is not free.
    Phase(&'a str),
    /// It is being deleted.
    Going,
}

impl<'a> Mismatch<'a> {
    /// The first condition, apart from other claims, that keeps a volume from a claim of this class.
    pub(crate) fn first(claim: &Claim<'a>, class: &'a str, volume: &PersistentVolume<'a>) -> Option<Self> {
        let kept = claim.is_kept(volume);
        if !kept && volume.class != class {
            return Some(Mismatch::Class { offered: volume.class, asked: class });
        }
        if let Some(mismatch) = Self::of_shape(claim, volume) {
            return Some(mismatch);
        }
        if kept {
            return volume.is_going.then_some(Mismatch::Going);
        }
        let misses = claim.selector.as_ref().and_then(|selector| {
            let labels = volume.object.labels();
            selector.misses(labels).next().map(|requirement| Mismatch::Selector(requirement.to_string()))
        });
        misses.or_else(|| Self::of_state(volume))
    }

    /// The first condition that keeps a volume from a claim that names it (`checkVolumeSatisfyClaim`): less is asked
    /// of it, no selector and no status, and sizes are compared in whole bytes. Without a known class it may be any.
    pub(crate) fn of_named(claim: &Claim<'a>, class: Option<&'a str>, volume: &PersistentVolume<'a>) -> Option<Self> {
        if volume.is_going {
            return Some(Mismatch::Going);
        }
        let shape = Self::of_shape(claim, volume);
        match (shape, class.filter(|class| *class != volume.class)) {
            (Some(Mismatch::Size { .. }), class) if volume.capacity.value() >= claim.size().value() => {
                class.map(|asked| Mismatch::Class { offered: volume.class, asked })
            }
            (Some(size @ Mismatch::Size { .. }), _) => Some(size),
            (_, Some(asked)) => Some(Mismatch::Class { offered: volume.class, asked }),
            (shape, None) => shape,
        }
    }

    /// What is so whatever the class and the selector: size, access modes, volume mode, attributes class.
    pub(crate) fn of_shape(claim: &Claim<'a>, volume: &PersistentVolume<'a>) -> Option<Self> {
        if volume.capacity < claim.size() {
            return Some(Mismatch::Size { offered: volume.capacity.clone(), asked: claim.size() });
        }
        if !volume.access.contain(claim.access) {
            return Some(Mismatch::Access { offered: volume.access, asked: claim.access });
        }
        if volume.mode != claim.mode {
            return Some(Mismatch::Mode { offered: volume.mode, asked: claim.mode });
        }
        (volume.attributes_class != claim.attributes_class)
            .then_some(Mismatch::AttributesClass { offered: volume.attributes_class, asked: claim.attributes_class })
    }

    fn of_state(volume: &PersistentVolume<'a>) -> Option<Self> {
        match volume.kept_for {
            Some((namespace, name)) => Some(Mismatch::Kept { namespace, name }),
            None if volume.is_going => Some(Mismatch::Going),
            None => volume.phase.map(Mismatch::Phase),
        }
    }

    /// The value of the volume that does not fit.
    #[must_use]
    pub fn place(&self, volume: &'a Object<'a>) -> Place<'a> {
        let field = match self {
            Mismatch::Class { .. } => class_field(volume.field()),
            _ => volume.at(match self {
                Mismatch::Size { .. } => "spec.capacity.storage",
                Mismatch::Access { .. } => "spec.accessModes",
                Mismatch::Mode { .. } => "spec.volumeMode",
                Mismatch::AttributesClass { .. } => "spec.volumeAttributesClassName",
                Mismatch::Selector(_) => "metadata.labels",
                Mismatch::Kept { .. } => "spec.claimRef",
                _ => "metadata.name",
            }),
        };
        field.map_or_else(|| volume.place(), Field::into)
    }

    /// The value of the claim that asks for what the volume has not; none where the claim is not to blame.
    #[must_use]
    pub fn asking(&self, claim: &Claim<'a>) -> Option<Field<'a>> {
        claim.field.at(match self {
            Mismatch::Class { .. } => return class_field(claim.field),
            Mismatch::Size { .. } => "spec.resources.requests.storage",
            Mismatch::Access { .. } => "spec.accessModes",
            Mismatch::Mode { .. } => "spec.volumeMode",
            Mismatch::AttributesClass { .. } => "spec.volumeAttributesClassName",
            Mismatch::Selector(_) => "spec.selector",
            Mismatch::Kept { .. } | Mismatch::Taken(_) | Mismatch::Phase(_) | Mismatch::Going => return None,
        })
    }
}

impl fmt::Display for Mismatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mismatch::Class { offered, asked: "" } => write!(f, "class is `{offered}`, and the claim asks for none"),
            Mismatch::Class { offered, .. } => write!(f, "{}", Named("class", offered)),
            Mismatch::Size { offered, asked } => write!(f, "{offered} offered, {asked} asked"),
            Mismatch::Access { offered, asked } => write!(f, "it allows {offered}, and {asked} is asked"),
            Mismatch::Mode { offered, asked } => write!(f, "volume mode is {offered}, and {asked} is asked"),
            Mismatch::AttributesClass { offered, asked } => {
                write!(f, "{}, and the claim asks for {}", Named("attributes class", offered), Named("", asked))
            }
            Mismatch::Selector(requirement) => write!(f, "its labels miss the claim's selector `{requirement}`"),
            Mismatch::Kept { namespace: "", .. } => f.write_str("its claimRef names no namespace"),
            Mismatch::Kept { namespace, name } => write!(f, "its claimRef keeps it for claim `{namespace}/{name}`"),
            Mismatch::Taken(claim) => write!(f, "claim `{claim}` takes it"),
            Mismatch::Phase(phase) => write!(f, "its status is {phase}"),
            Mismatch::Going => f.write_str("it is being deleted"),
        }
    }
}

/// A name after what it is the name of; an empty name is none.
struct Named<'n>(&'n str, &'n str);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            ("", "") => f.write_str("none"),
            ("", name) => write!(f, "`{name}`"),
            (what, "") => write!(f, "it has no {what}"),
            (what, name) => write!(f, "{what} is `{name}`"),
        }
    }
}
