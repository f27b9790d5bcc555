//! Parts of timestamps and durations (cel-go's `common/stdlib`).
//!
//! Time zones go by their distance from UTC (`-08:00`), or by their names (`America/New_York`). Names are known by the
//! rules of today, and with the feature `zones` alone; without it they are an error here, though not to the server.

use super::{Call, Functions};
use crate::value::{Failure, KNOWS_ZONES, NANOS, Outcome, Timestamp, Value, civil, failed, offset_in, quoted};

pub(super) const FUNCTIONS: Functions = &[
    ("getFullYear", part),
    ("getMonth", part),
    ("getDayOfYear", part),
    ("getDayOfMonth", part),
    ("getDate", part),
    ("getDayOfWeek", part),
    ("getHours", part),
    ("getMinutes", part),
    ("getSeconds", part),
    ("getMilliseconds", part),
];

fn part(call: &Call<'_>) -> Outcome {
    match call.args {
        [Value::Timestamp(time)] => Ok(of_timestamp(call.name, *time, 0)),
        [Value::Timestamp(time), Value::String(zone)] => {
            Ok(of_timestamp(call.name, *time, offset(zone, time.seconds)?))
        }
        [Value::Duration(nanos)] => of_duration(call, *nanos),
        _ => Err(call.mismatch()),
    }
}

fn of_duration(call: &Call<'_>, nanos: i64) -> Outcome {
    let seconds = nanos / NANOS;
    Ok(Value::Int(match call.name {
        "getHours" => seconds / 3600,
        "getMinutes" => seconds / 60,
        "getSeconds" => seconds,
        "getMilliseconds" => nanos / 1_000_000,
        _ => return Err(call.mismatch()),
    }))
}

fn of_timestamp(name: &str, time: Timestamp, offset: i64) -> Value {
    let it = civil(time.seconds.saturating_add(offset));
    Value::Int(match name {
        "getFullYear" => it.year,
        "getMonth" => it.month - 1,
        "getDayOfYear" => it.day_of_year,
        "getDayOfMonth" => it.day - 1,
        "getDate" => it.day,
        "getDayOfWeek" => it.weekday,
        "getHours" => it.hour,
        "getMinutes" => it.minute,
        "getSeconds" => it.second,
        _ => i64::from(time.nanos / 1_000_000),
    })
}

/// Seconds east of UTC (`inTimeZone`).
fn offset(zone: &str, seconds: i64) -> Result<i64, Failure> {
    if zone.is_empty() || zone == "UTC" {
        return Ok(0);
    }
    let Some((hours, minutes)) = zone.split_once(':') else {
        return offset_in(zone, seconds).ok_or_else(|| {
            failed(if KNOWS_ZONES {
                format!("unknown time zone {zone}")
            } else {
                format!("time zone {zone} is not known here: only UTC and offsets such as -08:00 are")
            })
        });
    };
    let number = |text: &str| {
        let wrong = || failed(format!("strconv.Atoi: parsing {}: invalid syntax", quoted(text)));
        text.parse::<i32>().map(i64::from).map_err(|_| wrong())
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    Ok(60 * if zone.starts_with('-') { hours * 60 - minutes } else { hours * 60 + minutes })
}
