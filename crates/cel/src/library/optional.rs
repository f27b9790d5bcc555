//! Optional values (cel-go's `cel/library.go`); `or` and `orValue` are the evaluator's.

use std::sync::Arc;

use super::{Call, Functions};
use crate::value::{Outcome, Value, fail, failed};

pub(super) const FUNCTIONS: Functions = &[
    ("optional.of", of),
    ("optional.ofNonZeroValue", of_non_zero),
    ("optional.none", none),
    ("hasValue", has_value),
    ("value", value),
    ("first", first),
    ("last", last),
    ("optional.unwrap", unwrapped),
    ("unwrapOpt", unwrapped),
];

fn of(call: &Call<'_>) -> Outcome {
    Ok(Value::some(call.one()?.clone()))
}

fn of_non_zero(call: &Call<'_>) -> Outcome {
    let value = call.one()?;
    Ok(if value.is_zero() { Value::Optional(None) } else { Value::some(value.clone()) })
}

fn none(_: &Call<'_>) -> Outcome {
    Ok(Value::Optional(None))
}

fn has_value(call: &Call<'_>) -> Outcome {
    let Value::Optional(inside) = call.one()? else { return Err(call.mismatch()) };
    Ok(Value::Bool(inside.is_some()))
}

fn value(call: &Call<'_>) -> Outcome {
    let Value::Optional(inside) = call.one()? else { return Err(call.mismatch()) };
    inside.as_ref().map(|inside| (**inside).clone()).ok_or(fail("optional.none() dereference"))
}

fn first(call: &Call<'_>) -> Outcome {
    let Value::List(list) = call.one()? else { return Err(call.mismatch()) };
    Ok(Value::Optional(list.get(0).cloned().map(Arc::new)))
}

fn last(call: &Call<'_>) -> Outcome {
    let Value::List(list) = call.one()? else { return Err(call.mismatch()) };
    Ok(Value::Optional(list.len().checked_sub(1).and_then(|at| list.get(at).cloned()).map(Arc::new)))
}

fn unwrapped(call: &Call<'_>) -> Outcome {
    let Value::List(list) = call.one()? else { return Err(call.mismatch()) };
    // An overload is chosen by the first element.
    if list.get(0).is_some_and(|it| !matches!(it, Value::Optional(_))) {
        return Err(call.mismatch());
    }
    let mut items = Vec::new();
    for item in list.iter() {
        match item {
            Value::Optional(inside) => items.extend(inside.as_ref().map(|inside| (**inside).clone())),
            item => return Err(failed(format!("value {} is not optional", item.plain()))),
        }
    }
    Ok(Value::list(items))
}
