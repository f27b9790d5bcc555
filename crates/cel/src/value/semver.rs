//! Semantic versions, read as `github.com/blang/semver/v4` reads them, with its words.

use std::cmp::Ordering;
use std::fmt;

use super::text::quoted;

/// A semantic version.
#[derive(Clone, Debug)]
pub struct Semver {
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
    /// The third number.
    pub patch: u64,
    /// What stands after `-`, or nothing.
    pre: String,
    /// What stands after `+`, or nothing; it does not count in comparisons.
    build: String,
}

impl Semver {
    /// Reads a version.
    ///
    /// # Errors
    ///
    /// The words of the server.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("Version string empty".to_owned());
        }
        let mut parts = text.splitn(3, '.');
        let (Some(major), Some(minor), Some(patch)) = (parts.next(), parts.next(), parts.next()) else {
            return Err("No Major.Minor.Patch elements found".to_owned());
        };
        let major = number(major, "Major")?;
        let minor = number(minor, "Minor")?;
        let (patch, build) = patch.split_once('+').map_or((patch, None), |(patch, build)| (patch, Some(build)));
        let (patch, pre) = patch.split_once('-').map_or((patch, None), |(patch, pre)| (patch, Some(pre)));
        let patch = number(patch, "Patch")?;
        if let Some(pre) = pre {
            pre.split('.').try_for_each(check_pre)?;
        }
        if let Some(build) = build {
            build.split('.').try_for_each(check_build)?;
        }
        let [pre, build] = [pre, build].map(|it| it.unwrap_or("").to_owned());
        Ok(Self { major, minor, patch, pre, build })
    }

    /// Reads a version that may start with `v`, be short, or have zeros in front (`normalizeAndParse`).
    ///
    /// # Errors
    ///
    /// The words of the server.
    pub fn parse_tolerant(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let mut parts: Vec<String> = text.splitn(3, '.').map(without_zeros).collect();
        if parts.len() < 3 {
            if parts.last().is_some_and(|it| it.contains(['+', '-'])) {
                return Err("short version cannot contain PreRelease/Build meta data".to_owned());
            }
            parts.resize(3, "0".to_owned());
        }
        Self::parse(&parts.join("."))
    }

    /// Which comes first.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        let numbers = |it: &Self| (it.major, it.minor, it.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => {
                let (mut left, mut right) = (self.pre.split('.'), other.pre.split('.'));
                loop {
                    let order = match (left.next(), right.next()) {
                        (Some(left), Some(right)) => order_of_pre(left, right),
                        (left, right) => return left.is_some().cmp(&right.is_some()),
                    };
                    if order.is_ne() {
                        return order;
                    }
                }
            }
        })
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn has_leading_zeros(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0')
}

fn number(text: &str, name: &str) -> Result<u64, String> {
    if !is_number(text) {
        let name = name.to_ascii_lowercase();
        return Err(format!("Invalid character(s) found in {name} number {}", quoted(text)));
    }
    if has_leading_zeros(text) {
        return Err(format!("{name} number must not contain leading zeroes {}", quoted(text)));
    }
    parse_uint(text)
}

/// `strconv.ParseUint` of digits.
fn parse_uint(digits: &str) -> Result<u64, String> {
    digits.parse().map_err(|_| {
        let why = if digits.is_empty() { "invalid syntax" } else { "value out of range" };
        format!("strconv.ParseUint: parsing {}: {why}", quoted(digits))
    })
}

fn check_pre(part: &str) -> Result<(), String> {
    if part.is_empty() {
        return Err("Prerelease is empty".to_owned());
    }
    if !is_number(part) {
        let wrong = || Err(format!("Invalid character(s) found in prerelease {}", quoted(part)));
        return if is_word(part) { Ok(()) } else { wrong() };
    }
    if has_leading_zeros(part) {
        return Err(format!("Numeric PreRelease version must not contain leading zeroes {}", quoted(part)));
    }
    parse_uint(part).map(|_| ())
}

fn check_build(part: &str) -> Result<(), String> {
    if part.is_empty() {
        return Err("Build meta data is empty".to_owned());
    }
    if is_word(part) {
        return Ok(());
    }
    Err(format!("Invalid character(s) found in build meta data {}", quoted(part)))
}

fn order_of_pre(left: &str, right: &str) -> Ordering {
    match (is_number(left), is_number(right)) {
        (true, true) => left.parse::<u64>().unwrap_or(0).cmp(&right.parse().unwrap_or(0)),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => left.cmp(right),
    }
}

fn without_zeros(part: &str) -> String {
    if part.len() < 2 {
        return part.to_owned();
    }
    let rest = part.trim_start_matches('0');
    let digit = rest.starts_with(|char: char| char.is_ascii_digit());
    if digit { rest.to_owned() } else { format!("0{rest}") }
}

impl fmt::Display for Semver {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.pre.is_empty() {
            write!(out, "-{}", self.pre)?;
        }
        if self.build.is_empty() { Ok(()) } else { write!(out, "+{}", self.build) }
    }
}
