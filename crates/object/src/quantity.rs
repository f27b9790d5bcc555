//! Quantities: exact decimal arithmetic and Kubernetes' canonical form (`k8s.io/apimachinery/pkg/api/resource`).

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use seaworthy_document::Value;

use crate::field::Field;

/// An exact amount: `250m`, `1.5Gi`, `12e6`. Exact up to 38 digits, and never finer than a billionth, as Kubernetes has
/// it.
#[derive(Debug, Clone)]
pub struct Quantity {
    /// Times ten to the power of `exponent`; no factor of ten is left in it.
    mantissa: i128,
    /// At least -9; 0 for nothing.
    exponent: i32,
    format: Format,
    /// The power of ten of the number of 64 bits that the server holds, if that is how it holds it.
    scale: Option<i32>,
    /// The text, where the server repeats it though it is not canonical: `+5`, `5E3`, `1.512`.
    spelling: Option<Box<str>>,
}

/// Which family of suffixes a quantity was written with; it decides how it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    BinarySi,
    DecimalSi,
    DecimalExponent,
}

/// A text that is no quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// The number itself is malformed.
    #[error("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    Malformed,
    /// There is no number at all, and the suffix is one that needs the server's slower way of reading.
    #[error("unable to parse numeric part of quantity")]
    Numeric,
    /// The suffix is none of Kubernetes'.
    #[error("unable to parse quantity's suffix")]
    Suffix,
}

/// The finest part: ten to the power of this.
const FINEST: i32 = -9;

/// What has more digits the server does not hold as a number of 64 bits (`maxInt64Factors`).
const DIGITS_OF_64_BITS: usize = 18;

/// Units and billionths.
const NANOS: i128 = 1_000_000_000;

/// Kubernetes caps a quantity with a suffix of powers of two here.
const MAX_BINARY: i128 = i64::MAX as i128;

impl Quantity {
    fn new(mantissa: i128, exponent: i32, format: Format) -> Self {
        let (mut mantissa, mut exponent) = (mantissa, if mantissa == 0 { 0 } else { exponent });
        // 64 bits hold nearly every amount, and are divided many times faster.
        if let Ok(mut number) = i64::try_from(mantissa) {
            while number != 0 && number % 10 == 0 {
                number /= 10;
                exponent += 1;
            }
            mantissa = number.into();
        } else {
            while mantissa % 10 == 0 {
                mantissa /= 10;
                exponent += 1;
            }
        }
        Self { mantissa, exponent, format, scale: Some(exponent), spelling: None }
    }

    /// A whole number of units.
    #[must_use]
    pub fn from_units(units: i64) -> Self {
        Self::new(units.into(), 0, Format::DecimalSi)
    }

    /// A field as the server reads it: a text, blanks around it aside, or a number.
    #[must_use]
    pub fn of(field: Field<'_>) -> Option<Self> {
        match field.value() {
            Value::String(text) => text.trim().parse().ok(),
            Value::Int(value) => value.to_string().parse().ok(),
            Value::Float(value) => value.to_string().parse().ok(),
            _ => None,
        }
    }

    /// Nothing.
    #[must_use]
    pub fn zero() -> Self {
        Self::from_units(0)
    }

