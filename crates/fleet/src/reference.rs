//! References: resolved, broken, or unknown.

use seaworthy_object::Object;
use seaworthy_source::order;

use crate::{Fleet, Reference};

/// What became of a reference to an object by name.
#[derive(Debug, Clone)]
pub enum Resolution<'a> {
    /// The object is there: its last definition.
    Resolved(&'a Object<'a>),
    /// Every cluster has it, or the platform brings it.
    BuiltIn,
    /// It is not there, and the given set is all there is.
    Broken {
        /// The nearest name of the same kind and namespace.
        nearest: Option<&'a str>,
    },
    /// It may live elsewhere, but an object two letters away is here: a finding one level below the rule's.
    NearMiss {
        /// The name that was probably meant.
        nearest: &'a str,
    },
    /// It may live elsewhere.
    Unknown(Why),
}

/// Why a reference is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The set is not declared complete.
    NotGiven,
    /// A document that may hold it could not be read.
    Unread,
    /// The name itself is filled in later.
    Templated,
    /// Something in the set makes it when it runs.
    MadeLater,
    /// A declared add-on fills the namespace it would be in.
    AddOn,
    /// Things go on without it.
    Optional,
    /// The object is there, but something else completes or decrypts it.
    Completed,
    /// The platform runs such pods.
    Platform,
}

impl Why {
    /// As a person would say it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Why::NotGiven => "not in the given set",
            Why::Unread => "a document that may hold it cannot be read",
            Why::Templated => "the name is filled in later",
            Why::MadeLater => "something in the set makes it when it runs",
            Why::AddOn => "a declared add-on may bring it",
            Why::Optional => "it is optional",
            Why::Completed => "something completes the object when it runs",
            Why::Platform => "the platform runs such pods",
        }
    }
}

impl<'a> Fleet<'a> {
    /// Looks up the other end of a reference. One that is optional is never broken.
    #[must_use]
    pub fn resolve_reference(&self, reference: &Reference<'a>) -> Resolution<'a> {
        let Reference { group, kind, namespace, name, optional, .. } = *reference;
        match self.resolve(group, kind, namespace, name) {
            Resolution::Broken { .. } | Resolution::NearMiss { .. } if optional => Resolution::Unknown(Why::Optional),
            resolution => resolution,
        }
    }

    /// Looks up an object by name. `namespace` is none for cluster-scoped kinds.
    #[must_use]
    pub fn resolve(&self, group: &str, kind: &str, namespace: Option<&str>, name: &str) -> Resolution<'a> {
        if let Some(object) = self.object(group, kind, namespace, name) {
            return Resolution::Resolved(object);
        }
        if self.facts().brings(kind, namespace, name) {
            return Resolution::BuiltIn;
        }
        if is_filled_in_later(name) {
            return Resolution::Unknown(Why::Templated);
        }
        if let Some(why) = self.made_later(kind, namespace, name) {
            return Resolution::Unknown(why);
        }
        if self.may_be_unread(kind, name) {
            return Resolution::Unknown(Why::Unread);
        }
        if self.facts().lists(group, kind) {
            return Resolution::Broken { nearest: self.nearest_name(group, kind, namespace, name) };
        }
        match self.near_name(group, kind, namespace, name) {
            Some(nearest) => Resolution::NearMiss { nearest },
            None => Resolution::Unknown(Why::NotGiven),
        }
    }

    /// The namespaces other than `namespace` that hold an object of this kind and name, sorted.
    #[must_use]
    pub fn namespaces_with(&self, group: &str, kind: &str, namespace: Option<&str>, name: &str) -> Vec<&'a str> {
        let of_name = self.of_name(group, kind, name).filter(|it| it.namespace() != namespace);
        let mut namespaces: Vec<_> = of_name.filter_map(Object::namespace).collect();
        order::sort(&mut namespaces);
        namespaces.dedup();
        namespaces
    }
}

/// True for names a template engine or a shell fills in.
pub(crate) fn is_filled_in_later(name: &str) -> bool {
    name.contains("{{") || name.contains("${") || name.contains("$(")
}
