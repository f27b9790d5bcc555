//! Strings (cel-go's `common/types/string.go` and `ext/strings.go`, version 2).

use super::{Call, Functions, bounded, lists};
use crate::value::{Failure, Outcome, Value, fail, failed, no_such_overload};

pub(super) const FUNCTIONS: Functions = &[
    ("contains", holds),
    ("startsWith", holds),
    ("endsWith", holds),
    ("charAt", char_at),
    ("indexOf", index_of),
    ("lastIndexOf", last_index_of),
    ("lowerAscii", lower),
    ("upperAscii", upper),
    ("replace", replace),
    ("split", split),
    ("substring", substring),
    ("trim", trim),
    ("join", join),
    ("strings.quote", quote),
    ("jsonpatch.escapeKey", escape_key),
];

fn holds(call: &Call<'_>) -> Outcome {
    let (Value::String(text), Value::String(part)) = call.two()? else { return Err(no_such_overload()) };
    Ok(Value::Bool(match call.name {
        "contains" => text.contains(&**part),
        "startsWith" => text.starts_with(&**part),
        _ => text.ends_with(&**part),
    }))
}

fn beyond(index: i64) -> Failure {
    failed(format!("index out of range: {index}"))
}

/// The byte at which a character starts, or the end; nothing beyond.
fn byte_of(text: &str, index: i64) -> Option<usize> {
    let index = usize::try_from(index).ok()?;
    let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    starts.into_iter().nth(index)
}

fn char_at(call: &Call<'_>) -> Outcome {
    let (Value::String(text), Value::Int(index)) = call.two()? else { return Err(call.mismatch()) };
    let at = byte_of(text, *index).ok_or_else(|| beyond(*index))?;
    let found = text.get(at..).and_then(|rest| rest.chars().next());
    Ok(Value::string(found.map(String::from).as_deref().unwrap_or("")))
}

/// How many characters lie before a byte.
fn chars_before(text: &str, byte: usize) -> i64 {
    i64::try_from(text.get(..byte).unwrap_or(text).chars().count()).unwrap_or(i64::MAX)
}

fn index_of(call: &Call<'_>) -> Outcome {
    let (text, part, offset) = match call.args {
        [Value::List(list), item] => return Ok(lists::index_of(list, item)),
        [Value::String(text), Value::String(part)] => (text, part, 0),
        [Value::String(text), Value::String(part), Value::Int(offset)] => (text, part, *offset),
        _ => return Err(call.mismatch()),
    };
    if let Some(at) = empty_part(call, text, part, offset)? {
        return Ok(Value::Int(at));
    }
    let start = byte_of(text, offset);
    let found = start.and_then(|start| Some(start + text.get(start..)?.find(&**part)?));
    Ok(Value::Int(found.map_or(-1, |at| chars_before(text, at))))
}

