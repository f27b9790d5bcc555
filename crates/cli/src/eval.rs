//! `seaworthy eval`.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use seaworthy::cel::{Admission, Type, Value, Verdict};
use seaworthy::{Source, Version};
use serde_json::json;

use crate::args::{Common, Eval, Format};
use crate::failure::Failure;
use crate::{input, terminal};

/// Prints the value of an expression, or of many; true if one has none.
pub(crate) fn run(eval: &Eval, common: &Common) -> Result<bool, Failure> {
    let version = match common.kubernetes_version.as_slice() {
        [] => Version::NEWEST,
        [version] => *version,
        _ => return Err(Failure::Versions),
    };
    let read = |path: &Option<std::path::PathBuf>| path.as_deref().map(input::read_named).transpose();
    let (environment, object) = (read(&eval.env)?, read(&eval.object)?);
    let admission = seaworthy::admission(version, environment.as_ref(), object.as_ref())
        .map_err(|(path, error)| Failure::Environment { path, error })?;
    match (&eval.batch, &eval.expression) {
        (Some(path), _) => batch(path, &admission, eval.format),
        (None, expression) => one(expression.as_deref().unwrap_or(""), &admission, eval.format),
    }
}

fn one(expression: &str, admission: &Admission, format: Format) -> Result<bool, Failure> {
    let verdict = admission.judge(expression, None);
    let failed = !matches!(verdict, Verdict::Value(_));
    if format == Format::Json {
        writeln!(io::stdout(), "{}", described(&verdict))?;
        return Ok(failed);
    }
    match verdict {
        Verdict::Value(value) => writeln!(io::stdout(), "{value}")?,
        Verdict::Error(text) => terminal::complain(&text),
        Verdict::Refused(refusal) => terminal::complain(&format!("the expression is refused:\n{}", refusal.why)),
    }
    Ok(failed)
}

/// Answers each line of a file with a line.
fn batch(path: &Path, admission: &Admission, format: Format) -> Result<bool, Failure> {
    let source = input::read_named(path)?;
    if let Some(why) = source.why_unread() {
        return Err(Failure::Read { path: path.to_owned(), error: io::Error::other(why.to_owned()) });
    }
    let expressions = expressions(path, &source)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut failed = false;
    for expression in expressions {
        let verdict = admission.judge(&expression, Some(&Type::Bool));
        failed |= !matches!(verdict, Verdict::Value(_));
        match (format, &verdict) {
            (Format::Json, verdict) => writeln!(out, "{}", described(verdict))?,
            (Format::Text, Verdict::Value(value)) => writeln!(out, "{value}")?,
            (Format::Text, Verdict::Error(text)) => writeln!(out, "error: {}", text.replace('\n', " "))?,
            (Format::Text, Verdict::Refused(refusal)) => {
                writeln!(out, "refused: {}", refusal.detail.replace('\n', " "))?;
            }
        }
    }
    out.flush()?;
    Ok(failed)
}

/// The expressions of a batch.
fn expressions(path: &Path, source: &Source) -> Result<Vec<String>, Failure> {
    let lines = source.text().lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let expression = |(at, line): (usize, &str)| {
        let object: Option<serde_json::Value> = serde_json::from_str(line).ok();
        let expression = object.as_ref().and_then(|it| it.get("expression")?.as_str()).map(str::to_owned);
        expression.ok_or_else(|| Failure::Batch { path: path.to_owned(), line: at + 1 })
    };
    lines.map(expression).collect()
}

/// A verdict for programs.
fn described(verdict: &Verdict) -> serde_json::Value {
    match verdict {
        Verdict::Value(Value::Bool(value)) => json!({"result": value}),
        Verdict::Value(value) => {
            json!({"result": "value", "type": value.type_name(), "value": to_json(value)})
        }
        Verdict::Error(text) => json!({"result": "error", "text": text}),
        Verdict::Refused(refusal) => json!({"result": "refused", "text": refusal.detail}),
    }
}

/// A value as JSON; what JSON does not have is a text.
fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null | Value::Optional(None) => serde_json::Value::Null,
        Value::Optional(Some(value)) => to_json(value),
        Value::Bool(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::Uint(value) => json!(value),
        Value::Double(value) if value.is_finite() => json!(value),
        Value::List(list) => list.iter().map(to_json).collect(),
        Value::Map(map) => {
            let entries = map.iter().map(|(key, value)| (key.plain(), to_json(value)));
            serde_json::Value::Object(entries.collect())
        }
        value => json!(value.plain()),
    }
}
