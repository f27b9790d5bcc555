//! The types that schemas declare, with the sizes their values can have (apiserver's `pkg/cel/types.go` and
//! `pkg/cel/common/schemas.go`).

use crate::environment::{Fields, Named};
use crate::names::escape;
use crate::types::Type;
use seaworthy_object::Version;

/// The largest request a server takes, in bytes.
const LARGEST_REQUEST: u64 = 3 * 1024 * 1024;
/// The least JSON of a string and of an object.
const EMPTY: u64 = 2;
/// The JSON of a date, and the least and the most of a time and of a duration.
const DATE: u64 = 12;
const TIME: (u64, u64) = (21, 32);
const DURATION: (u64, u64) = (3, 32);

/// What a structural schema says, for the types and sizes of the values it describes.
pub trait Schema {
    /// `type`, or nothing.
    fn ty(&self) -> &str;
    /// `format`, or nothing.
    fn format(&self) -> &str;
    /// `x-kubernetes-int-or-string`
    fn is_int_or_string(&self) -> bool;
    /// `x-kubernetes-embedded-resource`
    fn is_embedded_resource(&self) -> bool;
    /// `items`
    fn items(&self) -> Option<Box<dyn Schema + '_>>;
    /// The schema of `additionalProperties`, if it has one.
    fn additional_properties(&self) -> Option<Box<dyn Schema + '_>>;
    /// Calls `visit` with the name, the schema, and whether it is required, of each of `properties`.
    fn properties(&self, visit: &mut dyn FnMut(&str, &dyn Schema, bool));
    /// `maxItems`, `maxProperties` or `maxLength`, whichever is of this type; less than nothing counts as nothing.
    fn most(&self) -> Option<u64>;
    /// The bytes of the longest string of `enum`, if there is one.
    fn longest_enum(&self) -> Option<u64>;
    /// Whether there is a `default`.
    fn has_default(&self) -> bool;
}

impl<S: Schema + ?Sized> Schema for &S {
    fn ty(&self) -> &str {
        (**self).ty()
    }
    fn format(&self) -> &str {
        (**self).format()
    }
    fn is_int_or_string(&self) -> bool {
        (**self).is_int_or_string()
    }
    fn is_embedded_resource(&self) -> bool {
        (**self).is_embedded_resource()
    }
    fn items(&self) -> Option<Box<dyn Schema + '_>> {
        (**self).items()
    }
    fn additional_properties(&self) -> Option<Box<dyn Schema + '_>> {
        (**self).additional_properties()
    }
    fn properties(&self, visit: &mut dyn FnMut(&str, &dyn Schema, bool)) {
        (**self).properties(visit);
    }
    fn most(&self) -> Option<u64> {
        (**self).most()
    }
    fn longest_enum(&self) -> Option<u64> {
        (**self).longest_enum()
    }
    fn has_default(&self) -> bool {
        (**self).has_default()
    }
}

/// What a schema says of a value.
#[derive(Clone, Debug)]
pub struct Declared {
    shape: Shape,
    /// How many elements, entries or code points it can have at most; 0 if that does not apply.
    pub(crate) most: u64,
    /// How many bytes of JSON it takes at least.
    least: u64,
}

#[derive(Clone, Debug)]
enum Shape {
    Simple(Type),
    List(Box<Declared>),
    Map(Box<Declared>),
    /// Fields by their own names.
    Object(Named<Declared>),
}

impl Declared {
    /// What a schema declares to a server of `version` (`SchemaDeclType`); nothing if expressions cannot see values of
    /// it. A root, and a resource that is embedded, has `apiVersion`, `kind`, and in `metadata` a name.
    #[must_use]
    pub fn of_schema(version: Version, schema: &dyn Schema, is_root: bool) -> Option<Self> {
        if schema.is_int_or_string() {
            let most = schema.most().filter(|_| version.minor() >= 34);
            let most = most.map_or(LARGEST_REQUEST - 2, |most| most.saturating_mul(4));
            return Some(Self::simple(Type::Dyn, most, 1));
        }
        match schema.ty() {
            "array" => {
                let items = schema.items()?;
                let element = Self::of_schema(version, &*items, items.is_embedded_resource())?;
                let most = schema.most().unwrap_or((LARGEST_REQUEST - 2) / (element.least + 1));
                Some(Self { shape: Shape::List(Box::new(element)), most, least: EMPTY })
            }
            "object" => match schema.additional_properties() {
                Some(values) => {
                    let value = Self::of_schema(version, &*values, values.is_embedded_resource())?;
                    let most = schema.most().unwrap_or((LARGEST_REQUEST - 2) / (value.least + 6));
                    Some(Self { shape: Shape::Map(Box::new(value)), most, least: EMPTY })
                }
                None => Some(Self::object(version, schema, is_root)),
            },
            "string" => Some(Self::string(schema)),
            "boolean" => Some(Self::simple(Type::Bool, 0, 4)),
            "number" => Some(Self::simple(Type::Double, 0, 1)),
            "integer" => Some(Self::simple(Type::Int, 0, 1)),
            _ => None,
        }
    }

