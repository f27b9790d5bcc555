//! Versions of Kubernetes, and sets of them.

use std::fmt;
use std::str::FromStr;

/// A minor version of Kubernetes, such as 1.34.
///
/// What a user asks for is between [`Version::OLDEST`] and [`Version::NEWEST`]; a fact of the
/// catalog may name a later one (an API that goes in 1.39).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u8);

impl Version {
    /// The oldest version the built-in schemas cover.
    pub const OLDEST: Self = Self(11);
    /// The newest version the built-in schemas cover, and the default.
    pub const NEWEST: Self = Self(37);

    /// The version 1.`minor`, whether the catalog covers it or not.
    pub const fn minor_of(minor: u8) -> Self {
        Self(minor)
    }

    /// 34 of 1.34.
    pub const fn minor(self) -> u8 {
        self.0
    }

    /// Whether the built-in schemas cover it.
    pub const fn is_supported(self) -> bool {
        Self::OLDEST.0 <= self.0 && self.0 <= Self::NEWEST.0
    }

    /// All versions the built-in schemas cover, oldest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> + Clone {
        (Self::OLDEST.0..=Self::NEWEST.0).map(Self)
    }

    const fn bit(self) -> u32 {
        if self.is_supported() { 1 << (self.0 - Self::OLDEST.0) } else { 0 }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "1.{}", self.0)
    }
}

/// A text that names no version of Kubernetes the catalog covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionError {
    /// Not of the form `1.34`, `v1.34` or `1.34.4`.
    Form(String),
    /// A version the built-in schemas do not cover.
    Range(String),
}

impl fmt::Display for VersionError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (oldest, newest) = (Version::OLDEST, Version::NEWEST);
        match self {
            Self::Form(text) => write!(out, "`{text}` is not a Kubernetes version; write it like {newest}"),
            Self::Range(text) => {
                write!(out, "Kubernetes {text} is not supported; supported are {oldest} to {newest}")
            }
        }
    }
}

impl std::error::Error for VersionError {}

impl FromStr for Version {
    type Err = VersionError;

    /// Reads `1.34`, `v1.34`, `1.34.4`, and the longer forms that providers use (`v1.34.4-eks-1a2b3c`).
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let form = || VersionError::Form(text.to_owned());
        let plain = text.trim();
        let plain = plain.strip_prefix('v').unwrap_or(plain);
        // What follows `-` or `+` is a build of the same version.
        let numbers = plain.split(['-', '+']).next().unwrap_or(plain);
        let mut parts = numbers.split('.').map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            if digits { part.parse::<u64>().map_err(|_| form()) } else { Err(form()) }
        });
        let major = parts.next().ok_or_else(form)??;
        let minor = parts.next().ok_or_else(form)??;
        if let Some(patch) = parts.next() {
            patch?;
        }
        if parts.next().is_some() {
            return Err(form());
        }
        match u8::try_from(minor).map(Self) {
            Ok(version) if major == 1 && version.is_supported() => Ok(version),
            _ => Err(VersionError::Range(numbers.to_owned())),
        }
    }
}

/// A set of the versions the catalog covers.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Versions(u32);

impl Versions {
    const EVERY: u32 = (1 << (Version::NEWEST.0 - Version::OLDEST.0 + 1)) - 1;

    /// No version.
    pub const NONE: Self = Self(0);

    /// Every version the catalog covers.
    pub const ALL: Self = Self(Self::EVERY);

    /// Only `version`; none if the catalog does not cover it.
    pub const fn one(version: Version) -> Self {
        Self(version.bit())
    }

    /// `version` and those after it.
    pub const fn since(version: Version) -> Self {
        Self(Self::EVERY & !Self::before(version).0)
    }

    /// `version` and those before it.
    pub const fn until(version: Version) -> Self {
        Self(Self::before(version).0 | version.bit())
    }

    /// Those before `version`.
    pub const fn before(version: Version) -> Self {
        if version.0 < Version::OLDEST.0 {
            Self(0)
        } else if version.0 > Version::NEWEST.0 {
            Self(Self::EVERY)
        } else {
            Self(version.bit() - 1)
        }
    }

