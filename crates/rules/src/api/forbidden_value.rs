//! `forbidden-value`.

use seaworthy_apiserver::{Answer, Class};
use seaworthy_diagnostic::Level;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ForbiddenValue {}

impl Rule for ForbiddenValue {
    const META: Meta = Meta {
        id: "forbidden-value",
        category: Category::Api,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("forbidden_value.md"),
    };
    const CHECK: Check<Self> = Check::Answer(Self::check);
}

impl ForbiddenValue {
    fn check(&self, answer: &Answer<'_>, report: &mut Reporter<'_>) {
        if answer.class == Class::ForbiddenValue {
            super::say(answer, report);
        }
    }
}
