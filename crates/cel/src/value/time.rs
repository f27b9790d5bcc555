//! Durations and timestamps as Go reads and prints them.

use std::cmp::Ordering;
use std::fmt;

/// Billionths in a second.
pub(crate) const NANOS: i64 = 1_000_000_000;

/// A point in time, between the years 1 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// Seconds since 1970, in UTC.
    pub seconds: i64,
    /// Billionths.
    pub nanos: u32,
    /// How it was written, in seconds east of UTC; it is printed so.
    pub offset: i32,
}

const EARLIEST: i64 = -62_135_596_800;
const LATEST: i64 = 253_402_300_799;

impl Timestamp {
    /// A point in UTC, if it lies within what CEL knows.
    #[must_use]
    pub fn new(seconds: i64, nanos: u32) -> Option<Self> {
        (EARLIEST..=LATEST).contains(&seconds).then_some(Self { seconds, nanos, offset: 0 })
    }

    /// A text of RFC 3339; `Err(true)` if it is one, but lies beyond what CEL knows.
    ///
    /// # Errors
    ///
    /// The text is none.
    pub fn parse(text: &str) -> Result<Self, bool> {
        let time = parse_rfc3339(text).ok_or(false)?;
        if (EARLIEST..=LATEST).contains(&time.seconds) { Ok(time) } else { Err(true) }
    }

    /// The same point, written in UTC.
    #[must_use]
    pub fn in_utc(self) -> Self {
        Self { offset: 0, ..self }
    }

    /// Go's `Time.IsZero`: the start of the year 1.
    pub(crate) fn is_zero(self) -> bool {
        self.seconds == EARLIEST && self.nanos == 0
    }

    /// The point that lies so many billionths later.
    pub(crate) fn plus(self, nanos: i64) -> Option<Self> {
        let all = i64::from(self.nanos) + nanos.rem_euclid(NANOS);
        let seconds = self.seconds.checked_add(nanos.div_euclid(NANOS) + all.div_euclid(NANOS))?;
        let nanos = u32::try_from(all.rem_euclid(NANOS)).ok()?;
        Some(Self { offset: self.offset, ..Self::new(seconds, nanos)? })
    }

    /// The billionths from another point to this one.
    pub(crate) fn since(self, other: Self) -> Option<i64> {
        let seconds = self.seconds.checked_sub(other.seconds)?.checked_mul(NANOS)?;
        seconds.checked_add(i64::from(self.nanos) - i64::from(other.nanos))
    }

    /// Earlier or later, wherever it was written.
    #[must_use]
    pub fn order(self, other: Self) -> Ordering {
        (self.seconds, self.nanos).cmp(&(other.seconds, other.nanos))
    }
}

/// The parts of a point in time.
pub(crate) struct Civil {
    pub(crate) year: i64,
    /// From 1.
    pub(crate) month: i64,
    /// From 1.
    pub(crate) day: i64,
    /// From 0.
    pub(crate) day_of_year: i64,
    /// From Sunday, 0.
    pub(crate) weekday: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
}

/// What a calendar and a clock say, so many seconds after the start of 1970 there.
pub(crate) fn civil(seconds: i64) -> Civil {
    let days = seconds.div_euclid(86_400);
    let clock = seconds.rem_euclid(86_400);
    // Eras of 400 years from 0000-03-01, so that a leap day ends a year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let from_march = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * from_march + 2) / 153;
    let day = from_march - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Civil {
        year,
        month,
        day,
        day_of_year: days - days_of(year, 1, 1),
        weekday: weekday(days),
        hour: clock / 3600,
        minute: clock / 60 % 60,
        second: clock % 60,
    }
}

/// The day of the week of a day, counted from 1970-01-01; Sunday is 0.
pub(crate) fn weekday(days: i64) -> i64 {
    (days + 4).rem_euclid(7)
}

/// The days from 1970-01-01 to a day.
pub(crate) fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let from_march = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + from_march - 719_468
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `time.Parse(time.RFC3339, text)`
fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    let mut rest = text.as_bytes();
    let year = digits(&mut rest, 4)?;
    let month = after(&mut rest, b'-')?;
    let day = after(&mut rest, b'-')?;
    let hour = after(&mut rest, b'T')?;
    let minute = after(&mut rest, b':')?;
    let second = after(&mut rest, b':')?;
    let fits = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !fits || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let nanos = fraction(&mut rest)?;
    let offset = match rest {
        [b'Z'] => 0,
        [sign @ (b'+' | b'-'), zone @ ..] => {
            let mut zone = zone;
            let hours = digits(&mut zone, 2)?;
            let minutes = after(&mut zone, b':')?;
            if hours > 24 || minutes > 60 || !zone.is_empty() {
                return None;
            }
            let east = hours * 3600 + minutes * 60;
            if *sign == b'-' { -east } else { east }
        }
        _ => return None,
    };
    let seconds = days_of(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    Some(Timestamp { seconds, nanos, offset: i32::try_from(offset).ok()? })
}

