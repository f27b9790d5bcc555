//! `too-long`.

use seaworthy_apiserver::{Answer, Class};
use seaworthy_diagnostic::Level;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TooLong {}

impl Rule for TooLong {
    const META: Meta = Meta {
        id: "too-long",
        category: Category::Api,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("too_long.md"),
    };
    const CHECK: Check<Self> = Check::Answer(Self::check);
}

impl TooLong {
    fn check(&self, answer: &Answer<'_>, report: &mut Reporter<'_>) {
        if answer.class == Class::TooLong {
            super::say(answer, report);
        }
    }
}
