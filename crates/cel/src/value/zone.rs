//! Time zones by their names.

use super::time::{civil, days_of, weekday};

/// The names and the rules of today. A rule counts for all of time: what a zone did otherwise in earlier years is not
/// known.
#[cfg(feature = "zones")]
const ZONES: &str = include_str!("../../data/zones.txt");
#[cfg(not(feature = "zones"))]
const ZONES: &str = "";

/// Whether names of zones are known at all.
pub(crate) const KNOWN: bool = cfg!(feature = "zones");

/// The seconds east of UTC in a zone, at a point in time.
pub(crate) fn offset_in(name: &str, seconds: i64) -> Option<i64> {
    if !KNOWN {
        return None;
    }
    let lines = ZONES.lines().filter(|line| !line.starts_with('#'));
    let mut lines = lines.filter_map(|line| line.split_once(' '));
    let (rule, _) = lines.find(|(_, names)| names.split(' ').any(|there| there == name))?;
    let mut parts = rule.split(',');
    let mut minutes = || parts.next()?.parse::<i64>().ok();
    let standard = minutes()? * 60;
    let Some(summer) = minutes() else { return Some(standard) };
    let summer = summer * 60;
    let year = civil(seconds + standard).year;
    let begin = change(parts.next()?, year)? - standard;
    let end = change(parts.next()?, year)? - summer;
    let is_summer = if begin < end { (begin..end).contains(&seconds) } else { !(end..begin).contains(&seconds) };
    Some(if is_summer { summer } else { standard })
}

/// When clocks change in a year, in seconds of the clocks before: `M3.5.0/2`, the fifth (that is the last) Sunday of
/// March, at two.
fn change(rule: &str, year: i64) -> Option<i64> {
    let (day, time) = rule.strip_prefix('M')?.split_once('/').unwrap_or((rule.strip_prefix('M')?, "2"));
    let mut numbers = day.split('.').map(str::parse::<i64>);
    let mut number = || numbers.next()?.ok();
    let (month, week, wanted) = (number()?, number()?, number()?);
    let first = days_of(year, month, 1);
    let mut day = first + (wanted - weekday(first)).rem_euclid(7) + (week - 1) * 7;
    let next_month = if month == 12 { days_of(year + 1, 1, 1) } else { days_of(year, month + 1, 1) };
    if day >= next_month {
        day -= 7;
    }
    let (hours, minutes) = time.split_once(':').unwrap_or((time, "0"));
    let seconds = hours.parse::<i64>().ok()? * 3600;
    let minutes = minutes.parse::<i64>().ok()? * 60;
    Some(day * 86_400 + seconds + if hours.starts_with('-') { -minutes } else { minutes })
}

#[cfg(all(test, feature = "zones"))]
mod tests {
    use super::offset_in;
    use crate::value::Timestamp;

    #[test]
    fn clocks_change_when_they_do() {
        for (zone, time, hours) in [
            ("Europe/Berlin", "2026-01-02T03:04:05Z", 1.0),
            ("Europe/Berlin", "2026-03-29T00:59:59Z", 1.0),
            ("Europe/Berlin", "2026-03-29T01:00:00Z", 2.0),
            ("Europe/Berlin", "2026-10-25T00:59:59Z", 2.0),
            ("Europe/Berlin", "2026-10-25T01:00:00Z", 1.0),
            ("Europe/Dublin", "2026-07-01T00:00:00Z", 1.0),
            ("Europe/Dublin", "2026-12-01T00:00:00Z", 0.0),
            ("America/New_York", "2026-03-08T06:59:59Z", -5.0),
            ("America/New_York", "2026-03-08T07:00:00Z", -4.0),
            ("Australia/Sydney", "2026-01-01T00:00:00Z", 11.0),
            ("Australia/Sydney", "2026-07-01T00:00:00Z", 10.0),
            ("Asia/Kolkata", "2026-07-01T00:00:00Z", 5.5),
            ("America/Nuuk", "2026-07-01T00:00:00Z", -1.0),
        ] {
            let seconds = Timestamp::parse(time).unwrap().seconds;
            assert_eq!(offset_in(zone, seconds).map(|it| it as f64 / 3600.0), Some(hours), "{zone} {time}");
        }
        assert_eq!(offset_in("Europe/Nowhere", 0), None);
    }
}
