//! Ranges of what may be asked for in a namespace (`ValidateLimitRange`).

use seaworthy_object::Quantity;

use super::super::by_name::ByName;
use super::super::meta;
use super::super::names::{self, BYTES, Form};
use super::super::print;
use super::super::seen::Seen;
use super::super::value::Value;
use super::resources;

const TYPES: &[&str] = &["Pod", "Container", "PersistentVolumeClaim"];
/// Larger amounts are not counted in thousandths (`resource.MaxMilliValue`).
const MAX_MILLI: i64 = i64::MAX / 1000;

pub(super) fn limit_range(object: Value<'_>) {
    meta::nameable_meta(object, Form::Subdomain);
    let mut types = Seen::default();
    for limit in object.at("spec.limits").items() {
        let ty = limit.get("type");
        type_name(ty);
        if !types.insert(ty.str()) {
            ty.duplicate();
        }
        of_type(limit, ty.str());
    }
}

/// `validateLimitRangeTypeName`.
fn type_name(ty: Value<'_>) {
    if !names::is_key(ty.str()) {
        ty.invalid_each(names::key_faults(ty.str(), ty.since(BYTES)));
    } else if !ty.str().contains('/') && !TYPES.contains(&ty.str()) {
        ty.invalid("must be a standard limit type or fully qualified");
    }
}

/// The amounts of one resource, with the defaults in (`SetDefaults_LimitRangeItem`).
#[derive(Default, Clone, Copy)]
struct Amounts<'r> {
    min: Option<Value<'r>>,
    max: Option<Value<'r>>,
    default: Option<Value<'r>>,
    request: Option<Value<'r>>,
    ratio: Option<Value<'r>>,
}

/// An amount with its number.
type Amount<'r> = Option<(Value<'r>, Quantity)>;

fn amount<'r>(value: Option<Value<'r>>) -> Amount<'r> {
    value.map(|it| (it, it.amount().unwrap_or_else(Quantity::zero)))
}

fn of_type<'r>(limit: Value<'r>, ty: &str) {
    let mut all: ByName<'r, Amounts<'r>> = ByName::default();
    let is_container = ty == "Container";
    for (key, value) in limit.entries_of("max") {
        all.change(key, &mut |it| it.max = Some(value));
    }
    for (key, value) in limit.entries_of("min") {
        all.change(key, &mut |it| it.min = Some(value));
    }
    let (default, request, ratio) =
        (limit.get("default"), limit.get("defaultRequest"), limit.get("maxLimitRequestRatio"));
    if ty == "Pod" {
        for map in [default, request].into_iter().filter(|map| !map.is_empty()) {
            map.forbidden("may not be specified when `type` is 'Pod'");
        }
    } else {
        for (key, value) in default.entries() {
            all.change(key, &mut |it| it.default = Some(value));
        }
        for (key, value) in request.entries() {
            all.change(key, &mut |it| it.request = Some(value));
        }
    }
    if ty == "PersistentVolumeClaim" && all.get("storage").is_none_or(|it| it.min.is_none() && it.max.is_none()) {
        let words = "either minimum or maximum storage value is required, but neither was provided";
        limit.named(format!("{}.limits", limit.path())).required(words);
    }
    for (key, value) in ratio.entries() {
        all.change(key, &mut |it| it.ratio = Some(value));
    }
    let name = if matches!(ty, "Pod" | "Container") { resources::container_name } else { resources::resource_name };
    for (key, mut amounts) in all.iter().map(|(key, amounts)| (key, *amounts)) {
        let at = |map: Value<'r>, value: Value<'r>| value.named(format!("{}[{key}]", map.path()));
        if is_container && amounts.default.is_none() {
            amounts.default = amounts.max.map(|max| at(default, max));
        }
        if is_container && amounts.request.is_none() {
            amounts.request = amounts.default.or(amounts.min).map(|value| at(request, value));
        }
        let Amounts { min, max, default, request, ratio } = amounts;
        [max, min, default, request, ratio].into_iter().flatten().for_each(name);
        in_order(&amounts, key);
    }
}

/// The amounts of one resource stand in order.
fn in_order(amounts: &Amounts<'_>, key: &str) {
    let (min, max) = (amount(amounts.min), amount(amounts.max));
    let (default, request, ratio) = (amount(amounts.default), amount(amounts.request), amount(amounts.ratio));
    at_most(&min, &max, &min, &min, ["min", "max"]);
    at_most(&min, &request, &request, &request, ["min", "default request"]);
    at_most(&request, &max, &request, &request, ["default request", "max"]);
    at_most(&request, &default, &request, &request, ["default request", "default limit"]);
    // The server shows the bound here, not the default.
    at_most(&min, &default, &default, &min, ["min", "default"]);
    at_most(&default, &max, &default, &max, ["default", "max"]);
    if let Some((value, ratio)) = &ratio {
        within_ratio(*value, ratio, &min, &max);
    }
    let overcommits = resources::is_native(key) && !key.starts_with("hugepages-");
    if let (Some((_, default)), Some((value, request))) = (&default, &request)
        && !overcommits
        && default != request
    {
        invalid(*value, &format!("default value {default} must equal to defaultRequest value {request} in {key}"));
    }
}

/// Says so where one amount is more than another: at the field of `at`, with the amount of `shown`.
fn at_most(low: &Amount<'_>, high: &Amount<'_>, at: &Amount<'_>, shown: &Amount<'_>, names: [&str; 2]) {
    let (Some((_, low)), Some((_, high)), Some((at, _)), Some((shown, _))) = (low, high, at, shown) else { return };
    if low > high {
        let [lower, higher] = names;
        let field = shown.named(at.path());
        invalid(field, &format!("{lower} value {low} is greater than {higher} value {high}"));
    }
}

/// `field.Invalid` of an amount whose text is in the words too.
fn invalid(value: Value<'_>, words: &str) {
    value.invalid_shown(&print::shown_written(value), words);
}

/// The ratio of a limit to a request is 1 at least, and one that the bounds allow at all.
#[allow(clippy::cast_precision_loss, reason = "as the server computes it")]
fn within_ratio(value: Value<'_>, ratio: &Quantity, min: &Amount<'_>, max: &Amount<'_>) {
    if *ratio < Quantity::from_units(1) {
        invalid(value, &format!("ratio {ratio} is less than 1"));
    }
    let (Some((_, min)), Some((_, max))) = (min, max) else { return };
    let (mut asked, mut low, mut high) =
        (ratio.value_in_64_bits() as f64, min.value_in_64_bits(), max.value_in_64_bits());
    if ratio.value_in_64_bits() < MAX_MILLI && low < MAX_MILLI && high < MAX_MILLI {
        asked = ratio.milli_value_in_64_bits() as f64 / 1000.0;
        low = min.milli_value_in_64_bits();
        high = max.milli_value_in_64_bits();
    }
    let most = high as f64 / low as f64;
    if asked > most {
        invalid(value, &format!("ratio {ratio} is greater than max/min = {most:.6}"));
    }
}
