//! `string.format` (cel-go's `ext/formatting.go`, for the locale `en_US`).

use std::fmt::Write;

use seaworthy_source::order::sort;

use super::conversions::text_of;
use super::{Call, Functions};
use crate::value::{Failure, List, Map, Outcome, Value, failed, not_finite, quoted};

pub(super) const FUNCTIONS: Functions = &[("format", format)];

/// More digits than this no double has; nobody asks for them but to fill memory.
const MOST_DIGITS: usize = 100_000;

/// Why a text is not formatted: it cost too much, or these words.
enum Wrong {
    Words(String),
    Cost,
}

fn words<T>(text: &str) -> Result<T, Wrong> {
    Err(Wrong::Words(text.to_owned()))
}

fn format(call: &Call<'_>) -> Outcome {
    let (Value::String(pattern), Value::List(args)) = call.two()? else { return Err(call.mismatch()) };
    match formatted(pattern, args) {
        Ok(text) => {
            call.works(text.len())?;
            Ok(Value::string(&text))
        }
        Err(Wrong::Words(text)) => Err(failed(text)),
        Err(Wrong::Cost) => Err(Failure::CostLimit),
    }
}

fn formatted(pattern: &str, args: &List) -> Result<String, Wrong> {
    let mut out = String::new();
    let mut rest = pattern;
    let mut index = 0;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let Some(value) = args.get(index) else { return words(&format!("index {index} out of range")) };
        if after.is_empty() {
            return words("unexpected end of string");
        }
        index += 1;
        let (precision, after) = match precision(after) {
            Ok(found) => found,
            Err(Wrong::Words(why)) => {
                return words(&format!("could not parse formatting clause: error while parsing precision: {why}"));
            }
            Err(Wrong::Cost) => return Err(Wrong::Cost),
        };
        let Some(clause) = after.chars().next() else {
            return words(
                "could not parse formatting clause: error while parsing precision: could not find end of \
                          precision specifier",
            );
        };
        let text = match clause {
            's' => string(value),
            'd' => decimal(value),
            'f' => fixed(value, precision),
            'e' => scientific(value, precision),
            'b' => binary(value),
            'x' | 'X' => hex(value, clause == 'X'),
            'o' => octal(value),
            _ => {
                return words(&format!(
                    "could not parse formatting clause: unrecognized formatting clause \"{clause}\""
                ));
            }
        };
        match text {
            Ok(text) => out.push_str(&text),
            Err(Wrong::Words(why)) => return words(&format!("error during formatting: {why}")),
            Err(Wrong::Cost) => return Err(Wrong::Cost),
        }
        if out.len() > super::LONGEST {
            return Err(Wrong::Cost);
        }
        rest = after.get(clause.len_utf8()..).unwrap_or("");
    }
    out.push_str(rest);
    Ok(out)
}

/// What stands after a point: the number of digits.
fn precision(text: &str) -> Result<(usize, &str), Wrong> {
    let Some(after) = text.strip_prefix('.') else { return Ok((6, text)) };
    let end = after.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = after.split_at_checked(end).unwrap_or((after, ""));
    if rest.is_empty() {
        return words("could not find end of precision specifier");
    }
    let why = if digits.is_empty() { "invalid syntax" } else { "value out of range" };
    match digits.parse::<usize>() {
        Ok(count) if count > MOST_DIGITS => Err(Wrong::Cost),
        Ok(count) => Ok((count, rest)),
        Err(_) => words(&format!(
            "error while converting precision to integer: strconv.Atoi: parsing {}: {why}",
            quoted(digits)
        )),
    }
}

/// `%s`
fn string(value: &Value) -> Result<String, Wrong> {
    Ok(match value {
        Value::List(list) => in_list(list)?,
        Value::Map(map) => in_map(map)?,
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => {
                return words(
                    "could not convert argument \"invalid UTF-8 in bytes, cannot convert to string\" to string",
                );
            }
        },
        Value::Null => "null".to_owned(),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Uint(_)
        | Value::Double(_)
        | Value::String(_)
        | Value::Duration(_)
        | Value::Timestamp(_)
        | Value::Type(_) => text_of(value),
        _ => {
            return words(&format!(
                "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, \
                 durations, and timestamps, was given {}",
                value.type_name()
            ));
        }
    })
}

/// A value within a list or a map (`clauseForType`).
fn inside(value: &Value) -> Result<String, Wrong> {
    Ok(match value {
        Value::String(text) => quoted(text),
        Value::Bytes(_) => format!("b{}", quoted(&string(value)?)),
        Value::Double(number) if number.is_finite() => format!("{number:.6}"),
        Value::Double(number) => quoted(not_finite(*number)),
        Value::Timestamp(_) => format!("timestamp({})", quoted(&text_of(value))),
        Value::Duration(_) => format!("duration({})", quoted(&text_of(value))),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Uint(_)
        | Value::Null
        | Value::Type(_)
        | Value::List(_)
        | Value::Map(_) => string(value)?,
        _ => return words(&format!("no formatting function for {}", value.type_name())),
    })
}

fn in_list(list: &List) -> Result<String, Wrong> {
    let mut out = String::from("[");
    for (at, item) in list.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { ", " });
        out.push_str(&inside(item)?);
        if out.len() > super::LONGEST {
            return Err(Wrong::Cost);
        }
    }
    out.push(']');
    Ok(out)
}

