//! The pods that a cluster runs for itself.

use seaworthy_fleet::Fleet;

/// What a cluster runs for itself in `kube-system`, as long as nothing else takes its place: the platform, the name,
/// how many a cluster, and how many a node. (Amazon EKS, "Amazon EKS add-ons"; kubeadm, "Implementation details",
/// section "Addons"; kops, `upup/models/cloudup/resources/addons`.)
const OWN: &[(&str, &str, u64, u64)] = &[
    ("eks", "aws-node", 0, 1),
    ("eks", "kube-proxy", 0, 1),
    ("eks", "coredns", 2, 0),
    ("kubeadm", "kube-proxy", 0, 1),
    ("kubeadm", "coredns", 2, 0),
    ("kops", "kube-proxy", 0, 1),
    ("kops", "coredns", 2, 0),
];

/// The cluster's own pods that are not in the set: how many a cluster and how many a node.
pub(crate) fn own_pods(fleet: &Fleet<'_>) -> (u64, u64) {
    let platform = fleet.facts().platform.as_deref().unwrap_or("");
    let is_given = |name: &str| !fleet.pods_named("kube-system", name).is_empty();
    let own = OWN.iter().filter(|(of, name, ..)| *of == platform && !is_given(name));
    own.fold((0, 0), |(cluster, node), it| (cluster + it.2, node + it.3))
}
