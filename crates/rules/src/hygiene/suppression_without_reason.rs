//! `suppression-without-reason`.

use seaworthy_diagnostic::Level;
use serde::Deserialize;

use crate::{Category, Check, Meta, Outcome, Reporter, Rule, Suppression};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SuppressionWithoutReason {}

impl Rule for SuppressionWithoutReason {
    const META: Meta = Meta {
        id: "suppression-without-reason",
        category: Category::Hygiene,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("suppression_without_reason.md"),
    };
    const CHECK: Check<Self> = Check::Suppression(Self::check);
}

impl SuppressionWithoutReason {
    fn check(&self, suppression: &Suppression, report: &mut Reporter<'_>) {
        if suppression.has_reason || matches!(suppression.outcome, Outcome::Unreadable | Outcome::UnknownRule { .. }) {
            return;
        }
        report
            .say_at(suppression.at.clone(), format!("`{}` is suppressed without a reason", suppression.rule))
            .help("say why it is accepted: after ` -- ` in a comment or an annotation, as `reason` in a policy");
    }
}
