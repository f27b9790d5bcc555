//! What becomes of a claim, in plain words.

use std::fmt;

use seaworthy_fleet::Why;
use seaworthy_object::Object;

use super::Misfit;

/// What becomes of a claim.
#[derive(Debug, Clone)]
pub enum Verdict<'a> {
    /// It binds this volume.
    Bound(&'a Object<'a>),
    /// Its class waits for a pod that mounts it.
    WaitsForPod {
        /// The class.
        class: &'a str,
        /// The volume left for it, where the class makes none.
        volume: Option<&'a Object<'a>>,
    },
    /// Its class makes a volume.
    Provisioned {
        /// The class.
        class: &'a str,
    },
    /// It can never bind.
    Pending(Obstacle<'a>),
    /// Nothing can be said.
    Unknown(Doubt<'a>),
}

/// Why a claim can never bind. That no volume fits is said of each; the volumes are in [`crate::Bindings::misfits`].
#[derive(Debug, Clone)]
pub enum Obstacle<'a> {
    /// No volume fits, and the class it names does not exist.
    ClassMissing {
        /// The class.
        class: &'a str,
        /// The name that was probably meant.
        nearest: Option<&'a str>,
    },
    /// No volume fits, and its class makes none.
    ClassMakesNone {
        /// The class.
        class: &'a Object<'a>,
    },
    /// No volume fits, and its class makes none for a claim with a selector.
    SelectorRefused {
        /// The class.
        class: &'a Object<'a>,
    },
    /// No volume without a class fits, and it asks for no class.
    NoClass,
    /// The volume it names does not exist.
    VolumeMissing {
        /// The volume.
        volume: &'a str,
        /// The name that was probably meant.
        nearest: Option<&'a str>,
    },
    /// The volume it names does not fit.
    VolumeMisfits(Misfit<'a>),
    /// The volume it was bound to is gone, and what was on it.
    Lost {
        /// The volume.
        volume: &'a str,
    },
    /// No volume fits, and what a new one would be filled from does not exist.
    SourceMissing {
        /// `VolumeSnapshot`, `PersistentVolumeClaim`, …
        kind: &'a str,
        /// Its name.
        name: &'a str,
        /// The name that was probably meant.
        nearest: Option<&'a str>,
    },
}

impl Obstacle<'_> {
    /// True if another volume would help.
    pub(crate) fn is_for_want_of_volumes(&self) -> bool {
        !matches!(self, Obstacle::VolumeMissing { .. } | Obstacle::VolumeMisfits(_) | Obstacle::Lost { .. })
    }
}

/// Why nothing can be said of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt<'a> {
    /// Its class may live elsewhere.
    Class {
        /// The class.
        name: &'a str,
        /// Why that is unknown.
        why: Why,
    },
    /// It names no class, and nobody said which one is the default.
    DefaultClass,
    /// It names no class, and several say that they are the default one: of the one that wins nothing fits.
    DefaultClasses,
    /// No volume of the set fits, but volumes may live elsewhere or be made later.
    Volumes(Why),
    /// The volume it names may live elsewhere.
    Volume {
        /// The volume.
        name: &'a str,
        /// Why that is unknown.
        why: Why,
    },
    /// Its size is not there or cannot be read.
    Size,
    /// Its provisioner may refuse a claim with a selector.
    Selector,
    /// What it is filled from may live elsewhere, or is filled by a program that nobody knows.
    Source {
        /// `VolumeSnapshot`, `PersistentVolumeClaim`, …
        kind: &'a str,
        /// Its name.
        name: &'a str,
        /// Why that is unknown.
        why: Why,
    },
}

impl Verdict<'_> {
    /// Its sort in one word: `bound`, `waits`, `provisioned`, `pending` or `unknown`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Verdict::Bound(_) => "bound",
            Verdict::WaitsForPod { .. } => "waits",
            Verdict::Provisioned { .. } => "provisioned",
            Verdict::Pending(_) => "pending",
            Verdict::Unknown(_) => "unknown",
        }
    }

    /// True if another verdict is of another sort, or binds another volume. Which volume is left for a pod is open
    /// anyhow.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        match (self, other) {
            (Verdict::Bound(one), Verdict::Bound(other)) => one.name() != other.name(),
            _ => std::mem::discriminant(self) != std::mem::discriminant(other),
        }
    }
}

impl fmt::Display for Verdict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Bound(volume) => write!(f, "binds `{}`", volume.name()),
            Verdict::WaitsForPod { volume: Some(volume), .. } => {
                write!(f, "waits for its pod, then binds a volume such as `{}`", volume.name())
            }
            Verdict::WaitsForPod { class, volume: None } => {
                write!(f, "waits for its pod, then class `{class}` makes a volume")
            }
            Verdict::Provisioned { class } => write!(f, "class `{class}` makes a volume"),
            Verdict::Pending(obstacle) => write!(f, "can never bind: {obstacle}"),
            Verdict::Unknown(doubt) => write!(f, "unknown: {doubt}"),
        }
    }
}

impl fmt::Display for Obstacle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::ClassMissing { class, .. } => write!(f, "no volume fits, and no class `{class}` can make one"),
            Obstacle::ClassMakesNone { class } => {
                write!(f, "no volume fits, and class `{}` makes none", class.name())
            }
            Obstacle::SelectorRefused { class } => {
                write!(f, "no volume fits, and class `{}` makes none for a claim with a selector", class.name())
            }
            Obstacle::NoClass => f.write_str("no volume fits, and it asks for no class that could make one"),
            Obstacle::Lost { volume } => write!(f, "the volume `{volume}` it was bound to is gone"),
            Obstacle::SourceMissing { kind, name, .. } => {
                write!(f, "no volume fits, and the {kind} `{name}` that would fill a new one does not exist")
            }
            Obstacle::VolumeMissing { volume, .. } => write!(f, "the volume `{volume}` it names does not exist"),
            Obstacle::VolumeMisfits(misfit) => {
                write!(f, "the volume `{}` it names does not fit: {}", misfit.volume.name(), misfit.why)
            }
        }
    }
}

impl fmt::Display for Doubt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Doubt::Class { name, why } => write!(f, "class `{name}`: {}", why.as_str()),
            Doubt::DefaultClass => f.write_str("nobody said whether the cluster has a default class"),
            Doubt::DefaultClasses => f.write_str("several classes say that they are the default one"),
            Doubt::Volumes(why) => write!(f, "a volume that fits: {}", why.as_str()),
            Doubt::Volume { name, why } => write!(f, "volume `{name}`: {}", why.as_str()),
            Doubt::Size => f.write_str("it asks for no size that can be read"),
            Doubt::Source { kind, name, why } => write!(f, "{kind} `{name}`, which fills it: {}", why.as_str()),
            Doubt::Selector => f.write_str("its provisioner may refuse a claim with a selector"),
        }
    }
}
