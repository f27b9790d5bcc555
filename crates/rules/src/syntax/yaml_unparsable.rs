//! `yaml-unparsable`.

use seaworthy_diagnostic::Level;
use seaworthy_document::{Limits, SyntaxErrorKind};
use seaworthy_object::Other;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule, Sheet};

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct YamlUnparsable {
    /// How many bytes of text aliases may repeat.
    max_alias_expansion: usize,
}

impl Default for YamlUnparsable {
    fn default() -> Self {
        Self { max_alias_expansion: Limits::default().alias_text }
    }
}

impl Rule for YamlUnparsable {
    const META: Meta = Meta {
        id: "yaml-unparsable",
        category: Category::Syntax,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("yaml_unparsable.md"),
    };
    const CHECK: Check<Self> = Check::Document(Self::check);

    fn limit(&self, limits: &mut Limits) {
        limits.alias_text = self.max_alias_expansion;
    }
}

impl YamlUnparsable {
    fn check(&self, sheet: Sheet<'_>, report: &mut Reporter<'_>) {
        // Of a tool's file no object is lost, only what is known of the cluster.
        let (level, what, help) = match sheet.other() {
            Some(Other::Broken) => (
                Level::Error,
                "is not YAML as Kubernetes reads it",
                "nothing of this document is checked, and what it defines is unknown until it can be read",
            ),
            Some(Other::Tool(_)) => (
                Level::Warning,
                "is not what Terraform reads",
                "nothing of this file is checked, and what it sets up is unknown until it can be read",
            ),
            _ => return,
        };
        let unreadable = |kind| !matches!(kind, SyntaxErrorKind::Unread | SyntaxErrorKind::Limit);
        let errors = sheet.document.errors().iter().filter(|error| unreadable(error.kind));
        for (at, error) in errors.enumerate() {
            let why = if error.kind == SyntaxErrorKind::Encoding { "cannot be read" } else { what };
            let message = format!("`{}` {why}: {error}", sheet.file_name());
            let finding = report.say_in(sheet.document, error.span, message).level(Level::Error, level);
            if at == 0 {
                finding.help(help);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AnyRule;

    #[test]
    fn the_option_limits_reading() {
        let mut limits = Limits::default();
        AnyRule::with(YamlUnparsable { max_alias_expansion: 10 }).limit(&mut limits);
        assert_eq!(limits, Limits { alias_text: 10, ..Limits::default() });
    }
}
