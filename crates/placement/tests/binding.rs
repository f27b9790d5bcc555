//! Claims and volumes of small fleets, and what the volume controller would do with them.

mod given;

use proptest::prelude::*;
use seaworthy_fleet::Facts;
use seaworthy_object::{Version, Versions};
use seaworthy_placement::{Bindings, Mismatch, Obstacle, Verdict};

use given::given;

fn solve<R>(text: &str, facts: &Facts, look: impl FnOnce(&Bindings<'_>) -> R) -> R {
    given(text, facts, |fleet| look(&Bindings::of(fleet)))
}

fn complete() -> Facts {
    Facts { complete: true, ..Facts::default() }
}

/// `claim: verdict` for each claim.
fn words(text: &str, facts: &Facts) -> Vec<String> {
    solve(text, facts, |bindings| bindings.all().iter().map(|it| format!("{}: {}", it.claim, it.verdict)).collect())
}

fn volume(name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: {name}, labels: {{disk: {name}}}}}\nspec: {{{spec}}}\n"
    )
}

fn claim(name: &str, spec: &str) -> String {
    format!("---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n")
}

fn class(name: &str, rest: &str) -> String {
    format!("---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: {name}}}\n{rest}\n")
}

const SLOW: &str = "storageClassName: slow, accessModes: [ReadWriteOnce]";

fn offers(size: &str) -> String {
    format!("{SLOW}, capacity: {{storage: {size}}}")
}

fn asks(size: &str) -> String {
    format!("{SLOW}, resources: {{requests: {{storage: {size}}}}}")
}

#[test]
fn the_smallest_volume_that_fits_is_bound_and_each_once() {
    let text = volume("big", &offers("100Gi"))
        + &volume("small", &offers("5Gi"))
        + &claim("a", &asks("1Gi"))
        + &claim("b", &asks("5120Mi"))
        + &claim("c", &asks("1Gi"));
    let want =
        ["a: binds `small`", "b: binds `big`", "c: can never bind: no volume fits, and no class `slow` can make one"];
    assert_eq!(words(&text, &complete()), want);
}

#[test]
fn fewer_access_modes_come_before_less_space() {
    let both = "storageClassName: slow, accessModes: [ReadWriteOnce, ReadOnlyMany], capacity: {storage: 5Gi}";
    let text = volume("both", both) + &volume("one", &offers("100Gi")) + &claim("a", &asks("5Gi"));
    assert_eq!(words(&text, &complete()), ["a: binds `one`"]);
}

#[test]
fn each_volume_says_its_first_condition() {
    let text = [
        volume("class", "storageClassName: fast, accessModes: [ReadOnlyMany], capacity: {storage: 1Gi}"),
        volume("size", "storageClassName: slow, accessModes: [ReadOnlyMany], capacity: {storage: 1Gi}"),
        volume(
            "access",
            "storageClassName: slow, accessModes: [ReadWriteMany], capacity: {storage: 9Gi}, volumeMode: Block",
        ),
        volume("mode", &format!("{}, volumeMode: Block", offers("9Gi"))),
        volume("labels", &format!("{}, claimRef: {{name: other}}", offers("9Gi"))),
        volume("mine", &format!("{}, claimRef: {{namespace: default, name: other}}", offers("9Gi"))),
        claim("a", &format!("{}, selector: {{matchLabels: {{disk: mine}}}}", asks("5Gi"))),
    ]
    .concat();
    let said: Vec<String> = solve(&text, &complete(), |bindings| {
        bindings.misfits(&bindings.all()[0]).map(|it| format!("{}: {}", it.volume.name(), it.why)).collect()
    });
    assert_eq!(
        said,
        [
            "size: 1Gi offered, 5Gi asked",
            "access: it allows ReadWriteMany, and ReadWriteOnce is asked",
            "mode: volume mode is Block, and Filesystem is asked",
            "labels: its labels miss the claim's selector `disk=mine`",
            "mine: its claimRef keeps it for claim `default/other`",
            "class: class is `fast`",
        ]
    );
}

#[test]
fn what_is_given_beforehand_is_kept() {
    let kept = format!("{}, claimRef: {{namespace: default, name: b}}", offers("9Gi"));
    let text = volume("kept", &kept)
        + &volume("named", &offers("5Gi"))
        + &claim("a", &asks("1Gi"))
        + &claim("b", "accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}")
        + &claim("c", &format!("{}, volumeName: named", asks("1Gi")))
        + &claim("d", &format!("{}, volumeName: nemed", asks("1Gi")));
    let want = [
        "a: can never bind: no volume fits, and no class `slow` can make one",
        "b: binds `kept`",
        "c: binds `named`",
        "d: can never bind: the volume `nemed` it names does not exist",
    ];
    assert_eq!(words(&text, &complete()), want);
}

