//! Types, their fields, and what the JSON of a field must look like.

use seaworthy_document::Mark;

use super::index::Index;
use crate::version::{Version, Versions};

/// Stands for a type of the catalog; only good with the catalog that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub(crate) u16);

impl TypeId {
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A definition of Kubernetes' OpenAPI document that is an object with known fields.
#[derive(Debug)]
pub struct Type {
    /// The definition's name, such as `io.k8s.api.core.v1.Container`.
    pub name: &'static str,
    /// The versions that define it.
    pub versions: Versions,
    /// Whether fields it does not list are kept, so that none is unknown.
    pub preserves_unknown: bool,
    /// Sorted by name; the variants of a field stand together.
    pub(crate) fields: Vec<Field>,
    /// By name.
    index: Index,
}

impl Type {
    /// A type of these fields, sorted by name.
    pub(crate) fn new(name: &'static str, versions: Versions, fields: Vec<Field>) -> Self {
        let index = Index::of(fields.iter().map(|it| Mark::of(it.name).number()));
        Self { name, versions, preserves_unknown: false, fields, index }
    }

    /// The type that takes anything.
    pub(crate) fn unknown() -> Self {
        Self { preserves_unknown: true, ..Self::new("", Versions::ALL, Vec::new()) }
    }

    /// The variants of a field: one for each shape it had, in disjoint sets of versions. Empty if no
    /// version has the field.
    pub fn fields(&self, name: &str) -> &[Field] {
        self.marked_fields(name, Mark::of(name))
    }

    /// The same for a key whose mark is known.
    pub fn marked_fields(&self, name: &str, mark: Mark) -> &[Field] {
        let is_it = |at: &usize| self.fields.get(*at).is_some_and(|field| field.name == name);
        let Some(start) = self.index.candidates(mark.number()).find(is_it) else { return &[] };
        let rest = self.fields.get(start..).unwrap_or_default();
        let end = rest.iter().skip(1).position(|field| field.name != name).map_or(rest.len(), |at| at + 1);
        rest.get(..end).unwrap_or_default()
    }

    /// The variant of a field that a version has.
    pub fn field_in(&self, name: &str, version: Version) -> Option<&Field> {
        self.fields(name).iter().find(|field| field.versions.contains(version))
    }

    /// All variants of all fields, sorted by name.
    pub fn all_fields(&self) -> impl ExactSizeIterator<Item = &Field> {
        self.fields.iter()
    }

    /// The names of the fields, each once, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.fields.chunk_by(|left, right| left.name == right.name).filter_map(|it| Some(it.first()?.name))
    }

    /// The versions that have a field of that name, of any shape.
    pub fn versions_with(&self, name: &str) -> Versions {
        self.fields(name).iter().fold(Versions::NONE, |all, field| all.union(field.versions))
    }

    /// `Container` of `io.k8s.api.core.v1.Container`.
    pub fn short_name(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }
}

/// A field of a type while it has one shape.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in JSON.
    pub name: &'static str,
    /// The versions in which it exists with this shape.
    pub versions: Versions,
    /// What its value must look like. `null` counts as absent everywhere.
    pub shape: Shape,
    /// The versions whose API server refuses an object without it, wherever the type is validated. Reviewed in
    /// `data/required.txt`; not what the schema lists.
    pub required: Versions,
    /// The values it may have, in the order the API server prints them; empty if they are not known. Where they are not
    /// those of the schema, `data/enums.txt` says so.
    pub values: Vec<KnownValue>,
    /// The default the schema states, as JSON. Most defaults are not in the schema. On an object, `{}` tells
    /// a Go struct from a pointer: absent, its fields are judged as those of an empty object.
    pub default: Option<&'static str>,
    /// How a list merges; none for what is no list, or where no version says it.
    pub list_type: Option<ListType>,
}

impl Field {
    /// Whether any version knows the value.
    pub fn knows(&self, value: &str) -> bool {
        self.values.iter().any(|it| it.value == value)
    }
}

/// A value of a string field and the versions that know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownValue {
    /// The value.
    pub value: &'static str,
    /// The versions that know it.
    pub versions: Versions,
}

/// How a list merges under server-side apply: `x-kubernetes-list-type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListType {
    /// As a whole.
    Atomic,
    /// By element, none twice.
    Set,
    /// By these fields of its elements.
    Map(Vec<&'static str>),
}

/// What the JSON of a value must look like for the API server to decode it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `true` or `false`.
    Boolean,
    /// An integer of 32 bits.
    Int32,
    /// An integer of 64 bits.
    Int64,
    /// A floating-point number.
    Number,
    /// A string.
    String,
    /// A string in base64 (`[]byte`).
    Bytes,
    /// A string or number that `resource.Quantity` reads: `500m`, `1Gi`, 2.
    Quantity,
    /// An integer of 32 bits or a string (`intstr.IntOrString`).
    IntOrString,
    /// A string in RFC 3339 (`metav1.Time`).
    Time,
    /// A string in RFC 3339 with microseconds (`metav1.MicroTime`).
    MicroTime,
    /// Any JSON, kept as it is (`apiextensions.JSON`, `metav1.FieldsV1`).
    Any,
    /// Any JSON, in practice an object with `apiVersion` and `kind` (`runtime.RawExtension`).
    RawExtension,
    /// A JSONSchemaProps or a boolean (`apiextensions.JSONSchemaPropsOrBool`).
    SchemaOrBool,
    /// A JSONSchemaProps or a list of them (`apiextensions.JSONSchemaPropsOrArray`).
    SchemaOrArray,
    /// A JSONSchemaProps or a list of strings (`apiextensions.JSONSchemaPropsOrStringArray`).
    SchemaOrStrings,
    /// An object of a type of the catalog.
    Object(TypeId),
    /// A list.
    List(Box<Shape>),
    /// An object with free keys.
    Map(Box<Shape>),
}

impl Shape {
    /// Whether its values have no parts: neither an object, nor a list, nor a map.
    pub fn is_scalar(&self) -> bool {
        !matches!(self, Self::Object(_) | Self::List(_) | Self::Map(_))
    }

    /// The type at the bottom of lists and maps.
    pub fn object(&self) -> Option<TypeId> {
        match self {
            Self::Object(id) => Some(*id),
            Self::List(inner) | Self::Map(inner) => inner.object(),
            _ => None,
        }
    }
}
