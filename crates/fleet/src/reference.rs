//! References: resolved, broken, or unknown.

use seaworthy_object::Object;

use crate::brought::is_built_in;
use crate::nearest::is_near;
use crate::{Fleet, nearest};

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
        }
    }
}

impl<'a> Fleet<'a> {
    /// Looks up an object by name. `namespace` is none for cluster-scoped kinds.
    #[must_use]
    pub fn resolve(&self, group: &str, kind: &str, namespace: Option<&str>, name: &str) -> Resolution<'a> {
        if let Some(object) = self.object(group, kind, namespace, name) {
            return Resolution::Resolved(object);
        }
        if is_built_in(kind, namespace, name) {
            return Resolution::BuiltIn;
        }
        if is_filled_in_later(name) {
            return Resolution::Unknown(Why::Templated);
        }
        if self.may_be_unread(kind, name) {
            return Resolution::Unknown(Why::Unread);
        }
        let siblings = || self.of_kind(group, kind).filter(|it| it.namespace() == namespace).map(Object::name);
        if self.facts().complete {
            return Resolution::Broken { nearest: nearest(name, siblings()) };
        }
        match siblings().filter(|sibling| is_near(name, sibling)).min() {
            Some(nearest) => Resolution::NearMiss { nearest },
            None => Resolution::Unknown(Why::NotGiven),
        }
    }

    /// True if a document that could not be read may define this object.
    #[must_use]
    pub fn may_be_unread(&self, kind: &str, name: &str) -> bool {
        self.unread().iter().any(|document| {
            let text = document.text();
            text.contains(kind) && (text.contains(name) || text.contains("{{"))
        })
    }
}

/// True for names a template engine or a shell fills in.
fn is_filled_in_later(name: &str) -> bool {
    name.contains("{{") || name.contains("${") || name.contains("$(")
}
