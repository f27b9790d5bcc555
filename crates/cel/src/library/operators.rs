//! Operators (cel-go's `common/stdlib` and the arithmetic of `common/types`).

use std::cmp::Ordering;

use super::{Call, Functions, LONGEST};
use crate::value::{Equality, Failure, List, Outcome, Timestamp, Value, compare, fail, failed, no_such_overload};

pub(super) const FUNCTIONS: Functions = &[
    ("_==_", equal),
    ("_!=_", not_equal),
    ("_<_", ordered),
    ("_<=_", ordered),
    ("_>_", ordered),
    ("_>=_", ordered),
    ("_+_", plus),
    ("_-_", arithmetic),
    ("_*_", arithmetic),
    ("_/_", arithmetic),
    ("_%_", arithmetic),
    ("-_", negate),
    ("!_", not),
    ("@in", is_in),
    ("_in_", is_in),
    ("size", size),
    ("cel.@mapInsert", map_insert),
];

const INT_OVERFLOW: &str = "integer overflow";
const UINT_OVERFLOW: &str = "unsigned integer overflow";
const TIMESTAMP_OVERFLOW: &str = "timestamp overflow";

fn equal(call: &Call<'_>) -> Outcome {
    let (left, right) = call.two()?;
    match left.equals(right) {
        Equality::True => Ok(Value::Bool(true)),
        Equality::False => Ok(Value::Bool(false)),
        Equality::Error => Err(no_such_overload()),
    }
}

fn not_equal(call: &Call<'_>) -> Outcome {
    let (left, right) = call.two()?;
    Ok(Value::Bool(left.equals(right) != Equality::True))
}

fn ordered(call: &Call<'_>) -> Outcome {
    let (left, right) = call.two()?;
    let order = compare(left, right).ok_or_else(|| call.operands(false))??;
    Ok(Value::Bool(match call.name {
        "_<_" => order == Ordering::Less,
        "_<=_" => order != Ordering::Greater,
        "_>_" => order == Ordering::Greater,
        _ => order != Ordering::Less,
    }))
}

fn plus(call: &Call<'_>) -> Outcome {
    let (left, right) = call.two()?;
    let known = is_number(left) || matches!(left, Value::String(_) | Value::Bytes(_) | Value::List(_)) || is_time(left);
    if !known {
        return Err(call.operands(false));
    }
    let sum = add(left, right)?;
    match &sum {
        Value::String(text) => call.works(text.len())?,
        Value::Bytes(bytes) => call.works(bytes.len())?,
        Value::List(list) if list.is_flat() => call.works(list.len())?,
        _ => {}
    }
    Ok(sum)
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Uint(_) | Value::Double(_))
}

fn is_time(value: &Value) -> bool {
    matches!(value, Value::Duration(_) | Value::Timestamp(_))
}

/// `left + right`
pub(crate) fn add(left: &Value, right: &Value) -> Outcome {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => int(left.checked_add(*right)),
        (Value::Uint(left), Value::Uint(right)) => uint(left.checked_add(*right)),
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(left + right)),
        (Value::String(left), Value::String(right)) if left.len() + right.len() > LONGEST => Err(Failure::CostLimit),
        (Value::String(left), Value::String(right)) => Ok(Value::string(&[&**left, &**right].concat())),
        (Value::Bytes(left), Value::Bytes(right)) => Ok(Value::Bytes([&**left, &**right].concat().into())),
        // Durations overflow as the integers they are.
        (Value::Duration(left), Value::Duration(right)) => duration(left.checked_add(*right)),
        (Value::Timestamp(time), Value::Duration(nanos)) | (Value::Duration(nanos), Value::Timestamp(time)) => {
            timestamp(time.plus(*nanos))
        }
        (Value::List(left), Value::List(right)) => Ok(Value::List(List::join(left, right)?)),
        _ => Err(no_such_overload()),
    }
}

