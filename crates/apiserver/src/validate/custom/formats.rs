//! The formats of strings that servers look at.
//!
//! k8s.io/kube-openapi, pkg/validation/strfmt, on top of govalidator; k8s.io/apiextensions-apiserver,
//! pkg/apiserver/validation/formats.go.

use core::net::{IpAddr, Ipv6Addr};

/// A format, and whether a text is of it.
type Format = (&'static str, fn(&str) -> bool);

/// By their names without dashes.
const FORMATS: &[Format] = &[
    ("bsonobjectid", |text| text.len() == 24 && is_hex(text)),
    ("byte", is_base64),
    ("cidr", is_cidr),
    ("creditcard", is_credit_card),
    ("date", is_date),
    ("datetime", is_date_time),
    ("duration", is_duration),
    ("email", is_email),
    ("hexcolor", is_hex_color),
    ("hostname", is_hostname),
    ("ipv4", |text| text.contains('.') && is_ip(text)),
    ("ipv6", |text| text.parse::<Ipv6Addr>().is_ok()),
    ("isbn", |text| is_isbn10(text) || is_isbn13(text)),
    ("isbn10", is_isbn10),
    ("isbn13", is_isbn13),
    ("k8slongname", |text| text.len() <= 253 && text.split('.').all(is_label)),
    ("k8sshortname", |text| text.len() <= 63 && is_label(text)),
    ("mac", is_mac),
    ("password", |_| true),
    ("rgbcolor", is_rgb_color),
    ("ssn", is_social_security_number),
    ("uri", is_request_uri),
    ("uuid", |text| is_uuid(text, None)),
    ("uuid3", |text| is_uuid(text, Some(b'3'))),
    ("uuid4", |text| is_uuid(text, Some(b'4'))),
    ("uuid5", |text| is_uuid(text, Some(b'5'))),
];

/// The version that looks at the two names of Kubernetes, which the one before it knows.
const KUBERNETES_NAMES: u8 = 35;

/// Whether servers look at a format of strings; `since` says whether they are of a version or later.
pub(super) fn is_known(format: &str, since: &dyn Fn(u8) -> bool) -> bool {
    find(format).is_some_and(|(name, _)| !name.starts_with("k8s") || since(KUBERNETES_NAMES))
}

/// Whether a text is of a format that is known.
pub(super) fn fits(format: &str, text: &str) -> bool {
    find(format).is_none_or(|(_, fits)| fits(text))
}

fn find(format: &str) -> Option<&'static Format> {
    let plain = format.bytes().filter(|byte| *byte != b'-');
    FORMATS.iter().find(|(name, _)| plain.clone().eq(name.bytes()))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_label(text: &str) -> bool {
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    [bytes.first(), bytes.last()].into_iter().all(|it| it.is_some_and(plain))
        && bytes.iter().all(|byte| plain(byte) || *byte == b'-')
}

/// Padded, and not empty.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    !text.is_empty()
        && text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// Go's `ParseIPSloppy`: numbers of an IPv4 address may begin with zeros.
fn is_ip(text: &str) -> bool {
    is_ipv4(text) || text.parse::<Ipv6Addr>().is_ok()
}

fn is_ipv4(text: &str) -> bool {
    let fits = |part: &str| is_number(part) && part.trim_start_matches('0').len() <= 3 && number(part) <= 255;
    text.split('.').count() == 4 && text.split('.').all(fits)
}

fn number(digits: &str) -> u32 {
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u32::MAX) }
}

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let limit = match (is_ipv4(address), address.parse::<IpAddr>()) {
        (true, _) => 32,
        (false, Ok(IpAddr::V6(_))) => 128,
        _ => return false,
    };
    is_number(bits) && number(bits) <= limit
}

/// `net.ParseMAC`: 6, 8 or 20 bytes in pairs, or in fours with dots.
fn is_mac(text: &str) -> bool {
    let by = |separator: char, digits: usize, counts: &[usize]| {
        counts.contains(&text.split(separator).count())
            && text.split(separator).all(|it| it.len() == digits && is_hex(it))
    };
    by(':', 2, &[6, 8, 20]) || by('-', 2, &[6, 8, 20]) || by('.', 4, &[3, 4, 10])
}

