//! Days as people write them: `2027-01-31`.
//!
//! jiff reads many more forms, with an error for each, which would be a tenth of the module that browsers load.

use jiff::civil::Date;

/// The day that a text names; none if it is no day of the calendar in this form.
///
/// ```
/// assert_eq!(seaworthy_fleet::day("2028-02-29").map(seaworthy_fleet::day_text).as_deref(), Some("2028-02-29"));
/// assert_eq!(seaworthy_fleet::day("2027-02-29"), None);
/// assert_eq!(seaworthy_fleet::day("2027-1-31"), None);
/// ```
#[must_use]
pub fn day(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let mut number = |digits: usize| {
        let part = parts.next()?;
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.bytes().fold(0_i16, |sum, byte| sum * 10 + i16::from(byte - b'0')))
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A day in the form that [`day`] reads.
#[must_use]
pub fn day_text(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day())
}
