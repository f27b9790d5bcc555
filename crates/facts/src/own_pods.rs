//! The pods that a platform runs for itself in `kube-system`.

use crate::Facts;

/// Pods of one name that a platform runs for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnPod {
    /// What its workload is called.
    pub name: &'static str,
    /// How many of them, and where.
    pub runs: Runs,
    /// What each requests, in thousandths of processors.
    pub cpu: i64,
    /// What each requests, in MiB.
    pub memory: i64,
    /// Add-ons that take its place.
    pub replaced_by: &'static [&'static str],
}

/// Where a platform's own pods run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// So many in the cluster.
    InCluster(u64),
    /// One on each node.
    OnEachNode,
    /// One on each node of the control plane.
    OnControlPlane,
}

/// Network plug-ins that give pods addresses of their own.
pub const OVERLAYS: &[&str] = &["antrea", "calico", "canal", "cilium", "flannel", "kube-router", "weave", "weave-net"];
/// Those that may do without kube-proxy.
const PROXIES: &[&str] = &["antrea", "calico", "cilium", "kube-router"];

/// The smallest amounts that the releases since Kubernetes 1.30 run with, of what no option of the platform leaves out:
/// Amazon EKS, "Amazon EKS add-ons" and the manifests of its network plug-in; kubeadm, `phases/addons`,
/// `phases/controlplane`; kops, `upup/models/cloudup/resources/addons`; of AKS and GKE what `kubectl describe node`
/// shows.
const OWN: &[(&str, OwnPod)] = &[
    ("eks", OwnPod { replaced_by: OVERLAYS, ..own("aws-node", Runs::OnEachNode, 50, 0) }),
    ("eks", OwnPod { replaced_by: PROXIES, ..own("kube-proxy", Runs::OnEachNode, 100, 0) }),
    ("eks", own("coredns", Runs::InCluster(2), 100, 70)),
    ("kubeadm", OwnPod { replaced_by: PROXIES, ..own("kube-proxy", Runs::OnEachNode, 0, 0) }),
    ("kubeadm", own("coredns", Runs::InCluster(2), 100, 70)),
    ("kubeadm", own("kube-apiserver", Runs::OnControlPlane, 250, 0)),
    ("kubeadm", own("kube-controller-manager", Runs::OnControlPlane, 200, 0)),
    ("kubeadm", own("kube-scheduler", Runs::OnControlPlane, 100, 0)),
    ("kops", OwnPod { replaced_by: PROXIES, ..own("kube-proxy", Runs::OnEachNode, 100, 0) }),
    ("kops", own("coredns", Runs::InCluster(2), 100, 70)),
    ("aks", own("cloud-node-manager", Runs::OnEachNode, 50, 50)),
    ("aks", own("coredns", Runs::InCluster(2), 100, 70)),
    ("aks", own("konnectivity-agent", Runs::InCluster(2), 20, 20)),
    ("aks", own("metrics-server", Runs::InCluster(2), 0, 0)),
    ("gke", own("pdcsi-node", Runs::OnEachNode, 10, 20)),
];

const fn own(name: &'static str, runs: Runs, cpu: i64, memory: i64) -> OwnPod {
    OwnPod { name, runs, cpu, memory, replaced_by: &[] }
}

impl Facts {
    /// What the platform runs for itself in `kube-system`, as long as nothing else takes its place.
    pub fn own_pods(&self) -> impl Iterator<Item = &'static OwnPod> {
        let platform = self.platform.as_deref().unwrap_or("");
        OWN.iter().filter(move |it| it.0 == platform).map(|it| &it.1)
    }
}
