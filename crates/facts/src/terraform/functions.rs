//! Operators and functions of Terraform, those that facts go through.

use core::net::Ipv4Addr;
use std::borrow::Cow;
use std::rc::Rc;

use seaworthy_source::order;

use crate::terraform::value::{HOLE, Known, LONG, MANY, Value};

/// The value of an operator with two sides.
pub(super) fn operate<'a>(operator: &str, left: &Known<'a>, right: &Known<'a>) -> Known<'a> {
    let number = |of: fn(f64, f64) -> f64| {
        let result = of(left.as_number()?, right.as_number()?);
        result.is_finite().then_some(Value::Number(result))
    };
    let ordered = |of: fn(f64, f64) -> bool| Some(Value::Bool(of(left.as_number()?, right.as_number()?)));
    let value = match operator {
        "||" => either(left, right, true),
        "&&" => either(left, right, false),
        "==" => left.equals(right).map(Value::Bool),
        "!=" => left.equals(right).map(|it| Value::Bool(!it)),
        "<" => ordered(|a, b| a < b),
        ">" => ordered(|a, b| a > b),
        "<=" => ordered(|a, b| a <= b),
        ">=" => ordered(|a, b| a >= b),
        "+" => number(|a, b| a + b),
        "-" => number(|a, b| a - b),
        "*" => number(|a, b| a * b),
        "/" => number(|a, b| a / b),
        "%" => number(|a, b| a % b),
        _ => None,
    };
    value.map_or(Known::unknown(), Known::of)
}

/// One side decides if it has this value, both if they have the other.
fn either<'a>(left: &Known<'a>, right: &Known<'a>, decides: bool) -> Option<Value<'a>> {
    match (left.as_bool(), right.as_bool()) {
        (Some(it), _) | (_, Some(it)) if it == decides => Some(Value::Bool(decides)),
        (Some(_), Some(_)) => Some(Value::Bool(!decides)),
        _ => None,
    }
}

/// The value of a function.
pub(super) fn call<'a>(name: &str, arguments: &[Known<'a>]) -> Known<'a> {
    let nothing = Known::unknown();
    let first = arguments.first().unwrap_or(&nothing);
    let second = arguments.get(1).unwrap_or(&nothing);
    let third = arguments.get(2).unwrap_or(&nothing);
    let text = |it: Option<String>| it.map(|it| Value::Text(Cow::Owned(it)));
    let value = match name {
        "tolist" | "tomap" | "sensitive" | "nonsensitive" => return first.clone(),
        "one" => return first.item(&Known::of(Value::Number(0.0)), false),
        "toset" | "sort" | "distinct" | "reverse" => return arranged(name, first),
        "tostring" => first.as_text().map(Value::Text),
        "tonumber" => first.as_number().map(Value::Number),
        "tobool" => first.as_bool().map(Value::Bool),
        "element" => return first.item(second, true),
        "lookup" => {
            let found = first.get(&second.as_pattern());
            return if found.is_null() && arguments.len() > 2 { third.clone() } else { found };
        }
        "coalesce" | "try" => {
            let is_passed =
                |it: &&Known<'a>| it.is_null() || (name == "coalesce" && it.as_text().as_deref() == Some(""));
            return arguments.iter().find(|it| !is_passed(it)).cloned().unwrap_or(Known::unknown());
        }
        "list" => Some(Value::List(Rc::new(arguments.to_vec()))),
        "map" => Some(pairs(arguments)),
        "concat" | "flatten" | "compact" | "coalescelist" | "setunion" => {
            return joined(arguments, name == "compact", first);
        }
        "merge" => merged(arguments),
        "length" => length(first),
        "keys" => first.as_map().filter(|map| !map.iter().any(|it| it.0.contains(HOLE))).map(|map| {
            let key = |it: &(Cow<'a, str>, Known<'a>)| Known { value: Value::Text(it.0.clone()), at: it.1.at };
            Value::List(Rc::new(map.iter().map(key).collect()))
        }),
        "values" => first.as_map().map(|map| Value::List(Rc::new(map.iter().map(|it| it.1.clone()).collect()))),
        "lower" => text(first.as_text().map(|it| it.to_lowercase())),
        "upper" => text(first.as_text().map(|it| it.to_uppercase())),
        "trimspace" => text(first.as_text().map(|it| it.trim().to_owned())),
        "replace" => replaced(first, second, third),
        "join" => join(first, second),
        "split" => split(first, second),
        "format" => format(arguments),
        "slice" => slice(first, second, third),
        "contains" => contains(first, second),
        "min" => extreme(arguments, f64::min),
        "max" => extreme(arguments, f64::max),
        "cidrsubnet" => text(subnet(first, second, third)),
        _ => None,
    };
    Known { value: value.unwrap_or(Value::Unknown), at: first.at.filter(|_| matches!(name, "slice" | "lower")) }
}

