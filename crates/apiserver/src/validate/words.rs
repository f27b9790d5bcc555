//! The server's words and reasons (k8s.io/apimachinery, pkg/util/validation/field).

use seaworthy_cel::quoted;

use super::run::Run;
use crate::answer::Class;

/// `field.ErrorType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    Required,
    Invalid,
    TypeInvalid,
    NotSupported,
    Forbidden,
    TooLong,
    TooMany,
    Duplicate,
    NotFound,
    Internal,
    /// Not a reason of a field: what a server says of the request as a whole.
    BadRequest,
}

impl Reason {
    /// The name in `details.causes[].reason`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Reason::Required => "FieldValueRequired",
            Reason::Invalid => "FieldValueInvalid",
            Reason::TypeInvalid => "FieldValueTypeInvalid",
            Reason::NotSupported => "FieldValueNotSupported",
            Reason::Forbidden => "FieldValueForbidden",
            Reason::TooLong => "FieldValueTooLong",
            Reason::TooMany => "FieldValueTooMany",
            Reason::Duplicate => "FieldValueDuplicate",
            Reason::NotFound => "FieldValueNotFound",
            Reason::Internal => "InternalError",
            Reason::BadRequest => "BadRequest",
        }
    }

    /// The rule that speaks of it.
    pub(super) fn class(self) -> Class {
        match self {
            Reason::Required => Class::MissingField,
            Reason::Invalid | Reason::TypeInvalid | Reason::NotFound | Reason::Internal | Reason::BadRequest => {
                Class::InvalidValue
            }
            Reason::NotSupported => Class::UnsupportedValue,
            Reason::Forbidden => Class::ForbiddenValue,
            Reason::TooLong | Reason::TooMany => Class::TooLong,
            Reason::Duplicate => Class::DuplicateValue,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Reason::Required => "Required value",
            Reason::Invalid | Reason::TypeInvalid => "Invalid value",
            Reason::NotSupported => "Unsupported value",
            Reason::Forbidden => "Forbidden",
            Reason::TooLong => "Too long",
            Reason::TooMany => "Too many",
            Reason::Duplicate => "Duplicate value",
            Reason::NotFound => "Not found",
            Reason::Internal => "Internal error",
            Reason::BadRequest => "",
        }
    }
}

/// `Error.ErrorBody`: the reason, the value, and more.
pub(super) fn body(reason: Reason, shown: Option<&str>, detail: &str) -> String {
    let mut text = reason.words().to_owned();
    for part in shown.into_iter().chain((!detail.is_empty()).then_some(detail)) {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(part);
    }
    text
}

/// The list of `field.NotSupported`.
pub(super) fn supported(values: &[&str]) -> String {
    let mut text = String::new();
    for value in values {
        text.push_str(if text.is_empty() { "supported values: " } else { ", " });
        text.push_str(&quoted(value));
    }
    text
}

/// The limit of a text, since 1.32 in new words.
pub(super) fn too_long(run: &Run<'_>, limit: usize) -> String {
    if !run.since(32) {
        return format!("must have at most {limit} bytes");
    }
    let unit = if limit == 1 && run.since(34) { "byte" } else { "bytes" };
    format!("may not be more than {limit} {unit}")
}

/// The limit of a list.
pub(super) fn too_many(run: &Run<'_>, limit: usize) -> String {
    let unit = if limit == 1 && run.since(34) { "item" } else { "items" };
    format!("must have at most {limit} {unit}")
}
