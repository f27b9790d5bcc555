//! The room that a platform's own pods take.

use seaworthy_facts::{OwnPod, Runs};
use seaworthy_fleet::Fleet;

use crate::scheduler::{NodeId, Scheduler};
use crate::storage::is_whole_cluster;

const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";

/// How many pods a platform runs for itself that are not in the set: in the cluster, and on each node that is not of
/// the control plane.
#[must_use]
pub fn count_own_pods(fleet: &Fleet<'_>) -> (u64, u64) {
    own_pods(fleet).fold((0, 0), |(cluster, node), it| match it.runs {
        Runs::InCluster(count) => (cluster + count, node),
        Runs::OnEachNode => (cluster, node + 1),
        Runs::OnControlPlane => (cluster, node),
    })
}

/// The platform's own pods that are not in the set: none of a copy of a cluster, which holds what runs there.
fn own_pods(fleet: &Fleet<'_>) -> impl Iterator<Item = &'static OwnPod> {
    let lists_pods = fleet.facts().listed.iter().any(|it| it.0.is_empty() && it.1 == "Pod");
    let has_all = lists_pods || is_whole_cluster(fleet);
    let is_given = move |name: &str| !fleet.pods_named("kube-system", name).is_empty();
    let own = fleet.facts().own_pods().filter(move |_| !has_all);
    own.filter(move |it| !is_given(it.name) && !fleet.runs_any_of(it.replaced_by))
}

/// Lets them run before all others: those of each node first, the others where most is left.
pub(crate) fn run(fleet: &Fleet<'_>, scheduler: &mut Scheduler<'_>) {
    let own: Vec<&OwnPod> = own_pods(fleet).collect();
    for pod in &own {
        let runs_on = |node: &crate::Node<'_>| match pod.runs {
            Runs::InCluster(_) => false,
            Runs::OnEachNode => node.label("kubernetes.io/os") != Some("windows"),
            Runs::OnControlPlane => node.label(CONTROL_PLANE).is_some(),
        };
        let nodes: Vec<bool> = scheduler.nodes().iter().map(runs_on).collect();
        for (node, _) in (0..).zip(nodes).filter(|it| it.1) {
            scheduler.occupy(NodeId(node), pod.cpu, pod.memory);
        }
    }
    let may_run = |node: &crate::Node<'_>| {
        let keeps_away = |it: &crate::NodeTaint<'_>| it.effect != "PreferNoSchedule" && it.key != CONTROL_PLANE;
        !node.is_unschedulable && !node.taints.iter().any(keeps_away)
    };
    let nodes: Vec<NodeId> = (0..).zip(scheduler.nodes()).filter(|it| may_run(it.1)).map(|it| NodeId(it.0)).collect();
    for pod in own {
        let Runs::InCluster(count) = pod.runs else { continue };
        for _ in 0..count {
            // Of equal ones the first; one that fits nowhere takes no room.
            let fits = nodes.iter().copied().filter(|it| scheduler.processors_left(*it) >= pod.cpu);
            let emptiest = fits.rev().max_by_key(|it| scheduler.processors_left(*it));
            emptiest.into_iter().for_each(|it| scheduler.occupy(it, pod.cpu, pod.memory));
        }
    }
}
