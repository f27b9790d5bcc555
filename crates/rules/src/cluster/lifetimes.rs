//! How long versions of Kubernetes are supported, upstream and by providers.
//!
//! Sources, and of when they are: Kubernetes, "Patch Releases", `data/releases/eol.yaml` of its website and its pages
//! of releases (September 2026); Amazon EKS, "Understand the Kubernetes version lifecycle on EKS" (April 2026); GKE's
//! release schedule and the older dates of EKS and AKS as endoflife.date keeps them (April 2026); AKS, "Supported
//! Kubernetes versions" (October 2024). Where a provider names a month only, the last day of it counts. A minor that is
//! not listed is not known yet, or older than all that are.

/// Until when a minor is supported.
pub(crate) struct Lifetime {
    /// 34 of 1.34.
    minor: u32,
    /// The last day of usual support.
    pub(crate) end: &'static str,
    /// The last day of support that is paid for apart; empty where there is none, or nobody has said when.
    pub(crate) extended: &'static str,
}

/// Who supports a version, and for how long.
pub(crate) struct Calendar {
    /// The platform; empty for upstream.
    platform: &'static str,
    /// Who it is.
    pub(crate) who: &'static str,
    /// True if it sells longer support of versions, too, of which nothing stands here.
    pub(crate) sells_longer: bool,
    lifetimes: &'static [Lifetime],
}

/// What a calendar says of a minor on a day.
pub(crate) enum Standing {
    /// It is supported, or not known yet.
    Supported,
    /// Support has ended, or goes on for money.
    Ended(&'static Lifetime),
    /// It is older than the calendar.
    Ancient,
}

impl Calendar {
    /// The calendar of a platform; upstream's for those that keep none.
    pub(crate) fn of(platform: Option<&str>) -> &'static Self {
        CALENDARS.iter().find(|it| Some(it.platform) == platform).unwrap_or(&UPSTREAM)
    }

    /// Where a minor stands on a day, such as `2026-11-30`: days in this form compare as texts.
    pub(crate) fn standing(&self, minor: u32, today: &str) -> Standing {
        let oldest = self.lifetimes.first().map_or(0, |it| it.minor);
        match self.lifetimes.iter().find(|it| it.minor == minor) {
            Some(lifetime) if lifetime.end < today => Standing::Ended(lifetime),
            None if minor < oldest => Standing::Ancient,
            _ => Standing::Supported,
        }
    }

    /// The oldest minor that is supported on a day.
    pub(crate) fn oldest_supported(&self, today: &str) -> Option<u32> {
        self.lifetimes.iter().find(|it| it.end >= today).map(|it| it.minor)
    }
}

const fn until(minor: u32, end: &'static str) -> Lifetime {
    Lifetime { minor, end, extended: "" }
}

const fn extended(minor: u32, end: &'static str, extended: &'static str) -> Lifetime {
    Lifetime { minor, end, extended }
}

static UPSTREAM: Calendar = Calendar {
    platform: "",
    who: "Kubernetes",
    sells_longer: false,
    lifetimes: &[
        until(11, "2019-05-01"),
        until(12, "2019-07-08"),
        until(13, "2019-10-15"),
        until(14, "2019-12-11"),
        until(15, "2020-05-06"),
        until(16, "2020-09-02"),
        until(17, "2021-01-13"),
        until(18, "2021-06-18"),
        until(19, "2021-10-28"),
        until(20, "2022-02-28"),
        until(21, "2022-06-28"),
        until(22, "2022-12-08"),
        until(23, "2023-02-28"),
        until(24, "2023-07-28"),
        until(25, "2023-10-28"),
        until(26, "2024-02-28"),
        until(27, "2024-07-16"),
        until(28, "2024-10-22"),
        until(29, "2025-02-28"),
        until(30, "2025-07-15"),
        until(31, "2025-11-11"),
        until(32, "2026-02-28"),
        until(33, "2026-06-28"),
        until(34, "2026-10-27"),
        until(35, "2027-02-28"),
        until(36, "2027-06-28"),
        until(37, "2027-10-28"),
    ],
};

