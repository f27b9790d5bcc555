//! Is it a time? As Go's `time.Parse` reads RFC 3339, and in its words.

/// How precise the time is written.
#[derive(Clone, Copy)]
pub(super) enum Layout {
    /// `metav1.Time`.
    Seconds,
    /// `metav1.MicroTime`: six digits after the point, no more and no less.
    Microseconds,
}

/// One element of Go's layout.
enum Element {
    /// Digits: how many, the least and greatest number, and what Go calls it when it is out of range.
    Digits(usize, u32, u32, &'static str),
    Literal(char),
    Micros,
    Zone,
}

const ELEMENTS: [(&str, Element); 13] = [
    ("2006", Element::Digits(4, 0, 9999, "")),
    ("-", Element::Literal('-')),
    ("01", Element::Digits(2, 1, 12, "month")),
    ("-", Element::Literal('-')),
    ("02", Element::Digits(2, 0, 31, "day")),
    ("T", Element::Literal('T')),
    ("15", Element::Digits(2, 0, 23, "hour")),
    (":", Element::Literal(':')),
    ("04", Element::Digits(2, 0, 59, "minute")),
    (":", Element::Literal(':')),
    ("05", Element::Digits(2, 0, 59, "second")),
    (".000000", Element::Micros),
    ("Z07:00", Element::Zone),
];

/// Go's words about what is no time.
pub(super) fn fault(text: &str, layout: Layout) -> Option<String> {
    let whole = match layout {
        Layout::Seconds => "2006-01-02T15:04:05Z07:00",
        Layout::Microseconds => "2006-01-02T15:04:05.000000Z07:00",
    };
    let reason = parse(text, layout).err()?;
    Some(match reason {
        Reason::Piece(rest, element) => {
            format!("parsing time {text:?} as {whole:?}: cannot parse {rest:?} as {element:?}")
        }
        Reason::Range(what) => format!("parsing time {text:?}: {what} out of range"),
        Reason::Extra(rest) => format!("parsing time {text:?}: extra text: {rest:?}"),
    })
}

enum Reason<'t> {
    Piece(&'t str, &'static str),
    Range(&'static str),
    Extra(&'t str),
}

fn parse(text: &str, layout: Layout) -> Result<(), Reason<'_>> {
    let mut rest = text;
    let mut numbers = [0; 3];
    for (at, (name, element)) in ELEMENTS.iter().enumerate() {
        let wrong = Reason::Piece(rest, name);
        rest = match element {
            Element::Literal(literal) => rest.strip_prefix(*literal).ok_or(wrong)?,
            Element::Digits(count, least, most, what) => {
                let (number, after) = digits(rest, *count).ok_or(wrong)?;
                if number < *least || number > *most {
                    return Err(Reason::Range(what));
                }
                if let Some(slot) = numbers.get_mut(at / 2) {
                    *slot = number;
                }
                // Go takes a fraction after the seconds, whatever the layout says.
                if *name == "05" && matches!(layout, Layout::Seconds) { fraction(after) } else { after }
            }
            Element::Micros if matches!(layout, Layout::Seconds) => rest,
            Element::Micros => {
                let (_, after) = rest.strip_prefix('.').and_then(|it| digits(it, 6)).ok_or(wrong)?;
                after
            }
            Element::Zone => zone(rest).ok_or(wrong)?,
        };
    }
    if !rest.is_empty() {
        return Err(Reason::Extra(rest));
    }
    let [year, month, day] = numbers;
    if day < 1 || day > days(year, month) { Err(Reason::Range("day")) } else { Ok(()) }
}

fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let (head, rest) = text.split_at_checked(count)?;
    let all = head.bytes().all(|byte| byte.is_ascii_digit());
    Some((head.parse().ok().filter(|_| all)?, rest))
}

fn fraction(text: &str) -> &str {
    let Some(after) = text.strip_prefix(['.', ',']) else { return text };
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() == after.len() { text } else { rest }
}

fn zone(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix('Z') {
        return Some(rest);
    }
    let (hours, rest) = digits(text.strip_prefix(['+', '-'])?, 2)?;
    let (minutes, rest) = digits(rest.strip_prefix(':')?, 2)?;
    (hours <= 24 && minutes <= 60).then_some(rest)
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for text in ["2024-02-29T12:00:00Z", "2024-01-31T23:59:59.123+02:00", "0001-01-01T00:00:00-07:30"] {
            assert_eq!(fault(text, Layout::Seconds), None, "{text}");
        }
        assert_eq!(fault("2024-01-31T23:59:59.123456Z", Layout::Microseconds), None);
    }

    #[test]
    fn what_is_no_time_in_go_s_words() {
        let layout = "\"2006-01-02T15:04:05Z07:00\"";
        for (text, words) in [
            ("soon", format!("parsing time \"soon\" as {layout}: cannot parse \"soon\" as \"2006\"")),
            ("", format!("parsing time \"\" as {layout}: cannot parse \"\" as \"2006\"")),
            ("2024-01-02", format!("parsing time \"2024-01-02\" as {layout}: cannot parse \"\" as \"T\"")),
            ("2024-13-02T00:00:00Z", "parsing time \"2024-13-02T00:00:00Z\": month out of range".to_owned()),
            ("2023-02-29T00:00:00Z", "parsing time \"2023-02-29T00:00:00Z\": day out of range".to_owned()),
        ] {
            assert_eq!(fault(text, Layout::Seconds), Some(words), "{text}");
        }
        let micro = fault("2024-01-31T23:59:59Z", Layout::Microseconds).unwrap();
        assert!(micro.ends_with("cannot parse \"Z\" as \".000000\""), "{micro}");
    }
}
