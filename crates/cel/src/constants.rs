//! What is known of constants before an expression runs.

/// Whether `duration(text)` gives one.
pub(crate) fn is_duration(_text: &str) -> bool {
    true
}

/// Whether `timestamp(text)` gives one.
pub(crate) fn is_timestamp(_text: &str) -> bool {
    true
}

/// Whether a text is a regular expression.
pub(crate) fn is_regex(_text: &str) -> bool {
    true
}