#[test]
fn a_named_volume_is_judged_even_in_a_part_of_the_fleet() {
    let text = volume("v", &offers("1Gi"))
        + &claim("a", &format!("{}, volumeName: v", asks("2Gi")))
        + &claim("b", &asks("2Gi"));
    let want = [
        "a: can never bind: the volume `v` it names does not fit: 1Gi offered, 2Gi asked",
        "b: unknown: class `slow`: not in the given set",
    ];
    assert_eq!(words(&text, &Facts::default()), want);
}

#[test]
fn classes_make_volumes_at_once_or_wait_or_make_none() {
    let text = class("now", "provisioner: ebs.csi.aws.com")
        + &class("later", "provisioner: ebs.csi.aws.com\nvolumeBindingMode: WaitForFirstConsumer")
        + &class("slow", "provisioner: kubernetes.io/no-provisioner\nvolumeBindingMode: WaitForFirstConsumer")
        + &volume("v", &offers("5Gi"))
        + &claim("a", "storageClassName: now, resources: {requests: {storage: 1Gi}}")
        + &claim("b", "storageClassName: later, resources: {requests: {storage: 1Gi}}")
        + &claim("c", &asks("5Gi"))
        + &claim("d", &asks("5Gi"))
        + &claim("e", "resources: {requests: {storage: 1Gi}}")
        + &claim("f", "storageClassName: '', resources: {requests: {storage: 1Gi}}");
    let want = [
        "a: class `now` makes a volume",
        "b: waits for its pod, then class `later` makes a volume",
        "c: waits for its pod, then binds a volume such as `v`",
        "d: can never bind: no volume fits, and class `slow` makes none",
        "e: unknown: nobody said whether the cluster has a default class",
        "f: can never bind: no volume fits, and it asks for no class that could make one",
    ];
    assert_eq!(words(&text, &complete()), want);
    let minikube = Facts { platform: Some("minikube".to_owned()), ..complete() };
    assert_eq!(words(&text, &minikube)[4], "e: class `standard` makes a volume");
}

#[test]
fn templates_become_claims_and_adopt_those_that_are_there() {
    let set = "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  replicas: 3\n  \
               ordinals: {start: 1}\n  template: {spec: {containers: [{name: c}]}}\n  volumeClaimTemplates:\n  \
               - {metadata: {name: data}, spec: {storageClassName: other, accessModes: [ReadWriteOnce], \
               resources: {requests: {storage: 1Gi}}}}\n";
    let other = "storageClassName: other, accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}";
    let text = set.to_owned() + &claim("data-db-2", &asks("1Gi")) + &volume("v", &offers("1Gi")) + &volume("o", other);
    let want = [
        "data-db-2: binds `v`",
        "data-db-1: binds `o`",
        "data-db-3: can never bind: no volume fits, and no class `other` can make one",
    ];
    assert_eq!(words(&text, &complete()), want);
    solve(&text, &complete(), |bindings| {
        assert_eq!(bindings.get("default", "data-db-2").unwrap().template().unwrap().object().name(), "db");
        assert_eq!(bindings.holder("o").unwrap().name, "data-db-1");
    });
}

#[test]
fn an_earlier_definition_is_judged_in_place_of_the_last() {
    let text = volume("v", &offers("5Gi")) + &claim("a", &asks("9Gi")) + &claim("a", &asks("1Gi"));
    solve(&text, &complete(), |bindings| {
        assert_eq!(bindings.all().len(), 1);
        assert_eq!(bindings.all()[0].verdict.to_string(), "binds `v`");
        assert!(matches!(bindings.earlier()[0].verdict, Verdict::Pending(Obstacle::ClassMissing { .. })));
    });
}

