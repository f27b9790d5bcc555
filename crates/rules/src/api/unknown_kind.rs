//! `unknown-kind`.

use seaworthy_apiserver::{Answer, Class};
use seaworthy_diagnostic::Level;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct UnknownKind {}

impl Rule for UnknownKind {
    const META: Meta = Meta {
        id: "unknown-kind",
        category: Category::Api,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("unknown_kind.md"),
    };
    const CHECK: Check<Self> = Check::Answer(Self::check);
}

impl UnknownKind {
    fn check(&self, answer: &Answer<'_>, report: &mut Reporter<'_>) {
        if answer.class == Class::UnknownKind {
            super::say(answer, report);
        }
    }
}
