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
    /// `type(T)`; `type` alone is `type(dyn)` without its parameter.
    Type(Option<Arc<Type>>),
    /// A type with functions only, such as `optional_type(T)` or `kubernetes.Quantity`.
    Opaque(Arc<str>, Arc<[Type]>),
    /// A type with declared fields; the environment knows them by this name.
    Object(Arc<str>),
    /// A parameter of a function's declaration, or a variable of the checker.
    Param(Arc<str>),
}

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
}

impl fmt::Display for Type {
    /// As error texts name it (cel-go's `FormatCELType`).
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, parameters): (&str, &[Self]) = match self {
            Self::Null => ("null", &[]),
            Self::Bool => ("bool", &[]),
            Self::Int => ("int", &[]),
            Self::Uint => ("uint", &[]),
            Self::Double => ("double", &[]),
            Self::String => ("string", &[]),
            Self::Bytes => ("bytes", &[]),
            Self::Duration => ("duration", &[]),
            Self::Timestamp => ("timestamp", &[]),
            Self::Dyn => ("dyn", &[]),
            Self::Any => ("any", &[]),
            Self::Error => ("!error!", &[]),
            Self::List(element) => ("list", std::slice::from_ref(&**element)),
            Self::Map(key, value) => return write!(out, "map({key}, {value})"),
            Self::Type(None) => ("type", &[]),
            Self::Type(Some(of)) => ("type", std::slice::from_ref(&**of)),
            Self::Opaque(name, parameters) => (name, parameters),
            Self::Object(name) | Self::Param(name) => (name, &[]),
        };
        out.write_str(name)?;
        for (index, parameter) in parameters.iter().enumerate() {
            out.write_str(if index == 0 { "(" } else { ", " })?;
            parameter.fmt(out)?;
        }
        if parameters.is_empty() { Ok(()) } else { out.write_str(")") }
    }
}