fn digits(rest: &mut &[u8], count: usize) -> Option<i64> {
    let (number, after) = rest.split_at_checked(count)?;
    *rest = after;
    number.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

fn after(rest: &mut &[u8], mark: u8) -> Option<i64> {
    *rest = rest.strip_prefix(&[mark])?;
    digits(rest, 2)
}

/// What may follow the seconds: a point or a comma and digits, of which nine count.
fn fraction(rest: &mut &[u8]) -> Option<u32> {
    let Some(after) = rest.strip_prefix(b".").or_else(|| rest.strip_prefix(b",")) else { return Some(0) };
    let count = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, left) = after.split_at_checked(count)?;
    if number.is_empty() {
        return None;
    }
    *rest = left;
    Some(number.iter().chain([b'0'; 9].iter()).take(9).fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0')))
}

impl fmt::Display for Timestamp {
    /// `time.RFC3339Nano`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = civil(self.seconds + i64::from(self.offset));
        write!(out, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", it.year, it.month, it.day, it.hour, it.minute, it.second)?;
        if self.nanos != 0 {
            let fraction = format!("{:09}", self.nanos);
            write!(out, ".{}", fraction.trim_end_matches('0'))?;
        }
        if self.offset == 0 {
            return out.write_str("Z");
        }
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.unsigned_abs() / 60;
        write!(out, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// What `string()` makes of a duration: seconds with the shortest fraction.
pub(crate) fn seconds_text(nanos: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "Duration.Seconds() is a float")]
    let seconds = (nanos / NANOS) as f64 + (nanos % NANOS) as f64 / 1e9;
    format!("{seconds}s")
}

/// `time.ParseDuration`
pub(crate) fn parse_duration(text: &str) -> Option<i64> {
    const MOST: u64 = 1 << 63;
    let (negative, mut rest) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if rest == b"0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let whole_digits = take(&mut rest, u8::is_ascii_digit);
        let mut whole: u64 = 0;
        for byte in whole_digits {
            whole = whole.checked_mul(10)?.checked_add(u64::from(byte - b'0')).filter(|it| *it <= MOST)?;
        }
        let fraction = match rest {
            [b'.', after @ ..] => {
                rest = after;
                take(&mut rest, u8::is_ascii_digit)
            }
            _ => &[],
        };
        if whole_digits.is_empty() && fraction.is_empty() {
            return None;
        }
        let unit = unit(take(&mut rest, |byte| *byte != b'.' && !byte.is_ascii_digit()))?;
        let whole = whole.checked_mul(unit).filter(|it| *it <= MOST)?;
        sum = sum.checked_add(whole)?.checked_add(part(fraction, unit)).filter(|it| *it <= MOST)?;
    }
    if negative {
        return 0i64.checked_sub_unsigned(sum);
    }
    i64::try_from(sum).ok()
}

/// A fraction of a unit, in the arithmetic of Go.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "less than a unit; Go rounds it so"
)]
fn part(fraction: &[u8], unit: u64) -> u64 {
    let (mut digits, mut scale) = (0u64, 1f64);
    for byte in fraction {
        let Some(next) = digits.checked_mul(10).and_then(|it| it.checked_add(u64::from(byte - b'0'))) else { break };
        if next > 1 << 63 {
            break;
        }
        digits = next;
        scale *= 10.0;
    }
    (digits as f64 * (unit as f64 / scale)) as u64
}

fn take<'a>(rest: &mut &'a [u8], wanted: fn(&u8) -> bool) -> &'a [u8] {
    let count = rest.iter().take_while(|byte| wanted(byte)).count();
    let (taken, left) = rest.split_at_checked(count).unwrap_or((rest, &[]));
    *rest = left;
    taken
}

fn unit(name: &[u8]) -> Option<u64> {
    Some(match name {
        b"ns" => 1,
        b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => 1000,
        b"ms" => 1_000_000,
        b"s" => 1_000_000_000,
        b"m" => 60_000_000_000,
        b"h" => 3_600_000_000_000,
        _ => return None,
    })
}
