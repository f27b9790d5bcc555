//! Equality and order.

use std::cmp::Ordering;

use super::{Failure, Value, fail, no_such_overload};

/// What `==` comes to. Values of Kubernetes' own types cannot be asked about others: that is an error to `==`, but
/// neither to `!=` nor within lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equality {
    /// Equal.
    True,
    /// Not equal.
    False,
    /// `no such overload`
    Error,
}

impl From<bool> for Equality {
    fn from(same: bool) -> Self {
        if same { Self::True } else { Self::False }
    }
}

impl Value {
    /// Whether two values are equal: numbers across their types, everything else within its own.
    #[must_use]
    pub fn equals(&self, other: &Value) -> Equality {
        match (self, other) {
            (Value::Null, _) | (_, Value::Null) => (matches!(self, Value::Null) == matches!(other, Value::Null)).into(),
            (Value::Bool(left), Value::Bool(right)) => (left == right).into(),
            (Value::Int(_) | Value::Uint(_) | Value::Double(_), Value::Int(_) | Value::Uint(_) | Value::Double(_)) => {
                (numbers(self, other) == Some(Ordering::Equal)).into()
            }
            (Value::String(left), Value::String(right)) | (Value::Type(left), Value::Type(right)) => {
                (left == right).into()
            }
            (Value::Bytes(left), Value::Bytes(right)) => (left == right).into(),
            (Value::Duration(left), Value::Duration(right)) => (left == right).into(),
            (Value::Timestamp(left), Value::Timestamp(right)) => left.order(*right).is_eq().into(),
            (Value::List(left), Value::List(right)) => left.equals(right),
            (Value::Map(left), Value::Map(right)) => left.equals(right),
            (Value::Optional(left), Value::Optional(right)) => match (left, right) {
                (None, None) => Equality::True,
                (Some(left), Some(right)) => left.equals(right),
                _ => Equality::False,
            },
            (Value::Quantity(left), Value::Quantity(right)) => (left.quantity == right.quantity).into(),
            (Value::Ip(left), Value::Ip(right)) => (left == right).into(),
            (Value::Cidr(left), Value::Cidr(right)) => (left == right).into(),
            (Value::Url(left), Value::Url(right)) => (left.to_string() == right.to_string()).into(),
            (Value::Semver(left), Value::Semver(right)) => left.order(right).is_eq().into(),
            (Value::Format(left), Value::Format(right)) => (left == right).into(),
            (
                Value::Quantity(_)
                | Value::Ip(_)
                | Value::Cidr(_)
                | Value::Url(_)
                | Value::Semver(_)
                | Value::Format(_),
                _,
            ) => Equality::Error,
            _ => Equality::False,
        }
    }
}

/// What `<` and its kind ask (`traits.Comparer`); nothing if the left has no order at all.
pub(crate) fn compare(left: &Value, right: &Value) -> Option<Result<Ordering, Failure>> {
    Some(Ok(match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Int(_) | Value::Uint(_) | Value::Double(_), Value::Int(_) | Value::Uint(_) | Value::Double(_)) => {
            return Some(numbers(left, right).ok_or(fail("NaN values cannot be ordered")));
        }
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Bytes(left), Value::Bytes(right)) => left.cmp(right),
        (Value::Duration(left), Value::Duration(right)) => left.cmp(right),
        (Value::Timestamp(left), Value::Timestamp(right)) => left.order(*right),
        (
            Value::Bool(_)
            | Value::Int(_)
            | Value::Uint(_)
            | Value::Double(_)
            | Value::String(_)
            | Value::Bytes(_)
            | Value::Duration(_)
            | Value::Timestamp(_),
            _,
        ) => return Some(Err(no_such_overload())),
        _ => return None,
    }))
}

/// Numbers as cel-go's `types/compare.go` orders them; nothing where one is none.
#[expect(clippy::cast_precision_loss, reason = "as the server compares them")]
fn numbers(left: &Value, right: &Value) -> Option<Ordering> {
    const LEAST: f64 = i64::MIN as f64;
    const MOST: f64 = i64::MAX as f64;
    const MOST_UNSIGNED: f64 = u64::MAX as f64;
    let with_int = |double: f64, int: i64| {
        if double < LEAST {
            return Some(Ordering::Less);
        }
        if double > MOST { Some(Ordering::Greater) } else { double.partial_cmp(&(int as f64)) }
    };
    let with_uint = |double: f64, uint: u64| {
        if double < 0.0 {
            return Some(Ordering::Less);
        }
        if double > MOST_UNSIGNED { Some(Ordering::Greater) } else { double.partial_cmp(&(uint as f64)) }
    };
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Uint(left), Value::Uint(right)) => Some(left.cmp(right)),
        (Value::Int(left), Value::Uint(right)) => Some(i128::from(*left).cmp(&i128::from(*right))),
        (Value::Uint(left), Value::Int(right)) => Some(i128::from(*left).cmp(&i128::from(*right))),
        (Value::Double(left), Value::Double(right)) => left.partial_cmp(right),
        (Value::Double(left), Value::Int(right)) => with_int(*left, *right),
        (Value::Int(left), Value::Double(right)) => with_int(*right, *left).map(Ordering::reverse),
        (Value::Double(left), Value::Uint(right)) => with_uint(*left, *right),
        (Value::Uint(left), Value::Double(right)) => with_uint(*right, *left).map(Ordering::reverse),
        _ => None,
    }
}
