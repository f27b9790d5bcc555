//! One source, read: its documents together with what they hold.

use std::sync::{Arc, OnceLock};

use seaworthy_document::{Document, Limits};
use seaworthy_fleet::{Part, states_cluster};
use seaworthy_object::{Catalog, Content, Other, contents};
use seaworthy_placement::is_placed_alike;
use seaworthy_policy::Suppressions;
use seaworthy_source::{Source, SourceId};
use self_cell::self_cell;

use crate::kustomize::Kustomized;
use crate::learning::makes_nodes;
use crate::understanding::objects_of;

/// A source and its documents.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) id: SourceId,
    pub(crate) source: Source,
    pub(crate) documents: Vec<Document>,
    /// Where objects go that name no namespace.
    namespace: Arc<str>,
    /// The suppressions that stand in it; read when they are first asked for.
    suppressions: OnceLock<Suppressions>,
}

type Held<'a> = Vec<Content<'a>>;

self_cell! {
    /// What a source says: its text, and what its documents hold.
    pub(crate) struct Piece {
        owner: Text,
        #[covariant]
        dependent: Held,
    }
}

impl Text {
    pub(crate) fn read(id: SourceId, source: Source, limits: Limits, namespace: &Arc<str>) -> Self {
        let documents = seaworthy_document::read_with(&source, limits).into_iter().map(|it| it.in_source(id)).collect();
        Self { id, source, documents, namespace: Arc::clone(namespace), suppressions: OnceLock::new() }
    }

    /// The same under another id.
    pub(crate) fn moved(self, id: SourceId) -> Self {
        let documents = self.documents.into_iter().map(|it| it.in_source(id)).collect();
        Self { id, documents, suppressions: OnceLock::new(), ..self }
    }
}

impl Piece {
    pub(crate) fn of(text: Text, catalog: &Catalog, kustomized: &Kustomized) -> Self {
        Self::new(text, |text| {
            let file = text.source.name();
            let held = text.documents.iter().map(|it| contents(it, file, catalog, &text.namespace));
            let mut held: Held<'_> = held.collect();
            kustomized.turn_patches(file, &mut held);
            held
        })
    }

    pub(crate) fn text(&self) -> &Text {
        self.borrow_owner()
    }

    pub(crate) fn contents(&self) -> &[Content<'_>] {
        self.borrow_dependent()
    }

    /// The suppressions that stand in it.
    pub(crate) fn suppressions(&self) -> &Suppressions {
        let text = self.text();
        text.suppressions.get_or_init(|| {
            let objects = self.contents().iter().flat_map(objects_of);
            Suppressions::in_sources([(&text.source, text.documents.as_slice())], objects)
        })
    }

    /// What it brings into a fleet.
    pub(crate) fn part(&self) -> Part<'_> {
        let text = self.text();
        let documents = |sort: fn(Other) -> bool| {
            let pairs = text.documents.iter().zip(self.contents());
            let of_sort = pairs.filter(move |(_, it)| matches!(it, Content::Other(other) if sort(*other)));
            of_sort.map(|(document, _)| document).collect()
        };
        Part {
            objects: self.contents().iter().flat_map(objects_of).collect(),
            unread: documents(|it| matches!(it, Other::Broken | Other::Template)),
            configurations: documents(|it| matches!(it, Other::Tool(_))),
            file: Some((text.id, text.source.name())),
        }
    }

    /// True if it and what it was before are the same to whoever places pods ([`is_placed_alike`]).
    pub(crate) fn is_placed_like(&self, before: &Piece, images_count: bool) -> bool {
        let (old, new) = (before.part(), self.part());
        let has_objects_only = |it: &Part<'_>| it.unread.is_empty() && it.configurations.is_empty();
        has_objects_only(&old)
            && has_objects_only(&new)
            && old.objects.len() == new.objects.len()
            && old.objects.iter().zip(&new.objects).all(|(old, new)| is_placed_alike(old, new, images_count))
    }

    /// True if it states facts or a policy, or defines kinds, so that it has a say in what is said of all others.
    pub(crate) fn has_a_say(&self) -> bool {
        crate::kustomize::is_kustomization(self.text().source.name())
            || self.contents().iter().any(|it| matches!(it, Content::Fleet(_) | Content::Policy(_)))
            || self.text().documents.iter().any(states_cluster)
            || self
                .contents()
                .iter()
                .flat_map(objects_of)
                .any(|it| it.kind() == "CustomResourceDefinition" || makes_nodes(it))
    }
}
