//! Quantities as Go holds them, which `%#v` shows (k8s.io/apimachinery, pkg/api/resource, `ParseQuantity`).

use std::borrow::Cow;

use seaworthy_document::{Node, Value as Json};
use seaworthy_object::Quantity;

use seaworthy_cel::quoted;

/// Numbers with more digits are held in another way (`maxInt64Factors`).
const DIGITS: usize = 18;
/// The finest part of that way.
const NANO: i32 = -9;
/// Suffixes with the power of ten, and with the power of two.
const DECIMAL: &[(&str, i32)] =
    &[("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
const BINARY: &[(&str, u32)] = &[("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];

/// What a quantity is read from: a text, or a number as JSON has it, for which YAML's `1e3` is 1000.
pub(in crate::validate) fn quantity_text(node: Node<'_>) -> Option<Cow<'_, str>> {
    Some(match node.value() {
        Json::String(text) => Cow::Borrowed(text.trim()),
        Json::Int(number) if i64::try_from(number).is_ok() || u64::try_from(number).is_ok() => {
            Cow::Owned(number.to_string())
        }
        Json::Int(number) => Cow::Owned(float(number as f64)),
        Json::Float(number) => Cow::Owned(float(number)),
        _ => return None,
    })
}

/// A number as Go's `encoding/json` writes it.
fn float(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return number.to_string();
    }
    let text = format!("{number:e}");
    if text.contains("e-") { text } else { text.replace('e', "e+") }
}

/// A `resource.Quantity` of a text that is one.
pub(super) struct Held {
    /// None if it is held as a decimal number of any length, behind a pointer.
    number: Option<(i64, i32)>,
    /// The text, if Go has it already.
    text: Option<String>,
    format: &'static str,
}

impl Held {
    /// As it is decoded.
    pub(super) fn of(text: &str) -> Self {
        if text == "0" {
            return Self { number: Some((0, 0)), text: Some(text.to_owned()), format: "DecimalSI" };
        }
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let stripped = unsigned.trim_start_matches('0');
        let (whole, rest) = digits(stripped);
        let (fraction, suffix) = rest.strip_prefix('.').map_or(("", rest), digits);
        let shifted = format!("{}{fraction}", if whole.is_empty() { "0" } else { whole });
        let sign = if text.starts_with('-') { -1 } else { 1 };
        let fraction = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
        if let Some((_, power)) = BINARY.iter().find(|(of, _)| *of == suffix) {
            return Self::binary(text, &shifted, sign, *power, fraction == 0);
        }
        let named = DECIMAL.iter().find(|(of, _)| *of == suffix);
        let format = if named.is_some() { "DecimalSI" } else { "DecimalExponent" };
        let exponent = named.map(|(_, power)| *power).or_else(|| suffix.get(1..)?.parse().ok()).unwrap_or(0);
        let scale = exponent.saturating_sub(fraction);
        let number = shifted.parse::<i64>().ok().filter(|_| shifted.len() <= DIGITS && scale >= NANO);
        let kept = scale % 3 == 0 && !shifted.ends_with("000") && !shifted.starts_with('0');
        Self {
            number: number.map(|it| (sign * it, scale)),
            text: (number.is_some() && kept).then(|| text.to_owned()),
            format,
        }
    }

    fn binary(text: &str, digits: &str, sign: i64, power: u32, is_whole: bool) -> Self {
        let room = 15 - i64::try_from(digits.len()).unwrap_or(i64::MAX) - i64::from(power * 3 / 10) - 1;
        let number = digits.parse::<i64>().ok().filter(|_| is_whole && room >= 0);
        let shifted = number.and_then(|it| it.checked_mul(1_i64.checked_shl(power)?));
        Self {
            number: shifted.map(|it| (sign * it, 0)),
            text: number.filter(|it| shifted.is_some() && it % 8 != 0).map(|_| text.to_owned()),
            format: "BinarySI",
        }
    }

    /// Nothing, as a null is decoded.
    pub(super) fn nothing() -> Self {
        Self { number: Some((0, 0)), text: None, format: "" }
    }

    /// Rounded away from zero to thousandths (`RoundUp`).
    pub(super) fn rounded(self) -> Self {
        match self.number {
            None => Self { text: None, ..self },
            Some((number, scale)) if scale < -3 => {
                let factor = 10_i64.pow((-3 - scale).unsigned_abs());
                let up = if number % factor == 0 { 0 } else { number.signum() };
                Self { number: Some((number / factor + up, -3)), text: None, ..self }
            }
            Some(_) => self,
        }
    }

    /// After `String()`, which keeps the text.
    pub(super) fn written(self, quantity: &Quantity) -> Self {
        Self { text: self.text.or_else(|| Some(quantity.to_string())), ..self }
    }

    /// `%#v`.
    pub(super) fn show(&self, out: &mut String) {
        let (number, scale) = self.number.unwrap_or_default();
        let pointer = if self.number.is_some() { "nil" } else { "0xc000000000" };
        let (text, format) = (quoted(self.text.as_deref().unwrap_or_default()), self.format);
        out.push_str(&format!(
            "resource.Quantity{{i:resource.int64Amount{{value:{number}, scale:{scale}}}, \
             d:resource.infDecAmount{{Dec:(*inf.Dec)({pointer})}}, s:{text}, Format:\"{format}\"}}"
        ));
    }
}

/// The digits a text begins with, and the rest.
fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::Held;

    #[test]
    fn numbers_as_json_has_them() {
        for (number, text) in
            [(1e3, "1000"), (1.5, "1.5"), (1e21, "1e+21"), (1e-7, "1e-7"), (0.0, "0"), (-2e22, "-2e+22")]
        {
            assert_eq!(super::float(number), text);
        }
    }

    #[test]
    fn as_go_holds_it() {
        for (text, number, kept, format) in [
            ("0", Some((0, 0)), Some("0"), "DecimalSI"),
            ("100m", Some((100, -3)), Some("100m"), "DecimalSI"),
            ("1.5", Some((15, -1)), None, "DecimalSI"),
            ("1.512", Some((1512, -3)), Some("1.512"), "DecimalSI"),
            ("1000", Some((1000, 0)), None, "DecimalSI"),
            ("-2", Some((-2, 0)), Some("-2"), "DecimalSI"),
            ("5e3", Some((5, 3)), Some("5e3"), "DecimalExponent"),
            ("1Gi", Some((1 << 30, 0)), Some("1Gi"), "BinarySI"),
            ("8Mi", Some((8 << 20, 0)), None, "BinarySI"),
            ("0.5Gi", None, None, "BinarySI"),
            ("1.0000000001", None, None, "DecimalSI"),
        ] {
            let held = Held::of(text);
            assert_eq!((held.number, held.text.as_deref(), held.format), (number, kept, format), "{text}");
        }
        let held = Held::of("1500000n").rounded();
        assert_eq!((held.number, held.text), (Some((2, -3)), None));
        let mut shown = String::new();
        Held::nothing().show(&mut shown);
        assert!(shown.ends_with("Dec:(*inf.Dec)(nil)}, s:\"\", Format:\"\"}"), "{shown}");
    }
}
