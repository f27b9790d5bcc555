//! Named formats (the API server's `format.go`).

use super::{Call, Functions};
use crate::value::{Outcome, Timestamp, Value, is_request_uri, no_such_overload, request_uri_error};

pub(super) const FUNCTIONS: Functions = &[
    ("validate", validate),
    ("format.named", named),
    ("format.dns1123Label", constant),
    ("format.dns1123Subdomain", constant),
    ("format.dns1035Label", constant),
    ("format.qualifiedName", constant),
    ("format.dns1123LabelPrefix", constant),
    ("format.dns1123SubdomainPrefix", constant),
    ("format.dns1035LabelPrefix", constant),
    ("format.labelValue", constant),
    ("format.uri", constant),
    ("format.uuid", constant),
    ("format.byte", constant),
    ("format.date", constant),
    ("format.datetime", constant),
];

/// A format: its name, the size of its pattern as the server estimates it, and what is wrong with a text.
struct Format {
    name: &'static str,
    pattern: u64,
    check: fn(&str) -> Vec<String>,
}

const FORMATS: [Format; 13] = [
    Format { name: "dns1123Label", pattern: 30, check: dns1123_label },
    Format { name: "dns1123Subdomain", pattern: 60, check: dns1123_subdomain },
    Format { name: "dns1035Label", pattern: 30, check: dns1035_label },
    Format { name: "qualifiedName", pattern: 60, check: qualified_name },
    Format { name: "dns1123LabelPrefix", pattern: 30, check: |text| dns1123_label(&masked(text)) },
    Format { name: "dns1123SubdomainPrefix", pattern: 60, check: |text| dns1123_subdomain(&masked(text)) },
    Format { name: "dns1035LabelPrefix", pattern: 30, check: |text| dns1035_label(&masked(text)) },
    Format { name: "labelValue", pattern: 40, check: label_value },
    Format { name: "uri", pattern: 1103, check: uri },
    Format { name: "uuid", pattern: 70, check: |text| said(is_uuid(text), "does not match the UUID format") },
    Format { name: "byte", pattern: 84, check: |text| said(is_base64(text), "invalid base64") },
    Format { name: "date", pattern: 71, check: |text| said(is_date(text), "invalid date") },
    Format { name: "datetime", pattern: 71, check: |text| said(is_datetime(text), "invalid datetime") },
];

fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// The size of a format's pattern, for its cost.
pub(crate) fn pattern_size(name: &str) -> u64 {
    find(name).map_or(1, |format| format.pattern)
}

fn constant(call: &Call<'_>) -> Outcome {
    let name = call.name.strip_prefix("format.").unwrap_or("");
    find(name).map(|format| Value::Format(format.name)).ok_or_else(|| call.mismatch())
}

fn named(call: &Call<'_>) -> Outcome {
    Ok(match find(call.text()?) {
        Some(format) => Value::some(Value::Format(format.name)),
        None => Value::Optional(None),
    })
}

fn validate(call: &Call<'_>) -> Outcome {
    let (Value::Format(name), Value::String(text)) = call.two()? else { return Err(call.mismatch()) };
    let format = find(name).ok_or_else(no_such_overload)?;
    let wrong = (format.check)(text);
    if wrong.is_empty() {
        return Ok(Value::Optional(None));
    }
    Ok(Value::some(Value::list(wrong.iter().map(|why| Value::string(why)).collect())))
}

fn said(fits: bool, why: &str) -> Vec<String> {
    if fits { Vec::new() } else { vec![why.to_owned()] }
}

/// A prefix of a name may end in a dash (`maskTrailingDash`).
fn masked(text: &str) -> String {
    match text.strip_suffix('-') {
        Some(name) if !name.is_empty() => {
            let mut chars = name.chars();
            chars.next_back();
            format!("{}a", chars.as_str())
        }
        _ => text.to_owned(),
    }
}

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const DNS_1035: &str = "[a-z]([-a-z0-9]*[a-z0-9])?";
const NAME: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE: &str = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?";

