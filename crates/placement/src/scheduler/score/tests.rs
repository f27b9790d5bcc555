//! What each candidate is worth: to the real scheduler, and to us. `tests/scores/README.md` says how that was recorded.

use std::path::PathBuf;

use seaworthy_document::Document;
use seaworthy_fleet::{Facts, Fleet, Given};
use seaworthy_object::{Catalog, Object, Version, Versions};
use seaworthy_source::Source;

use crate::expand::batches;
use crate::nodes::Nodes;
use crate::placer::Placer;
use crate::question::{Question, Scale};
use crate::storage::{Bindings, Volumes};

/// The candidates of the one pod that names no node, and what each is worth.
fn scores(text: &str, version: Version) -> String {
    let catalog = Catalog::built_in();
    let source = Source::new("fleet.yaml", text);
    let documents: Vec<Document> = seaworthy_document::read(&source);
    let roots = documents.iter().filter_map(Document::root);
    let objects: Vec<Object<'_>> = roots.filter_map(|root| Object::new(root, &catalog, "default")).collect();
    let facts = Facts { complete: true, versions: Versions::one(version), ..Facts::default() };
    let fleet = Fleet::new(Given { objects: objects.iter().collect(), ..Given::default() }, &facts, &catalog);
    let volumes = Volumes::of(&fleet, &Bindings::of(&fleet), version);
    let mut placer = Placer::on(&fleet, Nodes::of(&fleet, &Question::default()), volumes);
    let queue = placer.admit(&batches(&fleet, Scale::Declared));
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
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scores");
    let mut wrong = Vec::new();
    for minor in [34, 37] {
        let records = std::fs::read_to_string(here.join(format!("verdicts-1.{minor}.txt"))).unwrap();
        for (case, real) in records.lines().filter_map(|it| it.split_once('\t')) {
            let text = std::fs::read_to_string(here.join(format!("{case}.yaml"))).unwrap();
            let ours = scores(&text, Version::minor_of(minor));
            if ours != real {
                wrong.push(format!("{case} at 1.{minor}\n    real {real}\n    ours {ours}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}