    /// The set whose bit n is 1.(11 + n), as the packed table writes it.
    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self(bits & Self::EVERY)
    }

    /// Whether `version` is in the set.
    pub const fn contains(self, version: Version) -> bool {
        self.0 & version.bit() != 0
    }

    /// Whether every version of `other` is in the set.
    pub const fn contains_all(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Whether the two sets share a version.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The versions in both.
    #[must_use]
    pub const fn intersect(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The versions in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The versions of this set that are not in `other`.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether no version is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many versions are in the set.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The versions, oldest first.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Version> + Clone {
        Version::all().filter(move |version| self.contains(*version))
    }

    /// The oldest version in the set.
    pub fn oldest(self) -> Option<Version> {
        self.iter().next()
    }

    /// The newest version in the set.
    pub fn newest(self) -> Option<Version> {
        self.iter().next_back()
    }
}

impl FromIterator<Version> for Versions {
    fn from_iter<T: IntoIterator<Item = Version>>(versions: T) -> Self {
        Self(versions.into_iter().fold(0, |bits, version| bits | version.bit()))
    }
}

impl From<Version> for Versions {
    fn from(version: Version) -> Self {
        Self::one(version)
    }
}

impl fmt::Debug for Versions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// Runs of versions: `1.19-1.24, 1.30`.
impl fmt::Display for Versions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = *self;
        while let Some(first) = rest.oldest() {
            let end = Self::ALL.minus(rest).iter().find(|version| *version > first);
            let last = end.map_or(Version::NEWEST, |end| Version(end.0 - 1));
            match first == last {
                true => write!(out, "{first}")?,
                false => write!(out, "{first}-{last}")?,
            }
            rest = rest.minus(Self::until(last));
            if !rest.is_empty() {
                out.write_str(", ")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(minor: u8) -> Version {
        Version::minor_of(minor)
    }

    #[test]
    fn a_version_is_read_in_the_forms_people_write() {
        for text in ["1.34", "v1.34", "1.34.4", "v1.34.4", " 1.34 ", "v1.34.4-eks-1a2b3c", "1.34.1+k3s1"] {
            assert_eq!(text.parse(), Ok(version(34)), "{text}");
        }
        assert_eq!(version(34).to_string(), "1.34");
    }

    #[test]
    fn another_text_is_refused_with_its_reason() {
        for text in ["", "1", "latest", "1.", "1.x", "1.34.x", "1.34.1.1", "v", "-1.30", "1.+3"] {
            assert_eq!(text.parse::<Version>(), Err(VersionError::Form(text.to_owned())), "{text}");
        }
        for text in ["1.10", "1.38", "2.34", "0.34", "1.300"] {
            let error = text.parse::<Version>().expect_err(text);
            assert_eq!(error.to_string(), format!("Kubernetes {text} is not supported; supported are 1.11 to 1.37"));
        }
    }

    #[test]
    fn sets_follow_the_order_of_versions() {
        assert_eq!(Versions::ALL.len(), 27);
        assert_eq!(Versions::since(Version::OLDEST), Versions::ALL);
        assert_eq!(Versions::until(Version::NEWEST), Versions::ALL);
        assert_eq!(Versions::since(version(36)), [36, 37].map(version).into_iter().collect());
        assert_eq!(Versions::until(version(12)), [11, 12].map(version).into_iter().collect());
        assert_eq!(Versions::before(version(12)), Versions::one(version(11)));
        assert_eq!(Versions::since(version(30)).union(Versions::before(version(30))), Versions::ALL);
        assert!(Versions::since(version(38)).is_empty());
        assert_eq!(Versions::before(version(40)), Versions::ALL);
        assert_eq!(Versions::until(version(40)), Versions::ALL);
        assert_eq!(Versions::since(version(3)), Versions::ALL);
        assert!(Versions::one(version(38)).is_empty());
    }

    #[test]
    fn sets_intersect_and_subtract() {
        let late = Versions::since(version(30));
        let early = Versions::until(version(31));
        assert_eq!(late.intersect(early), [30, 31].map(version).into_iter().collect());
        assert_eq!(late.minus(early), Versions::since(version(32)));
        assert!(late.intersects(early) && !late.contains_all(early));
        assert_eq!((late.oldest(), late.newest()), (Some(version(30)), Some(Version::NEWEST)));
        assert_eq!(Versions::NONE.newest(), None);
    }

    #[test]
    fn a_set_prints_its_runs() {
        let set: Versions = [11, 12, 13, 20, 36, 37].map(version).into_iter().collect();
        assert_eq!(set.to_string(), "1.11-1.13, 1.20, 1.36-1.37");
        assert_eq!(Versions::NONE.to_string(), "");
    }
}
