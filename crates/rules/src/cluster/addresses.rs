//! Ranges of addresses.

use std::net::IpAddr;

/// A range of addresses of one family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cidr {
    is_v6: bool,
    first: u128,
    last: u128,
    /// 16 of `10.0.0.0/16`.
    pub(crate) prefix: u32,
}

impl Cidr {
    /// `10.0.0.0/16`; an address without a prefix is a range of one. Bits behind the prefix do not count.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.trim().split_once('/').map_or((text.trim(), None), |(it, bits)| (it, Some(bits)));
        let (is_v6, value, width) = match address.parse().ok()? {
            IpAddr::V4(address) => (false, u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (true, u128::from(address), 128),
        };
        let prefix = prefix.map_or(Some(width), |it| it.parse().ok()).filter(|it| *it <= width)?;
        let host = if width == prefix { 0 } else { u128::MAX >> (128 - (width - prefix)) };
        Some(Self { is_v6, first: value & !host, last: value | host, prefix })
    }

    /// The ranges of a list with commas: one for each family.
    pub(crate) fn list(text: &str) -> Vec<Self> {
        text.split(',').filter_map(Self::parse).collect()
    }

    /// True if some address is in both.
    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.is_v6 == other.is_v6 && self.first <= other.last && other.first <= self.last
    }

    /// True if all addresses of the other are in it.
    pub(crate) fn contains(self, other: Self) -> bool {
        self.is_v6 == other.is_v6 && self.first <= other.first && other.last <= self.last
    }

    /// How many nodes find room, each with the part that kube-controller-manager gives it unless told otherwise
    /// (`--node-cidr-mask-size`: 24, and 64 for IPv6).
    pub(crate) fn nodes(self) -> u64 {
        let of_node = if self.is_v6 { 64 } else { 24 };
        if self.prefix > of_node { 0 } else { 1_u64.checked_shl(of_node - self.prefix).unwrap_or(u64::MAX) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_meet_in_their_own_family() {
        let range = |text: &str| Cidr::parse(text).unwrap();
        assert!(range("10.0.0.0/8").overlaps(range("10.244.0.0/16")));
        assert!(range("10.0.0.0/8").contains(range("10.244.3.7")));
        assert!(!range("10.244.0.0/16").contains(range("10.0.0.0/8")));
        assert!(!range("10.0.0.0/16").overlaps(range("10.244.0.0/16")));
        assert!(range("0.0.0.0/0").overlaps(range("10.0.0.1")));
        assert!(!range("::/0").overlaps(range("10.0.0.0/8")));
        assert!(range("fd00::/48").overlaps(range("fd00:0:0:1::/64")));
        assert_eq!(range("10.1.2.3/16"), range("10.1.0.0/16"));
        for text in ["", "10.0.0/8", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/", "${CIDR}", "auto"] {
            assert_eq!(Cidr::parse(text), None, "{text}");
        }
    }

    #[test]
    fn each_node_takes_a_part() {
        let nodes = |text: &str| Cidr::parse(text).unwrap().nodes();
        assert_eq!((nodes("10.244.0.0/16"), nodes("10.244.0.0/24"), nodes("10.244.0.0/26")), (256, 1, 0));
        assert_eq!((nodes("fd00::/56"), nodes("::/0")), (256, u64::MAX));
    }
}
