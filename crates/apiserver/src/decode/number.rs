//! Numbers as they stand in the JSON the server gets: Go writes a float without a fraction as a whole number.

use seaworthy_document::Value;

/// The whole number, if it is written as one. Go's `encoding/json` writes floats below 1e21 without an exponent.
#[allow(clippy::cast_possible_truncation, reason = "below 1e21 and without fraction, so it fits 128 bits")]
pub(crate) fn whole(value: Value<'_>) -> Option<i128> {
    match value {
        Value::Int(value) => Some(value),
        Value::Float(value) if value.fract() == 0.0 && value.abs() < 1e21 => Some(value as i128),
        _ => None,
    }
}

/// The number in Go's spelling.
pub(super) fn spelling(value: Value<'_>) -> String {
    match value {
        Value::Int(value) => value.to_string(),
        Value::Float(value) if value != 0.0 && (value.abs() < 1e-6 || value.abs() >= 1e21) => {
            let text = format!("{value:e}");
            match text.split_once('e') {
                Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
                _ => text,
            }
        }
        Value::Float(value) => value.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_without_a_fraction_are_whole() {
        assert_eq!(whole(Value::Float(1.0)), Some(1));
        assert_eq!(whole(Value::Float(-3e9)), Some(-3_000_000_000));
        assert_eq!(whole(Value::Float(1.5)), None);
        assert_eq!(whole(Value::Float(1e21)), None);
    }

    #[test]
    fn the_spelling_is_go_s() {
        for (value, text) in
            [(1.5, "1.5"), (1e21, "1e+21"), (1.25e-7, "1.25e-7"), (0.0, "0"), (1e20, "100000000000000000000")]
        {
            assert_eq!(spelling(Value::Float(value)), text);
        }
    }
}
