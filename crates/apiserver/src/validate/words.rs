//! The server's words: reasons, and values as Go prints them (k8s.io/apimachinery, pkg/util/validation/field).

use seaworthy_document::{Node, Value as Json};
use seaworthy_object::Quantity;
use seaworthy_object::catalog::Shape;

use super::run::Run;
use super::value::Value;
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
    TooFew,
    Duplicate,
    NotFound,
    Internal,
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
            Reason::TooFew => "FieldValueTooFew",
            Reason::Duplicate => "FieldValueDuplicate",
            Reason::NotFound => "FieldValueNotFound",
            Reason::Internal => "InternalError",
        }
    }

    /// The rule that speaks of it.
    pub(super) fn class(self) -> Class {
        match self {
            Reason::Required => Class::MissingField,
            Reason::Invalid | Reason::TypeInvalid | Reason::NotFound | Reason::TooFew | Reason::Internal => {
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
            Reason::TooFew => "Too few",
            Reason::Duplicate => "Duplicate value",
            Reason::NotFound => "Not found",
            Reason::Internal => "Internal error",
        }
    }
}

/// `Error.ErrorBody`: the reason, the value, and more.
pub(super) fn body(reason: Reason, shown: Option<&str>, detail: &str) -> String {
    let mut text = reason.words().to_owned();
    for part in shown.into_iter().chain((!detail.is_empty()).then_some(detail)) {
        text.push_str(": ");
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

/// `strconv.Quote`.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            ' '..='~' => out.push(letter),
            '\u{0}'..='\u{7f}' => out.push_str(&format!("\\x{:02x}", u32::from(letter))),
            // What Rust's own printing escapes is what is not printable by Unicode's tables.
            _ if letter.escape_debug().len() == 1 => out.push(letter),
            '\u{80}'..='\u{ffff}' => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => out.push_str(&format!("\\U{:08x}", u32::from(letter))),
        }
    }
    out.push('"');
    out
}

/// The value as `Error.ErrorBody` prints it: text quoted, numbers plain, anything else as JSON.
pub(super) fn shown(value: Value<'_>) -> String {
    let shape = value.shape();
    match (value.node(), shape) {
        (Some(node), shape) => json(node, shape.as_ref(), true),
        (None, Some(Shape::String)) => "\"\"".to_owned(),
        (None, Some(Shape::Int32 | Shape::Int64 | Shape::Number | Shape::IntOrString)) => "0".to_owned(),
        (None, Some(Shape::Boolean)) => "false".to_owned(),
        (None, _) => "null".to_owned(),
    }
}

/// Text at the top is quoted as Go quotes it, inside of a structure as JSON does.
fn json(node: Node<'_>, shape: Option<&Shape>, top: bool) -> String {
    match (node.value(), shape) {
        (Json::String(text), Some(Shape::Quantity)) => match text.trim().parse::<Quantity>() {
            Ok(quantity) => quoted(&quantity.canonical()),
            Err(_) => quoted(text),
        },
        (Json::Int(_) | Json::Float(_), Some(Shape::Quantity)) => match node.text().parse::<Quantity>() {
            Ok(quantity) => quoted(&quantity.canonical()),
            Err(_) => quoted(node.text()),
        },
        (Json::String(text), Some(Shape::IntOrString)) => json_text(text),
        (Json::String(text), _) if top => quoted(text),
        (Json::String(text), _) => json_text(text),
        (Json::Int(number), _) => number.to_string(),
        (Json::Float(_), Some(Shape::Int32 | Shape::Int64 | Shape::IntOrString)) => {
            crate::decode::whole(node.value()).map_or_else(|| node.text().to_owned(), |it| it.to_string())
        }
        (Json::Float(number), _) => number.to_string(),
        (Json::Bool(truth), _) => truth.to_string(),
        (Json::Sequence, _) => {
            let inner = match shape {
                Some(Shape::List(inner)) => Some(&**inner),
                _ => None,
            };
            let items: Vec<String> = node.items().map(|item| json(item, inner, false)).collect();
            format!("[{}]", items.join(","))
        }
        (Json::Mapping, _) => {
            let inner = match shape {
                Some(Shape::Map(inner)) => Some(&**inner),
                _ => None,
            };
            let mut entries: Vec<(&str, String)> =
                node.entries().map(|entry| (entry.name(), json(entry.value, inner, false))).collect();
            entries.sort_unstable();
            let entries: Vec<String> =
                entries.into_iter().map(|(key, value)| format!("{}:{value}", json_text(key))).collect();
            format!("{{{}}}", entries.join(","))
        }
        (Json::Null, _) => "null".to_owned(),
    }
}

/// A string as Go's `encoding/json` writes it: with HTML escaped.
pub(super) fn json_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{0}'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}
