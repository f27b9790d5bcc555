//! Addresses, networks, ports and names of hosts.
//!
//! k8s.io/apimachinery, pkg/util/validation, `ip.go` and `validation.go`. Servers read addresses in two ways: the old
//! one of Go's `net.ParseIP` before 1.17 (k8s.io/utils, net, `ParseIPSloppy`), and `net/netip`, which takes no leading
//! zeros. Here an address is read in the old way, and remembers what the new one would not take.

mod before;
mod netip;

use core::net::{Ipv4Addr, Ipv6Addr};

use seaworthy_object::IntOrString;

use super::names;
use super::value::Value;
use before::was_there;
use seaworthy_cel::quoted;

const NO_IP: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const NO_CIDR: &str = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
/// What a number of a port must be (`IsValidPortNum`).
pub(super) const PORT_RANGE: &str = "must be between 1 and 65535, inclusive";
/// `IsWildcardDNS1123Subdomain`.
const WILDCARD: &str = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which \
    must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. \
    '*.example.com', regex used for validation is \
    '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
/// Where `StrictIPCIDRValidation` is on.
const STRICT: u8 = 36;
/// The protocols of ports, as servers list them.
pub(super) const PROTOCOLS: &[&str] = &["SCTP", "TCP", "UDP"];

/// An address. One of IPv4 is held as it is mapped into IPv6, as Go does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ip {
    bits: u128,
    /// It has zeros in front that `net/netip` does not take.
    zeros: bool,
    /// It is one of IPv4 written as one of IPv6.
    mapped: bool,
}

/// `10.0.0.0/8`: an address and how many of its bits are the network's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cidr {
    /// The address as it is written, with all its bits.
    pub(super) ip: Ip,
    /// How many bits are the network's, of 32 or 128.
    prefix: u32,
    /// Of how many bits the address is, as it is written.
    width: u32,
    zeros: bool,
}

impl Ip {
    /// `ParseIPSloppy`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.bytes().find(|byte| matches!(byte, b'.' | b':'))? {
            b'.' => parse_v4(text),
            _ => parse_v6(text),
        }
    }

    /// Whether it is one of IPv4, however it is written (`To4`).
    pub(super) fn is_v4(self) -> bool {
        self.bits >> 32 == 0xffff
    }

    /// Which of the special ranges of Go's `net.IP` it is in, if in any.
    pub(super) fn special(self) -> Option<Special> {
        let high = self.bits >> 112;
        let octets = if self.is_v4() { low32(self.bits).to_be_bytes() } else { [1; 4] };
        Some(match octets {
            [0, 0, 0, 0] => Special::Unspecified,
            [127, ..] => Special::Loopback,
            [169, 254, ..] => Special::LinkLocal,
            [224, 0, 0, _] => Special::LinkLocalMulticast,
            _ if self.bits == 0 => Special::Unspecified,
            _ if self.bits == 1 => Special::Loopback,
            _ if high & 0xffc0 == 0xfe80 => Special::LinkLocal,
            _ if high & 0xff0f == 0xff02 => Special::LinkLocalMulticast,
            _ => return None,
        })
    }

    /// Whether the new parser takes it, and it is not one of IPv4 written as one of IPv6.
    pub(super) fn is_strict(self) -> bool {
        !self.zeros && !self.mapped
    }

    fn strict_fault(self) -> Option<&'static str> {
        match self {
            Ip { zeros: true, .. } => Some("must not have leading 0s"),
            Ip { mapped: true, .. } => Some("must not be an IPv4-mapped IPv6 address"),
            _ => None,
        }
    }

    /// Whether this is its canonical text.
    pub(super) fn is(self, text: &str) -> bool {
        self.is_strict() && self.text() == text
    }

    /// As Go's `net.IP` prints it, which is canonical.
    pub(super) fn text(self) -> String {
        if self.is_v4() { Ipv4Addr::from(low32(self.bits)).to_string() } else { self.text_v6() }
    }

    /// As `net/netip` prints one that is written as one of IPv6.
    fn text_v6(self) -> String {
        Ipv6Addr::from(self.bits).to_string()
    }
}

/// Ranges of addresses that some fields do not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    Unspecified,
    Loopback,
    LinkLocal,
    LinkLocalMulticast,
}

fn low32(bits: u128) -> u32 {
    u32::try_from(bits & 0xffff_ffff).unwrap_or(0)
}

