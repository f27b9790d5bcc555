//! `policy-document-invalid`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PolicyDocumentInvalid {}

impl Rule for PolicyDocumentInvalid {
    const META: Meta = Meta {
        id: "policy-document-invalid",
        category: Category::Hygiene,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("policy_document_invalid.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl PolicyDocumentInvalid {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for fault in fleet.faults().iter().filter(|it| it.at.object.kind() == "Policy") {
            report.say_fault(fault);
        }
    }
}
