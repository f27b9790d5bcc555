//! What is known of constants before an expression runs.

use crate::regex::Regex;
use crate::value::{Timestamp, parse_duration};

/// Whether `duration(text)` gives one.
pub(crate) fn is_duration(text: &str) -> bool {
    parse_duration(text).is_some()
}

/// Whether `timestamp(text)` gives one.
pub(crate) fn is_timestamp(text: &str) -> bool {
    Timestamp::parse(text).is_ok()
}

/// Whether a text is a regular expression.
pub(crate) fn is_regex(text: &str) -> bool {
    Regex::new(text).is_ok()
}
