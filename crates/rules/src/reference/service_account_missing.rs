//! `service-account-missing`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, Use};
use seaworthy_object::Object;
use serde::Deserialize;

use super::lookup::{Words, look_up};
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServiceAccountMissing {}

impl Rule for ServiceAccountMissing {
    const META: Meta = Meta {
        id: "service-account-missing",
        category: Category::Reference,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("service_account_missing.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl ServiceAccountMissing {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        for reference in fleet.references_of(object).iter().filter(|it| it.is_to("", "ServiceAccount")) {
            let (level, verb, help) = match reference.role {
                Use::Account => (Level::Error, "runs under", "create it: until then its pods are refused"),
                Use::Token => (Level::Error, "holds a token of", "create it: the Secret is deleted until then"),
                Use::Subject if reference.namespace.is_some() => {
                    (Level::Warning, "grants to", "create it, or drop the subject")
                }
                _ => continue,
            };
            look_up(fleet, reference, &Words { usual: Level::Error, level, verb, help }, report);
        }
    }
}
