//! Nearest names, for `help`.

/// The candidate nearest to `name`, with its distance in letters; none if all are too far to be meant.
pub(crate) fn nearest<'n>(name: &str, candidates: impl Iterator<Item = &'n str>) -> Option<(&'n str, usize)> {
    let limit = match name.chars().count() {
        0..=2 => 1,
        3..=7 => 2,
        _ => 3,
    };
    let mut best: Option<(&str, usize)> = None;
    for candidate in candidates {
        let distance = letters(name, candidate);
        if distance <= limit && distance < candidate.len() && best.is_none_or(|(_, least)| distance < least) {
            best = Some((candidate, distance));
        }
    }
    best
}

/// How many letters are wrong; case alone counts as nothing, swapped neighbours as one.
pub(crate) fn letters(left: &str, right: &str) -> usize {
    // The lengths alone tell most names apart.
    if left.len().abs_diff(right.len()) > 3 {
        return usize::MAX;
    }
    if left.eq_ignore_ascii_case(right) {
        return 0;
    }
    strsim::osa_distance(&left.to_ascii_lowercase(), &right.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_wins() {
        let names = ["image", "imagePullPolicy", "name"];
        assert_eq!(nearest("imagee", names.into_iter()), Some(("image", 1)));
        assert_eq!(nearest("imagepullpolicy", names.into_iter()), Some(("imagePullPolicy", 0)));
        assert_eq!(nearest("iamge", names.into_iter()), Some(("image", 1)));
        assert_eq!(nearest("replicas", names.into_iter()), None);
        assert_eq!(nearest("", names.into_iter()), None);
    }
}
