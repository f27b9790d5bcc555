//! `manifest-fragment`.

use seaworthy_diagnostic::Level;
use seaworthy_object::Other;
use seaworthy_source::Span;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule, Sheet};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ManifestFragment {}

impl Rule for ManifestFragment {
    const META: Meta = Meta {
        id: "manifest-fragment",
        category: Category::Syntax,
        level: Some(Level::Info),
        packs: &[],
        since: "0.1.0",
        page: page!("manifest_fragment.md"),
    };
    const CHECK: Check<Self> = Check::Document(Self::check);
}

impl ManifestFragment {
    fn check(&self, sheet: Sheet<'_>, report: &mut Reporter<'_>) {
        let Some(root) = sheet.document.root().filter(|_| sheet.other() == Some(Other::Fragment)) else { return };
        let parts: Vec<&str> = root.entries().map(|entry| entry.name()).take(3).collect();
        let span = root.entries().next().map_or(Span::at(root.span().start), |entry| entry.key.span());
        let message =
            format!("a fragment of a manifest (`{}`) without apiVersion and kind is not checked", parts.join("`, `"));
        report
            .say_in(sheet.document, span, message)
            .help("put it into the object it is a part of, or give it apiVersion and kind");
    }
}
