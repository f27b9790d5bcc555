//! What each candidate is worth: to the real scheduler, and to us. `tests/scores/README.md` says how that was recorded.

#[path = "../../../tests/given/mod.rs"]
mod given;
#[path = "../../../tests/records/mod.rs"]
mod records;

use seaworthy_fleet::{Facts, Fleet};
use seaworthy_object::{Version, Versions};

use crate::expand::batches;
use crate::nodes::Nodes;
use crate::placer::Placer;
use crate::question::{Question, Scale};
use crate::storage::{Bindings, Volumes};

/// The candidates of the one pod that names no node, and what each is worth.
fn scores(text: &str, version: Version) -> String {
    let facts = Facts { complete: true, versions: Versions::one(version), ..Facts::default() };
    given::given(text, &facts, |fleet| scores_in(fleet, version))
}

fn scores_in(fleet: &Fleet<'_>, version: Version) -> String {
    let volumes = Volumes::of(fleet, &Bindings::of(fleet), version);
    let mut placer = Placer::on(fleet, Nodes::of(fleet, &Question::default()), volumes);
    let queue = placer.admit(&batches(fleet, Scale::Declared));
    let waiting = placer.run_bound(queue);
    let pod = waiting[0].pod(0);
    let scheduler = &mut placer.scheduler;
    let candidates = scheduler.filter(&pod).candidates;
    let scores = scheduler.scores(&pod, &candidates).unwrap();
    let name = |at: &super::NodeId| &scheduler.nodes()[at.0 as usize].name;
    let mut words: Vec<String> =
        candidates.iter().zip(scores).map(|(node, score)| format!("{}={score}", name(node))).collect();
    words.sort_unstable();
    words.join(",")
}

#[test]
fn the_real_scheduler_gives_the_same_scores() {
    records::hold_against(&["scores"], &scores).unwrap();
}