impl Cidr {
    /// `ParseCIDRSloppy`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let ip = parse_v4(address).or_else(|| parse_v6(address))?;
        let width = if address.contains(':') { 128 } else { 32 };
        let (length, digits) = decimal(prefix)?;
        let zeros = digits > 1 && prefix.starts_with('0');
        (digits == prefix.len() && length <= width).then_some(Self { ip, prefix: length, width, zeros })
    }

    /// The network's own address: without the bits beyond the prefix.
    fn network(self) -> Ip {
        let beyond = self.width - self.prefix;
        let mask = u128::MAX.checked_shl(beyond).unwrap_or(0);
        Ip { bits: self.ip.bits & mask, ..self.ip }
    }

    /// Whether the new parser takes it, and without bits beyond the prefix.
    pub(super) fn is_strict(self) -> bool {
        strict_fault(self).is_none()
    }

    /// Whether the address has bits beyond the prefix.
    fn has_more(self) -> bool {
        self.network().bits != self.ip.bits
    }

    /// The text of the network as Go prints it.
    pub(super) fn text(self) -> String {
        self.with(self.network())
    }

    /// How many bits of an address Go says are the network's: of IPv4 it counts by 32.
    fn with(self, ip: Ip) -> String {
        let prefix = if ip.is_v4() && self.width == 128 { self.prefix.saturating_sub(96) } else { self.prefix };
        format!("{}/{prefix}", ip.text())
    }

    /// Whether another network of the same family lies in it and is smaller (`ValidateIPBlock`).
    pub(super) fn holds_strictly(self, other: Cidr) -> bool {
        let (own, its) = (self.network(), other.network());
        let beyond = self.width - self.prefix;
        let mask = u128::MAX.checked_shl(beyond).unwrap_or(0);
        self.prefix < other.prefix && own.is_v4() == its.is_v4() && its.bits & mask == own.bits
    }
}

/// `dtoi` of Go's package net: a number and how many digits it has.
fn decimal(text: &str) -> Option<(u32, usize)> {
    number(text, 10)
}

fn number(text: &str, radix: u32) -> Option<(u32, usize)> {
    let (mut value, mut digits) = (0_u32, 0);
    for digit in text.chars().map_while(|letter| letter.to_digit(radix)) {
        value = value * radix + digit;
        digits += 1;
        if value >= 0xff_ffff {
            return None;
        }
    }
    (digits > 0).then_some((value, digits))
}

fn parse_v4(text: &str) -> Option<Ip> {
    let (mut bits, mut zeros, mut count) = (0_u32, false, 0);
    for part in text.split('.') {
        let (value, digits) = decimal(part)?;
        if digits != part.len() || value > 255 {
            return None;
        }
        zeros |= digits > 1 && part.starts_with('0');
        bits = bits << 8 | value;
        count += 1;
        if count > 4 {
            return None;
        }
    }
    (count == 4).then_some(Ip { bits: 0xffff << 32 | u128::from(bits), zeros, mapped: false })
}

fn parse_v6(text: &str) -> Option<Ip> {
    let (front, back) = match text.split_once("::") {
        Some((front, back)) => (front, Some(back)),
        None => (text, None),
    };
    let (mut zeros, last) = (false, back.is_none());
    let (high, high_count) = groups(front, last, &mut zeros)?;
    let (low, low_count) = groups(back.unwrap_or_default(), true, &mut zeros)?;
    let bits = match back {
        None => (high_count == 8).then_some(high)?,
        // `::` stands for one group of zeros at least.
        Some(_) if high_count + low_count > 7 => return None,
        Some(_) if high_count == 0 => low,
        Some(_) => high << (16 * (8 - high_count)) | low,
    };
    Some(Ip { bits, zeros, mapped: bits >> 32 == 0xffff })
}

/// Groups of hexadecimal digits, and how many: the last two may be an address of IPv4.
fn groups(text: &str, last: bool, zeros: &mut bool) -> Option<(u128, u32)> {
    let (mut bits, mut count) = (0_u128, 0);
    if text.is_empty() {
        return Some((0, 0));
    }
    let mut parts = text.split(':').peekable();
    while let Some(part) = parts.next() {
        if part.contains('.') {
            let v4 = if last && parts.peek().is_none() { parse_v4(part)? } else { return None };
            *zeros |= v4.zeros;
            bits = bits << 32 | u128::from(low32(v4.bits));
            count += 2;
        } else {
            let (value, digits) = number(part, 16)?;
            if digits != part.len() || value > 0xffff {
                return None;
            }
            *zeros |= digits > 4;
            bits = bits << 16 | u128::from(value);
            count += 1;
        }
        if count > 8 {
            return None;
        }
    }
    Some((bits, count))
}

