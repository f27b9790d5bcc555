//! What a scalar is once its style and tag have spoken, and how it is spelt where it stands as a key.

use std::borrow::Cow;

use seaworthy_source::Span;

use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::scalar::{self, Scalar};
use crate::text;
use crate::tree::{Kind, Style};

type Resolved<T> = Result<T, SyntaxError>;

fn refuse<T>(span: Span, message: impl Into<String>) -> Resolved<T> {
    Err(SyntaxError::new(SyntaxErrorKind::Value, span, message))
}

/// The kind of a value, and its text where a tag changes it.
pub(crate) fn value(text: &str, style: Style, tag: Option<&str>, span: Span) -> Resolved<(Kind, Option<String>)> {
    if tag == Some("binary") {
        return match decode_base64(text) {
            Some(decoded) => Ok((Kind::String, Some(decoded))),
            None => refuse(span, "`!!binary` stands before a text that is not base64"),
        };
    }
    let kind = kind(text, style, tag, span)?;
    if kind == Kind::Float
        && let Scalar::Float(value) = scalar::resolve_plain(text)
        && !value.is_finite()
    {
        return refuse(span, format!("`{text}` is no number that JSON can hold; quote it if it is meant as text"));
    }
    Ok((kind, None))
}

/// The text of a key once go-yaml and `sigs.k8s.io/yaml` are through with it, where it is not the text as written.
pub(crate) fn key(text: &str, style: Style, tag: Option<&str>, span: Span) -> Resolved<Option<Cow<'static, str>>> {
    if tag == Some("binary") {
        return Ok(value(text, style, tag, span)?.1.map(Cow::Owned));
    }
    let kind = kind(text, style, tag, span)?;
    Ok(Some(match kind {
        Kind::Null => return refuse(span, "an empty key: write its name before the `:`, or quote it"),
        Kind::Bool(value) => Cow::Borrowed(if value { "true" } else { "false" }),
        Kind::Int | Kind::Float => match scalar::resolve_plain(text) {
            Scalar::Int(value) if i64::try_from(value).is_err() => {
                return refuse(span, format!("the key {text} is a number beyond 64 bits: quote it"));
            }
            #[allow(clippy::cast_precision_loss, reason = "go-yaml converts `!!float 1` the same way")]
            Scalar::Int(value) if kind == Kind::Float => Cow::Owned(scalar::float_key(value as f64)),
            Scalar::Int(value) => Cow::Owned(value.to_string()),
            Scalar::Float(value) => Cow::Owned(scalar::float_key(value)),
            _ => return Ok(None),
        },
        _ => return Ok(None),
    }))
}

fn kind(text: &str, style: Style, tag: Option<&str>, span: Span) -> Resolved<Kind> {
    let wanted = match (tag, style) {
        (None, Style::Plain) => None,
        (Some(tag @ ("int" | "float" | "bool" | "null")), _) => Some(tag),
        _ => return Ok(Kind::String),
    };
    let kind = match scalar::resolve_plain(text) {
        Scalar::Null => Kind::Null,
        Scalar::Bool(value) => Kind::Bool(value),
        Scalar::Int(_) => Kind::Int,
        Scalar::Float(_) => Kind::Float,
        Scalar::String => Kind::String,
    };
    match (wanted, kind) {
        (None, kind) => Ok(kind),
        (Some("float"), Kind::Int | Kind::Float) => Ok(Kind::Float),
        (Some("int"), Kind::Int) | (Some("bool"), Kind::Bool(_)) | (Some("null"), Kind::Null) => Ok(kind),
        (Some(tag), _) => refuse(span, format!("`!!{tag}` stands before `{}`, which is none", text::short(text))),
    }
}

/// Standard base64 with padding, line breaks passed over; what is no UTF-8 becomes U+FFFD byte by byte, as in Go's
/// JSON.
fn decode_base64(text: &str) -> Option<String> {
    let mut bits = 0u32;
    let (mut count, mut padding, mut bytes) = (0usize, 0usize, Vec::with_capacity(text.len() / 4 * 3));
    for byte in text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count % 4 != 1 {
            let shift = 6 - 2 * ((count + 3) % 4);
            bytes.push(u8::try_from(bits >> shift & 0xFF).unwrap_or(0));
        }
    }
    if (count + padding) % 4 != 0 || padding > 2 || count % 4 == 1 {
        return None;
    }
    let mut decoded = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        decoded.push_str(chunk.valid());
        decoded.extend(chunk.invalid().iter().map(|_| '\u{FFFD}'));
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_go_decodes_it() {
        assert_eq!(decode_base64("aGk=").as_deref(), Some("hi"));
        assert_eq!(decode_base64("aGkh\nSGk=\n").as_deref(), Some("hi!Hi"));
        assert_eq!(decode_base64("").as_deref(), Some(""));
        assert_eq!(decode_base64("4oA=").as_deref(), Some("\u{FFFD}\u{FFFD}"));
        for bad in ["aGk", "a", "a===", "aGk=a", "aGk=====", "a b="] {
            assert_eq!(decode_base64(bad), None, "{bad}");
        }
    }
}
