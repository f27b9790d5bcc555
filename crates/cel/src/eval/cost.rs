//! What calls cost when they run (cel-go's `interpreter/runtimecost.go` and `ext`, the API server's
//! `cel/library/cost.go`). Sizes are in code points, bytes, elements or entries.

use crate::library::Call;
use crate::types::Type;
use crate::value::{Outcome, Value};

pub(super) const CREATE_LIST: u64 = 10;
pub(super) const CREATE_MAP: u64 = 30;
pub(super) const CREATE_STRUCT: u64 = 40;

/// Characters that are walked for one unit of cost.
const TRAVERSAL: f64 = 0.1;
/// Characters of a pattern for one unit of cost.
const PATTERN: f64 = 0.25;

/// How the cost of a function is found.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// Always this.
    Flat(u64),
    /// An address is read, or taken from a range.
    Address,
    /// The shorter of the two, as texts; values of Kubernetes' own types are compared at once.
    Equality,
    /// One pass over the whole of the first argument as a tree.
    Tree,
    /// So many passes over the text of an argument.
    Text(usize, f64),
    /// Two passes over the result.
    Joined,
    /// The first argument times the pattern in the second.
    Pattern,
    /// The first argument times the second, as texts.
    Search,
    /// A new list as long as the result.
    NewList,
    /// A new list; each element of the first argument is looked at for each level.
    Flatten,
    /// Each element of an argument is compared with each.
    Pairs(usize),
    /// Each element of one with each of the other, so many times.
    Product(f64),
    /// The elements of the second argument.
    Members,
    /// The shorter of the two, as texts.
    Shorter,
    /// Both, as texts.
    Both,
    /// An address, or a range, in a range.
    Contains,
    /// A named format: an estimate of its pattern.
    Format,
}

/// What must be paid before a function runs whose work grows with the square of its arguments. The server finds out
/// when it is done.
pub(super) fn before(rule: Rule, call: &Call<'_>) -> u64 {
    match rule {
        Rule::Pairs(_) | Rule::Product(_) => of_call(rule, call, &Ok(Value::Null)),
        _ => 0,
    }
}

/// What a call cost.
pub(super) fn of_call(rule: Rule, call: &Call<'_>, outcome: &Outcome) -> u64 {
    cost(rule, call, outcome.as_ref().unwrap_or(&Value::Null))
}

impl Rule {
    /// The rule of a call, whose arguments are not known yet.
    pub(super) fn of(call: &Call<'_>) -> Self {
        match call.name {
            "isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf" | "includes" => Rule::Tree,
            "url"
            | "lowerAscii"
            | "upperAscii"
            | "substring"
            | "trim"
            | "jsonpatch.escapeKey"
            | "cidr"
            | "isIP"
            | "isCIDR"
            | "quantity"
            | "isQuantity"
            | "semver"
            | "isSemver" => Rule::Text(0, 1.0),
            "ip" => Rule::Address,
            "strings.quote" | "format" => Rule::Text(0, 1.0),
            "replace" | "split" | "ip.isCanonical" => Rule::Text(0, 2.0),
            "join" => Rule::Joined,
            "matches" | "find" | "findAll" => Rule::Pattern,
            "contains" => Rule::Search,
            "slice" | "lists.range" | "reverse" => Rule::NewList,
            "flatten" => Rule::Flatten,
            "distinct" => Rule::Pairs(0),
            "sort" if has_known_elements(call, 0) => Rule::Pairs(0),
            "@sortByAssociatedKeys" if has_known_elements(call, 1) => Rule::Pairs(1),
            "sets.contains" | "sets.intersects" => Rule::Product(1.0),
            "sets.equivalent" => Rule::Product(2.0),
            "startsWith" | "endsWith" => Rule::Text(usize::from(call.minor() >= 37), 1.0),
            "bytes" if call.type_of(0) == &Type::String => Rule::Text(0, 1.0),
            "string" if call.type_of(0) == &Type::Bytes => Rule::Text(0, 1.0),
            "@in" if matches!(call.type_of(1), Type::List(_)) => Rule::Members,
            "_==_" => Rule::Equality,
            "_!=_" => Rule::Shorter,
            "_<_" | "_<=_" | "_>_" | "_>=_" if is_known_text(call) => Rule::Shorter,
            "_+_" if is_known_text(call) => Rule::Both,
            "containsIP" | "containsCIDR" => Rule::Contains,
            "validate" => Rule::Format,
            _ => Rule::Flat(1),
        }
    }
}

