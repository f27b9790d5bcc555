//! Durations as Go reads them (`time.ParseDuration`).

/// The most nanoseconds, without a sign.
const LIMIT: u64 = 1 << 63;
const UNITS: &[(&str, u64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// What is wrong with a duration, in Go's words.
pub(super) fn fault(text: &str) -> Option<String> {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return None;
    }
    let mut total = 0;
    let mut what = rest.is_empty().then(|| "invalid".to_owned());
    while what.is_none() && !rest.is_empty() {
        match part(rest) {
            Ok((nanoseconds, after)) => {
                total += nanoseconds;
                rest = after;
                what = (total > LIMIT).then(|| "invalid".to_owned());
            }
            Err(words) => what = Some(words),
        }
    }
    what.map(|what| match what.as_str() {
        "invalid" => format!("time: invalid duration {}", quoted(text)),
        _ => format!("time: {what} in duration {}", quoted(text)),
    })
}

/// One number and its unit, as nanoseconds, and what stands after them.
fn part(text: &str) -> Result<(u64, &str), String> {
    let invalid = || "invalid".to_owned();
    let digit = |letter: char| letter.is_ascii_digit();
    let after = text.trim_start_matches(digit);
    let whole = text.strip_suffix(after).unwrap_or("");
    let fraction_and_rest = after.strip_prefix('.').unwrap_or(after);
    let rest = if after.starts_with('.') { fraction_and_rest.trim_start_matches(digit) } else { after };
    let fraction = fraction_and_rest.strip_suffix(rest).unwrap_or("");
    if whole.is_empty() && fraction.is_empty() {
        return Err(invalid());
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
    let end = rest.find(|letter: char| letter == '.' || digit(letter)).unwrap_or(rest.len());
    let (name, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
    if name.is_empty() {
        return Err("missing unit".to_owned());
    }
    let Some((_, unit)) = UNITS.iter().find(|(own, _)| *own == name) else {
        return Err(format!("unknown unit {}", quoted(name)));
    };
    // A fraction is less than one unit: it does not decide whether the duration fits.
    if whole > LIMIT / unit { Err(invalid()) } else { Ok((whole * unit, rest)) }
}

/// How Go's package `time` quotes: bytes that are not printable ASCII as `\x`.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            ' '..='\u{7f}' => out.push(letter),
            _ => {
                let mut bytes = [0; 4];
                letter.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
            }
        }
    }
    out.push('"');
    out
}
