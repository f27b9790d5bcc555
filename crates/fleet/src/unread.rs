//! Documents nobody could read: what may they hold?

use seaworthy_source::order;
use std::sync::OnceLock;

use foldhash::HashMap;
use seaworthy_document::Document;

use crate::Fleet;
use crate::reads::{Key, Read};

/// Documents that could not be read, by the kinds they seem to hold.
#[derive(Default)]
pub(crate) struct Unread<'a> {
    documents: Vec<&'a Document>,
    by_kind: OnceLock<HashMap<&'a str, Vec<&'a Document>>>,
    make_pods: OnceLock<bool>,
}

/// Stands for a kind that is itself filled in later.
const ANY: &str = "";

impl<'a> Unread<'a> {
    pub(crate) fn of(documents: Vec<&'a Document>) -> Self {
        Self { documents, ..Self::default() }
    }

    /// Takes some out and others in.
    pub(crate) fn replace(&mut self, gone: &[&'a Document], come: &[&'a Document]) {
        let place = |it: &&Document| (it.source(), it.index());
        let mut documents = std::mem::take(&mut self.documents);
        documents.retain(|it| !gone.iter().any(|one| std::ptr::eq(*one, *it)));
        documents.extend(come);
        order::sort_by_key(&mut documents, place);
        *self = Self::of(documents);
    }

    fn by_kind(&self) -> &HashMap<&'a str, Vec<&'a Document>> {
        self.by_kind.get_or_init(|| {
            let mut by_kind: HashMap<&str, Vec<&Document>> = HashMap::default();
            for &document in &self.documents {
                for kind in kinds_in(document.text()) {
                    by_kind.entry(kind).or_default().push(document);
                }
            }
            by_kind
        })
    }

    fn may_define(&self, kind: &str, name: &str) -> bool {
        let by_kind: &HashMap<&str, Vec<&Document>> = self.by_kind();
        let documents = [by_kind.get(kind), by_kind.get(ANY)].into_iter().flatten().flatten();
        documents.into_iter().any(|it| is_stated(it.text(), name))
    }

    /// True if a document that could not be read may make pods.
    pub(crate) fn may_make_pods(&self) -> bool {
        *self.make_pods.get_or_init(|| self.documents.iter().any(|it| it.text().contains("containers")))
    }
}

impl<'a> Fleet<'a> {
    /// Documents that may hold objects nobody could read.
    #[must_use]
    pub fn unread(&self) -> &[&'a Document] {
        self.reads.key(Key::UnreadDocuments);
        &self.unread.documents
    }

    /// True if a document that could not be read may define this object.
    #[must_use]
    pub fn may_be_unread(&self, kind: &str, name: &str) -> bool {
        self.reads.note(|| Read::Unread(kind.into(), name.into()));
        self.unread.may_define(kind, name)
    }

    /// True if a document that could not be read may make pods.
    pub(crate) fn pods_may_be_unread(&self) -> bool {
        self.reads.key(Key::UnreadPods);
        self.unread.may_make_pods()
    }
}

/// The kinds that the lines of a text state.
pub(crate) fn kinds_in(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(kind_in)
}

/// True if a text that nobody could read may define this name.
pub(crate) fn is_stated(text: &str, name: &str) -> bool {
    text.contains(name) || text.contains("{{") || text.contains("${")
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
