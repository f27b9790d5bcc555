//! Quantities: exact decimal arithmetic and Kubernetes' canonical form (`k8s.io/apimachinery/pkg/api/resource`).

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// An exact amount: `250m`, `1.5Gi`, `12e6`. Kept in billionths, the smallest part Kubernetes knows.
#[derive(Debug, Clone)]
pub struct Quantity {
    nanos: i128,
    format: Format,
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
    /// The suffix is none of Kubernetes'.
    #[error("unable to parse quantity's suffix")]
    Suffix,
}

const NANOS: i128 = 1_000_000_000;

/// Kubernetes caps what does not fit 63 bits; so much in billionths.
const MAX: i128 = (i64::MAX as i128) * NANOS;

impl Quantity {
    /// A whole number of units.
    #[must_use]
    pub fn from_units(units: i64) -> Self {
        Self { nanos: i128::from(units) * NANOS, format: Format::DecimalSi }
    }

    /// Nothing.
    #[must_use]
    pub fn zero() -> Self {
        Self::from_units(0)
    }

    /// True for nothing.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.nanos == 0
    }

    /// True below nothing.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.nanos < 0
    }

    /// Whole units, rounded up, as `Quantity.Value()`.
    #[must_use]
    pub fn value(&self) -> i128 {
        ceil(self.nanos, NANOS)
    }

    /// Thousandths, rounded up, as `Quantity.MilliValue()`.
    #[must_use]
    pub fn milli_value(&self) -> i128 {
        ceil(self.nanos, NANOS / 1000)
    }

    /// Billionths, exactly.
    #[must_use]
    pub fn nanos(&self) -> i128 {
        self.nanos
    }

    /// True if it is written with a suffix of powers of two.
    #[must_use]
    pub fn is_binary(&self) -> bool {
        self.format == Format::BinarySi
    }

    /// The sum, in the format of the first.
    #[must_use]
    pub fn plus(&self, other: &Quantity) -> Quantity {
        Quantity { nanos: self.nanos.saturating_add(other.nanos), format: self.format }
    }

    /// So many per cent of it, rounded up to a billionth.
    #[must_use]
    pub fn percent(&self, percent: i64) -> Quantity {
        Quantity { nanos: ceil(self.nanos.saturating_mul(i128::from(percent)), 100), format: self.format }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
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
        self.nanos.cmp(&other.nanos)
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let digits_end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at_checked(digits_end).ok_or(QuantityError::Malformed)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return Err(QuantityError::Malformed);
        }
        let (base, exponent, format) = parse_suffix(suffix)?;
        let magnitude = scale(whole, fraction, base, exponent);
        let nanos = if text.starts_with('-') { -magnitude } else { magnitude };
        Ok(Self { nanos, format })
    }
}

/// Base, exponent and format of a suffix.
fn parse_suffix(suffix: &str) -> Result<(u32, i32, Format), QuantityError> {
    use Format::{BinarySi, DecimalExponent, DecimalSi};
    Ok(match suffix {
        "" => (10, 0, DecimalSi),
        "n" => (10, -9, DecimalSi),
        "u" => (10, -6, DecimalSi),
        "m" => (10, -3, DecimalSi),
        "k" => (10, 3, DecimalSi),
        "M" => (10, 6, DecimalSi),
        "G" => (10, 9, DecimalSi),
        "T" => (10, 12, DecimalSi),
        "P" => (10, 15, DecimalSi),
        "E" => (10, 18, DecimalSi),
        "Ki" => (2, 10, BinarySi),
        "Mi" => (2, 20, BinarySi),
        "Gi" => (2, 30, BinarySi),
        "Ti" => (2, 40, BinarySi),
        "Pi" => (2, 50, BinarySi),
        "Ei" => (2, 60, BinarySi),
        other => {
            let exponent = other.strip_prefix(['e', 'E']).ok_or_else(|| {
                let known = other.chars().all(|c| "eEinumkKMGTP+-0123456789".contains(c));
                if known { QuantityError::Suffix } else { QuantityError::Malformed }
            })?;
            (10, exponent.parse().map_err(|_| QuantityError::Suffix)?, DecimalExponent)
        }
    })
}

/// `whole.fraction * base^exponent` in billionths, rounded up, capped.
fn scale(whole: &str, fraction: &str, base: u32, exponent: i32) -> i128 {
    let digits: String = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return 0;
    }
    let fraction_digits = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
    let decimal_exponent = (if base == 10 { exponent } else { 0 }).saturating_add(9).saturating_sub(fraction_digits);
    // Far more digits than any quantity has: only their size matters.
    let shown: String = digits.chars().take(36).collect();
    let dropped = i32::try_from(digits.len() - shown.len()).unwrap_or(i32::MAX);
    let Ok(mut value) = shown.parse::<i128>() else { return MAX };
    let mut power = decimal_exponent.saturating_add(dropped);
    let binary = if base == 2 { 1i128 << exponent.clamp(0, 60) } else { 1 };
    // Divide last, so that nothing is lost before it must be.
    while power > 0 {
        let Some(next) = value.checked_mul(10) else { return MAX };
        value = next;
        power -= 1;
    }
    let (mut quotient, mut inexact) = (value, dropped > 0);
    let mut product = quotient.checked_mul(binary);
    while product.is_none() && power < 0 {
        inexact |= quotient % 10 != 0;
        quotient /= 10;
        power += 1;
        product = quotient.checked_mul(binary);
    }
    let Some(mut result) = product else { return MAX };
    while power < 0 && result > 0 {
        inexact |= result % 10 != 0;
        result /= 10;
        power += 1;
    }
    if inexact || (power < 0 && result == 0) {
        result += 1;
    }
    result.min(MAX)
}

impl fmt::Display for Quantity {
    /// The canonical form: no fraction, the largest suffix that keeps it exact.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let binary = self.format == Format::BinarySi && self.nanos % NANOS == 0 && self.nanos.abs() >= 1024 * NANOS;
        if binary {
            let mut value = self.nanos / NANOS;
            let mut suffix = "";
            for next in ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] {
                if value % 1024 != 0 {
                    break;
                }
                value /= 1024;
                suffix = next;
            }
            return write!(f, "{value}{suffix}");
        }
        if self.nanos == 0 {
            return f.write_str("0");
        }
        let (mut value, mut exponent) = (self.nanos, -9);
        while value % 1000 == 0 && exponent < 18 {
            value /= 1000;
            exponent += 3;
        }
        if self.format == Format::DecimalExponent {
            return if exponent == 0 { write!(f, "{value}") } else { write!(f, "{value}e{exponent}") };
        }
        let suffix = match exponent {
            -9 => "n",
            -6 => "u",
            -3 => "m",
            3 => "k",
            6 => "M",
            9 => "G",
            12 => "T",
            15 => "P",
            18 => "E",
            _ => "",
        };
        write!(f, "{value}{suffix}")
    }
}

fn ceil(value: i128, divisor: i128) -> i128 {
    let quotient = value.div_euclid(divisor);
    if value.rem_euclid(divisor) == 0 { quotient } else { quotient + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        text.parse::<Quantity>().unwrap().to_string()
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
            ("100000000000000000000", "9223372036854775807"),
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
    fn what_is_no_quantity() {
        for text in ["", "abc", "1.2.3", "1 Gi", "10GB", "1KI", "--1", ".", "1e", "Gi"] {
            assert!(text.parse::<Quantity>().is_err(), "{text:?}");
        }
    }
}
