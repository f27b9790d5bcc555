//! `fleet-document-invalid`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct FleetDocumentInvalid {}

impl Rule for FleetDocumentInvalid {
    const META: Meta = Meta {
        id: "fleet-document-invalid",
        category: Category::Architecture,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("fleet_document_invalid.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl FleetDocumentInvalid {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for fault in fleet.faults().iter().filter(|it| it.at.object.kind() == "Fleet") {
            report.say_fault(fault);
        }
    }
}
