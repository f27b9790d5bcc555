//! `input-skipped`.

use seaworthy_diagnostic::Level;
use seaworthy_document::{Limits, SyntaxErrorKind};
use seaworthy_object::{Content, Other};
use seaworthy_source::Span;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule, Sheet};

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct InputSkipped {
    /// How many bytes a file may have.
    max_size: usize,
}

impl Default for InputSkipped {
    fn default() -> Self {
        Self { max_size: Limits::default().file_size }
    }
}

impl Rule for InputSkipped {
    const META: Meta = Meta {
        id: "input-skipped",
        category: Category::Syntax,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("input_skipped.md"),
    };
    const CHECK: Check<Self> = Check::Document(Self::check);

    fn limit(&self, limits: &mut Limits) {
        limits.file_size = self.max_size;
    }
}

impl InputSkipped {
    fn check(&self, sheet: Sheet<'_>, report: &mut Reporter<'_>) {
        let document = sheet.document;
        let unread = |kind| matches!(kind, SyntaxErrorKind::Unread | SyntaxErrorKind::Limit);
        if let Some(error) = document.errors().iter().find(|error| unread(error.kind)) {
            report
                .say_in(document, error.span, format!("`{}` was not checked: {error}", sheet.file_name()))
                .help("what it defines is unknown");
        }
        if matches!(sheet.content, Content::Other(Other::Foreign(_) | Other::Template)) {
            return;
        }
        if let Some(span) = document.unread() {
            let text = document.source_text().get(span.range()).unwrap_or("");
            let start = text.find("...").unwrap_or(0);
            let marker = span.range().start + start;
            let message = "what stands after `...` is never read: the marker ends the document";
            report
                .say_in(document, Span::of(marker..marker + 3), message)
                .help("write `---` to begin another document");
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
        AnyRule::with(InputSkipped { max_size: 10 }).limit(&mut limits);
        assert_eq!(limits, Limits { file_size: 10, ..Limits::default() });
    }
}