/// `IsValidIPForLegacyField` of a text at a field; gives the address if nothing is wrong with it.
pub(super) fn legacy_ip(field: Value<'_>, text: &str) -> Option<Ip> {
    let Some(ip) = Ip::parse(text) else {
        field.invalid_text(text, NO_IP);
        return None;
    };
    if (ip.zeros || ip.mapped) && !was_there(field, text) && field.since(STRICT) {
        return strict_ip(field, text, ip);
    }
    Some(ip)
}

fn strict_ip(field: Value<'_>, text: &str, ip: Ip) -> Option<Ip> {
    if let Some(fault) = ip.strict_fault() {
        field.invalid_text(text, fault);
        return None;
    }
    Some(ip)
}

/// `IsValidIP`: of fields that are new enough for canonical addresses alone.
pub(super) fn canonical_ip(field: Value<'_>, text: &str) -> Option<Ip> {
    if let Some(fault) = canonical_ip_fault(text) {
        field.invalid_text(text, &fault);
        return None;
    }
    Ip::parse(text)
}

/// What `IsValidIP` says of a text.
pub(super) fn canonical_ip_fault(text: &str) -> Option<String> {
    let Some(ip) = Ip::parse(text) else { return Some(NO_IP.to_owned()) };
    let canonical = || (ip.text() != text).then(|| format!("must be in canonical form (\"{}\")", ip.text()));
    ip.strict_fault().map(str::to_owned).or_else(canonical)
}

/// `IsValidCIDRForLegacyField` of a text at a field; gives the network if nothing is wrong with it.
pub(super) fn legacy_cidr(field: Value<'_>, text: &str) -> Option<Cidr> {
    let Some(cidr) = Cidr::parse(text) else {
        field.invalid_text(text, NO_CIDR);
        return None;
    };
    if let Some(fault) = strict_fault(cidr)
        && !was_there(field, text)
        && field.since(STRICT)
    {
        field.invalid_text(text, fault);
        return None;
    }
    Some(cidr)
}

fn strict_fault(cidr: Cidr) -> Option<&'static str> {
    if cidr.zeros || cidr.ip.zeros {
        Some("must not have leading 0s in IP or prefix length")
    } else if cidr.ip.mapped {
        Some("must not have an IPv4-mapped IPv6 address")
    } else if cidr.has_more() {
        Some("must not have bits set beyond the prefix length")
    } else {
        None
    }
}

/// `IsValidCIDR`: of fields that are new enough for canonical networks alone.
pub(super) fn canonical_cidr(field: Value<'_>, text: &str) -> Option<Cidr> {
    let Some(cidr) = Cidr::parse(text) else {
        field.invalid_text(text, NO_CIDR);
        return None;
    };
    let canonical = cidr.text();
    if let Some(fault) = strict_fault(cidr) {
        field.invalid_text(text, fault);
    } else if text != canonical {
        field.invalid_text(text, &format!("must be in canonical form (\"{canonical}\")"));
    } else {
        return Some(cidr);
    }
    None
}