fn is_lower(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn is_label(text: &str) -> bool {
    is_bounded(text, is_lower, b"-")
}

/// Made of some bytes and others, the others neither first nor last.
fn is_bounded(text: &str, outer: fn(u8) -> bool, inner: &[u8]) -> bool {
    let ends = text.bytes().next().is_some_and(outer) && text.bytes().next_back().is_some_and(outer);
    ends && text.bytes().all(|byte| outer(byte) || inner.contains(&byte))
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

/// `RegexError`
fn pattern(why: &str, pattern: &str, examples: &str) -> String {
    format!("{why} (e.g. {examples}, regex used for validation is '{pattern}')")
}

fn too_long(text: &str, most: usize, wrong: &mut Vec<String>) {
    if text.len() > most {
        wrong.push(format!("must be no more than {most} bytes"));
    }
}

fn dns1123_label(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    too_long(text, 63, &mut wrong);
    if !is_label(text) {
        wrong.push(if is_subdomain(text) {
            "must not contain dots".to_owned()
        } else {
            let why = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must \
                       start and end with an alphanumeric character";
            pattern(why, LABEL, "'my-name',  or '123-abc'")
        });
    }
    wrong
}

fn dns1123_subdomain(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    too_long(text, 253, &mut wrong);
    if !is_subdomain(text) {
        let why = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and \
                   must start and end with an alphanumeric character";
        wrong.push(pattern(why, SUBDOMAIN, "'example.com'"));
    }
    wrong
}

fn dns1035_label(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    too_long(text, 63, &mut wrong);
    if !is_label(text) || !text.starts_with(|char: char| char.is_ascii_lowercase()) {
        let why = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an \
                   alphabetic character, and end with an alphanumeric character";
        wrong.push(pattern(why, DNS_1035, "'my-name',  or 'abc-123'"));
    }
    wrong
}

const NAME_WHY: &str =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const NAME_EXAMPLES: &str = "'MyName',  or 'my.name',  or '123-abc'";

fn qualified_name(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let name = match text.split_once('/') {
        None => text,
        Some((_, name)) if name.contains('/') => {
            return vec![format!(
                "a valid label key {} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
                pattern(NAME_WHY, NAME, NAME_EXAMPLES)
            )];
        }
        Some(("", name)) => {
            wrong.push("prefix part must be non-empty".to_owned());
            name
        }
        Some((prefix, name)) => {
            wrong.extend(dns1123_subdomain(prefix).into_iter().map(|why| format!("prefix part {why}")));
            name
        }
    };
    if name.is_empty() {
        wrong.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        wrong.push("name part must be no more than 63 bytes".to_owned());
    }
    if !is_bounded(name, |byte| byte.is_ascii_alphanumeric(), b"-_.") {
        wrong.push(format!("name part {}", pattern(NAME_WHY, NAME, NAME_EXAMPLES)));
    }
    wrong
}

fn label_value(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    too_long(text, 63, &mut wrong);
    if !text.is_empty() && !is_bounded(text, |byte| byte.is_ascii_alphanumeric(), b"-_.") {
        let why = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and \
                   must start and end with an alphanumeric character";
        wrong.push(pattern(why, LABEL_VALUE, "'MyValue',  or 'my_value',  or '12345'"));
    }
    wrong
}

fn uri(text: &str) -> Vec<String> {
    if is_request_uri(text) { Vec::new() } else { vec![request_uri_error(text)] }
}

/// Five groups of hexadecimal digits, with or without dashes between them.
fn is_uuid(text: &str) -> bool {
    let mut rest = text;
    for (at, count) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if at > 0 {
            rest = rest.strip_prefix('-').unwrap_or(rest);
        }
        let Some((group, after)) = rest.split_at_checked(count) else { return false };
        if !group.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return false;
        }
        rest = after;
    }
    rest.is_empty()
}

/// `govalidator.IsBase64`: whole groups of four, the last one padded.
fn is_base64(text: &str) -> bool {
    let padding = text.len() - text.trim_end_matches('=').len();
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    let fits = !text.is_empty() && text.len().is_multiple_of(4) && padding <= 2;
    fits && text.trim_end_matches('=').bytes().all(alphabet)
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && Timestamp::parse(&format!("{text}T00:00:00Z")) != Err(false)
}

/// `strfmt.IsDateTime`: the pattern of a time is looser than RFC 3339.
fn is_datetime(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let Some((date, time)) = lower.split_once('t') else { return false };
    let time = time.split('t').next().unwrap_or("");
    let bytes = time.as_bytes();
    let clock = match bytes.split_at_checked(8) {
        Some(([h1, h2, b':', m1, m2, b':', s1, s2], _)) => {
            [h1, h2, m1, m2, s1, s2].iter().all(|byte| byte.is_ascii_digit())
                && (*h1, *h2) <= (b'2', b'3')
                && *m1 <= b'5'
                && *s1 <= b'5'
        }
        _ => false,
    };
    clock && is_date(date) && is_zone(time.get(8..).unwrap_or(""))
}

/// An optional fraction after any character, then `z` or an offset.
fn is_zone(text: &str) -> bool {
    let offset = |zone: &str| {
        let bytes = zone.as_bytes();
        zone == "z"
            || matches!(bytes, [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].iter().all(|it| it.is_ascii_digit()))
    };
    if offset(text) {
        return true;
    }
    let mut chars = text.chars();
    chars.next();
    let digits = chars.as_str();
    let zone = digits.trim_start_matches(|char: char| char.is_ascii_digit());
    zone.len() < digits.len() && offset(zone)
}
