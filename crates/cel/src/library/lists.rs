//! Lists (the API server's `lists.go`; cel-go's `ext/lists.go`, version 3).

use std::cmp::Ordering;

use seaworthy_source::order;

use super::operators::add;
use super::{Call, Functions};
use crate::types::Type;
use crate::value::{Equality, Failure, List, Outcome, Value, compare, fail, failed, no_such_overload};

pub(super) const FUNCTIONS: Functions = &[
    ("isSorted", is_sorted),
    ("sum", sum),
    ("min", extreme),
    ("max", extreme),
    ("includes", includes),
    ("slice", slice),
    ("flatten", flatten),
    ("sort", sort),
    ("@sortByAssociatedKeys", sort_by),
    ("lists.range", range),
    ("reverse", reverse),
    ("distinct", distinct),
];

/// The longest list that `lists.range` makes, since cel-go 0.29.
const LONGEST_RANGE: i64 = 1_000_000;

impl Call<'_> {
    fn only_list(&self) -> Result<&List, Failure> {
        if let [Value::List(list)] = self.args { Ok(list) } else { Err(self.mismatch()) }
    }

    /// The only argument, a list whose first element decides on the overload.
    fn list_of(&self, fits: fn(&Value) -> bool) -> Result<&List, Failure> {
        let list = self.only_list()?;
        if list.get(0).is_none_or(fits) { Ok(list) } else { Err(self.mismatch()) }
    }
}

fn is_comparable(value: &Value) -> bool {
    compare(value, value).is_some()
}

/// How two elements stand to each other.
fn standing(left: &Value, right: &Value) -> Result<Ordering, Failure> {
    compare(left, right).unwrap_or_else(|| Err(no_such_overload()))
}

fn is_sorted(call: &Call<'_>) -> Outcome {
    let list = call.list_of(is_comparable)?;
    let mut previous: Option<&Value> = None;
    for item in list.iter() {
        if !is_comparable(item) {
            return Err(no_such_overload());
        }
        // What cannot be compared is not out of order.
        if previous.is_some_and(|before| matches!(standing(before, item), Ok(Ordering::Greater))) {
            return Ok(Value::Bool(false));
        }
        previous = Some(item);
    }
    Ok(Value::Bool(true))
}

fn sum(call: &Call<'_>) -> Outcome {
    let summable = |it: &Value| matches!(it, Value::Int(_) | Value::Uint(_) | Value::Double(_) | Value::Duration(_));
    let list = call.list_of(summable)?;
    let zero = match list.get(0) {
        Some(Value::Uint(_)) => Value::Uint(0),
        Some(Value::Double(_)) => Value::Double(0.0),
        Some(Value::Duration(_)) => Value::Duration(0),
        Some(_) => Value::Int(0),
        None => match call.type_of(0) {
            Type::List(element) => zero_of(element),
            _ => Value::Int(0),
        },
    };
    list.iter().try_fold(zero, |sum, item| add(&sum, item))
}

fn zero_of(of: &Type) -> Value {
    match of {
        Type::Uint => Value::Uint(0),
        Type::Double => Value::Double(0.0),
        Type::Duration => Value::Duration(0),
        _ => Value::Int(0),
    }
}

fn extreme(call: &Call<'_>) -> Outcome {
    let list = call.list_of(is_comparable)?;
    let replaces = if call.name == "min" { Ordering::Greater } else { Ordering::Less };
    let mut found: Option<&Value> = None;
    for item in list.iter() {
        if !is_comparable(item) {
            return Err(no_such_overload());
        }
        if found.is_none_or(|found| matches!(standing(found, item), Ok(it) if it == replaces)) {
            found = Some(item);
        }
    }
    found.cloned().ok_or_else(|| failed(format!("{} called on empty list", call.name)))
}

pub(super) fn index_of(list: &List, wanted: &Value) -> Value {
    place(list.iter().position(|item| item.equals(wanted) == Equality::True))
}

pub(super) fn last_index_of(list: &List, wanted: &Value) -> Value {
    let found = (0..list.len()).rev().find(|at| list.get(*at).is_some_and(|it| it.equals(wanted) == Equality::True));
    place(found)
}

fn place(found: Option<usize>) -> Value {
    Value::Int(found.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1))
}