    /// True for nothing.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.mantissa == 0
    }

    /// True below nothing.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.mantissa < 0
    }

    /// Whole units, rounded away from zero, as `Quantity.Value()`.
    #[must_use]
    pub fn value(&self) -> i128 {
        self.scaled(0)
    }

    /// Thousandths, rounded away from zero, as `Quantity.MilliValue()`.
    #[must_use]
    pub fn milli_value(&self) -> i128 {
        self.scaled(-3)
    }

    /// Whole units as the server counts on with them in 64 bits: of what is too large, the lowest bits or nothing.
    #[must_use]
    pub fn value_in_64_bits(&self) -> i64 {
        self.in_64_bits(0)
    }

    /// The same in thousandths.
    #[must_use]
    pub fn milli_value_in_64_bits(&self) -> i64 {
        self.in_64_bits(-3)
    }

    /// `ScaledValue`: what is held as a number of 64 bits is multiplied at once by a few powers of ten, and by others
    /// step by step, which gives it up; any other amount loses its highest bits.
    #[allow(clippy::cast_possible_truncation, reason = "the lowest bits are meant")]
    fn in_64_bits(&self, exponent: i32) -> i64 {
        let number = self.scaled(exponent);
        match (i64::try_from(number), self.scale.map(|scale| scale - exponent)) {
            (Ok(number), _) => number,
            (Err(_), Some(steps)) if !matches!(steps, 0..=3 | 6 | 9) => 0,
            _ if self.exponent < exponent => number as i64,
            _ => (self.mantissa as i64).wrapping_mul(10i64.wrapping_pow(self.exponent.abs_diff(exponent))),
        }
    }

    /// Billionths, exactly, up to what fits.
    #[must_use]
    pub fn nanos(&self) -> i128 {
        self.scaled(FINEST)
    }

    /// True if it is written with a suffix of powers of two.
    #[must_use]
    pub fn is_binary(&self) -> bool {
        self.format == Format::BinarySi
    }

    /// The sum, in the format of the first; in that of the other if the first is nothing.
    #[must_use]
    pub fn plus(&self, other: &Quantity) -> Quantity {
        let format = if self.is_zero() { other.format } else { self.format };
        let exponent = self.exponent.min(other.exponent);
        let sum = self.scaled(exponent).saturating_add(other.scaled(exponent));
        Quantity::new(sum, exponent, format)
    }

    /// The same, rounded away from zero to thousandths: what the server makes of an amount of a resource.
    #[must_use]
    pub fn rounded_to_thousandths(self) -> Quantity {
        if self.exponent >= -3 { self } else { Quantity::new(self.milli_value(), -3, self.format) }
    }

    /// The difference, in the format of the first; in that of the other if the first is nothing.
    #[must_use]
    pub fn minus(&self, other: &Quantity) -> Quantity {
        self.plus(&Quantity {
            mantissa: -other.mantissa,
            exponent: other.exponent,
            format: other.format,
            scale: None,
            spelling: None,
        })
    }

    /// So many per cent of it, rounded away from zero to a billionth.
    #[must_use]
    pub fn percent(&self, percent: i64) -> Quantity {
        let product = self.nanos().saturating_mul(percent.into());
        Quantity::new(away_from_zero(product, 100), FINEST, self.format)
    }

    /// The number of steps of ten to the power of `exponent`, rounded away from zero, up to what fits.
    fn scaled(&self, exponent: i32) -> i128 {
        let power = self.exponent.abs_diff(exponent);
        if power == 0 {
            return self.mantissa;
        }
        let factor = 10i128.checked_pow(power);
        if self.exponent < exponent {
            return factor.map_or(self.mantissa.signum(), |factor| away_from_zero(self.mantissa, factor));
        }
        let limit = if self.is_negative() { i128::MIN } else { i128::MAX };
        factor.and_then(|factor| self.mantissa.checked_mul(factor)).unwrap_or(limit)
    }

    /// The canonical form: no fraction, the largest suffix that keeps it exact.
    #[must_use]
    pub fn canonical(&self) -> String {
        if self.format == Format::BinarySi && self.exponent >= 0 && self.value().abs() >= 1024 {
            let mut value = self.value();
            let mut suffix = "";
            for next in ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] {
                if value % 1024 != 0 {
                    break;
                }
                value /= 1024;
                suffix = next;
            }
            return format!("{value}{suffix}");
        }
        let exponent = self.exponent.div_euclid(3) * 3;
        let zeros = if self.exponent == exponent {
            ""
        } else if self.exponent == exponent + 1 {
            "0"
        } else {
            "00"
        };
        let suffix = match (self.format, exponent) {
            (_, 0) => String::new(),
            (Format::DecimalExponent, _) => format!("e{exponent}"),
            // What is too large for a suffix has none: so the server prints it.
            _ => DECIMAL.iter().find(|(_, of)| *of == exponent).map_or("", |(suffix, _)| suffix).to_owned(),
        };
        format!("{}{zeros}{suffix}", self.mantissa)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        let exponent = self.exponent.min(other.exponent);
        // One of the two keeps its mantissa; the other one, if it does not fit, is the larger in size.
        let by_size = self.scaled(exponent).cmp(&other.scaled(exponent));
        by_size.then_with(|| self.exponent.cmp(&other.exponent)).then_with(|| self.mantissa.cmp(&other.mantissa))
    }
}

impl fmt::Display for Quantity {
    /// As the server prints it: in canonical form, but for a few spellings that it takes for canonical.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spelling.as_deref().unwrap_or(&self.canonical()))
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        if text.is_empty() {
            return Err(QuantityError::Malformed);
        }
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (whole, rest) = digits(unsigned.trim_start_matches('0'));
        let (fraction, suffix) = rest.strip_prefix('.').map_or(("", rest), digits);
        let (base, exponent, format) = parse_suffix(suffix)?;
        // A missing number counts as 0, but not everywhere.
        let slowly = if base == Base::Two { most_digits_of_64_bits(exponent) == 0 } else { exponent < FINEST };
        if slowly && !unsigned.starts_with('0') && whole.is_empty() && fraction.is_empty() {
            return Err(QuantityError::Numeric);
        }
        let (magnitude, of) = match base {
            Base::Two => binary(whole, fraction, exponent),
            Base::Ten => decimal(whole, fraction, exponent),
        };
        let mantissa = if text.starts_with('-') { -magnitude } else { magnitude };
        let below_one = format == Format::BinarySi && of < 0 && magnitude != 0 && magnitude < NANOS;
        let format = if below_one { Format::DecimalSi } else { format };
        let mut quantity = Self::new(mantissa, of, format);
        quantity.scale = scale_of(base, whole, fraction, exponent);
        if is_kept(text, whole, fraction, exponent, format) {
            quantity.spelling = Some(text.into());
        }
        Ok(quantity)
    }
}

