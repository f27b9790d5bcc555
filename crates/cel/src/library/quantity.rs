//! Quantities (the API server's `quantity.go`); comparisons are shared with semantic versions.

use std::cmp::Ordering;
use std::sync::Arc;

use seaworthy_object::Quantity;

use super::{Call, Functions};
use crate::value::{Amount, Failure, Outcome, Value, fail, failed};

pub(super) const FUNCTIONS: Functions = &[
    ("quantity", quantity),
    ("isQuantity", is_quantity),
    ("sign", sign),
    ("isInteger", is_integer),
    ("asInteger", as_integer),
    ("asApproximateFloat", as_float),
    ("isGreaterThan", compared),
    ("isLessThan", compared),
    ("compareTo", compared),
    ("add", add),
    ("sub", sub),
];

fn quantity(call: &Call<'_>) -> Outcome {
    let text = call.text()?;
    let quantity: Quantity = text.parse().map_err(|error| failed(format!("{error}")))?;
    Ok(Value::Quantity(Arc::new(Amount::new(quantity, text))))
}

impl Amount {
    /// A quantity as it is written.
    #[must_use]
    pub fn new(quantity: Quantity, text: &str) -> Self {
        Self { quantity, scale: scale_of(text) }
    }
}

fn is_quantity(call: &Call<'_>) -> Outcome {
    Ok(Value::Bool(call.text()?.parse::<Quantity>().is_ok()))
}

/// The power of ten that Go keeps with a quantity of up to 18 digits (`ParseQuantity`); nothing where it takes a big
/// decimal.
fn scale_of(text: &str) -> Option<i32> {
    let number = text.trim_start_matches(['+', '-']);
    let end = number.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(number.len());
    let (number, suffix) = number.split_at_checked(end)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = whole.trim_start_matches('0').len() + fraction.len();
    let fraction = i32::try_from(fraction.len()).ok()?;
    let exponent = match suffix {
        "n" => -9,
        "u" => -6,
        "m" => -3,
        "" => 0,
        "k" => 3,
        "M" => 6,
        "G" => 9,
        "T" => 12,
        "P" => 15,
        "E" => 18,
        _ if suffix.ends_with('i') => return (fraction == 0).then_some(0),
        _ => suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok()?,
    };
    (digits <= 18 && exponent - fraction >= -9).then_some(exponent - fraction)
}

impl Call<'_> {
    fn amount(&self) -> Result<&Amount, Failure> {
        if let [Value::Quantity(amount)] = self.args { Ok(amount) } else { Err(self.mismatch()) }
    }
}

fn sign(call: &Call<'_>) -> Outcome {
    let quantity = &call.amount()?.quantity;
    Ok(Value::Int(if quantity.is_zero() {
        0
    } else if quantity.is_negative() {
        -1
    } else {
        1
    }))
}

/// `AsInt64`
fn integer(amount: &Amount) -> Option<i64> {
    amount.scale.filter(|scale| *scale >= 0)?;
    i64::try_from(amount.quantity.value()).ok()
}

fn is_integer(call: &Call<'_>) -> Outcome {
    Ok(Value::Bool(integer(call.amount()?).is_some()))
}

fn as_integer(call: &Call<'_>) -> Outcome {
    integer(call.amount()?).map(Value::Int).ok_or(fail("cannot convert value to integer"))
}

#[expect(clippy::cast_precision_loss, reason = "it is called approximate")]
fn as_float(call: &Call<'_>) -> Outcome {
    let quantity = &call.amount()?.quantity;
    let nanos = quantity.nanos();
    Ok(Value::Double(match quantity.value() {
        value if value.checked_mul(1_000_000_000) == Some(nanos) => value as f64,
        _ => nanos as f64 / 1e9,
    }))
}

fn compared(call: &Call<'_>) -> Outcome {
    let order = match call.two()? {
        (Value::Quantity(left), Value::Quantity(right)) => left.quantity.cmp(&right.quantity),
        (Value::Semver(left), Value::Semver(right)) => left.order(right),
        _ => return Err(call.mismatch()),
    };
    Ok(match call.name {
        "isGreaterThan" => Value::Bool(order == Ordering::Greater),
        "isLessThan" => Value::Bool(order == Ordering::Less),
        _ => Value::Int(order as i64),
    })
}

fn add(call: &Call<'_>) -> Outcome {
    combined(call, |left, right| left.plus(right))
}

fn sub(call: &Call<'_>) -> Outcome {
    combined(call, |left, right| left.minus(right))
}

fn combined(call: &Call<'_>, combine: fn(&Quantity, &Quantity) -> Quantity) -> Outcome {
    let (Value::Quantity(left), right) = call.two()? else { return Err(call.mismatch()) };
    let of_units;
    let right = match right {
        Value::Quantity(right) => &**right,
        Value::Int(units) => {
            of_units = Amount { quantity: Quantity::from_units(*units), scale: Some(0) };
            &of_units
        }
        _ => return Err(call.mismatch()),
    };
    let quantity = combine(&left.quantity, &right.quantity);
    let scale = left.scale.zip(right.scale).map(|(left, right)| left.min(right));
    Ok(Value::Quantity(Arc::new(Amount { quantity, scale })))
}