fn is_uuid(text: &str, version: Option<u8>) -> bool {
    let mut rest = text;
    for (at, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if at > 0 {
            rest = rest.strip_prefix('-').unwrap_or(rest);
        }
        let Some((part, after)) = rest.split_at_checked(length) else { return false };
        let first = part.bytes().next();
        let variant = matches!(version, Some(b'4' | b'5')) && at == 3;
        if !is_hex(part)
            || (at == 2 && version.is_some() && version != first)
            || (variant && !matches!(first, Some(b'8' | b'9' | b'a' | b'b' | b'A' | b'B')))
        {
            return false;
        }
        rest = after;
    }
    rest.is_empty()
}

fn is_isbn10(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter(|it| !matches!(it, ' ' | '-')).filter_map(isbn_digit).collect();
    let plain = text.chars().filter(|it| !matches!(it, ' ' | '-')).count() == digits.len();
    let body = digits.iter().take(9).all(|it| *it < 10);
    let sum: u32 = digits.iter().zip(1u32..).map(|(digit, weight)| digit * weight).sum();
    plain && digits.len() == 10 && body && sum.is_multiple_of(11)
}

fn isbn_digit(letter: char) -> Option<u32> {
    if letter == 'X' { Some(10) } else { letter.to_digit(10) }
}

fn is_isbn13(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|it| it.to_digit(10)).collect();
    let plain = text.chars().filter(|it| !matches!(it, ' ' | '-')).count() == digits.len();
    let sum: u32 = digits.iter().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    plain && digits.len() == 13 && sum.is_multiple_of(10)
}

/// The ranges of issuers, and Luhn's check digit.
fn is_credit_card(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let begins = |list: &[&str]| list.iter().any(|it| digits.starts_with(it));
    let known = match digits.len() {
        13 => begins(&["4"]),
        14 => begins(&["300", "301", "302", "303", "304", "305", "36", "38"]),
        15 => begins(&["34", "37", "2131", "1800"]),
        16 => begins(&["4", "51", "52", "53", "54", "55", "6011", "65", "35"]),
        _ => false,
    };
    let sum: u32 = digits.chars().rev().filter_map(|it| it.to_digit(10)).zip([1, 2].into_iter().cycle()).fold(
        0,
        |sum, (digit, weight)| {
            let product = digit * weight;
            sum + product / 10 + product % 10
        },
    );
    known && sum.is_multiple_of(10)
}

fn is_social_security_number(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', ' ']).collect();
    text.len() == 11 && parts.iter().all(|it| is_number(it)) && parts.iter().map(|it| it.len()).eq([3, 2, 4])
}

fn is_hex_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or(text);
    matches!(digits.len(), 3 | 6) && is_hex(digits)
}

fn is_rgb_color(text: &str) -> bool {
    let Some(inner) = text.strip_prefix("rgb(").and_then(|it| it.strip_suffix(')')) else { return false };
    let fits = |part: &str| {
        let part = part.trim_matches([' ', '\t', '\n', '\x0c', '\r']);
        is_number(part) && (part == "0" || !part.starts_with('0')) && part.len() <= 3 && number(part) <= 255
    };
    inner.split(',').count() == 3 && inner.split(',').all(fits)
}

/// `2006-01-02`
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    if !parts.iter().all(|it| is_number(it)) || !parts.iter().map(|it| it.len()).eq([4, 2, 2]) {
        return false;
    }
    let (year, month, day) = (number(year), number(month), number(day));
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// A date, and a time with its zone: `([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))`.
fn is_date_time(text: &str) -> bool {
    let text = text.to_lowercase();
    let mut parts = text.split('t');
    let (Some(date), Some(time)) = (parts.next(), parts.next()) else { return false };
    let zoneless = time.strip_suffix('z').or_else(|| {
        let (rest, zone) = time.split_at_checked(time.len().checked_sub(6)?)?;
        let zone = zone.strip_prefix(['+', '-'])?;
        (is_pairs(zone, 2)).then_some(rest)
    });
    let Some((clock, fraction)) = zoneless.and_then(|it| it.split_at_checked(8)) else { return false };
    let mut after = fraction.chars();
    let fraction_fits = fraction.is_empty() || (after.next().is_some() && is_number(after.as_str()));
    let in_range = clock.split(':').zip(["23", "59", "59"]).all(|(it, limit)| it <= limit);
    is_date(date) && is_pairs(clock, 3) && in_range && fraction_fits
}

