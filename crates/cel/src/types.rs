//! The types of expressions, as cel-go's `common/types` has them.

use std::fmt;
use std::sync::Arc;

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `null`
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `uint`
    Uint,
    /// `double`
    Double,
    /// `string`
    String,
    /// `bytes`
    Bytes,
    /// `google.protobuf.Duration`
    Duration,
    /// `google.protobuf.Timestamp`
    Timestamp,
    /// Known when it runs.
    Dyn,
    /// `google.protobuf.Any`
    Any,
    /// What an expression with an error has.
    Error,
    /// `list(T)`
    List(Arc<Type>),
    /// `map(K, V)`
    Map(Arc<Type>, Arc<Type>),
    /// `type(T)`; `type` alone has no parameter.
    Type(Option<Arc<Type>>),
    /// A type of a library by its name, with parameters: `optional_type(T)`, `net.IP`.
    Opaque(Arc<str>, Arc<[Type]>),
    /// A type by its name, whose fields, if it has any, the environment declares: `kubernetes.Quantity`,
    /// `kubernetes.AdmissionRequest`, what a schema describes.
    Object(Arc<str>),
    /// A parameter of a function's declaration (a letter's code), or a free type of the checker (from 256 on).
    Param(u32),
}

/// The first number of a free type; lower ones are letters.
const FREE: u32 = 256;

impl Type {
    /// `list(element)`
    #[must_use]
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// `map(key, value)`
    #[must_use]
    pub fn map(key: Self, value: Self) -> Self {
        Self::Map(Arc::new(key), Arc::new(value))
    }

    /// `optional_type(inner)`
    #[must_use]
    pub fn optional(inner: Self) -> Self {
        Self::Opaque("optional_type".into(), Arc::new([inner]))
    }

    pub(crate) fn object(package: &str, name: &str) -> Self {
        Self::Object([package, name].concat().into())
    }

    /// A free type.
    pub(crate) fn free(number: u32) -> Self {
        Self::Param(FREE.saturating_add(number))
    }

    /// Which free type it is.
    pub(crate) fn free_number(&self) -> Option<usize> {
        match self {
            Self::Param(number) => number.checked_sub(FREE).map(|number| number as usize),
            _ => None,
        }
    }

    /// Calls `visit` with each type this one is made of.
    pub(crate) fn parameters(&self, visit: &mut dyn FnMut(&Self)) {
        match self {
            Self::List(inner) | Self::Type(Some(inner)) => visit(inner),
            Self::Map(key, value) => {
                visit(key);
                visit(value);
            }
            Self::Opaque(_, inner) => inner.iter().for_each(visit),
            _ => {}
        }
    }

    /// The inner type of an optional.
    pub(crate) fn in_optional(&self) -> Option<&Self> {
        match self {
            Self::Opaque(name, inner) if **name == *"optional_type" => inner.first(),
            _ => None,
        }
    }

    /// Whether anything goes.
    pub(crate) fn is_dyn(&self) -> bool {
        matches!(self, Self::Dyn | Self::Any)
    }

    /// The name as a value of type `type` has it, and as messages about an expression's result print it (Go's `%v`):
    /// `google.protobuf.Duration`, `list(string)`.
    #[must_use]
    pub fn declared_name(&self) -> String {
        let name = match self {
            Self::Null => "null_type",
            Self::Duration => "google.protobuf.Duration",
            Self::Timestamp => "google.protobuf.Timestamp",
            Self::Any => "google.protobuf.Any",
            Self::Error => "*error*",
            Self::List(_) => "list",
            Self::Map(..) => "map",
            Self::Type(_) => "type",
            Self::Opaque(name, _) => name,
            _ => return self.to_string(),
        };
        let mut out = name.to_owned();
        let mut separator = "(";
        self.parameters(&mut |inner| {
            out.push_str(separator);
            out.push_str(&inner.declared_name());
            separator = ", ";
        });
        if separator == ", " {
            out.push(')');
        }
        out
    }
}

impl fmt::Display for Type {
    /// As error texts name it (cel-go's `FormatCELType`).
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Double => "double",
            Self::String => "string",
            Self::Bytes => "bytes",
            Self::Duration => "duration",
            Self::Timestamp => "timestamp",
            Self::Dyn => "dyn",
            Self::Any => "any",
            Self::Error => "!error!",
            Self::List(_) => "list",
            Self::Map(..) => "map",
            Self::Type(_) => "type",
            Self::Opaque(name, _) | Self::Object(name) => name,
            Self::Param(number) => match number.checked_sub(FREE) {
                Some(free) => return write!(out, "_var{free}"),
                None => return write!(out, "{}", char::from_u32(*number).unwrap_or('?')),
            },
        };
        out.write_str(name)?;
        let mut separator = "(";
        let mut result = Ok(());
        self.parameters(&mut |inner| {
            if result.is_ok() {
                result = out.write_str(separator).and_then(|()| inner.fmt(out));
                separator = ", ";
            }
        });
        result?;
        if separator == ", " { out.write_str(")") } else { Ok(()) }
    }
}
