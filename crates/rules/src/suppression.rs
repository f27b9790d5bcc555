//! A suppression after it was applied: what the rules about suppressions read.

use seaworthy_diagnostic::Location;
use seaworthy_source::Span;

/// Somebody accepted the findings of a rule, in a comment, an annotation or a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Where it says so: the name of the rule.
    pub at: Location,
    /// The rule, as it is written.
    pub rule: String,
    /// True if it says why.
    pub has_reason: bool,
    /// What became of it.
    pub outcome: Outcome,
    /// The bytes to cut to take it out, where nothing else stands in them.
    pub cut: Option<Span>,
}

/// What became of a suppression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It silenced something.
    Used,
    /// It had nothing to silence.
    Idle,
    /// Its rule did not run, so that nobody knows.
    NotRun,
    /// It ran out on this day and silences nothing any more.
    Expired(String),
    /// The policy does not let the rule be suppressed from where it stands.
    Locked,
    /// No rule is called so.
    UnknownRule {
        /// The rule that was probably meant.
        nearest: Option<&'static str>,
    },
    /// It is not written as a suppression is.
    Unreadable,
}