static CALENDARS: [Calendar; 3] = [
    Calendar {
        platform: "eks",
        who: "Amazon EKS",
        sells_longer: false,
        lifetimes: &[
            until(18, "2022-03-31"),
            until(19, "2022-08-01"),
            until(20, "2022-11-01"),
            extended(21, "2023-02-16", "2024-07-15"),
            extended(22, "2023-06-04", "2024-09-01"),
            extended(23, "2023-10-11", "2024-10-11"),
            extended(24, "2024-01-31", "2025-01-31"),
            extended(25, "2024-05-01", "2025-05-01"),
            extended(26, "2024-06-11", "2025-06-11"),
            extended(27, "2024-07-24", "2025-07-24"),
            extended(28, "2024-11-26", "2025-11-26"),
            extended(29, "2025-03-23", "2026-03-23"),
            extended(30, "2025-07-23", "2026-07-23"),
            extended(31, "2025-11-26", "2026-11-26"),
            extended(32, "2026-03-23", "2027-03-23"),
            extended(33, "2026-07-29", "2027-07-29"),
            extended(34, "2026-12-02", "2027-12-02"),
            extended(35, "2027-03-27", "2028-03-27"),
        ],
    },
    Calendar {
        platform: "gke",
        who: "GKE",
        sells_longer: true,
        lifetimes: &[
            until(17, "2021-11-01"),
            until(18, "2022-03-01"),
            until(19, "2022-06-01"),
            until(20, "2022-08-01"),
            until(21, "2023-01-31"),
            until(22, "2023-04-30"),
            until(23, "2023-07-31"),
            until(24, "2023-10-31"),
            until(25, "2024-03-30"),
            until(26, "2024-06-30"),
            until(27, "2024-10-01"),
            until(28, "2025-02-04"),
            until(29, "2025-04-12"),
            until(30, "2025-09-30"),
            until(31, "2026-01-16"),
            until(32, "2026-04-11"),
            until(33, "2026-08-03"),
            until(34, "2026-10-01"),
            until(35, "2027-04-11"),
        ],
    },
    Calendar {
        platform: "aks",
        who: "AKS",
        sells_longer: true,
        lifetimes: &[
            until(21, "2022-07-31"),
            until(22, "2022-12-04"),
            until(23, "2023-04-02"),
            until(24, "2023-07-31"),
            until(25, "2024-01-14"),
            until(26, "2024-03-31"),
            extended(27, "2024-07-31", "2025-07-31"),
            until(28, "2025-01-31"),
            until(29, "2025-03-31"),
            extended(30, "2025-07-31", "2026-07-31"),
            until(31, "2025-11-30"),
            until(32, "2026-03-31"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minors_stand_in_order_and_days_can_be_compared() {
        for calendar in CALENDARS.iter().chain([&UPSTREAM]) {
            for pair in calendar.lifetimes.windows(2) {
                assert_eq!(pair[0].minor + 1, pair[1].minor, "{}", calendar.who);
                assert!(pair[0].end <= pair[1].end, "{} 1.{}", calendar.who, pair[1].minor);
            }
            for it in calendar.lifetimes {
                assert!(seaworthy_fleet::day(it.end).is_some());
                assert!(it.extended.is_empty() || seaworthy_fleet::day(it.extended).is_some() && it.end < it.extended);
            }
        }
    }

    #[test]
    fn the_last_day_counts() {
        let eks = Calendar::of(Some("eks"));
        assert!(matches!(eks.standing(34, "2026-12-02"), Standing::Supported));
        assert!(matches!(eks.standing(34, "2026-12-03"), Standing::Ended(_)));
        assert!(matches!(eks.standing(99, "2026-12-03"), Standing::Supported));
        assert!(matches!(eks.standing(14, "2026-12-03"), Standing::Ancient));
        assert_eq!(eks.oldest_supported("2026-11-30"), Some(34));
    }
}
