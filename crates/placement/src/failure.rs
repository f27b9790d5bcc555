//! What is left of a fleet when nodes fail.

use foldhash::HashMap;
use seaworthy_fleet::Fleet;
use seaworthy_source::order::{self, filled};

use crate::expand::Naming;
use crate::nodes::Nodes;
use crate::place::{Outcome, Placement, version_of};
use crate::placer::{Placer, Queued};
use crate::question::Question;
use crate::scheduler::NodeId;
use crate::storage::{Bindings, VolumePod, Volumes};

impl<'a> Placement<'a> {
    /// The same fleet without the nodes that `question` takes away, which is otherwise the question of this placement.
    /// What runs elsewhere stays where it is, and claims keep their volumes; what ran on those nodes is made again by
    /// its controller and looks for a place, together with what had none. A pod without a controller is lost.
    #[must_use]
    pub fn after(&self, fleet: &Fleet<'a>, bindings: &Bindings<'a>, question: &Question) -> Placement<'a> {
        let nodes = Nodes::of(fleet, question);
        let ids: HashMap<&str, NodeId> = filled((0..).zip(&nodes.nodes).map(|(at, it)| (&*it.name, NodeId(at))));
        let now: Vec<Option<NodeId>> = self.nodes().iter().map(|it| ids.get(&*it.name).copied()).collect();
        let volumes = self.volumes_after(fleet, bindings, &now);
        let mut placer = Placer::on(fleet, nodes, volumes);
        let all = placer.admit(&self.batches);
        let mut lost: HashMap<usize, Vec<u64>> = HashMap::default();
        let mut ran: HashMap<usize, Ran> = HashMap::default();
        for run in &self.runs {
            let Some(queued) = all.get(run.order) else { continue };
            let ran = ran.entry(run.order).or_default();
            ran.count += 1;
            ran.last = ran.last.max(run.at);
            match now.get(run.node.0 as usize).copied().flatten() {
                Some(node) => {
                    ran.stay.push(node);
                    placer.keep(queued, run.at, node);
                }
                None => lost.entry(run.order).or_default().push(run.at),
            }
        }
        let mut queue = Vec::new();
        for queued in all {
            let (lost, ran) = (lost.remove(&queued.order), ran.remove(&queued.order));
            remake(queued, lost.unwrap_or_default(), ran.unwrap_or_default(), &mut placer, &mut queue);
        }
        placer.place(queue);
        placer.placement(self.batches.clone())
    }

    /// The claims as they are after all pods were placed, for nodes of other numbers.
    fn volumes_after(&self, fleet: &Fleet<'a>, bindings: &Bindings<'a>, now: &[Option<NodeId>]) -> Volumes<'a> {
        let mut volumes = Volumes::of(fleet, bindings, version_of(fleet));
        if bindings.all().is_empty() {
            return volumes;
        }
        let there = u32::try_from(now.iter().flatten().count()).unwrap_or(u32::MAX);
        for run in &self.runs {
            let (Some(batch), Some(node), Some(name)) =
                (self.batches.get(run.order), self.node(run.node), self.name_of(run.pod))
            else {
                continue;
            };
            // A node that is gone has a number after all others.
            let gone = NodeId(there.saturating_add(run.node.0));
            let id = now.get(run.node.0 as usize).copied().flatten().unwrap_or(gone);
            let ordinal = batch.naming.ordinal(run.at);
            let used = volumes.volumes_of(VolumePod { pod: batch.pod, name, ordinal });
            volumes.assume(&used, node, id, run.pod);
        }
        // They come again with their pods.
        volumes.forget_all();
        volumes
    }
}

/// What ran of a batch.
#[derive(Default)]
struct Ran {
    count: u64,
    /// The last of its pods.
    last: u64,
    /// The nodes of those that go on.
    stay: Vec<NodeId>,
}

/// Queues what is to be made again of a batch, and what had no place before.
fn remake<'a>(
    mut queued: Queued<'a>,
    lost: Vec<u64>,
    ran: Ran,
    placer: &mut Placer<'_, 'a>,
    queue: &mut Vec<Queued<'a>>,
) {
    let batch = queued.batch;
    let bound = queued.bound_to();
    match batch.naming {
        Naming::Own if !lost.is_empty() => {
            let message = "its node is gone, and no controller makes it again".to_owned();
            placer.rest(&mut queued, Outcome::Pending { message, evicts: None });
        }
        Naming::Own if ran.count > 0 => {}
        Naming::Nodes | Naming::Turns => {
            queued.has = ran.stay;
            order::sort(&mut queued.has);
            queue.push(queued);
        }
        _ if let Some(node) = bound => {
            queued.next = ran.stay.len() as u64;
            if queued.next < batch.count {
                let message = format!("node `{node}` is not there");
                placer.rest(&mut queued, Outcome::Pending { message, evicts: None });
            }
        }
        Naming::Ordinals(_) => {
            for at in lost {
                let mut one = Queued { next: at, ..queued.clone() };
                (one.batch.count, one.batch.in_order) = (at + 1, false);
                queue.push(one);
            }
            queued.next = if ran.count > 0 { ran.last + 1 } else { 0 };
            queue.push(queued);
        }
        _ => {
            queued.next = ran.stay.len() as u64;
            queue.push(queued);
        }
    }
}
