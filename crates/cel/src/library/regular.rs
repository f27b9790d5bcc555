//! Regular expressions (cel-go's `matches`, the API server's `regex.go`).

use std::borrow::Cow;

use super::{Call, Functions};
use crate::regex::Regex;
use crate::value::{Failure, Outcome, Value, failed, no_such_overload};

pub(super) const FUNCTIONS: Functions = &[("matches", matches), ("find", find), ("findAll", find_all)];

impl<'a> Call<'a> {
    /// The pattern: prepared if it is a constant, else read now.
    fn pattern(&self, text: &str, prefix: &str) -> Result<Cow<'a, Regex>, Failure> {
        match self.regex {
            Some(regex) => Ok(Cow::Borrowed(regex)),
            None => Regex::new(text).map(Cow::Owned).map_err(|why| failed(format!("{prefix}{why}"))),
        }
    }
}

const ILLEGAL: &str = "Illegal regex: ";

fn matches(call: &Call<'_>) -> Outcome {
    match call.two()? {
        (Value::String(text), Value::String(pattern)) => {
            Ok(Value::Bool(call.pattern(pattern, "")?.find(text, 0, call.work)?.is_some()))
        }
        (Value::String(_), _) => Err(no_such_overload()),
        _ if call.regex.is_some() => Err(no_such_overload()),
        _ => Err(call.operands(false)),
    }
}

fn find(call: &Call<'_>) -> Outcome {
    let (Value::String(text), Value::String(pattern)) = call.two()? else {
        return Err(if call.regex.is_some() { no_such_overload() } else { call.mismatch() });
    };
    let found = call.pattern(pattern, ILLEGAL)?.find(text, 0, call.work)?;
    Ok(Value::string(found.and_then(|(start, end)| text.get(start..end)).unwrap_or("")))
}

fn find_all(call: &Call<'_>) -> Outcome {
    let (text, pattern, most) = match call.args {
        [Value::String(text), Value::String(pattern)] => (text, pattern, -1),
        [Value::String(text), Value::String(pattern), Value::Int(most)] => (text, pattern, *most),
        _ if call.regex.is_some() => return Err(no_such_overload()),
        _ => return Err(call.mismatch()),
    };
    let regex = call.pattern(pattern, ILLEGAL)?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    let (mut from, mut last_end) = (0, None);
    while found.len() < most && from <= text.len() {
        let Some((start, end)) = regex.find(text, from, call.work)? else { break };
        // An empty match right behind another one does not count.
        let counts = start != end || last_end != Some(start);
        if counts {
            found.push(Value::string(text.get(start..end).unwrap_or("")));
        }
        last_end = Some(end);
        let next = text.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        from = if end > from { end } else { end + next };
        if start == end && end > from {
            from = end + next;
        }
    }
    Ok(Value::list(found))
}