/// `ValidateEndpointIP`: what must not be the address of an endpoint.
pub(super) fn endpoint_ip(field: Value<'_>, text: &str) {
    let Some(ip) = Ip::parse(text) else { return field.invalid_text(text, "must be a valid IP address") };
    match ip.special() {
        None => {}
        Some(Special::Unspecified) => field.invalid_text(text, &format!("may not be unspecified ({text})")),
        Some(Special::Loopback) => {
            field.invalid_text(text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }
        Some(Special::LinkLocal) => {
            field.invalid_text(text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }
        Some(Special::LinkLocalMulticast) => {
            field.invalid_text(text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
    }
}

/// The same of the address of an endpoint, which is looked at since 1.33.
pub(super) fn warn_endpoint_ip(field: Value<'_>) {
    let plain = Ip::parse(field.str()).is_none_or(|ip| ip.is_v4() && ip.is_strict());
    if !plain && field.since(33) {
        warn_ip(field);
    }
}

/// Whether a label says that one of these writes the object.
pub(super) fn is_managed(object: Value<'_>, label: &str, by: &[&str]) -> bool {
    object.at("metadata.labels").entries().any(|(key, value)| key == label && by.contains(&value.str()))
}

/// `GetWarningsForIP` of an address that is valid; before 1.33 in other words (k8s.io/kubernetes, pkg/api/service,
/// `getWarningsForIP`).
pub(super) fn warn_ip(field: Value<'_>) {
    let text = field.str();
    let ip = Ip::parse(text);
    if ip.is_some_and(|ip| ip.is_v4() && !ip.zeros && !ip.mapped) {
        return;
    }
    let (path, shown) = (field.path(), quoted(text));
    let Some(ip) = ip.filter(|ip| !ip.zeros || field.since(33)) else {
        if !field.since(33) {
            let fault = netip::address_fault(text);
            field.warn(format!("{path}: IP address was accepted, but {FUTURE}: {fault}"));
        }
        return;
    };
    if field.since(33) {
        if ip.zeros || ip.mapped {
            field.warn(format!("{path}: non-standard IP address {shown} {} \"{}\"", invalid(field), ip.text()));
        } else if text != ip.text() {
            field.warn(format!("{path}: IPv6 address {shown} should be in {RFC} (\"{}\")", ip.text()));
        }
    } else if text != ip.text_v6() {
        field.warn(format!("{path}: IPv6 address {shown} is not in {RFC} (\"{}\"), {LOOPS}", ip.text_v6()));
    }
}

/// `GetWarningsForCIDR` of a network that is valid; before 1.33 in other words (k8s.io/kubernetes, pkg/api/service,
/// `getWarningsForCIDR`).
pub(super) fn warn_cidr(field: Value<'_>) {
    let text = field.str();
    let cidr = Cidr::parse(text);
    if cidr.is_some_and(|it| it.ip.is_v4() && it.is_strict()) {
        return;
    }
    let (path, shown) = (field.path(), quoted(text));
    let Some(cidr) = cidr.filter(|it| !(it.zeros || it.ip.zeros) || field.since(33)) else {
        if !field.since(33) {
            let fault = netip::prefix_fault(text);
            field.warn(format!("{path}: IP prefix was accepted, but {FUTURE}: {fault}"));
        }
        return;
    };
    if !field.since(33) {
        let canonical = format!("{}/{}", cidr.ip.text_v6(), cidr.prefix);
        if cidr.width == 128 && text != canonical {
            field.warn(format!("{path}: IPv6 prefix {shown} is not in {RFC} (\"{canonical}\"), {LOOPS}"));
        }
        return;
    }
    if cidr.has_more() {
        let single = format!("{}/{}", cidr.ip.text(), cidr.width);
        let network = cidr.text();
        let words =
            format!("CIDR value {shown} is ambiguous in this context (should be \"{network}\" or \"{single}\"?)");
        field.warn(format!("{path}: {words}"));
    }
    if cidr.zeros || cidr.ip.zeros || cidr.ip.mapped {
        field.warn(format!("{path}: non-standard CIDR value {shown} {} \"{}\"", invalid(field), cidr.text()));
    } else if !cidr.has_more() && text != cidr.text() {
        field.warn(format!("{path}: IPv6 CIDR value {shown} should be in {RFC} (\"{}\")", cidr.text()));
    }
}

const RFC: &str = "RFC 5952 canonical format";
const LOOPS: &str = "which may cause controller apply-loops";
const FUTURE: &str = "will be invalid in a future Kubernetes release";

/// What is said of addresses that a later release does not take, and then this one.
fn invalid(field: Value<'_>) -> &'static str {
    if field.since(STRICT) {
        "is invalid: use"
    } else {
        "will be considered invalid in a future Kubernetes release: use"
    }
}

/// `IsValidPortNum`: says so at the field.
pub(super) fn port_number(field: Value<'_>) {
    if !is_port(field.int()) {
        field.invalid(PORT_RANGE);
    }
}

/// Whether it is the number of a port.
pub(super) fn is_port(number: i64) -> bool {
    (1..=65535).contains(&number)
}

/// `IsValidPortName`: what is wrong with the name of a port.
pub(super) fn port_name_faults(name: &str) -> Vec<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    [
        (name.len() > 15, "must be no more than 15 characters"),
        (
            name.is_empty() || !name.bytes().all(plain),
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
        ),
        (!name.bytes().any(|byte| byte.is_ascii_lowercase()), "must contain at least one letter (a-z)"),
        (name.contains("--"), "must not contain consecutive hyphens"),
        (name.starts_with('-') || name.ends_with('-'), "must not begin or end with a hyphen"),
    ]
    .into_iter()
    .filter(|(wrong, _)| *wrong)
    .map(|(_, words)| words.to_owned())
    .collect()
}

/// `ValidatePortNumOrName`: a number or name of a port that is given.
pub(super) fn port_number_or_name(field: Value<'_>) {
    match field.int_or_string() {
        Some(IntOrString::String(name)) => {
            for fault in port_name_faults(name) {
                field.invalid_text(name, &fault);
            }
        }
        Some(IntOrString::Int(number)) if is_port(number) => {}
        _ => field.invalid_shown(&field.int().to_string(), PORT_RANGE),
    }
}

/// `IsWildcardDNS1123Subdomain`.
pub(super) fn wildcard_faults(name: &str) -> Vec<String> {
    let fits = name.strip_prefix("*.").is_some_and(names::is_subdomain);
    [(name.len() > 253, "must be no more than 253 characters"), (!fits, WILDCARD)]
        .into_iter()
        .filter(|(wrong, _)| *wrong)
        .map(|(_, words)| words.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_servers_read_them() {
        for (text, canonical, odd) in [
            ("10.0.0.1", "10.0.0.1", false),
            ("010.000.00.1", "10.0.0.1", true),
            ("::", "::", false),
            ("FE80:0:0:0:0:0:0:0abc", "fe80::abc", false),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", false),
            ("::00001", "::1", true),
            ("::ffff:1.2.3.4", "1.2.3.4", true),
            ("64:ff9b::1.2.3.04", "64:ff9b::102:304", true),
            ("0:0:1:0:0:0:1:0", "0:0:1::1:0", false),
        ] {
            let ip = Ip::parse(text).expect(text);
            assert_eq!((ip.text().as_str(), ip.zeros || ip.mapped), (canonical, odd), "{text}");
        }
        let not = "1.2.3,1.2.3.4.5,1.2.3.256,a,,1.2.3.,1:2,:::,1::2::3,1:2:3:4:5:6:7:8:9,1:2:3:4:5:6:7::8:9,::1.2.3,\
            fe80::1%eth0,1:2:3:4:5:6:7:8::,::g,:1::,1.2.3.4:1, 1.2.3.4,1:2:3:4:5:6:7:1.2.3.4,1.2.3.4::,999999999.1.1.1";
        for text in not.split(',') {
            assert_eq!(Ip::parse(text), None, "{text}");
        }
    }

    #[test]
    fn networks_as_servers_read_them() {
        for (text, canonical, fault) in [
            ("10.0.0.0/8", "10.0.0.0/8", false),
            ("10.0.0.1/8", "10.0.0.0/8", true),
            ("1.2.3.4/0", "0.0.0.0/0", true),
            ("10.0.0.0/08", "10.0.0.0/8", true),
            ("2001:DB8::/64", "2001:db8::/64", false),
            ("::/0", "::/0", false),
            ("::ffff:1.2.3.0/120", "1.2.3.0/24", true),
            ("::ffff:1.2.3.4/64", "::/64", true),
        ] {
            let cidr = Cidr::parse(text).expect(text);
            assert_eq!((cidr.text().as_str(), strict_fault(cidr).is_some()), (canonical, fault), "{text}");
        }
        for text in ["10.0.0.0", "10.0.0.0/33", "::/129", "/8", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/-1", "a/8"] {
            assert_eq!(Cidr::parse(text), None, "{text}");
        }
        let block = Cidr::parse("10.0.0.0/8").expect("a network");
        for (text, within) in [
            ("10.1.0.0/16", true),
            ("10.0.0.0/8", false),
            ("11.0.0.0/16", false),
            ("::/16", false),
            ("0.0.0.0/0", false),
        ] {
            assert_eq!(block.holds_strictly(Cidr::parse(text).expect(text)), within, "{text}");
        }
    }

    #[test]
    fn ranges_that_are_special() {
        for (text, special) in [
            ("0.0.0.0", Special::Unspecified),
            ("::", Special::Unspecified),
            ("127.1.2.3", Special::Loopback),
            ("::1", Special::Loopback),
            ("169.254.0.1", Special::LinkLocal),
            ("febf::1", Special::LinkLocal),
            ("224.0.0.9", Special::LinkLocalMulticast),
            ("ff12::1", Special::LinkLocalMulticast),
        ] {
            assert_eq!(Ip::parse(text).and_then(Ip::special), Some(special), "{text}");
        }
        for text in ["1.2.3.4", "224.0.1.1", "fec0::1", "ff05::1", "2001:db8::"] {
            assert_eq!(Ip::parse(text).and_then(Ip::special), None, "{text}");
        }
    }

    #[test]
    fn names_of_ports_and_hosts() {
        assert!(port_name_faults("http-2").is_empty());
        assert_eq!(port_name_faults("").len(), 2);
        assert_eq!(port_name_faults("-8--0-").len(), 3);
        assert_eq!(port_name_faults("A-very-long-name").len(), 2);
        assert!(wildcard_faults("*.example.com").is_empty());
        for name in ["*", "*.*.com", "a.*.com", "*a.com", "*.", "*.Com"] {
            assert_eq!(wildcard_faults(name), [WILDCARD], "{name}");
        }
    }
}
