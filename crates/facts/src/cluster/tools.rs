//! Which documents state a cluster, and which of them the same one.

use seaworthy_document::{Document, Node};
use seaworthy_object::split_api_version;
use seaworthy_source::{SourceId, order};

use super::{ClusterDocument, Tool, eksctl, kops, kubeadm, local};

/// The tool that a document states a cluster to, or a part of one.
fn tool_of(root: Node<'_>) -> Option<Tool> {
    let text_of = |key: &str| root.get(key).and_then(|it| it.as_str()).unwrap_or("");
    match (split_api_version(text_of("apiVersion")).0, text_of("kind")) {
        ("eksctl.io", "ClusterConfig") => Some(Tool::Eksctl),
        ("kops.k8s.io" | "kops", "Cluster" | "InstanceGroup") => Some(Tool::Kops),
        ("kubeadm.k8s.io", "ClusterConfiguration" | "MasterConfiguration" | "InitConfiguration")
        | ("kubeadm.k8s.io", "JoinConfiguration" | "NodeConfiguration")
        | ("kubelet.config.k8s.io", "KubeletConfiguration")
        | ("kubeproxy.config.k8s.io", "KubeProxyConfiguration") => Some(Tool::Kubeadm),
        ("kind.x-k8s.io" | "kind.sigs.k8s.io", "Cluster") => Some(Tool::Kind),
        ("k3d.io", "Simple") => Some(Tool::K3d),
        _ => None,
    }
}

/// True if a document states a cluster, or a part of one.
#[must_use]
pub fn states_cluster(document: &Document) -> bool {
    document.is_terraform() || document.root().is_some_and(|it| tool_of(it).is_some())
}

/// The clusters that documents state, tool by tool in their order. `file` tells what a source is called: documents of
/// kubeadm make one cluster if they lie in one folder.
#[must_use]
pub fn clusters<'a>(documents: &[&'a Document], file: &dyn Fn(SourceId) -> &'a str) -> Vec<ClusterDocument<'a>> {
    let roots = documents.iter().filter_map(|it| it.root());
    let stated: Vec<(Tool, Node<'a>)> = roots.filter_map(|it| Some((tool_of(it)?, it))).collect();
    let of = |tool: Tool| stated.iter().filter(move |it| it.0 == tool).map(|it| it.1);
    let mut clusters: Vec<ClusterDocument<'a>> = of(Tool::Eksctl).map(eksctl::read).collect();
    clusters.extend(kops::read(&of(Tool::Kops).collect::<Vec<_>>()));
    clusters.extend(of_kubeadm(&of(Tool::Kubeadm).collect::<Vec<_>>(), file));
    clusters.extend(of(Tool::Kind).map(local::kind));
    clusters.extend(of(Tool::K3d).map(local::k3d));
    clusters.extend(of_terraform(documents, file));
    clusters
}

/// Documents of a folder are of one cluster if no more than one of them is the cluster; else those of a file are.
#[inline(never)]
fn of_kubeadm<'a>(roots: &[Node<'a>], file: &dyn Fn(SourceId) -> &'a str) -> Vec<ClusterDocument<'a>> {
    let source = |root: &Node<'a>| root.document().source();
    let folder = |root: &Node<'a>| file(source(root)).rsplit_once(['/', '\\']).map_or("", |it| it.0);
    let mut ordered: Vec<(&str, usize, Node<'a>)> =
        roots.iter().enumerate().map(|(at, it)| (folder(it), at, *it)).collect();
    order::sort_by_key(&mut ordered, |it| (it.0, it.1));
    let mut clusters = Vec::new();
    for beside in ordered.chunk_by(|a, b| a.0 == b.0) {
        let beside: Vec<Node<'a>> = beside.iter().map(|it| it.2).collect();
        let is_one = beside.iter().filter(|it| kubeadm::is_cluster(**it)).count() <= 1;
        for together in beside.chunk_by(|a, b| is_one || source(a) == source(b)) {
            // Settings of a kubelet alone are of any cluster.
            if together.iter().any(|it| !kubeadm::is_setting(*it)) {
                clusters.extend(kubeadm::read(together));
            }
        }
    }
    clusters
}

#[cfg(feature = "terraform")]
fn of_terraform<'a>(documents: &[&'a Document], file: &dyn Fn(SourceId) -> &'a str) -> Vec<ClusterDocument<'a>> {
    crate::terraform::clusters(documents, file)
}

#[cfg(not(feature = "terraform"))]
fn of_terraform<'a>(_documents: &[&'a Document], _file: &dyn Fn(SourceId) -> &'a str) -> Vec<ClusterDocument<'a>> {
    Vec::new()
}