/// The digits at the start, and the rest.
fn digits(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit());
    end.and_then(|end| text.split_at_checked(end)).unwrap_or((text, ""))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    Two,
    Ten,
}

const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
const BINARY: [(&str, i32); 6] = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];

/// Base, exponent and format of a suffix.
fn parse_suffix(suffix: &str) -> Result<(Base, i32, Format), QuantityError> {
    let of = |table: &[(&str, i32)]| table.iter().find(|(it, _)| *it == suffix).map(|&(_, exponent)| exponent);
    if let Some(exponent) = of(&DECIMAL) {
        return Ok((Base::Ten, exponent, Format::DecimalSi));
    }
    if let Some(exponent) = of(&BINARY) {
        return Ok((Base::Two, exponent, Format::BinarySi));
    }
    let letters = suffix.trim_start_matches(|c: char| "eEinumkKMGTP".contains(c));
    let number = letters.strip_prefix(['+', '-']).unwrap_or(letters);
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(QuantityError::Malformed);
    }
    let exponent =
        suffix.strip_prefix(['e', 'E']).and_then(|it| it.parse::<i64>().ok()).ok_or(QuantityError::Suffix)?;
    #[expect(clippy::cast_possible_truncation, reason = "the server keeps the low 32 bits")]
    Ok((Base::Ten, exponent as i32, Format::DecimalExponent))
}

/// `whole.fraction * 10^exponent` as mantissa and exponent, rounded up to a billionth.
fn decimal(whole: &str, fraction: &str, exponent: i32) -> (i128, i32) {
    let joined = if fraction.is_empty() { String::new() } else { format!("{whole}{fraction}") };
    let digits = if fraction.is_empty() { whole } else { joined.trim_start_matches('0') };
    let mut exponent = i64::from(exponent).saturating_sub_unsigned(fraction.len() as u64);
    let finer = usize::try_from(i64::from(FINEST) - exponent).unwrap_or(0);
    let cut = finer.max(digits.len().saturating_sub(MOST_DIGITS));
    let (kept, dropped) = digits.split_at_checked(digits.len().saturating_sub(cut)).unwrap_or((digits, ""));
    exponent = exponent.saturating_add_unsigned(cut as u64);
    let rounded_up = i128::from(dropped.bytes().any(|digit| digit != b'0'));
    let mantissa = whole_number(kept).unwrap_or(0) + rounded_up;
    (mantissa, i32::try_from(exponent).unwrap_or(i32::MAX / 2))
}

/// So many digits always fit.
const MOST_DIGITS: usize = 38;

/// `whole.fraction * 2^exponent` as mantissa and exponent, rounded up to a billionth and capped.
fn binary(whole: &str, fraction: &str, exponent: i32) -> (i128, i32) {
    let factor = 1i128 << exponent;
    let Some(whole) = whole_number(whole).and_then(|whole| whole.checked_mul(factor)) else { return (MAX_BINARY, 0) };
    if fraction.is_empty() {
        return (whole.min(MAX_BINARY), 0);
    }
    // From the last digit to the first; rounding up at each step is rounding up once.
    let nanos = fraction
        .bytes()
        .rev()
        .fold(0, |rest, digit| away_from_zero(i128::from(digit - b'0') * factor * NANOS + rest, 10));
    if whole > MAX_BINARY || (whole == MAX_BINARY && nanos > 0) {
        return (MAX_BINARY, 0);
    }
    (whole * NANOS + nanos, FINEST)
}

fn whole_number(digits: &str) -> Option<i128> {
    match digits.len() {
        0 => Some(0),
        1..=DIGITS_OF_64_BITS => digits.parse::<i64>().ok().map(i128::from),
        _ => digits.parse().ok(),
    }
}