fn includes(call: &Call<'_>) -> Outcome {
    let (target, wanted) = call.two()?;
    Ok(Value::Bool(match target {
        Value::List(list) => list.iter().any(|item| item.equals(wanted) == Equality::True),
        target => target.equals(wanted) == Equality::True,
    }))
}

fn slice(call: &Call<'_>) -> Outcome {
    let [Value::List(list), Value::Int(start), Value::Int(end)] = call.args else { return Err(call.mismatch()) };
    let wrong = |why: &str| Err(failed(format!("cannot slice({start}, {end}), {why}")));
    let (Ok(from), Ok(to)) = (usize::try_from(*start), usize::try_from(*end)) else {
        return wrong("negative indexes not supported");
    };
    if from > to {
        return wrong("start index must be less than or equal to end index");
    }
    if to > list.len() {
        return wrong(&format!("list is length {}", list.len()));
    }
    Ok(list.picked(&mut (from..to)))
}

fn flatten(call: &Call<'_>) -> Outcome {
    let (list, depth) = match call.args {
        [Value::List(list)] => (list, 1),
        [Value::List(list), Value::Int(depth)] => (list, *depth),
        _ => return Err(call.mismatch()),
    };
    let depth = u64::try_from(depth).map_err(|_| fail("level must be non-negative"))?;
    let mut items = Vec::new();
    flatten_into(list, depth, &mut items)?;
    Ok(Value::list(items))
}

/// So many elements are more than any budget pays for.
const MOST: usize = 1 << 22;

fn flatten_into(list: &List, depth: u64, items: &mut Vec<Value>) -> Result<(), Failure> {
    for item in list.iter() {
        match item {
            Value::List(inner) if depth > 0 => flatten_into(inner, depth - 1, items)?,
            item => items.push(item.clone()),
        }
        if items.len() > MOST {
            return Err(Failure::CostLimit);
        }
    }
    Ok(())
}

fn sort(call: &Call<'_>) -> Outcome {
    let list = if let [Value::List(list)] = call.args { list } else { return Err(call.operands(false)) };
    sorted(list, list)
}

fn sort_by(call: &Call<'_>) -> Outcome {
    let [Value::List(list), Value::List(keys)] = call.args else { return Err(call.operands(false)) };
    sorted(list, keys)
}

/// `sortListByAssociatedKeys`
fn sorted(list: &List, keys: &List) -> Outcome {
    if list.len() != keys.len() {
        return Err(failed(format!(
            "@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got {} and {} \
             elements respectively",
            list.len(),
            keys.len()
        )));
    }
    let Some(first) = keys.get(0) else { return Ok(Value::List(list.clone())) };
    if !is_comparable(first) {
        return Err(fail("list elements must be comparable"));
    }
    if list.len() > 1 && keys.iter().any(|key| key.type_name() != first.type_name()) {
        return Err(fail("list elements must have the same type"));
    }
    let mut places: Vec<usize> = (0..list.len()).collect();
    order::sort_by(&mut places, &mut |left, right| match (keys.get(*left), keys.get(*right)) {
        (Some(left), Some(right)) => standing(left, right).unwrap_or(Ordering::Equal),
        _ => Ordering::Equal,
    });
    Ok(list.picked(&mut places.into_iter()))
}

fn range(call: &Call<'_>) -> Outcome {
    let Value::Int(count) = *call.one()? else { return Err(call.mismatch()) };
    if call.minor() >= 37 {
        if count < 0 {
            return Err(failed(format!("lists.range: size must be non-negative, got {count}")));
        }
        if count > LONGEST_RANGE {
            let most = LONGEST_RANGE;
            return Err(failed(format!("lists.range: size {count} exceeds maximum allowed ({most})")));
        }
    } else if count > LONGEST_RANGE {
        // It costs as much as it is long.
        return Err(Failure::CostLimit);
    }
    Ok(Value::list((0..count).map(Value::Int).collect()))
}

fn reverse(call: &Call<'_>) -> Outcome {
    let list = call.only_list()?;
    Ok(list.picked(&mut (0..list.len()).rev()))
}

fn distinct(call: &Call<'_>) -> Outcome {
    let list = call.only_list()?;
    let mut items: Vec<Value> = Vec::new();
    for item in list.iter() {
        if !items.iter().any(|there| item.equals(there) == Equality::True) {
            items.push(item.clone());
        }
    }
    Ok(Value::list(items))
}