fn last_index_of(call: &Call<'_>) -> Outcome {
    let (text, part, offset) = match call.args {
        [Value::List(list), item] => return Ok(lists::last_index_of(list, item)),
        [Value::String(text), Value::String(part)] => {
            let found = text.rfind(&**part);
            return Ok(Value::Int(found.map_or(-1, |at| chars_before(text, at))));
        }
        [Value::String(text), Value::String(part), Value::Int(offset)] => (text, part, *offset),
        _ => return Err(call.mismatch()),
    };
    if let Some(at) = empty_part(call, text, part, offset)? {
        return Ok(Value::Int(at));
    }
    // An offset at or behind the end finds nothing.
    let Some(start) = byte_of(text, offset).filter(|start| *start < text.len()) else { return Ok(Value::Int(-1)) };
    let end = (start + part.len()).min(text.len());
    let end = (end..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let before = text.get(..end).unwrap_or(text);
    let found = before.rmatch_indices(&**part).map(|(at, _)| at).find(|at| *at <= start);
    Ok(Value::Int(found.map_or(-1, |at| chars_before(text, at))))
}

/// Where an empty text is found; nothing if it is not empty.
fn empty_part(call: &Call<'_>, text: &str, part: &str, offset: i64) -> Result<Option<i64>, Failure> {
    // cel-go 0.29, which 1.37 took, keeps the place within the text.
    let clamps = call.minor() >= 37;
    if part.is_empty() && !clamps {
        return Ok(Some(offset));
    }
    if offset < 0 {
        return Err(beyond(offset));
    }
    Ok(part.is_empty().then(|| offset.min(chars_before(text, text.len()))))
}

fn lower(call: &Call<'_>) -> Outcome {
    Ok(Value::string(&call.text()?.to_ascii_lowercase()))
}

fn upper(call: &Call<'_>) -> Outcome {
    Ok(Value::string(&call.text()?.to_ascii_uppercase()))
}

fn replace(call: &Call<'_>) -> Outcome {
    let (text, old, new, count) = match call.args {
        [Value::String(text), Value::String(old), Value::String(new)] => (text, old, new, -1),
        [Value::String(text), Value::String(old), Value::String(new), Value::Int(count)] => (text, old, new, *count),
        _ => return Err(call.mismatch()),
    };
    let most = usize::try_from(count).unwrap_or(usize::MAX);
    let times = text.matches(&**old).take(most).count();
    let len = text.len().saturating_add(times.saturating_mul(new.len()));
    bounded(call, len, &mut || text.replacen(&**old, new, most))
}

fn split(call: &Call<'_>) -> Outcome {
    let (text, separator, count) = match call.args {
        [Value::String(text), Value::String(separator)] => (text, separator, -1),
        [Value::String(text), Value::String(separator), Value::Int(count)] => (text, separator, *count),
        _ => return Err(call.mismatch()),
    };
    let most = usize::try_from(count).unwrap_or(usize::MAX);
    if most == 0 {
        return Ok(Value::list(Vec::new()));
    }
    if !separator.is_empty() {
        let mut parts = Vec::new();
        for part in text.splitn(most, &**separator) {
            parts.push(Value::string(part));
        }
        return Ok(Value::list(parts));
    }
    let mut parts: Vec<Value> = Vec::new();
    let mut rest = &**text;
    while let Some(char) = rest.chars().next() {
        if parts.len() + 1 == most {
            parts.push(Value::string(rest));
            break;
        }
        let (head, tail) = rest.split_at_checked(char.len_utf8()).unwrap_or((rest, ""));
        parts.push(Value::string(head));
        rest = tail;
    }
    Ok(Value::list(parts))
}

fn substring(call: &Call<'_>) -> Outcome {
    let (text, start, end) = match call.args {
        [Value::String(text), Value::Int(start)] => (text, *start, None),
        [Value::String(text), Value::Int(start), Value::Int(end)] => (text, *start, Some(*end)),
        _ => return Err(call.mismatch()),
    };
    if let Some(end) = end.filter(|end| start > *end) {
        return Err(failed(format!("invalid substring range. start: {start}, end: {end}")));
    }
    let from = byte_of(text, start).ok_or_else(|| beyond(start))?;
    let to = end.map_or(Ok(text.len()), |end| byte_of(text, end).ok_or_else(|| beyond(end)))?;
    Ok(Value::string(text.get(from..to).unwrap_or("")))
}

fn trim(call: &Call<'_>) -> Outcome {
    Ok(Value::string(call.text()?.trim()))
}

fn join(call: &Call<'_>) -> Outcome {
    let (list, separator) = match call.args {
        [Value::List(list)] => (list, ""),
        [Value::List(list), Value::String(separator)] => (list, &**separator),
        _ => return Err(call.mismatch()),
    };
    // An overload is chosen by the first element.
    if list.get(0).is_some_and(|first| first.as_str().is_none()) {
        return Err(call.mismatch());
    }
    let mut len = separator.len().saturating_mul(list.len());
    for item in list.iter() {
        let text = item.as_str().ok_or_else(|| failed(format!("join: invalid input: {}", item.plain())))?;
        len = len.saturating_add(text.len());
    }
    bounded(call, len, &mut || {
        let mut out = String::with_capacity(len);
        for (at, item) in list.iter().enumerate() {
            out.push_str(if at == 0 { "" } else { separator });
            out.push_str(item.as_str().unwrap_or(""));
        }
        out
    })
}

/// `strings.quote`: the escapes of CEL.
fn quote(call: &Call<'_>) -> Outcome {
    let text = call.text()?;
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for char in text.chars() {
        let escape = match char {
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\u{c}' => "\\f",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\u{b}' => "\\v",
            '\\' => "\\\\",
            '"' => "\\\"",
            char => {
                out.push(char);
                continue;
            }
        };
        out.push_str(escape);
    }
    out.push('"');
    Ok(Value::string(&out))
}

/// `library/jsonpatch.go`
fn escape_key(call: &Call<'_>) -> Outcome {
    let text = call.one()?.as_str().ok_or(fail("no such overload"))?;
    Ok(Value::string(&text.replace('~', "~0").replace('/', "~1")))
}
