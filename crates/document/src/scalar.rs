//! What a plain scalar means: the resolution of go-yaml v2 (`resolve.go`), which is YAML 1.1 with corrections.

/// The value of a node as Kubernetes sees it after conversion to JSON.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Nothing: `null`, `~`, or an empty value. Kubernetes takes it as absent.
    Null,
    /// `true`, `yes`, `on`, …
    Bool(bool),
    /// A whole number; up to 64 bits, signed or not. `1.0` and `1e3` are whole too: JSON has them as `1` and `1000`.
    Int(i128),
    /// A number with a fraction, or one beyond 64 bits.
    Float(f64),
    /// A string.
    String(&'a str),
    /// A list.
    Sequence,
    /// An object.
    Mapping,
}

impl Value<'_> {
    /// The JSON type, as a person would call it.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::String(_) => "a string",
            Value::Sequence => "a list",
            Value::Mapping => "an object",
        }
    }
}

/// Go's JSON writes a float without fraction as a whole number, and Kubernetes reads that as an integer if 64 bits
/// hold it.
pub(crate) fn number(value: f64) -> Value<'static> {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if value.fract() == 0.0 && (-BEYOND..BEYOND).contains(&value) {
        #[allow(clippy::cast_possible_truncation, reason = "a whole number within 64 bits")]
        return Value::Int(value as i128);
    }
    Value::Float(value)
}

/// A resolved scalar without its text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scalar {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    String,
}

/// Resolves a plain scalar without a tag.
pub(crate) fn resolve_plain(text: &str) -> Scalar {
    match text.bytes().next() {
        None => Scalar::Null,
        Some(b'0'..=b'9' | b'+' | b'-') => resolve_known(text).unwrap_or_else(|| resolve_number(text)),
        Some(b'.') => resolve_known(text).unwrap_or_else(|| resolve_point(text)),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => {
            resolve_known(text).unwrap_or(Scalar::String)
        }
        Some(_) => Scalar::String,
    }
}

/// Spellings that stand in go-yaml's `resolveMap`.
fn resolve_known(text: &str) -> Option<Scalar> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

fn resolve_point(text: &str) -> Scalar {
    // Go's ParseFloat takes underscores only with a base prefix, so none here; hexadecimal floats need `0x`.
    if is_plain_float(text) { parse_float(text) } else { Scalar::String }
}

#[inline(never)]
fn resolve_number(text: &str) -> Scalar {
    if is_timestamp(text) {
        return Scalar::String;
    }
    let stripped;
    let plain = if text.contains('_') {
        stripped = text.replace('_', "");
        stripped.as_str()
    } else {
        text
    };
    if let Some(int) = parse_int(plain).or_else(|| parse_binary_with_sign(plain)) {
        return Scalar::Int(int);
    }
    if is_plain_float(plain) { parse_float(plain) } else { Scalar::String }
}

fn parse_float(text: &str) -> Scalar {
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() => Scalar::Float(float),
        _ => Scalar::String,
    }
}

/// `strconv.ParseInt(s, 0, 64)`, then `ParseUint`, then go-yaml's own `0b`.
fn parse_int(text: &str) -> Option<i128> {
    let (negative, signed, digits) = match text.as_bytes().first()? {
        b'-' => (true, true, text.get(1..)?),
        b'+' => (false, true, text.get(1..)?),
        _ => (false, false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| char::from(byte).is_digit(radix)) {
        return None;
    }
    let magnitude = i128::from(u64::from_str_radix(digits, radix).ok()?);
    let value = if negative { -magnitude } else { magnitude };
    let limit = if signed { i128::from(i64::MAX) } else { i128::from(u64::MAX) };
    (i128::from(i64::MIN)..=limit).contains(&value).then_some(value)
}

/// go-yaml hands what follows `0b` to `ParseInt`, which takes a sign there.
fn parse_binary_with_sign(text: &str) -> Option<i128> {
    let signed = text.strip_prefix("0b")?;
    let digits = signed.strip_prefix(['-', '+'])?;
    if !digits.bytes().all(|byte| matches!(byte, b'0' | b'1')) {
        return None;
    }
    let magnitude = i128::from_str_radix(digits, 2).ok()?;
    let value = if signed.starts_with('-') { -magnitude } else { magnitude };
    i64::try_from(value).ok().map(i128::from)
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_plain_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction),
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    mantissa_fits && exponent_fits
}

/// Dates that go-yaml takes as timestamps stay text; only those that would otherwise be numbers matter, and a number
/// never has a `-` or `:` after four digits.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.get(4) == Some(&b'-') && bytes.iter().take(4).all(u8::is_ascii_digit)
}

/// `strconv.FormatFloat(value, 'g', -1, 32)`: how a number that stands as a mapping key is spelt.
pub(crate) fn float_key(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    #[allow(clippy::cast_possible_truncation, reason = "Go formats the key with 32 bits")]
    let value = value as f32;
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_yaml_does() {
        for (text, want) in [
            ("", Scalar::Null),
            ("~", Scalar::Null),
            ("yes", Scalar::Bool(true)),
            ("yEs", Scalar::String),
            ("off", Scalar::Bool(false)),
            ("017", Scalar::Int(15)),
            ("0o17", Scalar::Int(15)),
            ("08", Scalar::Float(8.0)),
            ("0x1F", Scalar::Int(31)),
            ("0b11", Scalar::Int(3)),
            ("-0b1", Scalar::Int(-1)),
            ("0b-1", Scalar::Int(-1)),
            ("0b+11", Scalar::Int(3)),
            ("0b-+1", Scalar::String),
            ("1_000", Scalar::Int(1000)),
            ("07_7", Scalar::Int(63)),
            ("+1", Scalar::Int(1)),
            ("0o8", Scalar::String),
            ("1:30", Scalar::String),
            ("2001-01-01", Scalar::String),
            ("1e3", Scalar::Float(1000.0)),
            ("1.", Scalar::Float(1.0)),
            (".5", Scalar::Float(0.5)),
            ("1e400", Scalar::String),
            ("18446744073709551615", Scalar::Int(18_446_744_073_709_551_615)),
            ("-", Scalar::String),
            (".", Scalar::String),
            ("1.2.3", Scalar::String),
            ("10.0.0.1", Scalar::String),
            ("100m", Scalar::String),
            ("nope", Scalar::String),
        ] {
            assert_eq!(resolve_plain(text), want, "{text:?}");
        }
    }

    #[test]
    fn keys_that_are_numbers() {
        assert_eq!(float_key(1.0), "1");
        assert_eq!(float_key(0.5), "0.5");
        assert_eq!(float_key(1e30), "1e+30");
        assert_eq!(float_key(1e6), "1e+06");
        assert_eq!(float_key(100_000.0), "100000");
        assert_eq!(float_key(123_456_789.5), "1.2345679e+08");
        assert_eq!(float_key(0.000_01), "1e-05");
        assert_eq!(float_key(f64::NEG_INFINITY), "-.inf");
    }
}