/// The items of a list in another order, or each once. What is known when it is there stands as it is: of its kind all
/// are the same thing.
fn arranged<'a>(name: &str, list: &Known<'a>) -> Known<'a> {
    let Some(items) = list.as_list() else { return list.clone() };
    if name == "reverse" {
        return Known { value: Value::List(Rc::new(items.iter().rev().cloned().collect())), at: list.at };
    }
    let texts: Option<Vec<(Cow<'a, str>, usize)>> =
        items.iter().enumerate().map(|(at, it)| Some((it.as_text()?, at))).collect();
    let Some(mut texts) = texts else {
        return if items.iter().any(|it| it.as_text().is_some()) { Known::unknown() } else { list.clone() };
    };
    order::sort_by(&mut texts, &mut |a, b| a.cmp(b));
    if name != "sort" {
        texts.dedup_by(|a, b| a.0 == b.0);
    }
    if name == "distinct" {
        order::sort_by(&mut texts, &mut |a, b| a.1.cmp(&b.1));
    }
    let items = texts.iter().filter_map(|it| items.get(it.1).cloned()).collect();
    Known { value: Value::List(Rc::new(items)), at: list.at }
}

fn pairs<'a>(arguments: &[Known<'a>]) -> Value<'a> {
    let pair = |it: &[Known<'a>]| Some((it.first()?.as_pattern(), it.get(1)?.clone()));
    Value::Map(Rc::new(arguments.chunks(2).filter_map(pair).collect()))
}

/// Lists as one; none that is unknown among them.
fn joined<'a>(arguments: &[Known<'a>], is_compact: bool, first: &Known<'a>) -> Known<'a> {
    let mut items = Vec::new();
    for argument in arguments {
        let Some(more) = argument.items() else { return Known::unknown() };
        items.extend(more);
    }
    if is_compact {
        items.retain(|it| !it.is_null() && it.as_text().as_deref() != Some(""));
    }
    items.truncate(MANY);
    // Old configurations put an empty text beside what may not be there.
    if let ([only], true) = (items.as_slice(), is_compact)
        && only.as_thing().is_some()
    {
        return only.clone();
    }
    Known { value: Value::List(Rc::new(items)), at: first.at }
}

fn merged<'a>(arguments: &[Known<'a>]) -> Option<Value<'a>> {
    let mut entries: Vec<(Cow<'a, str>, Known<'a>)> = Vec::new();
    for argument in arguments.iter().filter(|it| !it.is_null()) {
        match argument.as_map() {
            Some(map) => entries.extend(map.iter().cloned()),
            // Whatever it holds may replace what was there.
            None => entries.push((Cow::Owned(HOLE.to_string()), Known::unknown())),
        }
        if entries.len() > MANY {
            return None;
        }
    }
    Some(Value::Map(Rc::new(entries)))
}

fn length<'a>(of: &Known<'a>) -> Option<Value<'a>> {
    #[allow(clippy::cast_precision_loss, reason = "lengths of what people write")]
    let number = match &of.value {
        Value::List(list) => list.len() as f64,
        Value::Map(map) if !map.iter().any(|it| it.0.contains(HOLE)) => map.len() as f64,
        Value::Text(text) => text.chars().count() as f64,
        _ => return None,
    };
    Some(Value::Number(number))
}

fn replaced<'a>(text: &Known<'a>, from: &Known<'a>, to: &Known<'a>) -> Option<Value<'a>> {
    let (text, from, to) = (text.as_text()?, from.as_text()?, to.as_text()?);
    let is_pattern = from.len() > 1 && from.starts_with('/') && from.ends_with('/');
    let is_bounded = text.len().saturating_mul(to.len().max(1)) <= LONG;
    (!is_pattern && is_bounded && !from.is_empty()).then(|| Value::Text(Cow::Owned(text.replace(&*from, &to))))
}

