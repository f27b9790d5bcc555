//! Manifests as they were applied before: what must not change in those that take their place.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use seaworthy_document::Document;
use seaworthy_object::{Catalog, Content, GroupKind, Object, contents};
use seaworthy_source::Source;

use crate::cores;
use crate::understanding::objects_of;

/// What an object is, whichever version of its group it is written in.
type Identity<'a> = (GroupKind<'a>, Option<&'a str>, &'a str);

/// Objects by what they are.
#[derive(Debug, Default)]
pub(crate) struct Former<'a> {
    objects: HashMap<Identity<'a>, &'a Object<'a>, RandomState>,
}

impl<'a> Former<'a> {
    /// The objects of sources; of two of one name the last counts, as it is applied last.
    pub(crate) fn of(contents: &'a [Vec<Content<'a>>]) -> Self {
        let objects = contents.iter().flatten().flat_map(objects_of);
        Self { objects: objects.map(|object| (identity(object), object)).collect() }
    }

    /// What the object takes the place of.
    pub(crate) fn before(&self, object: &Object<'_>) -> Option<&'a Object<'a>> {
        self.objects.get(&identity(object)).copied()
    }
}

/// What former sources hold.
pub(crate) fn contents_of<'a>(
    sources: &[Source],
    documents: &'a [Vec<Document>],
    catalog: &Catalog,
    namespace: &'a str,
) -> Vec<Vec<Content<'a>>> {
    cores::map(documents, |at, documents| {
        let file = sources.get(at).map_or("", Source::name);
        documents.iter().map(|it| contents(it, file, catalog, namespace)).collect()
    })
}

fn identity<'a>(object: &Object<'a>) -> Identity<'a> {
    (object.group_kind(), object.namespace(), object.name())
}
