//! What options of rules allow.

use serde::Deserialize;

/// The options of a rule whose offences a policy may allow by name.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Allowed {
    allow: Vec<String>,
}

impl Allowed {
    /// True if the names hold this one.
    pub(super) fn names(&self, name: &str) -> bool {
        self.allow.iter().any(|it| it == name)
    }

    /// True if one of the patterns matches this text.
    pub(super) fn matches(&self, text: &str) -> bool {
        matches_any(&self.allow, text)
    }

    /// True if one of the directories is or holds this one, by path components.
    pub(super) fn holds(&self, path: &str) -> bool {
        let climbs = path.split('/').any(|it| it == "..");
        !climbs
            && self.allow.iter().any(|it| {
                let rest = path.strip_prefix(it.trim_end_matches('/'));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }
}

/// True if one of the patterns matches a text: a `*` in them stands for anything.
pub(super) fn matches_any(patterns: &[impl AsRef<str>], text: &str) -> bool {
    patterns.iter().any(|it| matches(it.as_ref(), text))
}

fn matches(pattern: &str, text: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(begin) else { return false };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some(at) = text.find(part) else { return false };
        text = text.get(at + part.len()..).unwrap_or_default();
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, want) in [
            ("nginx", "nginx", true),
            ("nginx", "nginx:1", false),
            ("nginx*", "nginx:1", true),
            ("*/istio/proxyv2*", "docker.io/istio/proxyv2:1.27", true),
            ("*/istio/proxyv2*", "istio/proxyv2:1.27", false),
            ("*/a/*/b", "r/a/x/b", true),
            ("*/a/*/b", "r/a/b", false),
            ("xy*yx", "xyx", false),
            ("*", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), want, "{pattern} {text}");
        }
    }

    #[test]
    fn a_directory_holds_what_lies_below_it() {
        let allowed = Allowed { allow: vec!["/var/log/".to_owned()] };
        assert!(allowed.holds("/var/log") && allowed.holds("/var/log/pods") && !allowed.holds("/var/logs"));
        // Up and out again.
        assert!(!allowed.holds("/var/log/../run"));
    }
}
