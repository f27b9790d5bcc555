//! Words by which people tell environments apart, in the names of namespaces, folders, files and databases.

/// What an environment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Environment {
    /// Something to try on: nobody misses what it holds.
    Trial,
    /// Something to copy: what it becomes nobody knows.
    Example,
    /// What comes before production, and looks like it.
    Rehearsal,
    /// What is used.
    Production,
}

/// The words, in order.
const WORDS: [(&str, Environment); 32] = [
    ("acc", Environment::Rehearsal),
    ("acceptance", Environment::Rehearsal),
    ("ci", Environment::Trial),
    ("demo", Environment::Trial),
    ("dev", Environment::Trial),
    ("develop", Environment::Trial),
    ("development", Environment::Trial),
    ("e2e", Environment::Trial),
    ("example", Environment::Example),
    ("examples", Environment::Example),
    ("integration", Environment::Rehearsal),
    ("kind", Environment::Trial),
    ("lab", Environment::Trial),
    ("live", Environment::Production),
    ("local", Environment::Trial),
    ("minikube", Environment::Trial),
    ("playground", Environment::Trial),
    ("poc", Environment::Trial),
    ("prd", Environment::Production),
    ("preprod", Environment::Rehearsal),
    ("preview", Environment::Trial),
    ("prod", Environment::Production),
    ("production", Environment::Production),
    ("qa", Environment::Trial),
    ("sandbox", Environment::Trial),
    ("stage", Environment::Rehearsal),
    ("staging", Environment::Rehearsal),
    ("stg", Environment::Rehearsal),
    ("test", Environment::Trial),
    ("testing", Environment::Trial),
    ("tests", Environment::Trial),
    ("uat", Environment::Rehearsal),
];

/// The environment that a word stands for, in small letters or large ones.
pub(crate) fn environment(word: &str) -> Option<Environment> {
    WORDS.iter().find(|it| it.0.eq_ignore_ascii_case(word)).map(|it| it.1)
}

/// True if one of the words of a text, a name or a path, means something to try on.
pub(crate) fn is_trial(text: &str) -> bool {
    text.split(|it: char| !it.is_ascii_alphanumeric()).any(|word| environment(word) == Some(Environment::Trial))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_order_each_once() {
        assert!(WORDS.is_sorted_by(|left, right| left.0 < right.0));
    }

    #[test]
    fn names_are_read_by_their_words() {
        assert!(is_trial("overlays/Dev/db.yaml") && is_trial("shop-qa") && !is_trial("device/latest.yaml"));
        assert!(
            !is_trial("staging") && !is_trial("example.yaml") && environment("PROD") == Some(Environment::Production)
        );
    }
}
