//! What `net/netip` says of a text that is no address: servers before 1.33 pass it on in warnings.

use seaworthy_cel::quoted;

/// A fault, and where in the text, if it says so.
type Fault<'t> = (&'static str, Option<&'t str>);

/// The error of `netip.ParseAddr`.
pub(super) fn address_fault(text: &str) -> String {
    let fault = match text.bytes().find(|byte| matches!(byte, b'.' | b':' | b'%')) {
        Some(b'.') => v4_fault(text),
        Some(b':') => v6_fault(text),
        Some(_) => Some(("missing IPv6 address", None)),
        None => Some(("unable to parse IP", None)),
    };
    let (words, place) = fault.unwrap_or_default();
    let mut said = format!("ParseAddr({}): {words}", quoted(text));
    if let Some(place) = place.filter(|it| !it.is_empty()) {
        said.push_str(&format!(" (at {})", quoted(place)));
    }
    said
}

/// The error of `netip.ParsePrefix`.
pub(super) fn prefix_fault(text: &str) -> String {
    let fault = match text.rsplit_once('/') {
        None => "no '/'".to_owned(),
        Some((address, _)) if is_faulty(address) => address_fault(address),
        Some((_, bits)) => format!("bad bits after slash: {}", quoted(bits)),
    };
    format!("netip.ParsePrefix({}): {fault}", quoted(text))
}

fn is_faulty(address: &str) -> bool {
    match address.bytes().find(|byte| matches!(byte, b'.' | b':' | b'%')) {
        Some(b'.') => v4_fault(address).is_some(),
        Some(b':') => v6_fault(address).is_some(),
        _ => true,
    }
}

/// `parseIPv4Fields`.
fn v4_fault(text: &str) -> Option<Fault<'_>> {
    let (mut value, mut digits, mut dots) = (0, 0, 0);
    for (at, letter) in text.char_indices() {
        if let Some(digit) = letter.to_digit(10) {
            if digits == 1 && value == 0 {
                return Some(("IPv4 field has octet with leading zero", None));
            }
            value = value * 10 + digit;
            digits += 1;
            if value > 255 {
                return Some(("IPv4 field has value >255", None));
            }
        } else if letter == '.' {
            if digits == 0 || at + 1 == text.len() {
                return Some(("IPv4 field must have at least one digit", text.get(at..)));
            }
            if dots == 3 {
                return Some(("IPv4 address too long", None));
            }
            dots += 1;
            (value, digits) = (0, 0);
        } else {
            return Some(("unexpected character", text.get(at..)));
        }
    }
    (dots < 3).then_some(("IPv4 address too short", None))
}

/// `parseIPv6`.
fn v6_fault(text: &str) -> Option<Fault<'_>> {
    let mut rest = text;
    if let Some((address, zone)) = text.split_once('%') {
        if zone.is_empty() {
            return Some(("zone must be a non-empty string", None));
        }
        rest = address;
    }
    let mut ellipsis = rest.starts_with("::");
    if ellipsis {
        rest = rest.get(2..).unwrap_or_default();
        if rest.is_empty() {
            return None;
        }
    }
    let mut bytes = 0;
    while bytes < 16 {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        if digits > 4 {
            return Some(("each group must have 4 or less digits", Some(rest)));
        }
        if digits == 0 {
            return Some(("each colon-separated field must have at least one digit", Some(rest)));
        }
        let after = rest.get(digits..).unwrap_or_default();
        if after.starts_with('.') {
            if !ellipsis && bytes != 12 {
                return Some(("embedded IPv4 address must replace the final 2 fields of the address", Some(rest)));
            }
            if bytes > 12 {
                return Some(("too many hex fields to fit an embedded IPv4 at the end of the address", Some(rest)));
            }
            if let Some(fault) = v4_fault(rest) {
                return Some(fault);
            }
            (rest, bytes) = ("", bytes + 4);
            break;
        }
        bytes += 2;
        rest = after;
        if rest.is_empty() {
            break;
        }
        match rest.strip_prefix(':') {
            None => return Some(("unexpected character, want colon", Some(rest))),
            Some("") => return Some(("colon must be followed by more characters", Some(rest))),
            Some(after) => rest = after,
        }
        if let Some(after) = rest.strip_prefix(':') {
            if ellipsis {
                return Some(("multiple :: in address", Some(rest)));
            }
            (ellipsis, rest) = (true, after);
            if rest.is_empty() {
                break;
            }
        }
    }
    if !rest.is_empty() {
        return Some(("trailing garbage after address", Some(rest)));
    }
    match (bytes < 16, ellipsis) {
        (true, false) => Some(("address string too short", None)),
        (false, true) => Some(("the :: must expand to at least one field of zeros", None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parsers_words() {
        for (text, said) in [
            ("web", "ParseAddr(\"web\"): unable to parse IP"),
            ("010.0.0.1", "ParseAddr(\"010.0.0.1\"): IPv4 field has octet with leading zero"),
            ("1.2.3.x", "ParseAddr(\"1.2.3.x\"): unexpected character (at \"x\")"),
            ("1..2", "ParseAddr(\"1..2\"): IPv4 field must have at least one digit (at \".2\")"),
            ("1.2.3", "ParseAddr(\"1.2.3\"): IPv4 address too short"),
            ("::00001", "ParseAddr(\"::00001\"): each group must have 4 or less digits (at \"00001\")"),
            ("1::2::3", "ParseAddr(\"1::2::3\"): multiple :: in address (at \":3\")"),
            ("1:2", "ParseAddr(\"1:2\"): address string too short"),
            ("::1%", "ParseAddr(\"::1%\"): zone must be a non-empty string"),
        ] {
            assert_eq!(address_fault(text), said);
        }
        assert_eq!(prefix_fault("10.0.0.0"), "netip.ParsePrefix(\"10.0.0.0\"): no '/'");
        assert_eq!(prefix_fault("10.0.0.0/08"), "netip.ParsePrefix(\"10.0.0.0/08\"): bad bits after slash: \"08\"");
        assert!(prefix_fault(" 1.2.3.4/8").ends_with("unexpected character (at \" 1.2.3.4\")"));
    }
}
