//! Schedules as the server's cron library reads them (github.com/robfig/cron, `ParseStandard`).

use super::{duration, time_zone};
use seaworthy_cel::quoted;

/// A field of a schedule: its bounds, and the names of its numbers from the lowest on.
struct Field {
    min: i64,
    max: i64,
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { min: 0, max: 59, names: &[] },
    Field { min: 0, max: 23, names: &[] },
    Field { min: 1, max: 31, names: &[] },
    Field {
        min: 1,
        max: 12,
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    Field { min: 0, max: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];
/// Names of whole schedules.
const DESCRIPTORS: &[&str] = &["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// What is wrong with a schedule that is not empty, in the library's words.
pub(super) fn fault(text: &str) -> Option<String> {
    read(text).err()
}

fn read(text: &str) -> Result<(), String> {
    let mut text = text;
    if text.starts_with("TZ=") || text.starts_with("CRON_TZ=") {
        let Some((zone, rest)) = text.split_once(' ') else {
            return Err("invalid schedule format: runtime error: slice bounds out of range [:-1]".to_owned());
        };
        let zone = zone.split_once('=').map_or("", |(_, zone)| zone);
        if let Some(fault) = time_zone::fault(zone) {
            return Err(format!("provided bad location {zone}: {fault}"));
        }
        text = rest.trim();
    }
    if text.starts_with('@') {
        return descriptor(text);
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(format!("expected exactly 5 fields, found {}: [{}]", fields.len(), fields.join(" ")));
    }
    for (field, bounds) in fields.iter().zip(&FIELDS) {
        field.split(',').filter(|range| !range.is_empty()).try_for_each(|range| read_range(range, bounds))?;
    }
    Ok(())
}

/// `parseDescriptor`.
fn descriptor(text: &str) -> Result<(), String> {
    match text.strip_prefix("@every ") {
        _ if DESCRIPTORS.contains(&text) => Ok(()),
        Some(length) => match duration::fault(length) {
            Some(fault) => Err(format!("failed to parse duration {text}: {fault}")),
            None => Ok(()),
        },
        None => Err(format!("unrecognized descriptor: {text}")),
    }
}

/// `getRange`: a number, or two with a hyphen between them, and a step after a slash.
fn read_range(text: &str, field: &Field) -> Result<(), String> {
    let mut range_and_step = text.split('/');
    let range = range_and_step.next().unwrap_or("");
    let (step, more) = (range_and_step.next(), range_and_step.next().is_some());
    let mut ends = range.split('-');
    let (low, high, too_many) = (ends.next().unwrap_or(""), ends.next(), ends.next().is_some());
    let (start, mut end) = if matches!(low, "*" | "?") {
        (field.min, field.max)
    } else {
        let start = number_or_name(low, field)?;
        match high {
            None => (start, start),
            Some(_) if too_many => return Err(format!("too many hyphens: {text}")),
            Some(high) => (start, number_or_name(high, field)?),
        }
    };
    let step = match step {
        None => 1,
        Some(_) if more => return Err(format!("too many slashes: {text}")),
        Some(step) => {
            let step = number(step)?;
            if high.is_none() {
                end = field.max;
            }
            step
        }
    };
    let (min, max) = (field.min, field.max);
    if start < min {
        Err(format!("beginning of range ({start}) below minimum ({min}): {text}"))
    } else if end > max {
        Err(format!("end of range ({end}) above maximum ({max}): {text}"))
    } else if start > end {
        Err(format!("beginning of range ({start}) beyond end of range ({end}): {text}"))
    } else if step == 0 {
        Err(format!("step of range should be a positive number: {text}"))
    } else {
        Ok(())
    }
}

/// `parseIntOrName`.
fn number_or_name(text: &str, field: &Field) -> Result<i64, String> {
    let lower = text.to_lowercase();
    match (field.min..).zip(field.names).find(|(_, name)| **name == lower) {
        Some((number, _)) => Ok(number),
        None => number(text),
    }
}

/// `mustParseInt`.
fn number(text: &str) -> Result<i64, String> {
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    match text.parse::<i64>() {
        Ok(number) if number < 0 => Err(format!("negative number ({number}) not allowed: {text}")),
        Ok(number) => Ok(number),
        Err(fault) => {
            let why = match fault.kind() {
                NegOverflow | PosOverflow => "value out of range",
                _ => "invalid syntax",
            };
            Err(format!("failed to parse int from {text}: strconv.Atoi: parsing {}: {why}", quoted(text)))
        }
    }
}
