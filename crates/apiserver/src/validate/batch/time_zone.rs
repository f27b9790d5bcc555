//! Time zones that the server finds (Go's `time.LoadLocation`).

/// The zones of Go's `time/tzdata`, which the server has built in: what stands before names, and names.
const ZONES: &str = include_str!("../../../data/time-zones.txt");

/// What is wrong with the name of a zone.
pub(super) fn fault(name: &str) -> Option<String> {
    if matches!(name, "" | "UTC" | "Local") {
        return None;
    }
    if name.contains("..") || name.starts_with(['/', '\\']) {
        return Some("time: invalid location name".to_owned());
    }
    let known = ZONES.lines().any(|line| {
        let (prefix, names) = line.split_once(' ').unwrap_or((line, ""));
        name.strip_prefix(prefix).is_some_and(|rest| names.split(' ').any(|own| own == rest))
    });
    (!known).then(|| format!("unknown time zone {name}"))
}
