//! The CustomResourceDefinitions that are known.

use seaworthy_document::Node;
use seaworthy_object::Object;
use seaworthy_source::order;

use super::rules::Cache;
use super::schema::{SchemaId, Schemas};

/// The kinds that CustomResourceDefinitions define, with their schemas.
///
/// They come from the set that is checked, and from what is given beside it. Of two definitions of one kind the first
/// counts.
#[derive(Debug, Default)]
pub struct Definitions {
    /// Sorted by group and kind.
    kinds: Vec<Definition>,
    pub(crate) schemas: Schemas,
    /// The rules in CEL that were asked for.
    pub(super) rules: Cache,
}

/// One CustomResourceDefinition.
#[derive(Debug)]
pub(crate) struct Definition {
    group: Box<str>,
    kind: Box<str>,
    pub(crate) namespaced: bool,
    pub(crate) versions: Vec<DefinedVersion>,
}

/// One of `spec.versions`.
#[derive(Debug)]
pub(crate) struct DefinedVersion {
    pub(crate) name: Box<str>,
    pub(crate) served: bool,
    /// What the server says to who uses it, if it is deprecated.
    pub(crate) warning: Option<Box<str>>,
    pub(crate) schema: Option<SchemaId>,
    /// `subresources.status`: a create drops the status.
    pub(crate) status: bool,
    pub(crate) scale: Option<Scale>,
}

/// `subresources.scale`
#[derive(Debug)]
pub(crate) struct Scale {
    pub(crate) spec_replicas: Box<str>,
    pub(crate) status_replicas: Box<str>,
    pub(crate) label_selector: Option<Box<str>>,
}

impl Definitions {
    /// Those among objects.
    #[must_use]
    pub fn of<'o, 'a: 'o>(objects: impl IntoIterator<Item = &'o Object<'a>>) -> Self {
        let mut definitions = Self::default();
        for object in objects {
            if object.kind() == "CustomResourceDefinition" && object.group() == "apiextensions.k8s.io" {
                definitions.add(object.root());
            }
        }
        order::sort_by(&mut definitions.kinds, &mut |left, right| left.name().cmp(&right.name()));
        definitions.kinds.dedup_by(|later, first| later.name() == first.name());
        definitions
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// The definition of a kind.
    pub(crate) fn get(&self, group: &str, kind: &str) -> Option<&Definition> {
        let at = self.kinds.binary_search_by(|it| it.name().cmp(&(group, kind))).ok()?;
        self.kinds.get(at)
    }

    fn add(&mut self, root: Node<'_>) -> Option<()> {
        let spec = root.get("spec")?;
        let kind = text(spec, &["names", "kind"])?;
        // v1beta1 has one schema for all versions above them.
        let versions: Vec<DefinedVersion> = match spec.get("versions") {
            Some(versions) => versions.items().map(|it| self.version(it, spec)).collect(),
            None => vec![self.version(spec, spec)],
        };
        self.kinds.push(Definition {
            group: text(spec, &["group"])?,
            kind,
            namespaced: text(spec, &["scope"]).as_deref() != Some("Cluster"),
            versions,
        });
        Some(())
    }

    fn version(&mut self, version: Node<'_>, spec: Node<'_>) -> DefinedVersion {
        let subresources = version.get("subresources").or_else(|| spec.get("subresources"));
        let schema = version
            .at(["schema", "openAPIV3Schema"])
            .or_else(|| spec.at(["validation", "openAPIV3Schema"]))
            .map(|it| self.schemas.read(it));
        let name = text(version, &["name"]).or_else(|| text(version, &["version"])).unwrap_or_default();
        let deprecated = version.get("deprecated").and_then(|it| it.as_bool()) == Some(true);
        let usual = || {
            let group = text(spec, &["group"]).unwrap_or_default();
            let kind = text(spec, &["names", "kind"]).unwrap_or_default();
            format!("{group}/{name} {kind} is deprecated").into()
        };
        DefinedVersion {
            served: version.get("served").and_then(|it| it.as_bool()).unwrap_or(spec.get("versions").is_none()),
            warning: deprecated.then(|| text(version, &["deprecationWarning"]).unwrap_or_else(usual)),
            schema,
            status: subresources.is_some_and(|it| it.get("status").is_some()),
            scale: subresources.and_then(|it| it.get("scale")).map(scale),
            name,
        }
    }
}

impl Definition {
    fn name(&self) -> (&str, &str) {
        (&self.group, &self.kind)
    }

    /// The version of that name.
    pub(crate) fn version(&self, name: &str) -> Option<&DefinedVersion> {
        self.versions.iter().find(|it| &*it.name == name)
    }
}

fn scale(scale: Node<'_>) -> Scale {
    Scale {
        spec_replicas: text(scale, &["specReplicasPath"]).unwrap_or_default(),
        status_replicas: text(scale, &["statusReplicasPath"]).unwrap_or_default(),
        label_selector: text(scale, &["labelSelectorPath"]),
    }
}

fn text(node: Node<'_>, path: &[&str]) -> Option<Box<str>> {
    node.at(path.iter().copied())?.as_str().map(Box::from)
}
