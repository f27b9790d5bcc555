//! Lists as sets (cel-go's `ext/sets.go`).

use super::{Call, Functions};
use crate::value::{List, Outcome, Value};

pub(super) const FUNCTIONS: Functions = &[("sets.contains", set), ("sets.equivalent", set), ("sets.intersects", set)];

fn set(call: &Call<'_>) -> Outcome {
    let [Value::List(left), Value::List(right)] = call.args else { return Err(call.mismatch()) };
    Ok(Value::Bool(match call.name {
        "sets.contains" => contains(left, right),
        "sets.equivalent" => contains(left, right) && contains(right, left),
        _ => left.iter().any(|item| right.contains(item)),
    }))
}

fn contains(list: &List, part: &List) -> bool {
    part.iter().all(|item| list.contains(item))
}
