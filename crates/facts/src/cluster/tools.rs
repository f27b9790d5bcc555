//! Which documents state a cluster, and which of them the same one.

use seaworthy_document::{Document, Node};
use seaworthy_object::split_api_version;
use seaworthy_source::SourceId;

use super::{ClusterDocument, Tool, eksctl};

/// The tool that a document states a cluster to, or a part of one.
fn tool_of(root: Node<'_>) -> Option<Tool> {
    let text_of = |key: &str| root.get(key).and_then(|it| it.as_str()).unwrap_or("");
    match (split_api_version(text_of("apiVersion")).0, text_of("kind")) {
        ("eksctl.io", "ClusterConfig") => Some(Tool::Eksctl),
        _ => None,
    }
}

/// True if a document states a cluster, or a part of one.
#[must_use]
pub fn states_cluster(document: &Document) -> bool {
    document.root().is_some_and(|it| tool_of(it).is_some())
}

/// The clusters that documents state, in their order. `file` tells what a source is called: documents of kubeadm make
/// one cluster if they lie in one folder.
#[must_use]
pub fn clusters<'a>(documents: &[&'a Document], _file: &dyn Fn(SourceId) -> &'a str) -> Vec<ClusterDocument<'a>> {
    let mut clusters = Vec::new();
    for root in documents.iter().filter_map(|it| it.root()) {
        match tool_of(root) {
            Some(Tool::Eksctl) => clusters.push(eksctl::read(root)),
            _ => {}
        }
    }
    clusters
}
