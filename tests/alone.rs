//! One object alone: rules that read a whole fleet say nothing of it that the objects beside it might disprove.

use std::collections::BTreeSet;

use seaworthy::rules::Pack;
use seaworthy::{Overrides, Policy, Snapshot, Validator};
use seaworthy_tests::examples;

/// The rules among them that find in one object all they need, each with what it finds there. Only the requests that a
/// LimitRange would fill in are not in the object; without one, which is how most namespaces are, nothing does.
const DECIDED_ALONE: &[&str] = &[
    "admin-console-exposed",         // its own ports, open by its own type
    "autoscaler-target-missing",     // a kind that cannot be scaled
    "default-credential",            // a value
    "host-path-volume-multi-node",   // a path of the node
    "ingress-secret-missing",        // an annotation that names no Secret
    "load-balancer-open-to-world",   // its own type and ranges
    "named-port-missing",            // a probe and the ports of its own container
    "provisioner-unknown",           // its own provisioner
    "qos-best-effort",               // its own requests
    "quorum-weak",                   // its own number
    "replicas-null",                 // its own number
    "resources-unset",               // its own requests
    "volume-unused",                 // its own volumes and mounts
    "zonal-class-immediate-binding", // its own provisioner and mode
];

#[test]
fn rules_of_fleets_do_not_judge_by_what_is_not_there() {
    let rules = seaworthy::rules::all();
    let reads_fleet = |id: &str| rules.iter().any(|it| it.meta().id == id && it.reads_fleet());
    // Whoever runs a webhook with `--complete` does not make one object all there is.
    let overrides = Overrides { complete: Some(true), ..Overrides::default() };
    let validator = Validator::new(overrides, Policy::default().with_packs(Pack::ALL));
    let (mut said, mut objects) = (BTreeSet::new(), 0);
    for object in examples::objects() {
        let report = validator.check_incoming(object.source, &object.namespace, &Snapshot::default());
        objects += report.summary.objects;
        said.extend(report.diagnostics.iter().map(|it| it.rule).filter(|id| reads_fleet(id)));
    }
    assert!(objects > 500, "{objects}");
    assert_eq!(said.into_iter().collect::<Vec<_>>(), DECIDED_ALONE);
}