#[test]
fn ephemeral_volumes_claim_too() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: c}]\n  volumes:\n  \
                - {name: scratch, ephemeral: {volumeClaimTemplate: {spec: {storageClassName: slow, \
                accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}\n";
    let want = ["p-scratch: can never bind: no volume fits, and no class `slow` can make one"];
    assert_eq!(words(text, &complete()), want);
}

const CLASSES: [&str; 3] = ["''", "x", "y"];
const ACCESS: [&str; 3] = ["[ReadWriteOnce]", "[ReadOnlyMany]", "[ReadWriteOnce, ReadWriteMany]"];

prop_compose! {
    fn any_volume()(
        class in prop::sample::select(&CLASSES[..]), access in prop::sample::select(&ACCESS[..]),
        size in 1..5u8,
        block in any::<bool>(),
        kept in 0..12u8,
    ) -> String {
        let mode = if block && size > 3 { ", volumeMode: Block" } else { "" };
        let kept = if kept < 3 { format!(", claimRef: {{namespace: default, name: c{kept}}}") } else { String::new() };
        format!("storageClassName: {}, accessModes: {}, capacity: {{storage: {size}Gi}}{mode}{kept}", class, access)
    }
}

prop_compose! {
    fn any_claim()(
        class in prop::sample::select(&CLASSES[..]), access in prop::sample::select(&ACCESS[..]),
        size in 1..5u8,
        label in 0..12u8,
        named in 0..16u8,
    ) -> String {
        let selector = if label < 3 { format!(", selector: {{matchLabels: {{disk: v{label}}}}}") } else { String::new() };
        let named = if named < 2 { format!(", volumeName: v{named}") } else { String::new() };
        let size = format!("resources: {{requests: {{storage: {size}Gi}}}}");
        format!("storageClassName: {}, accessModes: {}, {size}{selector}{named}", class, access)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_volume_twice_all_that_binds_fits_and_nothing_pends_without_need(
        volumes in prop::collection::vec(any_volume(), 0..9),
        claims in prop::collection::vec(any_claim(), 0..9),
    ) {
        let mut text = class("x", "provisioner: kubernetes.io/no-provisioner")
            + &class("y", "provisioner: kubernetes.io/no-provisioner\nvolumeBindingMode: WaitForFirstConsumer");
        for (at, spec) in volumes.iter().enumerate() {
            text += &volume(&format!("v{at}"), spec);
        }
        for (at, spec) in claims.iter().enumerate() {
            text += &claim(&format!("c{at}"), spec);
        }
        prop_assert_eq!(words(&text, &complete()), words(&text, &complete()));
        solve(&text, &complete(), |bindings| {
            let mut bound = Vec::new();
            for binding in bindings.all() {
                let misfits: Vec<_> = bindings.misfits(binding).collect();
                match binding.volume() {
                    Some(volume) => {
                        prop_assert!(!bound.contains(&volume.name()), "{} twice", volume.name());
                        bound.push(volume.name());
                        prop_assert_eq!(&bindings.holder(volume.name()).unwrap().name, &binding.claim.name);
                        let misfit = misfits.iter().find(|it| it.volume.name() == volume.name());
                        // A claim that names its volume is not asked for its selector.
                        let wrong = misfit.filter(|it| {
                            binding.claim.volume.is_none() || !matches!(it.why, Mismatch::Selector(_) | Mismatch::Kept { .. })
                        });
                        // A volume that names the claim and is named by it is bound whatever it looks like.
                        let both = binding.claim.volume.is_some() && volume.at("spec.claimRef").is_some();
                        prop_assert!(wrong.is_none() || both, "{}: {wrong:?}", binding.claim);
                    }
                    None => {
                        prop_assert!(matches!(binding.verdict, Verdict::Pending(_)), "{:?}", binding.verdict);
                        if binding.claim.volume.is_none() {
                            prop_assert_eq!(misfits.len(), bindings.volumes().len(), "{}", binding.claim);
                        }
                    }
                }
            }
            Ok(())
        })?;
    }
}

#[test]
fn thousands_are_solved_in_no_time() {
    let mut text = String::new();
    for at in 0..3000 {
        let size = format!("{}Gi", 1 + at % 7);
        text += &volume(&format!("v{at}"), &offers(&size));
        text += &claim(&format!("c{at}"), &format!("{}, selector: {{matchLabels: {{disk: v{at}}}}}", asks(&size)));
        text += &claim(&format!("d{at}"), &asks(&size));
    }
    let start = std::time::Instant::now();
    let bound = solve(&text, &complete(), |bindings| bindings.all().iter().filter(|it| it.binds()).count());
    assert_eq!(bound, 3000);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

fn default_class(name: &str, made: &str) -> String {
    let annotation = "annotations: {storageclass.kubernetes.io/is-default-class: 'true'}";
    let metadata = format!("metadata: {{name: {name}, {annotation}{made}}}");
    format!("---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\n{metadata}\nprovisioner: ebs.csi.aws.com\n")
}

#[test]
fn the_newest_default_class_is_the_default_one() {
    let claim = claim("a", "resources: {requests: {storage: 1Gi}}");
    let made = |at: &str| format!(", creationTimestamp: '{at}'");
    let text =
        default_class("new", &made("2026-02-01T00:00:00Z")) + &default_class("old", &made("2025-12-01T00:00:00Z"));
    let verdicts = |text: &str| {
        solve(text, &complete(), |it| {
            it.all().iter().map(|it| format!("{} {}", it.verdict, it.is_open)).collect::<Vec<_>>()
        })
    };
    assert_eq!(verdicts(&(text + &claim)), ["class `new` makes a volume false"]);
    let text = default_class("b", "") + &default_class("a", "") + &claim;
    assert_eq!(verdicts(&text), ["class `a` makes a volume true"]);
    let none = text.replace("ebs.csi.aws.com", "kubernetes.io/no-provisioner");
    assert_eq!(verdicts(&none), ["unknown: several classes say that they are the default one true"]);
}

#[test]
fn what_is_alike_and_who_competes_is_open() {
    let open = |text: &str| -> Vec<String> {
        let open = |it: &Bindings<'_>| {
            let open = it.all().iter().filter(|it| it.is_open);
            open.map(|it| it.claim.name.clone()).collect()
        };
        solve(text, &complete(), open)
    };
    let small = volume("small", &offers("1Gi"));
    assert!(open(&(small.clone() + &volume("big", &offers("2Gi")) + &claim("a", &asks("1Gi")))).is_empty());
    assert_eq!(open(&(small.clone() + &volume("alike", &offers("1Gi")) + &claim("a", &asks("1Gi")))), ["a"]);
    let two = claim("a", &asks("1Gi")) + &claim("b", &asks("1Gi"));
    assert_eq!(open(&(small.clone() + &two)), ["a", "b"]);
    let named = claim("c", &format!("{}, volumeName: small", asks("1Gi")));
    assert_eq!(open(&(small + &two + &named)), ["a", "b", "c"]);
}

#[test]
fn attributes_classes_count_from_the_version_that_has_them() {
    let gold = format!("{}, volumeAttributesClassName: gold", offers("1Gi"));
    let text = volume("v", &gold) + &claim("a", &asks("1Gi"));
    let of = |minor| Facts { versions: Versions::one(Version::minor_of(minor)), ..complete() };
    assert_eq!(words(&text, &of(33)), ["a: binds `v`"]);
    assert_eq!(words(&text, &of(34)), ["a: can never bind: no volume fits, and no class `slow` can make one"]);
}

#[test]
fn what_fills_a_volume_must_be_there() {
    let from = |kind: &str, name: &str| {
        let group = if kind == "VolumeSnapshot" { "apiGroup: snapshot.storage.k8s.io, " } else { "" };
        let source = format!("dataSource: {{{group}kind: {kind}, name: {name}}}");
        claim("b", &format!("storageClassName: now, resources: {{requests: {{storage: 1Gi}}}}, {source}"))
    };
    let text = class("now", "provisioner: ebs.csi.aws.com")
        + &claim("a", "storageClassName: now, resources: {requests: {storage: 1Gi}}");
    assert_eq!(
        words(&(text.clone() + &from("PersistentVolumeClaim", "a")), &complete())[1],
        "b: class `now` makes a volume"
    );
    assert_eq!(
        words(&(text.clone() + &from("PersistentVolumeClaim", "c")), &complete())[1],
        "b: can never bind: no volume fits, and the PersistentVolumeClaim `c` that would fill a new one does not exist"
    );
    assert_eq!(
        words(&(text + &from("VolumeSnapshot", "c")), &Facts::default())[1],
        "b: unknown: VolumeSnapshot `c`, which fills it: not in the given set"
    );
}

#[test]
fn a_lost_claim_stays_lost_and_a_volume_that_goes_is_none() {
    let lost = claim("a", &format!("{}, volumeName: v", asks("1Gi"))) + "status: {phase: Lost}\n";
    let going =
        volume("v", &offers("1Gi")).replace("{name: v,", "{name: v, deletionTimestamp: '2026-01-01T00:00:00Z',");
    let text = lost + &going + &claim("b", &asks("1Gi"));
    let none = "can never bind: no volume fits, and no class `slow` can make one";
    let want = ["a: can never bind: the volume `v` it was bound to is gone".to_owned(), format!("b: {none}")];
    assert_eq!(words(&text, &complete()), want);
    let said = solve(&text, &complete(), |it| it.words(&it.all()[1]));
    assert_eq!(said, format!("{none}: `v`: it is being deleted"));
}

#[test]
fn words_name_who_makes_a_volume_and_where() {
    let zones = "allowedTopologies: [{matchLabelExpressions: [{key: topology.kubernetes.io/zone, values: [z1, z2]}]}]";
    let text = class("now", &format!("provisioner: ebs.csi.aws.com\n{zones}"))
        + &claim("a", "storageClassName: now, resources: {requests: {storage: 1Gi}}");
    let said = solve(&text, &complete(), |it| it.words(&it.all()[0]));
    assert_eq!(said, "class `now` makes a volume (`ebs.csi.aws.com`, in z1 or z2)");
    let kept = format!("{}, claimRef: {{namespace: default, name: b}}", offers("1Gi"));
    let text = volume("v", &kept)
        + &claim("b", &format!("{}, volumeName: v", asks("5Gi")))
        + &class("slow", "provisioner: x/y");
    let said = solve(&text, &complete(), |it| it.words(&it.all()[0]));
    assert_eq!(said, "binds `v`, which is smaller than 5Gi: its class does not let it grow");
}