fn join<'a>(with: &Known<'a>, list: &Known<'a>) -> Option<Value<'a>> {
    let (with, items) = (with.as_text()?, list.items()?);
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(&with);
        }
        out.push_str(&item.as_text()?);
        if out.len() > LONG {
            return None;
        }
    }
    Some(Value::Text(Cow::Owned(out)))
}

/// The parts of a text; each is written where the text is.
fn split<'a>(at: &Known<'a>, text: &Known<'a>) -> Option<Value<'a>> {
    let (by, whole) = (at.as_text()?, text.as_text()?);
    if by.is_empty() || whole.is_empty() {
        return None;
    }
    let part = |value| Known { value: Value::Text(value), at: text.at };
    let parts = match whole {
        Cow::Borrowed(whole) => whole.split(&*by).take(MANY).map(|it| part(Cow::Borrowed(it))).collect(),
        Cow::Owned(whole) => whole.split(&*by).take(MANY).map(|it| part(Cow::Owned(it.to_owned()))).collect(),
    };
    Some(Value::List(Rc::new(parts)))
}

/// `%s`, `%d` and `%v` alone.
fn format<'a>(arguments: &[Known<'a>]) -> Option<Value<'a>> {
    let pattern = arguments.first()?.as_text()?;
    let mut rest: &str = &pattern;
    let mut values = arguments.iter().skip(1);
    let mut out = String::new();
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let mut characters = after.chars();
        match characters.next()? {
            '%' => out.push('%'),
            's' | 'd' | 'v' => out.push_str(&values.next()?.as_pattern()),
            _ => return None,
        }
        rest = characters.as_str();
        if out.len() > LONG {
            return None;
        }
    }
    out.push_str(rest);
    Some(if out.contains(HOLE) { Value::Pattern(out) } else { Value::Text(Cow::Owned(out)) })
}

fn slice<'a>(list: &Known<'a>, from: &Known<'a>, to: &Known<'a>) -> Option<Value<'a>> {
    let index = |it: &Known<'a>| it.as_int().and_then(|it| usize::try_from(it).ok());
    let (from, to) = (index(from)?, index(to)?);
    // Of what is known when it is there, only how many are taken.
    if let (Some(_), Some(count)) = (list.as_thing(), to.checked_sub(from).filter(|it| *it <= MANY)) {
        return Some(Value::List(Rc::new(vec![list.clone(); count])));
    }
    let items = list.as_list()?.get(from..to)?;
    Some(Value::List(Rc::new(items.to_vec())))
}

fn contains<'a>(list: &Known<'a>, item: &Known<'a>) -> Option<Value<'a>> {
    let mut is_there = Some(false);
    for it in list.as_list()? {
        match it.equals(item) {
            Some(true) => return Some(Value::Bool(true)),
            Some(false) => {}
            None => is_there = None,
        }
    }
    is_there.map(Value::Bool)
}

fn extreme<'a>(arguments: &[Known<'a>], of: fn(f64, f64) -> f64) -> Option<Value<'a>> {
    let mut numbers = arguments.iter().map(Known::as_number);
    let first = numbers.next()??;
    numbers.try_fold(first, |all, it| Some(of(all, it?))).map(Value::Number)
}

/// `cidrsubnet("10.0.0.0/16", 8, 2)` is `10.0.2.0/24`; of IPv4 alone.
fn subnet(range: &Known<'_>, bits: &Known<'_>, number: &Known<'_>) -> Option<String> {
    let range = range.as_text()?;
    let (address, length) = range.split_once('/')?;
    let address = u32::from(address.parse::<Ipv4Addr>().ok()?);
    let length = length.parse::<u32>().ok().filter(|it| *it <= 32)?;
    let bits = bits.as_int().and_then(|it| u32::try_from(it).ok())?;
    let longer = length.checked_add(bits).filter(|it| (1..=32).contains(it))?;
    let number = number.as_int().and_then(|it| u32::try_from(it).ok())?;
    let base = if length == 0 { 0 } else { address & (u32::MAX << (32 - length)) };
    let is_within = bits >= 32 || number < 1 << bits;
    let part = if longer == 32 { number } else { number.checked_shl(32 - longer)? };
    is_within.then(|| format!("{}/{longer}", Ipv4Addr::from(base | part)))
}