    fn simple(ty: Type, most: u64, least: u64) -> Self {
        Self { shape: Shape::Simple(ty), most, least }
    }

    fn string(schema: &dyn Schema) -> Self {
        let unbounded = LARGEST_REQUEST - 2;
        match schema.format() {
            "byte" => Self::simple(Type::Bytes, schema.most().unwrap_or(unbounded), EMPTY),
            "duration" => Self::simple(Type::Duration, DURATION.1, DURATION.0),
            "date" => Self::simple(Type::Timestamp, DATE, DATE),
            "date-time" => Self::simple(Type::Timestamp, TIME.1, TIME.0),
            _ => {
                // A code point can take four bytes of the request.
                let most = schema.most().map(|most| most.saturating_mul(4)).or(schema.longest_enum());
                Self::simple(Type::String, most.unwrap_or(unbounded), EMPTY)
            }
        }
    }

    fn object(version: Version, schema: &dyn Schema, is_root: bool) -> Self {
        let mut fields = Named::new();
        let mut least = EMPTY;
        schema.properties(&mut |name, property, required| {
            let Some(field) = Self::of_schema(version, property, property.is_embedded_resource()) else { return };
            if required && !property.has_default() {
                least = least.saturating_add(name.len() as u64 + field.least + 4);
            }
            fields.insert(name.into(), field);
        });
        if is_root {
            Self::add_metadata(version, schema, &mut fields);
        }
        Self { shape: Shape::Object(fields), most: 0, least }
    }

    /// What every resource has (`WithTypeAndObjectMeta`), unless the schema has all of it.
    fn add_metadata(version: Version, schema: &dyn Schema, fields: &mut Named<Self>) {
        let string = || Self::simple(Type::String, LARGEST_REQUEST - 2, EMPTY);
        let is_string = |field: Option<&Self>| matches!(field.map(|it| &it.shape), Some(Shape::Simple(Type::String)));
        let metadata = fields.get("metadata").map(|metadata| &metadata.shape);
        let named = matches!(metadata, Some(Shape::Object(names))
            if is_string(names.get("name")) && is_string(names.get("generateName")));
        if named && is_string(fields.get("kind")) && is_string(fields.get("apiVersion")) {
            return;
        }
        let mut names = Named::new();
        // Names are as long as names can be since 1.37 (`cappedLengthStringType`); generated ones add to their prefix.
        for (name, mut longest) in [("name", 253), ("generateName", 252)] {
            schema.properties(&mut |field, metadata, _| {
                if field == "metadata" {
                    metadata.properties(&mut |field, given, _| {
                        longest = longest.min(given.most().filter(|_| field == name).unwrap_or(longest));
                    });
                }
            });
            let most = if version.minor() < 37 { LARGEST_REQUEST - 2 } else { longest * 4 };
            names.insert(name.into(), Self::simple(Type::String, most, EMPTY));
        }
        fields.insert("kind".into(), string());
        fields.insert("apiVersion".into(), string());
        fields.insert("metadata".into(), Self { shape: Shape::Object(names), most: 0, least: EMPTY });
    }

    /// How many values of this fit into one request (apiextensions' `maxCardinality`): by that many a rule's cost is
    /// multiplied where no schema above it says how many there are.
    #[must_use]
    pub fn max_cardinality(&self) -> u64 {
        LARGEST_REQUEST / (self.least + 1)
    }

    /// The field of a name.
    pub(crate) fn field(&self, name: &str) -> Option<&Self> {
        match &self.shape {
            Shape::Object(fields) => fields.get(name),
            _ => None,
        }
    }

    /// The elements of a list, or the values of a map.
    pub(crate) fn element(&self, _: &str) -> Option<&Self> {
        match &self.shape {
            Shape::List(inner) | Shape::Map(inner) => Some(inner),
            _ => None,
        }
    }

    /// The keys of a map.
    pub(crate) fn key(&self, _: &str) -> Option<&Self> {
        const KEY: &Declared = &Declared { shape: Shape::Simple(Type::String), most: 0, least: EMPTY };
        matches!(self.shape, Shape::Map(_)).then_some(KEY)
    }

    /// The type of a variable of this, with the objects in it named by `name` and their path.
    pub(crate) fn name(&self, name: &str, objects: &mut Named<Fields>) -> Type {
        match &self.shape {
            Shape::Simple(ty) => ty.clone(),
            Shape::List(element) => Type::list(element.name(&format!("{name}.@idx"), objects)),
            Shape::Map(value) => Type::map(Type::String, value.name(&format!("{name}.@elem"), objects)),
            Shape::Object(fields) => {
                let mut declared = Fields::new();
                for (field, of) in fields.iter() {
                    if let Some(field) = escape(field) {
                        let ty = of.name(&format!("{name}.{field}"), objects);
                        declared.insert(field.into(), ty);
                    }
                }
                objects.insert(name.into(), declared);
                Type::Object(name.into())
            }
        }
    }
}
