//! Names that were probably meant.

/// True if two names are so near that one is likely a slip of the other: at most two letters, and never most of a name.
#[must_use]
pub fn is_near(left: &str, right: &str) -> bool {
    let shorter = left.chars().count().min(right.chars().count());
    let allowed = if shorter <= 3 { 1 } else { 2 };
    left != right && shorter > 1 && strsim::osa_distance(left, right) <= allowed
}

/// The candidate nearest to a name, if it is near enough to be worth naming.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .into_iter()
        .filter(|&candidate| candidate != name)
        .map(|candidate| (strsim::normalized_damerau_levenshtein(name, candidate), candidate))
        .filter(|&(likeness, candidate)| likeness >= 0.6 || is_near(name, candidate))
        .max_by(|left, right| left.0.total_cmp(&right.0).then_with(|| right.1.cmp(left.1)))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters_are_near_three_are_not() {
        assert!(is_near("global-config-v2", "global-config-v4"));
        assert!(is_near("webapp", "wepbap"));
        assert!(!is_near("queue", "mongo"));
        assert!(!is_near("a", "b"));
        assert!(!is_near("web", "api"));
    }

    #[test]
    fn the_nearest_is_named() {
        assert_eq!(nearest("fleetman-web", ["queue", "fleetman-webapp", "fleetman-queue"]), Some("fleetman-webapp"));
        assert_eq!(nearest("x", ["queue"]), None);
    }
}
