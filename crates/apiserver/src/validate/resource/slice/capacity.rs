//! How much of a device's capacity requests may take (`validateRequestPolicy`).

use seaworthy_object::Quantity;

use super::super::super::value::Value;
use super::super::{DECLARED, judge_list};
use seaworthy_cel::quoted;

/// `CapacityRequestPolicyDiscreteMaxOptions`.
const OPTIONS: usize = 10;
const NANOS: i128 = 1_000_000_000;

pub(super) fn judge_policy(policy: Value<'_>, capacity: Value<'_>) {
    let (values, range, default) = (policy.get("validValues"), policy.get("validRange"), policy.get("default"));
    let most = capacity.quantity().unwrap_or_else(Quantity::zero);
    match (!values.is_empty(), range.is_present(), default.quantity()) {
        (true, true, _) => policy.forbidden(
            "exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\" at the same time",
        ),
        (true, false, None) => default.required("required when validValues is defined"),
        (false, true, None) => default.required("required when validRange is defined"),
        (true, false, Some(default)) => judge_values(values, &default, &most),
        (false, true, Some(default)) => judge_range(range, &default, &most),
        (false, false, _) => {}
    }
}

fn says(field: Value<'_>, shown: &Quantity, words: &str) {
    field.invalid_shown(&quoted(&shown.canonical()), words);
}

/// `validateRequestPolicyValidValues`.
fn judge_values(values: Value<'_>, default: &Quantity, most: &Quantity) {
    let mut before: Option<i128> = None;
    let amount = |value: Value<'_>| value.quantity().unwrap_or_else(Quantity::zero);
    for value in values.items() {
        let amount = amount(value);
        if before.is_some_and(|before| before > amount.nanos()) {
            says(value, &amount, "values must be sorted in ascending order");
        }
        before = Some(amount.nanos());
    }
    let larger = format!("option is larger than capacity value: {}", most.canonical());
    let few = judge_list(values, OPTIONS, &|value| {
        let amount = amount(value);
        if amount.nanos() > most.nanos() {
            says(value, &amount, &larger);
        }
    });
    let mut seen: Vec<i128> = Vec::new();
    for value in values.items().filter(|_| few) {
        let amount = amount(value);
        if seen.contains(&amount.nanos()) {
            value.duplicate_shown(&quoted(&plain(&amount)));
        }
        seen.push(amount.nanos());
    }
    if !seen.contains(&default.nanos()) {
        says(values, default, "default value is not valid according to the requestPolicy");
    }
}

/// Without a suffix: what tells options apart.
fn plain(amount: &Quantity) -> String {
    let (whole, rest) = (amount.nanos() / NANOS, amount.nanos() % NANOS);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{:09}", rest.abs()).trim_end_matches('0').to_owned()
}

/// `validateRequestPolicyRange`.
fn judge_range(range: Value<'_>, default: &Quantity, most: &Quantity) {
    let (least, highest, step) = (range.get("min"), range.get("max"), range.get("step"));
    let Some(from) = least.quantity() else { return least.required("required when validRange is defined") };
    let until = highest.quantity();
    let (from_text, most_text) = (from.canonical(), most.canonical());
    if from.nanos() > most.nanos() {
        says(least, &from, &format!("min is larger than capacity value: {most_text}"));
    }
    if default.nanos() < from.nanos() {
        says(range.get("default"), default, &format!("default is less than min: {from_text}"));
    }
    if let Some(until) = &until {
        let until_text = until.canonical();
        if from.nanos() > until.nanos() {
            says(highest, &from, &format!("min is larger than max: {until_text}"));
        }
        if until.nanos() > most.nanos() {
            says(highest, until, &format!("max is larger than capacity value: {most_text}"));
        }
        if default.nanos() > until.nanos() {
            says(range.get("default"), default, &format!("default is more than max: {until_text}"));
        }
    }
    let by = step.quantity();
    let amounts = [("default", Some(default)), ("min", Some(&from)), ("max", until.as_ref()), ("step", by.as_ref())];
    let fractional = amounts.iter().filter_map(|(_, amount)| *amount).any(|amount| amount.nanos() % NANOS != 0);
    if fractional && range.since(DECLARED) && !judge_thousandths(range, &amounts) {
        return;
    }
    let Some(by) = &by else { return };
    if by.nanos() <= 0 {
        return says(step, by, "must be greater than zero");
    }
    let one = from.plus(by);
    if one.nanos() > most.nanos() {
        says(step, by, &format!("one step {} is larger than capacity value: {most_text}", one.canonical()));
    }
    if !fractional && range.since(DECLARED) && !judge_whole(range, &amounts) {
        return;
    }
    for amount in std::iter::once(default).chain(until.as_ref()) {
        if (amount.nanos() - from.nanos()) % by.nanos() != 0 {
            let words = format!("value is not a multiple of a given step ({}) from ({from_text})", by.canonical());
            says(step, amount, &words);
        }
    }
}

/// Whether servers can reckon with these as whole numbers (`validateInt64Range`).
fn judge_whole(range: Value<'_>, amounts: &[(&'static str, Option<&Quantity>)]) -> bool {
    let mut fit = true;
    for (name, amount) in amounts {
        let Some(amount) = amount else { continue };
        let words = match amount.nanos() {
            nanos if nanos < 0 => "must be greater than or equal to 0",
            nanos if nanos > i128::from(i64::MAX) * NANOS => "must not be larger than 9223372036854775807",
            _ => continue,
        };
        says(range.get(name), amount, words);
        fit = false;
    }
    fit
}

/// Whether servers can reckon with these in thousandths.
fn judge_thousandths(range: Value<'_>, amounts: &[(&'static str, Option<&Quantity>)]) -> bool {
    let mut fit = true;
    for (name, amount) in amounts {
        let Some(amount) = amount.filter(|amount| amount.nanos() % 1_000_000 != 0) else { continue };
        says(range.get(name), amount, "value cannot be represented as a milli value");
        fit = false;
    }
    fit
}