fn in_map(map: &Map) -> Result<String, Wrong> {
    let mut pairs: Vec<(String, String)> = Vec::with_capacity(map.len());
    for (key, value) in map.iter() {
        if !matches!(key, Value::String(_) | Value::Bool(_) | Value::Int(_) | Value::Uint(_)) {
            return words(&format!("no formatting function for map key of type {}", key.type_name()));
        }
        pairs.push((inside(key)?, inside(value)?));
    }
    sort(&mut pairs);
    let mut out = String::from("{");
    for (at, (key, value)) in pairs.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { ", " });
        out.push_str(key);
        out.push(':');
        out.push_str(value);
        if out.len() > super::LONGEST {
            return Err(Wrong::Cost);
        }
    }
    out.push('}');
    Ok(out)
}

/// `%d`
fn decimal(value: &Value) -> Result<String, Wrong> {
    match value {
        Value::Int(_) | Value::Uint(_) => Ok(value.plain()),
        _ => words(&format!("decimal clause can only be used on integers, was given {}", value.type_name())),
    }
}

/// The number of `%f` and `%e`; three words stand for numbers, too.
fn number(value: &Value, clause: &str) -> Result<f64, Wrong> {
    match value {
        Value::Double(number) => Ok(*number),
        Value::String(text) if **text == *"NaN" => Ok(f64::NAN),
        Value::String(text) if **text == *"Infinity" => Ok(f64::INFINITY),
        Value::String(text) if **text == *"-Infinity" => Ok(f64::NEG_INFINITY),
        _ => words(&format!("{clause} clause can only be used on doubles, was given {}", value.type_name())),
    }
}

fn localized(number: f64) -> Option<&'static str> {
    match number {
        number if number.is_nan() => Some("NaN"),
        f64::INFINITY => Some("∞"),
        f64::NEG_INFINITY => Some("-∞"),
        _ => None,
    }
}

/// `%f`, with commas between thousands.
fn fixed(value: &Value, precision: usize) -> Result<String, Wrong> {
    let number = number(value, "fixed-point")?;
    // Nothing has no sign.
    let number = if number == 0.0 { 0.0 } else { number };
    if let Some(name) = localized(number) {
        return Ok(name.to_owned());
    }
    let plain = format!("{number:.precision$}");
    let (whole, fraction) = plain.split_at_checked(plain.find('.').unwrap_or(plain.len())).unwrap_or((&plain, ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut out = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(fraction);
    Ok(out)
}

/// `%e`, as people write it: `1.05×10⁰³`. What stands as the precision is taken for the width, and the digits are
/// always six: so cel-go hands it on.
fn scientific(value: &Value, width: usize) -> Result<String, Wrong> {
    const SUPERSCRIPT: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let number = number(value, "scientific")?;
    let text = if let Some(name) = localized(number) {
        name.to_owned()
    } else {
        let number = if number == 0.0 { 0.0 } else { number };
        let plain = format!("{number:.6e}");
        let (mantissa, exponent) = plain.split_once('e').unwrap_or((&plain, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let mut out = [mantissa, "×10", if exponent < 0 { "⁻" } else { "" }].concat();
        for digit in format!("{:02}", exponent.unsigned_abs()).chars() {
            out.extend(digit.to_digit(10).and_then(|digit| SUPERSCRIPT.get(digit as usize)));
        }
        out
    };
    Ok(format!("{text:>width$}"))
}

fn signed(value: i64, render: &dyn Fn(u64) -> String) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", render(value.unsigned_abs()))
}

/// `%b`
fn binary(value: &Value) -> Result<String, Wrong> {
    let render = |number: u64| format!("{number:b}");
    match value {
        Value::Int(number) => Ok(signed(*number, &render)),
        Value::Uint(number) => Ok(render(*number)),
        Value::Bool(value) => Ok(if *value { "1" } else { "0" }.to_owned()),
        _ => words(&format!("only integers and bools can be formatted as binary, was given {}", value.type_name())),
    }
}

/// `%x`, `%X`
fn hex(value: &Value, upper: bool) -> Result<String, Wrong> {
    let render = |number: u64| format!("{number:x}");
    let of_bytes = |bytes: &[u8]| {
        let mut out = String::with_capacity(bytes.len() * 2);
        for byte in bytes {
            let _ = write!(out, "{byte:02x}");
        }
        out
    };
    let text = match value {
        Value::Int(number) => signed(*number, &render),
        Value::Uint(number) => render(*number),
        Value::String(text) => of_bytes(text.as_bytes()),
        Value::Bytes(bytes) => of_bytes(bytes),
        _ => {
            return words(&format!(
                "only integers, byte buffers, and strings can be formatted as hex, was given {}",
                value.type_name()
            ));
        }
    };
    Ok(if upper { text.to_ascii_uppercase() } else { text })
}

/// `%o`
fn octal(value: &Value) -> Result<String, Wrong> {
    let render = |number: u64| format!("{number:o}");
    match value {
        Value::Int(number) => Ok(signed(*number, &render)),
        Value::Uint(number) => Ok(render(*number)),
        _ => words(&format!("octal clause can only be used on integers, was given {}", value.type_name())),
    }
}
