//! IP addresses and ranges, read as Go's `net/netip` reads them, with its words.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::fmt;

use super::text::quoted;

/// A range of addresses: `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    /// The address as written, host bits included.
    pub address: IpAddr,
    /// The length of the prefix.
    pub bits: u8,
}

impl Cidr {
    /// The range without host bits.
    #[must_use]
    pub fn masked(self) -> Self {
        let host = self.width() - u32::from(self.bits);
        let address = match self.address {
            IpAddr::V4(it) => IpAddr::V4(Ipv4Addr::from_bits(it.to_bits().unbounded_shr(host).unbounded_shl(host))),
            IpAddr::V6(it) => IpAddr::V6(Ipv6Addr::from_bits(it.to_bits().unbounded_shr(host).unbounded_shl(host))),
        };
        Self { address, bits: self.bits }
    }

    /// Whether an address lies in it.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        let same_family = self.address.is_ipv4() == address.is_ipv4();
        same_family && Self { address, bits: self.bits }.masked() == self.masked()
    }

    /// Whether a range lies in it.
    #[must_use]
    pub fn contains_all(self, other: Self) -> bool {
        self.bits <= other.bits && self.contains(other.address)
    }

    fn width(self) -> u32 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.address, self.bits)
    }
}

/// An address of the library `ip`: without zone, and not an IPv4 address in IPv6's clothes (`parseIPAddr`).
pub(crate) fn parse_ip(text: &str) -> Result<IpAddr, String> {
    let (address, zone) = parse_address(text)
        .map_err(|why| format!("IP Address {} parse error during conversion from string: {why}", quoted(text)))?;
    if zone {
        return Err(format!("IP address {} with zone value is not allowed", quoted(text)));
    }
    if is_mapped(address) {
        return Err(format!("IPv4-mapped IPv6 address {} is not allowed", quoted(text)));
    }
    Ok(address)
}

/// A range of the library `cidr` (`parseCIDR`).
pub(crate) fn parse_cidr(text: &str) -> Result<Cidr, String> {
    let cidr = parse_prefix(text).map_err(|why| {
        let prefix = quoted(text);
        format!("network address parse error during conversion from string: netip.ParsePrefix({prefix}): {why}")
    })?;
    if is_mapped(cidr.address) {
        return Err(format!("IPv4-mapped IPv6 address {} is not allowed", quoted(text)));
    }
    Ok(cidr)
}

fn is_mapped(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(it) if it.to_ipv4_mapped().is_some())
}

/// `netip.ParsePrefix`
fn parse_prefix(text: &str) -> Result<Cidr, String> {
    let (address, bits) = text.rsplit_once('/').ok_or("no '/'")?;
    let (address, zone) = parse_address(address)?;
    if zone {
        return Err("IPv6 zones cannot be present in a prefix".to_owned());
    }
    let digits = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || (bits.len() > 1 && bits.starts_with('0')) || bits.len() > 18 {
        return Err(format!("bad bits after slash: {}", quoted(bits)));
    }
    let most = if address.is_ipv4() { 32 } else { 128 };
    match bits.parse::<u8>() {
        Ok(bits) if bits <= most => Ok(Cidr { address, bits }),
        _ => Err("prefix length out of range".to_owned()),
    }
}

/// `netip.ParseAddr`: the address, and whether it has a zone.
pub(super) fn parse_address(text: &str) -> Result<(IpAddr, bool), String> {
    let parsed = match text.bytes().find(|byte| matches!(byte, b'.' | b':' | b'%')) {
        Some(b'.') => parse_ipv4(text).map(|it| (IpAddr::V4(it), false)),
        Some(b':') => match text.split_once('%') {
            Some((_, "")) => Err(("zone must be a non-empty string", "")),
            Some((address, _)) => parse_ipv6(address).map(|it| (IpAddr::V6(it), true)),
            None => parse_ipv6(text).map(|it| (IpAddr::V6(it), false)),
        },
        Some(_) => Err(("missing IPv6 address", "")),
        None => Err(("unable to parse IP", "")),
    };
    parsed.map_err(|(why, at)| {
        let at = if at.is_empty() { String::new() } else { format!(" (at {})", quoted(at)) };
        format!("ParseAddr({}): {why}{at}", quoted(text))
    })
}

