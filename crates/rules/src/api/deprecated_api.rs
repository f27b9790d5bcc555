//! `deprecated-api`.

use seaworthy_apiserver::{Answer, Class};
use seaworthy_diagnostic::Level;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DeprecatedApi {}

impl Rule for DeprecatedApi {
    const META: Meta = Meta {
        id: "deprecated-api",
        category: Category::Api,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("deprecated_api.md"),
    };
    const CHECK: Check<Self> = Check::Answer(Self::check);
}

impl DeprecatedApi {
    fn check(&self, answer: &Answer<'_>, report: &mut Reporter<'_>) {
        if answer.class == Class::DeprecatedApi {
            let words = match super::gone_from(answer, report) {
                Some(from) => format!("is deprecated, and not served from {from} on"),
                None => "is deprecated".to_owned(),
            };
            super::say_of_api(answer, &words, report);
        }
    }
}
