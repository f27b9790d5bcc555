//! `config-map-missing`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::Fleet;
use seaworthy_object::Object;
use serde::Deserialize;

use super::keys;
use super::producers::Producer;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ConfigMapMissing {
    /// Kinds of a house's own that make such objects when they run.
    producers: Vec<Producer>,
}

impl Rule for ConfigMapMissing {
    const META: Meta = Meta {
        id: "config-map-missing",
        category: Category::Reference,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("config_map_missing.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl ConfigMapMissing {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        keys::check(fleet, object, "ConfigMap", &self.producers, report);
    }
}
