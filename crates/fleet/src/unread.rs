//! Documents nobody could read: what may they hold?

use seaworthy_source::order;
use std::sync::OnceLock;

use foldhash::HashMap;
use seaworthy_document::Document;

use crate::Fleet;
use crate::kept::Kept;
use crate::reads::{Key, Read};

/// Documents that could not be read, by the kinds they seem to hold.
#[derive(Default)]
pub(crate) struct Unread<'a> {
    documents: Vec<&'a Document>,
    by_kind: OnceLock<HashMap<&'a str, OfKind<'a>>>,
    /// Whether they may define a name of a kind.
    defined: Kept<bool>,
    make_pods: OnceLock<bool>,
    is_much: OnceLock<bool>,
}

/// What the documents that state one kind may define.
#[derive(Default)]
struct OfKind<'a> {
    /// True if that is any name.
    may_be_any: bool,
    /// Else what stands in their texts.
    texts: Vec<&'a str>,
}

/// Of more bytes than this that nobody could read, nobody can say what they define.
const MUCH: usize = 64 << 10;

/// To look into one takes as long as to look through so many bytes.
const EACH: usize = 64;

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

    fn by_kind(&self) -> &HashMap<&'a str, OfKind<'a>> {
        self.by_kind.get_or_init(|| {
            let is_much = self.is_much();
            let mut by_kind: HashMap<&str, OfKind<'_>> = HashMap::default();
            for &document in &self.documents {
                let is_filled_in = is_much || is_filled_in(document.text());
                let mut kinds: Vec<&str> = kinds_in(document.text()).collect();
                order::sort(&mut kinds);
                kinds.dedup();
                for kind in kinds {
                    let of_kind = by_kind.entry(kind).or_default();
                    of_kind.may_be_any |= is_filled_in;
                    of_kind.texts.push(document.text());
                }
            }
            by_kind
        })
    }

    fn may_define(&self, kind: &str, name: &str) -> bool {
        let by_kind: &HashMap<&str, OfKind<'_>> = self.by_kind();
        let of_kind = [by_kind.get(kind), by_kind.get(ANY)];
        // Most fleets can be read whole.
        of_kind.iter().any(Option::is_some)
            && self.defined.get_or(&format!("{:?}", (kind, name)), &|| {
                let states = |it: &OfKind<'_>| it.may_be_any || it.texts.iter().any(|text| text.contains(name));
                (of_kind.into_iter().flatten().any(states), 0)
            })
    }

    /// True if there is too much to look for every name in it.
    pub(crate) fn is_much(&self) -> bool {
        *self.is_much.get_or_init(|| {
            let texts = self.documents.iter().map(|it| it.text());
            texts.filter(|it| !is_filled_in(it)).map(|it| it.len() + EACH).sum::<usize>() > MUCH
        })
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
        self.reads.key(Key::UnreadMuch);
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
    text.contains(name) || is_filled_in(text)
}

/// True for the text of a template, which may define any name.
fn is_filled_in(text: &str) -> bool {
    text.contains("{{") || text.contains("${")
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