fn arithmetic(call: &Call<'_>) -> Outcome {
    let (left, right) = call.two()?;
    let operator = call.name;
    let known = match left {
        Value::Int(_) | Value::Uint(_) => true,
        Value::Double(_) => operator != "_%_",
        Value::Duration(_) | Value::Timestamp(_) => operator == "_-_",
        _ => false,
    };
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => ints(operator, *left, *right),
        (Value::Uint(left), Value::Uint(right)) => uints(operator, *left, *right),
        (Value::Double(left), Value::Double(right)) if known => Ok(Value::Double(match operator {
            "_-_" => left - right,
            "_*_" => left * right,
            _ => left / right,
        })),
        (Value::Duration(left), Value::Duration(right)) if known => duration(left.checked_sub(*right)),
        (Value::Timestamp(left), Value::Timestamp(right)) if known => duration(left.since(*right)),
        (Value::Timestamp(time), Value::Duration(nanos)) if known => {
            timestamp(time.plus(nanos.checked_neg().ok_or(fail(INT_OVERFLOW))?))
        }
        _ => Err(call.operands(known)),
    }
}

fn ints(operator: &str, left: i64, right: i64) -> Outcome {
    match operator {
        "_-_" => int(left.checked_sub(right)),
        "_*_" => int(left.checked_mul(right)),
        "_/_" if right == 0 => Err(fail("division by zero")),
        "_/_" => int(left.checked_div(right)),
        _ if right == 0 => Err(fail("modulus by zero")),
        _ => int(left.checked_rem(right)),
    }
}

fn uints(operator: &str, left: u64, right: u64) -> Outcome {
    match operator {
        "_-_" => uint(left.checked_sub(right)),
        "_*_" => uint(left.checked_mul(right)),
        "_/_" if right == 0 => Err(fail("division by zero")),
        "_/_" => uint(left.checked_div(right)),
        _ if right == 0 => Err(fail("modulus by zero")),
        _ => uint(left.checked_rem(right)),
    }
}

fn int(value: Option<i64>) -> Outcome {
    value.map(Value::Int).ok_or(fail(INT_OVERFLOW))
}

fn uint(value: Option<u64>) -> Outcome {
    value.map(Value::Uint).ok_or(fail(UINT_OVERFLOW))
}

fn duration(value: Option<i64>) -> Outcome {
    value.map(Value::Duration).ok_or(fail(INT_OVERFLOW))
}

fn timestamp(value: Option<Timestamp>) -> Outcome {
    value.map(Value::Timestamp).ok_or(fail(TIMESTAMP_OVERFLOW))
}

fn negate(call: &Call<'_>) -> Outcome {
    match call.one()? {
        Value::Int(value) => int(value.checked_neg()),
        Value::Double(value) => Ok(Value::Double(-value)),
        Value::Duration(nanos) => duration(nanos.checked_neg()),
        value => Err(call.operands(matches!(value, Value::Bool(_)))),
    }
}

fn not(call: &Call<'_>) -> Outcome {
    match call.one()? {
        Value::Bool(value) => Ok(Value::Bool(!value)),
        _ => Err(no_such_overload()),
    }
}

fn is_in(call: &Call<'_>) -> Outcome {
    match call.two()? {
        (element, Value::List(list)) => Ok(Value::Bool(list.contains(element))),
        (key, Value::Map(map)) => Ok(Value::Bool(map.get(key).is_some())),
        _ => Err(no_such_overload()),
    }
}

fn size(call: &Call<'_>) -> Outcome {
    // Addresses have a size, but not to expressions.
    let sized = |it: &&Value| matches!(it, Value::String(_) | Value::Bytes(_) | Value::List(_) | Value::Map(_));
    let value = Some(call.one()?).filter(sized);
    let size = value.and_then(Value::size).ok_or_else(|| call.operands(false))?;
    Ok(Value::Int(i64::try_from(size).unwrap_or(i64::MAX)))
}

fn map_insert(call: &Call<'_>) -> Outcome {
    match call.args {
        [map, rest @ ..] => insert(map.clone(), rest),
        [] => Err(call.mismatch()),
    }
}

/// `cel.@mapInsert(map, key, value)` and `cel.@mapInsert(map, map)` of the two-variable comprehensions.
pub(crate) fn insert(map: Value, rest: &[Value]) -> Outcome {
    let Value::Map(mut map) = map else { return Err(no_such_overload()) };
    let mut put = |key: &Value, value: &Value| match map.insert(key.clone(), value.clone()) {
        true => Ok(()),
        false => Err::<(), Failure>(failed(format!("insert failed: key {} already exists", key.plain()))),
    };
    match rest {
        [key, value] => put(key, value)?,
        [Value::Map(others)] => others.iter().try_for_each(|(key, value)| put(key, value))?,
        _ => return Err(no_such_overload()),
    }
    Ok(Value::Map(map))
}