/// So many pairs of digits with colons between them.
fn is_pairs(text: &str, count: usize) -> bool {
    text.split(':').count() == count && text.split(':').all(|it| it.len() == 2 && is_number(it))
}

/// Go's durations, or numbers with units in words anywhere: `2 days`.
fn is_duration(text: &str) -> bool {
    is_go_duration(text) || has_worded_duration(text)
}

fn is_go_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let digits = rest.trim_start_matches(|it: char| it.is_ascii_digit());
        let after = digits.strip_prefix('.').unwrap_or(digits);
        let after = after.trim_start_matches(|it: char| it.is_ascii_digit());
        let written = rest.len() - after.len();
        if written == 0 || (written == 1 && rest.starts_with('.')) {
            return false;
        }
        let unit = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"].into_iter().filter(|it| after.starts_with(it));
        let Some(unit) = unit.max_by_key(|it| it.len()) else { return false };
        rest = after.strip_prefix(unit).unwrap_or("");
    }
    true
}

fn has_worded_duration(text: &str) -> bool {
    const UNITS: [&[&str]; 8] = [
        &["ns", "nano"],
        &["us", "µs", "micro"],
        &["ms", "milli"],
        &["s", "sec"],
        &["m", "min"],
        &["h", "hr", "hour"],
        &["d", "day"],
        &["w", "wk", "week"],
    ];
    let is_letter = |it: char| it.is_ascii_alphabetic() || it == 'µ';
    let mut rest = text;
    while let Some((_, from)) =
        rest.char_indices().find(|(_, it)| it.is_ascii_digit()).and_then(|(at, _)| rest.split_at_checked(at))
    {
        let after = from.trim_start_matches(|it: char| it.is_ascii_digit()).trim_start();
        let word = after.split(|it: char| !is_letter(it)).next().unwrap_or("").to_lowercase();
        let is_unit = |variants: &&[&str]| {
            let long = variants.last().is_some_and(|it| word.starts_with(it));
            long || variants.contains(&word.as_str())
        };
        if !word.is_empty() && UNITS.iter().any(is_unit) {
            return true;
        }
        rest = after;
    }
    false
}

/// `local@domain`, with a name before it in `<>` or without. What `mail.ParseAddress` takes beyond that (comments,
/// quoted local parts) is rare.
fn is_email(text: &str) -> bool {
    let text = text.trim_matches([' ', '\t']);
    let address = match (text.split_once('<'), text.strip_suffix('>')) {
        (Some((_, rest)), Some(_)) => rest.strip_suffix('>').unwrap_or(rest),
        _ => text,
    };
    let is_atom = |part: &str| {
        !part.is_empty()
            && part.chars().all(|it| {
                it.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(it) || (!it.is_ascii() && it != '\u{fffd}')
            })
    };
    let Some((local, domain)) = address.split_once('@') else { return false };
    let quoted = local.len() > 1 && local.starts_with('"') && local.ends_with('"');
    (quoted || local.split('.').all(is_atom)) && domain.split('.').all(is_atom)
}

/// The pattern takes dashes of a name without dots after its first letter only.
fn is_hostname(text: &str) -> bool {
    let plain = |it: char| it.is_alphanumeric() && (it.is_ascii() || it.is_alphabetic()) || is_symbol(it);
    let single = {
        let mut letters = text.chars();
        let first = letters.next().is_some_and(plain);
        let rest = letters.as_str();
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        first && rest.chars().count() <= 62 && rest.chars().all(plain)
    };
    let label = |part: &str| {
        let ends = [part.chars().next(), part.chars().next_back()];
        ends.into_iter().all(|it| it.is_some_and(plain))
            && part.chars().count() <= 63
            && part.chars().all(|it| plain(it) || it == '-')
    };
    let dotted = text.rsplit_once('.').is_some_and(|(labels, top)| {
        (2..=63).contains(&top.chars().count()) && top.chars().all(char::is_alphabetic) && labels.split('.').all(label)
    });
    (single || dotted) && text.len() <= 255 && text.split('.').all(|it| it.len() <= 63)
}