fn cost(rule: Rule, call: &Call<'_>, result: &Value) -> u64 {
    let size_of = |at: usize| call.args.get(at).map_or(1, size);
    let new_list = |size: u64, factor: f64| scaled(size, factor, f64::floor).saturating_add(1 + CREATE_LIST);
    match rule {
        Rule::Flat(cost) => cost,
        Rule::Address if matches!(call.args, [Value::Cidr(_)]) => 1,
        Rule::Address => scaled(size_of(0), TRAVERSAL, f64::ceil),
        Rule::Equality if is_kubernetes(call.args.first()) => 1,
        Rule::Tree => call.args.first().map_or(0, walk),
        Rule::Text(at, passes) => scaled(size_of(at), TRAVERSAL * passes, f64::ceil),
        Rule::Joined => scaled(size(result), TRAVERSAL * 2.0, f64::ceil),
        Rule::Pattern => pattern(size_of(0), size_of(1)),
        Rule::Search => {
            scaled(size_of(0), TRAVERSAL, f64::ceil).saturating_mul(scaled(size_of(1), TRAVERSAL, f64::ceil))
        }
        Rule::NewList => new_list(size(result), 1.0),
        Rule::Flatten => {
            let depth = match call.args.get(1) {
                Some(Value::Int(depth)) if *depth >= 0 => scaled(depth.unsigned_abs(), 1.0, f64::floor),
                _ => 1,
            };
            new_list(size_of(0).saturating_mul(depth), 1.0)
        }
        Rule::Pairs(at) => {
            let elements = call.args.get(at).and_then(|it| if let Value::List(list) = it { list.get(0) } else { None });
            let text = matches!(elements, Some(Value::String(_) | Value::Bytes(_)));
            new_list(size_of(at).saturating_mul(size_of(at)), if text { 2.0 + TRAVERSAL } else { 2.0 })
        }
        Rule::Product(times) => scaled(size_of(0).saturating_mul(size_of(1)), times, f64::floor).saturating_add(1),
        Rule::Members => size_of(1),
        Rule::Shorter | Rule::Equality => scaled(size_of(0).min(size_of(1)), TRAVERSAL, f64::ceil),
        Rule::Both => scaled(size_of(0).saturating_add(size_of(1)), TRAVERSAL, f64::ceil),
        Rule::Contains => contains(call, size_of(0), size_of(1)),
        Rule::Format => match call.args.first() {
            Some(Value::Format(name)) => pattern(size_of(1), crate::library::pattern_size(name)),
            _ => 1,
        },
    }
}

/// A regular expression over a text (RE2 takes the product).
fn pattern(text: u64, pattern: u64) -> u64 {
    scaled(text.saturating_add(1), TRAVERSAL, f64::ceil).saturating_mul(scaled(pattern, PATTERN, f64::ceil))
}

fn contains(call: &Call<'_>, range: u64, other: u64) -> u64 {
    let mut cost = scaled(range.saturating_mul(2), TRAVERSAL, f64::ceil);
    if call.name == "containsCIDR" {
        cost = cost.saturating_add(scaled(range, TRAVERSAL, f64::ceil)).saturating_add(1);
    }
    let text = call.type_of(1) == &Type::String;
    if text { cost.saturating_add(scaled(other, TRAVERSAL, f64::ceil)) } else { cost }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "the server computes costs in floats"
)]
fn scaled(size: u64, factor: f64, round: fn(f64) -> f64) -> u64 {
    round(size as f64 * factor) as u64
}

/// `actualSize`
fn size(value: &Value) -> u64 {
    match value {
        Value::Optional(Some(value)) => size(value),
        value => value.size().map_or(1, |size| size as u64),
    }
}

/// `traversalCost`
fn walk(value: &Value) -> u64 {
    match value {
        Value::String(text) => scaled(text.len() as u64, TRAVERSAL, f64::floor),
        Value::Bytes(bytes) => scaled(bytes.len() as u64, TRAVERSAL, f64::floor),
        Value::List(list) => list.iter().fold(0, |sum, item| sum.saturating_add(walk(item))),
        Value::Map(map) => {
            map.iter().fold(0, |sum, (key, value)| sum.saturating_add(walk(key)).saturating_add(walk(value)))
        }
        _ => 1,
    }
}

/// Whether the checker knew which overload for a list's elements it is.
fn has_known_elements(call: &Call<'_>, at: usize) -> bool {
    matches!(call.type_of(at), Type::List(element) if !matches!(**element, Type::Dyn | Type::Param(_)))
}

/// Whether the checker knew that it is about strings or bytes.
fn is_known_text(call: &Call<'_>) -> bool {
    [0, 1].into_iter().any(|at| matches!(call.type_of(at), Type::String | Type::Bytes))
}

fn is_kubernetes(value: Option<&Value>) -> bool {
    matches!(
        value,
        Some(Value::Quantity(_) | Value::Ip(_) | Value::Cidr(_) | Value::Format(_) | Value::Url(_) | Value::Semver(_))
    )
}
