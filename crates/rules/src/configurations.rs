//! Documents that hold no object, and are read all the same: for what they say of a cluster, or do with it.

use seaworthy_document::Document;
use seaworthy_fleet::states_cluster;
use seaworthy_object::Other;

/// Files of build services, by what they are recognised as.
pub(crate) const PIPELINES: [&str; 8] = [
    "a GitHub workflow",
    "CircleCI configuration",
    "GitLab CI configuration",
    "CI configuration",
    "an Azure pipeline",
    "a Bitbucket pipeline",
    "Travis CI configuration",
    "a Concourse pipeline",
];

pub(crate) const KUBECONFIG: &str = "a kubeconfig";
pub(crate) const ETCD: &str = "etcd configuration";

/// Others of which it is known what they mean for the set.
const TOOLS: [&str; 4] = [KUBECONFIG, ETCD, "a kustomization", "the head of a snapshot of a cluster"];

/// True if a document without objects is read.
#[must_use]
pub fn is_configuration(document: &Document, of: Other) -> bool {
    let is_known = match of {
        Other::Tool(what) => TOOLS.contains(&what) || states_cluster(document),
        Other::Foreign(what) => PIPELINES.contains(&what),
        _ => false,
    };
    is_known && document.error().is_none()
}
