//! Storage classes: which there are, which is the default, and what they can do for a claim.

use foldhash::HashMap;
use seaworthy_fleet::{DefaultClass, Fleet, Resolution, Why};
use seaworthy_object::{Field, Object};

use super::claim::{Asked, Claim};
use super::provisioner::NO_PROVISIONER;
use super::topology::zones_of_class;

/// What stands behind the class a claim asks for.
#[derive(Debug, Clone, Copy)]
pub enum Supply<'a> {
    /// The claim gets no class: only a volume without one fits.
    Nothing,
    /// A class.
    Class {
        /// Its name.
        name: &'a str,
        /// The class, if it stands in the set; the platform or an add-on brings it otherwise.
        object: Option<&'a Object<'a>>,
    },
    /// The class it names does not exist.
    Missing {
        /// The name.
        name: &'a str,
        /// The name that was probably meant.
        nearest: Option<&'a str>,
    },
    /// The class it names may live elsewhere.
    Elsewhere {
        /// The name.
        name: &'a str,
        /// Why nothing can be said.
        why: Why,
        /// A class of the set whose name is two letters away.
        near: Option<&'a str>,
    },
    /// The claim names no class, and nobody said whether the cluster has a default one.
    UnknownDefault,
}

impl<'a> Supply<'a> {
    /// The class of the volumes that fit; none if that is unknown.
    #[must_use]
    pub fn name(self) -> Option<&'a str> {
        match self {
            Supply::Nothing => Some(""),
            Supply::Class { name, .. } | Supply::Missing { name, .. } | Supply::Elsewhere { name, .. } => Some(name),
            Supply::UnknownDefault => None,
        }
    }

    /// The class, if it stands in the set.
    #[must_use]
    pub fn object(self) -> Option<&'a Object<'a>> {
        match self {
            Supply::Class { object, .. } => object,
            _ => None,
        }
    }

    /// Who makes volumes of the class; none if nobody does, or if the class is not in the set.
    #[must_use]
    pub fn provisioner(self) -> Option<&'a str> {
        self.object().map(provisioner).filter(|it| *it != NO_PROVISIONER)
    }

    /// The zones in which the class makes volumes; none if it says nothing of zones.
    #[must_use]
    pub fn zones(self) -> Option<Vec<&'a str>> {
        zones_of_class(self.object()?)
    }

    /// True if volumes of the class can grow (`allowVolumeExpansion`).
    #[must_use]
    pub fn grows(self) -> bool {
        self.object().is_some_and(|it| it.at("allowVolumeExpansion").is_some_and(|it| it.is_true()))
    }

    /// True if the class is there and makes volumes.
    #[must_use]
    pub fn provisions(self) -> bool {
        match self {
            Supply::Class { object: Some(object), .. } => provisioner(object) != NO_PROVISIONER,
            Supply::Class { object: None, .. } => true,
            _ => false,
        }
    }

    /// True if the class waits for a pod before a claim binds.
    #[must_use]
    pub fn waits(self) -> bool {
        match self {
            Supply::Class { object: Some(object), .. } => {
                object.str_at("volumeBindingMode") == Some("WaitForFirstConsumer")
            }
            _ => false,
        }
    }
}

/// All classes of a fleet.
pub struct Classes<'a> {
    named: HashMap<&'a str, Supply<'a>>,
    default: Supply<'a>,
    /// Several classes of the set say that they are the default one, and nothing says which is newer.
    is_default_open: bool,
}

impl<'a> Classes<'a> {
    /// Looks up the class of every claim.
    #[must_use]
    pub fn of(fleet: &Fleet<'a>, claims: &[&Claim<'a>]) -> Self {
        let mut named = HashMap::default();
        for claim in claims {
            if let Asked::Class(field) = claim.asked() {
                named.entry(field.text()).or_insert_with(|| look_up(fleet, field));
            }
        }
        Self { named, default: default(fleet), is_default_open: is_default_open(fleet) }
    }

    /// True if the class of a claim hangs on which of several default classes is the newest.
    #[must_use]
    pub fn is_open(&self, claim: &Claim<'a>) -> bool {
        self.is_default_open && matches!(claim.asked(), Asked::Default)
    }

    /// What stands behind the class a claim asks for.
    #[must_use]
    pub fn supply(&self, claim: &Claim<'a>) -> Supply<'a> {
        match claim.asked() {
            Asked::Class(field) => self.named.get(field.text()).copied().unwrap_or(Supply::UnknownDefault),
            Asked::None => Supply::Nothing,
            Asked::Default => self.default,
        }
    }
}

fn look_up<'a>(fleet: &Fleet<'a>, field: Field<'a>) -> Supply<'a> {
    let name = field.text();
    match fleet.resolve("storage.k8s.io", "StorageClass", None, name) {
        Resolution::Resolved(object) => Supply::Class { name, object: Some(object) },
        Resolution::BuiltIn => Supply::Class { name, object: None },
        Resolution::Broken { nearest } => Supply::Missing { name, nearest },
        Resolution::NearMiss { nearest } => Supply::Elsewhere { name, why: Why::NotGiven, near: Some(nearest) },
        Resolution::Unknown(why) => Supply::Elsewhere { name, why, near: None },
    }
}

/// A complete set that holds its nodes is a copy of a whole cluster.
pub(crate) fn is_whole_cluster(fleet: &Fleet<'_>) -> bool {
    fleet.facts().complete && fleet.of_kind("", "Node").next().is_some()
}

/// The default class, else the platform's. Of several in the set the newest, then the first by name
/// (`GetDefaultClass`); what has no time yet will be the newest. A whole cluster has no other class either.
fn default<'a>(fleet: &Fleet<'a>) -> Supply<'a> {
    let classes = fleet.of_kind("storage.k8s.io", "StorageClass");
    let given = classes.filter(|class| is_default(class) && fleet.is_last_definition(class));
    let made = |class: &'a Object<'a>| class.str_at("metadata.creationTimestamp").unwrap_or("~");
    let newest = given.reduce(|best, class| {
        let is_newer = made(class).cmp(made(best)).then_with(|| best.name().cmp(class.name())).is_gt();
        if is_newer { class } else { best }
    });
    if let Some(object) = newest {
        return Supply::Class { name: object.name(), object: Some(object) };
    }
    match fleet.facts().default_storage_class() {
        DefaultClass::Brought(name) => Supply::Class { name, object: None },
        DefaultClass::None => Supply::Nothing,
        DefaultClass::Unknown if is_whole_cluster(fleet) => Supply::Nothing,
        DefaultClass::Unknown => Supply::UnknownDefault,
    }
}

fn is_default_open(fleet: &Fleet<'_>) -> bool {
    let classes = fleet.of_kind("storage.k8s.io", "StorageClass");
    let untimed = |class: &&Object<'_>| class.root().at(["metadata", "creationTimestamp"]).is_none();
    let mut given = classes.filter(|class| is_default(class) && fleet.is_last_definition(class)).filter(untimed);
    given.next().is_some() && given.next().is_some()
}

fn is_default<'a>(class: &'a Object<'a>) -> bool {
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"]
        .into_iter()
        .any(|key| class.annotation(key).is_some_and(|it| it.text() == "true"))
}

fn provisioner<'a>(class: &'a Object<'a>) -> &'a str {
    class.str_at("provisioner").unwrap_or("")
}
