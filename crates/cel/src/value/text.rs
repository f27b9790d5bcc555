//! Values as text.

use std::fmt::{self, Write};

use super::{Value, general, number, seconds_text};

impl fmt::Display for Value {
    /// As a literal of CEL (cel-go's `types.Format`).
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text, true);
        out.write_str(&text)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl Value {
    /// `%v`, as errors of the server print a value.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, false);
        text
    }

    fn write(&self, out: &mut String, literal: bool) {
        match self {
            // Go prints the number behind its null.
            Value::Null => out.push_str(if literal { "null" } else { "0" }),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Int(value) => put(out, value),
            Value::Uint(value) => {
                put(out, value);
                out.push_str(if literal { "u" } else { "" });
            }
            Value::Double(value) => out.push_str(&if literal { double(*value) } else { general(*value) }),
            Value::String(text) if literal => quote(out, text),
            Value::String(text) | Value::Type(text) => out.push_str(text),
            Value::Bytes(bytes) => {
                out.push_str("b\"");
                for byte in bytes.iter() {
                    let _ = write!(out, "\\{byte:03o}");
                }
                out.push('"');
            }
            Value::Duration(nanos) if literal => {
                out.push_str("duration(\"");
                out.push_str(&seconds_text(*nanos));
                out.push_str("\")");
            }
            Value::Duration(nanos) => out.push_str(&seconds_text(*nanos)),
            Value::Timestamp(time) if literal => {
                out.push_str("timestamp(\"");
                put(out, &time.in_utc());
                out.push_str("\")");
            }
            Value::Timestamp(time) => put(out, time),
            Value::List(list) => {
                out.push('[');
                for (at, item) in list.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { ", " });
                    item.write(out, literal);
                }
                out.push(']');
            }
            Value::Map(map) => {
                out.push('{');
                for (at, (key, value)) in map.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { ", " });
                    key.write(out, literal);
                    out.push_str(": ");
                    value.write(out, literal);
                }
                out.push('}');
            }
            Value::Optional(None) => out.push_str("optional.none()"),
            Value::Optional(Some(value)) => {
                out.push_str(if literal { "optional.of(" } else { "optional(" });
                value.write(out, literal);
                out.push(')');
            }
            _ => self.write_kubernetes(out, literal),
        }
    }

    /// Values of Kubernetes' own types.
    fn write_kubernetes(&self, out: &mut String, literal: bool) {
        let mut text = String::new();
        let function = match self {
            Value::Quantity(amount) => {
                put(&mut text, &amount.quantity);
                "quantity"
            }
            Value::Ip(ip) => {
                put(&mut text, ip);
                "ip"
            }
            Value::Cidr(cidr) => {
                put(&mut text, cidr);
                "cidr"
            }
            Value::Url(url) => {
                put(&mut text, &**url);
                "url"
            }
            Value::Semver(version) => {
                put(&mut text, &**version);
                "semver"
            }
            Value::Format(name) => {
                text.push_str(name);
                "format.named"
            }
            _ => "",
        };
        if literal {
            out.push_str(function);
            out.push('(');
            quote(out, &text);
            out.push(')');
        } else {
            out.push_str(&text);
        }
    }
}

/// Shared by all kinds of values, so that the formatting machinery is called in one place.
fn put(out: &mut String, value: &dyn fmt::Display) {
    let _ = write!(out, "{value}");
}

/// A double that is read as one.
fn double(value: f64) -> String {
    if value.is_nan() {
        return "double(\"NaN\")".to_owned();
    }
    if value.is_infinite() {
        return format!("double(\"{}Infinity\")", if value < 0.0 { "-" } else { "" });
    }
    let text = format!("{value}");
    if text.contains('.') { text } else { text + ".0" }
}

/// `strconv.Quote`
pub(crate) fn quote(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            '\\' | '"' => {
                out.push('\\');
                out.push(char);
            }
            char if char < ' ' || char == '\u{7f}' => {
                let _ = write!(out, "\\x{:02x}", u32::from(char));
            }
            char if !char.is_ascii() && char != '\u{fffd}' && char.escape_debug().len() > 1 => {
                let code = u32::from(char);
                let _ = if code > 0xffff { write!(out, "\\U{code:08x}") } else { write!(out, "\\u{code:04x}") };
            }
            char => out.push(char),
        }
    }
    out.push('"');
}

/// A text in Go's quotes.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote(&mut out, text);
    out
}

/// What `string()` makes of a double.
pub(crate) fn double_text(value: f64) -> String {
    if value.is_finite() { general(value) } else { number::not_finite(value).to_owned() }
}
