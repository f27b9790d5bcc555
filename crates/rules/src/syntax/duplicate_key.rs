//! `duplicate-key`.

use seaworthy_diagnostic::{Edit, Fix, Level};
use seaworthy_document::Node;
use seaworthy_object::Other;
use seaworthy_source::Span;
use serde::Deserialize;

use crate::mending;
use crate::{Category, Check, Meta, Reporter, Rule, Sheet};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DuplicateKey {}

impl Rule for DuplicateKey {
    const META: Meta = Meta {
        id: "duplicate-key",
        category: Category::Syntax,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("duplicate_key.md"),
    };
    const CHECK: Check<Self> = Check::Document(Self::check);
}

impl DuplicateKey {
    fn check(&self, sheet: Sheet<'_>, report: &mut Reporter<'_>) {
        if matches!(sheet.other(), Some(Other::Foreign(_) | Other::Template)) {
            return;
        }
        let document = sheet.document;
        for duplicate in document.duplicates() {
            let (Some(lost), Some(wins)) = (document.node(duplicate.first), document.node(duplicate.last)) else {
                continue;
            };
            let key = wins.key().map_or("", |key| key.text());
            let around = wins.parent().and_then(|it| it.key()).map(|key| format!(" in `{}`", key.text()));
            report
                .say_node(sheet, wins, format!("key `{key}` stands twice{}", around.unwrap_or_default()))
                .label("this one wins where nothing refuses it")
                .related_node(sheet, lost, "this one is lost")
                .help(format!(
                    "remove one: kubectl drops the first in silence, and who sends the YAML itself is refused: `key \
                     \"{key}\" already set in map`"
                ))
                .mend(removal(lost));
        }
    }
}

/// Removes the entry that is lost: from its key to the next one.
fn removal(lost: Node<'_>) -> Option<Fix> {
    let key = lost.key()?;
    let mut entries = lost.parent()?.all_entries().skip_while(|entry| entry.value != lost).skip(1);
    let next = entries.find(|entry| !entry.is_merged() && entry.key.span().start >= lost.span().end)?;
    let span = Span::new(key.span().start, next.key.span().start);
    let edit = Edit { source: key.document().source(), span, text: String::new() };
    let title = format!("remove the first `{}`, which is lost", key.text());
    Some(mending::by(edit, title))
}
