//! Numbers as Go prints and converts them.

use super::{Failure, fail};

/// `%g` with the shortest digits, as Go's `fmt` prints a float.
pub(crate) fn general(value: f64) -> String {
    if !value.is_finite() {
        return not_finite(value).to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) || value == 0.0 {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

/// What Go calls a float that is no number.
pub(crate) fn not_finite(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "+Inf"
    } else {
        "-Inf"
    }
}

/// `doubleToInt64Checked`
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "what does not fit is refused")]
pub(crate) fn double_to_int(value: f64) -> Result<i64, Failure> {
    if value.is_nan() || value <= i64::MIN as f64 || value >= i64::MAX as f64 {
        return Err(fail("integer overflow"));
    }
    Ok(value as i64)
}

/// `doubleToUint64Checked`
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "what does not fit is refused"
)]
pub(crate) fn double_to_uint(value: f64) -> Result<u64, Failure> {
    if value.is_nan() || value < 0.0 || value >= u64::MAX as f64 {
        return Err(fail("unsigned integer overflow"));
    }
    Ok(value as u64)
}
