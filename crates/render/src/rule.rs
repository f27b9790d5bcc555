//! What a format that describes the rules is told of them.

use seaworthy_diagnostic::Level;

/// What a rule is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleDescription {
    /// Its id, such as `service-selects-nothing`.
    pub id: &'static str,
    /// Its category, such as `reference`.
    pub category: &'static str,
    /// How loud it is where nobody says otherwise; none is off.
    pub level: Option<Level>,
    /// What it says, in a sentence.
    pub summary: String,
    /// What it says, in a paragraph.
    pub introduction: String,
    /// Its whole page, in Markdown.
    pub page: &'static str,
}
