//! The tree as JSON: what `sigs.k8s.io/yaml` would hand to the API server.

use crate::scalar::Value;
use crate::tree::Node;

/// Writes a node as JSON, without blanks; numbers keep their value, not their spelling.
#[must_use]
pub fn to_json(node: Node<'_>) -> String {
    let mut out = String::new();
    write(node, &mut out);
    out
}

/// Recursion is bounded by the nesting limit of the reader.
fn write(node: Node<'_>, out: &mut String) {
    match node.value() {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        Value::Int(value) => out.push_str(&value.to_string()),
        Value::Float(value) => out.push_str(&format!("{value:?}")),
        Value::String(text) => string(text, out),
        Value::Sequence => {
            out.push('[');
            for (at, item) in node.items().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Mapping => {
            out.push('{');
            for (at, entry) in node.entries().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                string(entry.name(), out);
                out.push(':');
                write(entry.value, out);
            }
            out.push('}');
        }
    }
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if u32::from(control) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}
