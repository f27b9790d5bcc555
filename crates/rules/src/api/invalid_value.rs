//! `invalid-value`.

use seaworthy_apiserver::{Answer, Class};
use seaworthy_diagnostic::Level;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct InvalidValue {}

impl Rule for InvalidValue {
    const META: Meta = Meta {
        id: "invalid-value",
        category: Category::Api,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("invalid_value.md"),
    };
    const CHECK: Check<Self> = Check::Answer(Self::check);
}

impl InvalidValue {
    fn check(&self, answer: &Answer<'_>, report: &mut Reporter<'_>) {
        if answer.class == Class::InvalidValue {
            super::say(answer, report);
        }
    }
}
