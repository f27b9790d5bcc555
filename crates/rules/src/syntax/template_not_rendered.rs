//! `template-not-rendered`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Content, Other, template_mark};
use seaworthy_source::Span;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule, Sheet};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TemplateNotRendered {}

impl Rule for TemplateNotRendered {
    const META: Meta = Meta {
        id: "template-not-rendered",
        category: Category::Syntax,
        level: Some(Level::Info),
        packs: &[],
        since: "0.1.0",
        page: page!("template_not_rendered.md"),
    };
    const CHECK: Check<Self> = Check::Document(Self::check);
}

impl TemplateNotRendered {
    /// Once a file: a chart's template would say it for each of its documents.
    fn check(&self, sheet: Sheet<'_>, report: &mut Reporter<'_>) {
        let is_template = |content: &&Content<'_>| matches!(content, Content::Other(Other::Template));
        let before = sheet.contents.iter().take(sheet.document.index() as usize);
        if sheet.other() != Some(Other::Template) || before.filter(is_template).count() > 0 {
            return;
        }
        let (document, file) = (sheet.document, sheet.file_name());
        let start = document.span().range().start;
        let (span, mark) = match template_mark(document.text()) {
            Some(mark) => {
                let at = start + document.text().find(mark).unwrap_or(0);
                let line = mark.lines().next().unwrap_or("");
                (Span::of(at..at + line.len()), format!(": `{line}` is still to be filled in"))
            }
            None => (Span::of(start..start), String::new()),
        };
        let count = sheet.contents.iter().filter(is_template).count();
        let documents = if count > 1 { format!(" ({count} documents)") } else { String::new() };
        report
            .say_in(document, span, format!("`{file}` is a template{documents}{mark}"))
            .label("a mark of a template engine")
            .help("it is not checked, and what it defines is unknown: check what `helm template`, `envsubst` or the like make of it");
    }
}