/// True if the server keeps the text as it is, because it takes it for canonical though it is not (`ParseQuantity`).
fn is_kept(text: &str, whole: &str, fraction: &str, exponent: i32, format: Format) -> bool {
    let plain = format != Format::DecimalExponent && !text.starts_with(['+', '0']) && !text.contains('.');
    if plain && !text.starts_with("-0") {
        return false;
    }
    let count = whole.len().max(1) + fraction.len();
    if format == Format::BinarySi {
        return fraction.is_empty()
            && count <= most_digits_of_64_bits(exponent)
            && whole_number(whole).is_some_and(|whole| whole % 8 != 0);
    }
    let scale = i64::from(exponent).saturating_sub_unsigned(fraction.len() as u64);
    let shifted = if whole.is_empty() { format!("0{fraction}") } else { format!("{whole}{fraction}") };
    let canonical = scale % 3 == 0 && !shifted.ends_with("000") && !shifted.starts_with('0');
    count <= DIGITS_OF_64_BITS && scale >= i64::from(FINEST) && canonical
}

/// The power of ten of the number of 64 bits that the server makes of so many digits.
fn scale_of(base: Base, whole: &str, fraction: &str, exponent: i32) -> Option<i32> {
    let count = whole.len().max(1) + fraction.len();
    let scale = exponent.saturating_sub(i32::try_from(fraction.len()).unwrap_or(i32::MAX));
    (base == Base::Ten && count <= DIGITS_OF_64_BITS && scale >= FINEST).then_some(scale)
}

/// How many digits before a suffix of powers of two the server is sure to fit into 64 bits.
fn most_digits_of_64_bits(exponent: i32) -> usize {
    match exponent {
        10 => 11,
        20 => 8,
        30 => 5,
        40 => 2,
        _ => 0,
    }
}

fn away_from_zero(value: i128, divisor: i128) -> i128 {
    value / divisor + if value % divisor == 0 { 0 } else { value.signum() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        text.parse::<Quantity>().unwrap().canonical()
    }

    #[test]
    fn canonical_form() {
        for (text, want) in [
            ("1500m", "1500m"),
            ("1000m", "1"),
            ("0.5", "500m"),
            ("1.5Gi", "1536Mi"),
            ("1024Mi", "1Gi"),
            ("1000Ki", "1000Ki"),
            ("512", "512"),
            ("12e6", "12e6"),
            ("1E", "1E"),
            ("0", "0"),
            ("-100m", "-100m"),
            ("0.1n", "1n"),
            ("1.5Ki", "1536"),
            ("100000000000000000000", "100E"),
            ("1000E", "1"),
            ("10Ei", "9223372036854775807"),
            ("+5", "5"),
            ("Gi", "0"),
        ] {
            assert_eq!(canonical(text), want, "{text}");
        }
    }

    #[test]
    fn equal_whatever_the_spelling() {
        let quantity = |text: &str| text.parse::<Quantity>().unwrap();
        assert_eq!(quantity("1Gi"), quantity("1024Mi"));
        assert_eq!(quantity("0.1"), quantity("100m"));
        assert!(quantity("1G") < quantity("1Gi"));
        assert_eq!(quantity("100m").value(), 1);
        assert_eq!(quantity("1500u").milli_value(), 2);
    }

    #[test]
    fn an_amount_of_a_resource_has_no_finer_part_than_a_thousandth() {
        for (text, want) in [("100.5m", "101m"), ("0.1n", "1m"), ("-1500u", "-2m"), ("1.5", "1500m"), ("5E3", "5E3")] {
            assert_eq!(text.parse::<Quantity>().unwrap().rounded_to_thousandths().to_string(), want, "{text}");
        }
    }

    #[test]
    fn numbers_of_64_bits() {
        // As Kubernetes' own package has them.
        for (text, value, milli) in [
            ("1500m", 2, 1500),
            ("1E", 1_000_000_000_000_000_000, 0),
            ("1000000000000000000", 1_000_000_000_000_000_000, 3_875_820_019_684_212_736),
            ("999999999999999999", 999_999_999_999_999_999, 3_875_820_019_684_211_736),
            ("9223372036854775808", i64::MIN, 0),
            ("9223372036854775.807E", -1_000_000_000_000_000, -1_000_000_000_000_000_000),
            ("92233720368547758", 92_233_720_368_547_758, -80),
            ("123456789012345678", 123_456_789_012_345_678, -5_670_419_503_621_183_312),
            ("12E", 0, 0),
            ("10e399", 0, 0),
            ("-1E", -1_000_000_000_000_000_000, 0),
        ] {
            let quantity: Quantity = text.parse().unwrap();
            assert_eq!((quantity.value_in_64_bits(), quantity.milli_value_in_64_bits()), (value, milli), "{text}");
        }
    }

    #[test]
    fn what_is_no_quantity() {
        for text in ["", "abc", "1.2.3", "1 Gi", "10GB", "1KI", "--1", "1e", "1Ee3", "1+3", "0x10"] {
            assert!(text.parse::<Quantity>().is_err(), "{text:?}");
        }
    }
}
