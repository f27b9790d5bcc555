//! Ranges of addresses.

use core::net::IpAddr;

/// A range: an address and how many of its bits all in it share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    address: IpAddr,
    bits: u8,
}

impl Cidr {
    /// Reads `10.0.0.0/16`; an address alone is a range of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(it, bits)| (it, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(all), |it| it.parse().ok().filter(|it| *it <= all))?;
        Some(Self { address, bits })
    }

    /// How many bits all of its addresses share: 16 of `10.0.0.0/16`.
    #[must_use]
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// True if its addresses are of IPv6.
    #[must_use]
    pub fn is_v6(&self) -> bool {
        self.address.is_ipv6()
    }

    /// True if all addresses of the other are in it.
    #[must_use]
    pub fn contains(&self, other: &Cidr) -> bool {
        self.bits <= other.bits && self.overlaps(other)
    }

    /// True if every address is in it.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.bits == 0
    }

    /// True if some address is in both.
    #[must_use]
    pub fn overlaps(&self, other: &Cidr) -> bool {
        let bits = u32::from(self.bits.min(other.bits));
        match (self.address, other.address) {
            (IpAddr::V4(left), IpAddr::V4(right)) => {
                (u32::from(left) ^ u32::from(right)).checked_shr(32 - bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(left), IpAddr::V6(right)) => {
                (u128::from(left) ^ u128::from(right)).checked_shr(128 - bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_overlap_where_they_share_an_address() {
        let overlap = |left: &str, right: &str| Cidr::parse(left).unwrap().overlaps(&Cidr::parse(right).unwrap());
        assert!(overlap("10.0.0.0/16", "10.0.3.0/24"));
        assert!(overlap("0.0.0.0/0", "192.168.1.1"));
        assert!(!overlap("10.0.0.0/16", "192.168.0.0/16"));
        assert!(!overlap("10.0.0.0/16", "::/0"));
        assert!(overlap("fd00::/8", "fd12::/16"));
        let within = |left: &str, right: &str| Cidr::parse(left).unwrap().contains(&Cidr::parse(right).unwrap());
        assert!(within("10.0.0.0/8", "10.244.3.7") && within("10.244.0.0/16", "10.244.0.0/16"));
        assert!(!within("10.244.0.0/16", "10.0.0.0/8") && !within("::/0", "10.0.0.0/8"));
        assert_eq!(Cidr::parse("10.0.0.0/33"), None);
        assert_eq!(Cidr::parse("pl-123"), None);
        assert!(Cidr::parse("::/0").unwrap().is_all());
    }
}