/// What is wrong, and where.
type Why<'a> = (&'static str, &'a str);

fn parse_ipv4(text: &str) -> Result<Ipv4Addr, Why<'_>> {
    let mut fields = [0u8; 4];
    let (mut field, mut value, mut digits) = (0, 0u32, 0);
    for (at, byte) in text.bytes().enumerate() {
        let rest = text.get(at..).unwrap_or("");
        if byte.is_ascii_digit() {
            if digits == 1 && value == 0 {
                return Err(("IPv4 field has octet with leading zero", ""));
            }
            value = value * 10 + u32::from(byte - b'0');
            digits += 1;
            if value > 255 {
                return Err(("IPv4 field has value >255", ""));
            }
        } else if byte == b'.' {
            if digits == 0 || rest.len() == 1 {
                return Err(("IPv4 field must have at least one digit", rest));
            }
            if field == 3 {
                return Err(("IPv4 address too long", ""));
            }
            set(&mut fields, field, value);
            field += 1;
            value = 0;
            digits = 0;
        } else {
            return Err(("unexpected character", rest));
        }
    }
    if field < 3 {
        return Err(("IPv4 address too short", ""));
    }
    set(&mut fields, field, value);
    Ok(Ipv4Addr::from_octets(fields))
}

fn set(fields: &mut [u8; 4], at: usize, value: u32) {
    if let (Some(field), Ok(value)) = (fields.get_mut(at), u8::try_from(value)) {
        *field = value;
    }
}

fn parse_ipv6(text: &str) -> Result<Ipv6Addr, Why<'_>> {
    let mut groups: Vec<u16> = Vec::with_capacity(8);
    let mut gap = None;
    let mut rest = text;
    if let Some(after) = rest.strip_prefix("::") {
        gap = Some(0);
        rest = after;
        if rest.is_empty() {
            return Ok(Ipv6Addr::UNSPECIFIED);
        }
    }
    while groups.len() < 8 {
        let (value, after) = group(rest)?;
        if after.starts_with('.') {
            if gap.is_none() && groups.len() != 6 {
                return Err(("embedded IPv4 address must replace the final 2 fields of the address", rest));
            }
            if groups.len() > 6 {
                return Err(("too many hex fields to fit an embedded IPv4 at the end of the address", rest));
            }
            let [a, b, c, d] = parse_ipv4(rest)?.octets();
            groups.extend([u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]);
            rest = "";
            break;
        }
        groups.push(value);
        rest = after;
        if rest.is_empty() {
            break;
        }
        let Some(after) = rest.strip_prefix(':') else { return Err(("unexpected character, want colon", rest)) };
        if after.is_empty() {
            return Err(("colon must be followed by more characters", rest));
        }
        rest = after;
        if let Some(after) = rest.strip_prefix(':') {
            if gap.is_some() {
                return Err(("multiple :: in address", rest));
            }
            gap = Some(groups.len());
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
    }
    if !rest.is_empty() {
        return Err(("trailing garbage after address", rest));
    }
    match gap {
        Some(_) if groups.len() == 8 => return Err(("the :: must expand to at least one field of zeros", "")),
        Some(gap) => {
            let zeros = 8usize.saturating_sub(groups.len());
            groups.splice(gap..gap, std::iter::repeat_n(0, zeros));
        }
        None if groups.len() < 8 => return Err(("address string too short", "")),
        None => {}
    }
    Ok(<[u16; 8]>::try_from(groups).map_or(Ipv6Addr::UNSPECIFIED, Ipv6Addr::from_segments))
}

/// The hexadecimal digits at the start, and the rest.
fn group(text: &str) -> Result<(u16, &str), Why<'_>> {
    let count = text.bytes().take_while(u8::is_ascii_hexdigit).count();
    let (digits, after) = text.split_at_checked(count).unwrap_or((text, ""));
    match count {
        0 => Err(("each colon-separated field must have at least one digit", text)),
        1..=4 => Ok((u16::from_str_radix(digits, 16).unwrap_or(0), after)),
        _ => Err(("each group must have 4 or less digits", text)),
    }
}
