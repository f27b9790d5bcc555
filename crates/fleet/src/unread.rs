//! Documents nobody could read: what may they hold?

use std::sync::OnceLock;

use foldhash::HashMap;
use seaworthy_document::Document;

use crate::Fleet;

/// Documents that could not be read, by the kinds they seem to hold.
pub(crate) struct Unread<'a> {
    documents: Vec<&'a Document>,
    by_kind: OnceLock<HashMap<&'a str, Vec<&'a Document>>>,
}

/// Stands for a kind that is itself filled in later.
const ANY: &str = "";

impl<'a> Unread<'a> {
    pub(crate) fn of(documents: Vec<&'a Document>) -> Self {
        Self { documents, by_kind: OnceLock::new() }
    }

    pub(crate) fn documents(&self) -> &[&'a Document] {
        &self.documents
    }

    fn by_kind(&self) -> &HashMap<&'a str, Vec<&'a Document>> {
        self.by_kind.get_or_init(|| {
            let mut by_kind: HashMap<&str, Vec<&Document>> = HashMap::default();
            for &document in &self.documents {
                for kind in document.text().lines().filter_map(kind_in) {
                    by_kind.entry(kind).or_default().push(document);
                }
            }
            by_kind
        })
    }

    fn may_define(&self, kind: &str, name: &str) -> bool {
        let by_kind: &HashMap<&str, Vec<&Document>> = self.by_kind();
        let documents = [by_kind.get(kind), by_kind.get(ANY)].into_iter().flatten().flatten();
        let mut texts = documents.map(|it| it.text());
        texts.any(|text| text.contains(name) || text.contains("{{") || text.contains("${"))
    }
}

impl Fleet<'_> {
    /// True if a document that could not be read may define this object.
    #[must_use]
    pub fn may_be_unread(&self, kind: &str, name: &str) -> bool {
        self.unread.may_define(kind, name)
    }

    /// True if a document that could not be read may make pods.
    pub(crate) fn pods_may_be_unread(&self) -> bool {
        self.unread().iter().any(|document| document.text().contains("containers"))
    }
}

/// The kind a line states: of YAML or JSON, of an object or an item of a list.
fn kind_in(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches([' ', '\t', '-', '"', '{']).strip_prefix("kind")?;
    let rest = rest.trim_start_matches(['"', ' ']).strip_prefix(':')?.trim_start_matches([' ', '"', '\'']);
    let end = rest.find(|it: char| !it.is_ascii_alphanumeric()).unwrap_or(rest.len());
    Some(rest.get(..end).unwrap_or(ANY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_state_kinds() {
        assert_eq!(kind_in("kind: Secret # x"), Some("Secret"));
        assert_eq!(kind_in("- kind: \"Secret\""), Some("Secret"));
        assert_eq!(kind_in("  {\"kind\":\"Secret\","), Some("Secret"));
        assert_eq!(kind_in("kind: {{ .Values.kind }}"), Some(ANY));
        assert_eq!(kind_in("kinds: x"), None);
    }
}
