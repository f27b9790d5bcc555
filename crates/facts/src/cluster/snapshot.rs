//! The head of a snapshot: what it says of the cluster as a whole. Its objects follow it as documents of their own.

use seaworthy_document::Document;
use seaworthy_object::Versions;

use crate::Facts;
use crate::stated::{text_at, texts_at};

/// True for the head of a snapshot.
#[must_use]
pub fn is_snapshot(document: &Document) -> bool {
    let says = |key: &str, what: &str| document.root().and_then(|it| it.get(key)).is_some_and(|it| it.text() == what);
    says("kind", "Snapshot") && says("apiVersion", "seaworthy/v1alpha1")
}

impl Facts {
    /// Takes what the head of a snapshot says: the version, the platform, and the kinds of which it holds all objects.
    pub fn learn_snapshot(&mut self, document: &Document) {
        let Some(root) = document.root().filter(|_| is_snapshot(document)) else { return };
        let text = |path: &str| text_at(root, path).and_then(|it| it.value);
        if let Some(Ok(version)) = text("spec.kubernetes").map(str::parse) {
            self.versions = Versions::one(version);
            self.versions_stated = true;
        }
        if let Some(platform) = text("spec.platform") {
            self.platform = Some(platform.to_owned());
        }
        for kind in texts_at(root, "spec.listed").into_iter().filter_map(|it| it.value) {
            let (kind, group) = kind.split_once('.').unwrap_or((kind, ""));
            // These come and go: what was not there then may be there now.
            if matches!(kind, "PersistentVolumeClaim" | "Pod" | "Node") {
                continue;
            }
            self.listed.insert((group.to_owned(), kind.to_owned()));
        }
    }
}
