//! A cluster that is asked many things about one fleet.

use std::cell::OnceCell;

use seaworthy_fleet::Fleet;
use seaworthy_object::Pod;

use crate::expand::{Batch, Naming, batches};
use crate::nodes::Nodes;
use crate::place::{Outcome, Placement};
use crate::question::{Groups, Question};
use crate::scheduler::Node;
use crate::storage::Bindings;

/// A fleet on its cluster, placed when somebody first asks.
pub struct Cluster<'f, 'a> {
    fleet: &'f Fleet<'a>,
    bindings: &'f Bindings<'a>,
    nodes: Nodes<'a>,
    placement: OnceCell<Placement<'a>>,
    grown: OnceCell<Placement<'a>>,
}

/// How many pods of a workload a cluster takes at most.
#[derive(Debug, Clone)]
pub struct Most {
    /// So many run.
    pub fit: u64,
    /// What becomes of the next one.
    pub then: Outcome,
}

impl<'f, 'a> Cluster<'f, 'a> {
    /// The cluster that is known beside a fleet: its nodes as they are now.
    #[must_use]
    pub fn of(fleet: &'f Fleet<'a>, bindings: &'f Bindings<'a>) -> Self {
        let nodes = Nodes::of(fleet, &Question::default());
        Self { fleet, bindings, nodes, placement: OnceCell::new(), grown: OnceCell::new() }
    }

    /// True if its nodes are known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.nodes.is_known
    }

    /// Its nodes, as they are now.
    #[must_use]
    pub fn nodes(&self) -> &[Node<'a>] {
        &self.nodes.nodes
    }

    /// The fleet as it is declared, on the cluster as it is now.
    pub fn placement(&self) -> &Placement<'a> {
        self.placement.get_or_init(|| self.ask(&Question::default()))
    }

    /// The same with every group of nodes at its maximum.
    pub fn grown(&self) -> &Placement<'a> {
        self.grown.get_or_init(|| self.ask(&Question { groups: Groups::Max, ..Question::default() }))
    }

    /// The fleet at another size, or on another cluster.
    #[must_use]
    pub fn ask(&self, question: &Question) -> Placement<'a> {
        Placement::of(self.fleet, self.bindings, question)
    }

    /// The pods of one workload alone on the cluster, on which nothing else runs. Who wants to know whether a pod can
    /// ever run also looks at [`Cluster::placement`]: it may need another one beside it.
    #[must_use]
    pub fn alone(&self, pod: Pod<'a>, question: &Question) -> Placement<'a> {
        let mut of_all = batches(self.fleet, question.scale);
        of_all.retain(|it| it.pod.object().root() == pod.object().root());
        Placement::of_batches(self.fleet, self.bindings, question, of_all)
    }

    /// How many pods of a workload run beside all others of the fleet, up to `wanted`: what another size of it comes to.
    #[must_use]
    pub fn most(&self, pod: Pod<'a>, wanted: u64, question: &Question) -> Most {
        let mut of_all = batches(self.fleet, question.scale);
        let root = pod.object().root();
        // Those that are asked about come last, so that the others have their places.
        let own = of_all.iter().position(|it| it.pod.object().root() == root).map(|at| of_all.remove(at));
        let own = own.unwrap_or(Batch { pod, count: 0, naming: Naming::Random, in_order: false });
        of_all.push(Batch { count: wanted, ..own });
        let placement = Placement::of_batches(self.fleet, self.bindings, question, of_all);
        let mut most = Most { fit: 0, then: Outcome::Placed(Vec::new()) };
        for group in placement.pods_of(pod) {
            match &group.outcome {
                Outcome::Placed(_) => most.fit += group.count,
                other => most.then = other.clone(),
            }
        }
        most
    }
}