/// `\p{S}`, as far as it is plain: signs of ASCII, currencies, arrows and pictures.
fn is_symbol(letter: char) -> bool {
    "$+<=>^`|~¢£¤¥¦¨©¬®¯°±´¸×÷".contains(letter)
        || matches!(letter, '\u{20a0}'..='\u{20cf}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// `url.ParseRequestURI`: an absolute URI, or an absolute path.
fn is_request_uri(text: &str) -> bool {
    if text.is_empty() || text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return false;
    }
    if text == "*" {
        return true;
    }
    let is_scheme = |it: &str| {
        it.starts_with(|first: char| first.is_ascii_alphabetic())
            && it.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '+' | '-' | '.'))
    };
    if text.starts_with(':') {
        return false;
    }
    let (scheme, rest) = match text.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme, rest),
        _ => ("", text),
    };
    let rest = rest.split('?').next().unwrap_or("");
    if !rest.starts_with('/') {
        return !scheme.is_empty();
    }
    let Some(after) = rest.strip_prefix("//").filter(|_| !scheme.is_empty()) else { return is_escaped(rest) };
    let (authority, path) = after.find('/').and_then(|at| after.split_at_checked(at)).unwrap_or((after, ""));
    is_authority(authority) && is_escaped(path)
}

fn is_authority(authority: &str) -> bool {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match host.strip_prefix('[').and_then(|it| it.split_once(']')) {
        Some((host, port)) => (host, port),
        None if host.starts_with('[') => return false,
        None => host.rfind(':').and_then(|at| host.split_at_checked(at)).unwrap_or((host, "")),
    };
    let port_fits = port.is_empty() || port.strip_prefix(':').is_some_and(|it| it.is_empty() || is_number(it));
    port_fits && !host.contains([' ', '<', '>', '"', '\\', '^', '`', '{', '|', '}']) && is_escaped(host)
}

/// Whether each `%` begins an escape.
fn is_escaped(text: &str) -> bool {
    text.split('%').skip(1).all(|it| it.split_at_checked(2).is_some_and(|(digits, _)| is_hex(digits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_a_format_and_others() {
        for (format, good, bad) in [
            ("uri", "https://a.example:80/x%20y", "x y"),
            ("email", "a.b@example.com", "a@"),
            ("hostname", "a-b.example.com", "-a"),
            ("ipv4", "010.1.1.1", "1.1.1"),
            ("ipv6", "::1", "1.1.1.1"),
            ("cidr", "10.0.0.0/8", "10.0.0.0/33"),
            ("mac", "00:11:22:aa:bb:cc", "00:11:22"),
            ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"),
            ("uuid4", "123e4567-e89b-42d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"),
            ("isbn", "0321751043", "0321751044"),
            ("isbn13", "978-0321751041", "978-0321751042"),
            ("creditcard", "4111 1111 1111 1111", "4111 1111 1111 1112"),
            ("ssn", "111-22-3333", "111223333"),
            ("hexcolor", "#fff", "#ffff"),
            ("rgbcolor", "rgb(1, 2,255)", "rgb(1,2,256)"),
            ("byte", "YWI=", "YWI"),
            ("date", "2024-02-29", "2023-02-29"),
            ("date-time", "2024-02-29T10:00:00.5+01:00", "2024-02-29T24:00:00Z"),
            ("duration", "1h30m", "soon"),
            ("duration", "2 days", "2 moons"),
            ("k8s-short-name", "a-b", "a.b"),
            ("k8s-long-name", "a.b", "a..b"),
            ("bsonobjectid", "507f1f77bcf86cd799439011", "507f"),
        ] {
            assert!(is_known(format, &|_| true), "{format}");
            assert!(fits(format, good), "{format}: {good}");
            assert!(!fits(format, bad), "{format}: {bad}");
        }
        assert!(!is_known("k8s-short-name", &|_| false));
        assert!(!is_known("int32", &|_| true));
    }
}
