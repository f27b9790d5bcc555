//! One Kubernetes object.

use std::sync::Arc;

use seaworthy_diagnostic::ObjectRef;
use seaworthy_document::{Document, Node};
use seaworthy_source::SourceId;

use crate::catalog::Catalog;
use crate::field::{Field, Place};
use crate::pod::Pod;
use crate::selector::Labels;

/// What an object is, whatever its version: `apps` and `Deployment`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKind<'a> {
    /// The API group; empty for the core.
    pub group: &'a str,
    /// The kind.
    pub kind: &'a str,
}

/// A mapping with apiVersion and kind: a document, or an item of a `List`.
#[derive(Debug, Clone)]
pub struct Object<'a> {
    root: Node<'a>,
    api_version: &'a str,
    kind: &'a str,
    name: &'a str,
    namespace: Option<&'a str>,
    reference: Arc<ObjectRef>,
}

impl<'a> Object<'a> {
    /// The object at a node, if it says what it is. `default_namespace` is where a namespaced object without
    /// `metadata.namespace` goes; kinds the catalog does not know count as namespaced.
    #[must_use]
    pub fn new(root: Node<'a>, catalog: &Catalog, default_namespace: &'a str) -> Option<Self> {
        let api_version = root.get("apiVersion")?.as_str().filter(|text| !text.is_empty())?;
        let kind = root.get("kind")?.as_str().filter(|text| !text.is_empty())?;
        let (group, version) = split_api_version(api_version);
        let metadata = root.get("metadata");
        let name = metadata.and_then(|it| it.get("name")).map_or("", |it| it.text());
        let given = metadata.and_then(|it| it.get("namespace")).and_then(|it| it.as_str()).filter(|it| !it.is_empty());
        let cluster_scoped = catalog.kind(group, version, kind).is_some_and(|known| !known.namespaced);
        let namespace = if cluster_scoped { None } else { Some(given.unwrap_or(default_namespace)) };
        let reference = Arc::new(ObjectRef {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
        });
        Some(Self { root, api_version, kind, name, namespace, reference })
    }

    /// The mapping itself.
    #[must_use]
    pub fn root(&self) -> Node<'a> {
        self.root
    }

    /// The document it lies in.
    #[must_use]
    pub fn document(&self) -> &'a Document {
        self.root.document()
    }

    /// The source it lies in.
    #[must_use]
    pub fn source(&self) -> SourceId {
        self.document().source()
    }

    /// `apps/v1`.
    #[must_use]
    pub fn api_version(&self) -> &'a str {
        self.api_version
    }

    /// `apps`; empty for the core.
    #[must_use]
    pub fn group(&self) -> &'a str {
        split_api_version(self.api_version).0
    }

    /// `v1`.
    #[must_use]
    pub fn version(&self) -> &'a str {
        split_api_version(self.api_version).1
    }

    /// `Deployment`.
    #[must_use]
    pub fn kind(&self) -> &'a str {
        self.kind
    }

    /// Group and kind. The retired group `extensions` counts as the group its kinds moved to.
    #[must_use]
    pub fn group_kind(&self) -> GroupKind<'a> {
        GroupKind { group: current_group(self.group(), self.kind), kind: self.kind }
    }

    /// True for this kind of this group (`extensions` counts as the group its kinds moved to).
    #[must_use]
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.kind == kind && current_group(self.group(), kind) == group
    }

    /// `metadata.name`; empty if there is none.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The effective namespace; none for cluster-scoped kinds.
    #[must_use]
    pub fn namespace(&self) -> Option<&'a str> {
        self.namespace
    }

    /// The object's name for findings.
    #[must_use]
    pub fn reference(&self) -> &Arc<ObjectRef> {
        &self.reference
    }

    /// The value at keys joined by dots, where it is given and not null: `spec.replicas`.
    #[must_use]
    pub fn at(&'a self, path: &str) -> Option<Field<'a>> {
        self.field().at(path)
    }

    /// The string at keys joined by dots.
    #[must_use]
    pub fn str_at(&'a self, path: &str) -> Option<&'a str> {
        self.at(path)?.as_str()
    }

    /// The object as a field, to walk from.
    #[must_use]
    pub fn field(&'a self) -> Field<'a> {
        Field::new(self, self.root)
    }

    /// `metadata.labels`.
    #[must_use]
    pub fn labels(&'a self) -> Labels<'a> {
        Labels::of(self.at("metadata.labels"))
    }

    /// The value of an annotation.
    #[must_use]
    pub fn annotation(&'a self, key: &str) -> Option<Field<'a>> {
        self.at("metadata.annotations")?.get(key)
    }

    /// The pod this object is or makes, whatever its kind.
    #[must_use]
    pub fn pod(&'a self) -> Option<Pod<'a>> {
        Pod::of(self)
    }

    /// Where a finding about the object as a whole points: its name, else its kind.
    #[must_use]
    pub fn place(&'a self) -> Place<'a> {
        let node = self.root.at(["metadata", "name"]).or_else(|| self.root.get("kind")).unwrap_or(self.root);
        Place { object: self, span: node.span(), path: String::new() }
    }
}

/// `apps/v1` is group `apps` and version `v1`; `v1` is the core group.
#[must_use]
pub fn split_api_version(api_version: &str) -> (&str, &str) {
    let slash = api_version.bytes().position(|byte| byte == b'/');
    let split = slash.and_then(|at| Some((api_version.get(..at)?, api_version.get(at + 1..)?)));
    split.unwrap_or(("", api_version))
}

/// Where the kinds of the retired group `extensions` went (Kubernetes 1.16 and 1.22 removed them there).
fn current_group<'a>(group: &'a str, kind: &str) -> &'a str {
    match (group, kind) {
        ("extensions", "Deployment" | "DaemonSet" | "ReplicaSet") => "apps",
        ("extensions", "Ingress" | "NetworkPolicy") => "networking.k8s.io",
        ("extensions", "PodSecurityPolicy") => "policy",
        _ => group,
    }
}
