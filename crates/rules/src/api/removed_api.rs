//! `removed-api`.

use seaworthy_apiserver::{Answer, Class};
use seaworthy_diagnostic::Level;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RemovedApi {}

impl Rule for RemovedApi {
    const META: Meta = Meta {
        id: "removed-api",
        category: Category::Api,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("removed_api.md"),
    };
    const CHECK: Check<Self> = Check::Answer(Self::check);
}

impl RemovedApi {
    fn check(&self, answer: &Answer<'_>, report: &mut Reporter<'_>) {
        if answer.class == Class::RemovedApi {
            let words = match super::gone_from(answer, report) {
                Some(from) => format!("is not served from {from} on"),
                None => "is not served any more".to_owned(),
            };
            super::say_of_api(answer, &words, report);
        }
    }
}
