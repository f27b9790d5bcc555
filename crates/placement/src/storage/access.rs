//! Access modes as a set.

use std::fmt;

use seaworthy_object::Field;

/// The modes in the order in which the volume controller sorts them.
const MODES: [&str; 4] = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"];

/// A set of access modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct AccessModes(u8);

impl AccessModes {
    /// Every set there is, those of fewer modes first: the order in which the controller looks through volumes.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..=4).flat_map(|count| (0..16u8).filter(move |set| set.count_ones() == count)).map(Self)
    }

    /// The modes of a list; what is no mode is left out.
    #[must_use]
    pub fn of<'a>(list: impl Iterator<Item = Field<'a>>) -> Self {
        let bit = |name: &str| MODES.iter().position(|mode| *mode == name).map_or(0, |at| 1 << at);
        Self(list.filter_map(|it| it.as_str()).fold(0, |set, name| set | bit(name)))
    }

    /// True if every mode of `other` is among these; ReadWriteMany does not stand for ReadWriteOnce.
    #[must_use]
    pub fn contain(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// True if one node only can use the volume: no mode but ReadWriteOnce and ReadWriteOncePod.
    #[must_use]
    pub fn is_one_node(self) -> bool {
        self.0 != 0 && self.0 & 0b0110 == 0
    }

    /// True if one pod only can use it.
    #[must_use]
    pub fn is_one_pod(self) -> bool {
        self.0 == 0b1000
    }

    /// True if one of them is that one pod only may use it.
    #[must_use]
    pub fn are_for_one_pod(self) -> bool {
        self.0 & 0b1000 != 0
    }

    /// The sort key among sets: fewer modes first.
    pub(crate) fn rank(self) -> (u32, u8) {
        (self.0.count_ones(), self.0)
    }
}

impl fmt::Display for AccessModes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("no access mode");
        }
        let mut first = true;
        for (at, mode) in MODES.iter().enumerate() {
            if self.0 & (1 << at) != 0 {
                write!(f, "{}{mode}", if first { "" } else { ", " })?;
                first = false;
            }
        }
        Ok(())
    }
}
