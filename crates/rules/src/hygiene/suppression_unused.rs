//! `suppression-unused`.

use seaworthy_diagnostic::{Edit, Fix, Level, Safety};
use serde::Deserialize;

use crate::{Category, Check, Meta, Outcome, Reporter, Rule, Suppression};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SuppressionUnused {}

impl Rule for SuppressionUnused {
    const META: Meta = Meta {
        id: "suppression-unused",
        category: Category::Hygiene,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("suppression_unused.md"),
    };
    const CHECK: Check<Self> = Check::Suppression(Self::check);
}

impl SuppressionUnused {
    fn check(&self, suppression: &Suppression, report: &mut Reporter<'_>) {
        let rule = &suppression.rule;
        let (message, help) = match &suppression.outcome {
            Outcome::Used | Outcome::NotRun => return,
            Outcome::Idle => (format!("nothing to suppress: `{rule}` finds nothing here"), None),
            Outcome::Expired(day) => (format!("the suppression of `{rule}` ran out on {day}"), None),
            Outcome::Locked => (
                format!("the policy does not let `{rule}` be suppressed here"),
                Some("the policy itself can: `suppress` takes the object and a reason".to_owned()),
            ),
            Outcome::UnknownRule { nearest } => (
                format!("nothing is suppressed: no rule is called `{rule}`"),
                nearest.map(|near| format!("did you mean `{near}`?")),
            ),
            Outcome::Unreadable => (
                "nothing is suppressed: this is not how a suppression is written".to_owned(),
                Some("write `seaworthy: allow RULE -- reason`".to_owned()),
            ),
        };
        let mut finding = report.say_at(suppression.at.clone(), message);
        if let Some(help) = help {
            finding = finding.help(help);
        }
        let idle = matches!(suppression.outcome, Outcome::Idle | Outcome::Expired(_));
        if let Some(span) = suppression.cut.filter(|_| idle) {
            let edit = Edit { source: suppression.at.source, span, text: String::new() };
            finding.fix(Fix { title: "take it out".to_owned(), safety: Safety::Safe, edits: vec![edit] });
        }
    }
}
