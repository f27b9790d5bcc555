//! What holds of claims, volumes and pods whatever they look like.

mod given;

use proptest::prelude::*;
use seaworthy_fleet::{Facts, Fleet};
use seaworthy_placement::{Bindings, Fate, Outcome, Placement, Question};

use given::given;

fn with_fleet<R>(text: &str, look: impl FnOnce(&Fleet<'_>) -> R) -> R {
    given(text, &Facts { complete: true, ..Facts::default() }, look)
}

fn document(kind: &str, api: &str, name: &str, rest: &str) -> String {
    format!("---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}}}\n{rest}\n")
}

fn node(at: usize) -> String {
    let labels = format!("{{kubernetes.io/hostname: n{at}, topology.kubernetes.io/zone: z{}}}", at % 2);
    let room = "{cpu: '8', memory: 8Gi, pods: '50'}";
    let metadata = format!("metadata: {{name: n{at}, labels: {labels}}}");
    format!("---\napiVersion: v1\nkind: Node\n{metadata}\nstatus: {{allocatable: {room}}}\n")
}

fn classes() -> String {
    let of = |name, mode| {
        let rest = format!("provisioner: kubernetes.io/no-provisioner\nvolumeBindingMode: {mode}");
        document("StorageClass", "storage.k8s.io/v1", name, &rest)
    };
    of("now", "Immediate") + &of("later", "WaitForFirstConsumer")
}

const CLASSES: [&str; 3] = ["now", "later", "none"];

prop_compose! {
    fn any_volume()(
        class in prop::sample::select(&CLASSES[..]), size in 1..4_u8, host in 0..8_usize, zone in 0..4_usize,
    ) -> String {
        let on = match (host, zone) {
            (0..3, _) => format!(", nodeAffinity: {}", only("kubernetes.io/hostname", &format!("n{host}"))),
            (_, 0..2) => format!(", nodeAffinity: {}", only("topology.kubernetes.io/zone", &format!("z{zone}"))),
            _ => String::new(),
        };
        let capacity = format!("capacity: {{storage: {size}Gi}}{on}");
        format!("spec: {{storageClassName: {class}, accessModes: [ReadWriteOnce], {capacity}}}")
    }
}

fn only(key: &str, value: &str) -> String {
    let expression = format!("{{key: {key}, operator: In, values: [{value}]}}");
    format!("{{required: {{nodeSelectorTerms: [{{matchExpressions: [{expression}]}}]}}}}")
}

prop_compose! {
    fn any_claim()(class in prop::sample::select(&CLASSES[..]), size in 1..4_u8, named in 0..12_usize) -> String {
        let named = if named < 2 { format!(", volumeName: v{named}") } else { String::new() };
        let size = format!("resources: {{requests: {{storage: {size}Gi}}}}");
        format!("spec: {{storageClassName: {class}, accessModes: [ReadWriteOnce], {size}{named}}}")
    }
}

fn pod(name: &str, claims: &[usize]) -> String {
    let volumes: Vec<String> =
        claims.iter().map(|it| format!("{{name: c{it}, persistentVolumeClaim: {{claimName: c{it}}}}}")).collect();
    let spec = format!("spec: {{containers: [{{name: c, image: app:1}}], volumes: [{}]}}", volumes.join(", "));
    document("Pod", "v1", name, &spec)
}

/// What becomes of every claim.
fn words(text: &str) -> Vec<String> {
    with_fleet(text, |fleet| {
        let bindings = Bindings::of(fleet);
        let words = bindings.all().iter().map(|it| format!("{}: {} {}", it.claim, it.verdict, it.is_open));
        words.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_volume_is_used_by_one_claim_and_where_it_can_be(
        volumes in prop::collection::vec(any_volume(), 0..8),
        claims in prop::collection::vec(any_claim(), 1..7),
        mounts in prop::collection::vec(prop::collection::vec(0..7_usize, 0..3), 0..6),
    ) {
        let mut text = (0..3).map(node).collect::<String>() + &classes();
        for (at, rest) in volumes.iter().enumerate() {
            text += &document("PersistentVolume", "v1", &format!("v{at}"), rest);
        }
        for (at, rest) in claims.iter().enumerate() {
            text += &document("PersistentVolumeClaim", "v1", &format!("c{at}"), rest);
        }
        for (at, claims) in mounts.iter().enumerate() {
            text += &pod(&format!("p{at}"), claims);
        }
        with_fleet(&text, |fleet| {
            let bindings = Bindings::of(fleet);
            let placement = Placement::of(fleet, &bindings, &Question::default());
            let mut taken: Vec<&str> = Vec::new();
            for (at, binding) in bindings.all().iter().enumerate() {
                let Fate::Bound(volume) = placement.fate(at) else { continue };
                prop_assert!(!taken.contains(&volume.name()), "{} twice", volume.name());
                taken.push(volume.name());
                let fits = bindings.volumes().iter().any(|it| it.name() == volume.name() && binding.claim.fits(it));
                prop_assert!(fits, "{} has {}", binding.claim, volume.name());
            }
            for group in placement.pods() {
                let Outcome::Placed(on) = &group.outcome else { continue };
                let node = placement.node(on[0].0).unwrap();
                for claim in group.pod.spec().volumes().filter_map(|it| it.claim_name()) {
                    let at = bindings.all().iter().position(|it| it.claim.name == claim.text());
                    // Its claims are there, and bound.
                    let Some(Fate::Bound(volume)) = at.map(|it| placement.fate(it)) else {
                        return Err(TestCaseError::fail(format!("{} runs without {}", group.name, claim.text())));
                    };
                    let asked = volume.at("spec.nodeAffinity.required.nodeSelectorTerms").map(|it| it.items());
                    let value = asked.and_then(|mut it| it.next()?.items_at("matchExpressions").next());
                    let Some(value) = value else { continue };
                    let wanted = value.items_at("values").next().unwrap().text();
                    prop_assert_eq!(node.label(value.str_at("key").unwrap()), Some(wanted));
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_has_nothing_to_do_with_it_changes_nothing(
        volumes in prop::collection::vec(any_volume(), 0..6),
        claims in prop::collection::vec(any_claim(), 1..6),
    ) {
        let mut text = classes();
        for (at, rest) in volumes.iter().enumerate() {
            text += &document("PersistentVolume", "v1", &format!("v{at}"), rest);
        }
        for (at, rest) in claims.iter().enumerate() {
            text += &document("PersistentVolumeClaim", "v1", &format!("c{at}"), rest);
        }
        let besides = document("ConfigMap", "v1", "config", "data: {a: b}")
            + &document("PersistentVolume", "v1", "x", "spec: {storageClassName: x, capacity: {storage: 9Gi}}")
            + &document("PersistentVolumeClaim", "v1", "y", "spec: {storageClassName: x, volumeName: x}");
        let alone = words(&text);
        let before = words(&(besides.clone() + &text));
        let after = words(&(text + &besides));
        prop_assert_eq!(&alone, &before[1..].to_vec());
        prop_assert_eq!(&alone, &after[..alone.len()].to_vec());
    }
}

#[test]
fn ten_thousand_claims_and_volumes_are_solved_in_bounded_time() {
    let mut text = String::new();
    for at in 0..10_000 {
        let size = 1 + at % 97;
        let volume =
            format!("spec: {{storageClassName: slow, accessModes: [ReadWriteOnce], capacity: {{storage: {size}Gi}}}}");
        text += &document("PersistentVolume", "v1", &format!("v{at}"), &volume);
        let asks = format!("resources: {{requests: {{storage: {size}Gi}}}}");
        // None of the volumes has such a label.
        let selector = if at % 2 == 0 { "" } else { ", selector: {matchExpressions: [{key: rack, operator: Exists}]}" };
        let claim = format!("spec: {{storageClassName: slow, accessModes: [ReadWriteOnce], {asks}{selector}}}");
        text += &document("PersistentVolumeClaim", "v1", &format!("c{at}"), &claim);
    }
    with_fleet(&text, |fleet| {
        let start = std::time::Instant::now();
        let bound = Bindings::of(fleet).all().iter().filter(|it| it.binds()).count();
        let took = start.elapsed();
        assert_eq!(bound, 5_000);
        println!("{took:?}");
        assert!(took.as_secs() < 20, "{took:?}");
    });
}

#[test]
fn thousands_of_pods_find_the_volumes_of_nodes_in_bounded_time() {
    let (nodes, each) = (200, 10);
    let mut text = (0..nodes).map(node).collect::<String>() + &classes();
    for at in 0..nodes * each {
        let host = only("kubernetes.io/hostname", &format!("n{}", at / each));
        let rest = "storageClassName: later, accessModes: [ReadWriteOnce]";
        let volume = format!("spec: {{{rest}, capacity: {{storage: 1Gi}}, nodeAffinity: {host}}}");
        text += &document("PersistentVolume", "v1", &format!("v{at}"), &volume);
        let claim = format!("spec: {{{rest}, resources: {{requests: {{storage: 1Gi}}}}}}");
        text += &document("PersistentVolumeClaim", "v1", &format!("c{at}"), &claim);
        text += &pod(&format!("p{at}"), &[at]);
    }
    with_fleet(&text, |fleet| {
        let bindings = Bindings::of(fleet);
        let start = std::time::Instant::now();
        let placement = Placement::of(fleet, &bindings, &Question::default());
        let took = start.elapsed();
        assert_eq!(placement.pending() + placement.unknown(), 0);
        println!("{took:?}");
        assert!(took.as_secs() < 60, "{took:?}");
    });
}

#[test]
fn what_is_written_badly_is_answered() {
    let volume = |name: &str, spec: &str| document("PersistentVolume", "v1", name, &format!("spec: {spec}"));
    let claim = |name: &str, spec: &str| document("PersistentVolumeClaim", "v1", name, &format!("spec: {spec}"));
    let text = node(0)
        + &classes()
        + &volume("negative", "{storageClassName: now, capacity: {storage: -5Gi}, accessModes: [ReadWriteOnce]}")
        + &volume("huge", "{storageClassName: now, capacity: {storage: 9e99}, accessModes: [Sometimes, 7, null]}")
        + &volume("gone", "{storageClassName: now, claimRef: {namespace: default, name: nobody, uid: x}}")
        + &volume("list", "[]")
        + &volume("terms", "{storageClassName: later, nodeAffinity: {required: {nodeSelectorTerms: [{}, [], null]}}}")
        + &claim("negative", "{storageClassName: now, resources: {requests: {storage: -1}}}")
        + &claim("words", "{storageClassName: now, resources: {requests: {storage: much}}, selector: 5}")
        + &claim("itself", "{storageClassName: now, dataSource: {kind: PersistentVolumeClaim, name: itself}}")
        + &claim("text", "none")
        + &pod("p", &[0, 0, 0])
        + &document(
            "StatefulSet",
            "apps/v1",
            "s",
            "spec: {replicas: 2147483647, volumeClaimTemplates: [{}, {spec: {}}, \
           {metadata: {name: data}, spec: {storageClassName: later}}], ordinals: {start: -9223372036854775808}}",
        )
        + &document(
            "CSINode",
            "storage.k8s.io/v1",
            "n0",
            "spec: {drivers: [{}, {name: d, allocatable: {count: -1}}, 3]}",
        );
    with_fleet(&text, |fleet| {
        let bindings = Bindings::of(fleet);
        assert_eq!(bindings.all().iter().filter(|it| it.claim.name.starts_with("data-s-")).count(), 1000);
        assert!(!bindings.all().iter().any(|it| it.claim.name.starts_with("-s-")));
        assert!(Placement::of(fleet, &bindings, &Question::default()).count() > 0);
    });
}
