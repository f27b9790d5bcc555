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
        if sheet.other() != Some(Other::Broken) {
            return;
        }
        let unreadable = |kind| !matches!(kind, SyntaxErrorKind::Unread | SyntaxErrorKind::Limit);
        let errors = sheet.document.errors().iter().filter(|error| unreadable(error.kind));
        for (at, error) in errors.enumerate() {
            let why = if error.kind == SyntaxErrorKind::Encoding {
                "cannot be read"
            } else {
                "is not YAML as Kubernetes reads it"
            };
            let message = format!("`{}` {why}: {error}", sheet.file_name());
            let finding = report.say_in(sheet.document, error.span, message);
            if at == 0 {
                finding
                    .help("nothing of this document is checked, and what it defines is unknown until it can be read");
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
