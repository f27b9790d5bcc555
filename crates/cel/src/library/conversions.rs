//! Conversions between types (`ConvertToType` of cel-go's `common/types`).

use super::{Call, Functions};
use crate::value::{
    Outcome, Timestamp, Value, double_text, double_to_int, double_to_uint, fail, failed, parse_duration, seconds_text,
};

pub(super) const FUNCTIONS: Functions = &[
    ("bool", to_bool),
    ("bytes", to_bytes),
    ("double", to_double),
    ("duration", to_duration),
    ("dyn", to_dyn),
    ("int", to_int),
    ("string", to_string),
    ("timestamp", to_timestamp),
    ("type", to_type),
    ("uint", to_uint),
];

/// A text, or another value, that does not become what it should.
fn impossible(call: &Call<'_>, to: &str) -> Outcome {
    let from = call.one()?.type_name();
    Err(failed(format!("type conversion error from '{from}' to '{to}'")))
}

fn to_bool(call: &Call<'_>) -> Outcome {
    match call.one()? {
        value @ Value::Bool(_) => Ok(value.clone()),
        Value::String(text) => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
            _ => impossible(call, "bool"),
        },
        _ => Err(call.mismatch()),
    }
}

fn to_bytes(call: &Call<'_>) -> Outcome {
    match call.one()? {
        value @ Value::Bytes(_) => Ok(value.clone()),
        Value::String(text) => Ok(Value::Bytes(text.as_bytes().into())),
        _ => Err(call.mismatch()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "as Go converts")]
fn to_double(call: &Call<'_>) -> Outcome {
    match call.one()? {
        value @ Value::Double(_) => Ok(value.clone()),
        Value::Int(value) => Ok(Value::Double(*value as f64)),
        Value::Uint(value) => Ok(Value::Double(*value as f64)),
        Value::String(text) => parse_float(text).map_or_else(|| impossible(call, "double"), |it| Ok(Value::Double(it))),
        _ => Err(call.mismatch()),
    }
}

/// `strconv.ParseFloat`, without hexadecimal floats: digits with underscores are for literals of Go alone.
fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text).to_ascii_lowercase();
    if matches!(unsigned.as_str(), "inf" | "infinity") {
        return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    if text.eq_ignore_ascii_case("nan") {
        return Some(f64::NAN);
    }
    if !unsigned.starts_with(|char: char| char.is_ascii_digit() || char == '.') {
        return None;
    }
    // What is too large is an error to Go, infinite to Rust.
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

fn to_duration(call: &Call<'_>) -> Outcome {
    match call.one()? {
        value @ Value::Duration(_) => Ok(value.clone()),
        Value::String(text) => {
            let nanos = parse_duration(text);
            nanos.map_or_else(|| impossible(call, "google.protobuf.Duration"), |nanos| Ok(Value::Duration(nanos)))
        }
        // cel-go declared it until 0.29 but had no body for it.
        Value::Int(_) if call.minor() < 37 => impossible(call, "google.protobuf.Duration"),
        _ => Err(call.mismatch()),
    }
}

fn to_dyn(call: &Call<'_>) -> Outcome {
    call.one().cloned()
}

fn to_int(call: &Call<'_>) -> Outcome {
    match call.one()? {
        value @ Value::Int(_) => Ok(value.clone()),
        Value::Double(value) => double_to_int(*value).map(Value::Int),
        Value::Duration(nanos) => Ok(Value::Int(*nanos)),
        Value::String(text) => text.parse().map_or_else(|_| impossible(call, "int"), |it| Ok(Value::Int(it))),
        Value::Timestamp(time) => Ok(Value::Int(time.seconds)),
        Value::Uint(value) => i64::try_from(*value).map(Value::Int).map_err(|_| fail("integer overflow")),
        _ => Err(call.mismatch()),
    }
}

fn to_uint(call: &Call<'_>) -> Outcome {
    match call.one()? {
        value @ Value::Uint(_) => Ok(value.clone()),
        Value::Double(value) => double_to_uint(*value).map(Value::Uint),
        Value::Int(value) => u64::try_from(*value).map(Value::Uint).map_err(|_| fail("unsigned integer overflow")),
        Value::String(text) if !text.starts_with('+') => {
            text.parse().map_or_else(|_| impossible(call, "uint"), |it| Ok(Value::Uint(it)))
        }
        Value::String(_) => impossible(call, "uint"),
        _ => Err(call.mismatch()),
    }
}

fn to_string(call: &Call<'_>) -> Outcome {
    let value = call.one()?;
    Ok(match value {
        Value::String(_) => value.clone(),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::string(text),
            Err(_) => return Err(fail("invalid UTF-8 in bytes, cannot convert to string")),
        },
        Value::Bool(_)
        | Value::Int(_)
        | Value::Uint(_)
        | Value::Double(_)
        | Value::Duration(_)
        | Value::Timestamp(_)
        | Value::Ip(_)
        | Value::Cidr(_) => Value::string(&text_of(value)),
        _ => return Err(call.mismatch()),
    })
}

/// What `string()` says of a scalar.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Double(value) => double_text(*value),
        Value::Duration(nanos) => seconds_text(*nanos),
        value => value.plain(),
    }
}

fn to_timestamp(call: &Call<'_>) -> Outcome {
    let beyond = || Err(fail("timestamp overflow"));
    match call.one()? {
        value @ Value::Timestamp(_) => Ok(value.clone()),
        Value::Int(seconds) => Timestamp::new(*seconds, 0).map_or_else(beyond, |it| Ok(Value::Timestamp(it))),
        Value::String(text) => match Timestamp::parse(text) {
            Ok(time) => Ok(Value::Timestamp(time)),
            Err(true) => beyond(),
            Err(false) => impossible(call, "google.protobuf.Timestamp"),
        },
        _ => Err(call.mismatch()),
    }
}

fn to_type(call: &Call<'_>) -> Outcome {
    Ok(Value::Type(call.one()?.type_name().into()))
}
