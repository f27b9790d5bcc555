//! `wrong-type`.

use seaworthy_apiserver::{Answer, Class};
use seaworthy_diagnostic::Level;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WrongType {}

impl Rule for WrongType {
    const META: Meta = Meta {
        id: "wrong-type",
        category: Category::Api,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("wrong_type.md"),
    };
    const CHECK: Check<Self> = Check::Answer(Self::check);
}

impl WrongType {
    fn check(&self, answer: &Answer<'_>, report: &mut Reporter<'_>) {
        if answer.class == Class::WrongType {
            super::say(answer, report);
        }
    }
}
