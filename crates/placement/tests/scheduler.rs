//! Pods of small clusters: what the real scheduler made of them, and we. `scheduler/README.md` and `devices/README.md`
//! say how that was recorded.

mod given;
mod records;

use seaworthy_fleet::Facts;
use seaworthy_object::{Version, Versions};
use seaworthy_placement::{Bindings, Outcome, Placement, PodGroup, Question};

use given::given;

/// What we say of the one pod of a case that names no node, in the form of the records.
fn said(text: &str, version: Version) -> String {
    let facts = Facts { complete: true, versions: Versions::one(version), ..Facts::default() };
    given(text, &facts, |fleet| said_of(&Placement::of(fleet, &Bindings::of(fleet), &Question::default())))
}

fn said_of(placement: &Placement<'_>) -> String {
    let waits = |it: &&PodGroup<'_>| it.pod.spec().at("nodeName").is_none();
    let Some(group) = placement.pods().iter().find(waits) else { return "no pod".to_owned() };
    let name = |id| placement.node(id).map_or("?", |it| &*it.name);
    match &group.outcome {
        Outcome::Placed(_) => {
            let mut nodes: Vec<&str> = group.candidates.iter().map(|it| name(*it)).collect();
            nodes.sort_unstable();
            format!("placed\t{}", nodes.join(","))
        }
        Outcome::Pending { message, evicts: Some((node, pods)), .. } => {
            format!("evicts {pods} on {}\t{message}", name(*node))
        }
        Outcome::Pending { message, .. } => format!("waits\t{message}"),
        Outcome::Unknown(why) => format!("unknown\t{why}"),
    }
}

#[test]
fn the_real_scheduler_says_the_same() {
    records::hold_against(&["scheduler", "devices"], &said).unwrap();
}
