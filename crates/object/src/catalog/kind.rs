//! What the catalog knows of a kind as such.

use std::fmt;

use super::TypeId;
use crate::version::{Version, Versions};

/// A group, a version and a kind; the core group is the empty name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupVersionKind {
    /// The group, such as `apps`.
    pub group: &'static str,
    /// The version, such as `v1beta1`.
    pub version: &'static str,
    /// The kind, such as `Deployment`.
    pub kind: &'static str,
}

/// `apps/v1 Deployment`, as the API server's warnings have it.
impl fmt::Display for GroupVersionKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.group.is_empty() { "" } else { "/" };
        write!(out, "{}{separator}{} {}", self.group, self.version, self.kind)
    }
}

/// What an object of a kind is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A stored object: POST to its collection creates it.
    Object,
    /// A list of objects: kubectl sends its items one by one.
    List,
    /// Posted for its answer and not stored: Binding, TokenReview, SubjectAccessReview, ….
    Request,
    /// No collection takes it: the body of a subresource, an answer, an option (Scale, Eviction,
    /// TokenRequest, Status, DeleteOptions, …), or read-only (ComponentStatus).
    Part,
}

/// A kind of a group version, over all versions of Kubernetes.
#[derive(Clone, Debug)]
pub struct Kind {
    /// The group; empty for core.
    pub group: &'static str,
    /// The version of the group.
    pub version: &'static str,
    /// The name of the kind.
    pub kind: &'static str,
    /// The resource name in URLs and RBAC rules; for a list, that of its items.
    pub plural: &'static str,
    /// Whether its objects live in a namespace; for a list, whether its items do.
    pub namespaced: bool,
    /// What it is for.
    pub role: Role,
    /// The versions that take a POST of it by default. From 1.30 on as seen on real servers; before,
    /// by the rules of the API lifecycle (no alpha, no beta newer than 1.24, nothing removed).
    pub served: Versions,
    /// The versions that define it, though it may have to be switched on.
    pub known: Versions,
    /// The version that brought it, where Kubernetes states it.
    pub introduced: Option<Version>,
    /// The version from which it is deprecated, which may be one to come.
    pub deprecated: Option<Version>,
    /// The first version without it, which may be one to come.
    pub removed: Option<Version>,
    /// What Kubernetes says to use instead.
    pub replacement: Option<GroupVersionKind>,
    /// The type of its objects.
    pub ty: TypeId,
}

impl Kind {
    /// Its group, version and kind.
    pub fn name(&self) -> GroupVersionKind {
        GroupVersionKind { group: self.group, version: self.version, kind: self.kind }
    }

    /// The `apiVersion` of its objects: `v1`, `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    /// Whether an object of it can come from a file: stored, or posted for its answer.
    pub fn is_creatable(&self) -> bool {
        matches!(self.role, Role::Object | Role::Request)
    }

    /// The versions that serve it and call it deprecated.
    pub fn deprecated_in(&self) -> Versions {
        self.deprecated.map_or(Versions::NONE, Versions::since).intersect(self.served)
    }

    /// The versions from which on it is gone: as Kubernetes states it, or as its servers show.
    pub fn gone_in(&self) -> Versions {
        let stated = self.removed.map_or(Versions::NONE, Versions::since);
        let newest = if self.served.is_empty() { self.known.newest() } else { self.served.newest() };
        let seen = newest.map_or(Versions::NONE, |newest| Versions::ALL.minus(Versions::until(newest)));
        // A beta that is off by default after years on is still known: it is gone for who does not switch it on.
        let ever = if self.served.is_empty() { seen.minus(self.known) } else { seen };
        stated.union(ever).minus(self.served)
    }

    /// What API servers of 1.19 and later put into a `Warning` header when it is used, in their words
    /// (k8s.io/apiserver, `deprecation.WarningMessage`).
    pub fn deprecation_warning(&self) -> Option<String> {
        let mut text = format!("{} is deprecated in v{}+", self.name(), self.deprecated?);
        if let Some(removed) = self.removed {
            text.push_str(&format!(", unavailable in v{removed}+"));
        }
        if let Some(replacement) = self.replacement {
            text.push_str(&format!("; use {replacement}"));
        }
        Some(text)
    }
}
