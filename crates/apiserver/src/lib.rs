//! What the API server answers to one object: refusals and warnings, in its own words.
//!
//! *Architecture invariant:* an answer depends on the object, the catalog and the versions alone.

use seaworthy_diagnostic::ApiCause;
use seaworthy_object::{Catalog, Object, Place, Versions};

/// What kind of answer it is; each is phrased by the rule of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Strict decoding meets a field the type does not have.
    UnknownField,
    /// JSON of another type than the field, or a value that does not parse.
    WrongType,
    /// `FieldValueRequired`.
    MissingField,
    /// `FieldValueInvalid` and `FieldValueTypeInvalid`.
    InvalidValue,
    /// `FieldValueNotSupported`.
    UnsupportedValue,
    /// `FieldValueDuplicate`.
    DuplicateValue,
    /// No such group, version or kind.
    UnknownKind,
    /// The version does not serve this apiVersion any more.
    RemovedApi,
    /// Served, but deprecated.
    DeprecatedApi,
}

/// One answer about one place.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// What kind of answer.
    pub class: Class,
    /// The place.
    pub at: Place<'a>,
    /// The server's reason, field and words.
    pub cause: ApiCause,
    /// The versions that answer so, of those that were asked for.
    pub versions: Versions,
    /// What to do: the nearest name, what to use instead.
    pub help: Option<String>,
}

/// What servers of these versions answer to the creation of an object.
#[must_use]
pub fn judge<'a>(object: &'a Object<'a>, catalog: &Catalog, versions: Versions) -> Vec<Answer<'a>> {
    let _ = (object, catalog, versions);
    Vec::new()
}
