//! `server-warning`.

use seaworthy_apiserver::{Answer, Class};
use seaworthy_diagnostic::Level;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerWarning {}

impl Rule for ServerWarning {
    const META: Meta = Meta {
        id: "server-warning",
        category: Category::Api,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("server_warning.md"),
    };
    const CHECK: Check<Self> = Check::Answer(Self::check);
}

impl ServerWarning {
    fn check(&self, answer: &Answer<'_>, report: &mut Reporter<'_>) {
        if answer.class == Class::ServerWarning {
            super::say(answer, report);
        }
    }
}
