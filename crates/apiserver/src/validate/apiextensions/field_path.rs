//! Paths to fields of a schema, in dots and brackets (k8s.io/apiextensions-apiserver, pkg/apiserver/schema/cel,
//! `ValidFieldPath`).

use super::super::value::Value;
use super::structural;

/// The path as the server prints it and the schema it leads to, or why it leads nowhere.
pub(super) fn resolve<'r>(
    path: &str,
    schema: Option<Value<'r>>,
    brackets: bool,
) -> Result<(String, Option<Value<'r>>), String> {
    let mut tokens = tokens(path).into_iter();
    let mut here = schema;
    let mut out = String::new();
    while let Some(token) = tokens.next() {
        let name = match token {
            "[" if !brackets => return Err("array notation is not allowed".to_owned()),
            "[" => {
                let quoted = tokens.next().ok_or("unexpected end of JSON path")?;
                let inner = quoted.strip_prefix('\'').and_then(|it| it.strip_suffix('\''));
                inner.ok_or_else(|| format!("expected single quoted string but got {quoted}"))?.replace("\\'", "'")
            }
            "." => tokens.next().ok_or("unexpected end of JSON path")?.to_owned(),
            other => return Err(format!("expected [ or . but got: {other}")),
        };
        here = Some(step(here, &name, &mut out).ok_or("does not refer to a valid field")?);
        if token == "[" {
            match tokens.next() {
                Some("]") => {}
                Some(other) => return Err(format!("expected ] but got {other}")),
                None => return Err("unexpected end of JSON path".to_owned()),
            }
        }
    }
    Ok((out, here))
}

fn step<'r>(schema: Option<Value<'r>>, name: &str, out: &mut String) -> Option<Value<'r>> {
    let schema = schema?;
    let properties = schema.get("properties");
    if properties.is_empty() {
        let others = structural::others(schema)?;
        out.push_str(&format!("[{name}]"));
        return Some(others);
    }
    if !out.is_empty() {
        out.push('.');
    }
    out.push_str(name);
    properties.entry(name)
}

/// Dots and brackets, what stands between them, and texts in single quotes.
pub(in super::super) fn tokens(path: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = path;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '.' | '[' | ']' => 1,
            '\'' => {
                let mut before = first;
                let end = rest.char_indices().skip(1).find(|(_, it)| {
                    let closes = *it == '\'' && before != '\\';
                    before = *it;
                    closes
                });
                end.map_or(rest.len(), |(at, _)| at + 1)
            }
            _ => rest.find(['.', '[', ']']).unwrap_or(rest.len()),
        };
        let Some((token, after)) = rest.split_at_checked(length) else { break };
        tokens.push(token);
        rest = after;
    }
    tokens
}
